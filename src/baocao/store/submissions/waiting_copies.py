"""Signed copies that are safe and not looked at yet."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from baocao.store.inserts import insert_once
from baocao.store.tables import waiting_copy

_C = waiting_copy.c


@dataclass(frozen=True, slots=True)
class WaitingCopy:
    """A signed copy of which nobody knows yet whether it belongs to the report."""

    regime: str
    period: str
    unit: str
    filename: str
    sha256: str
    channel: str
    arrival: str
    """names this very arrival"""
    received_at: datetime


def keep(conn: Connection, copy: WaitingCopy) -> None:
    """Write it down; once an arrival."""
    insert_once(conn, waiting_copy, asdict(copy), ("arrival",))


def waiting(
    conn: Connection, regime: str | None = None, period: str | None = None, unit: str = ""
) -> list[WaitingCopy]:
    """The oldest first; of one regime, period and unit where these are named."""
    statement = select(*(_C[name] for name in WaitingCopy.__slots__)).order_by(_C.id)
    if regime:
        statement = statement.where(_C.regime == regime, _C.period == period, _C.unit == unit)
    return [WaitingCopy(*row) for row in conn.execute(statement)]


def done(conn: Connection, copy: WaitingCopy) -> None:
    """It has been looked at."""
    conn.execute(delete(waiting_copy).where(_C.arrival == copy.arrival))
