"""What units are told about their period and the files they sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from baocao.delivery.contexts.common import LetterContext


@dataclass(frozen=True, slots=True)
class WindowOpened(LetterContext):
    """The window is open; the blank workbook is attached."""

    outcome: ClassVar[str] = "window_opened"
    covers_from: date
    cutoff_on: date
    due_at: datetime
    locked_after: datetime
    blank_name: str
    state: str
    """`open`; `late` or `locked` for a window that was opened after the deadline or after the last day"""


@dataclass(frozen=True, slots=True)
class ReceivedForm:
    """One line of a receipt: a form and how much of it was answered; never what was answered."""

    official: str
    """`Phụ lục số 02, Biểu số 04`"""
    title: str
    answers: int
    """cells with a value or a nil answer"""
    whole_nil: bool
    """every one of them says that there was nothing"""


@dataclass(frozen=True, slots=True)
class Accepted(LetterContext):
    """The receipt."""

    outcome: ClassVar[str] = "accepted"
    anchored: ClassVar[bool] = True
    receipt_number: str
    sha256: str
    filename: str
    size: int
    """bytes"""
    forms: tuple[ReceivedForm, ...]
    received_at: datetime
    on_time: bool
    to_explain: int
    """Points still to explain; when positive a marked-up workbook is attached."""
    marked_name: str
    """Empty when none is attached."""
    is_own_file: bool
    """What is attached is the unit's own workbook with the marks in it; else only the list of points."""
    replaces: bool
    """An earlier accepted report of the same period is superseded."""
    report_note: str
    """In which version of the report its figures will be, or which version is older than they."""
    first_on_time: bool
    """The unit's first accepted report of the period was in time: then a correction that comes late makes it no late
    reporter."""
    copy_note: str = ""
    """Whether the signed copy is there, or what to send; empty where nobody asks for one."""


MOST_PLACES = 10
"""Cells that a letter names; the workbook with it has them all."""


@dataclass(frozen=True, slots=True)
class Returned(LetterContext):
    """The report goes back, with the unit's own workbook marked up, or with the list of points."""

    outcome: ClassVar[str] = "returned"
    blocking: int
    to_explain: int
    filename: str
    marked_name: str
    is_own_file: bool
    """What is attached is the unit's own workbook with the marks in it; else only the list of points."""
    received_at: datetime
    due_at: datetime
    locked_after: datetime
    overdue: bool
    """The deadline has passed when this is written."""
    keeps_accepted: bool
    """An earlier accepted report of the same period stays official."""
    places: tuple[tuple[str, str], ...] = ()
    """(`sheet: cell`, `1.2 name of the row`) of what is to be corrected: where, never which figure"""
    more_places: int = 0
    """how many are not among them"""


@dataclass(frozen=True, slots=True)
class Quarantined(LetterContext):
    """The file was kept but not opened."""

    outcome: ClassVar[str] = "quarantined"
    reason: str
    """A value of `Screening`."""
    message: str
    """The sentence of the screening."""
    filename: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Duplicate(LetterContext):
    """The very same file was sent before, and nothing has changed since: the answer that stands."""

    outcome: ClassVar[str] = "duplicate"
    status: str
    """Status of the first one, a value of `Status`: ACCEPTED, RETURNED or QUARANTINED."""
    receipt_number: str
    """Empty unless accepted."""
    filename: str
    first_received_at: datetime
    received_at: datetime
    blocking: int
    """Points to correct, of a returned one."""
    answer: str
    """Why it was not taken, where no points were marked in it; else empty."""
    marked_name: str
    """The marked-up workbook, attached again; empty when none is."""


@dataclass(frozen=True, slots=True)
class Misaddressed(LetterContext):
    """To the sender of a workbook that is made out to another unit."""

    outcome: ClassVar[str] = "misaddressed"
    filename: str
    received_at: datetime
    belongs_to: str
    keeps_accepted: bool
    """An accepted report of the sender stays official."""


@dataclass(frozen=True, slots=True)
class SentByAnother(LetterContext):
    """To the unit whose workbook somebody else has sent."""

    outcome: ClassVar[str] = "sent_by_another"
    filename: str
    received_at: datetime
    sender: str


@dataclass(frozen=True, slots=True)
class Locked(LetterContext):
    """The file came after the window was locked."""

    outcome: ClassVar[str] = "locked"
    filename: str
    received_at: datetime
    due_at: datetime
    locked_after: datetime


@dataclass(frozen=True, slots=True)
class WaiverGranted(LetterContext):
    """An extension or a waiver was granted."""

    outcome: ClassVar[str] = "waiver_granted"
    kind: Literal["waiver", "extension"]
    until: datetime | None
    counted: bool = False
    """A report of the unit was accepted before: it stays in the consolidated report."""


@dataclass(frozen=True, slots=True)
class WaiverWithdrawn(LetterContext):
    """An extension or a waiver was taken back."""

    outcome: ClassVar[str] = "waiver_withdrawn"
    kind: Literal["waiver", "extension"]
    owes: bool
    """Whether the unit owes a report again; False when another waiver still holds."""
    due_at: datetime
    locked_after: datetime
    overdue: bool
    """The deadline has passed when this is written."""


@dataclass(frozen=True, slots=True)
class CorrectionOpened(LetterContext):
    """A dispatched report is corrected: the unit may send its workbook again."""

    outcome: ClassVar[str] = "correction_opened"
    until: datetime
