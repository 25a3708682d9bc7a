"""Personal links: which are in force. Signed outside the database (`workflow.mail.personal_links`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

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


_C = unit_link.c
# Asked for every letter to a unit: made once, for making a statement costs more than running it.
_OF_UNIT = (
    select(_C.id, _C.regime, _C.period, _C.unit, _C.number, _C.issued_at, _C.issued_by, _C.revoked_at)
    .where(_C.regime == bindparam("r"), _C.period == bindparam("p"), _C.unit == bindparam("u"))
    .order_by(_C.number)
)


def links_of(conn: Connection, regime: str, period: str, unit: str) -> list[UnitLink]:
    """All links a unit was ever given for the period, the oldest first."""
    return [UnitLink(*row) for row in conn.execute(_OF_UNIT, {"r": regime, "p": period, "u": unit})]


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
