"""The reminder ladder of one unit: which step comes when, counted from the unit's own deadline.

An extension moves the whole ladder to the new deadline, under keys of its own (`t-3@2026-06-26`): the unit is reminded
of the date that now counts. A step whose moment had passed when the window was opened, or when the extension was
granted, is not owed: the letter that told the unit its deadline stands in its place.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol, TypeVar

from baocao.calendar.workdays import WorkingDays
from baocao.model.regime import Regime, ReminderStep
from baocao.settings import ConfigurationError

TEMPLATES = ("reminder_before", "reminder_overdue_head", "reminder_overdue_lead", "digest_overdue")
"""Letters a ladder may use."""
# As wide as the ledger's column, which also holds the marks of a copy and of an extended deadline.
_KEY_LENGTH = 32
COPY = "copy:"
"""How the keys begin under which the same step is recorded for a missing signed copy."""


@dataclass(frozen=True, slots=True)
class LadderDeadline:
    """What one unit is held to."""

    due_at: datetime
    since: datetime
    """When the unit was told: steps before it are not owed."""
    extended: bool


@dataclass(frozen=True, slots=True)
class ReminderDue:
    """One step of one unit's ladder."""

    step: ReminderStep
    key: str
    """The ledger's key: the step's id, with the new deadline's day when it was extended."""
    fires_at: datetime


def check_ladder(regime: Regime) -> None:
    """Raise ConfigurationError naming the step and the key when a ladder cannot work."""
    seen: set[str] = set()
    for step in regime.reminders:
        where = f"{regime.code}/regime.yaml: reminders.{step.id}"
        offsets = (step.working_days_from_safe, step.days_from_safe, step.days_from_due)
        if sum(offset is not None for offset in offsets) != 1:
            raise ConfigurationError(
                f"{where}: phải có đúng một trong working_days_from_safe, days_from_safe, days_from_due"
            )
        if step.template not in TEMPLATES:
            raise ConfigurationError(
                f"{where}.template: không có mẫu thư nhắc {step.template!r}; hãy dùng một trong {', '.join(TEMPLATES)}"
            )
        if step.digest != (step.template == "digest_overdue"):
            raise ConfigurationError(f"{where}.digest: chỉ mẫu digest_overdue là thư gộp; hãy sửa digest hoặc template")
        if not 0 <= step.at_hour <= 23:
            raise ConfigurationError(f"{where}.at_hour: {step.at_hour} không phải giờ trong ngày (0-23)")
        if len(step.id) > _KEY_LENGTH - len(COPY) - len("@2026-06-19"):
            raise ConfigurationError(f"{where}.id: tên bước quá dài; hãy dùng tên ngắn như t-15")
        if step.id in seen:
            raise ConfigurationError(f"{where}.id: tên bước bị trùng; mỗi bước cần một tên riêng")
        seen.add(step.id)


class Fires(Protocol):
    """A step with its moment: of a unit's deadline, of an inspection's next act."""

    @property
    def key(self) -> str: ...

    @property
    def fires_at(self) -> datetime: ...


F = TypeVar("F", bound=Fires)


def pending(ladder: Sequence[F], recorded: Collection[str], as_of: datetime) -> list[F]:
    """The steps that should have gone out by `as_of` and stand above the highest one recorded; only the last is sent.

    `ladder` is sorted, lowest first. A lower step is never decided after a higher one.
    """
    # By place in the ladder and not by time: a pack that is edited while a period runs may add a step below the last
    # one sent, and it must not be sent afterwards.
    done = [n for n, reminder in enumerate(ladder) if reminder.key in recorded]
    above = done[-1] + 1 if done else 0
    return [reminder for reminder in ladder[above:] if reminder.fires_at <= as_of]


def steps_owed(regime: Regime, deadline: LadderDeadline, days: WorkingDays) -> list[ReminderDue]:
    """The steps owed under this deadline, lowest first: by their moment, then as the pack lists them."""
    zone = regime.zone
    due_on = deadline.due_at.astimezone(zone).date()
    safe_on = days.last_on_or_before(due_on)
    # Keys of their own: under the old ones the steps before the old deadline would count as sent for the new one.
    suffix = f"@{due_on.isoformat()}" if deadline.extended else ""
    ladder = []
    for step in regime.reminders:
        fires_at = datetime.combine(_day(step, safe_on, due_on, days), time(step.at_hour), tzinfo=zone)
        # A window that opens after its steps (a DAG that was paused, an extension) would otherwise send several at
        # once.
        if fires_at > deadline.since:
            ladder.append(ReminderDue(step, step.id + suffix, fires_at))
    # Stable: of steps at one moment the one the pack lists later is the higher, and so the one that goes out.
    return sorted(ladder, key=lambda reminder: reminder.fires_at)


def _day(step: ReminderStep, safe_on: date, due_on: date, days: WorkingDays) -> date:
    if step.working_days_from_safe is not None:
        return days.add(safe_on, step.working_days_from_safe)
    if step.days_from_safe is not None:
        return safe_on + timedelta(days=step.days_from_safe)
    # `days_from_due: 0` is the first day on which the unit is overdue.
    return due_on + timedelta(days=1 + (step.days_from_due or 0))
