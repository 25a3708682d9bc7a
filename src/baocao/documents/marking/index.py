"""The sheet `Kết quả kiểm tra` of a marked-up workbook: table §KQ.A, written and read back.

A hidden code row stands between the printed headings and the rows: §KQ.A over the running number, §GT over the
explanation, §KHOA over the hidden finding key, §NEN over the hidden fill the cell had before.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from baocao.forms.contract import INDEX_EXPLANATION_COLUMN, INDEX_FORM, INDEX_KEY_COLUMN, MARK, address, marker
from baocao.model.finding import Finding, Severity
from baocao.text import vietnamese_number
from baocao.xlsx.styles import CellStyle, StylePart
from baocao.xlsx.xml import Element, escaped, parse

_MARKER = marker(INDEX_FORM, "A")
_KEY_CODE = MARK + INDEX_KEY_COLUMN
_EXPLANATION_CODE = MARK + INDEX_EXPLANATION_COLUMN
_FILL_CODE = f"{MARK}NEN"
_LEVEL = {Severity.BLOCKS: "Phải sửa", Severity.EXPLAIN: "Cần giải trình"}
_GROUP = {
    Severity.BLOCKS: "A. PHẢI SỬA: còn một dòng trong phần này thì báo cáo chưa được nhận",
    Severity.EXPLAIN: "B. CẦN GIẢI TRÌNH: số liệu khác thường; nếu đúng, ghi lý do vào cột cuối; nếu sai, sửa số liệu",
}
_EXPLAIN_ALONE = "B. CẦN GIẢI TRÌNH: số liệu khác thường; nếu đúng, ghi lý do trong tệp đã gửi; nếu sai, sửa số liệu"
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
# XML 1.0 cannot hold these.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")

_RULE, _HEAD_FILL, _ENTRY = "999999", "D9E2F3", "FFFBE6"
_TONE = {Severity.BLOCKS: "FBDADA", Severity.EXPLAIN: "FFF0C4"}
_RED, _GREEN, _BLUE = "9C0006", "1F5C2E", "0563C1"


class _Page:
    """The index sheet while it is written: cells, heights and links, then one XML tree."""

    def __init__(self) -> None:
        self._cells: dict[int, dict[int, tuple[str, CellStyle]]] = {}
        self._heights: dict[int, float] = {}
        self._merged: list[str] = []
        self._links: list[tuple[str, str, str]] = []
        self.hidden_rows: set[int] = set()

    def put(self, row: int, column: int, value: str, look: CellStyle) -> None:
        """A text in a cell, one-based."""
        self._cells.setdefault(row, {})[column] = (value, look)

    def text(self, row: int, column: int) -> str:
        return self._cells.get(row, {}).get(column, ("", None))[0]

    def fit(self, row: int, values: Sequence[str]) -> None:
        """A height that shows all of the wrapped texts: not every program fits rows by itself when it opens a file."""
        needed = (
            sum(1 + int(len(line) / (width * 1.15)) for line in value.split("\n"))
            for value, (_, width, _) in zip(values, _COLUMNS, strict=False)
        )
        self.height(row, min(15.0 * max(needed) + 2, 400))

    def height(self, row: int, points: float) -> None:
        self._heights[row] = points

    def across(self, row: int, first: int, text: str, look: CellStyle, height: float) -> None:
        """A text over the visible columns from `first` on."""
        self.put(row, first, text, look)
        self._merged.append(f"{address(row - 1, first - 1)}:{address(row - 1, _LAST_VISIBLE - 1)}")
        self.height(row, height)

    def link(self, row: int, column: int, sheet: str, a1: str) -> None:
        """Make the cell lead to another one."""
        quoted = sheet.replace("'", "''")
        self._links.append((address(row - 1, column - 1), f"'{quoted}'!{a1}", f"Tới ô {a1}"))

    def tree(self, space: str, styles: StylePart, first_row: int) -> Element:
        """The sheet part, in the namespace of its workbook. `first_row`: of the list, under the frozen rows."""
        top = address(first_row - 1, 0)
        hidden = {True: ' hidden="1"', False: ""}
        columns = (
            f'<col min="{number}" max="{number}" width="{width}" customWidth="1"{hidden[number in (_KHOA, _NEN)]}/>'
            for number, (_, width, _) in enumerate(_COLUMNS, 1)
        )
        rows = (
            f'<row r="{row}"{self._height(row)}{hidden[row in self.hidden_rows]}>{self._cells_of(row, styles)}</row>'
            for row in sorted(self._cells.keys() | self._heights.keys())
        )
        merged = "".join(f'<mergeCell ref="{area}"/>' for area in self._merged)
        links = "".join(
            f'<hyperlink ref="{ref}" location="{escaped(location)}" tooltip="{tip}" display="{escaped(location)}"/>'
            for ref, location, tip in self._links
        )
        # No password: the lock only guards against slips. Widths and heights may be changed.
        return parse(
            f'<worksheet xmlns="{escaped(space)}">'
            '<sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr fitToPage="1"/></sheetPr>'
            '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0">'
            f'<pane ySplit="{first_row - 1}" topLeftCell="{top}" activePane="bottomLeft" state="frozen"/>'
            f'<selection pane="bottomLeft" activeCell="{top}" sqref="{top}"/></sheetView></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{"".join(columns)}</cols>'
            f"<sheetData>{''.join(rows)}</sheetData>"
            '<sheetProtection sheet="1" objects="1" scenarios="1" formatColumns="0" formatRows="0"/>'
            + (f'<mergeCells count="{len(self._merged)}">{merged}</mergeCells>' if merged else "")
            + (f"<hyperlinks>{links}</hyperlinks>" if links else "")
            + '<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.2" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
            "<headerFooter><oddFooter>&amp;C&amp;P/&amp;N</oddFooter></headerFooter></worksheet>"
        )

    def _height(self, row: int) -> str:
        return f' ht="{self._heights[row]:g}" customHeight="1"' if row in self._heights else ""

    def _cells_of(self, row: int, styles: StylePart) -> str:
        return "".join(
            f'<c r="{address(row - 1, column - 1)}" s="{styles.look(look)}"'
            + (f' t="inlineStr"><is><t xml:space="preserve">{escaped(value)}</t></is></c>' if value else "/>")
            for column, (value, look) in sorted(self._cells.get(row, {}).items())
        )


@dataclass(frozen=True, slots=True)
class MarkedCell:
    """A finding, the A1 of the cell it marks (empty when there is none) and the fill that cell had."""

    finding: Finding
    a1: str
    fill: str
    linked: bool = True
    """whether the cell is in this workbook"""


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


def read_index(rows: Sequence[Sequence[object]]) -> OldIndex:
    """Explanations and former fills of an index sheet, found by its code row; empty when the codes are gone."""
    at: dict[str, int] = {}
    result = OldIndex()
    for row in rows:
        texts = [str(value).strip() if value is not None else "" for value in row]
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


def index_sheet(
    space: str,
    styles: StylePart,
    marked: Sequence[MarkedCell],
    explanations: Mapping[str, str],
    *,
    head: tuple[str, str, str, str],
    total: int,
    left_over: int,
    unmarked: str = "",
) -> tuple[Element, int]:
    """The sheet and the row of its printed headings. `head`: verdict, unit, period, deadline sentence.

    `unmarked`: why the points stand here alone and not in the unit's own workbook.
    """
    page = _Page()
    blocked = any(m.finding.severity is Severity.BLOCKS for m in marked)
    row = _write_head(page, head, _RED if blocked else _GREEN, total, left_over, unmarked)
    for column, (title, _, code) in enumerate(_COLUMNS, 1):
        page.put(row, column, title, CellStyle(bold=True, middle=True, centre=True, rule=_RULE, fill=_HEAD_FILL))
        page.put(row + 1, column, code, CellStyle())
    page.height(row, 34)
    page.hidden_rows.add(row + 1)
    first = row + 2
    after = _write_findings(page, first, marked, explanations)
    here = {m.finding.key for m in marked}
    _write_kept_explanations(
        page, after, len(marked), {k: text for k, text in sorted(explanations.items()) if k not in here}
    )
    return page.tree(space, styles, first), row


def _write_head(
    page: _Page, head: tuple[str, str, str, str], colour: str, total: int, left_over: int, unmarked: str
) -> int:
    """Verdict, unit and period, deadline, what to do; returns the row of the printed headings."""
    verdict, unit, period, deadline = head
    lines = [
        (verdict, CellStyle(size=15, bold=True, middle=True, colour=colour)),
        (f"{unit} - Báo cáo {period}", CellStyle(size=13, bold=True, middle=True)),
        (deadline, CellStyle(size=12)),
        ((unmarked or _HOW) if total else "", CellStyle(size=12)),
    ]
    if left_over:
        text = (
            f"Có {_count(total)} điểm; bảng này chỉ liệt kê {_count(total - left_over)} điểm đầu, "
            f"{_count(left_over)} điểm còn lại cũng đã tô màu trong các biểu. Sửa các điểm dưới đây rồi gửi lại để "
            "nhận phần còn lại."
        )
        lines.append((text, CellStyle(size=12, bold=True, middle=True)))
    width = sum(w for _, w, _ in _COLUMNS[:_LAST_VISIBLE])
    row = 1
    for text, look in lines:
        if text:
            needed = 1 + int(len(text) * look.size / 12 // width)
            page.across(row, 1, plain(text), look, 1.5 * look.size * needed)
            row += 1
    return row


def _count(number: int) -> str:
    return vietnamese_number(f"{number:,}")


def _write_findings(page: _Page, row: int, marked: Sequence[MarkedCell], explanations: Mapping[str, str]) -> int:
    """One row a finding under a line for its severity; returns the next free row."""
    level = None
    many = Counter(m.finding.severity for m in marked)
    for number, item in enumerate(marked, 1):
        finding = item.finding
        if finding.severity is not level:
            level = finding.severity
            alone = level is Severity.EXPLAIN and not item.linked
            row = _write_group(page, row, f"{_EXPLAIN_ALONE if alone else _GROUP[level]} ({_count(many[level])} điểm)")
        values = (
            str(number), _LEVEL[finding.severity], finding.sheet, item.a1 or finding.a1, finding.item, finding.name,
            f"{finding.message} [{finding.rule}]", finding.expected, finding.actual, finding.suggestion,
            finding.explanation or explanations.get(finding.key, ""), finding.key, item.fill,
        )  # fmt: skip
        for column, value in enumerate(values, 1):
            page.put(row, column, plain(value), _look_of(column, finding.severity, bool(item.a1) and item.linked))
        page.fit(row, values[:_LAST_VISIBLE])
        if item.a1 and item.linked:
            page.link(row, _CELL_COLUMN, finding.sheet, item.a1)
        row += 1
    return row


def _look_of(column: int, severity: Severity, linked: bool) -> CellStyle:
    leads = column == _CELL_COLUMN and linked
    return CellStyle(
        centre=column in (1, 2, 4, 5),
        rule=_RULE if column <= _LAST_VISIBLE else "",
        fill=_ENTRY if column == _GT else _TONE[severity] if column == _LEVEL_COLUMN else "",
        colour=_BLUE if leads else "000000",
        underlined=leads,
        open=column == _GT,
    )


def _write_kept_explanations(page: _Page, row: int, number: int, gone: Mapping[str, str]) -> None:
    """Explanations whose finding is not there any more: it may come back once another point is corrected."""
    if gone:
        row = _write_group(page, row, _KEPT)
    for key, text in gone.items():
        number += 1
        said = {1: str(number), _LEVEL_COLUMN: "Đã giải trình", 7: key.partition("|")[0], _GT: text, _KHOA: key}
        for column in range(1, _KHOA + 1):
            entry = column == _GT
            rule = _RULE if column <= _GT else ""
            look = CellStyle(centre=column < 3, rule=rule, fill=_ENTRY if entry else "", open=entry)
            page.put(row, column, plain(said.get(column, "")), look)
        page.fit(row, [said.get(column, "") for column in range(1, _LAST_VISIBLE + 1)])
        row += 1


def _write_group(page: _Page, row: int, text: str) -> int:
    """A line between groups; the column of row codes stays empty."""
    page.across(row, 2, text, CellStyle(bold=True, middle=True), 20)
    return row + 1
