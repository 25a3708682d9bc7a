"""A workbook we know: judged against the rules, recorded in one transaction with its letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.checks.history import History
from baocao.checks.kept_cells import cells_to_keep, lists_to_keep
from baocao.delivery import contexts, outbox
from baocao.delivery.contexts.common import addressee_of
from baocao.media_types import XLSX
from baocao.model.deadline import UnitDeadline
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Cell, GivenBack, Status, Submission, Timeliness, Verdict, Workbook, timeliness_of
from baocao.store import waivers
from baocao.store.reports import reports
from baocao.store.submissions import cells, given_back, receipts, submissions
from baocao.store.submissions.list_rows import insert_list_rows
from baocao.store.submissions.submission_findings import insert_findings
from baocao.store.submissions.submissions import SubmissionDetail
from baocao.store.submissions.timeliness import unit_timeliness
from baocao.store.trail import events
from baocao.text import moment_text
from baocao.workflow.arrivals.received import ReceivedFile
from baocao.workflow.copies.units import receipt_line
from baocao.workflow.installation import Installation
from baocao.workflow.intake.checking import Identified, examine, marked
from baocao.workflow.intake.identity import document_of, write_identity
from baocao.workflow.intake.receipts import received_forms
from baocao.workflow.intake.refusing import quarantine_out_of_window, quarantine_returned_before
from baocao.workflow.intake.repeating import Circumstances, references_of, repeat, standing_answer
from baocao.workflow.lead_bodies.objecting import notify_objectors_of_correction
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.periods.history import history_of
from baocao.workflow.periods.peer_amounts import remember
from baocao.workflow.sign_off.newer import receipt_note, tell_newer


@dataclass(frozen=True)
class _Case:
    """One submission on its way to a decision."""

    file: ReceivedFile
    known: Identified
    row: Submission
    workbook: Workbook
    verdict: Verdict
    due_at: datetime
    """the unit's own deadline"""
    locked_after: datetime
    marked_sha256: str | None
    """its workbook with the points marked, or the list of points, in the file store"""
    is_own_file: bool
    """which of the two"""
    now: Circumstances
    """without the official workbook, which is known at the decision only"""
    kept: Sequence[Cell]
    """the cells of an accepted workbook that are stored"""
    document: Mapping[str, Any]
    """what the workbook says of itself, as columns of its row"""

    @property
    def on_time(self) -> bool:
        return self.row.received_at <= self.due_at


@dataclass(frozen=True)
class OnRecord:
    """A workbook we know, and what our records say that its answer depends on: all of one moment."""

    known: Identified
    """under its own deadline, where it has one"""
    row: Submission
    """with the identity that is written down when it is decided"""
    own: UnitDeadline | None
    """the sender's deadline; None: it owes nothing"""
    returned: GivenBack | None = None
    """that the office has returned these very bytes"""
    history: History = field(default_factory=History)
    now: Circumstances = field(default_factory=lambda: Circumstances(""))
    is_repeat: bool = False
    """an answer stands that was given in the same circumstances"""
    document: Mapping[str, Any] = field(default_factory=dict)
    """what the workbook says of itself, as columns of its row"""


def on_record(
    place: Installation,
    conn: Connection,
    file: ReceivedFile,
    detail: SubmissionDetail,
    known: Identified,
    as_of: datetime,
) -> OnRecord:
    """Ask our records about a workbook; what is only needed to judge it is left out where it will not be judged.
    `detail`: the file's own row, read in this transaction."""
    regime, period, unit = known.pack.code, known.period.code, known.sender.code
    row = replace(detail.submission, regime=regime, period=period, unit=unit)
    own = waivers.deadline_of(conn, regime, period, unit, as_of)
    # The past of a unit costs a reading of its earlier reports: not for files that are not judged.
    if known.is_misaddressed or own is None or file.received_at > own.locked_after:
        return OnRecord(known, row, own)
    # The rules about time look at the unit's own deadline, not at everybody's.
    known = replace(known, period=own.of_period(known.period))
    came_before = submissions.earlier(conn, row) is not None
    returned = given_back.returned_before(conn, regime, period, unit, file.sha256) if came_before else None
    if returned is not None:
        return OnRecord(known, row, own, returned)
    history = history_of(place, conn, known.pack, unit, known.period)
    now = Circumstances(file.sender, known.pack.sha256, references=references_of(history)).at(own, file.received_at)
    is_repeat = came_before and _standing(conn, row, now) is not None
    return OnRecord(known, row, own, None, history, now, is_repeat, document_of(known, detail.info))


