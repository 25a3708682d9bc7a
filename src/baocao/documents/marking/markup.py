"""Tệp đánh dấu lỗi: the unit's own workbook, a fill and a note on every cell to correct, an index sheet in front.

The unit corrects this very file and sends it back; so marking a marked file first takes the old marks off and keeps the
explanations. The marks are written into the XML of the parts they stand in: pictures, charts, shapes, drop-downs,
values, formulas, formats and locks stay, and every other part stays byte for byte (ADR 0020). Nothing walks a sheet's
rectangle, and what an office program would refuse to open does not matter here.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from python_calamine import CalamineWorkbook

from baocao.documents.marking.index import MarkedCell, OldIndex, index_sheet, plain, read_index
from baocao.documents.marking.sheets import insert_first, remove_sheet, select_only
from baocao.forms.contract import INDEX_SHEET, address
from baocao.model.finding import Finding, Severity
from baocao.xlsx.a1 import position
from baocao.xlsx.book import Book
from baocao.xlsx.canonical import for_the_fast_reader
from baocao.xlsx.cells import SheetCells
from baocao.xlsx.notes import SheetNotes
from baocao.xlsx.package import ZipPackage
from baocao.xlsx.sheet import facts, is_sheet
from baocao.xlsx.styles import NO_FILL, StylePart, whole_number
from baocao.xlsx.workbook_edit import WorkbookEdit

RED = "F8B4B4"
AMBER = "FFC247"
_COLOURS = {Severity.BLOCKS: RED, Severity.EXPLAIN: AMBER}
_HEAD = "KẾT QUẢ KIỂM TRA"
_SEPARATOR = "――― Ghi chú có sẵn ―――"
_AUTHOR = "Kết quả kiểm tra"
_LABEL = {Severity.BLOCKS: "PHẢI SỬA", Severity.EXPLAIN: "CẦN GIẢI TRÌNH"}
MAX_LISTED = 500

Place = tuple[str, int, int]
"""Sheet name, zero-based row and column."""


@dataclass
class _Spot:
    """One cell with all findings on it."""

    findings: list[Finding] = field(default_factory=list)
    fill: str = NO_FILL

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
    listed: int = MAX_LISTED,
    book: Book | None = None,
) -> bytes:
    """The unit's file `original` (xlsx bytes) with `findings` marked and the sheet `Kết quả kiểm tra` in front.

    Blocking findings come first, then by sheet, row and column. At most `listed` of them are listed and noted; the
    sheet says how many are left over, and every bad cell is filled all the same. Bytes depend on the input only.
    Explanations of an earlier marking are kept by finding key, also those whose finding is gone for now.

    `book` is the same file opened already; it is not changed.
    Belongs in the reader's process (`markup_task`). Raises what `xlsx.package` and `xlsx.xml` raise on a file that is
    no workbook: screening and reading come before marking.
    """
    marking = _Marking(book or Book(ZipPackage(original)))
    return marking.done(findings, head=(verdict_line, unit_name, period_name, deadline_text), listed=listed)


class _Marking:
    """One file while it is marked."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._draft = WorkbookEdit(self._book)
        self._styles = StylePart(self._draft)
        self._sheets = {s.name: s.part for s in self._book.sheets if s.part and is_sheet(self._book, s.part)}
        self._order = [s.name for s in self._book.sheets]
        self._cells: dict[str, SheetCells] = {}
        self._notes: dict[str, SheetNotes] = {}

    def done(self, findings: Sequence[Finding], *, head: tuple[str, str, str, str], listed: int) -> bytes:
        old = self._take_marks_off()
        ordered = sorted(findings, key=self._rank)
        # By cell: a cell has one fill and one note, however many findings point at it; the gravest decides the
        # colour.
        spots: dict[Place, _Spot] = {}
        for finding in ordered:
            place = self._place(finding)
            if place is not None:
                spots.setdefault(place, _Spot()).findings.append(finding)
        # A note is a drawing of its own and a row of the index, a fill is one number: only notes are bounded.
        shown = ordered[:listed]
        noted = set(map(id, shown))
        for place, spot in spots.items():
            self._mark(place, spot, [f for f in spot.findings if id(f) in noted])
        marked = []
        for finding in shown:
            place = self._place(finding)
            a1 = "" if place is None else address(place[1], place[2])
            marked.append(MarkedCell(finding, a1, "" if place is None else spots[place].fill))
        root, heading = index_sheet(
            self._draft.space,
            self._styles,
            marked,
            old.explanations,
            head=head,
            total=len(ordered),
            left_over=len(ordered) - len(shown),
        )
        insert_first(self._draft, INDEX_SHEET, root, heading)
        select_only(self._draft, self._sheets)
        return self._draft.written()

    def _rank(self, finding: Finding) -> tuple[bool, int, int, int, str, str]:
        place = self._place(finding)
        sheet = self._order.index(finding.sheet) if finding.sheet in self._order else -1
        row, column = (place[1] + 1, place[2] + 1) if place is not None else (0, 0)
        return finding.severity is not Severity.BLOCKS, sheet, row, column, finding.rule, finding.key

    def _place(self, finding: Finding) -> Place | None:
        """The cell the finding points at; the upper left one of a merged range; None when there is no such place."""
        found = position(finding.a1.split(":")[0].replace("$", "")) if finding.a1 else None
        part = self._sheets.get(finding.sheet)
        if found is None or part is None:
            return None
        for _, area in facts(self._book, part).merges:
            if area is not None and area[0] <= found[0] <= area[2] and area[1] <= found[1] <= area[3]:
                return finding.sheet, area[0], area[1]
        return finding.sheet, *found

    def _cells_of(self, sheet: str) -> SheetCells:
        found = self._cells.get(sheet)
        if found is None:
            found = self._cells[sheet] = SheetCells(self._draft, self._sheets[sheet])
        return found

    def _notes_of(self, sheet: str) -> SheetNotes:
        found = self._notes.get(sheet)
        if found is None:
            found = self._notes[sheet] = SheetNotes(self._draft, self._sheets[sheet])
        return found

    def _mark(self, place: Place, spot: _Spot, findings: list[Finding]) -> None:
        sheet, row, column = place
        # The former fill is read before it is replaced, and kept in the index so that the mark can be taken off.
        cell = self._cells_of(sheet).cell(row, column)
        style = whole_number(cell.get("s"))
        spot.fill = self._styles.fill_of(style)
        cell.set("s", str(self._styles.with_fill(style, _COLOURS[spot.severity])))
        if findings:
            self._notes_of(sheet).put(row, column, _note(findings), _SEPARATOR, _AUTHOR)

    def _take_marks_off(self) -> OldIndex:
        """Remove what an earlier marking put in: fills, our part of notes, the index sheet. Returns what it said."""
        old = self._old_index()
        usual = {
            sheet: Counter(text for (name, _), text in old.fills.items() if name == sheet).most_common(1)
            for sheet in self._sheets
        }
        ours = self._styles.filled_with(set(_COLOURS.values()))
        for sheet, part in self._sheets.items():
            if sheet == INDEX_SHEET:
                continue
            if ours and _has_style(self._book.root(part), ours):
                for cell in self._cells_of(sheet).with_styles(ours):
                    # A row inserted above moved the cell away from the address in the index: then the sheet's most
                    # usual former fill is the likeliest.
                    text = old.fills.get((sheet, cell.get("r"))) or (usual[sheet][0][0] if usual[sheet] else NO_FILL)
                    cell.set("s", str(self._styles.with_fill(whole_number(cell.get("s")), text)))
            self._notes_of(sheet).take_off(_HEAD, _SEPARATOR)
        if INDEX_SHEET in self._order:
            remove_sheet(self._draft, INDEX_SHEET)
            self._sheets.pop(INDEX_SHEET, None)
            self._order.remove(INDEX_SHEET)
        return old

    def _old_index(self) -> OldIndex:
        if INDEX_SHEET not in self._sheets:
            return OldIndex()
        data = io.BytesIO(for_the_fast_reader(self._book))
        sheet = CalamineWorkbook.from_filelike(data).get_sheet_by_name(INDEX_SHEET)
        return read_index(sheet.to_python(skip_empty_area=False))


def _has_style(root: object, styles: set[int]) -> bool:
    wanted = {str(style) for style in styles}
    return any(cell.get("s") in wanted for cell in root.iter("{*}c"))  # type: ignore[attr-defined]


def _note(findings: Sequence[Finding]) -> str:
    """Our note on a cell."""
    parts = [_HEAD]
    for finding in findings:
        lines = [f"{_LABEL[finding.severity]} ({finding.rule}): {plain(finding.message)}"]
        lines += [f"Giá trị đúng/Yêu cầu: {plain(finding.expected)}"] if finding.expected else []
        lines += [f"Đang ghi: {plain(finding.actual)}"] if finding.actual else []
        lines += [f"Gợi ý sửa: {plain(finding.suggestion)}"] if finding.suggestion else []
        parts.append("\n".join(lines))
    return "\n".join(parts)
