"""From each cell of the old version to the cell of the new one it may be compared with, or why with none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from baocao.model.form import CellKey, Column, Derive, Form, Row, Table, ValueType
from baocao.text import fold
from baocao_authoring.compare.match import Matching

SAME, PROPOSED, NOT_COMPARABLE, GONE = "same", "proposed", "not_comparable", "gone"


@dataclass(frozen=True)
class CellSuccession:
    """What becomes of an old cell."""

    old: str
    """`FORM/ROW/COLUMN`"""
    new: str
    """empty: nothing"""
    status: str
    """same; proposed (a person must confirm); not_comparable; gone"""
    reason: str = ""


Cell = tuple[Table, Row, Column]


def bridge(
    old: Form, new: Form, rows: Matching, tables: Mapping[str, str], columns: Mapping[str, Matching]
) -> tuple[CellSuccession, ...]:
    """Every cell of `old`, in printed order."""
    found = []
    renamed_rows = {p.old: p.new for p in rows.pairs}
    for key, (table, row, column) in old.cells.items():
        row_pair = rows.of(row.code)
        column_pair = columns[table.code].of(column.code) if table.code in columns else None
        if row_pair is None or column_pair is None:
            missing = f"dòng {row.code}" if row_pair is None else f"cột {column.code}"
            found.append(CellSuccession(str(key), "", GONE, f"bản mới không có {missing}"))
            continue
        goal = CellKey(new.code, row_pair.new, column_pair.new)
        there = new.cells.get(goal)
        if there is None:
            found.append(CellSuccession(str(key), "", GONE, f"ô {goal} không áp dụng trong bản mới"))
            continue
        renamed_columns = {p.old: p.new for p in columns[table.code].pairs}
        reason = _incomparable((table, row, column), there, renamed_rows, renamed_columns)
        # Only a code that stayed, under a name that did not become another, in its own table, needs nobody's word
        # (ADR 0017).
        sure = row_pair.sure and column_pair.sure and tables[table.code] == there[0].code
        if reason:
            found.append(CellSuccession(str(key), str(goal), NOT_COMPARABLE, reason))
        elif sure and old.code == new.code:
            found.append(CellSuccession(str(key), str(goal), SAME))
        else:
            why = "mã giữ nguyên nhưng tên khác hẳn" if goal == key else "ghép theo tên giống nhau"
            found.append(CellSuccession(str(key), str(goal), PROPOSED, why))
    return tuple(found)


def _incomparable(old: Cell, new: Cell, rows: Mapping[str, str], columns: Mapping[str, str]) -> str:
    """Why the two figures may not stand side by side; empty: they may."""
    (old_table, old_row, old_column), (new_table, new_row, new_column) = old, new
    before, after = old_table.type_of(old_row, old_column), new_table.type_of(new_row, new_column)
    if before is not after:
        return f"kiểu đổi từ {before.value} thành {after.value}"
    # Texts are never compared over time; whether they may stand side by side is no question.
    if before is ValueType.TEXT:
        return ""
    if fold(old_row.unit) != fold(new_row.unit):
        return f"đơn vị tính đổi từ «{old_row.unit}» thành «{new_row.unit}»"
    if old_row.nature is not new_row.nature:
        return f"số liệu đổi từ {old_row.nature.value} thành {new_row.nature.value}"
    if old_column.role is not new_column.role:
        return f"vai trò cột đổi từ {old_column.role.value} thành {new_column.role.value}"
    # New options beside the old ones change no old answer.
    if before is ValueType.CHOICE and not set(old_row.options) <= set(new_row.options):
        return "các lựa chọn cũ không còn đủ"
    old_derive, new_derive = old_row.derive or old_column.derive, new_row.derive or new_column.derive
    if old_derive is None or new_derive is None:
        return "" if old_derive is new_derive else _entered_or_computed(old_derive)
    names = rows if old_row.derive is not None else columns
    # As sets: the order in which parts are added up is none of the figure's meaning.
    if _renamed(old_derive, names) != _shape(new_derive):
        return "cách tính đổi"
    if old_row.derive is None and old_row.roll_up is not new_row.roll_up:
        return f"cách tổng hợp đổi từ {old_row.roll_up.value} thành {new_row.roll_up.value}"
    return ""


def _entered_or_computed(old_derive: Derive | None) -> str:
    return "trước do đơn vị nhập, nay được tính" if old_derive is None else "trước được tính, nay do đơn vị nhập"


def _shape(derive: Derive) -> tuple[frozenset[str], ...]:
    if derive.linear is not None:
        return frozenset({"linear"}), frozenset(derive.linear.plus), frozenset(derive.linear.minus)
    if derive.ratio is not None:
        return frozenset({"ratio"}), frozenset(derive.ratio.numerator), frozenset(derive.ratio.denominator)
    return frozenset({"year"}), frozenset(derive.names)


def _renamed(derive: Derive, names: Mapping[str, str]) -> tuple[frozenset[str], ...]:
    """The old derivation in the new version's codes."""
    kind, *sides = _shape(derive)
    return kind, *(frozenset(names.get(n, n) for n in side) for side in sides)
