"""Tệp đánh dấu lỗi: the unit's own workbook, a fill and a note on every cell to mend, an index sheet in front.

The unit mends in this very file and sends it back; so marking a marked file first takes the old marks off and keeps the
explanations. The unit's values, formulas, formats, locks, drop-downs and the `_meta` sheet stay as they were.

What openpyxl cannot carry through, and what we do about it: values cached beside formulas (we put them back), sizes of
existing notes (set anew from their text), pictures, shapes and drop-downs stored in Excel's extension list (lost; our
blanks have none).
"""

from __future__ import annotations

import io
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from openpyxl import load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils.exceptions import CellCoordinatesException
from openpyxl.workbook.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from baocao.documents.cached_values import with_cached_values
from baocao.documents.markup_index import MarkedCell, OldIndex, plain, read_index, write_index
from baocao.documents.ooxml import core_day, settle_package
from baocao.forms.contract import INDEX_SHEET
from baocao.model.submission import Finding, Severity

RED = "F8B4B4"
AMBER = "FFC247"
_COLOURS = {Severity.BLOCKS: RED, Severity.EXPLAIN: AMBER}
_HEAD = "KẾT QUẢ KIỂM TRA"
_SEPARATOR = "――― Ghi chú có sẵn ―――"
_AUTHOR = "Kết quả kiểm tra"
_LABEL = {Severity.BLOCKS: "PHẢI SỬA", Severity.EXPLAIN: "CẦN GIẢI TRÌNH"}
MAX_LISTED = 500


@dataclass
class _Spot:
    """One cell with all findings on it."""

    cell: Cell
    findings: list[Finding] = field(default_factory=list)

    @property
    def severity(self) -> Severity:
        blocks = any(f.severity is Severity.BLOCKS for f in self.findings)
        return Severity.BLOCKS if blocks else Severity.EXPLAIN


def mark_up(
    original: bytes,
    findings: Sequence[Finding],
    *,
    unit_name: str,
    period_name: str,
    verdict_line: str,
    deadline_text: str,
    stamp: date | None = None,
    listed: int = MAX_LISTED,
) -> bytes:
    """The unit's file `original` (xlsx bytes) with `findings` marked and the sheet `Kết quả kiểm tra` in front.

    Blocking findings come first, then by sheet, row and column. At most `listed` of them are listed and noted; the
    sheet says how many are left over, and every bad cell is filled all the same. Bytes depend on the input only:
    `stamp` sets the document's date, by default the one the file already has. Explanations of an earlier marking are
    kept by finding key, also those whose finding is gone for now.

    Raises what openpyxl raises on a file that is no workbook: screening and reading come before marking.
    """
    book = load_workbook(io.BytesIO(original), rich_text=True)
    old = _take_marks_off(book)
    ordered = _in_order(book, findings)
    spots = _spots(book, ordered)
    shown = ordered[:listed]
    fills = {name: _fill_text(spot.cell) for name, spot in spots.items()}
    noted = set(map(id, shown))
    for spot in spots.values():
        colour = _COLOURS[spot.severity]
        spot.cell.fill = PatternFill("solid", fgColor=colour)
        _note(spot.cell, [f for f in spot.findings if id(f) in noted])
    marked = [
        MarkedCell(
            finding,
            f.cell.coordinate if (f := spots.get((finding.sheet, finding.a1))) else "",
            fills.get((finding.sheet, finding.a1), ""),
        )
        for finding in shown
    ]
    write_index(
        book,
        marked,
        old.explanations,
        left_over=len(ordered) - len(shown),
        total=len(ordered),
        head=(verdict_line, unit_name, period_name, deadline_text),
    )
    result = io.BytesIO()
    book.save(result)
    kept = with_cached_values(original, result.getvalue())
    return settle_package(result.getvalue(), stamp or core_day(original), kept)


def _in_order(book: Workbook, findings: Sequence[Finding]) -> list[Finding]:
    sheets = {name: i for i, name in enumerate(book.sheetnames)}

    def place(finding: Finding) -> tuple[bool, int, int, int, str, str]:
        cell = _cell(book, finding)
        row, column = (cell.row, cell.column) if cell is not None else (0, 0)
        return (
            finding.severity is not Severity.BLOCKS,
            sheets.get(finding.sheet, -1),
            row,
            column,
            finding.rule,
            finding.key,
        )

    return sorted(findings, key=place)


