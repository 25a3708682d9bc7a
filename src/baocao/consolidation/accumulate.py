"""Cộng lũy kế giai đoạn: many accepted reports of a term make one figure, nothing counted twice.

The six-month report lies inside the year: of one year exactly one report counts, the one that reaches furthest. Of one
period the report that was accepted last counts. So neither the order of the reports nor a six-month report beside its
annual report changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import localcontext

from baocao.consolidation.province import consolidate
from baocao.consolidation.tally import EXACT
from baocao.exact import Number
from baocao.forms.derivation import Derivation, DerivationKind, Derivations, compute, is_over_nothing, pack_derivations
from baocao.model.form import CellKey, Column, ColumnRole, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period, once_per_pack
from baocao.model.period import Period, PeriodScope
from baocao.model.submission import Answer, Cell, Value
from baocao.model.term_totals import (
    AcceptedReport,
    Accumulated,
    Behind,
    ProvinceTerm,
    TermAggregation,
    TermPart,
    UnitTerm,
    YearOfTerm,
    way_of,
)
from baocao.model.unit import Unit

_FROM_THE_FIRST_DAY = (PeriodScope.YEAR_TO_DATE, PeriodScope.YEAR)


def belongs(term: Period, period: Period) -> bool:
    """Whether a report of `period` counts towards the term: one that lies inside it and tells its year from the
    first day (six months, nine months, the year)."""
    # Both ends: what reaches over an end is another term's as well. A rehearsal has real units and no real figures.
    inside = term.covers_from <= period.covers_from and period.cutoff_on <= term.cutoff_on
    return inside and period.scope in _FROM_THE_FIRST_DAY and not period.is_rehearsal


def wanted(term: Period, calendar: Iterable[Period]) -> tuple[Period, ...]:
    """The periods a complete accumulation is made of: of every year the one that reaches furthest, oldest first."""
    furthest: dict[int, Period] = {}
    for period in sorted(calendar, key=_reach):
        if belongs(term, period):
            furthest[period.year] = period
    return tuple(furthest[year] for year in sorted(furthest))


def chosen(term: Period, sent: Iterable[AcceptedReport]) -> tuple[AcceptedReport, ...]:
    """The reports of one unit that count, one a year, oldest first."""
    # First the newest report of each period, so that a correction replaces its original; then one period a year.
    official: dict[str, AcceptedReport] = {}
    for one in sorted(sent, key=lambda s: (s.report.received_at, s.report.submission_id)):
        if belongs(term, one.period):
            official[one.period.code] = one
    furthest: dict[int, AcceptedReport] = {}
    for one in sorted(official.values(), key=lambda s: _reach(s.period)):
        furthest[one.period.year] = one
    return tuple(furthest[year] for year in sorted(furthest))


def _reach(period: Period) -> tuple[object, ...]:
    return period.cutoff_on, period.code


def accumulate(
    pack: Pack, term: Period, calendar: Iterable[Period], unit: str, sent: Iterable[AcceptedReport]
) -> UnitTerm:
    """What a unit's accepted reports add up to at the cut-off day of `term`, for the cells of `pack` (the pack as the
    evaluated period sees it).

    `sent` are the accepted reports of the unit, in any order, corrections and reports of other periods among them.
    """
    used, all_wanted = chosen(term, sent), wanted(term, calendar)
    first_year = all_wanted[0].year if all_wanted else None
    cells: dict[CellKey, Accumulated] = {}
    with localcontext(EXACT):
        plan = _plan(pack)
        for key, way, nothing in plan.taken:
            if (found := _accumulated(key, way, used, first_year, nothing)) is not None:
                cells[key] = found
        _derive(plan, cells)
    return UnitTerm(unit, behind(term, all_wanted, [s.period for s in used]), cells)


def behind(term: Period, all_wanted: Sequence[Period], used: Sequence[Period]) -> Behind:
    """Which of the wanted reports are there, which are stood in for, which are missing."""
    by_year = {p.year: p for p in used}
    instead = [(p.code, by_year[p.year].code) for p in all_wanted if p.year in by_year and by_year[p.year] != p]
    # Both days count. V62 holds what was added for the rest against the pace of these days.
    covered = sum((p.cutoff_on - p.covers_from).days + 1 for p in used)
    return Behind(
        used=tuple(p.code for p in used),
        instead=tuple(instead),
        missing=tuple(p.code for p in all_wanted if p.year not in by_year),
        days_covered=covered,
        days_left=max(0, (term.cutoff_on - term.covers_from).days + 1 - covered),
    )


@dataclass(frozen=True)
class _Plan:
    """How the cells of a pack accumulate, worked out once for all units of a view."""

    taken: tuple[tuple[CellKey, TermAggregation, int | None], ...]
    """(cell, way, what a declared nil counts as) of cells taken from the reports"""
    derived: Derivations


# The plan is the same for all units of a view; 172 units asked for it anew otherwise.
@once_per_pack
def _plan(pack: Pack) -> _Plan:
    ways = ((key, _way(table, row, column), table.type_of(row, column)) for key, table, row, column in _cells(pack))
    taken = tuple((key, way, 0 if kind.is_number else None) for key, way, kind in ways if way is not None)
    return _Plan(taken, pack_derivations(pack))


def _cells(pack: Pack) -> Iterable[tuple[CellKey, Table, Row, Column]]:
    for form in pack.forms:
        for key, (table, row, column) in form.cells.items():
            yield key, table, row, column


def _way(table: Table, row: Row, column: Column) -> TermAggregation | None:
    """Of cells that are taken from the reports; what is derived from them at the end is None here."""
    kind = table.type_of(row, column)
    if kind in {ValueType.TEXT, ValueType.DATE, ValueType.RATIO}:
        return None
    # A closing figure is computed, but over years it is the last one, not a sum of closings.
    if not table.is_entered(row, column) and column.role is not ColumnRole.CLOSING:
        return None
    way = way_of(row, column)
    # Answers (yes/no, classes) cannot be added.
    return TermAggregation.LATEST if way is TermAggregation.SUM and not kind.is_number else way


def _accumulated(
    key: CellKey, way: TermAggregation, used: Sequence[AcceptedReport], first_year: int | None, nothing: int | None
) -> Accumulated | None:
    """`nothing` is what a declared nil counts as: 0 for figures."""
    parts: list[tuple[int, TermPart]] = []
    unanswered = []
    for one in used:
        cell: Cell | None = one.report.cells.get(key)
        if cell is None or cell.answer not in {Answer.VALUE, Answer.NIL}:
            unanswered.append(one.period.code)
            continue
        part = TermPart(one.period.code, one.report.submission_id, cell.sheet, cell.a1, cell.value)
        parts.append((one.period.year, part))
    if way is TermAggregation.LATEST:
        parts = parts[-1:]
    # The opening of a later year is not the opening of the term: without the first report it is unknown (ADR 0016).
    elif way is TermAggregation.EARLIEST:
        parts = [p for p in parts if p[0] == first_year]
    if not parts:
        return None
    lineage = tuple(part for _, part in parts)
    values = [part.value for part in lineage if part.value is not None]
    # Of LATEST and EARLIEST one part is left at most. A sum of declared nils is 0 and still nil.
    value = _total(values) if way is TermAggregation.SUM else values[0] if values else nothing
    return Accumulated(key, way, value, not values, lineage, tuple(unanswered) if way is TermAggregation.SUM else ())


def _total(values: Sequence[Value]) -> Value:
    total: Value = 0
    for value in values:
        total = total + value  # type: ignore[operator]
    return total


def _derive(plan: _Plan, cells: dict[CellKey, Accumulated]) -> None:
    """Sums of rows and ratios, from the accumulated figures."""
    now: dict[CellKey, Number | None] = {k: _number(a.value) for k, a in cells.items()}
    ways = {k: a.way for k, a in cells.items()}
    for key, derivation in plan.derived.items():
        if key in cells or not _same_way(derivation, ways):
            continue
        value, nil = compute(derivation, now), is_over_nothing(derivation, now)
        if value is None and not nil:
            continue
        # Kept for later ones: derivations come in the order in which they follow from each other.
        now[key] = value
        ways[key] = next(ways[c] for c in derivation.components if c in ways)
        way = TermAggregation.RATIO if derivation.kind is DerivationKind.RATIO else ways[key]
        cells[key] = Accumulated(key, way, value, nil)


def _same_way(derivation: Derivation, ways: Mapping[CellKey, TermAggregation]) -> bool:
    """A ratio of a stock and a flow, or of this year's figure and the plan of five years, says nothing."""
    found = {ways[c] for c in derivation.components if c in ways}
    # A change against last year is of one year; over a term it would compare the term with nothing.
    return derivation.kind is not DerivationKind.YEAR_ON_YEAR and len(found) == 1


