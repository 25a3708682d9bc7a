"""What the letters about the signed copy of a unit's report may say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from baocao.delivery.contexts.common import LetterContext


@dataclass(frozen=True, slots=True)
class UnitCopyReceived(LetterContext):
    """The signed copy is kept, and beside which report."""

    outcome: ClassVar[str] = "signed_copy_received"
    filename: str
    size: str
    """as `letters.file_size_text` words it"""
    sha256: str
    received_at: datetime
    receipt_number: str
    """of the accepted report it belongs to; empty while none is accepted"""


@dataclass(frozen=True, slots=True)
class UnitCopyMissing(LetterContext):
    """The report is accepted, its signed copy is not there: where the pack requires it."""

    outcome: ClassVar[str] = "signed_copy_missing"
    receipt_number: str
    accepted_at: datetime
    due_at: datetime
    overdue: bool
