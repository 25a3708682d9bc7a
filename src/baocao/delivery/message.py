"""An outbox row as an e-mail: same row, same instant, same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import NamedTuple
from urllib.parse import quote

from baocao.delivery.headers import MAIL
from baocao.delivery.letters import Letter


class Attachment(NamedTuple):
    """A file of the file store, under the name the recipient sees."""

    filename: str
    sha256: str
    mime: str


class File(NamedTuple):
    """An attachment with its content."""

    filename: str
    mime: str
    data: bytes


def parse_address(text: str) -> Address:
    """`Xã Thử Nghiệm <a@xa.example>` or `a@xa.example`, the name in any script.

    Raises ValueError saying what is wrong: no mailbox, no domain, more than one, letters outside ASCII in the mailbox.
    """
    name, mailbox = parseaddr(text)
    local, _, domain = mailbox.rpartition("@")
    wrong = (
        not local
        or not domain
        or not mailbox.isascii()
        or any(c.isspace() or c in "<>,;:" for c in mailbox)
        or any(c in text for c in "\r\n")
        or ".." in domain
        or domain.strip(".-") != domain
    )
    if wrong:
        raise ValueError(f"địa chỉ thư {text!r} không hợp lệ; cần dạng ten@don-vi.example hoặc Tên <ten@...>")
    try:
        return Address(display_name=name, username=local, domain=domain)
    except Exception as error:  # the header parser raises several unrelated types
        raise ValueError(f"địa chỉ thư {text!r} không hợp lệ: {error}") from None


def named(name: str, mailbox: str) -> str:
    """`mailbox` under a display name, quoted where the name needs it. Raises ValueError like `parse_address`."""
    address = parse_address(mailbox)
    return str(Address(display_name=name, username=address.username, domain=address.domain))


def is_address(text: str) -> bool:
    """Whether mail can be addressed to `text`."""
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


def message_id(regime: str, period: str, unit: str, step: str) -> str:
    """The one Message-ID of this letter, however often it is sent: a function of its four keys and nothing else."""
    local = "/".join(quote(part, safe="+").replace(".", "%2E").replace("~", "%7E") for part in (period, unit, step))
    return f"<{local}@{regime}.baocao.example>"


def compose(
    letter: Letter,
    files: Sequence[File],
    *,
    sender: str,
    recipient: str,
    identity: str,
    date: datetime,
) -> EmailMessage:
    """The message: text and HTML as alternatives, then the files. Boundaries follow from the Message-ID."""
    message = EmailMessage(policy=MAIL)
    message["From"] = parse_address(sender)
    message["To"] = parse_address(recipient)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = identity
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text, cte="base64")
    message.add_alternative(letter.html, subtype="html", cte="base64")
    for file in files:
        kind, _, subtype = file.mime.partition("/")
        message.add_attachment(file.data, maintype=kind, subtype=subtype, filename=file.filename)
    for depth, part in enumerate(p for p in message.walk() if p.is_multipart()):
        part.set_boundary(f"={hashlib.sha256(f'{identity}{depth}'.encode()).hexdigest()[:40]}=")
    return message
