"""Who is behind a cell, and what a chosen set of units adds up to.

A set of units is one whole number with a byte a unit, in the order of `UnitTotals.units`: to intersect two of them is
one operation, for a hundred units as for ten thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import compress

from baocao.consolidation.tally import Tally, UnitTotals
from baocao.exact import Number
from baocao.forms.derivation import Derivation, Derivations, compute
from baocao.model.form import CellKey, EntryLevel, ValueType
from baocao.model.report import Coverage

Units = int
"""A set of units: byte i is 1 where unit i is in it."""
# Tables for `bytes.translate`, by the states of `Tally.state`: 0 no answer, 1 value, 2 declared nil.
_ANSWERED = bytes([0, 1, 1]) + bytes(253)
_GIVEN = bytes([0, 1]) + bytes(254)


class Presence:
    """One pass over the units (`UnitTotals`), asked by cell: entered ones and derived ones alike."""

    def __init__(self, roll: UnitTotals, order: Derivations) -> None:
        self.roll, self.order = roll, order
        size = len(roll.units)
        self.everybody: Units = int.from_bytes(b"\x01" * size, "little")
        self._bodies: Units = _packed([u.is_lead_body for u in roll.units])
        self._received: Units = self.of_positions(roll.received)
        self._known: dict[CellKey, tuple[Units, Units]] = {}
        self._leaves: dict[CellKey, tuple[CellKey, ...]] = {}

    # ---------------------------------------------------------------------------------------------- sets of units

    def of_positions(self, positions: Iterable[int]) -> Units:
        """The set of the units at these places of `UnitTotals.units`."""
        flags = bytearray(len(self.roll.units))
        for i in positions:
            flags[i] = 1
        return int.from_bytes(flags, "little")

    def positions(self, units: Units) -> Iterator[int]:
        """The places of its units, in order."""
        return (i for i, flag in enumerate(self._flags(units)) if flag)

    def codes(self, units: Units) -> tuple[str, ...]:
        """The codes of its units, in the order of `UnitTotals.units`."""
        return tuple(self.roll.units[i].code for i in self.positions(units)) if units else ()

    def _flags(self, units: Units) -> bytes:
        return units.to_bytes(len(self.roll.units), "little")

    # ---------------------------------------------------------------------------------------------- who is behind

    def owing(self, key: CellKey) -> Units:
        """Who owes the cell: of a derived one whoever owes a part of it. An optional cell that was left blank in an
        accepted report is not owed."""
        return self._owing_and_missing(key)[0]

    def there(self, key: CellKey) -> Units:
        """Who answered everything of it that they owe: a figure or a declared nil."""
        owing, missing = self._owing_and_missing(key)
        return owing & ~missing

    def standing(self, key: CellKey) -> Units:
        """Of these, whose entries make the province's figure."""
        return self.there(key) & self._level(key)

    def expected(self, key: CellKey) -> Units:
        """Who owes an entry that makes the province's figure."""
        return self.owing(key) & self._level(key)

    def given(self, key: CellKey) -> Units:
        """Whose entered cell holds a figure, not a declared nil."""
        return int.from_bytes(self.roll.tallies[key].state.translate(_GIVEN), "little") & self.standing(key)

    def more_than_nothing(self, key: CellKey) -> Units:
        """Whose entered cell adds something."""
        return _packed([bool(figure) for figure in self.roll.tallies[key].figures]) & self.standing(key)

    def behind(self, key: CellKey) -> Coverage:
        """How many of those who owe a cell are behind it, and who is missing."""
        owing, missing = self._owing_and_missing(key)
        return Coverage((owing & ~missing).bit_count(), owing.bit_count(), self.codes(missing))

    def level(self, key: CellKey) -> EntryLevel | None:
        """Whose entries make the province's figure; None: everybody's, or those of several levels."""
        tally = self.roll.tallies.get(key)
        return None if tally is None else self.roll.level_of(tally)

    def _level(self, key: CellKey) -> Units:
        level = self.level(key)
        if level is None:
            return self.everybody
        return self._bodies if level is EntryLevel.PROVINCE else self.everybody & ~self._bodies

    def _owing_and_missing(self, key: CellKey) -> tuple[Units, Units]:
        if key not in self._known:
            owing, missing = 0, 0
            if key in self.order:
                for component in self.order[key].components:
                    more_owing, more_missing = self._owing_and_missing(component)
                    owing, missing = owing | more_owing, missing | more_missing
            elif key in self.roll.tallies:
                owing, missing = self._of_entered(self.roll.tallies[key])
            self._known[key] = owing, missing
        return self._known[key]

    def _of_entered(self, tally: Tally) -> tuple[Units, Units]:
        owing = self.of_positions(tally.owing)
        silent = owing & ~int.from_bytes(tally.state.translate(_ANSWERED), "little")
        if not tally.optional:
            return owing, silent
        # Blank in an accepted report is an answer here; of a unit that has not reported it is not known.
        return owing & ~(silent & self._received), silent & ~self._received

    # -------------------------------------------------------------------------------------------- what they add up to

    def leaves(self, key: CellKey) -> tuple[CellKey, ...]:
        """The entered cells a cell is made of; itself when it is entered."""
        if key not in self._leaves:
            parts = self.order[key].components if key in self.order else ()
            found = [leaf for part in parts for leaf in self.leaves(part)] if parts else [key]
            self._leaves[key] = tuple(dict.fromkeys(k for k in found if k in self.roll.tallies))
        return self._leaves[key]

    def total(self, key: CellKey, units: Units) -> Number | None:
        """The province's figure as if these units alone had reported; None where none of them has one."""
        if key not in self.order:
            return self._entered_total(key, units)
        derivation = self.order[key]
        return compute(derivation, {c: self.total(c, units) for c in derivation.components})

    def _entered_total(self, key: CellKey, units: Units) -> Number | None:
        chosen = self.standing(key) & units if key in self.roll.tallies else 0
        if not chosen:
            return None
        tally = self.roll.tallies[key]
        # The type of the sum follows the form even where all figures are 0: it decides how the figure is printed.
        zero: int | Decimal = Decimal(0) if tally.table.type_of(tally.row, tally.column) is ValueType.DECIMAL else 0
        return sum(compress(tally.figures, self._flags(chosen)), zero)

    # ---------------------------------------------------------------------------------- ratios over the same units

    def both(self, ratio: Derivation) -> Units:
        """The units behind numerator and denominator alike. Row by row where both stand in the same rows: whoever has
        only one of the two in any row is left out of the whole. A plan must be a figure: a declared nil is no plan."""
        pairs = self._pairs(ratio)
        if pairs is None:
            both = self.everybody
            for key in ratio.components:
                both &= self.there(key)
            return both
        some, torn = 0, 0
        for tops, bottoms in pairs:
            top, bottom, divided = self.everybody, self.everybody, 0
            for key in tops:
                top &= self.standing(key)
            for leaf in bottoms:
                bottom &= self._denominator(leaf)
                divided |= self._denominator(leaf)
            some |= top & bottom
            # One side without the other, here and further down: such a unit would bend the ratio of the whole.
            torn |= divided & ~top
            for leaf in (leaf for key in tops for leaf in self.leaves(key)):
                torn |= self.more_than_nothing(leaf) & ~bottom
        return some & ~torn

    def is_share_of_plan(self, ratio: Derivation) -> bool:
        """Whether what it is divided by is a plan."""
        bottoms = [leaf for key in ratio.minus for leaf in self.leaves(key)]
        return bool(bottoms) and all(self.roll.tallies[leaf].column.role.is_plan for leaf in bottoms)

    def _denominator(self, leaf: CellKey) -> Units:
        return self.given(leaf) if self.roll.tallies[leaf].column.role.is_plan else self.standing(leaf)

    def _pairs(self, ratio: Derivation) -> list[tuple[list[CellKey], list[CellKey]]] | None:
        """Cells of the numerator beside the entered cells of the denominator, row by row; the plan of another form's
        row goes with the row it measures. None where the two do not stand in the same rows."""
        above: dict[str, list[CellKey]] = {}
        for leaf in (leaf for key in ratio.plus for leaf in self.leaves(key)):
            above.setdefault(f"{leaf.form}/{leaf.row}", []).append(leaf)
        below: dict[str, list[CellKey]] = {}
        for leaf in (leaf for key in ratio.minus for leaf in self.leaves(key)):
            below.setdefault(self.roll.tallies[leaf].row.measures or f"{leaf.form}/{leaf.row}", []).append(leaf)
        pairs, used = [], set()
        for row, bottoms in below.items():
            tops = above.get(row) or [
                k for key in ratio.plus if (k := CellKey.parse(f"{row}/{key.column}")) in self.order
            ]
            if not tops:
                return None
            pairs.append((tops, bottoms))
            used |= {leaf for key in tops for leaf in self.leaves(key)}
        # A numerator with rows that no denominator goes with is divided as a whole.
        return pairs if used == {leaf for leaves in above.values() for leaf in leaves} else None


def _packed(flags: Iterable[bool]) -> Units:
    return int.from_bytes(bytes(flags), "little")
