"""What a reminder says: from where a unit stands to the context of its letter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from baocao.calendar.workdays import WorkingDays
from baocao.delivery.contexts.common import LetterContext, Letterhead, State, addressee_of
from baocao.delivery.contexts.reminders import (
    DigestOverdue,
    LateUnit,
    ReminderBefore,
    ReminderOverdueHead,
    ReminderOverdueLead,
)
from baocao.model.pack import Pack
from baocao.model.regime import ReminderStep
from baocao.model.unit import Unit
from baocao.store.standing import Standing


@dataclass(frozen=True, slots=True)
class UnitToRemind:
    """A unit that is to be reminded, and where it stands."""

    code: str
    name: str
    unit: Unit | None
    due_at: datetime
    """Its own deadline, extension included."""
    locked_after: datetime
    standing: Standing

    @property
    def state(self) -> State:
        if self.standing is Standing.PENDING:
            return "received"
        return "returned" if self.standing is Standing.RETURNED else "none"

    def addressee(self, *, head: bool = False) -> str:
        """To whom the letter is addressed; the head of the office with `head`."""
        if self.unit is None:
            return self.name
        return addressee_of(self.unit, head=head)


def context_of(
    head: Letterhead, pack: Pack, late: UnitToRemind, step: ReminderStep, today: date, days: WorkingDays
) -> LetterContext:
    """The letter of a step about one unit; the template was checked with the ladder."""
    if step.template == "reminder_before":
        due_on = late.due_at.astimezone(pack.regime.zone).date()
        return ReminderBefore(
            head=head,
            addressee=late.addressee(head=step.to == "head"),
            due_at=late.due_at,
            safe_on=days.last_on_or_before(due_on),
            today=today,
            days_left=(due_on - today).days,
            locked_after=late.locked_after,
            state=late.state,
        )
    if step.template == "reminder_overdue_head":
        return ReminderOverdueHead(
            head=head,
            addressee=late.addressee(head=True),
            unit=late.name,
            due_at=late.due_at,
            locked_after=late.locked_after,
            state=late.state,
        )
    return ReminderOverdueLead(
        head=head,
        addressee=pack.regime.authority.standing_unit or pack.regime.authority.standing_office,
        unit=late.name,
        unit_code=late.code,
        due_at=late.due_at,
        locked_after=late.locked_after,
        state=late.state,
    )


def digest_of(
    head: Letterhead, pack: Pack, late: Sequence[UnitToRemind], expected: int, as_of: datetime
) -> DigestOverdue:
    """One letter naming all these units, by code."""
    return DigestOverdue(
        head=head,
        addressee=f"Lãnh đạo {pack.regime.authority.issuer_in_sentence}",
        units=tuple(
            LateUnit(code=u.code, name=u.name, due_at=u.due_at, state=u.state)
            for u in sorted(late, key=lambda u: u.code)
        ),
        expected=expected,
        as_of=as_of,
    )
