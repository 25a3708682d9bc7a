"""When the reporting year and the programme's term begin: what `lũy kế năm` and `lũy kế giai đoạn` are counted from."""

from __future__ import annotations

from datetime import date

from baocao.model.period import Period, PeriodKind
from baocao.model.regime import Regime


def year_start(regime: Regime, year: int) -> date | None:
    """The first day of a reporting year, as the regime's annual period has it; None without an annual period."""
    for rule in regime.periods:
        start = rule.covers_from
        if rule.kind is PeriodKind.ANNUAL and start.month and start.day:
            return date(year + start.year, start.month, start.day)
    return None


def first_year(regime: Regime) -> int | None:
    """The first year of the calendar: the term is counted from its first day."""
    return next((min(rule.years) for rule in regime.periods if rule.kind is PeriodKind.ANNUAL), None)


def years_of(regime: Regime, period: Period) -> tuple[int, ...]:
    """The reporting years a period covers: its own, or all of the term when it begins before its own year."""
    start, first = year_start(regime, period.year), first_year(regime)
    if start is None or first is None or period.covers_from >= start:
        return (period.year,)
    return tuple(range(first, period.year + 1))
