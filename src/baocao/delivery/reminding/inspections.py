"""Reminders about inspections: to the body that inspects, before and after the day its next act is due.

The same ledger and the same rule as for reports: each step of an inspection is recorded once, and of several that are
pending only the highest goes out. A step about an act that is done is never sent; the one about the conclusion is
repeated until there is one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from baocao.calendar.inspection_days import InspectionReminderDue, due_on, fired
from baocao.calendar.workdays import WorkingDays
from baocao.delivery import outbox
from baocao.delivery.addresses import source_of
from baocao.delivery.contexts.common import Letterhead, addressee_of
from baocao.delivery.contexts.inspections import InspectionReminder
from baocao.delivery.letters import render
from baocao.delivery.message import is_address
from baocao.delivery.reminding.decisions import Outcome, RunResult
from baocao.delivery.reminding.ladder import pending
from baocao.model.inspection import Act, Inspection
from baocao.model.pack import Pack
from baocao.settings import Settings
from baocao.store.inspection_register import inspections
from baocao.store.mail import reminder_ledger

_SUBJECT = "inspection/"


@dataclass(frozen=True, slots=True)
class InspectionDecision:
    """What happens with one step of one inspection."""

    inspection: Inspection
    act: Act
    due_on: date
    reminder: InspectionReminderDue
    outcome: Outcome
    recipient: str
    """Empty unless SENT."""


def ledger_period(id: int) -> str:
    """What stands in the ledger's place for the period: an inspection belongs to none."""
    return f"{_SUBJECT}{id}"


def plan(
    pack: Pack,
    found: Iterable[Inspection],
    as_of: datetime,
    ledger: Collection[tuple[int, str]],
    *,
    days: WorkingDays,
) -> list[InspectionDecision]:
    """Decide every step that is pending at `as_of`; `ledger` holds the (inspection, key) recorded so far."""
    rules = pack.regime.inspections
    if rules is None:
        return []
    zone = pack.regime.zone
    decisions: list[InspectionDecision] = []
    for one in found:
        # Counted from the next act alone: once an act is done its steps are no longer pending, whatever the ledger
        # says.
        awaited = due_on(one, rules, days)
        if awaited is None:
            continue
        act, due = awaited
        recorded = {key for id, key in ledger if id == one.id}
        steps = pending(fired(act, due, rules, days, zone, as_of), recorded, as_of)
        decisions += [_decision(pack, one, act, due, reminder, steps) for reminder in steps]
    return decisions


def _decision(
    pack: Pack,
    one: Inspection,
    act: Act,
    due: date,
    reminder: InspectionReminderDue,
    steps: Sequence[InspectionReminderDue],
) -> InspectionDecision:
    """What happens with one pending step: only the last of them is sent."""
    outcome, recipient = Outcome.OVERTAKEN, ""
    if reminder is steps[-1]:
        recipient = _recipient(pack, one.lead, reminder.step.to)
        outcome = Outcome.SENT if recipient else Outcome.NO_ADDRESS
    return InspectionDecision(one, act, due, reminder, outcome, recipient)


def _recipient(pack: Pack, code: str, to: str) -> str:
    """The address of the lead body or its head; a head without one is written to at the body's mailbox."""
    lead = pack.unit(code)
    candidates = [] if lead is None else [lead.head_email, lead.email] if to == "head" else [lead.email]
    return next((address for address in candidates if is_address(address)), "")


