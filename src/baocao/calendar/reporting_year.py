"""When the reporting year and the programme's term begin: what `lũy kế năm` and `lũy kế giai đoạn` are counted from."""

from __future__ import annotations

from datetime import date

from baocao.calendar.cycles import day_of, parts_of
from baocao.model.pack_parts.period_rules import PeriodRule
from baocao.model.period import Period, PeriodScope
from baocao.model.regime import Regime


def year_start(regime: Regime, year: int) -> date | None:
    """The first day of a reporting year, as the regime's report of the year has it; in a regime without one the first
    day of its first quarter, month or the like. None where nothing follows the months of a year."""
    rule = _of_the_year(regime)
    return None if rule is None else day_of(rule.covers_from, next(iter(parts_of(rule.cycle, year))))


def year_end(regime: Regime, year: int) -> date | None:
    """The last day of a reporting year that is counted; None where no kind of report reaches to its end."""
    rule = _of_the_year(regime)
    if rule is None:
        return None
    last = list(parts_of(rule.cycle, year))[-1]
    # Three quarters reported of four end in September: no last day of the year is known then.
    reaches = rule.scope is PeriodScope.YEAR or last.number * (rule.cycle.months or 0) == 12
    return day_of(rule.cutoff, last) if reaches else None


def first_year(regime: Regime) -> int | None:
    """The first year of the calendar: the term is counted from its first day."""
    rule = _of_the_year(regime)
    return None if rule is None else min(rule.years)


def years_of(regime: Regime, period: Period) -> tuple[int, ...]:
    """The reporting years a period covers: its own, or all of the term when it begins before its own year."""
    start, first = year_start(regime, period.year), first_year(regime)
    if start is None or first is None or period.covers_from >= start:
        return (period.year,)
    return tuple(range(first, period.year + 1))


def _of_the_year(regime: Regime) -> PeriodRule | None:
    """The rule that says where a reporting year begins and ends: the annual one, switched on or not."""
    # An interval that begins on one fixed day (a term report's) begins no year.
    told = [r for r in regime.periods if r.cycle.months is not None and r.covers_from.on is None]
    annual = [r for r in told if r.scope is PeriodScope.YEAR]
    # Of a regime without an annual report; its cycle must begin with the year's first part, or the year would begin
    # in the middle (tests/unit/calendar/test_reporting_year.py).
    parts = [r for r in told if not r.is_evaluation and (not r.cycle.parts or r.cycle.parts[0] == 1)]
    return next(iter((*annual, *parts)), None)
