"""From accepted reports to the province's figures: exact sums, ratios from sums, coverage for every cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction

from baocao.consolidation.derive import Derivation, compute, derivations, difference, percent_change
from baocao.consolidation.findings import province_findings
from baocao.consolidation.tally import EXACT, Kind, Roll, Tally, add_up
from baocao.consolidation.targets import judge
from baocao.model.consolidated import Comparison, Consolidation, Number
from baocao.model.form import CellKey, ColumnRole, RollUp
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import Coverage, ProvinceValue
from baocao.model.submission import AcceptedCells
from baocao.model.unit import Unit

_COMPARED = {ColumnRole.ACTUAL, ColumnRole.CLOSING, ColumnRole.RATIO}


def consolidate(
    pack: Pack,
    period: Period,
    accepted: Iterable[AcceptedCells],
    expected: Sequence[Unit],
    waived: Collection[str] = (),
    previous: Mapping[CellKey, Number] | None = None,
    previous_period: Mapping[CellKey, Number] | None = None,
    not_comparable: tuple[Mapping[CellKey, str], Mapping[CellKey, str]] = ({}, {}),
) -> Consolidation:
    """The province values of one period.

    `accepted` may be a stream, in any order: the result does not depend on it. `expected` are the units that owed a
    report when the window opened; those in `waived` owe nothing. `previous` holds the province values of the same
    kind of report a year ago, `previous_period` those of the report just before; `not_comparable` says for
    which cells these two can have no figure, and why. Missing units are named, never imputed (V52).

    Raises ConsolidationError when what was accepted cannot be added up, ConfigurationError when the pack derives a
    cell from one that does not exist.
    """
    before = {} if previous is None else previous
    last = {} if previous_period is None else previous_period
    valid_units = sum(u.kind.is_territorial for u in pack.units_on(period.cutoff_on))
    with localcontext(EXACT):
        roll = add_up(pack, expected, accepted, waived)
        order = derivations(pack)
        values = _values(pack, roll, order, before, valid_units)
        comparisons = _comparisons(pack, values, last, not_comparable)
    targets = judge(pack, period, values, valid_units, before, not_comparable[0])
    missing = tuple(u for i, u in enumerate(roll.units) if i not in roll.received and i not in roll.excused)
    excused = tuple(roll.units[i] for i in sorted(roll.excused))
    return Consolidation(
        regime=pack.code,
        period=period.code,
        values=values,
        texts=_texts(roll),
        targets=targets,
        findings=province_findings(pack, roll, values, targets, missing, excused, valid_units, last),
        coverage=Coverage(len(roll.received), len(roll.owing), tuple(u.code for u in missing)),
        expected=roll.owing,
        missing=missing,
        waived=excused,
        valid_units=valid_units,
        comparisons=comparisons,
        previous=before,
        previous_period=last,
    )


def _values(
    pack: Pack,
    roll: Roll,
    order: dict[CellKey, Derivation],
    before: Mapping[CellKey, Number],
    valid_units: int,
) -> dict[CellKey, ProvinceValue]:
    entered = {
        key: _entered(tally, roll, before, valid_units)
        for key, tally in roll.tallies.items()
        if tally.kind is not Kind.TEXT
    }
    now: dict[CellKey, Number | None] = {key: value.value for key, value in entered.items()}
    nil = {key: value.nil for key, value in entered.items()}
    who = _Who(roll, order)
    derived = {}
    for key, derivation in order.items():
        value, is_nil = compute(derivation, now, before)
        if value is not None and not is_nil:
            is_nil = all(nil.get(c, False) for c in derivation.components if now.get(c) is not None)
        now[key], nil[key] = value, is_nil
        derived[key] = ProvinceValue(key, value, is_nil, who.behind(key), previous=before.get(key))
    both = entered | derived
    return {key: both[key] for form in pack.forms for key in form.cells if key in both}


def _entered(tally: Tally, roll: Roll, before: Mapping[CellKey, Number], valid_units: int) -> ProvinceValue:
    coverage = coverage_of(tally, roll)
    previous = before.get(tally.key)
    if tally.kind is Kind.YES:
        answered = tally.commune_answers
        classes = (("Có", tally.yes), ("Không", answered - tally.yes), ("Chưa có số liệu", valid_units - answered))
        yes = tally.yes if answered else None
        return ProvinceValue(tally.key, yes, False, coverage, classes=classes, previous=previous)
    if tally.kind is Kind.CLASS:
        options = [*tally.row.options, *sorted(set(tally.classes) - set(tally.row.options))]
        counted = tuple((option, tally.classes.get(option, 0)) for option in options)
        total = sum(tally.classes.values()) if tally.commune_answers else None
        return ProvinceValue(tally.key, total, False, coverage, classes=counted, previous=previous)
    communes, provincial = tally.sides()
    value, values = _rolled_up(tally, communes, provincial)
    return ProvinceValue(
        tally.key, value, value is not None and not values, coverage, communes, provincial, previous=previous
    )


def _rolled_up(
    tally: Tally, communes: int | Decimal | None, provincial: int | Decimal | None
) -> tuple[int | Decimal | None, int]:
    """(value, number of figures behind it; 0 means that all who answered declared nil)."""
    figures = tally.commune_values + tally.provincial_values
    if tally.row.roll_up is RollUp.PROVINCE:
        return provincial, tally.provincial_values
    if tally.row.roll_up is RollUp.PROVINCE_OVER_SUM:
        if tally.provincial_values or communes is None:
            return provincial, tally.provincial_values
        return communes, tally.commune_values
    if communes is None or provincial is None:
        return (communes if provincial is None else provincial), figures
    return communes + provincial, figures


def coverage_of(tally: Tally, roll: Roll) -> Coverage:
    """Who is behind an entered cell: units that answered (a figure or nil) of those that owe it, and the missing."""
    owing, missing = _owing_and_missing(tally, roll)
    return Coverage(len(owing) - len(missing), len(owing), tuple(roll.units[i].code for i in missing))


def _owing_and_missing(tally: Tally, roll: Roll) -> tuple[list[int], list[int]]:
    state = tally.state
    silent = [i for i in tally.owing if not state[i]]
    if not tally.optional:
        return tally.owing, silent
    # An optional cell left blank in an accepted report is not owed.
    missing = [i for i in silent if i not in roll.received]
    blank = {i for i in silent if i in roll.received}
    return [i for i in tally.owing if i not in blank], missing


class _Who:
    """Owing and missing units of derived cells: the union over their components."""

    def __init__(self, roll: Roll, order: dict[CellKey, Derivation]) -> None:
        self._roll = roll
        self._order = order
        self._sets: dict[CellKey, tuple[frozenset[int], frozenset[int]]] = {}

    def behind(self, key: CellKey) -> Coverage:
        owing, missing = self._of(key)
        codes = tuple(self._roll.units[i].code for i in sorted(missing))
        return Coverage(len(owing) - len(missing), len(owing), codes)

    def _of(self, key: CellKey) -> tuple[frozenset[int], frozenset[int]]:
        if key in self._sets:
            return self._sets[key]
        owing: frozenset[int] = frozenset()
        missing: frozenset[int] = frozenset()
        if key in self._order:
            for component in self._order[key].components:
                more_owing, more_missing = self._of(component)
                owing, missing = owing | more_owing, missing | more_missing
        elif key in self._roll.tallies:
            lists = _owing_and_missing(self._roll.tallies[key], self._roll)
            owing, missing = frozenset(lists[0]), frozenset(lists[1])
        self._sets[key] = owing, missing
        return owing, missing


def _texts(roll: Roll) -> dict[CellKey, tuple[tuple[str, str], ...]]:
    result = {}
    for key, tally in roll.tallies.items():
        if tally.texts:
            ordered = sorted(tally.texts, key=lambda t: (not roll.units[t[0]].is_lead_body, t[0]))
            result[key] = tuple((roll.units[i].code, text) for i, text in ordered)
    return result


def _comparisons(
    pack: Pack,
    values: dict[CellKey, ProvinceValue],
    last: Mapping[CellKey, Number],
    not_comparable: tuple[Mapping[CellKey, str], Mapping[CellKey, str]],
) -> dict[CellKey, Comparison]:
    result = {}
    for form in pack.forms:
        for table in form.tables:
            roles = {column.role: column.code for column in table.columns}
            compared = [c.code for c in table.columns if c.role in _COMPARED]
            for row in table.rows:
                # A change against last year can be told no better than the cell it is the change of.
                change = row.derive.year_on_year if row.derive else None
                for code in compared:
                    key = CellKey(form.code, row.code, code)
                    if key in values:
                        found = _compare(values, key, roles, last)
                        of = CellKey.parse(change.of) if change else key
                        year, period = (unlike.get(of, "") or unlike.get(key, "") for unlike in not_comparable)
                        if year or period:
                            found = replace(found, not_comparable=year, not_comparable_period=period)
                        result[key] = found
    return result


def _compare(
    values: dict[CellKey, ProvinceValue],
    key: CellKey,
    roles: dict[ColumnRole, str],
    last: Mapping[CellKey, Number],
) -> Comparison:
    def beside(role: ColumnRole) -> Number | None:
        found = values.get(CellKey(key.form, key.row, roles.get(role, "")))
        return None if found is None else found.value

    now, previous = values[key].value, values[key].previous
    plan = percent = None
    if key.column == roles.get(ColumnRole.ACTUAL):
        plan = beside(ColumnRole.PLAN_YEAR)
        done = beside(ColumnRole.CUMULATIVE_YEAR)
        done = now if done is None else done
        if plan and done is not None:
            percent = Fraction(100) * Fraction(done) / Fraction(plan)
    return Comparison(
        plan=plan,
        percent_of_plan=percent,
        previous=previous,
        change=difference(now, previous),
        change_percent=percent_change(now, previous)[0],
        previous_period=last.get(key),
    )
