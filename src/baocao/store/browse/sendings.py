"""What a unit sent: its submissions of a period, the cells of one, and which came before another."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, func, select

from baocao.model.submission import Status, Submission
from baocao.store.submissions.list_rows import facts_of
from baocao.store.tables import cell, submission

_S = submission.c


def ids_of(conn: Connection, regime: str, period: str, unit: str) -> list[int]:
    """The unit's submissions of a period, the newest first."""
    statement = select(_S.id).where(_S.regime == regime, _S.period == period, _S.unit == unit)
    return [int(id) for id in conn.execute(statement.order_by(_S.received_at.desc(), _S.id.desc())).scalars()]


def ids_of_unit(conn: Connection, unit: str, id: int | None = None) -> list[int]:
    """The unit's submissions of whatever regime and period, the newest first; the one of that number alone."""
    statement = select(_S.id).where(_S.unit == unit).order_by(_S.received_at.desc(), _S.id.desc())
    if id is not None:
        statement = statement.where(_S.id == id)
    return [int(number) for number in conn.execute(statement).scalars()]


def other_periods(conn: Connection, regime: str, period: str, unit: str) -> tuple[str, ...]:
    """The periods in which the unit sent something besides this one, the last used first."""
    statement = select(_S.period).where(_S.regime == regime, _S.unit == unit, _S.period != period, _S.period != "")
    return tuple(conn.execute(statement.group_by(_S.period).order_by(func.max(_S.received_at).desc())).scalars())


def before(conn: Connection, of: Submission, statuses: Collection[Status]) -> int | None:
    """The unit's last submission of the same period in one of these states before this one; None: there is none."""
    rows = conn.execute(
        select(_S.id, _S.received_at)
        .where(_S.regime == of.regime, _S.period == of.period, _S.unit == of.unit, _S.status.in_(statuses))
        .order_by(_S.received_at.desc(), _S.id.desc())
    )
    return next((int(r.id) for r in rows if (r.received_at, r.id) < (of.received_at, of.id)), None)


def waiting_among(conn: Connection, ids: Collection[int]) -> set[int]:
    """Those of these files that wait for a decision."""
    return set(conn.execute(select(_S.id).where(_S.id.in_(ids), _S.status == Status.RECEIVED)).scalars())


def cells_as_kept(conn: Connection, id: int) -> list[Any]:
    """The cells of a submission as rows `form, row, col, answer, value, sheet, a1`, those of its lists behind."""
    c = cell.c
    tables = conn.execute(
        select(c.form, c.row, c.col, c.answer, c.value, c.sheet, c.a1)
        .where(c.submission_id == id)
        .order_by(c.sheet, c.form, c.row, c.col)
    )
    return [*tables, *facts_of(conn, [id]).get(id, ())]
