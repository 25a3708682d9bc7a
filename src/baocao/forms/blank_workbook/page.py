"""What surrounds the tables on a printed form: notes, signatures, protection, paper, headings that repeat, footer."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from baocao.forms.blank_workbook.layout import (
    CODE,
    COUNT_WIDTH,
    FIRST,
    LINE,
    NAME,
    FormPlace,
    header_heights,
    lines_of,
    pages_tall,
)
from baocao.forms.blank_workbook.styles import FONT, Styles
from baocao.forms.contract import NOTES_HEAD, SIGNED_BY, SIGNED_ON

_NOTE_LINE = 14.0
_HEAD_HEIGHT, _SIGNATURE_HEIGHT = 110.0, 100.0


def _notes(place: FormPlace) -> list[tuple[str, int]]:
    """Instructions of the form and, where the layout is ours, the sentence that says so; with their lines."""
    form = place.form
    notes = [f"- {text}" for text in form.instructions]
    if form.assumed:
        said = form.assumption if "giả định" in form.assumption else f"Bố cục biểu là giả định: {form.assumption}"
        notes.append(f"(*) {said}")
    total = sum(place.widths.get(i, COUNT_WIDTH) for i in range(place.last_column + 1))
    return [(text, lines_of(text, total * 1.1)) for text in notes]


def write_notes(sheet: Worksheet, styles: Styles, place: FormPlace) -> int:
    """Notes under the tables; gives the first free row."""
    row = place.end_row
    notes = _notes(place)
    if notes:
        sheet.merge_range(row, CODE, row, place.last_column, NOTES_HEAD, styles.look("bold"))
        row += 1
    for text, lines in notes:
        sheet.merge_range(row, CODE, row, place.last_column, text, styles.look("small"))
        sheet.set_row(row, _NOTE_LINE * lines + 2)
        row += 1
    return row


def write_signatures(sheet: Worksheet, styles: Styles, place: FormPlace, row: int) -> None:
    """Place for the date and the two signatures of a paper form."""
    last = place.last_column
    half = min(max(FIRST, last - 3), last - 1)
    sheet.merge_range(row, half, row, last, SIGNED_ON, styles.look("sign_hint"))
    sheet.merge_range(row + 1, CODE, row + 1, NAME, SIGNED_BY, styles.look("sign"))
    sheet.merge_range(row + 1, half, row + 1, last, "THỦ TRƯỞNG ĐƠN VỊ", styles.look("sign"))
    sheet.merge_range(row + 2, CODE, row + 2, NAME, "(Ký, ghi rõ họ tên)", styles.look("sign_hint"))
    sheet.merge_range(row + 2, half, row + 2, last, "(Ký, ghi rõ họ tên, đóng dấu)", styles.look("sign_hint"))


def set_up_form(sheet: Worksheet, place: FormPlace, end: int) -> None:
    """Frozen panes, A4 one page wide, the longest table's headings on every page, cursor on the first entry cell."""
    # A sheet has one set of repeated rows: the longest table is the one that runs over pages.
    longest = max(place.tables, key=lambda t: len(t.table.rows))
    sheet.freeze_panes(longest.first_row if len(place.tables) == 1 else 5, FIRST)
    print_set_up(sheet, landscape=place.form.landscape, pages=pages_tall(place, _height(place)))
    sheet.print_area(0, 0, end, place.last_column)
    sheet.repeat_rows(longest.header_row, longest.code_row)
    first = _first_entry(place)
    sheet.set_selection(*first, *first)


def _height(place: FormPlace) -> float:
    """Height of everything on the sheet, in points."""
    height = _HEAD_HEIGHT + _SIGNATURE_HEIGHT + (2 * LINE if place.nil_row is not None else 0)
    for table in place.tables:
        height += sum(header_heights(place, table)) + sum(table.heights.values()) + 3 * LINE
    return height + sum(_NOTE_LINE * lines + 2 for _, lines in _notes(place))


def _first_entry(place: FormPlace) -> tuple[int, int]:
    for table in place.tables:
        for row in table.table.rows:
            for column in table.table.columns:
                if table.table.is_entered(row, column):
                    return table.rows[row.code], table.columns[column.code]
    return 0, 0


def protect(sheet: Worksheet, *, rows_may_be_added: bool = False) -> None:
    """Lock labels and formulas; widths and heights stay free. No password: this guards against slips only."""
    allowed = {"format_columns": True, "format_rows": True, "select_locked_cells": True, "select_unlocked_cells": True}
    if rows_may_be_added:
        allowed |= {"insert_rows": True, "delete_rows": True, "sort": True}
    sheet.protect("", allowed)


def print_set_up(sheet: Worksheet, *, landscape: bool, pages: int = 0) -> None:
    """A4, one page wide, `pages` tall (0: as many as needed)."""
    # 9 is A4 in the file format (NĐ 30/2020, Phụ lục I asks for A4).
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    else:
        sheet.set_portrait()
    sheet.fit_to_pages(1, pages)
    # Inches: 15 mm at the left for the binding. `layout.pages_tall` counts with the page these leave.
    sheet.set_margins(left=0.6, right=0.4, top=0.6, bottom=0.7)
    sheet.center_horizontally()
    sheet.hide_gridlines(2)


def footer(sheet: Worksheet, left: str, right: str) -> None:
    """Left text, page number, right text; a `&` in a name is printed, not obeyed."""
    font = f'&"{FONT},Italic"&9 '
    left, right = (text.replace("&", "&&") for text in (left, right))
    sheet.set_footer(f"&L{font}{left}&C{font}Trang &P/&N&R{font}{right}")
