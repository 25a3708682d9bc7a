"""Cells of one sheet that is being changed, found or made without walking the sheet."""

from __future__ import annotations

from lxml import etree

from baocao.xlsx.a1 import address, position
from baocao.xlsx.paths import paths_in
from baocao.xlsx.sheet import give_addresses, usual
from baocao.xlsx.styles import whole_number
from baocao.xlsx.workbook_edit import WorkbookEdit
from baocao.xlsx.xml import Element, namespace


class SheetCells:
    """Finds and makes cells of a sheet part. Rows are indexed once, a row's cells looked at when they are needed."""

    def __init__(self, draft: WorkbookEdit, part: str) -> None:
        self.part = part
        self._root = draft.tree(part)
        self._space = namespace(self._root)
        # Addresses are optional (ECMA-376); without them no cell could be found or put in its place.
        if not usual(draft.book, part) and paths_in(self._space).nameless(self._root):
            give_addresses(self._root)
        self._data = self._root.find(f"{{{self._space}}}sheetData")
        self._rows = {int(row.get("r")): row for row in self._data.iterchildren(f"{{{self._space}}}row")}

    def with_styles(self, styles: set[int]) -> list[Element]:
        """All cells of one of these styles."""
        wanted = {str(style) for style in styles}
        return [c for row in self._rows.values() for c in row if c.get("s") in wanted]

    def cell(self, row: int, column: int) -> Element:
        """The cell, made in its place when the sheet has none; then with the style of its row or column."""
        element = self._row(row)
        at = 0
        # Excel calls a file damaged whose cells do not stand in the order of their columns.
        for index, cell in enumerate(element):
            found = position(cell.get("r", ""))
            if found is not None and found[1] == column:
                return cell
            if found is None or found[1] < column:
                at = index + 1
        made = etree.Element(f"{{{self._space}}}c", r=address(row, column))
        # A row's style counts only with `customFormat`; otherwise the cell would have looked like its column.
        style = element.get("s") if element.get("customFormat") in ("1", "true") else self._column_style(column)
        if style:
            made.set("s", style)
        element.insert(at, made)
        # A hint about the first and last column of the row, which the new cell may lie outside of. It is optional.
        if element.get("spans"):
            del element.attrib["spans"]
        return made

    def _row(self, row: int) -> Element:
        found = self._rows.get(row + 1)
        if found is None:
            found = etree.Element(f"{{{self._space}}}row", r=str(row + 1))
            # Rows must stand in the order of their numbers as well.
            after = max((number for number in self._rows if number <= row), default=0)
            self._data.insert(self._data.index(self._rows[after]) + 1 if after else 0, found)
            self._rows[row + 1] = found
        return found

    def _column_style(self, column: int) -> str | None:
        for col in self._root.iterfind(f"{{{self._space}}}cols/{{{self._space}}}col"):
            if whole_number(col.get("min")) <= column + 1 <= whole_number(col.get("max")):
                style: str | None = col.get("style")
                return style
        return None
