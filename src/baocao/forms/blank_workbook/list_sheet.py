"""One list's sheet: heading, the statement that there is nothing to list, ample rows to fill, notes and signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet

from baocao.forms.blank_workbook import entry_rules, page
from baocao.forms.blank_workbook.content import Content
from baocao.forms.blank_workbook.form_sheet import write_value
from baocao.forms.blank_workbook.layout import LINE, lines_of
from baocao.forms.blank_workbook.styles import ENTRY, OPTIONAL, Styles
from baocao.forms.contract import (
    END_MARK,
    LIST_NUMBER,
    MARK,
    NIL_COLUMN,
    NIL_TABLE,
    NOTES_HEAD,
    SIGNED_BY,
    SIGNED_ON,
    list_marker,
    list_nil,
    marker,
)
from baocao.model.form import CellKey, Form, ListTable, ValueType
from baocao.model.pack_parts.lists import ListColumn, ListType
from baocao.text import capitalised, day_text

FIRST = 1
"""Zero-based column of the first answer; before it stands the number of the row."""
MORE = 15
"""Empty rows after those that come filled in."""
_WIDTHS = {
    ListType.TEXT: 34.0,
    ListType.COUNT: 11.0,
    ListType.DECIMAL: 12.0,
    ListType.MONEY: 16.0,
    ListType.DATE: 13.0,
    ListType.BOOL: 10.0,
    ListType.CHOICE: 20.0,
}
HOW = (
    "Mỗi dòng ghi một trường hợp; thiếu dòng thì chèn thêm dòng (bấm chuột phải vào số dòng, chọn Chèn; Insert) hoặc "
    "ghi tiếp ngay dưới dòng cuối. Dòng để trống cả dòng không được tính."
)


@dataclass(frozen=True, slots=True)
class ListPlace:
    """Where a list stands on its sheet; zero-based rows and columns."""

    form: Form
    table: ListTable
    nil_row: int
    header_row: int
    code_row: int
    first_row: int
    rows: int
    """prepared ones"""
    columns: dict[str, int]

    @property
    def end_row(self) -> int:
        return self.first_row + self.rows

    @property
    def last_column(self) -> int:
        return max(FIRST + len(self.table.columns) - 1, 5)

    def width(self, column: ListColumn) -> float:
        """In characters of the sheet's font."""
        return column.width or _WIDTHS[column.type]

    @property
    def total_width(self) -> float:
        return 6 + sum(map(self.width, self.table.columns)) + 9.0 * max(self.last_column - len(self.table.columns), 0)


def place_list(form: Form, one: ListTable, filled: int) -> ListPlace:
    """`filled`: how many rows come filled in."""
    columns = {c.code: FIRST + i for i, c in enumerate(one.columns)}
    # Rows of the heading, the nil answer between its hidden rows, the two rows of the head, the code row: all fixed,
    # for a list has no other table on its sheet.
    return ListPlace(form, one, 6, 8, 10, 11, max(one.prepared, filled + MORE), columns)


def write_list(
    book: XlsxWorkbook, styles: Styles, lists: entry_rules.Lists, place: ListPlace, content: Content
) -> None:
    """Add the sheet of one list to the workbook."""
    sheet: Worksheet = book.add_worksheet(place.table.short)
    sheet.set_column(0, 0, 6, styles.look("plain"))
    for column in place.table.columns:
        at = place.columns[column.code]
        sheet.set_column(at, at, place.width(column), styles.look("plain"))
    _heading(sheet, styles, place, content)
    _nil(sheet, styles, lists, place, content)
    _columns(sheet, styles, place)
    rows = content.lists.get((place.form.code, place.table.code), ())
    _rows(sheet, styles, lists, place, rows)
    end = _below(sheet, styles, place, content)
    page.protect(sheet, rows_may_be_added=True)
    sheet.freeze_panes(place.first_row, FIRST)
    page.print_set_up(sheet, landscape=place.total_width > 95)
    sheet.print_area(0, 0, end, place.last_column)
    sheet.repeat_rows(place.header_row, place.code_row)
    sheet.set_selection(place.first_row, FIRST, place.first_row, FIRST)
    right = f"{place.form.code} phiên bản {place.form.version} · {content.period.label}"
    page.footer(sheet, f"{content.unit.full_name} ({content.unit.code})", right)


