"""The cells of submissions: one row a cell, written in bulk, read back with their types."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from operator import itemgetter
from sys import intern
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Connection, select

from baocao.memory import no_garbage_expected
from baocao.model.form import CellKey
from baocao.model.submission import AcceptedCells, Answer, Cell
from baocao.store.queries import query
from baocao.store.submissions.list_rows import facts_of, lists_of
from baocao.store.submissions.submissions import accepted
from baocao.store.tables import cell
from baocao.store.values import Typed, as_text

_COLUMNS = ("submission_id", "form", "row", "col", "answer", "value", "sheet", "a1")
_AT_ONCE = 20
"""So many rows a statement take two thirds of the time they take one by one; more gain nothing."""


def _insert(rows: int) -> str:
    values = ", ".join([f"({', '.join('?' for _ in _COLUMNS)})"] * rows)
    return f"INSERT INTO cell ({', '.join(_COLUMNS)}) VALUES {values}"  # noqa: S608 (names)


_INSERT, _INSERT_SOME = _insert(1), _insert(_AT_ONCE)


@dataclass(frozen=True)
class StoredCells:
    """What was kept of a submission."""

    count: int
    sha256: str
    """over the cells, as `cells_sha256` of a submission without lists"""


def insert_cells(conn: Connection, submission_id: int, cells: Iterable[Cell]) -> StoredCells:
    """Keep the cells of a submission.

    Unreadable cells are not kept (the raw file is): they raise ValueError, for an accepted submission has none.
    On PostgreSQL the rows go through COPY, inside the same transaction.
    """
    rows = [_row(submission_id, c) for c in cells]
    if not rows:
        return StoredCells(0, NO_CELLS)
    if conn.dialect.name == "postgresql":
        # SQLAlchemy has no COPY; the driver's own connection is in the same transaction.
        driver: Any = conn.connection.driver_connection
        with driver.cursor() as cursor, cursor.copy(f"COPY cell ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        # A row is plain text and numbers: the driver takes it as it is, in half the time.
        whole = len(rows) - len(rows) % _AT_ONCE
        some = [tuple(chain.from_iterable(rows[n : n + _AT_ONCE])) for n in range(0, whole, _AT_ONCE)]
        for statement, parameters in ((_INSERT_SOME, some), (_INSERT, rows[whole:])):
            if parameters:
                conn.exec_driver_sql(statement, parameters)
    return StoredCells(len(rows), _sha256([row[1:] for row in rows]))


def cells_sha256(conn: Connection, submission_id: int) -> str:
    """One hash over the cells of a submission, those of its lists included, as they are kept: every name, answer,
    value and address."""
    rows = conn.execute(query(conn, "cells", "of_submission"), {"submission_id": submission_id})
    lists = facts_of(conn, [submission_id]).get(submission_id, [])
    return _sha256([*(tuple(row) for row in rows), *lists])


def official_sha256(conn: Connection, regime: str, period: str) -> dict[int, str]:
    """The same of every official submission of a period that has cells, by submission id."""
    rows = conn.execute(
        query(conn, "cells", "official"), {"regime": regime, "period": period}, execution_options={"yield_per": 5000}
    )
    said = {id: [tuple(row[1:]) for row in group] for id, group in groupby(rows, key=itemgetter(0))}
    for id, more in facts_of(conn, [s.id for s in accepted(conn, regime, period)]).items():
        said.setdefault(id, []).extend(more)
    return {id: _sha256(rows) for id, rows in said.items()}


def _sha256(rows: Iterable[tuple[Any, ...]]) -> str:
    """Over one line of JSON a row. The first value of a row is a text."""
    found = list(rows)
    if not found:
        return hashlib.sha256().hexdigest()
    # All rows in one go, for a call costs more than a row. `],["` parts two rows. It also stands where a text ends in
    # `],[`: the halves of that row are then sorted apart, every time alike; the hashes on record are made so.
    said = to_json(found)[3:-2].split(b'],["')
    # Sorted here: two databases may order the same names differently.
    lines = sorted([line + b"]" for line in said])
    return hashlib.sha256(b'["' + b'\n["'.join(lines)).hexdigest()


NO_CELLS = _sha256([])
"""The hash of a submission in which nobody said anything."""


def cells_of(conn: Connection, submission_id: int, typed: Typed) -> dict[CellKey, Cell]:
    """The cells of one submission, by name."""
    rows = conn.execute(query(conn, "cells", "of_submission"), {"submission_id": submission_id})
    return _cells(rows, typed)


def figures_of(conn: Connection, regime: str, unit: str, period: str) -> dict[CellKey, str]:
    """The figures of a unit's official submission of a period as stored texts; empty when there is none.

    Cells declared nil or left blank are not in it. Give the texts their types with `values.typed_by(pack)`.
    """
    rows = conn.execute(query(conn, "cells", "figures"), {"regime": regime, "period": period, "unit": unit})
    # `all`: fetched row by row, a row costs half as much again.
    return {CellKey(form, row, column): value for form, row, column, value in rows.all()}


def amounts_of(
    conn: Connection, submission_ids: Collection[int], keys: Collection[CellKey]
) -> dict[int, dict[CellKey, int]]:
    """Submission -> its whole figures in these cells. What was accepted never changes: the answer may be kept."""
    found: dict[int, dict[CellKey, int]] = {id: {} for id in submission_ids}
    if not found:
        return found
    rows = conn.execute(
        select(cell.c.submission_id, cell.c.form, cell.c.row, cell.c.col, cell.c.value).where(
            cell.c.submission_id.in_(found),
            cell.c.form.in_({key.form for key in keys}),
            cell.c.col.in_({key.column for key in keys}),
            cell.c.answer == Answer.VALUE.value,
        )
    )
    for id, form, row, column, value in rows:
        key = CellKey(form, row, column)
        if key in keys and value.isdigit():
            found[id][key] = int(value)
    return found


def nils_of(conn: Connection, regime: str, unit: str, period: str) -> set[CellKey]:
    """The cells that a unit's official submission of a period declares nil."""
    rows = conn.execute(query(conn, "cells", "nils"), {"regime": regime, "period": period, "unit": unit})
    return {CellKey(*row) for row in rows}


