"""The sheet `Kết quả kiểm tra` of a marked-up workbook: table §KQ.A, written and read back.

A hidden code row stands between the printed headings and the rows: §KQ.A over the running number, §GT over the
explanation, §KHOA over the hidden finding key, §NEN over the hidden fill the cell had before.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Literal, cast

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from baocao.forms.contract import INDEX_EXPLANATION_COLUMN, INDEX_FORM, INDEX_KEY_COLUMN, INDEX_SHEET, MARK, marker
from baocao.model.submission import Finding, Severity

_MARKER = marker(INDEX_FORM, "A")
_KEY_CODE = MARK + INDEX_KEY_COLUMN
_EXPLANATION_CODE = MARK + INDEX_EXPLANATION_COLUMN
_FILL_CODE = f"{MARK}NEN"
_LEVEL = {Severity.BLOCKS: "Phải sửa", Severity.EXPLAIN: "Cần giải trình"}
_GROUP = {
    Severity.BLOCKS: "A. PHẢI SỬA: còn một dòng trong phần này thì báo cáo chưa được nhận",
    Severity.EXPLAIN: "B. CẦN GIẢI TRÌNH: số liệu khác thường; nếu đúng, ghi lý do vào cột cuối; nếu sai, sửa số liệu",
}
_HOW = (
    "Cách làm: bấm vào địa chỉ ở cột “Ô” để tới ô cần sửa (ô nền đỏ: phải sửa; ô nền vàng: cần giải trình; rê chuột "
    "lên ô để đọc ghi chú). Sửa ngay trong tệp này, ghi giải trình vào cột cuối của bảng dưới, lưu lại và gửi đúng nơi "
    "đã gửi. Không xóa trang này."
)
_KEPT = "C. GIẢI TRÌNH ĐÃ GỬI CHO CÁC ĐIỂM NAY KHÔNG CÒN (giữ lại để không phải ghi lần nữa)"
# Heading, width, code.
_COLUMNS = (
    ("STT", 5.5, _MARKER),
    ("Mức độ", 11, ""),
    ("Biểu", 15, ""),
    ("Ô", 8, ""),
    ("Mã", 10, ""),
    ("Chỉ tiêu", 28, ""),
    ("Vấn đề và cách sửa", 52, ""),
    ("Giá trị đúng/\nYêu cầu", 17, ""),
    ("Đang ghi", 14, ""),
    ("Gợi ý sửa", 14, ""),
    ("Giải trình của đơn vị", 36, _EXPLANATION_CODE),
    ("Mã vấn đề", 12, _KEY_CODE),
    ("Nền cũ", 12, _FILL_CODE),
)
_GT, _KHOA, _NEN = 11, 12, 13
_LEVEL_COLUMN, _SHEET_COLUMN, _CELL_COLUMN = 2, 3, 4
_LAST_VISIBLE = _GT
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

_FONT = "Times New Roman"
_RULE = Side(style="thin", color="999999")
_BORDER = Border(left=_RULE, right=_RULE, top=_RULE, bottom=_RULE)
_HEAD, _ENTRY = "D9E2F3", "FFFBE6"
_TONE = {Severity.BLOCKS: "FBDADA", Severity.EXPLAIN: "FFF0C4"}
_RED, _GREEN, _BLUE = "9C0006", "1F5C2E", "0563C1"


@dataclass(frozen=True, slots=True)
class _Look:
    """How a cell of the index looks. A look is made once a sheet and then copied: styling is what takes the time."""

    size: int = 11
    bold: bool = False
    centre: bool = False
    ruled: bool = False
    fill: str = ""
    colour: str = "000000"
    open: bool = False

    def on(self, cell: Cell) -> None:
        underline: Literal["single", "none"] = "single" if self.colour == _BLUE else "none"
        cell.font = Font(name=_FONT, size=self.size, bold=self.bold, color=self.colour, underline=underline)
        cell.alignment = Alignment(
            horizontal="center" if self.centre else None, vertical="center" if self.bold else "top", wrap_text=True
        )
        if self.ruled:
            cell.border = _BORDER
        if self.fill:
            cell.fill = PatternFill("solid", fgColor=self.fill)
        if self.open:
            cell.protection = Protection(locked=False)


class _Page:
    """The index sheet while it is written."""

    def __init__(self, sheet: Worksheet) -> None:
        self.sheet = sheet
        self._looks: dict[_Look, StyleArray] = {}

    def put(self, row: int, column: int, value: str, look: _Look) -> Cell:
        """A text, whatever it looks like: openpyxl would take a leading `=` for a formula."""
        cell = cast(Cell, self.sheet.cell(row, column))
        if value:
            cell.value = value
            cell.data_type = "s"
        made = self._looks.get(look)
        if made is None:
            look.on(cell)
            self._looks[look] = copy(cell._style)  # type: ignore[attr-defined]
        else:
            cell._style = copy(made)  # type: ignore[attr-defined]
        return cell

    def fit(self, row: int, values: Sequence[str]) -> None:
        """A height that shows all of the wrapped texts: not every program fits rows by itself when it opens a file."""
        needed = (
            sum(1 + int(len(line) / (width * 1.15)) for line in value.split("\n"))
            for value, (_, width, _) in zip(values, _COLUMNS, strict=False)
        )
        self.sheet.row_dimensions[row].height = min(15.0 * max(needed) + 2, 400)

    def across(self, row: int, first: int, text: str, look: _Look, height: float) -> None:
        """A text over the visible columns from `first` on."""
        self.put(row, first, text, look)
        self.sheet.merge_cells(start_row=row, end_row=row, start_column=first, end_column=_LAST_VISIBLE)
        self.sheet.row_dimensions[row].height = height


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A finding, the A1 of the cell it marks (empty when there is none) and the fill that cell had."""

    finding: Finding
    a1: str
    fill: str


