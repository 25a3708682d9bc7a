"""What the reader looks for in the tables of a form: worked out once a form, because hundreds of workbooks share it."""

from __future__ import annotations

from dataclasses import dataclass

from baocao.forms.reading.answers import CONVERTERS, Converter
from baocao.model.form import CellKey, ColumnRole, Form, Table
from baocao.model.per_view import once_per_object


@dataclass(slots=True)
class PlannedRow:
    """A row as the reader looks for it."""

    code: str
    needed: bool
    """False for derived rows: they are recomputed, so losing one loses nothing."""
    cells: list[tuple[CellKey, str, Converter, bool, bool]]
    """key, column code, converter, derived, explanation"""
    options: tuple[str, ...]


@dataclass(slots=True)
class PlannedTable:
    """A table as the reader looks for it."""

    code: str
    columns: tuple[str, ...]
    """Codes of the columns somebody types in."""
    rows: list[PlannedRow]
    every_row: frozenset[str]
    every_column: frozenset[str]
    """All codes of the form's table, also of rows in which nothing is asked."""


@dataclass(slots=True)
class Plan:
    """What the reader looks for on a form's sheet, worked out once for every workbook."""

    tables: list[PlannedTable]


@once_per_object(500)
def plan_of(form: Form) -> Plan:
    """Of one form, worked out once."""
    return Plan([_planned_table(form, table) for table in form.tables])


def _planned_table(form: Form, table: Table) -> PlannedTable:
    rows = []
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
            rows.append(PlannedRow(row.code, needed, cells, row.options))
    return PlannedTable(
        table.code,
        tuple(c.code for c in table.columns if c.code in typed_in),
        rows,
        frozenset(r.code for r in table.rows),
        frozenset(c.code for c in table.columns),
    )
