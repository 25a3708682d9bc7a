"""Letters and alarms of the outbox, a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func, select

from baocao.store.tables import outbox
from baocao.store.trail.rows import OWN_ALARM

_C = outbox.c
_ALARM = (_C.id, _C.regime, _C.period, _C.step, _C.created_at, _C.subject, _C.text, _C.status)


def letters_of(
    conn: Connection, regime: str, period: str, *, status: str = "", search: str = "", first: int = 0, count: int = 50
) -> tuple[list[Any], int]:
    """Rows `id, unit, step, recipient, subject, status, attempts, created_at, sent_at, error` and how many in all;
    letters in trouble first, then the newest."""
    c = _C
    chosen = select(c.id).where(c.regime == regime, c.period == period)
    if status:
        chosen = chosen.where(c.status == status)
    if search:
        chosen = chosen.where(
            c.unit.contains(search, autoescape=True)
            | c.recipient.contains(search, autoescape=True)
            | c.step.contains(search, autoescape=True)
        )
    rank = case({"FAILED": 0, "PENDING": 1}, value=c.status, else_=2)
    page = (
        select(c.id, c.unit, c.step, c.recipient, c.subject, c.status, c.attempts, c.created_at, c.sent_at, c.error)
        .where(c.id.in_(chosen))
        .order_by(rank, c.id.desc())
        .limit(count)
        .offset(first)
    )
    total = conn.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
    return list(conn.execute(page)), int(total)


def newest_alarms(conn: Connection, regimes: Collection[str], count: int) -> list[Any]:
    """Rows `id, regime, period, step, created_at, subject, text, status` of our own alarms, newest first."""
    return list(conn.execute(select(*_ALARM).where(*_alarms_of(regimes)).order_by(_C.id.desc()).limit(count)))


def alarm_texts(conn: Connection, regimes: Collection[str], period: str = "") -> list[tuple[int, str]]:
    """(number, subject and text) of each, newest first; of one period where it is named."""
    rows = conn.execute(select(_C.id, _C.subject, _C.text).where(*_alarms_of(regimes, period)).order_by(_C.id.desc()))
    return [(int(row.id), f"{row.subject} {row.text}") for row in rows]


def alarm_page(
    conn: Connection, regimes: Collection[str], period: str, first: int, count: int
) -> tuple[list[Any], int]:
    """Rows as of `newest_alarms`, and how many there are in all."""
    own = _alarms_of(regimes, period)
    total = conn.execute(select(func.count()).select_from(outbox).where(*own)).scalar_one()
    page = select(*_ALARM).where(*own).order_by(_C.id.desc()).limit(count).offset(first)
    return list(conn.execute(page)), int(total)


def alarms_numbered(conn: Connection, ids: Sequence[int]) -> list[Any]:
    """Rows as of `newest_alarms`, newest first."""
    return list(conn.execute(select(*_ALARM).where(_C.id.in_(ids)).order_by(_C.id.desc())))


def sent_among(conn: Connection, ids: Collection[int]) -> set[int]:
    """Those of these letters that have left."""
    return set(conn.execute(select(_C.id).where(_C.id.in_(ids), _C.status == "SENT")).scalars())


def _alarms_of(regimes: Collection[str], period: str = "") -> list[ColumnElement[bool]]:
    own = [_C.unit == OWN_ALARM, _C.regime.in_(list(regimes))]
    return [*own, _C.period == period] if period else own
