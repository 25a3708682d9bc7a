"""Reporting periods and their statutory deadlines, computed from the regime's rules.

`trước ngày X` (`before`) is strict: the last second of the day before X; nothing rolls forward over a weekend, because
the next working day would lie on or after X. `chậm nhất ngày X` (`by`) has X in it, and rolls forward only where the
pack says so. `safe_on` moves back to a working day in both.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from baocao.calendar.cycles import NOTHING, CyclePart, Known, day_of, every_part, parts_of
from baocao.calendar.workdays import WorkingDays
from baocao.model.deadline import end_of_day
from baocao.model.pack_parts.period_rules import LevelDeadline, PeriodDay, PeriodRule
from baocao.model.period import Deadline, Level, Period, PeriodScope
from baocao.model.regime import Regime
from baocao.settings import ConfigurationError


@dataclass(frozen=True, slots=True)
class Opening:
    """A period and the instant its window opens: all that a schedule needs, computed without the holiday tables."""

    code: str
    name: str
    kind: str
    opens_at: datetime


def openings(regime: Regime) -> tuple[Opening, ...]:
    """The enabled periods in order of opening; cheap, for DAG parsing.

    Raises ConfigurationError when two periods share a code or an opening instant (Airflow allows one run a date).
    """
    zone = _zone(regime)
    result = []
    for rule, part in _occurrences(regime):
        at = _at(_opens_on(regime, rule, part), time(rule.opens_at_hour), zone)
        result.append(Opening(part.fill(rule.code), part.fill(rule.name), rule.kind, at))
    _unique(regime, "code", (o.code for o in result))
    # Checked here and in `periods_of`: DAG parsing reads this function alone, and the opening is the logical date of
    # the period's run (ADR 0002).
    _unique(regime, "opens", (o.opens_at.isoformat() for o in result))
    return tuple(sorted(result, key=lambda o: o.opens_at))


def periods_of(regime: Regime, days: WorkingDays) -> tuple[Period, ...]:
    """Every period of the enabled rules, sorted by `opens_at`; instants carry the regime's time zone.

    Raises ConfigurationError on an impossible date, a code or opening that stands twice, dates out of order, or less
    than one working day between the cut-off and a deadline (V45; Nghị định 09/2019/NĐ-CP Điều 8 khoản 5 điểm b).
    """
    zone = _zone(regime)
    result = [_period(regime, rule, part, days, zone) for rule, part in _occurrences(regime)]
    _unique(regime, "code", (p.code for p in result))
    _unique(regime, "opens", (p.opens_at.isoformat() for p in result))
    return tuple(sorted(result, key=lambda p: p.opens_at))


def find_period(periods: Iterable[Period], code: str) -> Period:
    """The period of that code. Raises ConfigurationError listing the known codes."""
    known = tuple(periods)
    for period in known:
        if period.code == code:
            return period
    raise ConfigurationError(f"Không có kỳ {code!r}; các kỳ đã khai báo: {', '.join(p.code for p in known)}")


def before_calendar(regime: Regime, code: str) -> tuple[str, date, date] | None:
    """Kind, first day and cut-off day of a period the calendar does not have because it lies before go-live
    (`2025-Y`); None when no kind of report writes its code like that."""
    # From the code and not from the years of the rule: what lies before go-live is in none of them.
    year = int(found.group()) if (found := re.search(r"\d{4}", code)) else 0
    for rule in regime.periods if year else ():
        for part in parts_of(rule.cycle, year):
            if rule.cutoff.on is None and part.fill(rule.code) == code:
                first = _day(regime, rule, "covers_from", rule.covers_from, part)
                return rule.kind, first, _day(regime, rule, "cutoff", rule.cutoff, part)
    return None


def same_code_a_year_ago(rule: PeriodRule, period: Period) -> str:
    """The code the rule gave, or would have given, to the same stretch of the year before; empty where it follows no
    cycle. Of a rehearsal: that of the period it rehearses."""
    code = period.rehearsal_of or period.code
    if rule.cycle.dates:
        return ""
    before = {p.number: p for p in parts_of(rule.cycle, period.year - 1)}
    for part in parts_of(rule.cycle, period.year):
        if part.fill(rule.code) == code and part.number in before:
            return before[part.number].fill(rule.code)
    return ""


def _occurrences(regime: Regime) -> Iterator[tuple[PeriodRule, CyclePart]]:
    """Each enabled rule with each stretch of its years."""
    for rule in regime.periods:
        # `is`, because a date is true as well.
        if rule.enabled is False:
            continue
        for part in every_part(rule):
            if rule.enabled is True or _opens_on(regime, rule, part) >= rule.enabled:
                yield rule, part


def _opens_on(regime: Regime, rule: PeriodRule, part: CyclePart) -> date:
    cutoff = _day(regime, rule, "cutoff", rule.cutoff, part)
    return _day(regime, rule, "opens", rule.opens, part, Known(cutoff=cutoff))


def _period(regime: Regime, rule: PeriodRule, part: CyclePart, days: WorkingDays, zone: ZoneInfo) -> Period:
    """The period of one part of a cycle; ConfigurationError when the days the pack gives contradict each other."""
    code = part.fill(rule.code)
    covers_from = _day(regime, rule, "covers_from", rule.covers_from, part)
    cutoff = _day(regime, rule, "cutoff", rule.cutoff, part)
    opens = _opens_on(regime, rule, part)
    known = Known(cutoff=cutoff, days=days)
    unit = _deadline(regime, rule, Level.UNIT, part, known, zone)
    # After the units' deadline: that of the province may be counted from it.
    known = replace(known, unit_due=unit.due_at.date())
    province = _deadline(regime, rule, Level.PROVINCE, part, known, zone)
    where = f"{regime.code}/regime.yaml: periods.{rule.kind}"
    if not covers_from < cutoff:
        raise ConfigurationError(f"{where}.cutoff: kỳ {code}: ngày chốt {cutoff} phải sau ngày bắt đầu {covers_from}")
    # Against the safe day and not the deadline: the reminders of the window are counted back from it.
    if not opens <= unit.safe_on:
        raise ConfigurationError(f"{where}.opens: kỳ {code}: ngày mở {opens} phải trước hạn {unit.safe_on}")
    for deadline, said in ((unit, rule.unit), (province, rule.province)):
        # The deadline itself counts as the one working day, the cut-off does not. Each level is asked: the article
        # wants a deadline for each.
        if days.between(cutoff, deadline.due_at.date()) < 1:
            raise ConfigurationError(
                f"{where}.{deadline.level.value}.{said.key}: V45: kỳ {code}: giữa ngày chốt {cutoff} và hạn gửi "
                f"{deadline.due_at.date()} không có ngày làm việc nào; hãy lùi hạn hoặc chốt số liệu sớm hơn"
                + (", hoặc ghi if_day_off: next_working_day" if said.key == "by" else "")
            )
    # Equal is refused too: the province consolidates and two people decide between the two instants.
    if unit.due_at >= province.due_at:
        raise ConfigurationError(
            f"{where}.province.{rule.province.key}: kỳ {code}: hạn của {regime.wording.top_short} phải sau hạn của "
            "đơn vị"
        )
    return Period(
        regime=regime.code,
        code=code,
        kind=rule.kind,
        year=part.year,
        name=part.fill(rule.name),
        covers_from=covers_from,
        cutoff_on=cutoff,
        opens_at=_at(opens, time(rule.opens_at_hour), zone),
        unit=unit,
        province=province,
        stated_scope=_scope(rule, part),
        comments_until=_comments_until(regime, unit, province, days, zone),
    )


def _comments_until(
    regime: Regime, unit: Deadline, province: Deadline, days: WorkingDays, zone: ZoneInfo
) -> datetime | None:
    """The end of the last day for comments: never the safe day itself, which the consolidation and two people need."""
    due = unit.due_at.date()
    # The pack's days as far as they fit: a short calendar may leave none, and then nothing is kept free.
    last = min(days.add(due, regime.lead_comment_days), days.add(province.safe_on, -1))
    return end_of_day(last, zone) if last > due else None


def _scope(rule: PeriodRule, part: CyclePart) -> PeriodScope:
    """The second half of a year does not begin with it, whatever the first half does."""
    from_the_first_day = part.number == 1 or bool(rule.cycle.dates)
    if rule.scope is PeriodScope.YEAR_TO_DATE and not from_the_first_day:
        return PeriodScope.PART
    return rule.scope


def _deadline(
    regime: Regime, rule: PeriodRule, level: Level, part: CyclePart, known: Known, zone: ZoneInfo
) -> Deadline:
    """The deadline of one level: the day the pack gives, moved as it says when it is a day off."""
    said: LevelDeadline = rule.unit if level is Level.UNIT else rule.province
    due = _day(regime, rule, f"{level.value}.{said.key}", said.day, part, known)
    days = known.days
    assert days is not None
    if said.before is not None:
        # Never moved to the next working day (Bộ luật Dân sự Điều 148 moves the end of a term): that day would be X
        # or later, against the words `trước ngày X`; tests/unit/calendar/test_periods.py.
        due -= timedelta(days=1)
    elif said.if_day_off == "next_working_day":
        due = days.first_on_or_after(due)
    return Deadline(
        level=level,
        due_at=end_of_day(due, zone),
        safe_on=days.last_on_or_before(due),
        # Calendar days: the lock is our own rule, no term of law, and nobody has to count it by hand.
        locked_after=end_of_day(due + timedelta(days=said.locked_days_after_due), zone),
    )


def _day(regime: Regime, rule: PeriodRule, key: str, day: PeriodDay, part: CyclePart, known: Known = NOTHING) -> date:
    try:
        return day_of(day, part, known)
    except ValueError:
        # The same month as in `day_of`, to name the date that does not exist.
        month = (part.last.month + day.month_shift - 1) % 12 + 1 if day.month is None else day.month
        raise ConfigurationError(
            f"{regime.code}/regime.yaml: periods.{rule.kind}.{key}: kỳ {part.fill(rule.code)}: không có ngày "
            f"{day.day:02}/{month:02}/{part.year + day.year}; hãy sửa month, day, hoặc ghi last_day: true"
        ) from None


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone)


def _zone(regime: Regime) -> ZoneInfo:
    try:
        return regime.zone
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigurationError(
            f"{regime.code}/regime.yaml: time_zone: không có múi giờ {regime.time_zone!r}; hãy ghi như Asia/Ho_Chi_Minh"
        ) from None


def _unique(regime: Regime, key: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise ConfigurationError(
                f"{regime.code}/regime.yaml: periods.{key}: {value} bị trùng ở hai kỳ; mỗi kỳ phải có {key} riêng"
                + (" (đổi ngày mở hoặc opens_at_hour của một loại kỳ)" if key == "opens" else "")
            )
        seen.add(value)
