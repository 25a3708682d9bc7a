"""What the letters about inspections may say, typed: days and document numbers, no figure and no name of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from baocao.delivery.contexts.common import LetterContext
from baocao.model.inspection import Act


@dataclass(frozen=True, slots=True)
class InspectionPlanned(LetterContext):
    """To the body that the yearly plan names."""

    outcome: ClassVar[str] = "inspection_planned"
    lead: str
    year: str
    """The plan's, as printed."""
    decision: str
    decided_on: date
    planned_from: date
    planned_to: date


@dataclass(frozen=True, slots=True)
class InspectionNotice(LetterContext):
    """To the body that will be inspected; the signed notice is attached."""

    outcome: ClassVar[str] = "inspection_notice"
    lead: str
    number: str
    signed_on: date
    planned_from: date
    planned_to: date
    notice_name: str


@dataclass(frozen=True, slots=True)
class InspectionConcluded(LetterContext):
    """To the inspected body; the conclusion is attached."""

    outcome: ClassVar[str] = "inspection_concluded"
    lead: str
    started_on: date
    ended_on: date
    number: str
    concluded_on: date
    conclusion_name: str


@dataclass(frozen=True, slots=True)
class InspectionCancelled(LetterContext):
    """To the body that had been told of an inspection."""

    outcome: ClassVar[str] = "inspection_cancelled"
    lead: str
    decision: str
    decided_on: date
    planned_from: date
    planned_to: date


@dataclass(frozen=True, slots=True)
class InspectionReminder(LetterContext):
    """To the body that inspects: what it has to do next, and until when."""

    outcome: ClassVar[str] = "inspection_reminder"
    id: str
    """Number in the register, as the commands take it."""
    unit: str
    act: Act
    due_on: date
    today: date
    days_left: int
    """Calendar days from the day of writing to the day it is due; negative once it has passed."""
    limit: str
    """The working days an inspection may take, as printed: `05`."""
    planned_from: date
    planned_to: date
