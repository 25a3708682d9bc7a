"""One figure of every unit, or one unit's figures: what a map, a ranking or a page of a cell shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select, tuple_

from baocao.model.form import CellKey
from baocao.store.tables import cell, official_submission


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
    o = official_submission.c
    wanted = tuple_(c.form, c.row, c.col).in_([tuple(key) for key in sorted(keys)])
    rows = conn.execute(
        select(o.unit, c.form, c.row, c.col, c.answer, c.value, o.id, c.sheet, c.a1)
        .join_from(official_submission, cell, c.submission_id == o.id)
        .where(o.regime == regime, o.period == period, wanted, c.answer != "blank")
        .order_by(o.unit)
    )
    return [Figure(r[0], CellKey(r[1], r[2], r[3]), r[4], r[5], r[6], r[7], r[8]) for r in rows]
