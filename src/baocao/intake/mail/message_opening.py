"""A message from outside taken apart, in the bounded child: who wrote it, what it carries, whether it is a bounce."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.parser import Parser
from email.utils import getaddresses
from typing import Any

from baocao.forms.reading.raw import Unreadable
from baocao.intake.inbox_names import printable, shortened
from baocao.intake.mail.opened import AttachmentRemark, Failure, MailFile, MessageKind, OpenedMail, to_wire
from baocao.intake.mail.texts import file_name, header_text, raw_text
from baocao.intake.mail.zip_attachments import NotPacked, is_parcel, unpacked

MAX_BYTES = 50 << 20
"""Of a whole message as it lies in the mailbox; a larger one is not fetched."""
MAX_PARTS, MAX_DEPTH, MAX_FILES = 200, 10, 30
_SMALL_PICTURE = 60_000
"""An embedded picture below this is a signature's, not a scan."""
_BODY_CHARS = 200_000
# Bounded and without blanks: the ids go into headers of our answer and into the database.
_ID = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{3,250}>")
_SEPARATORS = ("multipart/", "message/")
_ASIDE = {
    *("application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature"),
    *("text/calendar", "text/vcard", "text/x-vcard", "application/pgp-encrypted", "text/rfc822-headers"),
}
"""What mail programs add; nobody sends it as a report."""
_DRIVES = re.compile(
    r"https?://(?:[\w-]+\.)*(?:drive\.google\.com|docs\.google\.com|1drv\.ms|onedrive\.live\.com|sharepoint\.com|"
    r"dropbox\.com|wetransfer\.com|we\.tl|mediafire\.com|fshare\.vn|mega\.nz|icloud\.com|zalo\.me|zdn\.vn)/",
    re.IGNORECASE,
)
_AUTO_SUBJECT = re.compile(
    r"^(?:automatic reply|auto(?:matic)?[- ]?reply|out of office|trả lời tự động|thư trả lời tự động|vắng mặt)\b",
    re.IGNORECASE,
)


def open_message(data: bytes, order: dict[str, Any]) -> bytes:
    """A task of the reader's process: the message as `opened.from_wire` takes it.

    Raises Unreadable for a message that is nested or split beyond the bounds.
    """
    try:
        return to_wire(opened(data))
    # The parser of the standard library goes down a nested message by recursion, before anything of ours counts.
    except RecursionError:
        raise Unreadable("mail_structure", "Thư lồng quá nhiều lớp nên không mở được.") from None


def opened(data: bytes) -> OpenedMail:
    """The same for a message that can be trusted not to end the process (tests)."""
    # Before parsing: the library has no bound, and its work grows with the boundaries it must look for.
    if data.lower().count(b"boundary") > MAX_PARTS:
        raise Unreadable("mail_structure", "Thư chia quá nhiều phần nên không mở được.")
    message = message_from_bytes(data)
    found = _Walk()
    found.visit(message, 0)
    kind = _kind(message, found)
    return OpenedMail(
        kind=kind,
        sender=_one_address(message),
        subject=header_text(message.get("Subject")),
        message_id=(_ids(message.get("Message-ID")) or ("",))[0],
        references=_thread(message),
        addressed_to=_addressed(message),
        authentication=tuple(header_text(h, 2000) for h in message.get_all("Authentication-Results", [])[:10]),
        remarks=tuple(dict.fromkeys(found.remarks))
        + ((AttachmentRemark.DRIVE_LINK,) if _DRIVES.search(found.body) else ()),
        failures=tuple(found.failures),
        original_id=found.original_id,
        # A bounce carries our own letter with the workbook we sent; it must not arrive as the unit's report.
        files=tuple(found.files) if kind is MessageKind.REPORT else (),
    )


