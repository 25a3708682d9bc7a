"""What the office does about a unit's personal link: look, give another, take away. The unit is told at once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery.contexts.common import addressee_of
from baocao.delivery.contexts.portal import LinkChanged
from baocao.store import waivers
from baocao.store.portal import links
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused, require_decided
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.mail.personal_links import address, personal_link


def show(place: Installation, regime: str, period: str, unit: str, *, by: str, as_of: datetime) -> dict[str, Any]:
    """The link in force, issued where there was none. Whoever has it acts as the unit, so looking is recorded.

    Raises Refused: no portal, no obligation, a revoked link.
    """
    _require_portal(place)
    with place.store.begin() as conn:
        _require_obligation(conn, regime, period, unit, as_of)
        # Issued in the transaction that records the looking: a link nobody was seen to take does not exist.
        found = personal_link(place, conn, regime, period, unit, at=as_of)
        if found is None:
            raise Refused(f"Liên kết của đơn vị {unit} đã bị thu hồi; cấp liên kết mới bằng `baocao link renew {unit}`")
        number = links.links_of(conn, regime, period, unit)[-1].number
        _note(conn, "link_shown", regime, period, unit, number, by, "", as_of)
    return {"unit": unit, "period": period, "number": number, "link": found}


def renew(
    place: Installation, regime: str, period: str, unit: str, *, reason: str, by: str, as_of: datetime
) -> dict[str, Any]:
    """End the link in force and issue another, which the unit gets by mail.

    Raises Refused: no portal, no obligation, no reason or name."""
    _require_portal(place)
    require_decided(reason, by)
    with place.store.begin() as conn:
        _require_obligation(conn, regime, period, unit, as_of)
        # The old one ends in the transaction that makes the new one: there is no moment with two, or with none.
        _end(conn, regime, period, unit, reason, by, as_of)
        link = links.issue(conn, regime, period, unit, at=as_of, by=by)
        _note(conn, "link_renewed", regime, period, unit, link.number, by, reason, as_of)
        _tell(place, conn, regime, period, unit, link.number, reason, is_renewed=True, at=as_of)
    flush(place, as_of)
    return {"unit": unit, "period": period, "number": link.number, "link": address(place, link)}


def revoke(
    place: Installation, regime: str, period: str, unit: str, *, reason: str, by: str, as_of: datetime
) -> dict[str, Any]:
    """End the link in force; the unit has none until it is renewed. Raises Refused when there is none."""
    require_decided(reason, by)
    with place.store.begin() as conn:
        _require_obligation(conn, regime, period, unit, as_of)
        number = _end(conn, regime, period, unit, reason, by, as_of)
        if not number:
            raise Refused(f"Đơn vị {unit} không có liên kết nào đang có hiệu lực trong kỳ {period}")
        _note(conn, "link_revoked", regime, period, unit, number, by, reason, as_of)
        _tell(place, conn, regime, period, unit, number, reason, is_renewed=False, at=as_of)
    flush(place, as_of)
    return {"unit": unit, "period": period, "revoked": number}


def _tell(
    place: Installation,
    conn: Connection,
    regime: str,
    period: str,
    unit: str,
    number: int,
    reason: str,
    *,
    is_renewed: bool,
    at: datetime,
) -> None:
    """The unit's own letter: its next ways of handing in stand in it, with the new link among them."""
    pack, when = place.at(regime, period)
    known, deadline = pack.unit(unit), waivers.deadline_of(conn, regime, period, unit, at)
    if known is None or deadline is None:
        return
    period_mail = PeriodMail(place, pack, when)
    period_mail.to_unit(
        conn,
        known,
        context=LinkChanged(
            head=period_mail.head,
            addressee=addressee_of(known),
            is_renewed=is_renewed,
            # After the lock a link still shows what became of the report; the letter must not ask for one.
            takes_reports=deadline.owes and at <= deadline.locked_after,
            reason=reason,
        ),
        step=f"link-{'renewed' if is_renewed else 'revoked'}-{number}",
        at=at,
    )


def _end(conn: Connection, regime: str, period: str, unit: str, reason: str, by: str, at: datetime) -> int:
    """Number of the link that was ended; 0: none was in force."""
    ended = 0
    for link in links.links_of(conn, regime, period, unit):
        if link.revoked_at is None and links.revoke(conn, link, at=at, by=by, reason=reason):
            ended = link.number
    return ended


def _require_portal(place: Installation) -> None:
    if not place.settings.portal_url:
        raise Refused("BAOCAO_PORTAL_URL: chưa đặt địa chỉ trang nộp báo cáo, nên chưa có liên kết nào")


def _require_obligation(conn: Connection, regime: str, period: str, unit: str, as_of: datetime) -> None:
    if waivers.deadline_of(conn, regime, period, unit, as_of) is None:
        raise Refused(
            f"Đơn vị {unit!r} không có nghĩa vụ báo cáo trong kỳ {period} của chế độ {regime}; kỳ đã mở chưa?"
        )


def _note(
    conn: Connection, action: str, regime: str, period: str, unit: str, number: int, by: str, reason: str, at: datetime
) -> None:
    payload = {"link": number, **({"reason": reason} if reason else {})}
    events.append(conn, at, by, action, (regime, period), f"unit/{unit}", payload)
