"""Mail headers in any script, folded as RFC 2047 and RFC 5322 ask.

The standard library loses blanks when it folds long display names that mix scripts, quotes and parentheses, and takes
every header apart that it is given, which costs more than the rest of the letter. So ours are written here: those that
carry Vietnamese whole, in encoded-words of at most 75 characters.
"""

from __future__ import annotations

import base64
import re
from email.headerregistry import Address
from email.message import Message
from email.policy import SMTP
from functools import lru_cache

_BYTES_PER_WORD = 39
"""39 bytes are 52 base64 characters, 64 with the frame: also the first word fits into a line of 78."""
_SYLLABLE = re.compile(r"\S*\s+|\S+")
_SPECIALS = set('()<>[]:;@\\,."')


def header(name: str, *lines: str) -> bytes:
    """A header of these lines. Raises ValueError when one of them would begin another header or is not ASCII."""
    if any(len(line.splitlines()) > 1 for line in lines):
        raise ValueError(f"{name}: a header cannot hold a line break")
    folded = "\r\n ".join(lines)
    return f"{name}: {folded}\r\n".encode("ascii")


def subject_header(text: str) -> bytes:
    """Any text. Raises ValueError when it has a line break."""
    if len(text.splitlines()) > 1:
        raise ValueError("Subject: a header cannot hold a line break")
    # Longer ones would have to be folded, and what looks like an encoded-word would be decoded by the reader.
    plain = text.isascii() and len(text) <= 65 and "=?" not in text
    return header("Subject", *([text] if plain else encoded_words(text)))


def address_header(name: str, address: Address) -> bytes:
    """One mailbox, behind its display name where it has one."""
    if not address.display_name:
        return header(name, address.addr_spec)
    return header(name, *_phrase(address.display_name), f"<{address.addr_spec}>")


@lru_cache(maxsize=64)
def type_header(mime: str) -> bytes:
    """The type of an attachment, as the standard library folds it."""
    return SMTP.fold_binary("Content-Type", SMTP.header_factory("Content-Type", mime))


def attachment_header(filename: str) -> bytes:
    """A file name in any script, as the standard library writes it after RFC 2231."""
    part = Message()
    part.add_header("Content-Disposition", "attachment", filename=filename)
    return SMTP.fold_binary(
        "Content-Disposition", SMTP.header_factory("Content-Disposition", part["Content-Disposition"])
    )


def encoded_words(text: str) -> list[str]:
    """The text as RFC 2047 encoded-words that, joined by folds, read as the text.

    Cut behind a blank where there is one, so that a reader that wrongly shows the folds splits no syllable; never
    inside a character.
    """
    chunks: list[bytes] = [b""]
    for syllable in _SYLLABLE.findall(text):
        if len(chunks[-1]) + len(syllable.encode()) > _BYTES_PER_WORD and chunks[-1]:
            chunks.append(b"")
        for character in syllable:
            if len(chunks[-1]) + len(character.encode()) > _BYTES_PER_WORD:
                chunks.append(b"")
            chunks[-1] += character.encode()
    return [f"=?utf-8?b?{base64.b64encode(chunk).decode('ascii')}?=" for chunk in chunks]


def _phrase(name: str) -> list[str]:
    """A display name: as it is, quoted, or encoded."""
    # Encoded, never quoted, where it cannot stand as it is: in a quoted string an encoded-word is not decoded
    # (RFC 2047, section 5).
    if not name.isascii() or "=?" in name or len(name) > 60:
        return encoded_words(name)
    if _SPECIALS & set(name):
        return ['"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"']
    return [name]
