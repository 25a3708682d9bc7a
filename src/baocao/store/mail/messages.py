"""Messages of the mailbox: each is met once, whatever happens in between."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update

from baocao.store.inserts import insert_once
from baocao.store.tables import mail_message


@dataclass(frozen=True, slots=True)
class MessageLocation:
    """Where a message lies: the only name it has that holds."""

    mailbox: str
    """`user@host/folder`"""
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Met:
    """A message that was met before, and what came of it."""

    id: int
    outcome: str
    """Empty: not finished."""


def write_down(
    conn: Connection, where: MessageLocation, *, sha256: str, size: int, received_at: datetime, seen_at: datetime
) -> Met:
    """Write a message down, or find it."""
    row = {"sha256": sha256, "size": size, "received_at": received_at, "seen_at": seen_at}
    unknown = {"sender": "", "message_id": "", "outcome": ""}
    insert_once(conn, mail_message, {**asdict(where), **row, **unknown}, ("mailbox", "uidvalidity", "uid"))
    found = find(conn, where)
    assert found is not None
    return found


def find(conn: Connection, where: MessageLocation) -> Met | None:
    """What is known of the message in that place."""
    c = mail_message.c
    row = conn.execute(
        select(c.id, c.outcome).where(
            c.mailbox == where.mailbox, c.uidvalidity == where.uidvalidity, c.uid == where.uid
        )
    ).one_or_none()
    return None if row is None else Met(*row)


def finish(
    conn: Connection, id: int, *, outcome: str, sender: str, message_id: str, details: Mapping[str, Any]
) -> bool:
    """Everything in the message is on its way; False when another process has said so before."""
    c = mail_message.c
    values = {"outcome": outcome, "sender": sender, "message_id": message_id, "details": dict(details)}
    done = conn.execute(update(mail_message).where(c.id == id, c.outcome == "").values(**values))
    return done.rowcount == 1


def finished_since(conn: Connection, sender: str, since: datetime) -> int:
    """How many messages of this sender were finished since then."""
    c = mail_message.c
    return conn.execute(select(func.count()).where(c.sender == sender, c.seen_at > since)).scalar_one()
