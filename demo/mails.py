"""Mail in the demonstration: units write through a real SMTP server into a real Dovecot; `collect` reads it.

Where Dovecot is not installed nobody sends by mail: `make demo` says so, and these units use the folder.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from baocao.model.pack import Pack
from demo.dovecot_server import Dovecot, find_dovecot, running_dovecot
from demo.ports import free_port
from demo.simulate import DroppedFile

OURS = "bao-cao@thanhhoa.example"
"""Where units send their reports."""
EVERY, WHICH = 5, 2
"""Of every so many units this one sends by mail; another one uses the folder (`demo.uploads`), the rest the portal."""
_XLSX = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class _Relay:
    """The office's own mail server: what it takes lies in the mailbox, as taken at the business time that is played."""

    def __init__(self, dovecot: Dovecot) -> None:
        self.dovecot, self.at = dovecot, datetime.now(UTC)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 (the server's name for it)
        self.dovecot.put(envelope.content, self.at)
        return "250 OK"


@dataclass
class Mails:
    """The mail server while it runs."""

    relay: _Relay
    smtp_port: int

    @property
    def settings(self) -> Mapping[str, str]:
        """What an installation needs to read this mailbox."""
        return {"BAOCAO_IMAP_URL": self.relay.dovecot.url, "BAOCAO_MAIL_ADDRESS": OURS}

    def send(self, pack: Pack, deliveries: Iterable[DroppedFile]) -> int:
        """Each unit writes from its registered address, at its own moment; how many."""
        count = 0
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as client:
            for count, delivery in enumerate(deliveries, start=1):  # noqa: B007 (the count is the answer)
                self.relay.at = delivery.at
                client.send_message(_message(pack, delivery))
        return count


@contextmanager
def mail_channel() -> Iterator[Mails | None]:
    """The mail server until the block ends; None where there is no Dovecot."""
    if find_dovecot() is None:
        yield None
        return
    with running_dovecot() as dovecot:
        relay = _Relay(dovecot)
        controller = Controller(relay, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
        controller.start()
        try:
            yield Mails(relay, controller.port)
        finally:
            controller.stop()


def by_mail(delivery: DroppedFile) -> bool:
    """Whether the unit sends by mail: the same units every time."""
    # From the code and not drawn: the same units in every run, and no random number of the play is used up. `hash()`
    # differs from process to process.
    return sum(map(ord, delivery.unit)) % EVERY == WHICH


def _message(pack: Pack, delivery: DroppedFile) -> EmailMessage:
    unit = pack.unit(delivery.unit)
    if unit is None or not unit.email:
        raise ValueError(f"{delivery.unit}: no registered address to write from")
    message = EmailMessage()
    message["From"], message["To"] = unit.email, OURS
    message["Subject"] = f"Báo cáo của {unit.full_name}"
    message["Date"] = delivery.at
    domain = unit.email.partition("@")[2]
    message["Message-ID"] = f"<{delivery.unit}.{delivery.at:%Y%m%d%H%M%S}@{domain}>"
    message.set_content(f"{unit.full_name} gửi báo cáo theo biểu mẫu, tệp kèm theo.")
    message.add_attachment(delivery.data, maintype="application", subtype=_XLSX, filename=delivery.filename)
    return message
