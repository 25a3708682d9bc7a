"""The rows of a list on a sheet: every filled row under its code row, inserted or typed below the prepared ones.

A list ends where something else of ours begins: the next code row, or the notes and signatures printed below it. Its
end mark does not end it, so that a case typed under the last prepared row is read like the others.
Imports nothing heavy, for the reader's child process needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from baocao.forms.contract import END_MARK, LIST_NUMBER, NOTES_HEAD, SIGNED_BY, SIGNED_ON
from baocao.forms.reading.raw import Position, RawTable, RawValue

Grid = list[list[Any]]
# `LIST_NUMBER`: the head of another list on the same sheet, whose code row stands below it.
_BELOW = frozenset({NOTES_HEAD, SIGNED_BY, SIGNED_ON, LIST_NUMBER})


def end_of_list(grid: Grid, code_rows: Sequence[int], start: int) -> int:
    """The row after the last that may hold a case of the list whose code row is `start`.

    `code_rows`: all code rows of the sheet in order; one that only ends a table is passed over.
    """
    end = next((row for row in code_rows if row > start and row < len(grid) and not _ends(grid[row])), len(grid))
    for row in range(start + 1, end):
        if any(value.__class__ is str and value.strip() in _BELOW for value in grid[row]):
            return row
    return end


def _ends(row: Sequence[Any]) -> bool:
    """Whether the code row holds the end mark and nothing else of ours."""
    return any(value.__class__ is str and value.strip() == END_MARK for value in row)


def fill_list(
    table: RawTable,
    grid: Grid,
    end: int,
    faults: Mapping[Position, str],
    value_of: Callable[[Any], RawValue | None],
) -> None:
    """Collect the filled rows between the code row and `end`: wholly empty ones, numbered or not, are nobody's case."""
    start = table.marker[0] + 1
    columns = [column for _, column in table.columns]
    for index in range(start, end):
        row = grid[index]
        found = {(index, column): value for column in columns if (value := value_of(row[column])) is not None}
        broken = {(index, column): faults[index, column] for column in columns if (index, column) in faults}
        if found or broken:
            table.rows.append((str(index + 1), index))
            table.values.update(found)
            table.errors.update(broken)
