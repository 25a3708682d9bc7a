"""Periods outside the calendar: a report somebody asks for (đột xuất), and a rehearsal (diễn tập)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from baocao.model.deadline import end_of_day
from baocao.model.pack import Pack
from baocao.model.pack_parts.period_rules import AdHocRule
from baocao.model.period import Deadline, Level, Period, PeriodKind, Request
from baocao.store import special_periods
from baocao.store.trail import events
from baocao.text import day_text
from baocao.workflow.installation import Installation, Refused, known_unit
from baocao.workflow.periods.windows import open_window


@dataclass(frozen=True)
class Days:
    """The days of a period outside the calendar. `unit_before`, `province_before` mean what `trước ngày` means: due is
    the last second of the day before."""

    covers_from: date
    cutoff: date
    unit_before: date
    province_before: date


def request_report(
    place: Installation, regime: str, request: Request, days: Days, *, by: str, reason: str, as_of: datetime
) -> dict[str, Any]:
    """Write an ad hoc request down as a period of its own and open its window.

    The same request asked twice on one day is one period. Raises Refused naming what is wrong with it.
    """
    pack = place.pack(regime)
    ad_hoc = pack.regime.ad_hoc
    if ad_hoc is None:
        raise Refused(f"Chế độ {regime} không khai báo cáo đột xuất; hãy thêm mục ad_hoc trong regime.yaml")
    _check_request(pack, request, ad_hoc)
    zone = place.zone(regime)
    today = place.day(regime, as_of)
    opens = datetime.combine(today, as_of.astimezone(zone).time().replace(microsecond=0), zone)
    period = Period(
        regime=regime,
        code="",
        kind=PeriodKind.AD_HOC,
        year=days.cutoff.year,
        name=f"đột xuất: {request.subject.strip()}",
        covers_from=days.covers_from,
        cutoff_on=days.cutoff,
        opens_at=opens,
        unit=_deadline(place, Level.UNIT, days.unit_before, ad_hoc.unit_locked_days_after_due, opens),
        province=_deadline(place, Level.PROVINCE, days.province_before, ad_hoc.province_locked_days_after_due, opens),
        request=request,
    )
    _check_days(period)
    with place.store.begin() as conn:
        known = special_periods.special_periods(conn, regime)
        # Airflow runs a task again whose worker died after the commit: the same words on one day are one request
        # (ADR 0019).
        same = next((p for p in known if p.request == request and p.opens_at.date() == today), None)
        period = same or _numbered(period, f"{days.cutoff.year}-DX", known)
        if same is None:
            _add(conn, period, by=by, reason=reason, as_of=as_of)
    opened = open_window(place, regime, period.code, max(as_of, period.opens_at))
    return {"code": period.code, "report_after": period.unit.due_at, **opened}


def rehearse(
    place: Installation,
    regime: str,
    period: str,
    *,
    unit_before: date,
    province_before: date,
    by: str,
    reason: str,
    as_of: datetime,
) -> dict[str, Any]:
    """Open a rehearsal of a period of the calendar: the real units, forms and rules, days of its own. Its report takes
    every step but the dispatch. Raises Refused when the days do not fit."""
    real = place.period(regime, period)
    # A request or another rehearsal has no days of the law that could be rehearsed.
    if real not in place.calendar(regime):
        raise Refused(f"Chỉ diễn tập được kỳ trong lịch báo cáo; {period} không phải")
    zone = place.zone(regime)
    opens = as_of.astimezone(zone).replace(microsecond=0)
    # As many days of grace as the real period has.
    locked = [(d.locked_after.date() - d.due_at.date()).days for d in (real.unit, real.province)]
    rehearsal = replace(
        real,
        name=f"DIỄN TẬP {real.name}",
        opens_at=opens,
        unit=_deadline(place, Level.UNIT, unit_before, locked[0], opens),
        province=_deadline(place, Level.PROVINCE, province_before, locked[1], opens),
        rehearsal_of=period,
    )
    if not opens <= rehearsal.unit.due_at < rehearsal.province.due_at:
        raise Refused("Hạn của đơn vị phải sau lúc mở diễn tập và trước hạn của cấp tổng hợp")
    with place.store.begin() as conn:
        rehearsal = _numbered(rehearsal, f"{period}-DT", special_periods.special_periods(conn, regime))
        _add(conn, rehearsal, by=by, reason=reason, as_of=as_of)
    return {"code": rehearsal.code, **open_window(place, regime, rehearsal.code, max(as_of, opens))}


def _deadline(place: Installation, level: Level, before: date, locked_days: int, opens: datetime) -> Deadline:
    due, zone = before - timedelta(days=1), opens.tzinfo
    return Deadline(
        level=level,
        due_at=end_of_day(due, zone),
        # Asked for at short notice, the last working day may lie before the request itself.
        safe_on=max(place.working_days.last_on_or_before(due), opens.date()),
        locked_after=end_of_day(due + timedelta(days=locked_days), zone),
    )


def _check_request(pack: Pack, request: Request, rule: AdHocRule) -> None:
    """Raises Refused for a request without an author or a basis, and for forms, rows or units nobody has."""
    for name, value in (
        ("cơ quan yêu cầu", request.asked_by),
        ("địa chỉ nhận", request.address),
        ("căn cứ", request.basis),
        ("nội dung yêu cầu", request.subject),
    ):
        if not value.strip():
            raise Refused(f"Yêu cầu đột xuất còn thiếu {name}")
    for form in request.forms:
        if form not in rule.forms:
            raise Refused(f"Không có biểu {form!r} để yêu cầu đột xuất; có thể chọn: {', '.join(rule.forms)}")
    for name in request.rows:
        form, _, row = name.partition("/")
        if request.forms and form not in request.forms:
            raise Refused(f"Dòng {name} thuộc biểu {form}, không nằm trong các biểu được yêu cầu")
        if form not in rule.forms or row not in {r.code for t in pack.form(form).tables for r in t.rows}:
            raise Refused(f"Không có dòng {name!r}; hãy ghi dạng BIỂU/DÒNG, ví dụ {_example(pack, rule)}")
    for unit in request.units:
        known_unit(pack, unit)


def _example(pack: Pack, rule: AdHocRule) -> str:
    form = pack.form(rule.forms[0])
    return f"{form.code}/{next(r.code for t in form.tables for r in t.rows if r.levels)}"


def _check_days(period: Period) -> None:
    """NĐ 09/2019 Điều 8 khoản 5 điểm c: who asks sets the days; they must still be possible."""
    if not period.covers_from <= period.cutoff_on <= period.unit.due_at.date():
        raise Refused("Ngày chốt số liệu phải sau ngày bắt đầu và không muộn hơn hạn của đơn vị")
    if not period.opens_at <= period.unit.due_at:
        raise Refused(f"Hạn của đơn vị {day_text(period.unit.due_at)} đã qua; hãy đặt hạn khác")
    if not period.unit.due_at < period.province.due_at:
        raise Refused("Hạn của cấp tổng hợp phải sau hạn của đơn vị")


def _numbered(period: Period, stem: str, known: list[Period]) -> Period:
    # Codes are never given again: a period is never removed, and its code is in letters.
    taken = {p.code for p in known}
    number = next(n for n in range(1, len(taken) + 2) if f"{stem}{n}" not in taken)
    return replace(period, code=f"{stem}{number}")


def _add(conn: Connection, period: Period, *, by: str, reason: str, as_of: datetime) -> None:
    special_periods.add(conn, period, by=by, reason=reason, at=as_of)
    request = period.request
    payload = {
        "reason": reason,
        "rehearsal_of": period.rehearsal_of,
        "asked_by": request.asked_by if request else "",
        "unit_due_at": period.unit.due_at.isoformat(),
        "province_due_at": period.province.due_at.isoformat(),
    }
    action = "rehearsal_called" if period.is_rehearsal else "report_requested"
    events.append(conn, as_of, by, action, (period.regime, period.code), period.code, payload)
