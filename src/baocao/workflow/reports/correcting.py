"""Đính chính: open the correction of a dispatched report, and take corrected workbooks again where that is needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery import contexts
from baocao.delivery.contexts.common import addressee_of
from baocao.model.deadline import WaiverKind, end_of_day, refuse_extension
from baocao.model.report import Report, ReportStatus
from baocao.model.unit import Unit
from baocao.store import waivers, windows
from baocao.store.database import StepNotAllowed as StoreRefused
from baocao.store.reports import corrections, reports
from baocao.store.reports.corrections import Opened
from baocao.store.trail import events
from baocao.text import day_text
from baocao.workflow.consolidating.differences import replaced
from baocao.workflow.installation import Installation, Refused, require_decided, require_readable
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush

_WAY_OUT = {
    ReportStatus.DRAFT: "chưa chốt: hãy chạy `baocao consolidate`, phiên bản này còn sửa được",
    ReportStatus.FROZEN: "đang chờ duyệt: hãy trả lại (`baocao approve --return --note …`) để lập phiên bản mới",
    ReportStatus.APPROVED: "đang chờ ký: hãy trả lại (`baocao sign --return --note …`) để lập phiên bản mới",
    ReportStatus.SIGNED: "đã ký, chưa gửi: hãy thu hồi chữ ký (`baocao revoke`) rồi ký lại, hoặc gửi rồi đính chính",
    ReportStatus.RETURNED: "đã bị trả lại: hãy sửa rồi chạy `baocao consolidate` để lập phiên bản mới",
}
_STILL_OPEN = {ReportStatus.DISPATCHED, ReportStatus.DRAFT, ReportStatus.FROZEN, ReportStatus.RETURNED}


def correct(
    place: Installation,
    regime: str,
    period: str,
    *,
    reason: str,
    by: str,
    as_of: datetime,
    units: Sequence[str] = (),
    until: date | None = None,
    document: bool = False,
) -> dict[str, Any]:
    """Open the correction of the period's dispatched report: the next gate, consolidation and build make its new
    version. The dispatched report stays official, untouched, until the new one is dispatched.

    With `document` only its number, symbol, day or signer was wrong: the new version may have the same figures and says
    so; its signature must differ. `units` may send again until the end of the day `until`, whatever the lock; each is
    told by letter. Once open, a second call only takes further units; without any it changes nothing. Raises Refused,
    naming the way out, unless the newest report is dispatched; also without a reason or a person, for a unit that owes
    nothing, and for a day that is past.
    """
    end = _last_instant(place, regime, reason, by, as_of, units, until)
    period_mail = PeriodMail(place, *place.at(regime, period))
    with place.store.begin() as conn:
        official = _official(conn, regime, period)
        opened = corrections.opened_on(conn, official.id)
        again, repeated = _who(period_mail, conn, units), opened is not None
        if repeated and end is not None:
            again = [unit for unit in again if not _may_send_until(conn, regime, period, unit, end, as_of)]
        opened = opened or _opened(conn, official, reason=reason, by=by, at=as_of, document=document)
        if end is not None:
            for unit in again:
                _take_again(period_mail, conn, opened, unit, end, reason=reason, by=by, at=as_of)
        if again or not repeated:
            payload = {
                "correction": opened.id,
                "version": official.version,
                "kind": opened.kind,
                "reason": reason.strip(),
                "units": [unit.code for unit in again],
                "until": end.isoformat() if end else "",
            }
            action = "correction_extended" if repeated else "correction_opened"
            events.append(conn, as_of, by, action, (regime, period), f"report/{official.id}", payload)
        told = replaced(conn, opened)
    flush(place, as_of)
    return {
        "correction_id": opened.id,
        "period": period,
        "corrects_report_id": told.report_id,
        "corrects_version": told.version,
        "number": told.number,
        "symbol": told.symbol,
        "kind": opened.kind,
        "reason": opened.reason,
        "units": [unit.code for unit in again],
        "until": end,
        "repeated": repeated,
        "next": "baocao consolidate, hoặc clear lượt chạy báo cáo của kỳ từ `gate`",
    }


def _opened(conn: Connection, official: Report, *, reason: str, by: str, at: datetime, document: bool) -> Opened:
    kind = corrections.DOCUMENT if document else corrections.FIGURES
    try:
        return corrections.open_correction(conn, official, reason=reason, by=by, at=at, kind=kind)
    except StoreRefused as error:
        raise Refused(str(error)) from error


def _last_instant(
    place: Installation, regime: str, reason: str, by: str, as_of: datetime, units: Sequence[str], until: date | None
) -> datetime | None:
    """Until when the units may send again; None when none may. Raises Refused for what is missing or past."""
    require_decided(reason, by, "Đính chính báo cáo phải ghi rõ lý do (--reason) và người đề nghị (--by)")
    require_readable("Lý do đính chính", reason)
    # Units without a day could never send, a day without units is a mistyped command.
    if bool(units) != (until is not None):
        raise Refused("Nhận lại báo cáo của đơn vị phải nêu cả mã đơn vị (--unit) và ngày cuối cùng nhận (--until)")
    if until is None:
        return None
    today = place.day(regime, as_of)
    if until < today:
        raise Refused(f"--until: ngày {day_text(until)} đã qua; hãy nêu ngày từ {day_text(today)}")
    return end_of_day(until, place.zone(regime))


def _official(conn: Connection, regime: str, period: str) -> Report:
    """The dispatched report that may be corrected. Raises Refused with the way out when there is none."""
    newest = reports.latest(conn, regime, period)
    if newest is None:
        raise Refused(f"Kỳ {period} chưa có báo cáo tổng hợp; chưa có gì để đính chính")
    official = corrections.last_dispatched(conn, regime, period)
    # A version in the making is no obstacle when it is the correction itself: further units may still be let in.
    being_made = official is not None and corrections.opened_on(conn, official.id) is not None
    if official is None or (newest.id != official.id and not being_made) or newest.status not in _STILL_OPEN:
        raise Refused(f"Báo cáo {period} phiên bản {newest.version} {_WAY_OUT[newest.status]}")
    return official


def _who(period_mail: PeriodMail, conn: Connection, codes: Sequence[str]) -> list[Unit]:
    """The units that may send again, by code. Raises Refused for one that owes nothing in the period."""
    assert period_mail.period is not None
    owing = {o.unit for o in windows.obligations(conn, period_mail.pack.code, period_mail.period.code)}
    units = []
    for code in sorted(set(codes)):
        unit = period_mail.pack.unit(code)
        if unit is None or code not in owing:
            raise Refused(f"--unit: đơn vị mã {code!r} không có nghĩa vụ báo cáo trong kỳ {period_mail.period.code}")
        units.append(unit)
    return units


def _may_send_until(conn: Connection, regime: str, period: str, unit: Unit, end: datetime, at: datetime) -> bool:
    """Asked again, as after a death before the letters left: such a unit is not told twice."""
    now = waivers.deadline_of(conn, regime, period, unit.code, at)
    return now is not None and now.owes and now.due_at == end


def _take_again(
    period_mail: PeriodMail,
    conn: Connection,
    opened: Opened,
    unit: Unit,
    end: datetime,
    *,
    reason: str,
    by: str,
    at: datetime,
) -> None:
    """An extension beyond the lock, and the letter that asks for the corrected workbook. Raises Refused for a unit that
    is excused, or whose deadline is later already."""
    now = waivers.deadline_of(conn, opened.regime, opened.period, unit.code, at)
    # The one rule for all extensions (`model.deadline`): a correction gives no unit an earlier day.
    refused = refuse_extension(now.in_zone(end.tzinfo), end, at) if now is not None else ""
    if refused:
        raise Refused(f"--unit {unit.code}: {refused}")
    waivers.grant(
        conn,
        regime=opened.regime,
        period=opened.period,
        unit=unit.code,
        kind=WaiverKind.EXTENSION,
        until=end,
        reason=f"Đính chính báo cáo: {reason.strip()}",
        granted_by=by,
        granted_at=at,
    )
    period_mail.to_unit(
        conn,
        unit,
        context=contexts.CorrectionOpened(head=period_mail.head, addressee=addressee_of(unit), until=end),
        step=f"correction-{opened.id}-{end.date().isoformat()}",
        at=at,
    )
