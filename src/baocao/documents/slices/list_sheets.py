"""The sheets of a slice with lists: every case of every unit that belongs to a project of the body."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.documents.consolidated_workbook.lists import list_columns, list_sheet_name, write_list_cell, write_list_head
from baocao.documents.consolidated_workbook.meta import form_heading
from baocao.documents.consolidated_workbook.style import ReportBook, height, set_up_page
from baocao.documents.slices.content import Slice, UnitPart
from baocao.model.form import Form, ListTable
from baocao.model.submission import ListName

_BEFORE = (("Mã đơn vị", 11.0), ("Đơn vị", 26.0))
_HEAD = 4
"""Zero-based row of the headings; the hidden code row is above it."""


def write_list_sheets(book: ReportBook, found: Slice) -> None:
    """A sheet for every list of the slice; protected like the others, nothing is entered here."""
    for form, one in found.lists:
        _write(book, found, form, one)


def _write(book: ReportBook, found: Slice, form: Form, one: ListTable) -> None:
    """Write one sheet with the rows of a list from all units of the slice."""
    sheet, name = book.add_sheet(list_sheet_name(form, one)), (form.code, one.code)
    columns = [*_BEFORE, *list_columns(one)]
    said_of = f"{form_heading(form)}. Kỳ báo cáo: {found.period.name}"
    write_list_head(sheet, one, columns, (f"LC.{one.code}", ""), _HEAD, said_of, _summary(found.parts, name))
    at = _HEAD
    for part in found.parts:
        for row in part.lists.get(name, ()):
            at += 1
            texts = (part.unit.code, part.unit.full_name)
            for position, text in enumerate(texts):
                sheet.text(at, position, text, border=1, text_wrap=True, valign="top")
            for position, column in enumerate(one.columns, len(_BEFORE)):
                write_list_cell(sheet, at, position, column, row.cells.get(column.code))
            said = [*texts, *(str(c.value) if (c := row.cells.get(k.code)) is not None else "" for k in one.columns)]
            sheet.set_row(at, max(height(text, width) for text, (_, width) in zip(said, columns, strict=True)))
    set_up_page(sheet, f"{found.lead.full_name} - {found.period.code}", draft=False, repeat=(_HEAD, _HEAD))
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _summary(parts: Sequence[UnitPart], name: ListName) -> str:
    """How many cases of how many units, and who said there is none."""
    rows = [part.lists[name] for part in parts if part.lists.get(name)]
    text = f"{sum(map(len, rows))} trường hợp của {len(rows)} đơn vị"
    empty = [part.unit.full_name for part in parts if name in part.empty_lists]
    return f"{text}; khai không phát sinh: {', '.join(empty)}." if empty else f"{text}."
