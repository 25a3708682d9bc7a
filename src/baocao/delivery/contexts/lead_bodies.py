"""The letters to and about lead bodies: what each may say, typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from baocao.delivery.contexts.common import LetterContext


@dataclass(frozen=True, slots=True)
class SliceShared(LetterContext):
    """To a lead body: its slice of the units' reports is attached."""

    outcome: ClassVar[str] = "slice_shared"
    slice_name: str
    projects: tuple[str, ...]
    """codes and names of the projects it leads"""
    again: bool
    """an earlier slice of the same period was sent"""
    comments_until: datetime | None
    """Nothing is consolidated before; None: the report is made as soon as it can be, or is made already"""


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line of the comment sheet that was not taken."""

    where: str
    message: str


@dataclass(frozen=True, slots=True)
class CommentsReceived(LetterContext):
    """To a lead body: which of its comments were recorded, which lines are not and why."""

    outcome: ClassVar[str] = "comments_received"
    filename: str
    received_at: datetime
    taken: tuple[str, ...]
    refused: tuple[RefusedLine, ...]


@dataclass(frozen=True, slots=True)
class ObjectionRaised(LetterContext):
    """To the unit whose report is objected to, and to the standing office. The words of the objection are not in it."""

    outcome: ClassVar[str] = "objection_raised"
    number: str
    lead: str
    unit: str
    subject: str
    """`FORM/ROW/COLUMN`"""
    subject_name: str
    to_office: bool


@dataclass(frozen=True, slots=True)
class ObjectionClosed(LetterContext):
    """To the lead body, and for an objection to the unit: what became of a comment. The answer is not in it."""

    outcome: ClassVar[str] = "objection_closed"
    number: str
    kind: Literal["comment", "objection"]
    result: Literal["ANSWERED", "OVERRULED", "WITHDRAWN"]
    lead: str
    unit: str
    subject: str
    to_lead: bool


@dataclass(frozen=True, slots=True)
class ObjectionMended(LetterContext):
    """To the lead body: the unit's corrected report was accepted; the objection stays open until the body says so."""

    outcome: ClassVar[str] = "objection_mended"
    number: str
    unit: str
    subject: str
    received_at: datetime
