"""One figure of every unit, or one unit's figures: what a map, a ranking or a page of a cell shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, tuple_

from baocao.model.form import CellKey
from baocao.store.given_back.given_back_tables import submission_given_back
from baocao.store.tables import cell, submission


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of a unit's official report."""

    unit: str
    key: CellKey
    answer: str
    value: str | None
    """as it is kept"""
    submission_id: int
    sheet: str
    a1: str


def of_every_unit(conn: Connection, regime: str, period: str, keys: Collection[CellKey]) -> list[Figure]:
    """These cells of each unit's official report, by unit; cells left blank are not there."""
    if not keys:
        return []
    c = cell.c
    chosen = official(regime, period).subquery()
    wanted = tuple_(c.form, c.row, c.col).in_([tuple(key) for key in sorted(keys)])
    rows = conn.execute(
        select(chosen.c.unit, c.form, c.row, c.col, c.answer, c.value, chosen.c.id, c.sheet, c.a1)
        .join_from(chosen, cell, c.submission_id == chosen.c.id)
        .where(wanted, c.answer != "blank")
        .order_by(chosen.c.unit)
    )
    return [Figure(r[0], CellKey(r[1], r[2], r[3]), r[4], r[5], r[6], r[7], r[8]) for r in rows]


def official(regime: str, period: str) -> Select[Any]:
    """The report of each unit that counts, as the query `submissions.official` has it: of its accepted ones that were
    not given back the last received."""
    s, later = submission.c, submission.alias("later")
    newer = (
        select(later.c.id)
        .where(
            later.c.regime == s.regime,
            later.c.period == s.period,
            later.c.unit == s.unit,
            later.c.status == "ACCEPTED",
            or_(
                later.c.received_at > s.received_at,
                and_(later.c.received_at == s.received_at, later.c.id > s.id),
            ),
            ~_given_back(later.c.id),
        )
        .exists()
    )
    mine = (s.regime == regime, s.period == period, s.status == "ACCEPTED")
    return select(s.id, s.unit).where(*mine, ~newer, ~_given_back(s.id))


def _given_back(id: ColumnElement[int]) -> ColumnElement[bool]:
    back = submission_given_back.c
    return select(back.id).where(back.submission_id == id).exists()
