"""Like with like: a figure against its plan and against an earlier period, over the units that have both.

A sum of 163 units is never held against a sum of 166, nor results of all units against the plans of a few.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction

from baocao.consolidation.presence import Presence, Units
from baocao.consolidation.tally import EXACT
from baocao.forms.derivation import Derivation, DerivationKind
from baocao.model.consolidated import Change, Earlier, PlanShare
from baocao.model.form import CellKey, ColumnRole, EntryLevel, Form, Row, Table
from baocao.model.pack import Pack
from baocao.model.pack_parts.wording import Wording
from baocao.model.pack_views import figure_rows, pack_rows
from baocao.text import vietnamese_number

Cells = tuple[CellKey, ...]


class PeriodComparison:
    """The figures of now held against those of one earlier period."""

    def __init__(self, now: Presence, then: Presence, earlier: Earlier, words: Wording, when: str) -> None:
        """`then` is made of `earlier` over the same units as `now`; `when` names the earlier period in a sentence
        (`cùng kỳ năm trước`)."""
        self.now, self.then, self.earlier, self.words, self.when = now, then, earlier, words, when
        index = {unit.code: i for i, unit in enumerate(now.roll.units)}
        self._groups = [
            (index[group[0]], now.of_positions(index[code] for code in group if code in index))
            for group in earlier.groups
            if group[0] in index
        ]
        # Units of then that owe nothing today; `add_up` knows today's units only and leaves them out.
        self._outside = [r for r in earlier.reports if r.unit not in index]

    def changes(self) -> dict[CellKey, Change]:
        """Every cell with figures; the changes against last year themselves are not compared again."""
        if not self.earlier.reports:
            return {key: Change(None, None, reason=why) for key, why in self.earlier.not_comparable.items()}
        # Texts have no figures.
        keys = [*(k for k, t in self.now.roll.tallies.items() if t.figures), *self.now.order]
        return {key: self._change(key) for key in keys}

    def _change(self, key: CellKey) -> Change:
        """The figure of now and then over the units that answered both times, or why there is none."""
        derivation = self.now.order.get(key)
        if derivation is not None and derivation.kind is DerivationKind.YEAR_ON_YEAR:
            return Change(None, None, reason=self._unlike(key) or self._unlike(derivation.plus[0]))
        here, before = self._behind(self.now, key), self._behind(self.then, key)
        # Today's parts of a unit that was split count as one first: half of them has nothing to be compared with.
        both = self._spread(self._gathered(here) & before)
        expected = self.now.expected(key)
        facts = Change(
            None,
            None,
            counted=both.bit_count(),
            expected=expected.bit_count(),
            left_out=self.now.codes(expected & ~both),
            gone=(*self.now.codes(before & ~both & ~expected), *self._gone(key)),
        )
        if why := self._unlike(key):
            return Change(None, None, reason=why)
        if not before:
            return Change(None, None)
        if not both:
            why = f"Không đơn vị nào có số liệu cả kỳ này và {self.when}" if here else ""
            return replace(facts, reason=why)
        now, previous = self.now.total(key, both), self.then.total(key, both)
        # All of `both` answered then, so only a ratio over 0 has no figure.
        why = f"Mẫu số của {self.when} bằng 0" if previous is None and now is not None else ""
        return replace(facts, now=now, previous=previous, reason=why)

    @staticmethod
    def _behind(presence: Presence, key: CellKey) -> Units:
        derivation = presence.order.get(key)
        if derivation is not None and derivation.kind is DerivationKind.RATIO:
            return presence.both(derivation)
        return presence.standing(key)

    def _unlike(self, key: CellKey) -> str:
        """Why nothing can be said of the whole: the pack says so, or one period's figure is of the other level."""
        unlike = self.earlier.not_comparable
        leaves = self.now.leaves(key)
        # A total of which some parts can be compared still is; a pack that wants otherwise names the total.
        if key in unlike or (leaves and all(leaf in unlike for leaf in leaves)):
            return unlike.get(key) or unlike[leaves[0]]
        for leaf in leaves:
            levels = self.now.level(leaf), self.then.level(leaf)
            # Communes count the cases on their ground, a body those of the whole with double counts removed (ADR 0023).
            if levels[0] is not levels[1] and self.then.there(leaf):
                said = [self.words.top_level if lv is EntryLevel.PROVINCE else self.words.unit_level for lv in levels]
                return f"Kỳ này lấy số {said[0]}, {self.when} lấy số {said[1]}"
        return ""

    def _gone(self, key: CellKey) -> tuple[str, ...]:
        """Units of then that owe nothing now and had the figure."""
        leaves = self.now.leaves(key)
        return tuple(r.unit for r in self._outside if any(leaf in r.cells for leaf in leaves))

    def _gathered(self, units: Units) -> Units:
        """Units that were one unit then, as one: only where all of them are there."""
        for first, members in self._groups:
            whole = units & members == members
            units &= ~members
            units |= self.now.of_positions([first]) if whole else 0
        return units

    def _spread(self, units: Units) -> Units:
        """The same as all its members."""
        for first, members in self._groups:
            if units & self.now.of_positions([first]):
                units |= members
        return units


