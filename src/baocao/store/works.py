"""Rows of `long_work`. They tell people how far something is; nothing is decided from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from baocao.store.database import StoreError
from baocao.store.inserts import insert_row
from baocao.store.tables import long_work

_MOST_SAID = 200_000


@dataclass(frozen=True, slots=True)
class Work:
    """One piece of long work, with who asked for it and what came of it."""

    id: int
    regime: str
    period: str
    kind: str
    """`consolidate`, `what-if`"""
    given: Mapping[str, Any]
    started_by: str
    started_at: datetime
    stage: str
    """what is being done, or was when it ended"""
    done: int
    """stages that are over"""
    total: int
    ended_at: datetime | None
    outcome: str | None
    """`done`, `failed`, `interrupted`; None: it is running"""
    said: str


def begin(
    conn: Connection,
    *,
    regime: str,
    period: str,
    kind: str,
    given: Mapping[str, Any],
    by: str,
    at: datetime,
    total: int,
) -> Work:
    """Record that somebody began, with nothing of `total` done yet."""
    row = {"regime": regime, "period": period, "kind": kind, "given": dict(given), "started_by": by, "started_at": at}
    return work_of(conn, insert_row(conn, long_work, {**row, "stage": "", "done": 0, "total": total, "said": ""}))


def tell(conn: Connection, id: int, stage: str, done: int) -> None:
    """What is being done now; nothing once it has ended."""
    c = long_work.c
    conn.execute(update(long_work).where(c.id == id, c.outcome.is_(None)).values(stage=stage, done=done))


def end(conn: Connection, id: int, outcome: str, said: str, at: datetime) -> None:
    """How it ended, once."""
    c = long_work.c
    values = {"outcome": outcome, "said": said[:_MOST_SAID], "ended_at": at}
    if outcome == "done":
        values["done"] = c.total
    conn.execute(update(long_work).where(c.id == id, c.outcome.is_(None)).values(**values))


def work_of(conn: Connection, id: int) -> Work:
    """Raises StoreError when there is none."""
    row = conn.execute(select(long_work).where(long_work.c.id == id)).one_or_none()
    if row is None:
        raise StoreError(f"Không có việc số {id}")
    return _work(row)


def of_period(conn: Connection, regime: str, period: str, most: int = 20) -> list[Work]:
    """The newest first."""
    c = long_work.c
    rows = conn.execute(
        select(long_work).where(c.regime == regime, c.period == period).order_by(c.id.desc()).limit(most)
    )
    return [_work(row) for row in rows]


def running(conn: Connection) -> list[Work]:
    """What has not ended, as far as the rows know."""
    return [_work(row) for row in conn.execute(select(long_work).where(long_work.c.outcome.is_(None)))]


def _work(row: Any) -> Work:
    return Work(**row._mapping)
