"""A workbook we know: judged against the rules, recorded in one transaction with its letter."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from baocao.delivery import context as contexts
from baocao.delivery import outbox
from baocao.delivery.context import addressee_of
from baocao.model.cascade import Origin
from baocao.model.submission import Status, Submission, Verdict, Workbook
from baocao.store import cells, events, submissions, waivers
from baocao.store.database import StaleStatus
from baocao.workflow.accepting import cells_to_keep
from baocao.workflow.arrivals import DUPLICATE, File, receive
from baocao.workflow.checking import Identified, examine, marked
from baocao.workflow.letters import Desk
from baocao.workflow.objecting import tell_mended
from baocao.workflow.refusing import turn_away
from baocao.workflow.windows import XLSX
from baocao.workflow.workplace import Workplace


@dataclass(frozen=True)
class _Case:
    """One submission on its way to a decision."""

    known: Identified
    row: Submission
    workbook: Workbook
    verdict: Verdict
    due_at: datetime
    """the unit's own deadline"""
    locked_after: datetime
    marked_sha256: str | None
    """its workbook with the points marked, in the file store"""

    @property
    def on_time(self) -> bool:
        return self.row.received_at <= self.due_at


def judge(place: Workplace, file: File, known: Identified, as_of: datetime) -> str:
    """Decide a workbook whose unit and period are known; the outcome in one word. Idempotent by the file's sha256."""
    desk = Desk(place, known.pack, known.period)
    regime, period, unit = known.pack.code, known.period.code, known.unit
    origin = Origin.from_meta(known.raw.meta)
    with place.store.begin() as conn:
        # The identity stands before the verdict: a crash in between leaves a RECEIVED row that knows whose it is.
        row, _ = receive(conn, file, regime, period, unit.code, form_versions=_versions(known), origin=origin)
        if row.status is not Status.RECEIVED:
            # The sweep that decided it died before it moved it away: nobody has sent anything again.
            if (row.filename, row.received_at) != (file.filename, file.received_at):
                _tell_duplicate(desk, conn, known, file, row, as_of)
            return DUPLICATE
        own = waivers.deadline_of(conn, regime, period, unit.code, as_of)
    if own is None or file.received_at > own.locked_after:
        return turn_away(place, desk, file, known, row, own, as_of)
    own = own.in_zone(place.zone(regime))
    due_at, lock = own.due_at, own.locked_after
    known = replace(known, period=own.of_period(known.period))
    with place.store.read() as conn:
        workbook, verdict = examine(place, conn, known, file.received_at)
    marked_sha256 = None
    if verdict.blocking or verdict.to_explain:
        again = marked(known, file.data, verdict, f"Hạn gửi: {due_at:%H:%M ngày %d/%m/%Y}")
        marked_sha256 = place.store.files.put(again)
    try:
        _decide(place, desk, _Case(known, row, workbook, verdict, due_at, lock, marked_sha256), as_of)
    except StaleStatus:
        # Two sweeps raced for the same file: the other one has decided it.
        return DUPLICATE
    return verdict.status.value.lower()


def _decide(place: Workplace, desk: Desk, case: _Case, as_of: datetime) -> None:
    """Findings, cells, status, event and letter in one transaction. Raises StaleStatus when decided meanwhile."""
    known, row, verdict = case.known, case.row, case.verdict
    regime, period, unit = known.pack.code, known.period.code, known.unit
    receipt = f"{regime.upper()}/{period}/{unit.code}/{row.id}" if verdict.status is Status.ACCEPTED else ""
    with place.store.begin() as conn:
        before = submissions.official(conn, regime, period, unit.code)
        submissions.insert_findings(conn, row.id, verdict.findings)
        if verdict.status is Status.ACCEPTED:
            cells.insert_cells(conn, row.id, cells_to_keep(case.workbook, known.pack, unit))
            row = submissions.accept(
                conn,
                row.id,
                decided_at=as_of,
                on_time=case.on_time,
                receipt_number=receipt,
                marked_sha256=case.marked_sha256,
            )
        else:
            row = submissions.return_(
                conn, row.id, decided_at=as_of, on_time=case.on_time, marked_sha256=case.marked_sha256
            )
        _answer(desk, conn, replace(case, row=row), receipt, as_of, keeps_accepted=before is not None)
        if row.status is Status.ACCEPTED:
            tell_mended(conn, desk, unit, row, as_of)
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
                "sha256": row.sha256,
                "blocking": verdict.blocking,
                "to_explain": verdict.to_explain,
                "on_time": case.on_time,
                "supersedes": row.supersedes_id,
                "cells_sha256": cells.cells_sha256(conn, row.id) if row.status is Status.ACCEPTED else "",
            },
        )


def _versions(known: Identified) -> dict[str, str]:
    return {key.removeprefix("form."): value for key, value in known.raw.meta.items() if key.startswith("form.")}


def _answer(desk: Desk, conn: Connection, case: _Case, receipt: str, as_of: datetime, *, keeps_accepted: bool) -> None:
    """The receipt, or the unit's own workbook marked up."""
    unit, row, sha256 = case.known.unit, case.row, case.marked_sha256
    name = f"ket-qua_{unit.code}_{case.known.period.code}_{row.id}.xlsx" if sha256 else ""
    attachments = [outbox.Attachment(name, sha256, XLSX)] if sha256 else []
    if case.verdict.status is Status.ACCEPTED:
        context = desk.accepted(unit, row, receipt, case.verdict, on_time=case.on_time, marked_name=name)
    else:
        context = desk.returned(
            unit,
            row,
            case.verdict,
            marked_name=name,
            due_at=case.due_at,
            locked_after=case.locked_after,
            keeps_accepted=keeps_accepted,
        )
    desk.to_unit(conn, unit, context=context, step=f"{context.outcome}-{row.id}", at=as_of, attachments=attachments)


def _tell_duplicate(
    desk: Desk, conn: Connection, known: Identified, file: File, row: Submission, as_of: datetime
) -> None:
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
