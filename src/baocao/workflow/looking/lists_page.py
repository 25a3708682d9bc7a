"""The rows of a form's lists over all units, as the office looks at them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from baocao.forms.blank_workbook.list_sheet import shown_type, shown_value
from baocao.forms.reading.numbers import format_value
from baocao.model.form import Form, ListTable
from baocao.model.pack import Pack
from baocao.model.submission import Answer, Cell
from baocao.store.submissions import submissions
from baocao.store.submissions.list_rows import lists_of
from baocao.store.values import typed_by

MOST = 500
"""Rows shown; all of them stand in the consolidated workbook."""


@dataclass(frozen=True, slots=True)
class ListLine:
    """One case of a list, with the unit that told it."""

    unit: str
    unit_name: str
    place: str
    """sheet and row of the unit's own file"""
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListShown:
    """A list with the cases of all units."""

    table: ListTable
    lines: tuple[ListLine, ...]
    total: int
    empty: tuple[str, ...]
    """full names of the units that state it empty"""


def lists_shown(conn: Connection, pack: Pack, period: str, form: Form) -> tuple[ListShown, ...]:
    """The lists of a form as the official submissions of the period have them now, units by code."""
    if not form.lists:
        return ()
    # By code, as the consolidated workbook has them.
    sent = sorted(submissions.accepted(conn, pack.code, period), key=lambda s: s.unit)
    found = lists_of(conn, [s.id for s in sent], typed_by(pack))
    shown = []
    for one in form.lists:
        name = form.code, one.code
        lines, empty = [], []
        for submission in sent:
            answers = found.get(submission.id)
            full = pack.unit_name(submission.unit)
            for row in answers.rows.get(name, ()) if answers else ():
                at = next(iter(row.cells.values()))
                texts = _texts(one, row.cells)
                lines.append(ListLine(submission.unit, full, f"{at.sheet}, dòng {row.line}", texts))
            if answers and name in answers.nil:
                empty.append(full)
        shown.append(ListShown(one, tuple(lines[:MOST]), len(lines), tuple(empty)))
    return tuple(shown)


def _texts(one: ListTable, cells: dict[str, Cell]) -> tuple[str, ...]:
    texts: list[str] = []
    for column in one.columns:
        cell = cells.get(column.code)
        if cell is None or cell.answer is Answer.BLANK:
            texts.append("")
        elif cell.answer is Answer.NIL:
            texts.append("NP")
        else:
            texts.append(format_value(shown_value(column, cell.value), shown_type(column)))  # type: ignore[arg-type]
    return tuple(texts)