def run(conn: Connection, settings: Settings, pack: Pack, days: WorkingDays, as_of: datetime) -> RunResult:
    """Plan, record, enqueue: all in the caller's transaction; run again, or twice at once, it sends nothing twice."""
    if pack.regime.inspections is None:
        return RunResult(0, 0, 0, 0)
    found = [one for one in inspections(conn, pack.code) if one.is_open]
    for one in found:
        # Before the ledger is read: what a clock that was ahead decided would hold every right step back.
        reminder_ledger.take_back(conn, pack.code, ledger_period(one.id), as_of)
    decisions = plan(pack, found, as_of, _ledger(conn, pack.code), days=days)
    mine = [d for d in decisions if _record(conn, pack.code, d, as_of)]
    head = Letterhead.of(pack.regime, None)
    sent = [d for d in mine if d.outcome is Outcome.SENT]
    missing = [d for d in mine if d.outcome is Outcome.NO_ADDRESS]
    for decision in sent:
        _post(conn, settings, pack, head, decision, as_of)
    for decision in missing:
        _no_address(conn, settings, pack, head, decision, as_of)
    return RunResult(len(sent), len(sent), len(mine) - len(sent) - len(missing), len(missing))


def _ledger(conn: Connection, regime: str) -> set[tuple[int, str]]:
    return {
        (int(period.removeprefix(_SUBJECT)), step)
        for period, step in reminder_ledger.decided_under(conn, regime, _SUBJECT)
    }


def _record(conn: Connection, regime: str, decision: InspectionDecision, as_of: datetime) -> bool:
    return reminder_ledger.record(
        conn,
        regime=regime,
        period=ledger_period(decision.inspection.id),
        unit=decision.inspection.lead,
        key=decision.reminder.key,
        due_on=decision.reminder.fires_at.date(),
        outcome=decision.outcome.value,
        at=as_of,
    )


def _post(
    conn: Connection,
    settings: Settings,
    pack: Pack,
    head: Letterhead,
    decision: InspectionDecision,
    as_of: datetime,
) -> None:
    """Write the letter of one step and tie it to the ledger."""
    one, rules = decision.inspection, pack.regime.inspections
    lead, unit = pack.unit(one.lead), pack.unit(one.unit)
    assert lead is not None and rules is not None
    today = as_of.astimezone(pack.regime.zone).date()
    context = InspectionReminder(
        head=head,
        addressee=addressee_of(lead, head=decision.reminder.step.to == "head"),
        id=str(one.id),
        unit=one.unit if unit is None else unit.in_sentence,
        act=decision.act,
        due_on=decision.due_on,
        today=today,
        days_left=(decision.due_on - today).days,
        limit=f"{rules.max_working_days:02}",
        planned_from=one.first_day,
        planned_to=one.announced_to,
    )
    row = outbox.enqueue(
        conn,
        regime=pack.code,
        # Not the ledger's stand-in: whatever is asked of the letters of a period leaves inspections out.
        period="",
        unit=one.lead,
        step=f"{ledger_period(one.id)}/{decision.reminder.key}",
        recipient=decision.recipient,
        letter=render(settings.templates, context.outcome, context),
        created_at=as_of,
        address_of=source_of(pack, one.lead, decision.recipient),
    )
    reminder_ledger.record_letter(conn, pack.code, ledger_period(one.id), one.lead, decision.reminder.key, row)


def _no_address(
    conn: Connection,
    settings: Settings,
    pack: Pack,
    head: Letterhead,
    decision: InspectionDecision,
    as_of: datetime,
) -> None:
    """An alarm, once a body."""
    one = decision.inspection
    lead = pack.unit(one.lead)
    name = one.lead if lead is None else lead.full_name
    outbox.alarm(
        conn,
        settings,
        head,
        regime=pack.code,
        period="",
        subject=f"{name} (mã {one.lead}) chưa có địa chỉ thư điện tử hợp lệ",
        text=f"Bước nhắc «{decision.reminder.key}» của cuộc kiểm tra số {one.id} không gửi được vì không có "
        "địa chỉ nhận.\n\n"
        "Bổ sung cột email trong units.csv của gói chế độ báo cáo; trong lúc chờ, đề nghị liên hệ đơn vị bằng cách "
        "khác. Xem mục «Đơn vị chưa có địa chỉ thư» trong sổ tay vận hành.",
        # The body and not the inspection: one missing address is one thing to correct.
        key=f"no-address/{one.lead}",
        at=as_of,
    )
