"""The outbox: letters are enqueued inside the business transaction and sent after it, each exactly once or, after a
crash between the server's answer and our commit, once more under the same Message-ID. None is ever lost.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select, text, update

from baocao.delivery.context import Letterhead, OperatorAlarm
from baocao.delivery.letters import Letter, render
from baocao.delivery.message import Attachment, File, compose, message_id, parse_address
from baocao.delivery.transport import DeliveryError, Transport, UnavailableError
from baocao.model.regime import Regime
from baocao.settings import Settings
from baocao.store.database import Store, StoreError
from baocao.store.files import FileProblem
from baocao.store.tables import outbox
from baocao.store.windows import insert_new

__all__ = [
    "MAX_ATTEMPTS",
    "OPERATOR",
    "Attachment",
    "FlushResult",
    "alarm",
    "backoff",
    "digest_key",
    "enqueue",
    "flush",
    "id_of",
    "requeue",
]

log = logging.getLogger(__name__)

OPERATOR = "operator"
"""The `unit` of our own alarms."""
MAX_ATTEMPTS = 8
"""After so many temporary refusals (half a day with the back-off below) a letter is FAILED and the operator is told."""
_FIRST_WAIT = timedelta(minutes=5)
_LONGEST_WAIT = timedelta(hours=4)
_STEP_LENGTH = 64
_LOCK_NUMBER = int.from_bytes(hashlib.sha256(b"baocao outbox").digest()[:8], "big", signed=True)


@dataclass(frozen=True, slots=True)
class FlushResult:
    """What one flush did: letters sent, letters whose attempt failed, letters still PENDING afterwards."""

    sent: int
    failed: int
    left: int


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
) -> int | None:
    """Put a letter into the outbox, in the caller's transaction; nothing is sent here.

    `recipient` is one address, with or without a display name. Returns the row's id, or None when the letter of this
    (regime, period, unit, step) was enqueued before: then nothing changes, whoever was first.
    Raises ValueError for an address that mail cannot go to, or a step name that is too long.
    """
    parse_address(recipient)
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
        "status": "PENDING",
        "attempts": 0,
        "created_at": created_at,
    }
    statement = insert_new(conn, outbox).values(**values)
    once = statement.on_conflict_do_nothing(index_elements=["regime", "period", "unit", "step"])
    found: int | None = conn.execute(once.returning(outbox.c.id)).scalar()
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


def backoff(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th failure: 5, 10, 20 ... minutes, at most 4 hours."""
    doublings = max(0, min(attempts, 20) - 1)
    return min(_FIRST_WAIT * (1 << doublings), _LONGEST_WAIT)


def requeue(conn: Connection, id: int) -> None:
    """Let a FAILED letter be tried again from the start, after the operator has mended the cause.

    Raises StoreError when the letter is not FAILED.
    """
    done = conn.execute(
        update(outbox)
        .where(outbox.c.id == id, outbox.c.status == "FAILED")
        .values(status="PENDING", attempts=0, retry_at=None, error=None)
    )
    if done.rowcount != 1:
        raise StoreError(f"Thư số {id}: không ở trạng thái FAILED nên không gửi lại được; hãy xem lại số thư")


def flush(store: Store, transport: Transport, as_of: datetime, *, limit: int | None = None) -> FlushResult:
    """Send what may go at `as_of`: PENDING letters whose back-off is over, oldest first, at most `limit` attempts.

    One flush runs at a time for one outbox (a second one waits, then sends what the first has left). A server that
    cannot be reached ends the flush: the letters wait and do not lose an attempt.
    """
    sent = failed = 0
    with _alone(store), transport.session():
        # Every attempt moves its letter out of reach: SENT, FAILED, or PENDING with a later `retry_at`.
        while (limit is None or sent + failed < limit) and (row := _next(store, as_of)):
            try:
                went = _send_one(store, transport, row, as_of)
            except UnavailableError as error:
                _postpone(store, row, str(error), as_of)
                failed += 1
                break
            sent, failed = sent + went, failed + (not went)
    return FlushResult(sent, failed, _left(store))


def _next(store: Store, as_of: datetime) -> Row[Any] | None:
    """The oldest letter that may go now."""
    ready = or_(outbox.c.retry_at.is_(None), outbox.c.retry_at <= as_of)
    statement = select(outbox).where(outbox.c.status == "PENDING", ready).order_by(outbox.c.id).limit(1)
    with store.read() as conn:
        return conn.execute(statement).one_or_none()


