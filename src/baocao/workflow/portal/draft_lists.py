"""The rows of lists in a draft: texts as typed, row by row, and back from a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from baocao.forms.blank_workbook.list_sheet import shown_type, shown_value
from baocao.forms.contract import NIL_MARK
from baocao.forms.reading.list_answers import convert
from baocao.forms.reading.numbers import format_value
from baocao.model.form import Form, ListTable
from baocao.model.pack_parts.lists import ListColumn
from baocao.model.submission import Answer, Cell, ListName, Workbook
from baocao.text import yes_or_no

TypedRow = Mapping[str, str]
"""column code -> the text as typed; blank cells are absent"""
Rows = Mapping[str, Sequence[TypedRow]]
"""`FORM/LIST` -> its rows"""
MOST = 2000
"""Rows of one list on the page; longer ones are filled in Excel."""


def named(form: Form, one: ListTable) -> str:
    """The name of a list within the draft."""
    return f"{form.code}/{one.code}"


def lists_of(forms: Sequence[Form]) -> Iterator[tuple[Form, ListTable, str]]:
    """Every list of the forms with its name in a draft."""
    for form in forms:
        for one in form.lists:
            yield form, one, named(form, one)


def rows_from(workbook: Workbook, forms: Sequence[Form]) -> tuple[dict[str, list[TypedRow]], dict[str, str]]:
    """The rows of a workbook as somebody would type them, and why the other lists have none."""
    rows: dict[str, list[TypedRow]] = {}
    nil: dict[str, str] = {}
    for form, one, name in lists_of(forms):
        key = form.code, one.code
        found: list[TypedRow] = [
            {c: text for c, cell in row.cells.items() if (text := _as_typed(one.column(c), cell))}
            for row in workbook.lists.get(key, ())
        ]
        if found:
            rows[name] = found
        if key in workbook.nil_lists:
            nil[name] = workbook.nil_lists[key][0]
    return rows, nil


def _as_typed(column: ListColumn, cell: Cell) -> str:
    if cell.answer is Answer.BLANK:
        return ""
    if cell.answer is Answer.NIL:
        return NIL_MARK
    if cell.answer is Answer.INVALID:
        return cell.raw
    # Money stands in the workbook in the unit of its column's head; typed text has to be in the same one.
    value = shown_value(column, cell.value)
    if isinstance(value, Decimal):
        return format_value(value.normalize() if value != int(value) else Decimal(int(value)), shown_type(column))
    return format_value(cell.value, shown_type(column))


def values_of(
    rows: Rows, nil: Mapping[str, str], forms: Sequence[Form]
) -> tuple[dict[ListName, list[dict[str, object]]], dict[ListName, str]]:
    """What goes into the workbook's lists: values of their types, the text itself where it is none."""
    values: dict[ListName, list[dict[str, object]]] = {}
    reasons: dict[ListName, str] = {}
    for form, one, name in lists_of(forms):
        key = form.code, one.code
        if name in nil:
            reasons[key] = nil[name]
        else:
            values[key] = [{c: _value(one.column(c), text) for c, text in row.items()} for row in rows.get(name, ())]
    return values, reasons


def _value(column: ListColumn, text: str) -> object:
    answer, value, _ = convert(column, text)
    if answer is Answer.VALUE:
        return yes_or_no(value) if isinstance(value, bool) else value
    return {Answer.NIL: NIL_MARK, Answer.BLANK: None}.get(answer, text)
