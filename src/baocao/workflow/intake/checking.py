"""One workbook from bytes to verdict. Used by `collect` and by `check`; records nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from baocao.checks.engine import check, decide
from baocao.checks.history import History
from baocao.documents.marking.returned import Marked, marked_or_listed
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import RawWorkbook, Unreadable, from_wire
from baocao.forms.reading.read import type_workbook
from baocao.intake.identify import OTHER_REGIME, Identity, identify, misplaced, unusable
from baocao.intake.opening import open_arrival
from baocao.intake.refusals import refuse
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period
from baocao.model.period import Period
from baocao.model.submission import Finding, Rejection, Screening, Severity, Status, Verdict, Workbook
from baocao.model.unit import Unit
from baocao.store import waivers
from baocao.text import moment_text
from baocao.workflow.installation import Installation
from baocao.workflow.lead_bodies.lead_intake import CommentFile, recognise
from baocao.workflow.periods.history import history_of


@dataclass(frozen=True)
class Identified:
    """A workbook we know whose it is and for which period."""

    pack: Pack
    period: Period
    """the period it is answered under"""
    unit: Unit
    """whose workbook it is"""
    raw: RawWorkbook
    sender: Unit
    """who sent it: `unit`, unless somebody else's workbook lay in their folder"""
    findings: tuple[Finding, ...] = ()
    """This is not the workbook to fill; it goes back with these alone"""
    reader: ReaderProcess | None = None
    """the process that read it: it marks it up as well"""

    @property
    def is_misaddressed(self) -> bool:
        return self.sender.code != self.unit.code


def read_file(reader: ReaderProcess, data: bytes, filename: str) -> RawWorkbook | Rejection:
    """Screen and read in the child. A Rejection answers with the sentence for the sender."""
    try:
        return from_wire(reader.run(open_arrival, data, filename=filename))
    except Unreadable as error:
        return Rejection(error.reason, error.message)


def identity_of(place: Installation, raw: RawWorkbook, conn: Connection | None = None) -> Identity | Rejection:
    """Whose workbook it says it is, and for which period. `conn`: a transaction that is open already."""
    refused = unusable(raw, place.folders)
    if refused is not None:
        return refused
    # Only now: `unusable` has made sure that the workbook names a regime that is here.
    regime = raw.meta["regime"]
    return identify(raw, place.pack(regime), place.periods(regime, conn))


def identified(
    pack: Pack, found: Identity, raw: RawWorkbook, sender: str, opened: Sequence[Period], as_of: datetime | None = None
) -> Identified | CommentFile | Rejection:
    """What is to be judged, under which period and against whom. A CommentFile is no report but a lead body's slice.

    `sender` is the unit the channel names; empty: the workbook's own word is taken (nothing is recorded then).
    `opened` are the periods whose windows were opened, oldest first; `as_of` None: all of them are being collected.
    """
    who = pack.unit(sender) if sender else found.unit
    if who is None:
        names = {"unit": found.unit.full_name, "regime": pack.regime.name, "sender": sender}
        return refuse(Screening.OTHER_REGIME, OTHER_REGIME, **names)
    # Before anything is said about periods: a lead body comments while the window is long closed for reports
    # (ADR 0014).
    comments = recognise(found, raw, pack, who)
    if comments is not None:
        return comments
    # A period that was opened is answered under its own name, locked or not; another one under that being collected.
    ours = any(p.code == found.period.code for p in opened)
    collecting = [p for p in opened if ours or as_of is None or as_of <= p.unit.locked_after]
    wrong = (
        misplaced(found, raw, collecting, pack.rules, who)
        if ours or collecting or who.code != found.unit.code
        else None
    )
    period = found.period if ours or not collecting else collecting[-1]
    return Identified(for_period(pack, period), period, found.unit, raw, who, (wrong,) if wrong else ())


def examine(known: Identified, history: History, received_at: datetime) -> tuple[Workbook, Verdict]:
    """Type the cells, run every rule. The wrong workbook is not checked any further."""
    workbook = type_workbook(known.raw, known.pack)
    if known.findings:
        return workbook, Verdict(decide(known.findings), known.findings)
    findings = check(workbook, known.pack, known.unit, known.period, history, received_at=received_at)
    return workbook, Verdict(decide(findings), findings)


