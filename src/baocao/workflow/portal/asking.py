"""Đề nghị gia hạn: a unit asks for more time on its page; the office is told and decides with `baocao waive`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from baocao.delivery.contexts.common import addressee_of
from baocao.delivery.contexts.portal import ExtensionAsked, ExtensionDeclined
from baocao.store import waivers
from baocao.store.portal import requests
from baocao.store.trail import events
from baocao.text import day_text
from baocao.workflow.installation import Installation, Refused, require_decided, require_readable
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.mail.personal_links import Holder

LONGEST = 1000
MOST_OPEN = 1
"""Requests of one unit and period that may wait at once."""


def ask_extension(place: Installation, holder: Holder, *, until: date, reason: str, asked_by: str, at: datetime) -> int:
    """Write the request down and tell the office; its number. Changes no deadline.

    Raises Refused: no reason or name, a day that is no later than the deadline, a request that waits already.
    """
    pack, period = place.at(holder.regime, holder.period)
    unit = pack.unit(holder.unit)
    reason, asked_by = " ".join(reason.split())[:LONGEST], " ".join(asked_by.split())[:200]
    if unit is None or not reason or not asked_by:
        raise Refused("Hãy ghi lý do đề nghị gia hạn và họ tên, chức vụ người đề nghị.")
    require_readable("Lý do", reason)
    require_readable("Người đề nghị", asked_by)
    # Days of the regime's own clock: in UTC a day of the office ends at 16:59.
    own = holder.deadline.in_zone(place.zone(holder.regime))
    if until <= own.due_at.date():
        raise Refused(f"Ngày đề nghị phải sau hạn hiện nay ({day_text(own.due_at)}).")
    if until > period.province.due_at.date():
        raise Refused(f"Không gia hạn quá hạn gửi báo cáo của cấp trên ({day_text(period.province.due_at)}).")
    period_mail = PeriodMail(place, pack, period)
    with place.store.begin() as conn:
        # Asked in the transaction: a double click is two requests at the same moment.
        if len(requests.requests(conn, holder.regime, holder.period, holder.unit, open_only=True)) >= MOST_OPEN:
            raise Refused("Đề nghị trước của đơn vị đang chờ trả lời; không cần gửi thêm.")
        id = requests.ask(
            conn,
            regime=holder.regime,
            period=holder.period,
            unit=holder.unit,
            until=until,
            reason=reason,
            asked_by=asked_by,
            asked_at=at,
        )
        period_mail.post(
            conn,
            to=pack.regime.authority.standing_email,
            key="office",
            step=f"extension-asked-{id}",
            context=ExtensionAsked(
                head=period_mail.head,
                addressee=pack.regime.authority.standing_office,
                number=str(id),
                unit=unit.full_name,
                unit_code=unit.code,
                until=until,
                due_at=own.due_at,
                reason=reason,
            ),
            at=at,
        )
        payload = {"request": id, "until": until.isoformat()}
        events.append(conn, at, f"unit:{holder.unit}", "extension_asked", holder, f"unit/{holder.unit}", payload)
    return id


def decline(place: Installation, id: int, *, reason: str, by: str, as_of: datetime) -> dict[str, Any]:
    """The office does not grant more time; the unit is told why. Raises Refused, StaleStatus."""
    require_decided(reason, by)
    with place.store.read() as conn:
        # For the sentence alone; that it is still open is held by `decide` below.
        found = next((r for r in requests.requests(conn, open_only=True) if r.id == id), None)
    if found is None:
        raise Refused(f"Không có đề nghị gia hạn số {id} đang chờ trả lời; xem `baocao extension list`")
    pack, period = place.at(found.regime, found.period)
    unit = pack.unit(found.unit)
    period_mail = PeriodMail(place, pack, period)
    with place.store.begin() as conn:
        requests.decide(conn, id, "declined", by=by, at=as_of, note=reason)
        own = waivers.deadline_of(conn, found.regime, found.period, found.unit, as_of)
        if unit is not None and own is not None:
            period_mail.to_unit(
                conn,
                unit,
                context=ExtensionDeclined(
                    head=period_mail.head,
                    addressee=addressee_of(unit),
                    until=found.until,
                    due_at=own.due_at,
                    reason=reason,
                ),
                step=f"extension-declined-{id}",
                at=as_of,
            )
        payload = {"request": id, "reason": reason}
        events.append(conn, as_of, by, "extension_declined", found, f"unit/{found.unit}", payload)
    return {"request": id, "unit": found.unit, "decision": "declined", **flush(place, as_of)}


def requests_of(place: Installation, holder: Holder) -> list[requests.ExtensionRequest]:
    """What the holder's unit asked for in the period, and what was decided."""
    with place.store.read() as conn:
        return requests.requests(conn, holder.regime, holder.period, holder.unit, open_only=False)


def open_requests(place: Installation, regime: str | None = None) -> list[dict[str, Any]]:
    """What the office has not answered yet, the oldest first."""
    with place.store.read() as conn:
        return [
            {
                "id": r.id,
                "regime": r.regime,
                "period": r.period,
                "unit": r.unit,
                "until": r.until,
                "reason": r.reason,
                "asked_by": r.asked_by,
                "asked_at": r.asked_at,
            }
            for r in requests.requests(conn, regime, open_only=True)
        ]
