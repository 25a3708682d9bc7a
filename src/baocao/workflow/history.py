"""Which earlier figures the rules against the past, and the comparisons of the report, look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import Connection

from baocao.checks.history import History
from baocao.consolidation.province import consolidate
from baocao.model.consolidated import Number
from baocao.model.form import CellKey
from baocao.model.period import Period, PeriodKind
from baocao.model.regime import Pack
from baocao.model.submission import Value
from baocao.model.term import UnitTerm, Way
from baocao.store import cells, corrections, reports
from baocao.store.past import accepted_periods
from baocao.store.values import typed_by
from baocao.workflow.accumulating import unit_term
from baocao.workflow.inspection_figures import register_figures
from baocao.workflow.workplace import Workplace

_COMPARABLE = (PeriodKind.SIX_MONTH, PeriodKind.ANNUAL)


def earlier_periods(place: Workplace, period: Period, known: set[str]) -> list[str]:
    """Codes of `known` that lie before `period`, the latest first.

    Codes outside the calendar are baselines from before the system went live: they come last, by name.
    """
    calendar = {p.code: p for p in place.periods(period.regime)}
    before = sorted(
        (
            p
            for p in calendar.values()
            if p.code in known and p.cutoff_on < period.cutoff_on and p.kind in _COMPARABLE and not p.is_rehearsal
        ),
        key=lambda p: p.cutoff_on,
        reverse=True,
    )
    baselines = sorted((code for code in known if code not in calendar), key=_baseline_order, reverse=True)
    return [p.code for p in before] + baselines


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
    rule = pack.rule_of(period.kind)
    month = (period.cutoff_on.month - 1 - rule.cutoff.month_shift) % 12 + 1
    return rule.code.format(year=period.year - 1, month=month)


def history_of(place: Workplace, conn: Connection, pack: Pack, unit: str, period: Period) -> History:
    """The unit's earlier accepted figures, by the role they play for `period`."""
    known = accepted_periods(conn, period.regime, unit)
    earlier = earlier_periods(place, period, known)

    def figures(code: str | None) -> dict[CellKey, Value]:
        if code is None:
            return {}
        typed = typed_by(_pack_of(place, pack, code))
        return {k: typed(k, text) for k, text in cells.figures_of(conn, period.regime, unit, code).items()}

    calendar = {p.code: p for p in place.periods(period.regime)}
    same_year = None
    if period.kind is PeriodKind.ANNUAL or period.kind.is_evaluation:
        same_year = next((c for c in earlier if c in calendar and calendar[c].year == period.year), None)
    last_year = same_period_last_year(pack, period)
    found = History(
        previous=figures(earlier[0] if earlier else None),
        same_year=figures(same_year),
        last_year=figures(last_year if last_year in known else None),
        register=register_figures(conn, pack, unit, period),
    )
    return _with_the_term(found, unit_term(place, conn, pack, period, unit)) if period.kind.is_evaluation else found


def _with_the_term(history: History, term: UnitTerm) -> History:
    """What adds up over the term, and the opening stocks of its first year."""
    added = {
        key: a.value
        for key, a in term.cells.items()
        if a.way in {Way.SUM, Way.EARLIEST} and isinstance(a.value, int | Decimal) and not a.nil
    }
    behind = term.behind
    rest = Fraction(behind.days_left, behind.days_covered) if behind.days_covered else None
    return replace(history, accumulated=added, rest_of_term=rest)


def province_before(
    place: Workplace, conn: Connection, pack: Pack, period: Period
) -> tuple[Mapping[CellKey, Number], Mapping[CellKey, Number]]:
    """Province figures of the same period a year ago, and of the period just before; empty where nothing is known.

    A period before go-live has no report of ours: its baseline is added up the same way.
    """
    known = accepted_periods(conn, period.regime)
    earlier = earlier_periods(place, period, known)
    last_year = same_period_last_year(pack, period)
    return (
        _figures_of_province(place, conn, pack, period, last_year) if last_year in known else {},
        _figures_of_province(place, conn, pack, period, earlier[0]) if earlier else {},
    )


def _pack_of(place: Workplace, pack: Pack, code: str) -> Pack:
    """The forms in which the figures of an earlier period were given; a baseline is given in those of now."""
    then = next((p for p in place.periods(pack.code) if p.code == code), None)
    return pack.whole if then is None else pack.for_period(then)


def _figures_of_province(
    place: Workplace, conn: Connection, pack: Pack, period: Period, code: str
) -> dict[CellKey, Number]:
    # While a correction is being made, the dispatched report stays official.
    report = corrections.last_dispatched(conn, pack.code, code) or reports.latest(conn, pack.code, code)
    if report is not None:
        return {k: v.value for k, v in reports.values(conn, report.id).items() if v.value is not None}
    then = _pack_of(place, pack, code)
    accepted = cells.accepted_cells(conn, pack.code, code, typed_by(then))
    added = consolidate(then, period, accepted, then.units_on(period.cutoff_on))
    return {k: v.value for k, v in added.values.items() if v.value is not None}
