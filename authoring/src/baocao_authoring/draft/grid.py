"""An official form as it stands in its workbook: texts, merged cells, and nothing interpreted yet."""

from __future__ import annotations

import io
import unicodedata
import warnings
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from baocao.forms.contract import address
from baocao.text import nfc

_MOST_ROWS, _MOST_COLUMNS = 2000, 120
"""A printed form is never larger; what stands beyond is not looked at and said so."""


class CannotLearn(Exception):  # noqa: N818 (an answer about the file, not an error of ours)
    """Why no draft can be made from a file, in a sentence with the cure."""


@dataclass(frozen=True)
class Doubt:
    """Something a person must look at: why, and where it stands in the original (A1; empty: nowhere in it)."""

    reason: str
    a1: str = ""


@dataclass
class Grid:
    """One sheet, zero-based rows and columns. A merged cell's text stands at its first cell; `owner` leads there."""

    sheet: str
    rows: int
    columns: int
    texts: dict[tuple[int, int], str]
    """as printed, line breaks kept, NFC"""
    formulas: dict[tuple[int, int], str]
    merged: dict[tuple[int, int], tuple[int, int, int, int]] = field(default_factory=dict)
    """every cell of a merged range -> (first row, first column, last row, last column)"""
    bold: set[tuple[int, int]] = field(default_factory=set)
    indents: dict[tuple[int, int], int] = field(default_factory=dict)
    """depth set by the cell's alignment or by leading blanks"""
    hidden: list[str] = field(default_factory=list)
    """hidden rows and columns that hold something, in words"""

    def owner(self, row: int, column: int) -> tuple[int, int]:
        """The first cell of the merged range, or the cell itself."""
        found = self.merged.get((row, column))
        return (found[0], found[1]) if found else (row, column)

    def bottom(self, row: int, column: int) -> int:
        """The last row the cell covers."""
        found = self.merged.get((row, column))
        return found[2] if found else row

    def right(self, row: int, column: int) -> int:
        """The last column the cell covers."""
        found = self.merged.get((row, column))
        return found[3] if found else column

    def text(self, row: int, column: int) -> str:
        """In one line; that of the merged range the cell belongs to."""
        return nfc(self.texts.get(self.owner(row, column), ""))

    def own(self, row: int, column: int) -> str:
        """In one line; empty where the cell is not the first of its merged range."""
        return nfc(self.texts.get((row, column), ""))

    def cells(self, row: int) -> list[tuple[int, str]]:
        """(column, text) of what stands in a row, each merged range once."""
        return [(c, t) for c in range(self.columns) if (t := self.own(row, c))]

    def a1(self, row: int, column: int) -> str:
        """The address in the original."""
        return address(*self.owner(row, column))


def read_grid(data: bytes, filename: str, sheet: str | None, is_table: Any) -> Grid:
    """The sheet named, or the only one for which `is_table(grid)` holds.

    Raises CannotLearn for a file that is no xlsx, a sheet that is not there, and where no or several sheets fit.
    """
    # d0cf11e0 begins an OLE file: an old .xls, also one that was only renamed (or one with a password).
    if PurePath(filename).suffix.lower() == ".xls" or data.startswith(bytes.fromhex("d0cf11e0")):
        raise CannotLearn(f"{filename}: là tệp .xls cũ; hãy mở bằng Excel hoặc LibreOffice và lưu lại dạng .xlsx")
    book = _open(data, filename)
    if sheet is not None:
        if sheet not in book.sheetnames:
            raise CannotLearn(f"--sheet: không có trang {sheet!r}; tệp có các trang: {', '.join(book.sheetnames)}")
        return _grid(book[sheet])
    # Hidden sheets of official files hold lists for drop-downs and earlier drafts.
    grids = [_grid(s) for s in book.worksheets if s.sheet_state == "visible"]
    found = [g for g in grids if is_table(g)]
    if len(found) == 1:
        return found[0]
    if not found:
        raise CannotLearn(
            f"{filename}: không trang nào có bảng với dòng tiêu đề (STT, Chỉ tiêu, Đơn vị tính …); hãy nêu trang bằng "
            f"--sheet, hoặc kiểm tra lại tệp. Các trang: {', '.join(g.sheet for g in grids)}"
        )
    names = ", ".join(g.sheet for g in found)
    raise CannotLearn(f"{filename}: có {len(found)} trang chứa bảng ({names}); hãy học từng trang bằng --sheet")


def _open(data: bytes, filename: str) -> Any:
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles it does not know; looks do not matter here
            # Not `read_only`: merged cells, fonts and indents are what the form's structure is read from. Nor
            # `data_only`: formulas say what adds up.
            return load_workbook(io.BytesIO(data))
    # openpyxl raises whatever its parsers raise, KeyError and TypeError among them.
    except Exception as error:
        raise CannotLearn(f"{filename}: không mở được như một tệp .xlsx ({type(error).__name__})") from error


def _grid(sheet: Any) -> Grid:
    """The texts, formulas, merged areas and looks of a sheet; what is hidden or cut off is noted in `hidden`."""
    rows, columns = min(sheet.max_row, _MOST_ROWS), min(sheet.max_column, _MOST_COLUMNS)
    grid = Grid(sheet.title, rows, columns, {}, {})
    if sheet.max_row > rows or sheet.max_column > columns:
        grid.hidden.append(f"phần ngoài {rows} dòng, {columns} cột đầu không được đọc")
    for area in sheet.merged_cells.ranges:
        place = (area.min_row - 1, area.min_col - 1, area.max_row - 1, area.max_col - 1)
        for row in range(place[0], min(place[2] + 1, rows)):
            for column in range(place[1], min(place[3] + 1, columns)):
                grid.merged[row, column] = place
    hidden_columns = {c for c, d in sheet.column_dimensions.items() if d.hidden}
    for cells in sheet.iter_rows(max_row=rows, max_col=columns):
        for cell in cells:
            if cell.value is not None:
                _take(grid, cell)
    for row in range(rows):
        if sheet.row_dimensions[row + 1].hidden and grid.cells(row):
            grid.hidden.append(f"dòng {row + 1} của bản gốc đang ẩn")
    grid.hidden += [f"cột {name} của bản gốc đang ẩn" for name in sorted(hidden_columns)]
    return grid


def _take(grid: Grid, cell: Any) -> None:
    """Keep the text or formula of one cell, whether it is bold and how deep it is indented."""
    place = (cell.row - 1, cell.column - 1)
    value = cell.value
    if isinstance(value, str) and value.startswith("=") and cell.data_type == "f":
        grid.formulas[place] = value
        return
    # Numbers of lines come as floats: `1.0` was typed as 1.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = unicodedata.normalize("NFC", str(value)).replace("\r", "")
    if not text.strip():
        return
    grid.texts[place] = text.strip()
    if cell.font is not None and cell.font.b:
        grid.bold.add(place)
    blanks = len(text) - len(text.lstrip(" \u00a0"))
    depth = int(cell.alignment.indent or 0) if cell.alignment is not None else 0
    # Two blanks for one step is how lines are set in by hand.
    grid.indents[place] = depth or (blanks + 1) // 2
