"""The sheet `Kết quả kiểm tra` of a marked-up workbook: table §KQ.A, written and read back.

A hidden code row stands between the printed headings and the rows: §KQ.A over the running number, §GT over the
explanation, §KHOA over the hidden finding key, §NEN over the hidden fill the cell had before.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
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
_SHEET_COLUMN, _CELL_COLUMN = 3, 4
_LAST_VISIBLE = _GT
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

_FONT = "Times New Roman"
_RULE = Side(style="thin", color="999999")
_BORDER = Border(left=_RULE, right=_RULE, top=_RULE, bottom=_RULE)
_HEAD_FILL = PatternFill("solid", fgColor="D9E2F3")
_ENTRY_FILL = PatternFill("solid", fgColor="FFFBE6")
_TONE = {
    Severity.BLOCKS: PatternFill("solid", fgColor="FBDADA"),
    Severity.EXPLAIN: PatternFill("solid", fgColor="FFF0C4"),
}


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
    blocked = any(m.finding.severity is Severity.BLOCKS for m in marked)
    _head(sheet, head, total, left_over)
    _at(sheet, 1, 1).font = Font(name=_FONT, size=15, bold=True, color="9C0006" if blocked else "1F5C2E")
    row = sheet.max_row + 1
    for column, (title, width, code) in enumerate(_COLUMNS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        cell = _write(_at(sheet, row, column), title, bold=True, centre=True)
        cell.fill, cell.border = _HEAD_FILL, _BORDER
        _write(_at(sheet, row + 1, column), code)
    sheet.row_dimensions[row].height = 34
    sheet.row_dimensions[row + 1].hidden = True
    for column in (_KHOA, _NEN):
        sheet.column_dimensions[get_column_letter(column)].hidden = True
    first = row + 2
    _body(sheet, first, marked, explanations)
    sheet.freeze_panes = sheet.cell(first, 1)
    _page(sheet, row)
    book.active = 0
    for other in book.worksheets:
        # Two selected sheets are edited together: only the index may be selected.
        other.sheet_view.tabSelected = other is sheet


def _head(sheet: Worksheet, head: tuple[str, str, str, str], total: int, left_over: int) -> None:
    verdict, unit, period, deadline = head
    lines = [(verdict, 15, True), (f"{unit} - Báo cáo {period}", 13, True), (deadline, 12, False)]
    if total:
        lines.append(
            (
                "Cách làm: bấm vào địa chỉ ở cột “Ô” để tới ô cần sửa (ô nền đỏ: phải sửa; ô nền vàng: cần giải trình; "
                "rê chuột lên ô để đọc ghi chú). Sửa ngay trong tệp này, ghi giải trình vào cột cuối của bảng dưới, "
                "lưu lại và gửi đúng nơi đã gửi. Không xóa trang này.",
                12,
                False,
            )
        )
    if left_over:
        lines.append(
            (
                f"Có {_count(total)} điểm; bảng này chỉ liệt kê {_count(total - left_over)} điểm đầu, "
                f"{_count(left_over)} điểm còn lại cũng đã tô màu trong các biểu. Sửa các điểm dưới đây rồi gửi lại "
                "để nhận phần còn lại.",
                12,
                True,
            )
        )
    for row, (text, size, bold) in enumerate([x for x in lines if x[0]], 1):
        _write(_at(sheet, row, 1), plain(text), size=size, bold=bold)
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=_LAST_VISIBLE)
        width = sum(w for _, w, _ in _COLUMNS[:_LAST_VISIBLE])
        sheet.row_dimensions[row].height = (size * 1.5) * (1 + int(len(text) * size / 12 // width))


def _at(sheet: Worksheet, row: int, column: int) -> Cell:
    return cast(Cell, sheet.cell(row, column))


def _count(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def _body(sheet: Worksheet, row: int, marked: Sequence[MarkedCell], explanations: Mapping[str, str]) -> None:
    number, level = 0, None
    for item in marked:
        finding = item.finding
        if finding.severity is not level:
            level = finding.severity
            row = _group(
                sheet, row, f"{_GROUP[level]} ({_count(sum(m.finding.severity is level for m in marked))} điểm)"
            )
        number += 1
        explanation = finding.explanation or explanations.get(finding.key, "")
        values = (
            str(number), _LEVEL[finding.severity], finding.sheet, item.a1 or finding.a1, finding.item, finding.name,
            f"{finding.message} [{finding.rule}]", finding.expected, finding.actual, finding.suggestion, explanation,
            finding.key, item.fill,
        )  # fmt: skip
        for column, value in enumerate(values, 1):
            cell = _write(_at(sheet, row, column), plain(value), centre=column in (1, 2, 4, 5))
            cell.border = _BORDER
        sheet.cell(row, 2).fill = _TONE[finding.severity]
        _link(sheet, _at(sheet, row, _CELL_COLUMN), finding.sheet, item.a1)
        _open_for_entry(_at(sheet, row, _GT))
        row += 1
    here = {m.finding.key for m in marked}
    gone = {key: text for key, text in sorted(explanations.items()) if key not in here}
    if gone:
        row = _group(sheet, row, _KEPT)
    for key, text in gone.items():
        number += 1
        for column, value in (
            (1, str(number)),
            (2, "Đã giải trình"),
            (7, key.partition("|")[0]),
            (_GT, text),
            (_KHOA, key),
        ):
            _write(_at(sheet, row, column), plain(value), centre=column < 3)
        for column in range(1, _LAST_VISIBLE + 1):
            sheet.cell(row, column).border = _BORDER
        _open_for_entry(_at(sheet, row, _GT))
        row += 1


def _group(sheet: Worksheet, row: int, text: str) -> int:
    """A line between groups; the column of row codes stays empty."""
    _write(_at(sheet, row, 2), text, bold=True)
    sheet.merge_cells(start_row=row, end_row=row, start_column=2, end_column=_LAST_VISIBLE)
    sheet.row_dimensions[row].height = 20
    return row + 1


def _write(cell: Cell, value: str, *, size: int = 11, bold: bool = False, centre: bool = False) -> Cell:
    """A text, whatever it looks like: openpyxl would take a leading `=` for a formula."""
    if value:
        cell.value = value
        cell.data_type = "s"
    cell.font = Font(name=_FONT, size=size, bold=bold)
    cell.alignment = Alignment(
        horizontal="center" if centre else None, vertical="center" if bold else "top", wrap_text=True
    )
    return cell


def _link(sheet: Worksheet, cell: Cell, target: str, a1: str) -> None:
    if a1:
        quoted = target.replace("'", "''")
        cell.hyperlink = Hyperlink(ref=cell.coordinate, location=f"'{quoted}'!{a1}", tooltip=f"Tới ô {a1}")
        cell.font = Font(name=_FONT, size=11, underline="single", color="0563C1")


def _open_for_entry(cell: Cell) -> None:
    cell.protection = Protection(locked=False)
    cell.fill = _ENTRY_FILL


def _page(sheet: Worksheet, heading_row: int) -> None:
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
