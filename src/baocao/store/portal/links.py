"""Personal links: which are in force. Signed outside the database (`workflow.mail.personal_links`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from baocao.store.inserts import insert_once
from baocao.store.tables import unit_link


@dataclass(frozen=True, slots=True)
class UnitLink:
    """One link of one unit and period."""

    id: int
    regime: str
    period: str
    unit: str
    number: int
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None


def links_of(conn: Connection, regime: str, period: str, unit: str) -> list[UnitLink]:
    """All links a unit was ever given for the period, the oldest first."""
    c = unit_link.c
    rows = conn.execute(
        select(c.id, c.regime, c.period, c.unit, c.number, c.issued_at, c.issued_by, c.revoked_at)
        .where(c.regime == regime, c.period == period, c.unit == unit)
        .order_by(c.number)
    )
    return [UnitLink(*row) for row in rows]


def issue(conn: Connection, regime: str, period: str, unit: str, *, at: datetime, by: str) -> UnitLink:
    """The next link of the unit. Of two processes that issue at once both get the same one."""
    number = len(links_of(conn, regime, period, unit)) + 1
    row = {"regime": regime, "period": period, "unit": unit, "number": number, "issued_at": at, "issued_by": by}
    insert_once(conn, unit_link, row, ("regime", "period", "unit", "number"))
    return links_of(conn, regime, period, unit)[number - 1]


def revoke(conn: Connection, link: UnitLink, *, at: datetime, by: str, reason: str) -> bool:
    """End a link; False when it was ended before."""
    done = conn.execute(
        update(unit_link)
        .where(unit_link.c.id == link.id, unit_link.c.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by, reason=reason)
    )
    return done.rowcount == 1
