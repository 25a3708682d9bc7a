"""Reading a workbook's tables by their codes, in milliseconds: python-calamine for values, `scan` for what it hides.

Works in the calling process; `child.ReaderProcess` runs it in a process that may die. Imports nothing heavy.
"""

from __future__ import annotations

import gc
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from io import BytesIO
from itertools import pairwise
from typing import Any

from python_calamine import CalamineWorkbook, SheetTypeEnum

from baocao.forms.contract import MARK, META_SHEET
from baocao.forms.raw import Position, RawTable, RawValue, RawWorkbook, Unreadable
from baocao.forms.scan import hidden_faults

Grid = list[list[Any]]

_TABLE_MARK = re.compile(rf"{MARK}\s*([A-Z][A-Z0-9-]*)\.([A-Z][A-Z0-9]*)")
_COLUMN_MARK = re.compile(rf"{MARK}\s*([A-Z][A-Z0-9_]*)")

BROKEN = (
    "Tệp bị hỏng nên không mở được. Hãy mở tệp bằng Excel hoặc LibreOffice, chọn “Lưu thành” kiểu Excel Workbook "
    "(.xlsx) rồi gửi lại; nếu không mở được, hãy dùng lại tệp biểu mẫu đã nhận."
)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """No garbage collection meanwhile: reading makes tens of thousands of lists and no cycle, and the collector would
    walk them all again and again (a quarter of the time, measured)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_workbook(data: bytes) -> RawWorkbook:
    """All tables of a workbook, found by their hidden code rows wherever they stand.

    Raises Unreadable with a sentence for the sender when the bytes are no readable workbook.
    """
    with _collector_paused():
        return _read(data)


def _read(data: bytes) -> RawWorkbook:
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(data))
        grids = [
            (sheet.name, workbook.get_sheet_by_index(index).to_python(skip_empty_area=False))
            for index, sheet in enumerate(workbook.sheets_metadata)
            if sheet.typ is SheetTypeEnum.WorkSheet
        ]
        faults = hidden_faults(data)
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except zipfile.BadZipFile as error:
        raise Unreadable("unreadable", BROKEN) from error
    except BaseException as error:  # a Rust panic arrives as a BaseException
        raise Unreadable("unreadable", BROKEN) from error
    tables: list[RawTable] = []
    for name, grid in grids:
        tables.extend(_tables(name, grid, faults.get(name, {})))
    return RawWorkbook([name for name, _ in grids], _meta(grids), tables)


def _meta(grids: list[tuple[str, Grid]]) -> dict[str, str]:
    """The key-value sheet: by its name, or, when renamed, by its keys."""
    named = [grid for name, grid in grids if name.strip().lower() == META_SHEET]
    for grid in named or [grid for _, grid in grids]:
        pairs = {str(row[0]).strip(): _plain(row[1]) for row in grid if len(row) > 1 and row[0] != ""}
        if "layout" in pairs and "regime" in pairs:
            return pairs
    return {}


def _plain(value: Any) -> str:
    """Text of a `_meta` value; a code that a spreadsheet turned into a number keeps its digits."""
    if value.__class__ is float and value.is_integer():
        return str(int(value))
    return str(value).strip()


def _code_rows(grid: Grid) -> list[int]:
    """Rows whose first filled cell is a code; when there is none, rows with a code anywhere."""
    found = []
    for index, row in enumerate(grid):
        first = next(filter(None, row), "")
        if first.__class__ is str and first.lstrip().startswith(MARK):
            found.append(index)
    if found:
        return found
    return [i for i, row in enumerate(grid) if any(v.__class__ is str and v.startswith(MARK) for v in row)]


def _tables(sheet: str, grid: Grid, faults: dict[Position, str]) -> list[RawTable]:
    """A table begins at its marker and ends at the next code row: another marker, the end mark, or neither."""
    tables = []
    rows = [*_code_rows(grid), len(grid)]
    for index, end in pairwise(rows):
        mark = None
        columns = []
        for column, value in enumerate(grid[index]):
            if value.__class__ is not str:
                continue
            text = value.strip()
            if match := _TABLE_MARK.fullmatch(text):
                mark = mark or (match.group(1), match.group(2), column)
            elif match := _COLUMN_MARK.fullmatch(text):
                columns.append((match.group(1), column))
        if mark is not None:
            form, code, at = mark
            table = RawTable(form, code, sheet, (index, at), columns, [], {}, {})
            _fill(table, grid, index + 1, end, faults)
            tables.append(table)
    return tables


def _fill(table: RawTable, grid: Grid, start: int, end: int, faults: dict[Position, str]) -> None:
    """Collect row codes and filled cells of the rows between two markers."""
    mark = table.marker[1]
    indexes = [column for _, column in table.columns]
    values = table.values
    pending: list[Position] = []
    for index in range(start, end):
        row = grid[index]
        code = _plain(row[mark])
        if not code:
            if table.rows:
                pending.extend((index, c) for c in indexes if row[c] != "" and _filled(row[c]))
            continue
        table.uncoded.extend(pending)
        pending = []
        table.rows.append((code, index))
        for column in indexes:
            value = row[column]
            if value == "":
                continue
            if value.__class__ is str:
                if not value.strip():
                    continue
                values[index, column] = value
            elif value.__class__ is float or value.__class__ is bool:
                values[index, column] = value
            else:
                values[index, column] = _other(value)
    if faults:
        wanted = set(indexes)
        for (index, column), text in faults.items():
            if start <= index < end and column in wanted:
                table.errors[index, column] = text


def _filled(value: Any) -> bool:
    return value.__class__ is not str or bool(value.strip())


def _other(value: Any) -> RawValue:
    """Dates stay dates; times of day and durations, which no form asks for, become text; whole numbers float."""
    if isinstance(value, date):
        return value
    if isinstance(value, time | timedelta):
        return str(value)
    if isinstance(value, int):
        return float(value)
    return str(value)
