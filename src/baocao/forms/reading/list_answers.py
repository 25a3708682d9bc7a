"""From the filled rows of a list to typed cases."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from baocao.forms.contract import NIL_COLUMN, NIL_TABLE, address, list_nil
from baocao.forms.reading.cell_answers import CONVERTERS, Typed, is_nil, raw_text
from baocao.forms.reading.raw import Position, RawTable, RawValue
from baocao.forms.reading.unread import beside, mark_merged, shared_cells
from baocao.model.form import CellKey, Form, ListTable, ValueType
from baocao.model.pack_parts.lists import ListColumn, ListType
from baocao.model.submission import Answer, Cell, ListName, ListRow, Problem, StructureProblem
from baocao.text import fold


def read_list(form: Form, one: ListTable, table: RawTable) -> tuple[tuple[ListRow, ...], list[StructureProblem]]:
    """The cases of a list in printed order, and which of its columns are missing or stand twice."""
    columns: dict[str, int] = {}
    problems = []
    for code, index in table.columns:
        if code in columns and any(c.code == code for c in one.columns):
            where = address(table.marker[0] + 1, index)
            problems.append(StructureProblem("duplicate_column", form.code, code, table.sheet, where))
        columns.setdefault(code, index)
    where = address(table.marker[0] + 1, table.marker[1])
    problems += [
        StructureProblem("missing_column", form.code, c.code, table.sheet, where)
        for c in one.columns
        if c.code not in columns
    ]
    problems += beside(form.code, table, table.span[1])
    cells: dict[CellKey, Cell] = {}
    places: dict[Position, CellKey] = {}
    for number, (_, index) in enumerate(table.rows, 1):
        for column in one.columns:
            if column.code in columns:
                key = CellKey(form.code, one.row_code(number), column.code)
                places[index, columns[column.code]] = key
                cells[key] = _cell(key, column, table, index, columns[column.code])
    if table.merges:
        problems += mark_merged(form.code, table.sheet, shared_cells(table.merges, places), cells)
    # By the line of the sheet: a merged area marks cells of several rows.
    rows: dict[int, dict[str, Cell]] = {index: {} for _, index in table.rows}
    for (index, _), key in places.items():
        rows[index][key.column] = cells[key]
    return tuple(ListRow(n, index + 1, found) for n, (index, found) in enumerate(rows.items(), 1)), problems


def _cell(key: CellKey, column: ListColumn, table: RawTable, row: int, at: int) -> Cell:
    a1 = address(row, at)
    value = table.values.get((row, at))
    if value is None:
        error = table.errors.get((row, at))
        if error is None:
            return Cell(key, Answer.BLANK, None, table.sheet, a1)
        problem = Problem.ERROR_VALUE if error else Problem.FORMULA_WITHOUT_VALUE
        return Cell(key, Answer.INVALID, None, table.sheet, a1, error, problem)
    answer, typed, problem_ = convert(column, value)
    raw = str(typed) if typed.__class__ is int and column.scale == 1 else raw_text(value)
    return Cell(key, answer, typed, table.sheet, a1, raw, problem_)


def convert(column: ListColumn, value: RawValue) -> Typed:
    """A typed answer; money in whole đồng, whatever unit the column is typed in (`1,5` triệu đồng is 1.500.000)."""
    if column.type is ListType.MONEY and column.scale > 1:
        answer, typed, problem = CONVERTERS[ValueType.DECIMAL](value, ())
        if answer is not Answer.VALUE:
            return answer, typed, problem
        assert isinstance(typed, int | Decimal)
        # In Decimal: 0,1 triệu in binary is not 100.000 đồng.
        whole = Decimal(typed) * column.scale
        if whole != int(whole):
            return Answer.INVALID, None, Problem.NOT_WHOLE
        return Answer.VALUE, int(whole), None
    return CONVERTERS[ValueType(column.type.value)](value, column.options)


def stated_empty(
    form: Form, one: ListTable, found: dict[str, RawTable], rows: tuple[ListRow, ...]
) -> tuple[str, str, str] | None:
    """The statement that a list is empty: (reason, sheet, A1); its reason in the cell above it, or `NP` alone in a row.

    A reason that is none of the form's is given as it stands, for the check to say so.
    """
    table = found.get(list_nil(one.code))
    if table is not None:
        at = dict(table.columns).get(NIL_COLUMN), dict(table.rows).get(NIL_TABLE)
        if at[0] is not None and at[1] is not None:
            value = table.values.get((at[1], at[0]))
            text = "" if value is None else raw_text(value)
            if text:
                known = next((r for r in form.nil_reasons if fold(r) == fold(text).strip(" .")), None)
                if known is None and is_nil(text):
                    known = form.nil_reasons[0]
                return known or text, table.sheet, address(at[1], at[0])
    for row in rows:
        if (said := alone_nil(row)) is not None:
            return (form.nil_reasons or ("Không phát sinh",))[0], said.sheet, said.a1
    return None


def alone_nil(row: ListRow) -> Cell | None:
    """The cell of a row in which `NP` stands and nothing else does: no case, the statement that there is none."""
    answered = [c for c in row.cells.values() if c.answer is not Answer.BLANK]
    return answered[0] if answered and all(c.answer is Answer.NIL for c in answered) else None


def without_nil_rows(rows: tuple[ListRow, ...]) -> tuple[ListRow, ...]:
    """The cases: rows that only say `NP` are none."""
    return tuple(row for row in rows if alone_nil(row) is None)


def read_lists(
    form: Form, found: dict[str, RawTable]
) -> Iterator[tuple[ListName, tuple[ListRow, ...], tuple[str, str, str] | None, list[StructureProblem]]]:
    """Every list of the form: its name, cases, statement that it is empty, and what is wrong with its sheet."""
    for one in form.lists:
        table = found.get(one.code)
        name = form.code, one.code
        if table is None or not table.is_list:
            yield name, (), None, [StructureProblem("missing_list", form.code, one.code, "", "", one.short)]
            continue
        rows, problems = read_list(form, one, table)
        yield name, without_nil_rows(rows), stated_empty(form, one, found, rows), problems
