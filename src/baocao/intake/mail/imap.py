"""The mailbox over IMAP: what lies in its folder, whole messages within a bound, and moving them away."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import CapabilityError, IMAPClientError, LoginError

from baocao.mailbox_settings import Mailbox

TROUBLE = (IMAPClientError, OSError, ssl.SSLError)
"""What a mailbox that is away, refuses the login or breaks off raises."""
_HEADER_BYTES = 64_000
"""Of a message that is too large to be fetched, so that its sender can be told."""


def trouble_text(error: BaseException) -> str:
    """What is wrong with the mailbox and what to do, as the operator reads it."""
    # The special ones first: it is an SSLError, which is an OSError, and TimeoutError is one as well.
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"chứng thư của máy chủ thư không được tin cậy ({error.verify_message}), nên không gửi mật khẩu tới đó. "
            "Hãy kiểm tra tên máy chủ và ca_file= (chứng thư của nơi cấp) trong BAOCAO_IMAP_URL."
        )
    if isinstance(error, ssl.SSLError):
        return (
            f"không lập được kết nối mã hóa với máy chủ thư ({error}). Hãy kiểm tra cổng trong BAOCAO_IMAP_URL: "
            "imaps dùng 993, imap+starttls dùng 143."
        )
    if isinstance(error, LoginError):
        return f"máy chủ thư không nhận tên hoặc mật khẩu ({error}). Hãy sửa BAOCAO_IMAP_URL hoặc tệp password_file=."
    if isinstance(error, CapabilityError):
        return f"máy chủ thư không có STARTTLS ({error}). Hãy dùng imaps:// trong BAOCAO_IMAP_URL."
    if isinstance(error, TimeoutError):
        return "máy chủ thư không trả lời. Hãy kiểm tra tên máy chủ, cổng và đường mạng."
    return str(error) or type(error).__name__


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message that lies in the folder."""

    uid: int
    size: int
    """bytes"""
    received_at: datetime
    """INTERNALDATE: when our own server took it, which no sender can set"""


class OpenMailbox:
    """A connection with the folder selected."""

    def __init__(self, client: IMAPClient, mailbox: Mailbox, uidvalidity: int) -> None:
        self._client, self._mailbox, self.uidvalidity = client, mailbox, uidvalidity
        self._made: set[str] = set()

    def waiting(self) -> list[Envelope]:
        """What lies in the folder, the oldest first."""
        uids = sorted(self._client.search(["UNDELETED"]))
        found = []
        # A server bounds the length of a command; thousands of numbers in one would be refused.
        for start in range(0, len(uids), 500):
            answer: Any = self._client.fetch(uids[start : start + 500], ["RFC822.SIZE", "INTERNALDATE"])
            for uid, data in answer.items():
                if b"RFC822.SIZE" in data and b"INTERNALDATE" in data:
                    found.append(Envelope(uid, data[b"RFC822.SIZE"], data[b"INTERNALDATE"].astimezone(UTC)))
        return sorted(found, key=lambda e: (e.received_at, e.uid))

    def fetch(self, uid: int) -> bytes | None:
        """The whole message, left unread; None when it has gone meanwhile."""
        # PEEK: people look into the same mailbox, and what they have not read must stay unread.
        return self._body(uid, "BODY.PEEK[]", b"BODY[]")

    def fetch_head(self, uid: int) -> bytes | None:
        """Its headers, cut off where they are too long."""
        return self._body(uid, f"BODY.PEEK[HEADER]<0.{_HEADER_BYTES}>", b"BODY[HEADER]<0>")

    def _body(self, uid: int, item: str, key: bytes) -> bytes | None:
        answer: Any = self._client.fetch([uid], [item])
        data = answer.get(uid, {}).get(key)
        return data if isinstance(data, bytes) else None

    def move(self, uid: int, folder: str) -> None:
        """Out of the folder, into one beside it that is made when it is first needed."""
        if folder not in self._made:
            with suppress(IMAPClientError):  # it is there already
                self._client.create_folder(folder)
            self._made.add(folder)
        if self._client.has_capability("MOVE"):
            self._client.move([uid], folder)
            return
        # Copied before it is deleted: breaking off in between leaves it twice and never nowhere.
        self._client.copy([uid], folder)
        self._client.delete_messages([uid])
        # Without UIDPLUS a server removes everything marked as deleted, also what people have marked.
        self._client.expunge([uid]) if self._client.has_capability("UIDPLUS") else self._client.expunge()


@contextmanager
def opened_mailbox(mailbox: Mailbox) -> Iterator[OpenMailbox]:
    """Connect, log in, select the folder. Raises TROUBLE."""
    context = None
    if mailbox.mode != "imap":
        context = ssl.create_default_context(cafile=mailbox.ca_file)
    client = IMAPClient(
        mailbox.host, mailbox.port, ssl=mailbox.mode == "imaps", ssl_context=context, timeout=mailbox.timeout
    )
    client.normalise_times = False  # instants keep the zone the server gives
    try:
        if mailbox.mode == "imap+starttls":
            client.starttls(context)
        client.login(mailbox.user, mailbox.password)
        selected: Any = client.select_folder(mailbox.folder)
        yield OpenMailbox(client, mailbox, int(selected[b"UIDVALIDITY"]))
    finally:
        with suppress(*TROUBLE):
            client.logout()
