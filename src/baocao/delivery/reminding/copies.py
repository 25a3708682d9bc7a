"""The steps of the ladder for units whose report is accepted without the signed copy it requires.

The same ladder and ledger as for a missing report, under keys of their own (`copy:t-3`): only the steps that go to the
unit itself, and only those after its report was accepted, for the receipt said it first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from baocao.calendar.workdays import WorkingDays
from baocao.delivery import outbox
from baocao.delivery.addresses import source_of
from baocao.delivery.contexts.common import Letterhead, addressee_of
from baocao.delivery.contexts.copies import UnitCopyMissing
from baocao.delivery.letters import render
from baocao.delivery.message import is_address
from baocao.delivery.reminding.decisions import Outcome
from baocao.delivery.reminding.ladder import COPY, LadderDeadline, ReminderDue, pending, steps_owed
from baocao.model.deadline import UnitDeadline
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import Submission
from baocao.settings import Settings
from baocao.store.mail import reminder_ledger

_TO_THE_UNIT = {"unit", "head"}


@dataclass(frozen=True, slots=True)
class UnitWithoutCopy:
    """A unit whose accepted report lacks its signed copy."""

    accepted: Submission
    deadline: UnitDeadline
    """its own"""


def run(
    conn: Connection,
    settings: Settings,
    pack: Pack,
    period: Period,
    days: WorkingDays,
    owing: Iterable[UnitWithoutCopy],
    as_of: datetime,
) -> int:
    """Record what is due and enqueue one letter a unit at most; how many. Run again, it sends nothing twice."""
    # The ledger is read only where somebody owes a copy.
    waiting = list(owing)
    decided = reminder_ledger.decided(conn, pack.code, period.code, as_of) if waiting else set()
    return sum(
        _remind(conn, settings, pack, period, one, steps, as_of)
        for one in waiting
        if (steps := _due(pack, days, one, decided, as_of))
    )


def _remind(
    conn: Connection,
    settings: Settings,
    pack: Pack,
    period: Period,
    one: UnitWithoutCopy,
    due: Sequence[ReminderDue],
    as_of: datetime,
) -> int:
    """Record the pending steps of one unit and write its letter for the highest of them; 1 if one was written."""
    unit = pack.unit(one.accepted.unit)
    if unit is None:
        return 0
    sent = 0
    for reminder in due:
        to = next((a for a in (unit.head_email, unit.email) if is_address(a)), "")
        to = to if reminder.step.to == "head" else unit.email if is_address(unit.email) else ""
        # As for reports: of several pending steps the highest is sent, the others are recorded so that they never
        # follow it.
        last = reminder is due[-1]
        outcome = Outcome.OVERTAKEN if not last else Outcome.SENT if to else Outcome.NO_ADDRESS
        mine = reminder_ledger.record(
            conn, regime=pack.code, period=period.code, unit=unit.code, key=COPY + reminder.key,
            due_on=reminder.fires_at.date(), outcome=outcome.value, at=as_of,
        )  # fmt: skip
        if not mine or outcome is not Outcome.SENT:
            continue
        context = UnitCopyMissing(
            head=Letterhead.of(pack.regime, period),
            addressee=addressee_of(unit, head=reminder.step.to == "head"),
            receipt_number=one.accepted.receipt_number or "",
            accepted_at=one.accepted.received_at,
            due_at=one.deadline.due_at,
            overdue=as_of > one.deadline.due_at,
        )
        row = outbox.enqueue(
            conn,
            regime=pack.code,
            period=period.code,
            unit=unit.code,
            step=f"remind:{COPY}{reminder.key}",
            recipient=to,
            letter=render(settings.templates, context.outcome, context),
            created_at=as_of,
            address_of=source_of(pack, unit.code, to),
        )
        reminder_ledger.record_letter(conn, pack.code, period.code, unit.code, COPY + reminder.key, row)
        sent += 1
    return sent


def _due(
    pack: Pack,
    days: WorkingDays,
    one: UnitWithoutCopy,
    decided: Collection[tuple[str, str]],
    as_of: datetime,
) -> list[ReminderDue]:
    own = one.deadline
    # The receipt, or the letter about the extension, has said it by then: a step before that moment would only repeat
    # it.
    since = max(one.accepted.received_at, own.told_at or one.accepted.received_at)
    ladder = steps_owed(pack.regime, LadderDeadline(own.due_at, since, extended=own.extended), days)
    recorded = {reminder.key for reminder in ladder if (one.accepted.unit, COPY + reminder.key) in decided}
    return pending([reminder for reminder in ladder if reminder.step.to in _TO_THE_UNIT], recorded, as_of)