def verdict_line(verdict: Verdict) -> str:
    """The first line of every answer."""
    blocking, explain = verdict.blocking, verdict.to_explain
    if verdict.status is Status.ACCEPTED:
        return "ĐẠT: báo cáo được tiếp nhận." + (f" Còn {explain} điểm đề nghị giải trình." if explain else "")
    more = f" và {explain} điểm đề nghị giải trình" if explain else ""
    return f"CHƯA ĐẠT: có {blocking} điểm phải sửa{more}."


def marked(known: Identified, original: bytes, verdict: Verdict, deadline: str) -> Marked:
    """The unit's own workbook with each point marked and the index sheet in front.

    When the file cannot be marked: the list of points as a workbook of its own. Never raises for the file's sake, so
    that a verdict does not depend on it.
    """
    head = {
        "unit_name": known.unit.full_name,
        "period_name": known.period.name,
        "verdict_line": verdict_line(verdict),
        "deadline_text": deadline,
    }
    # The reader that has the file in memory marks it; it belongs to whoever began the file and is not closed here.
    with nullcontext(known.reader) if known.reader is not None else ReaderProcess() as reader:
        return marked_or_listed(reader, original, verdict.findings, head=head)


@dataclass(frozen=True)
class Checked:
    """What `baocao check` answers."""

    status: Status
    message: str
    regime: str = ""
    period: str = ""
    unit: str = ""
    reason: str = ""
    findings: Sequence[Finding] = ()
    marked: bytes | None = None


def check_file(
    place: Installation,
    data: bytes,
    filename: str,
    *,
    received_at: datetime | None,
    period: str | None,
    marked: bool,
    sender: str = "",
) -> Checked:
    """Examine one file as `collect` would, and record nothing. Without `period`: for the period it says it is of.

    `sender`: the unit that asks; it is told of somebody else's workbook only that it is not its own, and nothing of
    another regime. Without it the workbook's own word is taken.
    """

    with ReaderProcess() as reader:
        raw = read_file(reader, data, filename)
        if isinstance(raw, Rejection):
            return Checked(Status.QUARANTINED, raw.message, reason=raw.reason.value)
        found = identity_of(place, raw)
        if isinstance(found, Rejection):
            return Checked(Status.QUARANTINED, found.message, reason=found.reason.value)
        opened = [p for p in place.periods(found.regime) if period is None or p.code == period]
        known = identified(place.pack(found.regime), found, raw, sender, opened)
        # Read and marked by one process: it is started once.
        if isinstance(known, Identified):
            known = replace(known, reader=reader)
        return _checked(place, known, data, received_at, wants_marked=marked)


def _checked(
    place: Installation,
    known: Identified | CommentFile | Rejection,
    data: bytes,
    received_at: datetime | None,
    *,
    wants_marked: bool,
) -> Checked:
    """The answer of `check_file` about a workbook whose unit and period are known, or why they are not."""
    if isinstance(known, Rejection):
        return Checked(Status.QUARANTINED, known.message, reason=known.reason.value)
    if isinstance(known, CommentFile):
        name = known.lead.full_name
        said = f"Tệp là phần số liệu của {name} kèm ý kiến, không phải báo cáo; hãy gửi vào thư mục nhận để ghi ý kiến."
        return Checked(Status.QUARANTINED, said, known.pack.code, known.period.code, known.lead.code)
    with place.store.read() as conn:
        own = waivers.deadline_of(conn, known.pack.code, known.period.code, known.sender.code, received_at)
        if own is not None:
            known = replace(known, period=own.of_period(known.period))
        # Without a moment the figures alone are judged: as if sent on the last safe day.
        history = history_of(place, conn, known.pack, known.unit.code, known.period)
        _, verdict = examine(known, history, received_at or _in_time(known.period))
    # A workbook in which everything is explained has nothing to be shown, although findings stand.
    needs_marks = wants_marked and any(f.severity is Severity.BLOCKS or not f.explanation for f in verdict.findings)
    return Checked(
        verdict.status,
        verdict_line(verdict),
        regime=known.pack.code,
        period=known.period.code,
        unit=known.unit.code,
        findings=verdict.findings,
        marked=_marked(known, data, verdict) if needs_marks else None,
    )


def _in_time(period: Period) -> datetime:
    """A moment when the period is open and nobody is late."""
    noon = period.unit.due_at.replace(hour=12, minute=0, second=0)
    return max(
        noon.replace(year=period.unit.safe_on.year, month=period.unit.safe_on.month, day=period.unit.safe_on.day),
        period.opens_at,
    )


def _marked(known: Identified, data: bytes, verdict: Verdict) -> bytes:
    return marked(known, data, verdict, f"Hạn gửi: {moment_text(known.period.unit.due_at)}").data
