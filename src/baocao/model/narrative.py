"""Lời văn do văn phòng sửa: one revision of the sections an office has written itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from baocao.text import canonical_json


@dataclass(frozen=True, slots=True)
class OfficeText:
    """A row of `narrative_text`: appended, never changed; of one period the last one holds."""

    id: int
    regime: str
    period: str
    revision: int
    """from 1 within the period"""
    texts: Mapping[str, str]
    """code of a section -> its text in our Markdown, figures marked; a section that is not here is the draft"""
    confirmed: tuple[str, ...]
    """sentences with figures typed by hand, as whoever imported them confirmed"""
    by: str
    at: datetime
    filename: str
    file_sha256: str
    """of the file it came in; empty of a revision that only goes back to the draft"""
    note: str = ""

    @property
    def sha256(self) -> str:
        """Over the sections' texts."""
        return hashlib.sha256(canonical_json(dict(self.texts)).encode()).hexdigest()
