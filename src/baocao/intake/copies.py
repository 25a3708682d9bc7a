"""A file beside the workbook that may be its signed copy: what it is by its first bytes, and whether it is whole.

Nothing in it is rendered, run or taken as data: it is kept as it came.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePath

from baocao.model.signed_copy import CopyKind
from baocao.text import fold, vietnamese_number

LARGEST = 25 << 20
"""Bytes: some forty scanned pages in grey."""
_STARTS = ((b"%PDF-", CopyKind.PDF), (b"\xff\xd8\xff", CopyKind.JPEG), (b"\x89PNG\r\n\x1a\n", CopyKind.PNG))
_ENDS = {CopyKind.PDF: b"%%EOF", CopyKind.JPEG: b"\xff\xd9", CopyKind.PNG: b"IEND\xaeB`\x82"}
_TAIL = 4096
"""Programs and mail relays add some bytes behind the end."""


class NotACopyError(ValueError):
    """The file cannot be kept as a signed copy; the message says why and what to do."""


def kind_of(data: bytes) -> CopyKind | None:
    """What the file is, by its first bytes; None for anything that is no signed copy (a workbook, a text)."""
    return next((kind for start, kind in _STARTS if data.startswith(start)), None)


def is_broken_off(data: bytes) -> bool:
    """Whether it is a PDF, a JPEG or a PNG whose end is not there: still being written, or cut."""
    kind = kind_of(data)
    # Anywhere in the tail: a digital signature appends to a PDF, which then has several ends.
    return kind is not None and _ENDS[kind] not in data[-_TAIL:]


def require_copy(data: bytes, size: int | None = None) -> CopyKind:
    """The kind of a file that may be kept. `size`: of the whole file, where `data` is only its beginning.

    Raises NotACopyError for what is empty, too large, broken off, or neither PDF nor JPEG nor PNG.
    """
    size = len(data) if size is None else size
    if not data:
        raise NotACopyError("Tệp rỗng. Hãy kiểm tra tệp trên máy rồi gửi lại bản ký.")
    if size > LARGEST:
        shown = vietnamese_number(f"{size / (1 << 20):.1f}")
        raise NotACopyError(
            f"Bản ký lớn {shown} MB, quá giới hạn {LARGEST >> 20} MB. Hãy quét lại ở chế độ thang xám, 200 điểm/inch, "
            "hoặc chỉ gửi các trang của báo cáo."
        )
    kind = kind_of(data)
    if kind is None:
        raise NotACopyError(
            "Tệp không phải bản quét hoặc bản PDF đã ký. Hãy gửi tệp PDF, JPEG hoặc PNG (theo nội dung tệp, không theo "
            "đuôi tên tệp)."
        )
    # After size and kind: of a file read only to its bound the end is not at hand.
    if is_broken_off(data):
        raise NotACopyError("Bản ký bị cụt (chưa chép hoặc tải xong). Hãy mở thử tệp trên máy rồi gửi lại.")
    return kind


def period_named(path: PurePath, codes: Collection[str]) -> str:
    """The one period whose code stands in the file's name or a folder above it (`00001_2026-H1.pdf`); empty for none
    and for several."""
    # Blanks and underlines are how people write the code's hyphen in the name of a file.
    said = f"/{fold(str(path))}/".replace("_", "-").replace(" ", "-")
    found = [code for code in codes if _stands_alone(fold(code).replace("_", "-"), said)]
    # Two periods named are no answer: guessing would put the copy beside another report.
    return found[0] if len(found) == 1 else ""


def _stands_alone(code: str, text: str) -> bool:
    """Whether the code is in the text and not a part of a longer code."""
    at = text.find(code)
    while at >= 0:
        before, after = text[at - 1 : at], text[at + len(code) : at + len(code) + 1]
        if not (before.isalnum() or after.isalnum()):
            return True
        at = text.find(code, at + 1)
    return False
