"""Miễn, gia hạn, thu hồi: exceptions to a unit's deadline, each by somebody, for a reason, and told to the unit."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery import contexts
from baocao.delivery.contexts.common import addressee_of
from baocao.model.deadline import UnitDeadline, WaiverKind, end_of_day, refuse_extension, unit_deadline
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import ReportStatus
from baocao.model.unit import Unit
from baocao.store import waivers, windows
from baocao.store.portal import requests
from baocao.store.reports import reports
from baocao.store.submissions import submissions
from baocao.store.trail import events
from baocao.text import day_text, moment_text
from baocao.workflow.installation import Installation, Refused, known_unit
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush

_LABELS = {WaiverKind.WAIVER: "miễn báo cáo", WaiverKind.EXTENSION: "gia hạn"}


def waive(
    place: Installation,
    regime: str,
    period: str,
    unit: str,
    *,
    until: date | None,
    reason: str,
    by: str,
    as_of: datetime,
) -> dict[str, Any]:
    """Excuse a unit (no `until`), or extend its deadline to the end of that day; recorded with reason and grantor.

    Raises Refused for a unit that owes nothing in the period, one that is excused already, and a new day that is not
    later than the unit's deadline now. `warnings` says what the grantor should know: figures that stay counted, a day
    past the province's own deadline.
    """
    pack, when = place.at(regime, period)
    who = known_unit(pack, unit)
    zone = place.zone(regime)
    kind = WaiverKind.EXTENSION if until else WaiverKind.WAIVER
    end = end_of_day(until, zone) if until else None
    with place.store.begin() as conn:
        # Read in the transaction that grants: of two extensions at once the second is held to the first.
        now = _deadline(conn, pack, when, who, as_of).in_zone(zone)
        refused = refuse_extension(now, end, as_of) if end is not None else _refuse_waiver(now)
        if refused:
            raise Refused(refused)
        warnings = _warnings(conn, pack, when, who, end)
        counted = submissions.official(conn, regime, period, unit) is not None
        waivers.grant(
            conn,
            regime=regime,
            period=period,
            unit=unit,
            kind=kind,
            until=end,
            reason=reason,
            granted_by=by,
            granted_at=as_of,
        )
        # Whatever the unit asked for is answered by this decision, or it would wait for ever.
        for asked in requests.requests(conn, regime, period, unit, open_only=True):
            requests.decide(conn, asked.id, "granted", by=by, at=as_of, note=reason)
        period_mail = PeriodMail(place, pack, when)
        period_mail.to_unit(
            conn,
            who,
            context=contexts.WaiverGranted(
                head=period_mail.head, addressee=addressee_of(who), kind=kind.value, until=end, counted=counted
            ),
            # By the moment: a unit may be given more time twice, and each time is a letter.
            step=f"{kind.value}-{as_of.isoformat()}",
            at=as_of,
        )
        payload = {"until": end.isoformat() if end else "", "reason": reason, "warnings": warnings}
        events.append(conn, as_of, by, f"{kind.value}_granted", (regime, period), f"unit/{unit}", payload)
    flush(place, as_of)
    return {"unit": unit, "period": period, "kind": kind.value, "until": end, "warnings": warnings}


def withdraw_waiver(
    place: Installation, regime: str, period: str, unit: str, *, reason: str, by: str, as_of: datetime
) -> dict[str, Any]:
    """Take back the waiver or extension that decides the unit's deadline now; what held before it holds again.

    Raises Refused when there is none.
    """
    pack, when = place.at(regime, period)
    who = known_unit(pack, unit)
    zone = place.zone(regime)
    with place.store.begin() as conn:
        granted = _deadline(conn, pack, when, who, as_of).because
        if granted is None:
            raise Refused(f"{who.full_name} không có miễn hoặc gia hạn nào đang có hiệu lực trong kỳ {period}")
        waivers.withdraw(conn, granted, reason=reason, by=by, at=as_of)
        # Worked out again and not assumed: an earlier extension may hold now.
        again = _deadline(conn, pack, when, who, as_of).in_zone(zone)
        warnings = _after_withdrawal(conn, pack, when, again, as_of)
        period_mail = PeriodMail(place, pack, when)
        period_mail.to_unit(
            conn,
            who,
            context=contexts.WaiverWithdrawn(
                head=period_mail.head,
                addressee=addressee_of(who),
                kind=granted.kind.value,
                owes=again.owes,
                due_at=again.due_at,
                locked_after=again.locked_after,
                overdue=as_of > again.due_at,
            ),
            step=f"{granted.kind.value}-withdrawn-{granted.id}",
            at=as_of,
        )
        payload = {"waiver": granted.id, "reason": reason, "due_at": again.due_at.isoformat()}
        events.append(conn, as_of, by, f"{granted.kind.value}_withdrawn", (regime, period), f"unit/{unit}", payload)
    flush(place, as_of)
    return {
        "unit": unit,
        "period": period,
        "withdrawn": granted.kind.value,
        "owes": again.owes,
        "due_at": again.due_at,
        "locked_after": again.locked_after,
        "warnings": warnings,
    }


def _deadline(conn: Connection, pack: Pack, period: Period, who: Unit, as_of: datetime) -> UnitDeadline:
    """The unit's deadline; before the window opens, the one it will have. Raises Refused when it owes nothing."""
    known = waivers.deadline_of(conn, pack.code, period.code, who.code, as_of)
    if known is not None:
        return known
    # Before the opening there are no obligations yet: whoever will owe is told by the pack.
    opened = windows.window_of(conn, pack.code, period.code) is not None
    if opened or who.code not in {u.code for u in pack.units_on(period.cutoff_on)}:
        raise Refused(
            f"{who.full_name} không có nghĩa vụ báo cáo trong kỳ {period.code}: không có gì để miễn hay gia hạn"
        )
    granted = waivers.waivers(conn, pack.code, period.code, who.code)
    return unit_deadline(who.code, period.unit.due_at, period.unit.locked_after, granted, as_of=as_of)


