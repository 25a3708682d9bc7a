"""Derived cells of the province: sums of rows, ratios from sums, change against last year. Exact, never rounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from fractions import Fraction

from baocao.model.form import CellKey, Column, Derive, Form, Row, Table, ValueType
from baocao.model.pack import Pack
from baocao.settings import ConfigurationError

Number = int | Decimal | Fraction


class DerivationKind(Enum):
    """How a derived cell follows from others."""

    LINEAR = "linear"
    RATIO = "ratio"
    YEAR_ON_YEAR = "year_on_year"


@dataclass(frozen=True, slots=True)
class ProvinceDerivation:
    """A derived cell with its components by full name.

    LINEAR: sum(plus) - sum(minus). RATIO: 100 * sum(plus) / sum(minus). YEAR_ON_YEAR: `plus` has the one cell.
    """

    key: CellKey
    way: DerivationKind
    plus: tuple[CellKey, ...]
    minus: tuple[CellKey, ...] = ()

    @property
    def components(self) -> tuple[CellKey, ...]:
        return self.plus + self.minus


def derivations(pack: Pack) -> dict[CellKey, ProvinceDerivation]:
    """Every derived cell of the pack, in an order in which components come before what is derived from them.

    Raises ConfigurationError when a component does not exist or cells are derived from one another in a circle.
    """
    found: dict[CellKey, ProvinceDerivation] = {}
    cells = {key for form in pack.forms for key in form.cells}
    for form in pack.forms:
        for key, (table, row, column) in form.cells.items():
            if not table.is_entered(row, column) and (derived := _derivation(form, table, row, column)):
                found[key] = derived
    for derived in found.values():
        for component in derived.components:
            if component not in cells:
                raise ConfigurationError(
                    f"biểu {derived.key.form}: ô {derived.key} tính từ ô {component}, "
                    "nhưng không biểu nào có ô đó; hãy sửa `derive` hoặc `columns` của dòng"
                )
    return _ordered(found)


def _derivation(form: Form, table: Table, row: Row, column: Column) -> ProvinceDerivation | None:
    key = CellKey(form.code, row.code, column.code)
    kind = table.type_of(row, column)
    if not (kind.is_number or kind is ValueType.RATIO):
        return None
    if column.derive is not None:
        derived = _named(key, column.derive, lambda code: CellKey(form.code, row.code, code))
        if row.derive is None or all(c.form != form.code or c in form.cells for c in derived.components):
            return derived
    if row.derive is None:
        return None
    return _named(key, row.derive, lambda code: CellKey(form.code, code, column.code))


def _named(key: CellKey, derive: Derive, short: Callable[[str], CellKey]) -> ProvinceDerivation:
    def full(codes: tuple[str, ...]) -> tuple[CellKey, ...]:
        return tuple(CellKey.parse(c) if "/" in c else short(c) for c in codes)

    if derive.linear is not None:
        return ProvinceDerivation(key, DerivationKind.LINEAR, full(derive.linear.plus), full(derive.linear.minus))
    if derive.ratio is not None:
        return ProvinceDerivation(
            key, DerivationKind.RATIO, full(derive.ratio.numerator), full(derive.ratio.denominator)
        )
    assert derive.year_on_year is not None
    return ProvinceDerivation(key, DerivationKind.YEAR_ON_YEAR, full((derive.year_on_year.of,)))


def _ordered(found: dict[CellKey, ProvinceDerivation]) -> dict[CellKey, ProvinceDerivation]:
    result: dict[CellKey, ProvinceDerivation] = {}
    on_the_way: list[CellKey] = []

    def visit(key: CellKey) -> None:
        if key in result or key not in found:
            return
        if key in on_the_way:
            circle = " -> ".join(str(k) for k in [*on_the_way[on_the_way.index(key) :], key])
            raise ConfigurationError(f"biểu {key.form}: các ô được tính vòng tròn: {circle}")
        on_the_way.append(key)
        for component in found[key].components:
            visit(component)
        on_the_way.pop()
        result[key] = found[key]

    for key in found:
        visit(key)
    return result


def compute(derived: ProvinceDerivation, now: Mapping[CellKey, Number | None]) -> tuple[Number | None, bool]:
    """(value, nil). None with nil: a zero denominator. None without nil: a component is not there at all.

    A change against last year is no function of the figures of now: it has none here.
    """
    if derived.way is DerivationKind.LINEAR:
        return _linear(derived, now)
    if derived.way is DerivationKind.RATIO:
        plus, minus = _total(derived.plus, now), _total(derived.minus, now)
        if plus is None or minus is None:
            return None, False
        return (Fraction(100) * Fraction(plus) / Fraction(minus), False) if minus else (None, True)
    return None, False


def _linear(derived: ProvinceDerivation, now: Mapping[CellKey, Number | None]) -> tuple[Number | None, bool]:
    plus, minus = _total(derived.plus, now), _total(derived.minus, now)
    if plus is None and minus is None:
        return None, False
    return _exact(plus or 0, minus or 0), False


def _total(keys: tuple[CellKey, ...], now: Mapping[CellKey, Number | None]) -> Number | None:
    there = [value for key in keys if (value := now.get(key)) is not None]
    if not there:
        return None
    total: Number = 0
    for value in there:
        total = _plus(total, value)
    return total


def _plus(left: Number, right: Number) -> Number:
    if isinstance(left, Fraction) or isinstance(right, Fraction):
        return Fraction(left) + Fraction(right)
    return left + right


def _exact(plus: Number, minus: Number) -> Number:
    if isinstance(plus, Fraction) or isinstance(minus, Fraction):
        return Fraction(plus) - Fraction(minus)
    return plus - minus