def _number(value: object) -> Number | None:
    return None if value is None or isinstance(value, bool | str) else value  # type: ignore[return-value]


def accumulate_province(
    pack: Pack,
    term: Period,
    calendar: Sequence[Period],
    sent: Iterable[AcceptedReport],
    expected: Callable[[Period], Sequence[Unit]],
    waived: Callable[[Period], Collection[str]] = lambda _: (),
) -> ProvinceTerm:
    """The province over the term: every year consolidated from the one report of each unit that counts, then the years
    accumulated. `expected` gives the units that owed the report of a period.

    Raises ConsolidationError as `consolidate` does.
    """
    by_unit: dict[str, list[AcceptedReport]] = {}
    for one in sent:
        by_unit.setdefault(one.report.unit, []).append(one)
    counted = {unit: {s.period.year: s for s in chosen(term, found)} for unit, found in sorted(by_unit.items())}
    years: dict[int, YearOfTerm] = {}
    for period in wanted(term, calendar):
        reports = [found[period.year] for found in counted.values() if period.year in found]
        years[period.year] = _year(pack, period, reports, expected(period), waived(period))
    regime_term = pack.regime.term
    columns = regime_term.years if regime_term is not None else tuple(years)
    name = regime_term.name if regime_term is not None else ""
    return ProvinceTerm(name, columns, years, _over_years(pack, years))


