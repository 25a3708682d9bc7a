"""What late units, those above them and the leadership are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from baocao.delivery.contexts.common import LetterContext, State


@dataclass(frozen=True, slots=True)
class ReminderBefore(LetterContext):
    """To the unit, before the deadline."""

    outcome: ClassVar[str] = "reminder_before"
    due_at: datetime
    safe_on: date
    """The last working day before the deadline."""
    today: date
    """The day of writing, where the regime applies."""
    days_left: int
    """Calendar days from the day of writing to the day of the deadline; negative once it has passed."""
    locked_after: datetime
    state: State


@dataclass(frozen=True, slots=True)
class ReminderOverdueHead(LetterContext):
    """To the unit's leadership, once overdue."""

    outcome: ClassVar[str] = "reminder_overdue_head"
    unit: str
    due_at: datetime
    locked_after: datetime
    state: State


@dataclass(frozen=True, slots=True)
class ReminderOverdueLead(ReminderOverdueHead):
    """To the body that follows up, about one late unit."""

    outcome: ClassVar[str] = "reminder_overdue_lead"
    unit_code: str


@dataclass(frozen=True, slots=True)
class LateUnit:
    """One line of the digest."""

    code: str
    name: str
    due_at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class DigestOverdue(LetterContext):
    """To the leadership: every unit that is late, in one mail."""

    outcome: ClassVar[str] = "digest_overdue"
    units: tuple[LateUnit, ...]
    expected: int
    as_of: datetime
