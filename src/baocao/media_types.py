"""Media types of the files that go out, as mail and browsers name them."""

from __future__ import annotations

import mimetypes

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
BYTES = "application/octet-stream"
_KNOWN = {"docx": DOCX, "xlsx": XLSX}
"""Not every system's own table has them."""


def media_type_of(name: str) -> str:
    """By the ending of a file's name; BYTES where it says nothing."""
    return _KNOWN.get(name.rpartition(".")[2].lower()) or mimetypes.guess_type(name)[0] or BYTES
