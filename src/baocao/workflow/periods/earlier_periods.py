"""Which earlier periods a period is held against."""

from __future__ import annotations

from datetime import date, timedelta

from baocao.calendar.periods import same_code_a_year_ago
from baocao.model.pack import Pack
from baocao.model.period import Period, PeriodScope
from baocao.workflow.installation import Installation

_FROM_THE_FIRST_DAY = (PeriodScope.YEAR_TO_DATE, PeriodScope.YEAR)
_DAY = timedelta(days=1)


def earlier_periods(place: Installation, period: Period, known: set[str]) -> list[str]:
    """Codes of `known` that lie before `period`, the latest first.

    Codes outside the calendar are baselines from before the system went live: they come last, by name.
    """
    calendar = {p.code: p for p in place.periods(period.regime)}
    before = sorted(
        (
            p
            for p in calendar.values()
            if p.code in known and p.cutoff_on < period.cutoff_on and _may_be_compared(period, p)
        ),
        # Two may end on one day (the second half year and the year): the one of the same kind comes first.
        key=lambda p: (p.cutoff_on, p.kind == period.kind),
        reverse=True,
    )
    baselines = sorted((code for code in known if code not in calendar), key=_baseline_order, reverse=True)
    return [p.code for p in before] + baselines


def _may_be_compared(period: Period, earlier: Period) -> bool:
    """Whether a report of the calendar is a past of this one: of the same kind, ended the day before it begins, or lies
    inside it and begins with it. Reports that tell their year from its first day are each other's past; an evaluation,
    and what was asked for, look back on them alone."""
    if earlier.is_rehearsal or earlier.is_evaluation or earlier.request is not None:
        return False
    if earlier.scope in _FROM_THE_FIRST_DAY:
        return period.scope is not PeriodScope.PART or follows(period, earlier.cutoff_on)
    if period.is_evaluation or period.request is not None:
        return False
    return earlier.kind == period.kind or follows(period, earlier.cutoff_on) or begins_with(period, earlier)


def follows(period: Period, ended: date) -> bool:
    """Whether the period begins on the day after another one ended."""
    return period.covers_from == ended + _DAY


def begins_with(period: Period, earlier: Period) -> bool:
    """Whether both cover the same first day."""
    return period.covers_from == earlier.covers_from


def _baseline_order(code: str) -> tuple[str, bool]:
    """`2025-Y` is later than `2025-H1`."""
    year, _, kind = code.partition("-")
    return year, kind == "Y"


def same_period_last_year(pack: Pack, period: Period) -> str:
    """The code of the same kind of period a year before (also where only a baseline can hold it).

    Empty for an ad hoc request: nobody asked for it a year ago.
    """
    if period.request is not None:
        return ""
    return same_code_a_year_ago(pack.rule_of(period.kind), period)