@dataclass
class _Walk:
    """Everything on the way through the parts of a message."""

    parts: int = 0
    body: str = ""
    files: list[MailFile] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    original_id: str = ""
    is_delivery_status: bool = False

    def visit(self, part: Message, depth: int) -> None:
        self.parts += 1
        if self.parts > MAX_PARTS or depth > MAX_DEPTH:
            raise Unreadable("mail_structure", "Thư lồng hoặc chia quá nhiều phần nên không mở được.")
        kind = part.get_content_type()
        inside: Any = part.get_payload()
        if kind == "message/delivery-status":
            self.is_delivery_status = True
            self._delivery_status(inside if isinstance(inside, list) else [])
        elif part.is_multipart() and isinstance(inside, list):
            # In a bounce the letter that came back; without a delivery status nobody looks at the id.
            if kind == "message/rfc822" and inside:
                self.original_id = self.original_id or (_ids(inside[0].get("Message-ID")) or ("",))[0]
            for sub in inside:
                self.visit(sub, depth + 1)
        elif kind == "text/rfc822-headers":
            told = Parser().parsestr(_text(part), headersonly=True)
            self.original_id = self.original_id or (_ids(told.get("Message-ID")) or ("",))[0]
        else:
            self._leaf(part, kind)

    def _leaf(self, part: Message, kind: str) -> None:
        name = file_name(
            _parameter(part, "content-disposition", "filename") or _parameter(part, "content-type", "name")
        )
        attached = part.get_content_disposition() == "attachment"
        if kind in {"text/plain", "text/html"} and not name and not attached:
            self.body = (self.body + _text(part))[:_BODY_CHARS]
        # Also by name: it may come as `application/octet-stream`.
        elif kind == "application/ms-tnef" or name.lower() == "winmail.dat":
            self.remarks.append(AttachmentRemark.WINMAIL)
        elif kind not in _ASIDE and not kind.startswith(_SEPARATORS):
            data = part.get_payload(decode=True)
            if isinstance(data, bytes) and data:
                self._file(part, kind, name or "khong-ten", data, attached=attached)

    def _file(self, part: Message, kind: str, name: str, data: bytes, *, attached: bool) -> None:
        is_picture = kind.startswith("image/")
        # A scan may be sent inline by a telephone; only a small picture, or one that the text shows, is a signature's.
        shown_inside = not attached or (part.get("Content-ID") is not None and "cid:" in self.body)
        if is_picture and shown_inside and (len(data) < _SMALL_PICTURE or f"cid:{_cid(part)}" in self.body):
            return
        if not is_parcel(data):
            self._add(name, data, is_picture=is_picture)
            return
        try:
            for inner, content in unpacked(data):
                self._add(inner, content)
        except NotPacked as why:
            if why.encrypted:
                self.remarks.append(AttachmentRemark.ZIP_ENCRYPTED)
            else:
                self._add(name, data)

    def _add(self, name: str, data: bytes, *, is_picture: bool = False) -> None:
        if len(self.files) >= MAX_FILES:
            self.remarks.append(AttachmentRemark.TOO_MANY)
        else:
            self.files.append(MailFile(shortened(printable(name)) or "khong-ten", data, is_picture))

    def _delivery_status(self, blocks: list[Any]) -> None:
        for block in blocks[:MAX_PARTS]:
            # `delayed` and `relayed` are no failures: the letter may still arrive.
            if str(block.get("Action", "")).strip().lower() != "failed":
                continue
            status = str(block.get("Status", "")).strip()[:20]
            # The original one is the address we wrote to; the final one may be an alias that we do not know.
            who = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "").rpartition(";")[2]
            said = header_text(str(block.get("Diagnostic-Code", "")).rpartition(";")[2])
            self.failures.append(Failure(who.strip().strip("<>").lower()[:320], status, said))


def _kind(message: Message, found: _Walk) -> MessageKind:
    if found.is_delivery_status:
        return MessageKind.BOUNCE
    if message.get_content_type() == "multipart/report":  # a receipt that somebody read our letter
        return MessageKind.AUTO_REPLY
    # Not `auto-generated`: by RFC 3834 that answers no letter, and a scanner that mails what it scanned may say so.
    auto = str(message.get("Auto-Submitted", "no")).strip().lower()
    told = any(message.get(name) is not None for name in ("X-Autoreply", "X-Autorespond"))
    precedence = str(message.get("Precedence", "")).strip().lower() in {"auto_reply", "auto-reply"}
    subject = header_text(message.get("Subject"))
    if auto.startswith("auto-replied") or told or precedence or _AUTO_SUBJECT.match(subject):
        return MessageKind.AUTO_REPLY
    return MessageKind.REPORT


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return ""
    # Four bytes a letter at most. Only addresses are looked for in it, so a wrong encoding does no harm.
    return data[: 4 * _BODY_CHARS].decode("utf-8", "replace")


def _parameter(part: Message, header: str, name: str) -> object:
    """A parameter of a header, also where its raw value holds bytes that no standard allows: the library would have
    replaced them."""
    raw = next((str(value) for key, value in part.raw_items() if key.lower() == header), "")
    told = Message()
    told[header] = raw_text(raw)
    return told.get_param(name, None, header)


def _cid(part: Message) -> str:
    return str(part.get("Content-ID", "")).strip().strip("<>") or "?"


def _ids(value: object) -> tuple[str, ...]:
    return tuple(_ID.findall(str(value or "")))


def _thread(message: Message) -> tuple[str, ...]:
    # Some programs write the second only.
    known = _ids(message.get("References")) or _ids(message.get("In-Reply-To"))
    return known[-10:]


def _one_address(message: Message) -> str:
    found = getaddresses([header_text(h, 2000) for h in message.get_all("From", [])])
    addresses = {address.strip().lower() for _, address in found if "@" in address}
    # Several authors (RFC 5322 allows them): it is not said who sent the file, so nobody is assumed.
    return addresses.pop() if len(addresses) == 1 else ""


def _addressed(message: Message) -> tuple[str, ...]:
    # The reply token stands in the address; a mailing list or an alias leaves it in one of these only.
    names = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
    headers = [header for name in names for header in message.get_all(name, [])]
    found = getaddresses([header_text(h, 5000) for h in headers[:50]])
    return tuple(dict.fromkeys(address.strip().lower() for _, address in found if "@" in address))[:200]
