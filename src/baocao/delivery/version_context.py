"""The letter about a version of the report that lacks reports accepted after it was made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from baocao.delivery.context import CONTEXTS, LetterContext


@dataclass(frozen=True, slots=True)
class NewerSubmission(LetterContext):
    """To the office, and to the signer while the report waits for the signature."""

    outcome: ClassVar[str] = "newer_submission"
    version: int
    stands: str
    """`đã duyệt, đang chờ ký`"""
    unit: str
    """whose report was accepted just now"""
    units: tuple[str, ...]
    """all units whose report the version lacks, each with whether it is a first report or a correction"""
    way_out: str
    received_at: datetime


CONTEXTS.update({NewerSubmission.outcome: NewerSubmission})
