"""How the consolidated workbook looks and writes: one font, Vietnamese figures, text that never becomes a formula."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from baocao.documents.row_figures import Printed
from baocao.model.form import ValueType
from baocao.model.report import ReportStatus

FONT = "Times New Roman"
HEADER_FILL, TOTAL_FILL, ABSENT_FILL = "#DCE6F1", "#F2F2F2", "#E3E3E3"
HEADER = {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": HEADER_FILL}
RED, GREEN, GREY, AMBER = "#C00000", "#2E6B2E", "#595959", "#9C5700"

NIL_SIGN = "–"
"""Printed where all who answered declared nil, or a ratio has a zero denominator."""
NIL_ENTRY = "NP"
"""A unit's declared nil on a detail sheet, as in the units' own workbooks."""

# The locale of the number format (0x042A, vi-VN): points and commas stand the Vietnamese way whatever the reader's
# Excel is set to.
_VIETNAMESE = "[$-42A]"
_PAD = "_)"
"""Keeps a figure off the right border."""
_LONGEST = 32_767
"""Characters a cell can hold."""
# XML 1.0 cannot hold these; Excel calls a file with one of them corrupt.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def harmless(text: str) -> str:
    """Text of a unit that no spreadsheet, and nothing the sheet is exported to, takes for a formula.

    A leading hyphen, common in lists, becomes a dash; other dangerous first letters get an apostrophe before them.
    Text longer than a cell can hold is cut and says so.
    """
    text = _CONTROL.sub(" ", text)
    first = text.lstrip()[:1]
    if first == "-":
        text = "–" + text.lstrip()[1:]
    # CSV injection: a string cell is harmless in Excel, but not once somebody saves the sheet as CSV and opens that.
    elif first in {"=", "+", "@"} or text[:1] in {"\t", "\r"}:
        text = "'" + text
    if len(text) > _LONGEST:
        note = " … (đã cắt bớt; xem báo cáo gốc của đơn vị)"
        text = text[: _LONGEST - len(note)] + note
    return text


def height(text: str, width: float, size: float = 11) -> float:
    """Points a row needs for wrapped text in a column of this width (in characters of the default font).

    Vietnamese in Times New Roman runs narrower than the digits column widths are measured in.
    """
    fits = max(4.0, width * 1.26 * 11 / size)
    lines = sum(max(1, math.ceil(len(part) / fits)) for part in text.split("\n"))
    # Excel ends a row at 409 points.
    return min(400.0, max(18.0, (size * 1.32) * lines + 4))


def number_format(kind: ValueType, value: int | Decimal | Fraction | float | None = None) -> str:
    """The number format of a figure: whole counts, areas with the decimals they have, ratios with two, money shown
    in triệu đồng while the cell keeps whole đồng."""
    if kind is ValueType.MONEY:
        # Two commas at the end divide by a million in print; the cell keeps whole đồng.
        return f"{_VIETNAMESE}#,##0.0,,{_PAD}"
    if kind is ValueType.RATIO:
        return f"{_VIETNAMESE}#,##0.00{_PAD}"
    if kind is ValueType.DECIMAL and isinstance(value, Decimal):
        exponent = value.normalize().as_tuple().exponent
        places = min(2, max(0, -exponent)) if isinstance(exponent, int) else 0
        return _VIETNAMESE + "#,##0" + ("." + "0" * places if places else "") + _PAD
    return f"{_VIETNAMESE}#,##0{_PAD}"


class ReportBook(XlsxWorkbook):  # type: ignore[misc]  # the library has no types
    """A workbook in memory whose sheets know how to write into a cell. Nothing a unit wrote becomes a formula."""

    def __init__(self, buffer: io.BytesIO) -> None:
        # By itself XlsxWriter makes formulas, links and numbers of texts that look like them.
        never = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        super().__init__(buffer, {"in_memory": True, **never})
        self._made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def add_sheet(self, name: str) -> Sheet:
        """A new last sheet."""
        sheet: Sheet = self.add_worksheet(name, worksheet_class=Sheet)
        sheet.book = self
        return sheet

    def look(self, **options: Any) -> Format:
        """Times New Roman 11 with these options; the same options give the same format object."""
        key = tuple(sorted(options.items()))
        if key not in self._made:
            base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
            self._made[key] = self.add_format(base | options)
        return self._made[key]


class Sheet(Worksheet):  # type: ignore[misc]
    """A sheet of a `ReportBook`, and the few ways of writing into it."""

    book: ReportBook

    def format(self, **options: Any) -> Format:
        """`ReportBook.look`."""
        return self.book.look(**options)

    def text(self, row: int, column: int, text: str, **options: Any) -> None:
        """Always a string cell, whatever it starts with."""
        if text:
            self.write_string(row, column, harmless(text), self.format(**options))
        else:
            self.write_blank(row, column, None, self.format(**options))

    def figure(
        self,
        row: int,
        column: int,
        value: int | Decimal | Fraction | None,
        kind: ValueType,
        *,
        nil: bool = False,
        **options: Any,
    ) -> None:
        """A number with its Vietnamese format; the nil sign for declared nil; an empty framed cell for none."""
        if nil:
            self.write_string(row, column, NIL_SIGN, self.format(align="center", **options))
        elif value is None:
            self.write_blank(row, column, None, self.format(**options))
        else:
            kind = ValueType.RATIO if isinstance(value, Fraction) else kind
            number = int(value) if isinstance(value, int) else float(value)
            looks = self.format(align="right", num_format=number_format(kind, value), **options)
            self.write_number(row, column, number, looks)

    def printed(self, row: int, column: int, printed: Printed, *, wrapped: bool = False, **options: Any) -> None:
        """A printed figure, or the small words that stand for it."""
        if printed.words:
            wrap = {"text_wrap": True} if wrapped else {}
            self.text(row, column, printed.words, **options, **wrap, align="center", font_size=9)
        else:
            self.figure(row, column, printed.value, printed.type, nil=printed.nil, **options)

    def merged(self, row: int, first: int, last: int, text: str, **options: Any) -> None:
        """Text over several columns of one row."""
        looks = self.format(**options)
        if last <= first:
            self.text(row, first, text, **options)
            return
        # Merged empty and then written: `merge_range` with a text would go through `write`, which guesses types.
        self.merge_range(row, first, row, last, "", looks)
        if text:
            self.write_string(row, first, harmless(text), looks)

    def heading(self, last: int, title: str, covered: str) -> None:
        """The first two rows: what the sheet is, and the days its figures are of."""
        self.merged(0, 0, last, title, bold=True, align="center", font_size=14)
        self.merged(1, 0, last, covered, italic=True, align="center", font_size=12)

    def table_header(self, row: int, titles: Sequence[str], **options: Any) -> None:
        """One framed, filled header row."""
        for column, title in enumerate(titles):
            self.text(row, column, title, **HEADER, **options)

    def codes(self, row: int, codes: Iterable[tuple[int, str]], **looks: Any) -> None:
        """A hidden row that tells a program what the columns are: (column, code)."""
        for column, code in codes:
            self.text(row, column, code, font_size=8, **looks)
        self.set_row(row, None, None, {"hidden": True})

    def widths(self, widths: Iterable[float]) -> None:
        """Of the columns from the first, in characters."""
        for column, width in enumerate(widths):
            self.set_column(column, column, width)


def status_line(status: ReportStatus, version: int) -> str:
    """What the reader must know before believing a figure: a draft, a version for signing, a returned one."""
    said = {
        ReportStatus.DRAFT: "DỰ THẢO - CHƯA CHỐT SỐ LIỆU",
        ReportStatus.FROZEN: "BẢN CHỐT SỐ LIỆU TRÌNH KÝ",
        ReportStatus.RETURNED: "BẢN BỊ TRẢ LẠI - KHÔNG SỬ DỤNG",
    }
    return f"{said.get(status, 'BẢN CHỐT SỐ LIỆU')} (phiên bản {version})"


_ROOM = 200.0
"""Characters of column width that a landscape A4 page holds at `_SCALE` percent."""
_SCALE = 60
HOW_TO_PRINT = (
    "Trang này để xem trên máy, mặc định chỉ in phần đầu. Khi cần in cả trang: Bố cục trang > Vùng in > Xóa vùng in "
    "(Page Layout > Print Area > Clear Print Area)."
)


def set_up_wide_page(
    sheet: Worksheet,
    footer: str,
    *,
    draft: bool,
    repeat: tuple[int, int],
    widths: Sequence[float],
    starts: Sequence[int],
) -> None:
    """A sheet of many columns: several pages side by side, each with the head and the first two columns again.

    `widths` are those of all columns; a page ends only before one of `starts`, so that what belongs together (the
    columns of one row of a form) is not cut.
    """
    set_up_page(sheet, footer, draft=draft, repeat=repeat)
    # Fitting to a page's width would print 300 columns at 10 percent: the sheet keeps its scale and breaks between
    # rows of the form.
    sheet.fit_to_pages(0, 0)
    sheet.set_print_scale(_SCALE)
    sheet.repeat_columns(0, 1)
    breaks = page_breaks(widths, starts)
    if breaks:
        sheet.set_v_pagebreaks(breaks)


def page_breaks(widths: Sequence[float], starts: Sequence[int]) -> list[int]:
    """Before which columns a new page begins: as few as possible, only at `starts` (ascending)."""
    breaks: list[int] = []
    begins, repeated = 0, 0.0
    ends = [*starts[1:], len(widths)]
    for start, end in zip(starts, ends, strict=True):
        if start > begins and repeated + sum(widths[begins:end]) > _ROOM:
            breaks.append(start)
            begins, repeated = start, sum(widths[:2])
    return breaks


def print_only_the_head(sheet: Sheet, row: int, last: int) -> None:
    """Say in `row` that the sheet is for the screen, and print no more of it than the rows down to there."""
    sheet.text(row, 0, HOW_TO_PRINT, italic=True, font_size=10, font_color=GREY)
    sheet.print_area(0, 0, row, last)


def set_up_page(
    sheet: Worksheet, footer: str, *, draft: bool, landscape: bool = True, repeat: tuple[int, int] | None = None
) -> None:
    """A4, margins of NĐ 30/2020/NĐ-CP Phụ lục I, one page wide, page number in the top margin, header rows repeated."""
    sheet.set_paper(9)
    if landscape:
        sheet.set_landscape()
    # In inches: 20 mm left, 15 right, 22 above, 20 below.
    sheet.set_margins(left=0.79, right=0.6, top=0.87, bottom=0.79)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    mark = f'&R&"{FONT},Bold"&10&KC00000DỰ THẢO' if draft else ""
    sheet.set_header(f'&C&"{FONT},Regular"&12&P{mark}', {"margin": 0.4})
    sheet.set_footer(f'&L&"{FONT},Italic"&9{footer.replace("&", "&&")}', {"margin": 0.35})
    if repeat:
        sheet.repeat_rows(*repeat)
