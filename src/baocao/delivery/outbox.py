"""The outbox: letters are enqueued inside the business transaction and sent after it, each exactly once or, after a
crash between the server's answer and our commit, once more under the same Message-ID. None is ever lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery.contexts.common import Letterhead, OperatorAlarm
from baocao.delivery.letters import Letter, render
from baocao.delivery.message import Attachment, message_id, parse_address
from baocao.settings import Settings
from baocao.store.database import StoreError
from baocao.store.mail import outbox_rows
from baocao.store.trail.rows import OWN_ALARM

__all__ = [
    "NO_ADDRESS",
    "OPERATOR",
    "Attachment",
    "alarm",
    "digest_key",
    "enqueue",
    "hold",
    "readdress",
    "requeue",
]

OPERATOR = OWN_ALARM
"""The `unit` of our own alarms."""
NO_ADDRESS = "chưa có địa chỉ thư điện tử dùng được"
"""The error of a letter that is held because nobody knows where to send it."""
# As wide as the column; SQLite would take more and PostgreSQL refuse it in the middle of a decision.
_STEP_LENGTH = 64


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
    # Here and not when it is sent: the transaction that writes a letter to nobody is the one that can still be undone.
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
    """The row of a letter, PENDING or held as FAILED; None when this (regime, period, unit, step) has one."""
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
    return outbox_rows.put(conn, values)


def digest_key(names: Iterable[str]) -> str:
    """Twelve hex digits that stand for these names, in this order: part of a step that depends on what it speaks of."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]


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
        # Shortened it still has to be the same for the same key and another for another: that is what "once a key"
        # rests on.
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


def requeue(conn: Connection, id: int) -> None:
    """Let a letter that was given up, or waits for its next try, be tried again at once and from the start.

    Raises StoreError when there is none of that number, it was sent, or it has no address.
    """
    # A letter that left is never sent again by accident: its recipient has it, and a second receipt would confuse.
    known = outbox_rows.mail(conn, id)
    if known.status == "SENT":
        raise StoreError(
            f"Thư số {id}: đã gửi tới {known.recipient}, không gửi lần hai; nơi nhận báo không nhận được thì dùng "
            "`baocao mail readdress --again`"
        )
    if not known.recipient:
        raise StoreError(
            f"Thư số {id}: {NO_ADDRESS}; hãy bổ sung địa chỉ trong gói chế độ, hoặc dùng `baocao mail readdress {id} …`"
        )
    outbox_rows.try_again(conn, id)


def readdress(conn: Connection, id: int, recipient: str, *, address_of: str = "") -> None:
    """Send a letter to another address: at once, under its Message-ID, also when it was sent to the former one.

    Without `address_of` the new address stays, whatever the pack says. Raises StoreError, ValueError for an address
    that mail cannot go to.
    """
    parse_address(recipient)
    outbox_rows.send_elsewhere(conn, id, recipient, address_of)
