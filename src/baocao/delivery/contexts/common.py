"""What each letter may say, typed. A letter knows deadlines, file names, counts of points to correct, receipt numbers.

There is no field for a figure of any report or the name of any person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Literal

from baocao.delivery.submit_ways import SubmitWay
from baocao.model.pack_parts.wording import Wording
from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.model.unit import Unit

# The neutral words, for letterheads that are made without a pack.
_WORDS = Wording()
State = Literal["none", "received", "returned"]
"""Where a late unit stands: nothing came; something came and is being checked; the file went back to be corrected."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all letters of one period share."""

    regime: str
    programme: str
    office: str
    contact: str
    period: str
    period_code: str
    time_zone: str
    phone: str = ""
    contact_email: str = ""
    """Whom to call and to write to: telephone and address of the office that answers."""
    ways: tuple[SubmitWay, ...] = ()
    """How the unit hands in its workbook; empty in letters to others."""
    top: str = _WORDS.top_short
    """`tỉnh`, as in `báo cáo của tỉnh`"""
    approver: str = _WORDS.approver
    project: str = _WORDS.project
    """`dự án`, `nhiệm vụ`: what the lead bodies lead"""
    programme_label: str = _WORDS.programme
    """`Chương trình`, `Kế hoạch`: before the programme's name"""
    anchor: str = ""
    """`41:3f2a…`: number and hash of the last event when the letter was written. It leaves the house with it, so
    that a trail rewritten later can be told (`baocao audit verify --anchor`)."""

    @classmethod
    def of(cls, regime: Regime, period: Period | None) -> Letterhead:
        """The letterhead of a regime and period; `period` None for letters about no period in particular."""
        return cls(
            regime=regime.name,
            programme=regime.programme,
            office=regime.authority.standing_office,
            contact=regime.authority.contact,
            period=period.name if period else "",
            period_code=period.label if period else "",
            time_zone=regime.time_zone,
            top=regime.wording.top_short,
            approver=regime.wording.approver,
            project=regime.wording.project,
            programme_label=regime.wording.programme,
            phone=regime.authority.phone,
            contact_email=regime.authority.contact_email,
        )


def addressee_of(unit: Unit, *, head: bool = False) -> str:
    """Whom `Kính gửi` names: the People's Committee of a territorial unit, an office by its own name.

    With `head`, the leadership of that body.
    """
    name = unit.full_name
    if unit.kind.is_territorial:
        name = f"Ủy ban nhân dân {unit.kind.label.lower()} {unit.name}"
    return f"Lãnh đạo {name}" if head else name


@dataclass(frozen=True, slots=True)
class LetterContext:
    """What every letter has."""

    outcome: ClassVar[str] = ""
    """The folder of its templates."""
    anchored: ClassVar[bool] = False
    """Whether it carries the head of the trail."""
    head: Letterhead
    addressee: str

    def __init_subclass__(cls) -> None:
        # Only once its module is imported: `delivery.contexts` imports them all, and `render` asks there.
        if "outcome" in cls.__dict__:
            CONTEXTS[cls.outcome] = cls


CONTEXTS: dict[str, type[LetterContext]] = {}
"""Every letter there is: outcome -> what it is told."""


def with_ways(context: LetterContext, ways: tuple[SubmitWay, ...]) -> LetterContext:
    """The same letter, telling its unit how to hand in."""
    return replace(context, head=replace(context.head, ways=ways))


def anchored(context: LetterContext, seq: int, digest: str) -> LetterContext:
    """The same letter, with the head of the trail where it carries one."""
    # Nothing has happened yet: the very first letter of an installation has no event to name.
    if not context.anchored or not seq:
        return context
    return replace(context, head=replace(context.head, anchor=f"{seq}:{digest}"))


@dataclass(frozen=True, slots=True)
class OperatorAlarm(LetterContext):
    """Something needs a human who runs the machine."""

    outcome: ClassVar[str] = "operator_alarm"
    subject: str
    paragraphs: tuple[str, ...]
    at: datetime
