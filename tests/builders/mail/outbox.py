"""Letters in the outbox, and a transport that takes or refuses them as told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from sqlalchemy import select

from baocao.delivery.message import Message
from baocao.delivery.outbox import enqueue
from baocao.delivery.transport import DeliveryError, UnavailableError
from baocao.store.database import Store
from baocao.store.tables import outbox
from builders.mail.delivery import at, letter


def opened(message: Message) -> EmailMessage:
    """As the recipient's mail program reads it."""
    return message_from_bytes(message.content, policy=default)  # type: ignore[return-value, arg-type]


class Postman:
    """A transport that remembers what it took, and fails when told to."""

    sender = "Cơ quan thường trực <bao-cao@tinh.example>"

    def __init__(self, *failures: BaseException | None) -> None:
        self.taken: list[EmailMessage] = []
        self.failures = list(failures)

    @contextmanager
    def session(self) -> Iterator[None]:
        yield

    def send(self, message: Message, recipient: str) -> None:
        failure = self.failures.pop(0) if self.failures else None
        if isinstance(failure, DeliveryError | UnavailableError):
            raise failure
        self.taken.append(opened(message))
        if failure is not None:
            raise failure

    @property
    def identities(self) -> list[str]:
        return [m["Message-ID"] for m in self.taken]


def put(
    store: Store, step: str = "t-3", *, unit: str = "90001", to: str = "xa@xa.example", **more: object
) -> int | None:
    with store.begin() as conn:
        return enqueue(
            conn,
            regime="che-do-thu",
            period="2026-H1",
            unit=unit,
            step=step,
            recipient=to,
            letter=letter(f"Thư {step}"),
            created_at=at(16),
            **more,  # type: ignore[arg-type]
        )


def rows(store: Store) -> dict[str, tuple[str, int]]:
    with store.read() as conn:
        return {r.step: (r.status, r.attempts) for r in conn.execute(select(outbox))}


def column(store: Store, step: str, name: str) -> object:
    with store.read() as conn:
        return conn.execute(select(outbox.c[name]).where(outbox.c.step == step)).scalar_one()


class PickyPostman(Postman):
    """Says to each recipient what it is told to say, and takes every other letter."""

    def __init__(self, **said: BaseException) -> None:
        """`xa1=DeliveryError(…)` is what `xa1@xa.example` hears."""
        super().__init__()
        self.said = said

    def send(self, message: Message, recipient: str) -> None:
        failure = self.said.get(recipient.partition("@")[0])
        if failure is not None:
            raise failure
        self.taken.append(opened(message))
