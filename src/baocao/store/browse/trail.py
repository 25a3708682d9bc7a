"""The trail of a regime, a page at a time."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from baocao.store.tables import event


def trail_of(
    conn: Connection, regime: str, period: str, action: str, actor: str, first: int, count: int
) -> tuple[list[Any], int, list[str]]:
    """Rows `seq, at, actor, action, period, subject, payload, hash`, newest first; how many there are, and the actions
    that occur in the regime. What is empty is not asked for."""
    c = event.c
    own = c.regime == regime
    asked = [
        own,
        *(column == text for column, text in ((c.period, period), (c.action, action), (c.actor, actor)) if text),
    ]
    page = (
        select(c.seq, c.at, c.actor, c.action, c.period, c.subject, c.payload, c.hash)
        .where(*asked)
        .order_by(c.seq.desc())
        .limit(count)
        .offset(first)
    )
    total = conn.execute(select(func.count()).select_from(event).where(*asked)).scalar_one()
    actions = list(conn.execute(select(c.action).where(own).distinct().order_by(c.action)).scalars())
    return list(conn.execute(page)), int(total), actions
