"""Who did what: the trail of a regime, newest first, and when the whole chain was verified."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select

from baocao.store.tables import event
from baocao.workflow.auditing.verified import Verification, last_verified
from baocao.workflow.installation import Installation


def verified(place: Installation) -> Verification | None:
    """When everything was verified last, by whom; None when it never was."""
    with place.store.read() as conn:
        return last_verified(conn)


def trail(
    conn: Connection, regime: str, period: str, action: str, actor: str, first: int, count: int
) -> tuple[list[Any], int, list[str]]:
    """Rows `seq, at, actor, action, period, subject, payload, hash`, how many there are, and the actions that occur."""
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
