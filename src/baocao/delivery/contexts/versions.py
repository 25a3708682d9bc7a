"""Letters about an accepted report that counts no more, and about versions that lack a report or still hold one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from baocao.delivery.contexts.common import LetterContext


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
    gone: bool = False
    """the version holds a report that was returned or withdrawn just now; then `units` are all that differ"""


@dataclass(frozen=True, slots=True)
class SubmissionGivenBack(LetterContext):
    """To the unit: its accepted report was returned or withdrawn."""

    outcome: ClassVar[str] = "submission_given_back"
    kind: Literal["returned", "withdrawn"]
    filename: str
    received_at: datetime
    receipt_number: str
    reason: str
    due_at: datetime
    locked_after: datetime
    overdue: bool
    owes: bool
    counts_again: str
    """receipt number of the earlier report that counts again; empty: none, the unit owes a report"""
