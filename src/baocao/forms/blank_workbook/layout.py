"""Where everything stands on a form's sheet: decided before anything is written, so that formulas can point."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from baocao.model.form import CellKey, Column, ColumnRole, Form, Table
from baocao.model.submission import Value

CODE, NAME, MEASURE, FIRST = 0, 1, 2, 3
"""Zero-based columns: `Mã`, the item, ĐVT, the first data column."""

CODE_WIDTH, NAME_WIDTH, MEASURE_WIDTH = 10.0, 42.0, 8.5
EXPLANATION_WIDTH, PREVIOUS_WIDTH, COUNT_WIDTH = 26.0, 11.0, 10.5
LETTER = 0.82
"""Mean width of a letter of the font against the digit that column widths are counted in."""
LINE = 16.0
"""Height in points of one line of text in the tables."""

NARRATIVE_LINES = 5
TALLEST = 400.0
"""Points; a spreadsheet row ends at 409."""

BEFORE_TITLE = "Số liệu kỳ trước (để đối chiếu)"

SHOWN_BEFORE = (ColumnRole.ACTUAL, ColumnRole.CUMULATIVE_YEAR, ColumnRole.CUMULATIVE_TERM, ColumnRole.CLOSING)


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
        """The hidden row that ends the table."""
        return self.first_row + len(self.table.rows)


@dataclass(slots=True)
class FormPlace:
    """One sheet."""

    form: Form
    nil_row: int | None
    """Row of the form's nil answer, between its hidden code row and its hidden end row."""
    tables: list[TablePlace]
    widths: dict[int, float]
    last_column: int
    end_row: int
    cells: dict[CellKey, tuple[int, int]] = field(default_factory=dict)

    @property
    def measured(self) -> bool:
        """Whether any row has a unit of measure: a narrative has none, and its column is hidden."""
        return any(row.unit for table in self.form.tables for row in table.rows)


def has_nil(form: Form) -> bool:
    """Whether the sheet carries the nil answer."""
    return form.nil_allowed and bool(form.nil_reasons)


def place(form: Form, previous: Mapping[CellKey, Value], entered: Mapping[CellKey, object]) -> FormPlace:
    """Lay out one form's sheet. Columns of last period's figures appear only where there is a figure to show; `entered`
    only makes rows of long texts higher."""
    shown = {table.code: _previous_columns(form, table, previous) for table in form.tables}
    last_column = max(
        [FIRST + len(t.columns) + len(shown[t.code]) - 1 for t in form.tables] + [FIRST + 3], default=FIRST + 3
    )
    # The heading takes the rows above (`form_sheet._heading`), the fifth for the remark about units of measure.
    row = 5
    nil_row = None
    if has_nil(form):
        nil_row = row + 1
        row += 4
    places = []
    widths = {CODE: CODE_WIDTH, NAME: NAME_WIDTH, MEASURE: MEASURE_WIDTH}
    for table in form.tables:
        found = _place_table(table, shown[table.code], row, last_column, len(form.tables) > 1)
        _widen(widths, found)
        places.append(found)
        row = found.end_row + 2
    result = FormPlace(form, nil_row, places, widths, last_column, row)
    for found in places:
        for key_row in found.table.rows:
            for column in found.table.columns:
                if found.table.applies(key_row, column):
                    key = CellKey(form.code, key_row.code, column.code)
                    result.cells[key] = found.rows[key_row.code], found.columns[column.code]
    _set_heights(result, entered)
    return result


def _previous_columns(form: Form, table: Table, previous: Mapping[CellKey, Value]) -> list[Column]:
    if any(c.role is ColumnRole.OPENING for c in table.columns):
        return []  # last period's closing figures stand in the opening column
    return [
        column
        for column in table.columns
        if column.role in SHOWN_BEFORE
        and any(
            table.applies(row, column) and CellKey(form.code, row.code, column.code) in previous for row in table.rows
        )
    ]


