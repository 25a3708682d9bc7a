"""Words in mail headers, in whatever encoding a sender's program wrote them."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.utils import collapse_rfc2231_value
from urllib.parse import unquote_to_bytes

from baocao.text import nfc

# With the direction marks: `\u202e` shows `slx.exe` as `exe.xls`.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]+")
_ENCODINGS = ("utf-8", "cp1258")
"""What raw bytes are tried as; Windows-1258 takes nearly anything."""


def header_text(value: object, limit: int = 300) -> str:
    """A header's value as one line: RFC 2047 words decoded, also where blanks between or inside them are missing or an
    encoding is unknown; raw bytes read as UTF-8, else as Windows-1258."""
    raw = str(value) if isinstance(value, str) else _raw(value)
    # Some programs put encoded words inside quotes or run them together: the decoder wants them apart.
    raw = re.sub(r"(\?=)\s*(=\?)", r"\1 \2", raw)
    try:
        parts = decode_header(raw)
    except (HeaderParseError, ValueError):
        parts = [(raw, None)]
    return one_line("".join(_decoded(text, charset) for text, charset in parts))[:limit]


def file_name(value: object) -> str:
    """The name of an attachment, from a parameter as the parser gives it: RFC 2231, RFC 2047, percent signs, raw."""
    if value is None:
        return ""
    if isinstance(value, tuple):  # RFC 2231: charset, language, text
        charset, _, text = value
        try:
            return one_line(bytes(text, "latin-1", "replace").decode(charset or "utf-8"))
        except (LookupError, UnicodeDecodeError):
            return one_line(guess(bytes(text, "latin-1", "replace")))
    text = header_text(collapse_rfc2231_value(str(value)))
    if found := re.fullmatch(r"(?i)(?:utf-8|windows-1258|us-ascii)''(.+)", text):
        text = found[1]
        return one_line(guess(unquote_to_bytes(text)))
    return text


def raw_text(value: str) -> str:
    """A raw header with its bytes read as text."""
    return guess(value.encode("utf-8", "surrogateescape")) if _has_raw_bytes(value) else value


def _raw(value: object) -> str:
    if isinstance(value, Header):
        return "".join(_decoded(text, charset) for text, charset in decode_header(value))
    return "" if value is None else str(value)


def _decoded(text: bytes | str, charset: str | None) -> str:
    if isinstance(text, str):
        return raw_text(text)
    # What the library calls bytes that no header says anything about.
    if charset and charset.lower() != "unknown-8bit":
        try:
            return text.decode(charset)
        except (LookupError, UnicodeDecodeError):
            pass
    return guess(text)


def _has_raw_bytes(text: str) -> bool:
    return any("\udc80" <= char <= "\udcff" for char in text)


def guess(data: bytes) -> str:
    """The text of bytes whose encoding nobody states, or states wrongly."""
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    # Takes every byte: Windows-1258 leaves a few undefined.
    return data.decode("latin-1")


def one_line(text: str) -> str:
    """Composed, without control signs and line ends."""
    return " ".join(_CONTROL.sub(" ", nfc(text)).split())
