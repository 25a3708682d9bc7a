"""A site whose units write to a real mailbox: Dovecot behind a real SMTP server, on loopback."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from aiosmtpd.controller import Controller
from demo.dovecot_server import Dovecot
from demo.ports import free_port

from builders.mail.mail import OURS
from builders.sites.site import Site


class PostOffice:
    """An SMTP server: what is for our own mailbox goes into Dovecot, everything else is kept here."""

    def __init__(self, dovecot: Dovecot) -> None:
        self.dovecot, self.sent = dovecot, list[EmailMessage]()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        from email import message_from_bytes, policy

        user, _, domain = OURS.partition("@")
        for recipient in envelope.rcpt_tos:
            local, _, host = recipient.partition("@")
            if host == domain and local.partition("+")[0] == user:
                self.dovecot.put(f"Delivered-To: {recipient}\r\n".encode() + envelope.content)
            else:
                self.sent.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        return [m for m in self.sent if parseaddr(str(m["To"]))[1] == address]


@contextmanager
def open_office(dovecot: Dovecot) -> Iterator[tuple[PostOffice, int]]:
    """An empty mailbox behind a running SMTP server; its port."""
    for folder in ("INBOX", "baocao-da-nhan", "baocao-can-xem"):
        dovecot.clear(folder)
    office = PostOffice(dovecot)
    port = free_port()
    controller = Controller(office, hostname="127.0.0.1", port=port, ready_timeout=60)
    controller.start()
    try:
        yield office, port
    finally:
        controller.stop()


class MailSite(Site):
    """A site with a mailbox."""

    office: PostOffice
    smtp_port: int
    more: dict[str, str]

    @property
    def env(self) -> dict[str, str]:
        mailbox = {"BAOCAO_IMAP_URL": self.office.dovecot.url, "BAOCAO_MAIL_ADDRESS": OURS, "BAOCAO_MAIL_FROM": OURS}
        return {**super().env, **mailbox, "BAOCAO_SMTP_URL": f"smtp://127.0.0.1:{self.smtp_port}", **self.more}

    def reach_by(self, url: str) -> None:
        """From now on the mailbox is reached by this address."""
        self.place.store.close()
        self.__dict__.pop("place")
        self.more["BAOCAO_IMAP_URL"] = url

    def write(self, message: EmailMessage) -> None:
        """A unit sends a message through its own mail program."""
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=60) as client:
            client.send_message(message)
