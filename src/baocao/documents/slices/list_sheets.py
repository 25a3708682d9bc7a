"""The sheets of a slice with lists: every case of every unit that belongs to a project of the body."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.documents.consolidated_workbook.lists import COLUMN_WIDTHS, list_sheet_name, write_list_cell
from baocao.documents.consolidated_workbook.meta import form_heading
from baocao.documents.consolidated_workbook.style import GREY, ReportBook, height, set_up_page
from baocao.documents.slices.content import Slice, UnitPart
from baocao.forms.contract import MARK
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
    columns = [*_BEFORE, *((c.heading, c.width or COLUMN_WIDTHS.get(c.type, 12.0)) for c in one.columns)]
    last = len(columns) - 1
    sheet.merged(0, 0, last, one.title.upper(), bold=True, align="center", font_size=14, text_wrap=True)
    sheet.merged(1, 0, last, f"{form_heading(form)}. Kỳ báo cáo: {found.period.name}", italic=True, align="center")
    sheet.merged(2, 0, last, _summary(found.parts, name), text_wrap=True, valign="top")
    codes = enumerate((f"LC.{one.code}", "", *(c.code for c in one.columns)))
    sheet.codes(_HEAD - 1, [(at, MARK + code) for at, code in codes if code], font_color=GREY)
    sheet.table_header(_HEAD, [title for title, _ in columns])
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
    sheet.widths(width for _, width in columns)
    sheet.freeze_panes(_HEAD + 1, len(_BEFORE))
    set_up_page(sheet, f"{found.lead.full_name} - {found.period.code}", draft=False, repeat=(_HEAD, _HEAD))
    sheet.protect("", {"format_columns": True, "format_rows": True})


def _summary(parts: Sequence[UnitPart], name: ListName) -> str:
    """How many cases of how many units, and who said there is none."""
    rows = [part.lists[name] for part in parts if part.lists.get(name)]
    text = f"{sum(map(len, rows))} trường hợp của {len(rows)} đơn vị"
    empty = [part.unit.full_name for part in parts if name in part.empty_lists]
    return f"{text}; khai không phát sinh: {', '.join(empty)}." if empty else f"{text}."