def plan_shares(pack: Pack, presence: Presence) -> dict[CellKey, PlanShare]:
    """The share of the plan by the cell that prints it, by the row's figure of the period, and by the cell of a plan or
    estimate of the term."""
    result: dict[CellKey, PlanShare] = {}
    for key, derivation in presence.order.items():
        if derivation.kind is DerivationKind.RATIO and presence.is_share_of_plan(derivation):
            result[key] = share_of(pack, presence, derivation.plus, derivation.minus)
    # The same share is printed in several places: worked out once, so that it cannot differ between them.
    printed = {(presence.order[key].plus, presence.order[key].minus): share for key, share in result.items()}
    for form, table, row in figure_rows(pack):
        for key, results, plans in _of_row(pack, presence, form, table, row):
            share = printed.get((results, plans))
            result[key] = share_of(pack, presence, results, plans) if share is None else share
    return result


def share_of(pack: Pack, presence: Presence, results: Cells, plans: Cells) -> PlanShare:
    """What was reached of a plan, over the units that have both; `plan_coverage_min` of the pack says how many of them
    make it the whole's."""
    ratio = Derivation(results[0], DerivationKind.RATIO, results, plans)
    both = presence.both(ratio)
    expected = both
    for leaf in (leaf for key in results for leaf in presence.leaves(key)):
        # Whoever declared that nothing occurred, and planned nothing, has nothing to be measured.
        expected |= presence.given(leaf)
    if not any(presence.given(leaf) for key in plans for leaf in presence.leaves(key)):
        return PlanShare(None, None, 0, expected.bit_count(), presence.codes(expected))
    with localcontext(EXACT):
        result, plan = (_sum(presence, keys, both) for keys in (results, plans))
    counted, of, least = both.bit_count(), expected.bit_count(), pack.regime.plan_coverage_min
    reason = ""
    if of and not counted:
        reason = "Chưa đơn vị nào có cả kế hoạch và kết quả"
    # Exact, so that no rounding lifts a share over the bound. Withheld, not printed with a warning (ADR 0025).
    elif of and Fraction(100 * counted, of) < Fraction(least):
        whole = pack.regime.wording.whole
        reason = f"Mới có {counted}/{of} đơn vị có kế hoạch, chưa đủ {_percent(least)} % số đơn vị để tính cho {whole}"
    return PlanShare(result, plan, counted, of, presence.codes(expected & ~both), reason)


def _of_row(
    pack: Pack, presence: Presence, form: Form, table: Table, row: Row
) -> Iterator[tuple[CellKey, Cells, Cells]]:
    """(where the share belongs, results, plans): of the year's plan in the row itself, of the term's plan in a row that
    measures another."""
    cells = {c.role: CellKey(form.code, row.code, c.code) for c in table.columns if table.applies(row, c)}
    if row.measures:
        yield from _of_the_term(pack, cells, row)
    # A plan of the year is held against the year's figure; the period's own would leave out what was done before.
    done, plan = cells.get(ColumnRole.CUMULATIVE_YEAR) or cells.get(ColumnRole.ACTUAL), cells.get(ColumnRole.PLAN_YEAR)
    if done is None or plan is None or ColumnRole.ACTUAL not in cells:
        return
    if presence.leaves(done) and presence.leaves(plan):
        yield cells[ColumnRole.ACTUAL], (done,), (plan,)


def _of_the_term(pack: Pack, cells: Mapping[ColumnRole, CellKey], row: Row) -> Iterator[tuple[CellKey, Cells, Cells]]:
    plan, estimate = cells.get(ColumnRole.PLAN_TERM), cells.get(ColumnRole.ESTIMATE)
    if plan is None:
        return
    code, _, measured = row.measures.partition("/")
    if (found := pack_rows(pack).get((code, measured))) is not None:
        _, table, line = found
        if (reached := table.by_role(line).get(ColumnRole.ACTUAL)) is not None:
            yield plan, (CellKey(code, measured, reached.code),), (plan,)
    if estimate is not None:
        yield estimate, (estimate,), (plan,)


def _sum(presence: Presence, keys: tuple[CellKey, ...], units: Units) -> int | Decimal | Fraction | None:
    found = [v for key in keys if (v := presence.total(key, units)) is not None]
    return sum(found[1:], found[0]) if found else None


def _percent(value: Decimal) -> str:
    return vietnamese_number(f"{value.normalize():f}")
