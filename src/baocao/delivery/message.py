"""An outbox row as an e-mail: same row, same instant, same bytes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import quote

from baocao.delivery.letters import Letter
from baocao.delivery.mail_headers import address_header, attachment_header, header, subject_header, type_header


class Attachment(NamedTuple):
    """A file of the file store, under the name the recipient sees."""

    filename: str
    sha256: str
    mime: str


class AttachedFile(NamedTuple):
    """An attachment with its content."""

    filename: str
    mime: str
    data: bytes


class Message(NamedTuple):
    """A finished message, and what a transport needs to know of it."""

    identity: str
    """its Message-ID"""
    sender: str
    """the bare address it comes from, as the envelope wants it (RFC 5321)"""
    content: bytes
    """all of it, as it leaves"""


_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_MAILBOX = rf"(?P<user>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>{_LABEL}(?:\.{_LABEL})+)"
_BARE = re.compile(_MAILBOX)
_NAMED = re.compile(rf"""(?:"(?P<quoted>(?:[^"\\\r\n]|\\[^\r\n])*)"|(?P<plain>[^<>@"\r\n]*))[ ]*<{_MAILBOX}>""")


def parse_address(text: str) -> Address:
    """`Xã Thử Nghiệm <a@xa.example>` or `a@xa.example`, the name in any script.

    Raises ValueError for anything else: no mailbox, no domain, more than one, letters outside ASCII in the mailbox.
    """
    if bare := _BARE.fullmatch(text.strip(" ")):
        return Address(username=bare["user"], domain=bare["domain"])
    if found := _NAMED.fullmatch(text.strip(" ")):
        quoted = found["quoted"]
        name = found["plain"].strip() if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        return Address(display_name=name, username=found["user"], domain=found["domain"])
    raise ValueError(f"địa chỉ thư {text!r} không hợp lệ; cần dạng ten@don-vi.example hoặc Tên <ten@don-vi.example>")


def parse_reply_address(text: str) -> str:
    """A bare address of our own. Raises ValueError for anything else."""
    if not _BARE.fullmatch(text):
        raise ValueError(f"địa chỉ trả lời {text!r} không hợp lệ")
    return text


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
    # Dots are escaped as well: two in a row, or one at an end, make no dot-atom (RFC 5322).
    local = "/".join(quote(part, safe="+").replace(".", "%2E").replace("~", "%7E") for part in (period, unit, step))
    return f"<{local}@{regime}.baocao.example>"


def compose(
    letter: Letter,
    files: Sequence[AttachedFile],
    *,
    sender: str,
    recipient: str,
    identity: str,
    date: datetime,
    reply_to: str = "",
    thread: Sequence[str] = (),
) -> Message:
    """The message: text and HTML as alternatives, then the files. Boundaries follow from the Message-ID.

    `thread` are the Message-IDs of what it answers, the last one last.
    Raises ValueError for an address that mail cannot go to, or a text that no header can hold.
    """
    from_ = parse_address(sender)
    head = [
        address_header("From", from_),
        address_header("To", parse_address(recipient)),
        subject_header(letter.subject),
        # The day the letter was written, not the day of this try: the same row gives the same bytes (test_headers).
        header("Date", format_datetime(date)),
        header("Message-ID", identity),
        # Out-of-office programs do not answer what says this of itself (RFC 3834); else each of their answers would lie
        # in the mailbox that reports come to.
        header("Auto-Submitted", "auto-replied" if thread else "auto-generated"),
    ]
    if reply_to:
        head.append(header("Reply-To", parse_reply_address(reply_to)))
    if thread:
        # One a line: an identity that does not fit must not be encoded.
        head += [header("In-Reply-To", thread[-1]), header("References", *thread)]
    texts = [_text("plain", letter.text), _text("html", letter.html, _VERSION)]
    if files:
        within = _multipart("alternative", texts, f"{identity}1")
        body = _multipart("mixed", [within, *map(_attachment, files)], f"{identity}0")
    else:
        body = _multipart("alternative", texts, f"{identity}0")
    return Message(identity, from_.addr_spec, b"".join([*head, _VERSION, body]))


_VERSION = header("MIME-Version", "1.0")
_BASE64 = header("Content-Transfer-Encoding", "base64")


def _multipart(kind: str, parts: Sequence[bytes], named_after: str) -> bytes:
    # Not drawn at random: then a letter sent again would be another message under the same id.
    boundary = f"={hashlib.sha256(named_after.encode()).hexdigest()[:40]}="
    line = f"--{boundary}".encode()
    content = b"".join(b"%b\r\n%b\r\n" % (line, part) for part in parts)
    return b"%b\r\n%b%b--\r\n" % (
        header("Content-Type", f"multipart/{kind};", f'boundary="{boundary}"'),
        content,
        line,
    )


def _text(kind: str, text: str, more: bytes = b"") -> bytes:
    content = b"\r\n".join(text.encode().splitlines()) + b"\r\n"
    return _part([header("Content-Type", f'text/{kind}; charset="utf-8"'), _BASE64, more], content)


def _attachment(file: AttachedFile) -> bytes:
    return _part([type_header(file.mime), _BASE64, attachment_header(file.filename), _VERSION], file.data)


def _part(headers: Sequence[bytes], content: bytes) -> bytes:
    # Base64 throughout: lines of any length and any letters pass a server that does not know 8BITMIME.
    return b"".join([*headers, b"\r\n", base64.encodebytes(content).replace(b"\n", b"\r\n")])
