"""The same bytes sent again: judged anew when anything has changed that the answer depends on, else answered with the
answer that stands, in its words.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.checks.history import History
from baocao.delivery import contexts, outbox
from baocao.delivery.contexts.common import addressee_of
from baocao.media_types import XLSX
from baocao.model.deadline import UnitDeadline
from baocao.model.submission import Severity, Status, Submission
from baocao.model.unit import Unit
from baocao.store.submissions import submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.submissions.submissions import SubmissionDetail
from baocao.store.trail import events
from baocao.workflow.arrivals.received import DUPLICATE, ReceivedFile
from baocao.workflow.mail.letters import PeriodMail


@dataclass(frozen=True)
class Circumstances:
    """What the answer to a file depends on beside its bytes."""

    sender: str
    pack: str = ""
    """hash of the rules"""
    due_at: str = ""
    locked: bool = False
    """whether the period was locked for this unit when the file came"""
    official: str = ""
    """hash of the unit's official workbook once the answer is given"""
    references: str = ""
    """hash of the earlier figures it is compared with"""
    refused: str = ""
    """why it was not judged at all"""

    def at(self, deadline: UnitDeadline | None, received_at: datetime) -> Circumstances:
        """The same with the deadline as it stands for the moment of arrival."""
        if deadline is None:
            return self
        return replace(
            self,
            # To the second, as text: what comes back from the database in another zone or precision is the same
            # deadline.
            due_at=deadline.due_at.isoformat(timespec="seconds"),
            locked=received_at > deadline.locked_after,
        )

    def as_json(self) -> dict[str, Any]:
        """As the row of the submission keeps it."""
        return asdict(self)


_NOT_ITS_OWN_PAST = {"peers", "reported_in_time"}


def references_of(history: History) -> str:
    """One hash over every earlier figure of the unit that a rule may look at.

    What other units have been given (`peers`) is left out: it changes with every report that comes in, and the same
    file would never be known again. So is that the unit has reported by now: the file itself may have done that.
    """
    parts = []
    for name, value in sorted((n, v) for n, v in vars(history).items() if n not in _NOT_ITS_OWN_PAST):
        said = (
            sorted(("/".join(key), repr(figure)) for key, figure in value.items()) if hasattr(value, "items") else value
        )
        parts.append(f"{name} {said!r}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def standing_answer(conn: Connection, row: Submission, now: Circumstances) -> SubmissionDetail | None:
    """The earlier decision about the same bytes that still holds: given in the circumstances of now."""
    # The whole of it compared as it was kept: a field that a later version adds makes old answers different, so that
    # the file is judged anew rather than answered by an answer that did not look at it.
    known = submissions.earlier(conn, row)
    return known if known is not None and known.circumstances == now.as_json() else None


def repeat(
    period_mail: PeriodMail,
    conn: Connection,
    unit: Unit,
    file: ReceivedFile,
    stands: SubmissionDetail,
    answer: str,
    as_of: datetime,
) -> str:
    """Close a true repeat, and answer it with what stands. `answer`: the sentence for a file nothing was marked in.

    Raises StaleStatus when it is decided already.
    """
    first = stands.submission
    row = submissions.repeat(conn, file.id, decided_at=as_of, of=first.id)
    points = sum(f.severity is Severity.BLOCKS for f in findings_of(conn, first.id))
    # An accepted one has its marks in the receipt's letter; a repeat must not look like something to correct.
    sends_marks = first.status is Status.RETURNED and stands.marked_sha256 is not None
    name = f"ket-qua_{unit.code}_{first.period}_{first.id}.xlsx" if sends_marks else ""
    period_mail.to_unit(
        conn,
        unit,
        context=contexts.Duplicate(
            head=period_mail.head,
            addressee=addressee_of(unit),
            status=first.status.value,
            receipt_number=first.receipt_number or "",
            filename=file.filename,
            first_received_at=first.received_at,
            received_at=file.received_at,
            blocking=points,
            answer=answer,
            marked_name=name,
        ),
        step=f"duplicate-{row.id}",
        at=as_of,
        attachments=[outbox.Attachment(name, stands.marked_sha256, XLSX)] if stands.marked_sha256 and name else [],
    )
    payload = {"unit": unit.code, "sha256": row.sha256, "repeats": first.id, "stands": first.status.value}
    events.append(conn, as_of, "baocao", "submission_duplicate", row, f"submission/{row.id}", payload)
    return DUPLICATE
