"""Reporting periods and their statutory deadlines, computed from the regime's rules.

`trước ngày X` is read strictly: the last second of the day before X. Nothing rolls forward over a weekend, because the
next working day would lie on or after X; `safe_on` moves back instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from baocao.calendar.workdays import WorkingDays
from baocao.model.period import Deadline, Level, Period, PeriodKind
from baocao.model.regime import LevelDeadline, MonthDay, PeriodRule, Regime
from baocao.settings import ConfigurationError

_LAST_SECOND = time(23, 59, 59)


@dataclass(frozen=True, slots=True)
class Opening:
    """A period and the instant its window opens: all that a schedule needs, computed without the holiday tables."""

    code: str
    name: str
    kind: PeriodKind
    opens_at: datetime


def openings(regime: Regime) -> tuple[Opening, ...]:
    """The enabled periods in order of opening; cheap, for DAG parsing.

    Raises ConfigurationError when two periods share a code or an opening instant (Airflow allows one run a date).
    """
    zone = _zone(regime)
    result = [
        Opening(
            rule.code.format(year=year, month=month),
            rule.name.format(year=year, month=month),
            rule.kind,
            _at(_day(regime, rule, rule.opens, year, month), time(rule.opens_at_hour), zone),
        )
        for rule, year, month in _occurrences(regime)
    ]
    _unique(regime, "code", (o.code for o in result))
    _unique(regime, "opens", (o.opens_at.isoformat() for o in result))
    return tuple(sorted(result, key=lambda o: o.opens_at))


def periods_of(regime: Regime, days: WorkingDays) -> tuple[Period, ...]:
    """Every period of the enabled rules, sorted by `opens_at`; instants carry the regime's time zone.

    Raises ConfigurationError on an impossible date, a code or opening that stands twice, dates out of order, or less
    than one working day between the cut-off and a deadline (V45; Nghị định 09/2019/NĐ-CP Điều 8 khoản 5 điểm b).
    """
    zone = _zone(regime)
    result = [_period(regime, rule, year, month, days, zone) for rule, year, month in _occurrences(regime)]
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


def before_calendar(regime: Regime, code: str) -> tuple[PeriodKind, date] | None:
    """Kind and cut-off day of a period the calendar does not have because it lies before go-live (`2025-Y`); None when
    no kind of report writes its code like that."""
    year = int(found.group()) if (found := re.search(r"\d{4}", code)) else 0
    for rule in regime.periods if year else ():
        for month in range(1, 13) if rule.kind is PeriodKind.MONTHLY else (0,):
            if rule.cutoff.on is None and rule.code.format(year=year, month=month) == code:
                return rule.kind, _day(regime, rule, rule.cutoff, year, month)
    return None


def _occurrences(regime: Regime) -> Iterator[tuple[PeriodRule, int, int]]:
    """Each enabled rule with each of its years; a monthly rule also with each month, the others with month 0."""
    for rule in regime.periods:
        if rule.enabled is False:
            continue
        for year in rule.years:
            for month in range(1, 13) if rule.kind is PeriodKind.MONTHLY else (0,):
                if rule.enabled is True or _day(regime, rule, rule.opens, year, month) >= rule.enabled:
                    yield rule, year, month


def _period(regime: Regime, rule: PeriodRule, year: int, month: int, days: WorkingDays, zone: ZoneInfo) -> Period:
    code = rule.code.format(year=year, month=month)
    covers_from = _day(regime, rule, rule.covers_from, year, month)
    cutoff = _day(regime, rule, rule.cutoff, year, month)
    opens = _day(regime, rule, rule.opens, year, month)
    unit = _deadline(regime, rule, Level.UNIT, rule.unit, year, month, days, zone)
    province = _deadline(regime, rule, Level.PROVINCE, rule.province, year, month, days, zone)
    where = f"{regime.code}/regime.yaml: periods.{rule.kind.value}"
    if not covers_from < cutoff:
        raise ConfigurationError(f"{where}.cutoff: kỳ {code}: ngày chốt {cutoff} phải sau ngày bắt đầu {covers_from}")
    if not opens <= unit.safe_on:
        raise ConfigurationError(f"{where}.opens: kỳ {code}: ngày mở {opens} phải trước hạn {unit.safe_on}")
    for deadline in (unit, province):
        if days.between(cutoff, deadline.due_at.date()) < 1:
            raise ConfigurationError(
                f"{where}.{deadline.level.value}.before: V45: kỳ {code}: giữa ngày chốt {cutoff} và hạn gửi "
                f"{deadline.due_at.date()} không có ngày làm việc nào; hãy lùi hạn hoặc chốt số liệu sớm hơn"
            )
    if unit.due_at >= province.due_at:
        raise ConfigurationError(
            f"{where}.province.before: kỳ {code}: hạn của {regime.wording.top_short} phải sau hạn của đơn vị"
        )
    return Period(
        regime=regime.code,
        code=code,
        kind=rule.kind,
        year=year,
        name=rule.name.format(year=year, month=month),
        covers_from=covers_from,
        cutoff_on=cutoff,
        opens_at=_at(opens, time(rule.opens_at_hour), zone),
        unit=unit,
        province=province,
        comments_until=_comments_until(regime, unit, province, days, zone),
    )


def _comments_until(
    regime: Regime, unit: Deadline, province: Deadline, days: WorkingDays, zone: ZoneInfo
) -> datetime | None:
    """The end of the last day for comments: never the safe day itself, which the consolidation and two people need."""
    due = unit.due_at.date()
    last = min(days.add(due, regime.lead_comment_days), days.add(province.safe_on, -1))
    return _at(last, _LAST_SECOND, zone) if last > due else None


def _deadline(
    regime: Regime,
    rule: PeriodRule,
    level: Level,
    deadline: LevelDeadline,
    year: int,
    month: int,
    days: WorkingDays,
    zone: ZoneInfo,
) -> Deadline:
    due = _day(regime, rule, deadline.before, year, month) - timedelta(days=1)
    return Deadline(
        level=level,
        due_at=_at(due, _LAST_SECOND, zone),
        safe_on=days.last_on_or_before(due),
        locked_after=_at(due + timedelta(days=deadline.locked_days_after_due), _LAST_SECOND, zone),
    )


def _day(regime: Regime, rule: PeriodRule, day: MonthDay, year: int, month: int) -> date:
    """The rule's day in that year (and month, for a monthly rule)."""
    if day.on is not None:
        return day.on
    year += day.year
    if day.month is None:
        shifted = month - 1 + day.month_shift
        year, month = year + shifted // 12, shifted % 12 + 1
    else:
        month = day.month
    try:
        return date(year, month, day.day or 0)
    except ValueError:
        raise ConfigurationError(
            f"{regime.code}/regime.yaml: periods.{rule.kind.value}: không có ngày {day.day:02}/{month:02}/{year}; "
            "hãy sửa month, day hoặc ghi on"
        ) from None


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone)


def _zone(regime: Regime) -> ZoneInfo:
    try:
        return ZoneInfo(regime.time_zone)
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
            )
        seen.add(value)