@dataclass(frozen=True)
class OldIndex:
    """What the index sheet of an earlier marking says."""

    explanations: dict[str, str] = field(default_factory=dict)
    """finding key -> explanation"""
    fills: dict[tuple[str, str], str] = field(default_factory=dict)
    """(sheet, a1) -> the fill before marking"""


def plain(value: object) -> str:
    """Somebody's text as a cell may hold it: composed letters, no control characters, never read as a formula.

    A leading = + - @ gets a blank in front; readers strip it again.
    """
    text = unicodedata.normalize("NFC", _ILLEGAL.sub("", str(value if value is not None else ""))).strip()[:8000]
    return f" {text}" if text[:1] in ("=", "+", "-", "@") else text


def read_index(sheet: Worksheet) -> OldIndex:
    """Explanations and former fills of an index sheet, found by its code row; empty when the codes are gone."""
    rows = list(sheet.iter_rows())
    at: dict[str, int] = {}
    result = OldIndex()
    for row in rows:
        texts = [str(c.value).strip() if c.value is not None else "" for c in row]
        if not at:
            if _MARKER in texts:
                at = {code: i for i, code in enumerate(texts) if code.startswith(MARK)}
            continue
        key, explanation, fill = (texts[at[c]] if c in at else "" for c in (_KEY_CODE, _EXPLANATION_CODE, _FILL_CODE))
        if key and explanation:
            result.explanations[key] = explanation
        if fill:
            start = at[_MARKER]
            result.fills[texts[start + _SHEET_COLUMN - 1], texts[start + _CELL_COLUMN - 1]] = fill
    return result