def _year(
    pack: Pack, period: Period, reports: Sequence[AcceptedReport], expected: Sequence[Unit], waived: Collection[str]
) -> YearOfTerm:
    # With the pack as that year saw it: a unit reported in the form versions of its own day.
    added = consolidate(for_period(pack, period), period, [s.report for s in reports], expected, waived)
    return YearOfTerm(
        wanted=period,
        values={k: v.value for k, v in added.values.items() if v.value is not None},
        coverage=added.coverage,
        instead=tuple(s.report.unit for s in reports if s.period.code != period.code),
        accepted=tuple(s.report for s in reports),
        expected=tuple(u.code for u in expected),
        waived=tuple(sorted(waived)),
    )


def _over_years(pack: Pack, years: Mapping[int, YearOfTerm]) -> dict[CellKey, Number]:
    """The figures of a term from those of its years: summed, of the earliest or latest year, or derived anew."""
    result: dict[CellKey, Number | None] = {}
    ways: dict[CellKey, TermAggregation] = {}
    ordered = [years[year].values for year in sorted(years)]
    plan = _plan(pack)
    for key, way, _ in plan.taken:
        there = [values[key] for values in ordered if key in values]
        if way is TermAggregation.EARLIEST:
            # A year that is missing is never filled from its neighbour: its last stock is not carried over (ADR 0016).
            there = [values[key] for values in ordered[:1] if key in values]
        if there:
            result[key] = _sum(there) if way is TermAggregation.SUM else there[-1]
            ways[key] = way
    for key, derivation in plan.derived.items():
        if key in result or not _same_way(derivation, ways):
            continue
        result[key] = compute(derivation, result)
        ways[key] = next(ways[c] for c in derivation.components if c in ways)
    return {key: value for key, value in result.items() if value is not None}


def _sum(values: Sequence[Number]) -> Number:
    total: Number = 0
    with localcontext(EXACT):
        for value in values:
            total = total + value  # type: ignore[operator]
    return total