def _left(store: Store) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(outbox).where(outbox.c.status == "PENDING")).scalar_one()


def _send_one(store: Store, transport: Transport, row: Row[Any], as_of: datetime) -> bool:
    """Send one letter and commit that it is sent. No transaction is open while the server is talking."""
    try:
        _hand_over(store, transport, row, as_of)
    except DeliveryError as error:
        _record_failure(store, row, error, as_of)
        return False
    with store.begin() as conn:
        conn.execute(
            update(outbox)
            .where(outbox.c.id == row.id, outbox.c.status == "PENDING")
            .values(status="SENT", sent_at=as_of, attempts=row.attempts + 1, error=None, retry_at=None)
        )
    return True


def _hand_over(store: Store, transport: Transport, row: Row[Any], as_of: datetime) -> None:
    try:
        files = [File(a["filename"], a["mime"], store.files.get(a["sha256"])) for a in row.attachments]
        message = compose(
            Letter(row.subject, row.text, row.html),
            files,
            sender=transport.sender,
            recipient=row.recipient,
            identity=row.message_id,
            date=as_of,
        )
    except FileProblem as error:
        raise DeliveryError(f"tệp đính kèm: {error}", permanent=False) from error
    except ValueError as error:
        raise DeliveryError(f"không lập được thư: {error}", permanent=True) from error
    transport.send(message, parse_address(row.recipient).addr_spec)


def _record_failure(store: Store, row: Row[Any], error: DeliveryError, as_of: datetime) -> None:
    attempts = row.attempts + 1
    gives_up = error.permanent or attempts >= MAX_ATTEMPTS
    values: dict[str, Any] = {"attempts": attempts, "error": str(error)}
    values |= {"status": "FAILED"} if gives_up else {"retry_at": as_of + backoff(attempts)}
    log.warning("outbox: letter %s, attempt %s: %s", row.id, attempts, error)
    with store.begin() as conn:
        conn.execute(update(outbox).where(outbox.c.id == row.id, outbox.c.status == "PENDING").values(**values))
        # An alarm that cannot be delivered raises no further alarm: it stays in sight as FAILED.
        if gives_up and row.unit != OPERATOR:
            alarm(
                conn,
                store.settings,
                _own_letterhead(store.settings, row),
                regime=row.regime,
                period=row.period,
                subject=f"Không gửi được thư «{row.step}» tới đơn vị {row.unit}",
                text=f"Thư số {row.id} «{row.step}» gửi {row.recipient} không gửi được sau {attempts} lần. "
                f"Lần cuối: {error}\n\n"
                "Kiểm tra địa chỉ trong gói chế độ báo cáo và máy chủ thư, rồi cho gửi lại thư này.",
                key=f"mail-failed/{row.id}",
                at=as_of,
            )


def _postpone(store: Store, row: Row[Any], error: str, as_of: datetime) -> None:
    """The server is away: the letter waits, and the operator finds one alarm a day once mail flows again."""
    log.warning("outbox: %s", error)
    with store.begin() as conn:
        conn.execute(
            update(outbox)
            .where(outbox.c.id == row.id, outbox.c.status == "PENDING")
            .values(error=error, retry_at=as_of + _FIRST_WAIT)
        )
        alarm(
            conn,
            store.settings,
            _own_letterhead(store.settings, row),
            regime=row.regime,
            period=row.period,
            subject="Không gửi được thư: máy chủ thư không sẵn sàng",
            text=f"Lỗi: {error}\n\n"
            "Các thư chờ trong hộp thư đi và tự được gửi khi máy chủ hoạt động lại; không mất thư nào.",
            key=f"mail-server/{as_of:%Y-%m-%d}",
            at=as_of,
        )


def _own_letterhead(settings: Settings, row: Row[Any]) -> Letterhead:
    """For alarms of the outbox itself, which knows codes but no regime pack."""
    return Letterhead(
        regime=row.regime,
        programme=row.regime,
        office="Hệ thống báo cáo",
        contact=settings.operator_email,
        period=row.period,
        period_code=row.period,
        time_zone=Regime.model_fields["time_zone"].default,
        submit_via="",
    )


@contextmanager
def _alone(store: Store) -> Iterator[None]:
    """One flush at a time for one outbox. The lock dies with its process, so a crash blocks nobody."""
    if store.is_embedded:
        path = store.settings.data / "outbox.lock"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.execute(text("SELECT pg_advisory_lock(:number)"), {"number": _LOCK_NUMBER})
        try:
            yield
        finally:
            conn.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": _LOCK_NUMBER})
