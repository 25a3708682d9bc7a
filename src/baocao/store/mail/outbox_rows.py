"""The rows of the outbox: one a letter, PENDING until it was handed over (SENT) or given up (FAILED)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, func, or_, select, update

from baocao.store.database import StoreError
from baocao.store.inserts import insert_once
from baocao.store.tables import outbox
from baocao.store.trail.rows import OWN_ALARM, note_gone, note_sent, note_to_send_again

_PENDING = select(outbox).where(outbox.c.id == bindparam("of"), outbox.c.status == "PENDING")
_LEAVES = (
    update(outbox)
    .where(outbox.c.id == bindparam("of"), outbox.c.status == "PENDING")
    .values(status="SENT", sent_at=bindparam("at"), attempts=bindparam("tries"), error=None, retry_at=None)
)
_FROM_THE_START = {
    "status": "PENDING",
    "attempts": 0,
    "refusals": 0,
    "perhaps_sent": 0,
    "retry_at": None,
    "error": None,
}
"""Of a letter that is tried as if it never had been."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A letter of the outbox, as the operator looks at it."""

    id: int
    regime: str
    period: str
    unit: str
    step: str
    recipient: str
    address_of: str
    subject: str
    text: str
    files: tuple[str, ...]
    status: str
    attempts: int
    created_at: datetime
    retry_at: datetime | None
    sent_at: datetime | None
    error: str
    message_id: str


def put(conn: Connection, values: Mapping[str, Any]) -> int | None:
    """Add a letter, noted in the trail; None when the one of this (regime, period, unit, step) is there already."""
    return insert_once(conn, outbox, values, ("regime", "period", "unit", "step"), values["created_at"])


def id_of(conn: Connection, *, regime: str, period: str, unit: str, step: str) -> int:
    """The row of a letter that was enqueued."""
    c = outbox.c
    found: int = conn.execute(
        select(c.id).where(c.regime == regime, c.period == period, c.unit == unit, c.step == step)
    ).scalar_one()
    return found


def mails(
    conn: Connection,
    *,
    regime: str | None = None,
    period: str | None = None,
    unit: str | None = None,
    statuses: Collection[str] = (),
) -> list[Mail]:
    """The letters in the order they were written, cut down to a regime, a period, a unit, some statuses."""
    c = outbox.c
    statement = select(outbox).order_by(c.id)
    for column, wanted in ((c.regime, regime), (c.period, period), (c.unit, unit)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    if statuses:
        statement = statement.where(c.status.in_(list(statuses)))
    return [_mail(row) for row in conn.execute(statement)]


def mail(conn: Connection, id: int) -> Mail:
    """One letter. Raises StoreError when there is none of that number."""
    row = conn.execute(select(outbox).where(outbox.c.id == id)).one_or_none()
    if row is None:
        raise StoreError(f"Thư số {id}: không có trong hộp thư đi; xem `baocao mail list`")
    return _mail(row)


def mail_of_message(conn: Connection, message_id: str) -> Mail | None:
    """The letter that left under this Message-ID."""
    row = conn.execute(select(outbox).where(outbox.c.message_id == message_id)).one_or_none()
    return None if row is None else _mail(row)


def _mail(row: Row[Any]) -> Mail:
    said = row._mapping
    files = tuple(a["filename"] for a in row.attachments)
    values: dict[str, Any] = {name: said[name] for name in Mail.__slots__ if name != "files"}
    return Mail(**{**values, "address_of": row.address_of or "", "error": row.error or ""}, files=files)


def pending(conn: Connection, id: int) -> Row[Any] | None:
    """The letter with all its columns, while it is PENDING."""
    return conn.execute(_PENDING, {"of": id}).one_or_none()


def next_pending(
    conn: Connection, as_of: datetime, *, longest_pause_ends: datetime, only_alarms: bool, limit: int
) -> list[int]:
    """The letters that go next: never tried ones first, our own alarms before all others, then by age."""
    c = outbox.c
    # A pause that ends later than any pause can was set by a clock that was ahead.
    ready = or_(c.retry_at.is_(None), c.retry_at <= as_of, c.retry_at > longest_pause_ends)
    order = c.attempts, case((c.unit == OWN_ALARM, 0), else_=1), c.id
    statement = select(c.id).where(c.status == "PENDING", ready).order_by(*order).limit(limit)
    if only_alarms:
        statement = statement.where(c.unit == OWN_ALARM)
    return list(conn.execute(statement).scalars())


def count_by_status(conn: Connection, *, regime: str | None = None, period: str | None = None) -> dict[str, int]:
    """Status -> letters, those of our own alarms included; of everything, of a regime, or of a period."""
    statement = select(outbox.c.status, func.count()).group_by(outbox.c.status)
    for column, wanted in ((outbox.c.regime, regime), (outbox.c.period, period)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return {status: int(count) for status, count in conn.execute(statement)}


def set_pending(conn: Connection, id: int, **values: Any) -> None:
    """Write these columns of a letter, if it is still PENDING."""
    conn.execute(update(outbox).where(outbox.c.id == id, outbox.c.status == "PENDING").values(**values))


def set_sent(conn: Connection, row: Row[Any], to: str, at: datetime) -> None:
    """The letter was handed over; noted in the trail, unless it is an alarm of our own."""
    left = conn.execute(_LEAVES, {"of": row.id, "at": at, "tries": row.attempts + 1})
    # No row: it was taken out, or its recipient confirmed, while it was handed over.
    if left.rowcount and row.unit != OWN_ALARM:
        note_sent(conn, row.id, to, at)


def try_again(conn: Connection, id: int) -> None:
    """From the start and at once, unless it was sent."""
    conn.execute(update(outbox).where(outbox.c.id == id, outbox.c.status != "SENT").values(**_FROM_THE_START))


def send_elsewhere(conn: Connection, id: int, recipient: str, address_of: str) -> None:
    """From the start, at once and to this address; also a letter that was sent, which the trail then says."""
    if mail(conn, id).status == "SENT":
        note_to_send_again(conn, id)
    conn.execute(
        update(outbox)
        .where(outbox.c.id == id)
        .values(recipient=recipient, address_of=address_of, sent_at=None, **_FROM_THE_START)
    )


def withdraw(conn: Connection, id: int, at: datetime) -> None:
    """Take out a letter that has not left, noted in the trail."""
    if conn.execute(outbox.delete().where(outbox.c.id == id, outbox.c.status != "SENT")).rowcount:
        note_gone(conn, outbox, id, at)