def judge(place: Installation, file: ReceivedFile, found: OnRecord, as_of: datetime) -> str:
    """Decide a workbook whose unit and period are known; the outcome in one word.

    Raises StaleStatus when another process has decided it meanwhile.
    """
    known, own, now = found.known, found.own, found.now
    period_mail = PeriodMail(place, known.pack, known.period).answering(file.sender, file.thread)
    if known.is_misaddressed:
        return _misaddressed(place, period_mail, file, known, own, as_of)
    if own is None or file.received_at > own.locked_after:
        return quarantine_out_of_window(place, period_mail, file, known, own, as_of)
    if found.returned is not None:
        return quarantine_returned_before(place, period_mail, file, known, found.returned, as_of)
    # Asked twice: in the snapshot, so that a repeat costs no reading of cells, and once more under the unit's lock, for
    # its answer may have been replaced meanwhile.
    if found.is_repeat:
        with place.store.begin() as conn:
            row = write_identity(conn, file, known)
            if (stands := _standing(conn, row, now)) is not None:
                return repeat(period_mail, conn, known.sender, file, stands, "", as_of)
    # Outside any transaction: on SQLite whoever writes holds up everybody else.
    workbook, verdict = examine(known, found.history, file.received_at)
    due, marked_sha256, is_own_file = known.period.unit, None, True
    if verdict.blocking or verdict.to_explain:
        again = marked(known, file.data, verdict, f"Hạn gửi: {moment_text(due.due_at)}")
        # Stored before the row names it; a decision that then fails leaves a file that nothing names, and no harm.
        marked_sha256, is_own_file = place.store.files.put(again.data), again.is_own_file
    kept = cells_to_keep(workbook, known.pack, known.unit) if verdict.status is Status.ACCEPTED else []
    answer = marked_sha256, is_own_file
    case = _Case(
        file, known, found.row, workbook, verdict, due.due_at, due.locked_after, *answer, now, kept, found.document
    )
    outcome = _decide(place, period_mail, case, as_of)
    # After the commit: what was rolled back must not be held against other units.
    if outcome == Status.ACCEPTED.value.lower():
        remember(place, known.pack, known.unit.code, known.period.code, file.id, kept)
    return outcome


def _standing(conn: Connection, row: Submission, now: Circumstances) -> SubmissionDetail | None:
    """The answer that stands for a true repeat. Asked only where the same bytes came before."""
    official = submissions.official(conn, row.regime, row.period, row.unit)
    return standing_answer(conn, row, replace(now, official=official.sha256 if official else ""))


def _decide(place: Installation, period_mail: PeriodMail, case: _Case, as_of: datetime) -> str:
    """Findings, cells, status, event and letter in one transaction. Raises StaleStatus when decided meanwhile."""
    known, row, verdict, said = case.known, case.row, case.verdict, ""
    regime, period, unit = row.regime, row.period, known.unit
    with place.store.begin() as conn:
        submissions.lock_unit(conn, regime, period, unit.code)
        sent = submissions.of_unit(conn, regime, period, unit.code)
        # The same bytes may have been decided a moment ago, as another arrival.
        came_before = any(s.sha256 == row.sha256 for s in sent if s.id != row.id)
        if came_before and (stands := _standing(conn, row, case.now)) is not None:
            write_identity(conn, case.file, known)
            return repeat(period_mail, conn, unit, case.file, stands, "", as_of)
        # Under the lock, and before this row counts: it is what the letter says was in force.
        accepted = submissions.ever_accepted(sent)
        before = submissions.official(conn, regime, period, unit.code) if accepted else None
        if verdict.status is Status.ACCEPTED:
            # Files may be decided in another order than they came: an older one is accepted and yet does not become
            # official.
            newer = before is not None and (before.received_at, before.id) > (row.received_at, row.id)
            after = before.sha256 if before is not None and newer else row.sha256
            # Under the unit's lock, in the transaction that gives it: a number is not given twice.
            prefix = known.pack.regime.receipts_begin_with
            receipt = receipts.next_number(conn, prefix, period, unit.code, len(accepted) + 1)
            # Before its cells and points are written: a row that is decided already is found out here.
            row = submissions.accept(
                conn, row, receipt_number=receipt, before=accepted, **_decision(case, after, as_of)
            )
            stored = cells.insert_cells(conn, row.id, case.kept)
            in_lists = insert_list_rows(conn, row.id, unit.code, lists_to_keep(case.workbook))
            # The event binds cells and list rows in one hash; with cells alone it was worked out while they were
            # written.
            said = cells.cells_sha256(conn, row.id) if in_lists else stored.sha256
        else:
            row = submissions.return_(conn, row, **_decision(case, before.sha256 if before else "", as_of))
        insert_findings(conn, row.id, verdict.findings)
        # The letter is a row like the others: no verdict without its letter, no letter without its verdict.
        case = replace(case, row=row)
        _answer(period_mail, conn, case, as_of, is_first=not accepted, keeps_accepted=before is not None)
        # Last: the event carries the digests of every row this transaction wrote.
        _record(conn, row, verdict, as_of, said)
    return verdict.status.value.lower()


def _decision(case: _Case, official: str, as_of: datetime) -> dict[str, Any]:
    """What is written with either verdict. `official`: hash of the unit's official workbook once the answer is
    given."""
    return {
        "decided_at": as_of,
        "on_time": case.on_time,
        "marked_sha256": case.marked_sha256,
        "circumstances": replace(case.now, official=official).as_json(),
        **case.document,
    }


