"""The letters of a period, a page at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, case, func, select

from baocao.store.tables import outbox
from baocao.workflow.installation import Installation

STATUSES = ("FAILED", "PENDING", "SENT")


def letters(
    place: Installation,
    regime: str,
    period: str,
    *,
    status: str = "",
    search: str = "",
    first: int = 0,
    count: int = 50,
) -> tuple[list[Any], int]:
    """Rows of `read_letters`."""
    with place.store.read() as conn:
        return read_letters(conn, regime, period, status=status, search=search, first=first, count=count)


def read_letters(
    conn: Connection, regime: str, period: str, *, status: str = "", search: str = "", first: int = 0, count: int = 50
) -> tuple[list[Any], int]:
    """Rows `id, unit, step, recipient, subject, status, attempts, created_at, sent_at, error` and how many in all;
    letters in trouble first, then the newest."""
    c = outbox.c
    chosen = select(c.id).where(c.regime == regime, c.period == period)
    if status in STATUSES:
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
