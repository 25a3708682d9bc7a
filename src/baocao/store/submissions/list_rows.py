"""The rows of lists: written with the submission they came in, read back with their types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, insert, select

from baocao.model.form import CellKey
from baocao.model.submission import Answer, Cell, ListAnswers, ListRow
from baocao.store.tables import list_cell
from baocao.store.values import Typed, as_text
from baocao.xlsx.a1 import position

REASON = "LD"
"""Column of row 0: why the list is empty."""


def insert_list_rows(conn: Connection, submission_id: int, unit: str, lists: ListAnswers) -> int:
    """Keep the rows of a submission's lists, blank cells left out; returns how many cells.

    Raises ValueError for a cell that could not be read: an accepted submission has none.
    """
    rows = [{"submission_id": submission_id, "unit": unit, **said} for said in _said(lists)]
    if rows:
        conn.execute(insert(list_cell), rows)
    return len(rows)


def _said(lists: ListAnswers) -> Iterator[dict[str, Any]]:
    for (form, code), rows in sorted(lists.rows.items()):
        for row in rows:
            for column, cell in sorted(row.cells.items()):
                if cell.answer is Answer.INVALID:
                    raise ValueError(f"{cell.key}: an unreadable cell cannot be kept ({cell.problem})")
                if cell.answer is Answer.BLANK:
                    continue
                value = None if cell.value is None else as_text(cell.value)
                yield _cell(form, code, row.number, column, cell.answer, value, cell.sheet, cell.a1)
    for (form, code), (reason, sheet, a1) in sorted(lists.nil.items()):
        yield _cell(form, code, 0, REASON, Answer.VALUE, reason, sheet, a1)


def _cell(
    form: str, code: str, number: int, column: str, answer: Answer, value: str | None, sheet: str, a1: str
) -> dict[str, Any]:
    return {
        "form": form,
        "list": code,
        "row_number": number,
        "col": column,
        "answer": answer.value,
        "value": value,
        "sheet": sheet,
        "a1": a1,
    }


def facts_of(conn: Connection, submission_ids: Iterable[int]) -> dict[int, list[tuple[Any, ...]]]:
    """Submission -> what its lists say, in the form in which the cells of tables are hashed."""
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in _rows(conn, submission_ids):
        found.setdefault(row.submission_id, []).append(_fact(row._mapping))
    return found


def _fact(said: Mapping[str, Any]) -> tuple[Any, ...]:
    row = f"{said['list']}#{said['row_number']}"
    return said["form"], row, said["col"], said["answer"], said["value"], said["sheet"], said["a1"]


def lists_of(conn: Connection, submission_ids: Iterable[int], typed: Typed) -> dict[int, ListAnswers]:
    """Submission -> its lists; a submission without any has no entry."""
    found: dict[int, ListAnswers] = {}
    for key, group in groupby(_rows(conn, submission_ids), key=attrgetter("submission_id", "form", "list")):
        id, name = key[0], (key[1], key[2])
        rows: dict[int, dict[str, Cell]] = {}
        answers = found.setdefault(id, ListAnswers({}, {}))
        for row in group:
            if row.row_number == 0:
                answers.nil[name] = (row.value, row.sheet, row.a1)
                continue
            cell_key = CellKey(row.form, f"{row.list}#{row.row_number}", row.col)
            value = None if row.value is None else typed(cell_key, row.value)
            cell = Cell(cell_key, Answer(row.answer), value, row.sheet, row.a1)
            rows.setdefault(row.row_number, {})[row.col] = cell
        answers.rows[name] = tuple(ListRow(number, _line(cells), cells) for number, cells in sorted(rows.items()))
    return found


def _line(cells: Mapping[str, Cell]) -> int:
    found = position(next(iter(cells.values())).a1)
    return 0 if found is None else found[0] + 1


# SQLite bounds the values of one statement, a version before 3.32 to 999.
_BATCH = 400


def _rows(conn: Connection, submission_ids: Iterable[int]) -> Iterator[Any]:
    c, ids = list_cell.c, sorted(submission_ids)
    for start in range(0, len(ids), _BATCH):
        yield from conn.execute(
            select(list_cell)
            .where(c.submission_id.in_(ids[start : start + _BATCH]))
            .order_by(c.submission_id, c.form, c.list, c.row_number, c.col)
        )
