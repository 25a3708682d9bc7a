"""Derived cells: which cells a total, a closing figure or a ratio is made of, and its value.

The blank's formulas and their cached values both come from here, so a workbook written with values agrees with the
spreadsheet that opens it. Sums treat NP and blank as nothing, as SUM does in a spreadsheet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from baocao.model.form import CellKey, Column, Derive, Form, Row

Figure = int | float | Decimal


class Parts(NamedTuple):
    """What a derived cell is made of: `plus - minus`, or `100 * plus / minus` when `ratio`."""

    plus: tuple[CellKey, ...]
    minus: tuple[CellKey, ...]
    ratio: bool


def parts_of(form: Form, row: Row, column: Column) -> Parts | None:
    """The cells a derived cell is made of; None when it is entered, or compared with the year before (which the
    workbook does not hold). A derived column rules over a derived row: the ratio of a total is a ratio of totals.
    """
    if column.derive is not None:
        return _resolve(column.derive, lambda name: CellKey(form.code, row.code, name))
    if row.derive is not None:
        return _resolve(row.derive, lambda name: CellKey(form.code, name, column.code))
    return None


def _resolve(derive: Derive, name_to_key: Callable[[str], CellKey]) -> Parts | None:
    def keys(names: Sequence[str]) -> tuple[CellKey, ...]:
        return tuple(CellKey.parse(name) if "/" in name else name_to_key(name) for name in names)

    if derive.linear is not None:
        return Parts(keys(derive.linear.plus), keys(derive.linear.minus), False)
    if derive.ratio is not None:
        return Parts(keys(derive.ratio.numerator), keys(derive.ratio.denominator), True)
    return None


def derived_values(forms: Sequence[Form], values: Mapping[CellKey, object]) -> dict[CellKey, Figure]:
    """The values of all derived cells of these forms that follow from the entered ones.

    `values` holds numbers (anything else counts as nothing, as in SUM). A cell none of whose parts is a number, and a
    ratio over nothing, are absent. Counts and money come out int, areas Decimal, ratios float (percent).
    """
    parts = _all_parts(forms)
    done: dict[CellKey, Figure | None] = {}

    def value_of(key: CellKey) -> Figure | None:
        if key not in parts:
            value = values.get(key)
            is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
            return value if is_number else None  # type: ignore[return-value]
        if key not in done:
            done[key] = None  # a cell made of itself is nothing
            done[key] = _evaluate(parts[key], value_of)
        return done[key]

    return {key: value for key in parts if (value := value_of(key)) is not None}


_PARTS: dict[tuple[int, ...], tuple[tuple[Form, ...], dict[CellKey, Parts]]] = {}


def _all_parts(forms: Sequence[Form]) -> dict[CellKey, Parts]:
    """Derived cell -> what it is made of; kept per slice, because hundreds of units share one."""
    held = tuple(forms)
    key = tuple(map(id, held))
    if key not in _PARTS:
        if len(_PARTS) > 100:
            _PARTS.clear()
        parts = {
            cell: found
            for form in held
            for cell, (_, row, column) in form.cells.items()
            if (found := parts_of(form, row, column)) is not None
        }
        _PARTS[key] = held, parts
    return _PARTS[key][1]


def _evaluate(parts: Parts, value_of: Callable[[CellKey], Figure | None]) -> Figure | None:
    plus = [_exact(v) for key in parts.plus if (v := value_of(key)) is not None]
    minus = [_exact(v) for key in parts.minus if (v := value_of(key)) is not None]
    if parts.ratio:
        below = sum(minus)
        return 100 * float(sum(plus)) / float(below) if below and plus else None
    return sum(plus) - sum(minus) if plus or minus else None


def _exact(value: Figure) -> int | Decimal:
    return Decimal(str(value)) if isinstance(value, float) else value