def _heading(sheet: Worksheet, styles: Styles, place: ListPlace, content: Content) -> None:
    form, period, last = place.form, content.period, place.last_column
    half = max(2, last - 2)
    sheet.merge_range(0, 0, 0, half - 1, f"Đơn vị báo cáo: {content.unit.full_name}", styles.look("bold"))
    sheet.merge_range(0, half, 0, last, form.official, styles.look("right_bold"))
    sheet.merge_range(1, 0, 1, half - 1, f"Mã đơn vị: {content.unit.code}", styles.look("plain"))
    sheet.merge_range(1, half, 1, last, f"Biểu {form.code}, phiên bản {form.version}", styles.look("right"))
    sheet.merge_range(2, 0, 2, last, place.table.title.upper(), styles.look("title"))
    covers = f"(từ {day_text(period.covers_from)} đến hết {day_text(period.cutoff_on)})"
    sheet.merge_range(3, 0, 3, last, f"Kỳ báo cáo: {period.name} {covers}", styles.look("subtitle"))
    sheet.merge_range(4, 0, 4, last, HOW, styles.look("small"))
    sheet.set_row(2, 21.0 * lines_of(place.table.title.upper(), place.total_width / 1.35))
    sheet.set_row(4, 14.0 * lines_of(HOW, place.total_width * 1.1) + 2)


def _hidden(sheet: Worksheet, row: int) -> None:
    sheet.set_row(row, None, None, {"hidden": True})


def _nil(sheet: Worksheet, styles: Styles, lists: entry_rules.Lists, place: ListPlace, content: Content) -> None:
    """The tiny table that states the whole list empty."""
    form, row, code = place.form, place.nil_row, styles.look("hidden")
    reasons = form.nil_reasons or ("Không phát sinh",)
    sheet.write_string(row - 1, 0, marker(form.code, list_nil(place.table.code)), code)
    at = place.last_column - 1
    sheet.write_string(row - 1, at, MARK + NIL_COLUMN, code)
    _hidden(sheet, row - 1)
    sheet.write_string(row, 0, NIL_TABLE, styles.look("code"))
    label = "Không có trường hợp nào trong kỳ: chọn lý do ở ô bên phải và để trống các dòng bên dưới."
    sheet.merge_range(row, 1, row, at - 1, label, styles.look("nil_label"))
    reason = content.nil_lists.get((form.code, place.table.code), "")
    sheet.merge_range(row, at, row, at + 1, reason, styles.entry(ValueType.CHOICE, OPTIONAL))
    sheet.set_row(row, 2 * LINE + 4)
    sheet.write_string(row + 1, 0, END_MARK, code)
    _hidden(sheet, row + 1)
    hint = "Chọn lý do trong danh sách. Nếu có trường hợp để ghi: để trống ô này."
    entry_rules.apply_list(sheet, lists, row, at, reasons, "Danh sách không có dòng nào", hint)


def _columns(sheet: Worksheet, styles: Styles, place: ListPlace) -> None:
    top, look = place.header_row, styles.look("header")
    sheet.write_string(top, 0, LIST_NUMBER, look)
    sheet.write_string(top + 1, 0, "A", styles.look("number_row"))
    sheet.write_string(place.code_row, 0, list_marker(place.form.code, place.table.code), styles.look("hidden"))
    lines = 1
    for number, column in enumerate(place.table.columns, 1):
        at = place.columns[column.code]
        sheet.write_string(top, at, column.heading, look)
        sheet.write_string(top + 1, at, str(number), styles.look("number_row"))
        sheet.write_string(place.code_row, at, MARK + column.code, styles.look("hidden"))
        lines = max(lines, lines_of(column.heading, place.width(column) * 0.8))
    sheet.set_row(top, LINE * lines + 5)
    _hidden(sheet, place.code_row)


