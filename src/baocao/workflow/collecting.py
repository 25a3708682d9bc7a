"""Taking in what has arrived: one file at a time, from the inbox to the answer in the outbox.

Nothing is lost: the bytes are in the file store before anything opens them, the arrival is a row before it is judged,
and a file leaves the inbox only after it is decided. A crash anywhere is mended by the next sweep.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from baocao.delivery import context as contexts
from baocao.delivery import outbox
from baocao.delivery.context import Letterhead, addressee_of
from baocao.forms.child import ReaderProcess
from baocao.intake.folder import PROCESSED, Arrival, arrivals, settle
from baocao.model.period import Period
from baocao.model.submission import Rejection, Status, Submission, Verdict
from baocao.model.unit import Unit
from baocao.store import cells, events, submissions, waivers, windows
from baocao.store.database import StaleStatus
from baocao.workflow.accepting import cells_to_keep
from baocao.workflow.checking import Identified, examine, marked, read_and_identify
from baocao.workflow.letters import Desk
from baocao.workflow.mailing import flush
from baocao.workflow.windows import XLSX
from baocao.workflow.workplace import Workplace

log = logging.getLogger(__name__)
DUPLICATE, FAILED = "duplicate", "failed"


@dataclass(frozen=True)
class File:
    """One file in hand, already in the raw store."""

    data: bytes
    filename: str
    sha256: str
    received_at: datetime
    sender_hint: str
    """unit code of the folder it lay in; empty when it lay in the inbox itself"""
    channel: str = "folder"


def collect(place: Workplace, as_of: datetime, regime: str | None = None) -> dict[str, Any]:
    """Judge everything that has arrived by `as_of` and whatever an earlier sweep left undecided; then send the answers.

    `regime` only narrows what is answered, never what is taken in: a file says itself whose it is.
    Answers the number of files by outcome.
    """
    counted: Counter[str] = Counter()
    with ReaderProcess() as reader:
        for left in _left_behind(place):
            counted[_take(place, reader, left, as_of)] += 1
        for arrival in arrivals(place.settings.inbox):
            outcome = _take(place, reader, _stored(place, arrival, as_of), as_of)
            counted[outcome] += 1
            if outcome != FAILED:
                settle(arrival, place.settings.inbox / PROCESSED)
    outcomes = [*(s.value.lower() for s in Status if s is not Status.RECEIVED), DUPLICATE, FAILED]
    return {
        "files": sum(counted.values()),
        **{outcome: counted[outcome] for outcome in outcomes},
        **flush(place, as_of),
    }


def _stored(place: Workplace, arrival: Arrival, as_of: datetime) -> File:
    sha256 = place.store.files.put(arrival.data)
    # A file's own time may lie ahead of the business time that is being played; it never arrived in the future.
    return File(arrival.data, arrival.filename, sha256, min(arrival.received_at, as_of), arrival.sender_hint)


def _left_behind(place: Workplace) -> list[File]:
    with place.store.read() as conn:
        rows = [(s, submissions.detail(conn, s.id)) for s in submissions.pending(conn)]
    return [
        File(
            place.store.files.get(s.sha256),
            s.filename,
            s.sha256,
            s.received_at,
            str(detail.info.get("sender_hint", "")),
            detail.channel,
        )
        for s, detail in rows
    ]


def _take(place: Workplace, reader: ReaderProcess, file: File, as_of: datetime) -> str:
    """Judge one file. Our own failure never becomes the unit's: nothing is decided, and the operator is told."""
    try:
        known = read_and_identify(
            place, reader, file.data, file.filename, lambda code: _opened(place, code), file.sender_hint
        )
        if isinstance(known, Rejection):
            return _reject(place, file, known, as_of)
        return _judge(place, file, known, as_of)
    except Exception as error:
        log.exception("collect: %s", file.filename)
        _alarm_about(place, file, error, as_of)
        return FAILED


def _opened(place: Workplace, regime: str) -> list[Period]:
    """Periods whose window was opened, oldest first; a locked one is among them, for it has its own answer."""
    known = {p.code: p for p in place.periods(regime)}
    with place.store.read() as conn:
        return [known[w.period] for w in windows.open_windows(conn, regime) if w.period in known]


def _alarm_about(place: Workplace, file: File, error: Exception, as_of: datetime) -> None:
    """The file stays where it is (in the inbox, or RECEIVED): the next sweep tries again. One alarm a file."""
    with place.store.begin() as conn:
        outbox.alarm(
            conn,
            place.settings,
            _own_head(place),
            regime="",
            period="",
            subject="Lỗi của hệ thống khi xử lý một tệp gửi đến",
            text=f"Tệp {file.filename} (sha256 {file.sha256}) đã được lưu nhưng chưa xử lý được do lỗi của hệ thống: "
            f"{type(error).__name__}. Tệp được giữ nguyên và thử lại ở lượt thu sau. "
            "Xem nhật ký của bước thu bài và mục «Bài nộp bị kẹt» trong sổ tay vận hành.",
            key=f"stuck/{file.sha256}",
            at=as_of,
        )


