"""The pages of a PDF as pictures: what a browser shows where it has no PDF viewer (a frame, a phone, a screen reader's
page). PDFium draws one page at a time; it must not be entered by two threads at once."""

from __future__ import annotations

import io
import threading

import pypdfium2

_ONE_AT_A_TIME = threading.Lock()
_WIDTH = 1100
"""Pixels of a page: sharp on a screen, readable on a phone after zooming."""


def page_count(pdf: bytes) -> int:
    """How many pages. Raises ValueError for what is no PDF."""
    with _ONE_AT_A_TIME:
        document = _opened(pdf)
        try:
            return len(document)
        finally:
            document.close()


def page_png(pdf: bytes, number: int) -> bytes:
    """Page `number` (from 1) as PNG. Raises ValueError for a page that is not there."""
    with _ONE_AT_A_TIME:
        document = _opened(pdf)
        try:
            if not 1 <= number <= len(document):
                raise ValueError(f"trang {number} không có; tệp có {len(document)} trang")
            page = document[number - 1]
            picture = page.render(scale=_WIDTH / page.get_width()).to_pil()
        finally:
            document.close()
    out = io.BytesIO()
    # Text on white needs few colours: far fewer bytes for the browser to fetch.
    picture.convert("P", palette=1, colors=128).save(out, "PNG", optimize=False)
    return out.getvalue()


def _opened(pdf: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise ValueError(f"không phải tệp PDF đọc được: {error}") from error