def _place_table(table: Table, shown: Sequence[Column], row: int, last_column: int, several: bool) -> TablePlace:
    """The sheet rows and columns, from 0, of a table whose first line is `row`; `heights` is left to the caller."""
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
    widths[CODE] = max(widths[CODE], *(1.0 + len(row.code) for row in place.table.rows if not row.heading))
    for column in place.table.columns:
        index = place.columns[column.code]
        if column.role is ColumnRole.EXPLANATION and index < place.last_column:
            continue  # spans several columns
        least = EXPLANATION_WIDTH if column.role is ColumnRole.EXPLANATION else _width(column)
        widths[index] = max(widths.get(index, 0.0), least)
    for index in place.previous.values():
        widths[index] = max(widths.get(index, 0.0), PREVIOUS_WIDTH)


def _width(column: Column) -> float:
    """The width the form gives, or the one that fits a count and its heading."""
    # Only a width that the form states: the schema's default is that of a heading, too wide for a count.
    return column.width if "width" in column.model_fields_set else COUNT_WIDTH


def header_heights(place: FormPlace, table: TablePlace) -> list[float]:
    """Height of each heading row, so that the longest heading fits in the rows it spans."""
    top = bottom = spanning = 1
    for column in table.table.columns:
        if column.role is ColumnRole.EXPLANATION:
            continue
        lines = lines_of(column.title, place.widths[table.columns[column.code]] * 0.8)
        if column.group:
            bottom = max(bottom, lines)
        else:
            spanning = max(spanning, lines)
    for code, index in table.previous.items():
        bottom = max(bottom, lines_of(table.table.column(code).title, place.widths[index] * 0.8))
    if table.previous:
        top = max(top, lines_of(BEFORE_TITLE, sum(place.widths[i] for i in table.previous.values())))
    if table.header_rows == 1:
        return [LINE * spanning + 5]
    top = max(top, spanning - bottom)
    return [LINE * top + 5, LINE * bottom + 5]


def pages_tall(place: FormPlace, height: float) -> int:
    """How many pages the sheet may take: 0 lets it run on, a number squeezes a small overflow (signatures alone on the
    last page) into the pages before it. `height` is that of all rows, in points."""
    # Points of an A4 page inside the margins of `page.print_set_up`; a column is 5.25 points a character and 3.75 of
    # padding.
    across, down = (770.0, 495.0) if place.form.landscape else (530.0, 735.0)
    width = sum(place.widths.get(i, COUNT_WIDTH) * 5.25 + 3.75 for i in range(place.last_column + 1))
    pages = height * min(1.0, across / width) / down
    whole = int(pages)
    # Squeezed by 30 % at most: smaller print would not be read.
    return whole if whole and pages - whole < 0.3 * whole else 0


def _set_heights(place: FormPlace, entered: Mapping[CellKey, object]) -> None:
    """Row heights: names in full; a narrative gets room to write, and all the room its text takes."""
    for table in place.tables:
        for row in table.table.rows:
            lines = 1
            if not row.heading:
                lines = lines_of(row.printed_name, place.widths[NAME] - 2 - 1.5 * row.indent)
                lines = max(lines, lines_of(row.unit, place.widths[MEASURE]))
            for column in table.table.columns:
                if not table.table.is_entered(row, column):
                    continue
                text = entered.get(CellKey(place.form.code, row.code, column.code))
                start = table.columns[column.code]
                end = table.last_column if column.role is ColumnRole.EXPLANATION else start
                width = sum(place.widths.get(i, COUNT_WIDTH) for i in range(start, end + 1))
                if column.role is ColumnRole.TEXT:
                    lines = max(lines, NARRATIVE_LINES)
                if column.role in {ColumnRole.TEXT, ColumnRole.EXPLANATION} and isinstance(text, str):
                    lines = max(lines, lines_of(text, width))
            # Excel refuses a row of more than 409 points; what is longer is read in the cell.
            table.heights[row.code] = min(LINE * lines + 4, TALLEST)


def lines_of(text: str, width: float) -> int:
    """How many lines the text takes in a column of this width, words kept whole (an estimate on the safe side)."""
    room = max(width - 1.0, 1.0)
    lines = 0
    for paragraph in text.split("\n"):
        lines += 1
        used = 0.0
        for word in paragraph.split():
            size = LETTER * len(word)
            if used and used + LETTER + size > room:
                lines += 1
                used = 0.0
            used += size + (LETTER if used else 0)
            if used > room:
                lines += math.ceil(used / room) - 1
                used = used % room
    return max(lines, 1)