def _record(conn: Connection, row: Submission, verdict: Verdict, as_of: datetime, cells_sha256: str = "") -> None:
    payload = {
        "unit": row.unit,
        "sha256": row.sha256,
        "blocking": verdict.blocking,
        "to_explain": verdict.to_explain,
        "on_time": row.on_time,
        "receipt": row.receipt_number or "",
        "supersedes": row.supersedes_id,
        "cells_sha256": cells_sha256,
    }
    events.append(
        conn, as_of, "baocao", f"submission_{verdict.status.value.lower()}", row, f"submission/{row.id}", payload
    )


def _misaddressed(
    place: Installation,
    period_mail: PeriodMail,
    file: ReceivedFile,
    known: Identified,
    own: UnitDeadline | None,
    as_of: datetime,
) -> str:
    """Somebody else's workbook: the sender is answered, and its owner only told; the owner's record is untouched."""
    verdict = Verdict(Status.RETURNED, known.findings)
    refused = known.pack.rules.id_of(RuleKind.UNIT_IDENTITY)
    now = Circumstances(file.sender, known.pack.sha256, refused=refused).at(own, file.received_at)
    sender, owner = known.sender, known.unit
    with place.store.begin() as conn:
        row = write_identity(conn, file, known)
        if (stands := standing_answer(conn, row, now)) is not None:
            return repeat(period_mail, conn, sender, file, stands, known.findings[0].message, as_of)
        insert_findings(conn, file.id, known.findings)
        # Returned to its sender, under the sender's code: under the owner's it would be an answer the owner never asked
        # for.
        row = submissions.return_(conn, row, decided_at=as_of, circumstances=now.as_json())
        keeps = submissions.official(conn, row.regime, row.period, sender.code) is not None
        period_mail.to_unit(
            conn,
            sender,
            context=contexts.Misaddressed(
                head=period_mail.head,
                addressee=addressee_of(sender),
                filename=file.filename,
                received_at=file.received_at,
                belongs_to=owner.full_name,
                keeps_accepted=keeps,
            ),
            step=f"misaddressed-{row.id}",
            at=as_of,
        )
        period_mail.to_unit(
            conn,
            owner,
            context=contexts.SentByAnother(
                head=period_mail.head,
                addressee=addressee_of(owner),
                filename=file.filename,
                received_at=file.received_at,
                sender=sender.full_name,
            ),
            step=f"sent-by-another-{row.id}",
            at=as_of,
        )
        _record(conn, row, verdict, as_of)
    return verdict.status.value.lower()


def _said(case: _Case) -> list[Cell]:
    """Every answer of the workbook, in tables and lists."""
    return [*case.kept, *lists_to_keep(case.workbook).said()]


def _answer(
    period_mail: PeriodMail, conn: Connection, case: _Case, as_of: datetime, *, is_first: bool, keeps_accepted: bool
) -> None:
    """The receipt, and whoever else must know of the report; or what there is to correct: the unit's own workbook
    marked up, or the list of points. `is_first`: nothing of the unit was accepted for the period before."""
    unit, row, sha256, report = case.known.unit, case.row, case.marked_sha256, None
    kind = "ket-qua" if case.is_own_file else "danh-sach-diem"
    name = f"{kind}_{unit.code}_{case.known.period.code}_{row.id}.xlsx" if sha256 else ""
    attachments = [outbox.Attachment(name, sha256, XLSX)] if sha256 else []
    if case.verdict.status is Status.ACCEPTED:
        # Asked after this row counts: the first accepted report is this one where there was none.
        kept = timeliness_of([row]) if is_first else unit_timeliness(conn, row.regime, row.period, unit.code)
        report = reports.latest(conn, row.regime, row.period)
        context = period_mail.accepted(
            unit,
            row,
            case.verdict,
            size=len(case.file.data),
            forms=received_forms(case.known.pack, unit, _said(case)),
            on_time=case.on_time,
            first_on_time=kept is not Timeliness.LATE,
            report_note=receipt_note(conn, report),
            marked_name=name,
            is_own_file=case.is_own_file,
            copy_note=receipt_line(conn, period_mail.pack, row),
        )
    else:
        context = period_mail.returned(
            unit,
            row,
            case.verdict,
            marked_name=name,
            is_own_file=case.is_own_file,
            due_at=case.due_at,
            locked_after=case.locked_after,
            as_of=as_of,
            keeps_accepted=keeps_accepted,
        )
    period_mail.to_unit(
        conn, unit, context=context, step=f"{context.outcome}-{row.id}", at=as_of, attachments=attachments
    )
    if case.verdict.status is Status.ACCEPTED:
        if not is_first:
            notify_objectors_of_correction(conn, period_mail, unit, row, as_of)
        tell_newer(conn, period_mail, unit, row, report, as_of)
