"""The days that bind an inspection: how long it took, and until when its next act is due.

Source: the province's plan (at most so many working days for one inspected body, notice before, conclusion after); the
numbers come from the pack. A day's work counts when the office calendar says it is a working day, so Tết, a public
holiday or a weekend inside an inspection does not use up its days, and a Saturday worked in exchange does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from baocao.calendar.workdays import WorkingDays
from baocao.model.inspection import AWAITED, Act, Inspection, InspectionRules, InspectionStep

_DAY = timedelta(days=1)


def duration(first: date, last: date, days: WorkingDays) -> int:
    """How many working days lie from `first` to `last`, both included."""
    # `between` leaves its first day out, and an inspection's first day counts.
    return days.between(first - _DAY, last)


def notice_due_on(planned_from: date, rules: InspectionRules, days: WorkingDays) -> date:
    """The last working day on which the written notice precedes the planned first day by enough working days."""
    # From a working day: counted back from a Sunday the Friday before would already be the first of the days.
    return days.add(days.last_on_or_before(planned_from), -rules.notice_working_days)


def may_start_from(notified_on: date, rules: InspectionRules, days: WorkingDays) -> date:
    """The first day on which an inspection may begin after its notice."""
    return days.add(notified_on, rules.notice_working_days)


def last_day(started_on: date, rules: InspectionRules, days: WorkingDays) -> date:
    """The last working day an inspection may take, its first day counted."""
    return days.add(started_on - _DAY, rules.max_working_days)


def conclusion_due_on(ended_on: date, rules: InspectionRules, days: WorkingDays) -> date:
    """The last day to issue the conclusion of an inspection that ended on a day, counted in working days of the
    pack."""
    return days.add(ended_on, rules.conclusion_working_days)


def due_on(inspection: Inspection, rules: InspectionRules, days: WorkingDays) -> tuple[Act, date] | None:
    """What the inspection waits for, and the last day for it; None when nothing is awaited any more."""
    act = AWAITED.get(inspection.status)
    if act is None:
        return None
    if act is Act.NOTIFY:
        return act, notice_due_on(inspection.planned_from, rules, days)
    if act is Act.START:
        return act, inspection.first_day
    if act is Act.FINISH:
        assert inspection.started_on is not None
        return act, last_day(inspection.started_on, rules, days)
    assert inspection.ended_on is not None
    return act, conclusion_due_on(inspection.ended_on, rules, days)


@dataclass(frozen=True, slots=True)
class InspectionReminderDue:
    """One step of one inspection's ladder."""

    step: InspectionStep
    key: str
    """The ledger's key: the step's id, with its number when it is repeated (`conclude+5`, `conclude+5.2`)."""
    fires_at: datetime


def fired(
    act: Act, due: date, rules: InspectionRules, days: WorkingDays, zone: ZoneInfo, as_of: datetime
) -> list[InspectionReminderDue]:
    """The steps about `act` that should have fired by `as_of`, lowest first; without end for a repeated one."""
    ladder: list[InspectionReminderDue] = []
    for step in rules.reminders:
        if step.about is not act:
            continue
        for key, offset in _times(step):
            reminder = InspectionReminderDue(
                step, key, datetime.combine(days.add(due, offset), time(step.at_hour), tzinfo=zone)
            )
            # The end of a repeated step, which has none of its own.
            if reminder.fires_at > as_of:
                break
            ladder.append(reminder)
    return sorted(ladder, key=lambda reminder: reminder.fires_at)


def _times(step: InspectionStep) -> Iterator[tuple[str, int]]:
    yield step.id, step.working_days
    if step.repeat_every is not None:
        for number in count(2):
            yield f"{step.id}.{number}", step.working_days + (number - 1) * step.repeat_every
