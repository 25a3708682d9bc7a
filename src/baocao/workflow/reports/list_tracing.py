"""Lineage of a list: from its consolidated column, or one row of every unit, to the cells of the units' own files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from baocao.forms.reading.numbers import format_value
from baocao.model.form import CellKey, Form, ListTable, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.lists import ListColumn, ListType
from baocao.model.report import Contribution
from baocao.model.submission import AcceptedCells, Answer, Cell, ListRow
from baocao.settings import ConfigurationError
from baocao.text import as_answered

_ADDED = {ListType.COUNT, ListType.DECIMAL, ListType.MONEY}


@dataclass(frozen=True, slots=True)
class ListTrace:
    """What stands behind a column of a list."""

    value: int | Decimal | None
    """the sum of a column of figures (money in đồng); None of any other"""
    said: str
    """how many cases of how many units; how many units have none"""
    contributions: list[tuple[Contribution, list[dict[str, Any]]]]
    """a unit's cell and the whole row it stands in; of a list stated empty its statement, without a row"""


def rows_said(form: Form, one: ListTable, rows: Sequence[ListRow]) -> list[dict[str, Any]]:
    """Rows of a unit's list, each with its place in the unit's own file."""
    return [
        {
            "list": f"{form.code}/{one.code}",
            "sheet": next(iter(row.cells.values())).sheet,
            "line": row.line,
            "cells": {
                c.code: format_value(cell.value, ValueType.TEXT)
                for c in one.columns
                if (cell := row.cells.get(c.code)) is not None
            },
        }
        for row in rows
    ]


def list_trace(key: CellKey, accepted: Sequence[AcceptedCells], pack: Pack) -> ListTrace | None:
    """What is behind `FORM/LIST/COLUMN`, or behind `FORM/LIST#NUMBER/COLUMN`: the row of that number of every unit.

    None where the form has no such list. Raises ConfigurationError for a column or a number the list cannot have.
    """
    code, _, number = key.row.partition("#")
    found = [(f, one) for f in pack.forms if f.code == key.form for one in f.lists if one.code == code]
    if not found:
        return None
    ((form, one),) = found
    column = next((c for c in one.columns if c.code == key.column), None)
    if column is None or (number and not (number.isdecimal() and int(number) > 0)):
        raise ConfigurationError(
            f"{key}: danh sách {form.code}/{code} có các cột {', '.join(c.code for c in one.columns)}; một dòng được "
            f"gọi theo thứ tự của nó trong danh sách của đơn vị, từ 1: {form.code}/{code}#1/{one.columns[0].code}"
        )
    inorder = sorted(accepted, key=lambda a: a.unit)
    behind = list(_behind(form, one, column, inorder, pack, int(number or 0)))
    cells = [c for _, _, c in behind if c is not None]
    figures = [c.value for c in cells if isinstance(c.value, int | Decimal)] if column.type in _ADDED else []
    none = sum((form.code, one.code) in a.lists.nil for a in accepted)
    said = f"{len(cells)} trường hợp của {len({t.unit for t, _, c in behind if c is not None})} đơn vị"
    return ListTrace(
        sum(figures) if figures else None,
        said + (f"; {none} đơn vị khai không phát sinh" if none else ""),
        [(told, rows) for told, rows, _ in behind],
    )


def _behind(
    form: Form, one: ListTable, column: ListColumn, accepted: Sequence[AcceptedCells], pack: Pack, number: int
) -> Iterator[tuple[Contribution, list[dict[str, Any]], Cell | None]]:
    name = form.code, one.code
    for sent in accepted:
        for row in sent.lists.rows.get(name, ()):
            if number in (0, row.number):
                # A column left blank in this row was not kept: the row is told by its first cell's place.
                cell = row.cells.get(column.code)
                at = cell or next(iter(row.cells.values()))
                key = CellKey(form.code, f"{one.code}#{row.number}", column.code)
                told = _contribution(key, sent, pack, at, _text(cell), cell.answer if cell else Answer.BLANK)
                yield told, rows_said(form, one, [row]), at
        if name in sent.lists.nil:
            reason, sheet, a1 = sent.lists.nil[name]
            stated = Cell(CellKey(form.code, f"{one.code}#0", column.code), Answer.NIL, None, sheet, a1)
            yield _contribution(stated.key, sent, pack, stated, reason, Answer.NIL), [], None


def _contribution(key: CellKey, sent: AcceptedCells, pack: Pack, at: Cell, value: str, answer: Answer) -> Contribution:
    return Contribution(
        key, sent.unit, pack.unit_name(sent.unit), sent.submission_id, sent.sha256, sent.filename, at.sheet, at.a1,
        value, answer.value,
    )  # fmt: skip


def _text(cell: Cell | None) -> str:
    return "" if cell is None or cell.value is None else as_answered(cell.value)
