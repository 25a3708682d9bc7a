"""What the reader looks for in the tables of a form: worked out once a form, because hundreds of workbooks share it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from baocao.forms.reading.cell_answers import CONVERTERS, Converter
from baocao.forms.reading.unread import Shared, shared_cells
from baocao.model.form import CellKey, ColumnRole, Form, Table
from baocao.model.submission import Answer, Cell
from baocao.xlsx.a1 import Area, Position, address


@dataclass(slots=True)
class PlannedRow:
    """A row as the reader looks for it."""

    needed: bool
    """False for derived rows: they are recomputed, so losing one loses nothing."""
    cells: list[tuple[CellKey, str, Converter, bool, bool]]
    """key, column code, converter, derived, explanation"""
    options: tuple[str, ...]


@dataclass(slots=True, eq=False)
class PlannedTable:
    """A table as the reader looks for it."""

    code: str
    columns: tuple[str, ...]
    """Codes of the columns somebody types in."""
    rows: dict[str, PlannedRow]
    """by code"""
    every_row: frozenset[str]
    every_column: frozenset[str]
    """All codes of the form's table, also of rows in which nothing is asked."""


class PlacedCell(NamedTuple):
    """A cell that is looked for, where it stands on a sheet."""

    key: CellKey
    a1: str
    convert: Converter
    options: tuple[str, ...]
    derived: bool
    explains: bool


@dataclass(slots=True)
class PlacedTable:
    """A table whose rows and columns were found: the same for nearly every unit's workbook."""

    cells: dict[Position, PlacedCell]
    """in printed order"""
    blank: dict[CellKey, Cell]
    """what each of them is when nothing stands there: most cells are blank"""
    entered: dict[Position, CellKey]
    """where the answers to give stand"""
    shared: list[Shared]
    """merged areas in which answers share a cell"""


# By place: units hardly ever move anything, so hundreds of workbooks share addresses and blank cells.
@lru_cache(maxsize=256)
def placed(
    planned: PlannedTable,
    sheet: str,
    rows: tuple[tuple[str, int], ...],
    columns: tuple[tuple[str, int], ...],
    merges: tuple[Area, ...],
) -> PlacedTable:
    """The table on `sheet`, by the zero-based places of its row and column codes, with the merged areas in it."""
    at_row, at_column = dict(rows), dict(columns)
    cells: dict[Position, PlacedCell] = {}
    for row_code, row in planned.rows.items():
        for key, code, convert, derived, explains in row.cells:
            if row_code in at_row and code in at_column:
                position = at_row[row_code], at_column[code]
                cells[position] = PlacedCell(key, address(*position), convert, row.options, derived, explains)
    entered = {position: cell.key for position, cell in cells.items() if not cell.derived}
    notes = {cell.key for cell in cells.values() if cell.explains}
    return PlacedTable(
        cells,
        {cell.key: Cell(cell.key, Answer.BLANK, None, sheet, cell.a1) for cell in cells.values()},
        entered,
        list(shared_cells(merges, entered, notes)),
    )


def planned_tables(form: Form) -> tuple[PlannedTable, ...]:
    """What the reader looks for on the sheet of a form."""
    return tuple(_planned_table(form, table) for table in form.tables)


def _planned_table(form: Form, table: Table) -> PlannedTable:
    """The cells of a table that are read, with what turns the value of each into an answer."""
    rows = {}
    typed_in = set()
    for row in table.rows:
        cells = []
        for column in table.columns:
            if not table.applies(row, column):
                continue
            derived = not table.is_entered(row, column)
            if not derived:
                typed_in.add(column.code)
            key = CellKey(form.code, row.code, column.code)
            explains = column.role is ColumnRole.EXPLANATION
            cells.append((key, column.code, CONVERTERS[table.type_of(row, column)], derived, explains))
        if cells:
            needed = any(not derived for _, _, _, derived, _ in cells)
            rows[row.code] = PlannedRow(needed, cells, row.options)
    return PlannedTable(
        table.code,
        tuple(c.code for c in table.columns if c.code in typed_in),
        rows,
        frozenset(r.code for r in table.rows),
        frozenset(c.code for c in table.columns),
    )
