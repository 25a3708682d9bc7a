"""Ô tự tính: which cells follow from which others, in what order, and what they come to.

This is the one place that decides it. The formulas of the blank workbook, the checks of a unit's workbook, the
province's figures, the sums over a term and the desk's explanation of a figure all ask here. Only the consolidation
gate computes the same once more, with arrays, so that each can catch the other's mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from baocao.exact import Number, difference, percent_change, percentage, total
from baocao.model.form import CellKey, Column, Derive, Form, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by, once_per_pack, once_per_slice
from baocao.model.unit import Unit
from baocao.settings import ConfigurationError


class DerivationKind(Enum):
    """How a derived cell follows from others."""

    LINEAR = "linear"
    RATIO = "ratio"
    YEAR_ON_YEAR = "year_on_year"


@dataclass(frozen=True, slots=True)
class Derivation:
    """A derived cell with its components by full name.

    LINEAR: sum(plus) - sum(minus). RATIO: 100 * sum(plus) / sum(minus). YEAR_ON_YEAR: the change in percent of the one
    cell in `plus` against the same period of last year.
    """

    key: CellKey
    kind: DerivationKind
    plus: tuple[CellKey, ...]
    minus: tuple[CellKey, ...] = ()

    @property
    def components(self) -> tuple[CellKey, ...]:
        """All cells it follows from, as the definition names them."""
        return self.plus + self.minus


Derivations = Mapping[CellKey, Derivation]
"""By the derived cell, components before what is derived from them."""


@once_per_pack
def pack_derivations(pack: Pack) -> Derivations:
    """Every derived cell of the pack.

    Raises ConfigurationError when a component does not exist or cells are derived from one another in a circle.
    """
    cells = {key for form in pack.forms for key in form.cells}
    found = _derivations(pack.forms)
    for derived in found.values():
        for component in derived.components:
            if component not in cells:
                raise ConfigurationError(
                    f"biểu {derived.key.form}: ô {derived.key} tính từ ô {component}, "
                    "nhưng không biểu nào có ô đó; hãy sửa `derive` hoặc `columns` của dòng"
                )
    return _components_first(found)


@once_per_slice
def slice_derivations(pack: Pack, unit: Unit) -> Derivations:
    """The derived cells of the forms that `unit` fills, of those components only that stand there: a total of all
    projects is the total of the unit's. Nothing follows where no component, or only one side of a ratio, is there.

    Raises ConfigurationError when cells are derived from one another in a circle.
    """
    return derivations_within(entered_by(pack, unit))


def derivations_within(forms: Sequence[Form]) -> Derivations:
    """The same of any forms."""
    cells = {key for form in forms for key in form.cells}
    found = {}
    for key, derived in _derivations(forms).items():
        plus, minus = (tuple(c for c in side if c in cells) for side in (derived.plus, derived.minus))
        if (plus and minus) if derived.kind is DerivationKind.RATIO else (plus or minus):
            # A total keeps the parts that are there, but a ratio of which one side is missing would be a ratio of
            # something else.
            found[key] = Derivation(key, derived.kind, plus, minus)
    return _components_first(found)


def _derivations(forms: Sequence[Form]) -> dict[CellKey, Derivation]:
    return {
        key: found
        for form in forms
        for key, (table, row, column) in form.cells.items()
        if (found := _derivation_of(form, table, row, column)) is not None
    }


def _derivation_of(form: Form, table: Table, row: Row, column: Column) -> Derivation | None:
    """None of an entered cell and of one that holds no figure. A derived column rules over a derived row, because the
    ratio of a total is a ratio of totals; unless the row lacks a column that it needs.
    """
    kind = table.type_of(row, column)
    # A total row has text columns too (its explanation), and a sum of words is none.
    if not (kind.is_number or kind is ValueType.RATIO):
        return None
    key = CellKey(form.code, row.code, column.code)
    if column.derive is not None:
        found = _named(key, column.derive, lambda code: CellKey(form.code, row.code, code))
        if row.derive is None or all(c.form != form.code or c in form.cells for c in found.components):
            return found
    if row.derive is None:
        return None
    return _named(key, row.derive, lambda code: CellKey(form.code, code, column.code))


def _named(key: CellKey, derive: Derive, short: Callable[[str], CellKey]) -> Derivation:
    def full(codes: tuple[str, ...]) -> tuple[CellKey, ...]:
        return tuple(CellKey.parse(c) if "/" in c else short(c) for c in codes)

    if derive.linear is not None:
        return Derivation(key, DerivationKind.LINEAR, full(derive.linear.plus), full(derive.linear.minus))
    if derive.ratio is not None:
        return Derivation(key, DerivationKind.RATIO, full(derive.ratio.numerator), full(derive.ratio.denominator))
    assert derive.year_on_year is not None
    return Derivation(key, DerivationKind.YEAR_ON_YEAR, full((derive.year_on_year.of,)))


def _components_first(found: dict[CellKey, Derivation]) -> dict[CellKey, Derivation]:
    """`found` in an order in which the components of a cell come before it; a circle is a ConfigurationError."""
    result: dict[CellKey, Derivation] = {}
    on_the_way: list[CellKey] = []

    def visit(key: CellKey) -> None:
        if key in result or key not in found:
            return
        if key in on_the_way:
            circle = " -> ".join(str(k) for k in [*on_the_way[on_the_way.index(key) :], key])
            raise ConfigurationError(f"biểu {key.form}: các ô được tính vòng tròn: {circle}; hãy sửa `derive`")
        # Depth first, so that every component is worked out before what needs it; the list doubles as the circle to
        # name in the error.
        on_the_way.append(key)
        for component in found[key].components:
            visit(component)
        on_the_way.pop()
        result[key] = found[key]

    for key in found:
        visit(key)
    return result


# ------------------------------------------------------------------------------------------------ what they come to


def compute(
    derivation: Derivation, figures: Mapping[CellKey, Number | None], last_year: Mapping[CellKey, object] | None = None
) -> Number | None:
    """The exact value, ratios and changes in percent; None when no component is there, a side of a ratio is not, its
    denominator is zero, or last year had nothing.

    A component without a figure counts as nothing, as a blank does in the workbook's own SUM.
    """
    if derivation.kind is DerivationKind.YEAR_ON_YEAR:
        before = (last_year or {}).get(derivation.plus[0])
        return percent_change(figures.get(derivation.plus[0]), number_of(before))
    plus = _sum(derivation.plus, figures)
    minus = _sum(derivation.minus, figures) if derivation.minus else None
    if derivation.kind is DerivationKind.RATIO:
        return percentage(plus, minus) if plus is not None and minus else None
    # Without a figure on the minus side nothing is subtracted; with one alone the total counts from 0, as SUM does in
    # the unit's own workbook.
    if minus is None:
        return plus
    return difference(0 if plus is None else plus, minus)


def is_over_nothing(derivation: Derivation, figures: Mapping[CellKey, Number | None]) -> bool:
    """Whether it is a ratio over zero: `không phát sinh`, as against a ratio of which a side is not known."""
    # A numerator that nobody gave leaves the ratio unknown, whatever stands below it.
    if derivation.kind is not DerivationKind.RATIO or _sum(derivation.plus, figures) is None:
        return False
    return _sum(derivation.minus, figures) == 0


def _sum(keys: tuple[CellKey, ...], figures: Mapping[CellKey, Number | None]) -> Number | None:
    """Of those that are there; None when none is."""
    if len(keys) == 1:  # either side of nearly every ratio
        return figures.get(keys[0])
    values = [v for v in map(figures.get, keys) if v is not None]
    return total(values) if values else None


def derived_values(derivations: Derivations, entered: Mapping[CellKey, object]) -> dict[CellKey, Number]:
    """The values of all derived cells that follow from the `entered` ones, of which only numbers count; whatever is
    given for a derived cell itself is not used. Cells without a value are left out, changes against last year too."""
    figures: dict[CellKey, Number] = {
        key: figure
        for key, value in entered.items()
        # What a workbook says in a computed cell is the spreadsheet's last result or somebody's typing: never an
        # input.
        if key not in derivations and (figure := number_of(value)) is not None
    }
    result = {}
    for key, derivation in derivations.items():
        value = compute(derivation, figures)
        if value is not None:
            figures[key] = result[key] = value
    return result


def number_of(value: object) -> Number | None:
    """The exact figure that is meant; None of anything but a number. A float stands for the digits it shows."""
    if isinstance(value, float):
        # `Decimal(0.1)` would keep the binary error, fifty digits of it.
        return Decimal(str(value))
    # A bool is an int in Python, and a ticked box is no figure.
    return value if isinstance(value, int | Decimal | Fraction) and not isinstance(value, bool) else None
