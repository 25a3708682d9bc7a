"""Files that are kept and answered, but not judged: unreadable, of an unknown sender, for a period that is not open."""

from __future__ import annotations

from datetime import datetime

from baocao.delivery import context as contexts
from baocao.delivery import outbox
from baocao.delivery.context import addressee_of
from baocao.model.deadline import UnitDeadline
from baocao.model.submission import Rejection, Status, Submission
from baocao.model.unit import Unit
from baocao.store import events, submissions
from baocao.workflow.arrivals import DUPLICATE, File, own_head, receive
from baocao.workflow.checking import Identified
from baocao.workflow.letters import Desk
from baocao.workflow.workplace import Workplace

QUARANTINED = Status.QUARANTINED.value.lower()


def reject(place: Workplace, file: File, rejection: Rejection, as_of: datetime) -> str:
    """QUARANTINED, and an answer to whoever sent it; to the operator when we do not know who that is."""
    sender = _sender(place, file.sender_hint)
    with place.store.begin() as conn:
        regime, unit = (sender[0].pack.code, sender[1].code) if sender else ("", "")
        row, is_new = receive(conn, file, regime, "", unit)
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
                own_head(place),
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
    return QUARANTINED


def _sender(place: Workplace, hint: str) -> tuple[Desk, Unit] | None:
    """The unit whose folder the file lay in, when a code names exactly one; an office that reports in several regimes
    is one sender when it is written to at one address."""
    found = [(pack, unit) for code in place.folders if (unit := (pack := place.pack(code)).unit(hint)) is not None]
    if len({unit.email for _, unit in found}) != 1:
        return None
    return Desk(place, found[0][0], None), found[0][1]


def turn_away(
    place: Workplace,
    desk: Desk,
    file: File,
    known: Identified,
    row: Submission,
    owed: UnitDeadline | None,
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
