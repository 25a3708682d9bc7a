"""Values as text: exact, the same bytes on both databases, and back again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import once_per_pack, pack_cells
from baocao.model.submission import Value

Typed = Callable[[CellKey, str], Value]
"""Gives a stored text back as the cell's type."""


def as_text(value: Value | Fraction) -> str:
    """Plain text: `1234`, `12.50`, `7/3`, `true`, `2026-06-14`."""
    if value.__class__ is int:  # nearly every cell; a bool is another class
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} cannot be stored")
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def from_text(kind: ValueType, text: str) -> Value:
    """What `as_text` wrote, read as `kind`. Raises ValueError when the text is not of that kind."""
    return _CONVERTERS[kind](text)


def _decimal(text: str) -> Decimal:
    exact = Fraction(text)
    return Decimal(text) if "/" not in text else Decimal(exact.numerator) / Decimal(exact.denominator)


def _bool(text: str) -> bool:
    if text not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text == "true"


_CONVERTERS: Mapping[ValueType, Callable[[str], Value]] = {
    ValueType.COUNT: int,
    ValueType.MONEY: int,
    ValueType.DECIMAL: _decimal,
    ValueType.RATIO: _decimal,
    ValueType.BOOL: _bool,
    ValueType.DATE: date.fromisoformat,
    ValueType.CHOICE: str,
    ValueType.TEXT: str,
}


def typed_by(pack: Pack) -> Typed:
    """Types by the forms of a pack. The function raises LookupError for a cell the pack does not have."""
    converters = _converters(pack)

    def typed(key: CellKey, text: str) -> Value:
        convert = converters.get(key)
        if convert is None:
            # Every row of a list has the types of its columns.
            convert = converters.get(key._replace(row=key.row.partition("#")[0] + "#")) if "#" in key.row else None
        if convert is None:
            raise LookupError(f"{key}: gói chế độ {pack.code} không có ô này; hãy dùng đúng phiên bản biểu mẫu")
        return convert(text)

    return typed


@once_per_pack
def _converters(pack: Pack) -> dict[CellKey, Callable[[str], Value]]:
    found = {key: _CONVERTERS[table.type_of(row, column)] for key, (table, row, column) in pack_cells(pack).items()}
    for form in pack.forms:
        for one in form.lists:
            for c in one.columns:
                found[CellKey(form.code, f"{one.code}#", c.code)] = _CONVERTERS[ValueType(c.type.value)]
    return found


def number_as_text(value: int | Decimal | Fraction) -> str:
    """A number that tells its own type: `12` int, `12.` or `12.5` Decimal, `7/1` Fraction."""
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    text = as_text(value)
    return text + "." if isinstance(value, Decimal) and "." not in text else text


def number_from_text(text: str) -> int | Decimal | Fraction:
    """What `number_as_text` wrote."""
    if "/" in text:
        return Fraction(text)
    return Decimal(text) if "." in text else int(text)