def _cell(book: Workbook, finding: Finding) -> Cell | None:
    """The cell the finding points at; the upper left one of a merged range; None when there is no such place."""
    if not finding.a1 or finding.sheet not in book.sheetnames:
        return None
    sheet = book[finding.sheet]
    if not isinstance(sheet, Worksheet):
        return None
    try:
        cell = sheet[finding.a1.split(":")[0].replace("$", "")]
    except (ValueError, CellCoordinatesException):
        return None
    if isinstance(cell, MergedCell):
        merged = next((r for r in sheet.merged_cells.ranges if cell.coordinate in r), None)
        cell = sheet.cell(merged.min_row, merged.min_col) if merged else None
    return cell if isinstance(cell, Cell) else None


def _spots(book: Workbook, findings: Sequence[Finding]) -> dict[tuple[str, str], _Spot]:
    """(sheet, a1 as the finding says it) -> the cell; two names of one merged cell share the spot."""
    spots: dict[tuple[str, str], _Spot] = {}
    by_place: dict[tuple[str, str], _Spot] = {}
    for finding in findings:
        cell = _cell(book, finding)
        if cell is not None:
            spot = by_place.setdefault((finding.sheet, cell.coordinate), _Spot(cell))
            spot.findings.append(finding)
            spots[finding.sheet, finding.a1] = spot
    return spots


def _note(cell: Cell, findings: Sequence[Finding]) -> None:
    """Our note on the cell; a note that stood there before follows it."""
    if not findings:
        return
    before = plain(cell.comment.text) if cell.comment else ""
    parts = [_HEAD]
    for finding in findings:
        lines = [f"{_LABEL[finding.severity]} ({finding.rule}): {plain(finding.message)}"]
        lines += [f"Giá trị đúng/Yêu cầu: {plain(finding.expected)}"] if finding.expected else []
        lines += [f"Đang ghi: {plain(finding.actual)}"] if finding.actual else []
        lines += [f"Gợi ý sửa: {plain(finding.suggestion)}"] if finding.suggestion else []
        parts.append("\n".join(lines))
    if before:
        parts += [_SEPARATOR, before]
    cell.comment = _comment("\n".join(parts), _AUTHOR)


def _comment(text: str, author: str) -> Comment:
    lines = sum(1 + len(line) // 42 for line in text.split("\n"))
    return Comment(text, author, height=min(24 + 18 * lines, 420), width=300)


def _take_marks_off(book: Workbook) -> OldIndex:
    """Remove the marks of an earlier marking: fills, our part of the notes, the index sheet. Returns what it said."""
    old = read_index(book[INDEX_SHEET]) if INDEX_SHEET in book.sheetnames else OldIndex()
    if INDEX_SHEET in book.sheetnames:
        del book[INDEX_SHEET]
    # Other notes get a size that fits: openpyxl forgets the size they had.
    ours = {i for i, fill in enumerate(book._fills) if _rgb(fill) in _COLOURS.values()}  # type: ignore[attr-defined]
    for sheet in book.worksheets:
        usual = Counter(text for (name, _), text in old.fills.items() if name == sheet.title).most_common(1)
        for row in sheet.iter_rows():
            for cell in row:
                if not isinstance(cell, Cell) or not cell.has_style:
                    continue
                if cell._style.fillId in ours:  # type: ignore[attr-defined]
                    text = old.fills.get((sheet.title, cell.coordinate)) or (usual[0][0] if usual else "")
                    cell.fill = _fill(text)
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell, Cell) and cell.comment is not None:
                    text = unicodedata.normalize("NFC", cell.comment.text)
                    if text.startswith(_HEAD):
                        text = text.partition(_SEPARATOR)[2].strip()
                    cell.comment = _comment(text, cell.comment.author or "") if text else None
    return old


def _rgb(fill: object) -> str:
    """Last six digits of a solid fill's colour, or an empty text."""
    colour = getattr(fill, "fgColor", None)
    if getattr(fill, "patternType", None) != "solid" or colour is None or colour.type != "rgb":
        return ""
    return str(colour.rgb)[-6:].upper()


def _fill_text(cell: Cell) -> str:
    """A fill as one line for the hidden column: `-` for none, `RRGGBB`, or `theme:number:tint`."""
    fill = cell.fill
    if fill.patternType != "solid":
        return "-"
    if fill.fgColor.type == "theme":
        return f"theme:{fill.fgColor.theme}:{fill.fgColor.tint}"
    return _rgb(fill) or "-"


def _fill(text: str) -> PatternFill:
    if text.startswith("theme:"):
        from openpyxl.styles.colors import Color

        _, theme, tint = text.split(":")
        return PatternFill("solid", fgColor=Color(theme=int(theme), tint=float(tint)))
    return PatternFill("solid", fgColor=text) if len(text) == 6 else PatternFill()