def _rows(
    sheet: Worksheet,
    styles: Styles,
    lists: entry_rules.Lists,
    place: ListPlace,
    rows: Sequence[Mapping[str, object]],
) -> None:
    """Write the numbered lines of a list, empty or filled, the hidden end mark below them and the entry rules."""
    for index in range(place.rows):
        at = place.first_row + index
        # A number of ours in a row says nothing: only a filled column makes it a case (`reading/list_rows.py`).
        sheet.write_number(at, 0, index + 1, styles.look("code"))
        filled = rows[index] if index < len(rows) else {}
        lines = 1
        for column in place.table.columns:
            type = shown_type(column)
            look = styles.entry(type, ENTRY if column.required else OPTIONAL)
            value = shown_value(column, filled.get(column.code))
            write_value(sheet, at, place.columns[column.code], value, look, type)
            if isinstance(value, str):
                lines = max(lines, lines_of(value, place.width(column)))
        sheet.set_row(at, min(LINE * lines + 4, 400.0))
    sheet.write_string(place.end_row, 0, END_MARK, styles.look("hidden"))
    _hidden(sheet, place.end_row)
    for column in place.table.columns:
        first, last = place.first_row, place.end_row - 1
        entry_rules.apply_to_list(sheet, lists, column, place.columns[column.code], first, last)


def shown_type(column: ListColumn) -> ValueType:
    """How the column is typed: money in another unit than đồng may have decimals."""
    return ValueType.DECIMAL if column.scale > 1 else ValueType(column.type.value)


def shown_value(column: ListColumn, value: object) -> object:
    """Whole đồng as the column shows them."""
    if column.scale > 1 and isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value) / column.scale
    return value


def _below(sheet: Worksheet, styles: Styles, place: ListPlace, content: Content) -> int:
    """Notes and signatures; gives the last row used."""
    row, last = place.end_row + 2, place.last_column
    notes = _notes(place, content)
    sheet.merge_range(row, 0, row, last, NOTES_HEAD, styles.look("bold"))
    for text in notes:
        row += 1
        sheet.merge_range(row, 0, row, last, text, styles.look("small"))
        sheet.set_row(row, 14.0 * lines_of(text, place.total_width * 1.1) + 2)
    row += 2
    half = max(3, last - 2)
    sheet.merge_range(row, half, row, last, SIGNED_ON, styles.look("sign_hint"))
    sheet.merge_range(row + 1, 0, row + 1, 2, SIGNED_BY, styles.look("sign"))
    sheet.merge_range(row + 1, half, row + 1, last, "THỦ TRƯỞNG ĐƠN VỊ", styles.look("sign"))
    sheet.merge_range(row + 2, 0, row + 2, 2, "(Ký, ghi rõ họ tên)", styles.look("sign_hint"))
    sheet.merge_range(row + 2, half, row + 2, last, "(Ký, ghi rõ họ tên, đóng dấu)", styles.look("sign_hint"))
    return row + 5


def _place_of(cell: str, content: Content) -> str:
    """A cell as people find it: sheet, row and column."""
    key = CellKey.parse(cell)
    found = content.places.get(key.form)
    spec = None if found is None else found.form.cells.get(key)
    if found is None or spec is None:
        return f"ô {cell}"
    _, row, column = spec
    return f"trang «{found.form.short}», dòng «{row.printed_name}», cột «{column.title}»"


def _notes(place: ListPlace, content: Content) -> list[str]:
    one, form = place.table, place.form
    notes = []
    if one.key:
        titles = ", ".join(f"«{one.column(code).title}»" for code in one.key)
        notes.append(f"- Không ghi hai dòng trùng nhau ở {titles}.")
    for total in one.totals:
        said = one.described(total)
        notes.append(f"- {capitalised(said)} phải bằng số ở {_place_of(total.cell, content)}.")
    notes += [f"- {text}" for text in form.instructions if not form.tables]
    if form.assumed and not form.tables:
        said = form.assumption if "giả định" in form.assumption else f"Bố cục biểu là giả định: {form.assumption}"
        notes.append(f"(*) {said}")
    return notes or ["- Không ghi họ tên, số định danh, số điện thoại, địa chỉ của người dân."]
