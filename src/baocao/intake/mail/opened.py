"""A message taken apart: what the workflow decides by. Built in the bounded child, passed on as bytes."""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class MessageKind(StrEnum):
    """What a message in the mailbox is."""

    REPORT = "report"
    """written by somebody; with or without files"""
    BOUNCE = "bounce"
    AUTO_REPLY = "auto_reply"


class AttachmentRemark(StrEnum):
    """What is in a message and was not taken as a file; the sender is told."""

    WINMAIL = "winmail"
    """Outlook packed the files into a form only Outlook opens"""
    DRIVE_LINK = "drive_link"
    """a link to a file on the web instead of the file"""
    TOO_MANY = "too_many"
    """more files than one message may carry"""
    ZIP_ENCRYPTED = "zip_encrypted"


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that came with a message, under the name it was sent with."""

    name: str
    data: bytes
    is_picture: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """One recipient of a bounce (RFC 3464)."""

    recipient: str
    status: str
    """`5.1.1`"""
    diagnostic: str


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """A message, read with bounds: who sent it, what it answers, what came with it."""

    kind: MessageKind
    sender: str = ""
    """The one address in From, small letters; empty where there is none, or several."""
    subject: str = ""
    message_id: str = ""
    references: tuple[str, ...] = ()
    """The thread so far, oldest first, without the message itself; at most ten."""
    addressed_to: tuple[str, ...] = ()
    """Every address it was sent or delivered to, small letters."""
    authentication: tuple[str, ...] = ()
    """Authentication-Results headers, topmost first."""
    remarks: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()
    original_id: str = ""
    """Of a bounce: the Message-ID of the letter that came back."""
    files: tuple[MailFile, ...] = field(default=(), repr=False)


_HEAD = struct.Struct(">I")


def to_wire(mail: OpenedMail) -> bytes:
    """The message as bytes: a header in JSON with the files' sizes, then the files one after the other."""
    plain: dict[str, Any] = asdict(mail)
    plain["files"] = [{"name": f.name, "size": len(f.data), "is_picture": f.is_picture} for f in mail.files]
    # JSON and plain bytes, never pickle: they come out of the process that has read a message from outside.
    head = json.dumps(plain).encode()
    return b"".join([_HEAD.pack(len(head)), head, *(f.data for f in mail.files)])


def from_wire(data: bytes) -> OpenedMail:
    """The opposite of `to_wire`."""
    (length,) = _HEAD.unpack(data[: _HEAD.size])
    at = _HEAD.size + length
    plain = json.loads(data[_HEAD.size : at])
    files = []
    for entry in plain.pop("files"):
        files.append(MailFile(entry["name"], data[at : at + entry["size"]], entry["is_picture"]))
        at += entry["size"]
    failures = tuple(Failure(**f) for f in plain.pop("failures"))
    kind = MessageKind(plain.pop("kind"))
    rest: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()}
    return OpenedMail(kind=kind, failures=failures, files=tuple(files), **rest)