def _own_head(place: Workplace) -> Letterhead:
    first = sorted(place.folders)[0]
    return Letterhead.of(place.pack(first).regime, None)


def _receive(conn: Any, file: File, regime: str, period: str, unit: str, **more: Any) -> tuple[Submission, bool]:
    return submissions.receive(
        conn,
        regime=regime,
        period=period,
        unit=unit,
        channel=file.channel,
        filename=file.filename,
        sha256=file.sha256,
        size=len(file.data),
        received_at=file.received_at,
        info={"sender_hint": file.sender_hint, **more.pop("info", {})},
        **more,
    )


# a file that cannot be read or placed ------------------------------------------------------------------------------


def _reject(place: Workplace, file: File, rejection: Rejection, as_of: datetime) -> str:
    """QUARANTINED, and an answer to whoever sent it; to the operator when we do not know who that is."""
    sender = _sender(place, file.sender_hint)
    with place.store.begin() as conn:
        regime, unit = (sender[0].pack.code, sender[1].code) if sender else ("", "")
        row, is_new = _receive(conn, file, regime, "", unit)
        if row.status is not Status.RECEIVED:
            return DUPLICATE
        submissions.quarantine(conn, row.id, decided_at=as_of, reason=rejection.reason.value)
        events.append(
            conn,
            at=as_of,
            actor="baocao",
            action="submission_quarantined",
            regime=regime,
            period="",
            subject=f"submission/{row.id}",
            payload={"reason": rejection.reason.value, "sha256": file.sha256, "unit": unit, "new": is_new},
        )
        if sender is None:
            outbox.alarm(
                conn,
                place.settings,
                _own_head(place),
                regime="",
                period="",
                subject="Tệp gửi đến không rõ người gửi",
                text=f"Tệp {file.filename}: {rejection.message}\n\nKhông xác định được đơn vị gửi; hãy liên hệ đơn vị "
                "hoặc xem mục «Tệp không rõ người gửi» trong sổ tay vận hành.",
                key=f"unknown-sender/{file.sha256}",
                at=as_of,
            )
        else:
            desk, who = sender
            desk.to_unit(
                conn,
                who,
                context=contexts.Quarantined(
                    head=desk.head,
                    addressee=addressee_of(who),
                    reason=rejection.reason.value,
                    message=rejection.message,
                    filename=file.filename,
                    received_at=file.received_at,
                ),
                step=f"quarantined-{row.id}",
                at=as_of,
            )
    return Status.QUARANTINED.value.lower()


def _sender(place: Workplace, hint: str) -> tuple[Desk, Unit] | None:
    """The unit whose folder the file lay in, when a code names exactly one."""
    found = [(pack, unit) for code in place.folders if (unit := (pack := place.pack(code)).unit(hint)) is not None]
    if len(found) != 1:
        return None
    return Desk(place, found[0][0], None), found[0][1]


# a workbook we know ------------------------------------------------------------------------------------------------


def _judge(place: Workplace, file: File, known: Identified, as_of: datetime) -> str:
    desk = Desk(place, known.pack, known.period)
    regime, period, unit = known.pack.code, known.period.code, known.unit
    with place.store.begin() as conn:
        # The identity stands before the verdict: a crash in between leaves a RECEIVED row that knows whose it is.
        row, _ = _receive(conn, file, regime, period, unit.code, form_versions=_versions(known))
        if row.status is not Status.RECEIVED:
            _tell_duplicate(desk, conn, known, file, row, as_of)
            return DUPLICATE
        owed = next((o for o in windows.obligations(conn, regime, period) if o.unit == unit.code), None)
    due_at = _due(place, known, owed.due_at) if owed else None
    # An extension may run beyond the lock: what was granted is taken.
    if owed is None or due_at is None or file.received_at > max(owed.locked_after, due_at):
        return _turn_away(place, desk, file, known, row, owed, as_of)
    on_time = file.received_at <= due_at
    with place.store.read() as conn:
        workbook, verdict = examine(place, conn, known, file.received_at)
    marked_sha = None
    if verdict.blocking or verdict.to_explain:
        again = marked(known, file.data, verdict, f"Hạn gửi: {due_at:%H:%M ngày %d/%m/%Y}")
        marked_sha = place.store.files.put(again)
    try:
        with place.store.begin() as conn:
            before = submissions.official(conn, regime, period, unit.code)
            submissions.insert_findings(conn, row.id, verdict.findings)
            if verdict.status is Status.ACCEPTED:
                cells.insert_cells(conn, row.id, cells_to_keep(workbook, known.pack, unit))
                receipt = f"{regime.upper()}/{period}/{unit.code}/{row.id}"
                row = submissions.accept(
                    conn,
                    row.id,
                    decided_at=as_of,
                    on_time=on_time,
                    receipt_number=receipt,
                    marked_sha256=marked_sha,
                )
            else:
                receipt = ""
                row = submissions.return_(conn, row.id, decided_at=as_of, on_time=on_time, marked_sha256=marked_sha)
            events.append(
                conn,
                at=as_of,
                actor="baocao",
                action=f"submission_{verdict.status.value.lower()}",
                regime=regime,
                period=period,
                subject=f"submission/{row.id}",
                payload={
                    "unit": unit.code,
                    "sha256": file.sha256,
                    "blocking": verdict.blocking,
                    "to_explain": verdict.to_explain,
                    "on_time": on_time,
                    "supersedes": row.supersedes_id,
                },
            )
            _answer(desk, conn, known, row, verdict, receipt, marked_sha, due_at, owed, before is not None, as_of)
    except StaleStatus:
        # Two sweeps raced for the same file: the other one has decided it.
        return DUPLICATE
    return verdict.status.value.lower()


