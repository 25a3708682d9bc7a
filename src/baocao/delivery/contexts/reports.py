"""The province's report on its way: decisions, signature, dispatch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from baocao.delivery.contexts.common import LetterContext


@dataclass(frozen=True, slots=True)
class ApprovalRequested(LetterContext):
    """The consolidated report waits for a decision."""

    outcome: ClassVar[str] = "approval_requested"
    anchored: ClassVar[bool] = True
    role: str
    """a `Role`"""
    version: int
    content_sha256: str
    counted: int
    expected: int
    due_at: datetime
    safe_on: date
    where: str
    """Where the decision is made: the address of the desk, or how to find it."""
    newer: str = ""
    """Which accepted reports the version lacks; empty when it has all."""
    files: tuple[str, ...] = ()
    """What is attached: the submission note, the report, its tables."""


@dataclass(frozen=True, slots=True)
class ReportReturned(LetterContext):
    """The consolidated report was sent back by one of the two deciders."""

    outcome: ClassVar[str] = "report_returned"
    role: str
    """a `Role`"""
    version: int
    due_at: datetime
    safe_on: date
    where: str


@dataclass(frozen=True, slots=True)
class Signed(LetterContext):
    """The report is signed and numbered."""

    outcome: ClassVar[str] = "signed"
    version: int
    document_number: str
    document_symbol: str
    signed_on: date
    content_sha256: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class SignatureRevoked(Signed):
    """That signature was taken back before the report was sent; it waits for its signature again."""

    outcome: ClassVar[str] = "signature_revoked"


@dataclass(frozen=True, slots=True)
class DispatchedFile:
    """As the cover mail lists it."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Dispatch(LetterContext):
    """The cover mail to a recipient of the report."""

    outcome: ClassVar[str] = "dispatch"
    anchored: ClassVar[bool] = True
    issuer: str
    title: str
    """Trích yếu of the report."""
    document_number: str
    document_symbol: str
    signed_on: date
    files: tuple[DispatchedFile, ...]
    package_sha256: str


@dataclass(frozen=True, slots=True)
class DispatchCorrection(Dispatch):
    """The cover mail of a correction: which report it replaces."""

    outcome: ClassVar[str] = "dispatch_correction"
    replaced_number: str
    replaced_symbol: str
    replaced_on: date
    annex: str
    """Number of the appendix that lists what was corrected: `VI`."""