def accepted_cells(conn: Connection, regime: str, period: str, typed: Typed) -> list[AcceptedCells]:
    """The official submissions of a period with their cells, by unit code (see `values.typed_by`)."""
    with no_garbage_expected():
        found = sorted(iterate_accepted_cells(conn, regime, period, typed), key=lambda a: a.unit)
    return with_lists(conn, found, typed)


def with_lists(conn: Connection, found: Sequence[AcceptedCells], typed: Typed) -> list[AcceptedCells]:
    """The same submissions, the lists of those that have some added."""
    lists = lists_of(conn, [a.submission_id for a in found], typed)
    return [replace(a, lists=lists[a.submission_id]) if a.submission_id in lists else a for a in found]


def iterate_accepted_cells(conn: Connection, regime: str, period: str, typed: Typed) -> Iterator[AcceptedCells]:
    """The same one by one and without their lists, in the order of arrival: for a nation of units that does not fit in
    memory at once."""
    by_id = {s.id: s for s in accepted(conn, regime, period)}
    rows = conn.execute(
        query(conn, "cells", "official"), {"regime": regime, "period": period}, execution_options={"yield_per": 5000}
    )
    with_cells = set()
    names: dict[tuple[str, str, str], CellKey] = {}
    # The statement orders by submission: `groupby` parts wherever the number changes.
    for id, group in groupby(rows, key=itemgetter(0)):
        with_cells.add(id)
        sent = by_id[id]
        found = _cells((row[1:] for row in group), typed, names)
        yield AcceptedCells.of(sent, found)
    for id in sorted(by_id.keys() - with_cells):
        sent = by_id[id]
        yield AcceptedCells.of(sent, {})


def _row(submission_id: int, cell: Cell) -> tuple[int, str, str, str, str, str | None, str, str]:
    if cell.answer is Answer.INVALID:
        raise ValueError(f"{cell.key}: an unreadable cell cannot be kept ({cell.problem})")
    if (cell.answer is Answer.VALUE) != (cell.value is not None):
        raise ValueError(f"{cell.key}: answer {cell.answer} with value {cell.value!r}")
    value = None if cell.value is None else as_text(cell.value)
    # `.value` is a property written in Python, and this is every cell of every file.
    return (submission_id, *cell.key, cell.answer._value_, value, cell.sheet, cell.a1)


def _cells(
    rows: Iterable[Any], typed: Typed, names: dict[tuple[str, str, str], CellKey] | None = None
) -> dict[CellKey, Cell]:
    """`names` is filled and shared between units, so that a name stands in memory once."""
    names = {} if names is None else names
    cells = {}
    for form, row, column, answer, value, sheet, a1 in rows:
        name = (form, row, column)
        key = names.get(name) or names.setdefault(name, CellKey(*name))
        cells[key] = Cell(
            key, _ANSWERS[answer], None if value is None else typed(key, value), intern(sheet), intern(a1)
        )
    return cells


_ANSWERS = {answer.value: answer for answer in Answer}