def _versions(known: Identified) -> dict[str, str]:
    return {key.removeprefix("form."): value for key, value in known.raw.meta.items() if key.startswith("form.")}


def _due(place: Workplace, known: Identified, due_at: datetime) -> datetime:
    """The unit's own deadline, on its own clock: the last extension granted, else the regime's."""
    with place.store.read() as conn:
        granted = [
            w.until
            for w in waivers.waivers(conn, known.pack.code, known.period.code)
            if w.unit == known.unit.code and w.until is not None
        ]
    return (granted[-1] if granted else due_at).astimezone(place.zone(known.pack.code))


def _answer(
    desk: Desk,
    conn: Any,
    known: Identified,
    row: Submission,
    verdict: Verdict,
    receipt: str,
    marked_sha: str | None,
    due_at: datetime,
    owed: windows.Obligation,
    keeps_accepted: bool,
    as_of: datetime,
) -> None:
    """The receipt, or the unit's own workbook marked up."""
    name = f"ket-qua_{known.unit.code}_{known.period.code}_{row.id}.xlsx" if marked_sha else ""
    attachments = [outbox.Attachment(name, marked_sha, XLSX)] if marked_sha else []
    if verdict.status is Status.ACCEPTED:
        context = desk.accepted(known.unit, row, receipt, verdict, on_time=bool(row.on_time), marked_name=name)
    else:
        context = desk.returned(
            known.unit,
            row,
            verdict,
            marked_name=name,
            due_at=due_at,
            locked_after=owed.locked_after,
            keeps_accepted=keeps_accepted,
        )
    desk.to_unit(
        conn, known.unit, context=context, step=f"{context.outcome}-{row.id}", at=as_of, attachments=attachments
    )


def _tell_duplicate(desk: Desk, conn: Any, known: Identified, file: File, row: Submission, as_of: datetime) -> None:
    """The very same file again: say what became of the first one, once."""
    mark = hashlib.sha256(f"{file.sha256}{file.received_at.isoformat()}".encode()).hexdigest()[:12]
    desk.to_unit(
        conn,
        known.unit,
        context=contexts.Duplicate(
            head=desk.head,
            addressee=addressee_of(known.unit),
            status=row.status.value,
            receipt_number=row.receipt_number or "",
            filename=file.filename,
            first_received_at=row.received_at,
            due_at=known.period.unit.due_at,
        ),
        step=f"duplicate-{row.id}-{mark}",
        at=as_of,
    )


def _turn_away(
    place: Workplace,
    desk: Desk,
    file: File,
    known: Identified,
    row: Submission,
    owed: windows.Obligation | None,
    as_of: datetime,
) -> str:
    """A period that is not open for this unit, or is locked: kept, answered, not judged."""
    reason = "locked" if owed is not None else "not_open"
    head, addressee = desk.head, addressee_of(known.unit)
    context: contexts.LetterContext
    if owed is not None:
        context = contexts.Locked(
            head=head,
            addressee=addressee,
            filename=file.filename,
            received_at=file.received_at,
            due_at=owed.due_at,
            locked_after=owed.locked_after,
        )
    else:
        now = place.current_period(known.pack.code, as_of) or known.period
        current = Desk(place, known.pack, now)
        context = contexts.WrongPeriod(
            head=current.head,
            addressee=addressee,
            filename=file.filename,
            received_at=file.received_at,
            found=known.period.name,
            due_at=now.unit.due_at,
        )
    with place.store.begin() as conn:
        submissions.quarantine(conn, row.id, decided_at=as_of, reason=reason)
        events.append(
            conn,
            at=as_of,
            actor="baocao",
            action="submission_quarantined",
            regime=known.pack.code,
            period=known.period.code,
            subject=f"submission/{row.id}",
            payload={"reason": reason, "sha256": file.sha256, "unit": known.unit.code},
        )
        desk.to_unit(conn, known.unit, context=context, step=f"{reason}-{row.id}", at=as_of)
    return Status.QUARANTINED.value.lower()
