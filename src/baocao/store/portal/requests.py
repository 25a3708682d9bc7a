"""Requests for more time: a unit asks, the office grants an extension or declines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select, update

from baocao.store.database import StaleStatus
from baocao.store.inserts import insert_row
from baocao.store.tables import extension_request


@dataclass(frozen=True, slots=True)
class ExtensionRequest:
    """What a unit asked for, and what was decided."""

    id: int
    regime: str
    period: str
    unit: str
    until: date
    reason: str
    asked_by: str
    asked_at: datetime
    decision: str | None
    """`granted`, `declined`; None: the office has not decided"""
    decided_by: str | None
    decided_at: datetime | None
    note: str | None


def ask(
    conn: Connection,
    *,
    regime: str,
    period: str,
    unit: str,
    until: date,
    reason: str,
    asked_by: str,
    asked_at: datetime,
) -> int:
    """Write a request down; its number."""
    values = {"regime": regime, "period": period, "unit": unit, "until_day": until.isoformat(), "reason": reason}
    return insert_row(conn, extension_request, {**values, "asked_by": asked_by, "asked_at": asked_at})


def requests(
    conn: Connection, regime: str | None = None, period: str | None = None, unit: str | None = None, *, open_only: bool
) -> list[ExtensionRequest]:
    """Requests, the oldest first; `open_only`: those nobody has decided."""
    c = extension_request.c
    statement = select(extension_request).order_by(c.asked_at, c.id)
    for column, wanted in ((c.regime, regime), (c.period, period), (c.unit, unit)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if open_only:
        statement = statement.where(c.decision.is_(None))
    found = (dict(row._mapping) for row in conn.execute(statement))
    return [ExtensionRequest(until=date.fromisoformat(row.pop("until_day")), **row) for row in found]


def decide(conn: Connection, id: int, decision: str, *, by: str, at: datetime, note: str) -> None:
    """`granted` or `declined`, once. Raises StaleStatus when it is decided already or there is none."""
    c = extension_request.c
    done = conn.execute(
        update(extension_request)
        .where(c.id == id, c.decision.is_(None))
        .values(decision=decision, decided_by=by, decided_at=at, note=note)
    )
    if done.rowcount != 1:
        raise StaleStatus(f"Đề nghị gia hạn số {id}: không có, hoặc đã được trả lời")
