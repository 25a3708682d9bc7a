"""Which cases of the units' lists differ between two versions of a report."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from baocao.model.correction import ListChange
from baocao.model.form import ListTable
from baocao.model.pack import Pack
from baocao.model.pack_parts.lists import ListColumn
from baocao.model.submission import AcceptedCells, Answer, Cell, ListName, ListRow
from baocao.text import day_text, vietnamese_number, yes_or_no


def list_changes(pack: Pack, unit: str, old: AcceptedCells | None, new: AcceptedCells | None) -> Iterator[ListChange]:
    """The cases that one unit added, took away or changed, in printed order. A case is known by the list's key;
    without a key by its place."""
    for form in pack.forms:
        for one in form.lists:
            name = (form.code, one.code)
            before, after = (_cases(one, sent, name) for sent in (old, new))
            for case in dict.fromkeys((*before, *after)):
                was, now = before.get(case, ""), after.get(case, "")
                if was != now:
                    yield ListChange(form.code, one.code, one.title, unit, pack.unit_name(unit), was, now)


def _cases(one: ListTable, sent: AcceptedCells | None, name: ListName) -> dict[tuple[object, ...], str]:
    """Case -> all that is said of it. Of the same key twice the second is a case of its own."""
    found: dict[tuple[object, ...], str] = {}
    for row in sent.lists.rows.get(name, ()) if sent is not None else ():
        key: tuple[object, ...] = tuple(_said(one.column(code), row.cells.get(code)) for code in one.key)
        case = key or (row.number,)
        while case in found:
            case = (*case, row.number)
        found[case] = _in_words(one, row)
    return found


def _in_words(one: ListTable, row: ListRow) -> str:
    said = ((column, _said(column, row.cells.get(column.code))) for column in one.columns)
    return "; ".join(f"{column.title}: {text}{_unit(column)}" for column, text in said if text)


def _unit(column: ListColumn) -> str:
    return f" {column.unit or 'đồng'}" if column.scale > 1 or column.type == "money" else ""


def _said(column: ListColumn, cell: Cell | None) -> str:
    if cell is None or cell.answer not in {Answer.VALUE, Answer.NIL}:
        return ""
    if cell.answer is Answer.NIL:
        return "NP"
    value = cell.value
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, date):
        return day_text(value)
    if isinstance(value, int | Decimal) and column.is_number:
        # Kept in đồng, printed in the unit of the heading in which the unit typed it.
        exact = Decimal(value) / column.scale
        return vietnamese_number(f"{exact.normalize():f}")
    return str(value)
