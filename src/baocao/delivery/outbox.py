"""The outbox: letters are enqueued inside the business transaction and sent after it, each exactly once or, after a
crash between the server's answer and our commit, once more under the same Message-ID. None is ever lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from baocao.delivery.contexts.common import Letterhead, OperatorAlarm
from baocao.delivery.letters import Letter, render
from baocao.delivery.message import Attachment, message_id, parse_address
from baocao.settings import Settings
from baocao.store.database import StoreError
from baocao.store.inserts import insert_once
from baocao.store.tables import outbox
from baocao.store.trail.rows import OWN_ALARM, note, note_to_send_again

__all__ = [
    "NO_ADDRESS",
    "OPERATOR",
    "Attachment",
    "Mail",
    "alarm",
    "digest_key",
    "enqueue",
    "hold",
    "id_of",
    "mail",
    "mails",
    "readdress",
    "requeue",
]

OPERATOR = OWN_ALARM
"""The `unit` of our own alarms."""
NO_ADDRESS = "chưa có địa chỉ thư điện tử dùng được"
"""The error of a letter that is held because nobody knows where to send it."""
_STEP_LENGTH = 64


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


def enqueue(
    conn: Connection,
    *,
    regime: str,
    period: str,
    unit: str,
    step: str,
    recipient: str,
    letter: Letter,
    attachments: Sequence[Attachment | tuple[str, str, str]] = (),
    created_at: datetime,
    address_of: str = "",
    reply_to: str = "",
    thread: Sequence[str] = (),
) -> int | None:
    """Put a letter into the outbox, in the caller's transaction; nothing is sent here.

    `recipient` is one address, with or without a display name; `address_of` says which entry of the pack it is
    (`addresses.source_of`), so that a corrected entry is used at the next try. `reply_to` is where an answer goes,
    `thread` the Message-IDs of what the letter answers. Returns the row's id, or None when the letter
    of this (regime, period, unit, step) was enqueued before: then nothing changes, whoever was first.
    Raises ValueError for an address that mail cannot go to, or a step name that is too long.
    """
    parse_address(recipient)
    return _put(
        conn,
        regime=regime,
        period=period,
        unit=unit,
        step=step,
        recipient=recipient,
        letter=letter,
        attachments=attachments,
        created_at=created_at,
        address_of=address_of,
        status="PENDING",
        error=None,
        reply_to=reply_to,
        thread=thread,
    )


def hold(conn: Connection, *, address_of: str, **letter: Any) -> int | None:
    """Keep a letter that has no address yet, as FAILED: it leaves when the pack has one. Arguments as of `enqueue`."""
    return _put(conn, recipient="", address_of=address_of, status="FAILED", error=NO_ADDRESS, **letter)


def _put(
    conn: Connection,
    *,
    regime: str,
    period: str,
    unit: str,
    step: str,
    recipient: str,
    letter: Letter,
    attachments: Sequence[Attachment | tuple[str, str, str]] = (),
    created_at: datetime,
    address_of: str,
    status: str,
    error: str | None,
    reply_to: str = "",
    thread: Sequence[str] = (),
) -> int | None:
    if len(step) > _STEP_LENGTH:
        raise ValueError(f"step {step!r} is longer than {_STEP_LENGTH} characters")
    files = [Attachment(*a) for a in attachments]
    values = {
        "regime": regime,
        "period": period,
        "unit": unit,
        "step": step,
        "recipient": recipient,
        "subject": letter.subject,
        "text": letter.text,
        "html": letter.html,
        "attachments": [a._asdict() for a in files],
        "message_id": message_id(regime, period, unit, step),
        "status": status,
        "error": error,
        "address_of": address_of,
        "reply_to": reply_to or None,
        "thread": " ".join(thread) or None,
        "attempts": 0,
        "created_at": created_at,
    }
    found = insert_once(conn, outbox, values, ("regime", "period", "unit", "step"))
    note(conn, outbox, () if found is None else (found,), created_at)
    return found


def digest_key(names: Iterable[str]) -> str:
    """Twelve hex digits that stand for these names, in this order: part of a step that depends on what it speaks of."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]


def id_of(conn: Connection, *, regime: str, period: str, unit: str, step: str) -> int:
    """The row of a letter that was enqueued."""
    c = outbox.c
    found: int = conn.execute(
        select(c.id).where(c.regime == regime, c.period == period, c.unit == unit, c.step == step)
    ).scalar_one()
    return found


def alarm(
    conn: Connection,
    settings: Settings,
    head: Letterhead,
    *,
    regime: str,
    period: str,
    subject: str,
    text: str,
    key: str,
    at: datetime,
) -> int | None:
    """Tell the operator, once per (regime, period, key). Paragraphs of `text` are parted by an empty line."""
    step = f"alarm:{key}"
    if len(step) > _STEP_LENGTH:
        step = f"{step[: _STEP_LENGTH - 17]}-{hashlib.sha256(step.encode()).hexdigest()[:16]}"
    context = OperatorAlarm(
        head=head,
        addressee="Bộ phận vận hành hệ thống báo cáo",
        subject=subject,
        paragraphs=tuple(p.strip() for p in text.split("\n\n") if p.strip()),
        at=at,
    )
    return enqueue(
        conn,
        regime=regime,
        period=period,
        unit=OPERATOR,
        step=step,
        recipient=settings.operator_email,
        letter=render(settings.templates, context.outcome, context),
        created_at=at,
    )


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


def _mail(row: Row[Any]) -> Mail:
    said = row._mapping
    files = tuple(a["filename"] for a in row.attachments)
    values: dict[str, Any] = {name: said[name] for name in Mail.__slots__ if name != "files"}
    return Mail(**{**values, "address_of": row.address_of or "", "error": row.error or ""}, files=files)


def requeue(conn: Connection, id: int) -> None:
    """Let a letter that was given up, or waits for its next try, be tried again at once and from the start.

    Raises StoreError when there is none of that number, it was sent, or it has no address.
    """
    known = mail(conn, id)
    if known.status == "SENT":
        raise StoreError(
            f"Thư số {id}: đã gửi tới {known.recipient}, không gửi lần hai; nơi nhận báo không nhận được thì dùng "
            "`baocao mail readdress --again`"
        )
    if not known.recipient:
        raise StoreError(
            f"Thư số {id}: {NO_ADDRESS}; hãy bổ sung địa chỉ trong gói chế độ, hoặc dùng `baocao mail readdress {id} …`"
        )
    conn.execute(
        update(outbox)
        .where(outbox.c.id == id, outbox.c.status != "SENT")
        .values(status="PENDING", attempts=0, refusals=0, perhaps_sent=0, retry_at=None, error=None)
    )


def readdress(conn: Connection, id: int, recipient: str, *, address_of: str = "") -> None:
    """Send a letter to another address: at once, under its Message-ID, also when it was sent to the former one.

    Without `address_of` the new address stays, whatever the pack says. Raises StoreError, ValueError for an address
    that mail cannot go to.
    """
    if mail(conn, id).status == "SENT":
        note_to_send_again(conn, id)
    parse_address(recipient)
    conn.execute(
        update(outbox)
        .where(outbox.c.id == id)
        .values(
            recipient=recipient,
            address_of=address_of,
            status="PENDING",
            attempts=0,
            refusals=0,
            perhaps_sent=0,
            sent_at=None,
            retry_at=None,
            error=None,
        )
    )