def write_index(
    book: Workbook,
    marked: Sequence[MarkedCell],
    explanations: Mapping[str, str],
    *,
    head: tuple[str, str, str, str],
    total: int,
    left_over: int,
) -> None:
    """Put the sheet first and make it the one that opens. `head`: verdict, unit, period, deadline sentence."""
    sheet = book.create_sheet(INDEX_SHEET, 0)
    page = _Page(sheet)
    blocked = any(m.finding.severity is Severity.BLOCKS for m in marked)
    row = _head(page, head, _RED if blocked else _GREEN, total, left_over)
    for column, (title, width, code) in enumerate(_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        page.put(row, column, title, _Look(bold=True, centre=True, ruled=True, fill=_HEAD))
        page.put(row + 1, column, code, _Look())
    sheet.row_dimensions[row].height = 34
    sheet.row_dimensions[row + 1].hidden = True
    for column in (_KHOA, _NEN):
        sheet.column_dimensions[get_column_letter(column)].hidden = True
    first = row + 2
    after = _findings(page, first, marked, explanations)
    here = {m.finding.key for m in marked}
    _kept(page, after, len(marked), {k: text for k, text in sorted(explanations.items()) if k not in here})
    sheet.freeze_panes = sheet.cell(first, 1)
    _print_setup(sheet, row)
    book.active = 0
    for other in book.worksheets:
        # Two selected sheets are edited together: only the index may be selected.
        other.sheet_view.tabSelected = other is sheet


def _head(page: _Page, head: tuple[str, str, str, str], colour: str, total: int, left_over: int) -> int:
    """Verdict, unit and period, deadline, what to do; returns the row of the printed headings."""
    verdict, unit, period, deadline = head
    lines = [
        (verdict, _Look(size=15, bold=True, colour=colour)),
        (f"{unit} - Báo cáo {period}", _Look(size=13, bold=True)),
        (deadline, _Look(size=12)),
        (_HOW if total else "", _Look(size=12)),
    ]
    if left_over:
        text = (
            f"Có {_count(total)} điểm; bảng này chỉ liệt kê {_count(total - left_over)} điểm đầu, "
            f"{_count(left_over)} điểm còn lại cũng đã tô màu trong các biểu. Sửa các điểm dưới đây rồi gửi lại để "
            "nhận phần còn lại."
        )
        lines.append((text, _Look(size=12, bold=True)))
    width = sum(w for _, w, _ in _COLUMNS[:_LAST_VISIBLE])
    row = 1
    for text, look in lines:
        if text:
            needed = 1 + int(len(text) * look.size / 12 // width)
            page.across(row, 1, plain(text), look, 1.5 * look.size * needed)
            row += 1
    return row


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _findings(page: _Page, row: int, marked: Sequence[MarkedCell], explanations: Mapping[str, str]) -> int:
    """One row a finding under a line for its severity; returns the next free row."""
    level = None
    many = Counter(m.finding.severity for m in marked)
    for number, item in enumerate(marked, 1):
        finding = item.finding
        if finding.severity is not level:
            level = finding.severity
            row = _group(page, row, f"{_GROUP[level]} ({_count(many[level])} điểm)")
        values = (
            str(number), _LEVEL[finding.severity], finding.sheet, item.a1 or finding.a1, finding.item, finding.name,
            f"{finding.message} [{finding.rule}]", finding.expected, finding.actual, finding.suggestion,
            finding.explanation or explanations.get(finding.key, ""), finding.key, item.fill,
        )  # fmt: skip
        for column, value in enumerate(values, 1):
            page.put(row, column, plain(value), _look_of(column, finding.severity, bool(item.a1)))
        page.fit(row, values[:_LAST_VISIBLE])
        if item.a1:
            cell = page.sheet.cell(row, _CELL_COLUMN)
            target = finding.sheet.replace("'", "''")
            cell.hyperlink = Hyperlink(cell.coordinate, location=f"'{target}'!{item.a1}", tooltip=f"Tới ô {item.a1}")
            # Giving a link changes the font of the cell.
            page.put(row, _CELL_COLUMN, item.a1, _look_of(_CELL_COLUMN, finding.severity, linked=True))
        row += 1
    return row


def _look_of(column: int, severity: Severity, linked: bool) -> _Look:
    return _Look(
        centre=column in (1, 2, 4, 5),
        ruled=column <= _LAST_VISIBLE,
        fill=_ENTRY if column == _GT else _TONE[severity] if column == _LEVEL_COLUMN else "",
        colour=_BLUE if column == _CELL_COLUMN and linked else "000000",
        open=column == _GT,
    )


def _kept(page: _Page, row: int, number: int, gone: Mapping[str, str]) -> None:
    """Explanations whose finding is not there any more: it may come back once another point is mended."""
    if gone:
        row = _group(page, row, _KEPT)
    for key, text in gone.items():
        number += 1
        said = {1: str(number), _LEVEL_COLUMN: "Đã giải trình", 7: key.partition("|")[0], _GT: text, _KHOA: key}
        for column in range(1, _KHOA + 1):
            entry = column == _GT
            look = _Look(centre=column < 3, ruled=column <= _GT, fill=_ENTRY if entry else "", open=entry)
            page.put(row, column, plain(said.get(column, "")), look)
        page.fit(row, [said.get(column, "") for column in range(1, _LAST_VISIBLE + 1)])
        row += 1


def _group(page: _Page, row: int, text: str) -> int:
    """A line between groups; the column of row codes stays empty."""
    page.across(row, 2, text, _Look(bold=True), 20)
    return row + 1


def _print_setup(sheet: Worksheet, heading_row: int) -> None:
    sheet.sheet_view.showGridLines = False
    sheet.sheet_properties.tabColor = "C00000"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.2, footer=0.3)
    sheet.print_title_rows = f"{heading_row}:{heading_row}"
    if sheet.oddFooter is not None:
        sheet.oddFooter.center.text = "&P/&N"
    # No password: the lock only guards against slips. Widths and heights may be changed.
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