def _refuse_waiver(now: UnitDeadline) -> str:
    return "" if now.owes else "Đơn vị đã được miễn báo cáo kỳ này từ trước; không cần miễn lần nữa"


def _warnings(conn: Connection, pack: Pack, period: Period, who: Unit, until: datetime | None) -> list[str]:
    """What the grantor should know before others find out."""
    said = []
    official = submissions.official(conn, pack.code, period.code, who.code)
    report = reports.latest(conn, pack.code, period.code)
    top = pack.regime.wording.top_short
    if official is not None and until is None:
        said.append(
            f"{who.full_name} đã có báo cáo được tiếp nhận (biên nhận {official.receipt_number}): số liệu đó vẫn được "
            "tổng hợp. Miễn chỉ có nghĩa là đơn vị không phải nộp thêm; không có cách rút số liệu đã tiếp nhận."
        )
    if until is not None and until > period.province.due_at:
        said.append(
            f"Hạn mới {day_text(until)} sau hạn gửi báo cáo của {top} (hết ngày {day_text(period.province.due_at)}): "
            f"báo cáo của {top} sẽ phải gửi khi chưa có số liệu của {who.full_name}, hoặc gửi trễ."
        )
    if report is not None and report.status is not ReportStatus.DRAFT:
        said.append(
            f"Báo cáo tổng hợp phiên bản {report.version} đã chốt ({report.status.value}) và không đổi theo quyết định "
            "này; muốn đổi phải tổng hợp lại hoặc đính chính."
        )
    return said


def _after_withdrawal(conn: Connection, pack: Pack, period: Period, again: UnitDeadline, as_of: datetime) -> list[str]:
    if not again.owes or submissions.official(conn, pack.code, period.code, again.unit) is not None:
        return []
    if as_of > again.locked_after:
        return [
            f"Kỳ báo cáo đã khóa với đơn vị này từ {moment_text(again.locked_after)}: đơn vị chưa có báo cáo và "
            "không nộp được nữa, trừ khi được gia hạn."
        ]
    if as_of > again.due_at:
        return [f"Hạn của đơn vị trở lại {moment_text(again.due_at)}, đã qua: báo cáo nộp sau đó là trễ hạn."]
    return []
