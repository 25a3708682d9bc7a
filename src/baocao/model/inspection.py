"""Kiểm tra: the inspection of one body, from the yearly plan to the conclusion, and what a pack says about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from baocao.model.pack_parts.strict import Strict


class InspectionStatus(StrEnum):
    """Only moves right. CONCLUDED and CANCELLED are final: a correction is a new row in a supplementary plan."""

    PLANNED = "PLANNED"
    NOTIFIED = "NOTIFIED"
    """the inspected body has its written notice"""
    STARTED = "STARTED"
    FINISHED = "FINISHED"
    """on the record (biên bản); the conclusion is awaited"""
    CONCLUDED = "CONCLUDED"
    CANCELLED = "CANCELLED"


class Act(StrEnum):
    """What the lead body has to do next."""

    NOTIFY = "notify"
    START = "start"
    FINISH = "finish"
    CONCLUDE = "conclude"


AWAITED = {
    InspectionStatus.PLANNED: Act.NOTIFY,
    InspectionStatus.NOTIFIED: Act.START,
    InspectionStatus.STARTED: Act.FINISH,
    InspectionStatus.FINISHED: Act.CONCLUDE,
}
"""Status -> the act it waits for; the others wait for nothing."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """A row of `inspection`: one body, inspected once."""

    id: int
    regime: str
    plan_id: int
    year: int
    """Of the plan."""
    decision: str
    """Number and symbol of the plan's decision: `12/KH-UBND`."""
    decided_on: date
    unit: str
    """Code of the inspected body."""
    lead: str
    """Code of the body that inspects."""
    content: str
    documents: str
    """What the inspected body is to have ready; empty: the usual wording."""
    planned_from: date
    planned_to: date
    status: InspectionStatus
    notice_number: str | None = None
    notified_at: datetime | None = None
    notice_from: date | None = None
    """The days the notice announces: the plan's, or others when the plan could not be kept."""
    notice_to: date | None = None
    started_on: date | None = None
    ended_on: date | None = None
    record_on: date | None = None
    """Day of the record (biên bản)."""
    working_days: int | None = None
    """Of the inspection as it was, by the office calendar of the day it was recorded."""
    over_run: bool | None = None
    """It took longer than the pack allowed then."""
    note: str | None = None
    """Why it took longer."""
    conclusion_number: str | None = None
    concluded_on: date | None = None
    conclusion_sha256: str | None = None
    cancelled_at: datetime | None = None
    cancel_reason: str | None = None

    @property
    def first_day(self) -> date:
        """The day it began, was announced for, or is planned for: the firmest known."""
        return self.started_on or self.notice_from or self.planned_from

    @property
    def announced_to(self) -> date:
        """The last day as announced, or as planned."""
        return self.notice_to or self.planned_to

    @property
    def is_open(self) -> bool:
        """Something is still awaited."""
        return self.status in AWAITED


class InspectionStep(Strict):
    """A reminder of an act that is due: stays silent once the act is done."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9_+-]+$", max_length=20)]
    """Stable, it is the ledger's key."""
    about: Act
    working_days: int
    """From the day the act is due; negative: before."""
    at_hour: Annotated[int, Field(ge=0, le=23)] = 8
    to: Literal["lead", "head"] = "lead"
    """The lead body's mailbox, or its head's."""
    repeat_every: Annotated[int, Field(ge=1)] | None = None
    """Again every so many working days until the act is done."""
    anchor: str


class InspectionFigures(Strict):
    """Which rows of the forms count inspections: `FORM/ROW`."""

    planned: str
    done: str
    bodies: str
    over_run: str
    conclusions: str

    @property
    def rows(self) -> dict[str, str]:
        """name of the figure -> `FORM/ROW`"""
        return {
            "planned": self.planned,
            "done": self.done,
            "bodies": self.bodies,
            "over_run": self.over_run,
            "conclusions": self.conclusions,
        }


class InspectionRules(Strict):
    """`inspections:` in regime.yaml. Days are working days of the office calendar."""

    max_working_days: Annotated[int, Field(ge=1)]
    """For one inspected body, first and last day included."""
    max_anchor: str
    notice_working_days: Annotated[int, Field(ge=0)]
    """The written notice lies at least so many working days before the inspection."""
    notice_anchor: str
    conclusion_working_days: Annotated[int, Field(ge=1)]
    """After the last day of the inspection."""
    conclusion_anchor: str
    figures: InspectionFigures
    figures_anchor: str
    reminders: tuple[InspectionStep, ...] = ()

    @model_validator(mode="after")
    def _one_ladder_an_act(self) -> Self:
        ids = [step.id for step in self.reminders]
        if len(ids) != len(set(ids)):
            raise ValueError("inspections.reminders: mỗi bước nhắc cần một id riêng")
        for act in Act:
            ladder = [step for step in self.reminders if step.about is act]
            # A step that repeats in the middle would fire after the steps above it and overtake them.
            last = max((step.working_days for step in ladder), default=0)
            repeated = [step for step in ladder if step.repeat_every is not None]
            if any(step.working_days != last for step in repeated) or len(repeated) > 1:
                raise ValueError(f"inspections.reminders: chỉ bước cuối của {act.value} được có repeat_every")
        return self

    @property
    def anchors(self) -> tuple[tuple[str, str], ...]:
        """(key, provision) for the law page and the check of a pack."""
        own = ("max_anchor", "notice_anchor", "conclusion_anchor", "figures_anchor")
        return tuple((name, getattr(self, name)) for name in own)
