"""Mail headers in any script, folded as RFC 2047 and RFC 5322 ask.

The standard library loses blanks when it folds long display names that mix scripts, quotes and parentheses, so the
three headers that carry Vietnamese are encoded here: whole, in encoded-words of at most 75 characters.
"""

from __future__ import annotations

import base64
import re
from email.policy import EmailPolicy
from typing import Any

_BYTES_PER_WORD = 39
"""39 bytes are 52 base64 characters, 64 with the frame: also the first word fits into a line of 78."""
_SYLLABLE = re.compile(r"\S*\s+|\S+")
_SPECIALS = set('()<>[]:;@\\,."')


class MailPolicy(EmailPolicy):
    """SMTP line ends, our own folding of Subject, From, To and Message-ID."""

    def fold(self, name: str, value: Any) -> str:
        """A header as lines of at most 78 signs; ours as they must be printed, any other as the library does it."""
        lines = _folded_here(name, value)
        if lines is None:
            folded: str = super().fold(name, value)
            return folded
        return f"{name}: {f'{self.linesep} '.join(lines)}{self.linesep}"

    def fold_binary(self, name: str, value: Any) -> bytes:
        """The same as bytes."""
        if _folded_here(name, value) is None:
            return super().fold_binary(name, value)
        # All of ours is ASCII by now; an error here is a header that no server would pass on.
        return self.fold(name, value).encode("ascii")


MAIL = MailPolicy(linesep="\r\n")


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


def _folded_here(name: str, value: Any) -> list[str] | None:
    """The header's lines, or None where the standard library folds well."""
    match name.lower():
        case "subject":
            text = str(value)
            # Longer ones would have to be folded, and what looks like an encoded-word would be decoded by the reader.
            plain = text.isascii() and len(text) <= 65 and "=?" not in text
            return [text] if plain else encoded_words(text)
        case "from" | "to":
            (address,) = value.addresses
            if not address.display_name:
                return [address.addr_spec]
            return [*_phrase(address.display_name), f"<{address.addr_spec}>"]
        case "message-id" | "reply-to":
            return [str(value)]
        case "in-reply-to" | "references":
            # One a line: the library would encode an identity that does not fit.
            return str(value).split() or None
        case _:
            return None


def _phrase(name: str) -> list[str]:
    """A display name: as it is, quoted, or encoded."""
    # Encoded, never quoted, where it cannot stand as it is: in a quoted string an encoded-word is not decoded (RFC
    # 2047, section 5).
    if not name.isascii() or "=?" in name or len(name) > 60:
        return encoded_words(name)
    if _SPECIALS & set(name):
        return ['"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"']
    return [name]
