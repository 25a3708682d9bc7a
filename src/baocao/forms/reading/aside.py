"""Filled cells of a data sheet that no code leads to: beside, between and below the tables, and merged cells.

Nothing somebody typed there may vanish, so the reader hands them over; `forms.reading.unread` decides which of
them matter. What we print ourselves is left out: names and units of measure, and last period's figures,
known by their heading.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from baocao.forms.contract import COMPARED
from baocao.forms.reading.raw import Position, RawTable, RawValue
from baocao.xlsx.a1 import Area

Grid = list[list[Any]]
_HEADING_ROWS = 4
"""Rows above the code row in which the heading of last period's columns may stand."""


def aside_of(
    table: RawTable, grid: Grid, start: int, end: int, merges: list[Area]
) -> Iterator[tuple[int, int, RawValue]]:
    """(row, column, value) of filled cells in the rows `start` to `end` under no column code."""
    coded = {column for _, column in table.columns}
    if not coded:
        return
    mark, first = table.marker[1], min(coded)
    printed = _compared(table, grid, merges)
    # The marker's column holds row codes, `printed` last period's figures: both are ours.
    others = [c for c in range(len(grid[start - 1])) if c not in coded and c != mark and c not in printed]
    for row in range(start, end):
        values = grid[row]
        for column in others:
            value = values[column]
            if value == "":
                continue
            kind = value.__class__
            if kind is str and (mark < column < first or value.isspace() or not values[mark]):
                continue  # names and units of measure; headings, which span the table
            yield row, column, value if kind in (str, float, bool) else str(value)


def _compared(table: RawTable, grid: Grid, merges: list[Area]) -> set[int]:
    """The columns of last period's figures: under their common heading, each with a heading of its own."""
    row, found = table.marker[0], set[int]()
    for top in range(max(row - _HEADING_ROWS, 0), row):
        for column, value in enumerate(grid[top]):
            if value.__class__ is str and value.endswith(COMPARED):
                # The heading is merged over its columns and only its first cell holds the words.
                last = next((m[3] for m in merges if m[:2] == (top, column)), column)
                found.update(c for c in range(column, last + 1) if top + 1 < row and grid[top + 1][c] != "")
    return found


def loose_figures(grid: Grid, tables: list[tuple[int, int]]) -> Iterator[tuple[Position, float]]:
    """Numbers on a sheet with tables that stand in the rows of none. `tables`: first and last row of each."""
    inside = {row for first, last in tables for row in range(first, last)}
    for index, row in enumerate(grid):
        if index not in inside:
            for column, value in enumerate(row):
                if value.__class__ is float:
                    yield (index, column), value


def merges_of(table: RawTable, start: int, end: int, merges: list[Area]) -> list[Area]:
    """The merged areas that reach into the data of the table."""
    columns = [column for _, column in table.columns]
    return [m for m in merges if m[0] < end and m[2] >= start and any(m[1] <= c <= m[3] for c in columns)]
