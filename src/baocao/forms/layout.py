"""Where everything stands on a form's sheet: decided before anything is written, so that formulas can point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from baocao.model.form import CellKey, Column, ColumnRole, Form, Row, Table
from baocao.model.submission import Value

CODE, NAME, MEASURE, FIRST = 0, 1, 2, 3
"""Zero-based columns: `Mã`, the item, ĐVT, the first data column."""

CODE_WIDTH, NAME_WIDTH, MEASURE_WIDTH = 9.5, 44.0, 9.0
EXPLANATION_WIDTH, PREVIOUS_WIDTH = 24.0, 11.0
LINE = 16.0
"""Height in points of one line of text in the tables."""

_SHOWN_BEFORE = (ColumnRole.ACTUAL, ColumnRole.CUMULATIVE_YEAR, ColumnRole.CUMULATIVE_TERM, ColumnRole.CLOSING)


@dataclass(slots=True)
class TablePlace:
    """One table: zero-based rows and columns. `previous` are the printed-only columns of last period's figures."""

    table: Table
    title_row: int | None
    header_row: int
    header_rows: int
    """1, or 2 when some columns share a heading"""
    number_row: int
    code_row: int
    first_row: int
    columns: dict[str, int]
    previous: dict[str, int]
    last_column: int
    rows: dict[str, int]
    heights: dict[str, float]

    @property
    def end_row(self) -> int:
        return self.first_row + len(self.table.rows)


@dataclass(slots=True)
class FormPlace:
    """One sheet."""

    form: Form
    nil_row: int | None
    """Row of the form's nil answer; its code row stands right above it."""
    tables: list[TablePlace]
    widths: dict[int, float]
    last_column: int
    end_row: int
    cells: dict[CellKey, tuple[int, int]] = field(default_factory=dict)


def has_nil(form: Form) -> bool:
    """Whether the sheet carries the nil answer."""
    return form.nil_allowed and bool(form.nil_reasons)


def place(form: Form, previous: Mapping[CellKey, Value]) -> FormPlace:
    """Lay out one form's sheet. Columns of last period's figures appear only where there is a figure to show."""
    shown = {table.code: _previous_columns(form, table, previous) for table in form.tables}
    last_column = max(
        [FIRST + len(t.columns) + len(shown[t.code]) - 1 for t in form.tables] + [FIRST + 3], default=FIRST + 3
    )
    row = 5
    nil_row = None
    if has_nil(form):
        nil_row = row + 1
        row += 3
    places = []
    widths = {CODE: CODE_WIDTH, NAME: NAME_WIDTH, MEASURE: MEASURE_WIDTH}
    for table in form.tables:
        found = _place_table(table, shown[table.code], row, last_column, len(form.tables) > 1)
        _widen(widths, found)
        places.append(found)
        row = found.end_row + 1
    result = FormPlace(form, nil_row, places, widths, last_column, row)
    for found in places:
        for key_row in found.table.rows:
            for column in found.table.columns:
                if found.table.applies(key_row, column):
                    key = CellKey(form.code, key_row.code, column.code)
                    result.cells[key] = found.rows[key_row.code], found.columns[column.code]
    _set_heights(result)
    return result


def _previous_columns(form: Form, table: Table, previous: Mapping[CellKey, Value]) -> list[Column]:
    if any(c.role is ColumnRole.OPENING for c in table.columns):
        return []  # last period's closing figures stand in the opening column
    return [
        column
        for column in table.columns
        if column.role in _SHOWN_BEFORE
        and any(
            table.applies(row, column) and CellKey(form.code, row.code, column.code) in previous for row in table.rows
        )
    ]


def _place_table(table: Table, shown: Sequence[Column], row: int, last_column: int, several: bool) -> TablePlace:
    title_row = None
    if table.title or several:
        title_row = row
        row += 1
    groups = any(c.group for c in table.columns) or bool(shown)
    header_rows = 2 if groups else 1
    columns: dict[str, int] = {}
    previous: dict[str, int] = {}
    index = FIRST
    for column in table.columns:
        if column.role is ColumnRole.EXPLANATION:
            for before in shown:
                previous[before.code] = index
                index += 1
        columns[column.code] = index
        index += 1
    for before in shown:
        if before.code not in previous:
            previous[before.code] = index
            index += 1
    number_row = row + header_rows
    first_row = number_row + 2
    rows = {r.code: first_row + i for i, r in enumerate(table.rows)}
    return TablePlace(
        table,
        title_row,
        row,
        header_rows,
        number_row,
        number_row + 1,
        first_row,
        columns,
        previous,
        last_column,
        rows,
        {},
    )


def _widen(widths: dict[int, float], place: TablePlace) -> None:
    for column in place.table.columns:
        index = place.columns[column.code]
        if column.role is ColumnRole.EXPLANATION and index < place.last_column:
            continue  # spans several columns
        least = EXPLANATION_WIDTH if column.role is ColumnRole.EXPLANATION else column.width
        widths[index] = max(widths.get(index, 0.0), least)
    for index in place.previous.values():
        widths[index] = max(widths.get(index, 0.0), PREVIOUS_WIDTH)


def _set_heights(place: FormPlace) -> None:
    for table in place.tables:
        for row in table.table.rows:
            lines = lines_of(row_name(row), place.widths[NAME] - 1.5 * row.indent)
            lines = max(lines, lines_of(row.unit, place.widths[MEASURE]))
            text = any(table.table.is_entered(row, c) and c.role is ColumnRole.TEXT for c in table.table.columns)
            table.heights[row.code] = LINE * max(lines, 6 if text else 1) + 4


def row_name(row: Row) -> str:
    """The name as printed, with its note."""
    return row.name


def lines_of(text: str, width: float) -> int:
    """How many lines the text takes in a column of this width, words kept whole (an estimate on the safe side)."""
    lines = 0
    for paragraph in text.split("\n"):
        used = 0.0
        lines += 1
        for word in paragraph.split():
            length = len(word) * 1.06
            if used and used + length > width:
                lines += 1
                used = 0.0
            used += length + 1
            if used > width:
                lines += math.floor(used / width) - (1 if used % width < 1.01 else 0)
                used %= width
    return max(lines, 1)
