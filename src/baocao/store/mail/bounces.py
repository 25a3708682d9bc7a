"""Addresses that letters came back from: nobody is reminded there until the address or somebody's word changes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from baocao.store.inserts import insert_once
from baocao.store.tables import bounced_address


@dataclass(frozen=True, slots=True)
class Bounced:
    """A letter that came back: which one, from which address, and the status code of RFC 3463."""

    address: str
    status: str
    diagnostic: str
    outbox_id: int
    at: datetime


def mark(conn: Connection, found: Bounced) -> bool:
    """Write the address down; False when it was known to bounce."""
    row = {**asdict(found), "address": found.address.lower()}
    return insert_once(conn, bounced_address, row, ("address",)) is not None


def all_bounced(conn: Connection) -> list[Bounced]:
    """Every address that bounces, the oldest first."""
    c = bounced_address.c
    rows = conn.execute(select(c.address, c.status, c.diagnostic, c.outbox_id, c.at).order_by(c.id))
    return [Bounced(*row) for row in rows]


def clear(conn: Connection, address: str) -> bool:
    """The address is good again; False when it was not known to bounce."""
    c = bounced_address.c
    done = conn.execute(delete(bounced_address).where(c.address == address.strip().lower()).returning(c.id))
    return done.first() is not None
