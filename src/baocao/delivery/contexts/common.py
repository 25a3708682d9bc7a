"""What each letter may say, typed. A letter knows deadlines, file names, counts of points to mend and receipt numbers.

There is no field for a figure of any report or the name of any person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Literal

from baocao.delivery.submit_ways import SubmitWay
from baocao.model.pack_parts.wording import Wording
from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.model.unit import Unit

_WORDS = Wording()
State = Literal["none", "received", "returned"]
"""Where a late unit stands: nothing came; something came and is being checked; the file went back to be mended."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all letters of one period share."""

    regime: str
    programme: str
    office: str
    contact: str
    period: str
    period_code: str
    time_zone: str
    phone: str = ""
    contact_email: str = ""
    """Whom to call and to write to: telephone and address of the office that answers."""
    ways: tuple[SubmitWay, ...] = ()
    """How the unit hands in its workbook; empty in letters to others."""
    top: str = _WORDS.top_short
    """`tỉnh`, as in `báo cáo của tỉnh`"""
    approver: str = _WORDS.approver
    project: str = _WORDS.project
    """`dự án`, `nhiệm vụ`: what the lead bodies lead"""
    programme_label: str = _WORDS.programme
    """`Chương trình`, `Kế hoạch`: before the programme's name"""
    anchor: str = ""
    """`41:3f2a…`: number and hash of the last event when the letter was written. It leaves the house with it, so
    that a trail rewritten later can be told (`baocao audit verify --anchor`)."""

    @classmethod
    def of(cls, regime: Regime, period: Period | None) -> Letterhead:
        """The letterhead of a regime and period; `period` None for letters about no period in particular."""
        return cls(
            regime=regime.name,
            programme=regime.programme,
            office=regime.authority.standing_office,
            contact=regime.authority.contact,
            period=period.name if period else "",
            period_code=period.label if period else "",
            time_zone=regime.time_zone,
            top=regime.wording.top_short,
            approver=regime.wording.approver,
            project=regime.wording.project,
            programme_label=regime.wording.programme,
            phone=regime.authority.phone,
            contact_email=regime.authority.contact_email,
        )


def addressee_of(unit: Unit, *, head: bool = False) -> str:
    """Whom `Kính gửi` names: the People's Committee of a territorial unit, an office by its own name.

    With `head`, the leadership of that body.
    """
    name = unit.full_name
    if unit.kind.is_territorial:
        name = f"Ủy ban nhân dân {unit.kind.label.lower()} {unit.name}"
    return f"Lãnh đạo {name}" if head else name


def issuer_of(regime: Regime) -> str:
    """The issuing authority as it is written inside a sentence; the pack holds it in the capitals of a letterhead."""
    authority = regime.authority
    if authority.issuer_name or not authority.issuer.isupper():
        return authority.issuer_name or authority.issuer
    words = authority.issuer.lower().replace(authority.province.lower(), authority.province)
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, slots=True)
class LetterContext:
    """What every letter has."""

    outcome: ClassVar[str] = ""
    """The folder of its templates."""
    anchored: ClassVar[bool] = False
    """Whether it carries the head of the trail."""
    head: Letterhead
    addressee: str


def with_ways(context: LetterContext, ways: tuple[SubmitWay, ...]) -> LetterContext:
    """The same letter, telling its unit how to hand in."""
    return replace(context, head=replace(context.head, ways=ways))


def anchored(context: LetterContext, seq: int, digest: str) -> LetterContext:
    """The same letter, with the head of the trail where it carries one."""
    if not context.anchored or not seq:
        return context
    return replace(context, head=replace(context.head, anchor=f"{seq}:{digest}"))


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
    """(`sheet: cell`, `1.2 name of the row`) of what is to be mended: where, never which figure"""
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
    """Points to mend, of a returned one."""
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
class ReminderBefore(LetterContext):
    """To the unit, before the deadline."""

    outcome: ClassVar[str] = "reminder_before"
    due_at: datetime
    safe_on: date
    """The last working day before the deadline."""
    today: date
    """The day of writing, where the regime applies."""
    days_left: int
    """Calendar days from the day of writing to the day of the deadline; negative once it has passed."""
    locked_after: datetime
    state: State


@dataclass(frozen=True, slots=True)
class ReminderOverdueHead(LetterContext):
    """To the unit's leadership, once overdue."""

    outcome: ClassVar[str] = "reminder_overdue_head"
    unit: str
    due_at: datetime
    locked_after: datetime
    state: State


@dataclass(frozen=True, slots=True)
class ReminderOverdueLead(LetterContext):
    """To the body that follows up, about one late unit."""

    outcome: ClassVar[str] = "reminder_overdue_lead"
    unit: str
    unit_code: str
    due_at: datetime
    locked_after: datetime
    state: State


@dataclass(frozen=True, slots=True)
class LateUnit:
    """One line of the digest."""

    code: str
    name: str
    due_at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class DigestOverdue(LetterContext):
    """To the leadership: every unit that is late, in one mail."""

    outcome: ClassVar[str] = "digest_overdue"
    units: tuple[LateUnit, ...]
    expected: int
    as_of: datetime


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
class SignatureRevoked(LetterContext):
    """A signature was taken back before the report was sent; it waits for its signature again."""

    outcome: ClassVar[str] = "signature_revoked"
    version: int
    document_number: str
    document_symbol: str
    signed_on: date
    content_sha256: str
    due_at: datetime


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


@dataclass(frozen=True, slots=True)
class CorrectionOpened(LetterContext):
    """A dispatched report is corrected: the unit may send its workbook again."""

    outcome: ClassVar[str] = "correction_opened"
    until: datetime


@dataclass(frozen=True, slots=True)
class OperatorAlarm(LetterContext):
    """Something needs a human who runs the machine."""

    outcome: ClassVar[str] = "operator_alarm"
    subject: str
    paragraphs: tuple[str, ...]
    at: datetime


CONTEXTS: dict[str, type[LetterContext]] = {
    context.outcome: context
    for context in (
        WindowOpened,
        Accepted,
        Returned,
        Quarantined,
        Duplicate,
        Misaddressed,
        SentByAnother,
        Locked,
        ReminderBefore,
        ReminderOverdueHead,
        ReminderOverdueLead,
        DigestOverdue,
        WaiverGranted,
        WaiverWithdrawn,
        ApprovalRequested,
        ReportReturned,
        Signed,
        SignatureRevoked,
        Dispatch,
        DispatchCorrection,
        CorrectionOpened,
        OperatorAlarm,
    )
}
"""Every letter there is: outcome -> what it is told."""
