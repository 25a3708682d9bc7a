"""Báo cáo tổng hợp: province values with coverage and lineage, the report's life, sign-off and dispatch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from baocao.model.form import CellKey
from baocao.model.period import Period


def subject_of(wording: str, programme: str, period: Period) -> str:
    """Trích yếu: one wording in the report, its covering letter and its metadata. `wording` is that of the pack's
    report layout; an evaluation is named by its own name."""
    if period.is_evaluation:
        return f"Kết quả {period.name} {programme}"
    return wording.format(programme=programme, period=period.name)


class DeliveryState(StrEnum):
    """Where one recipient of a signed report stands."""

    QUEUED = "QUEUED"
    """its letter is written and has not left yet"""
    REFUSED = "REFUSED"
    """its letter was given up: the address or the server refuses it"""
    HANDED_OVER = "HANDED_OVER"
    """the mail server took the letter"""
    CONFIRMED = "CONFIRMED"
    """the recipient says that it has the report"""

    @property
    def is_open(self) -> bool:
        """Whether the recipient may still get the report: neither handed over nor confirmed."""
        return self in {DeliveryState.QUEUED, DeliveryState.REFUSED}


class ReportStatus(StrEnum):
    """DRAFT -> FROZEN -> APPROVED -> SIGNED -> DISPATCHED; RETURNED from FROZEN or APPROVED; nothing moves left."""

    DRAFT = "DRAFT"
    FROZEN = "FROZEN"
    APPROVED = "APPROVED"
    SIGNED = "SIGNED"
    DISPATCHED = "DISPATCHED"
    RETURNED = "RETURNED"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who is behind a value: `163/166`, and the codes of the missing."""

    counted: int
    expected: int
    missing: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.counted}/{self.expected}"


@dataclass(frozen=True, slots=True)
class ProvinceValue:
    """One cell of the consolidated report.

    `value` is exact: int for counts and đồng, Decimal for areas, Fraction for ratios in percent, None when nothing is
    there or a ratio has a zero denominator (`nil`). Text lists are not province values.
    """

    key: CellKey
    value: int | Decimal | Fraction | None
    nil: bool
    coverage: Coverage
    communes: int | Decimal | None = None
    """the communes' part"""
    provincial: int | Decimal | None = None
    """the provincial entries' part"""
    classes: tuple[tuple[str, int], ...] = ()
    """CLASS_COUNT: class -> number of units"""
    previous: int | Decimal | Fraction | None = None
    """same cell, the previous report of the same kind"""

    @property
    def classes_told(self) -> tuple[tuple[str, int], ...]:
        """The classes with a unit in them, as a sentence names them; all when there is none."""
        # Where every count is 0 the sentence still needs its list.
        return tuple(c for c in self.classes if c[1]) or self.classes


@dataclass(frozen=True, slots=True)
class Contribution:
    """Lineage: one unit's cell behind a province value."""

    key: CellKey
    unit: str
    unit_name: str
    submission_id: int
    sha256: str
    filename: str
    sheet: str
    a1: str
    value: str
    answer: str


class TargetVerdict(StrEnum):
    """The four answers to a target. Every document, letter and listing gives one of these, by its `label`."""

    MET = "met"
    NOT_MET = "not_met"
    STILL_OPEN = "still_open"
    """not reached, and the day it is due by has not come"""
    NOT_JUDGED = "not_judged"
    """no figure, or nothing to compare it with"""

    @property
    def label(self) -> str:
        """As printed at the head of a cell; `label.lower()` stands inside a sentence."""
        return _LABELS[self]


_LABELS = {
    TargetVerdict.MET: "Đạt",
    TargetVerdict.NOT_MET: "Chưa đạt",
    TargetVerdict.STILL_OPEN: "Còn hạn",
    TargetVerdict.NOT_JUDGED: "Chưa đủ cơ sở",
}


@dataclass(frozen=True, slots=True)
class TargetResult:
    """How the province stands to one target; `actual` is exact, None where there is no figure."""

    target_id: str
    name: str
    operator: str
    wanted: Decimal
    actual: Fraction | None
    verdict: TargetVerdict
    wording: str
    scope: str
    reason: str = ""
    """plain Vietnamese: why it is not judged, how much is wanting until when, or what the verdict still depends on"""
    unit: str = ""
    """of `wanted` and `actual`: `%`, `lớp`"""
    by_year: int | None = None
    """due by the end of this year; None: every year"""
    distance: Fraction | None = None
    """STILL_OPEN: `wanted` - `actual`, exact, in `unit`"""


@dataclass(frozen=True, slots=True)
class ReportFinding:
    """A province-level finding."""

    rule: str
    severity: str
    subject: str
    message: str
    expected: str = ""
    actual: str = ""


class Role(StrEnum):
    """The two offices that decide about a report, one after the other."""

    STANDING_OFFICE = "standing_office"
    PEOPLES_COMMITTEE = "peoples_committee"

    @property
    def told(self) -> str:
        """In answers and in the names of letters: whatever the two offices of a regime are called."""
        return "approver" if self is Role.STANDING_OFFICE else "signer"


class Decision(StrEnum):
    """What an office decides about a frozen report."""

    APPROVE = "approve"
    SIGN = "sign"
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Signature:
    """What the signed paper carries: its number and symbol (NĐ 30/2020), day and signer."""

    number: str
    symbol: str
    signed_on: date
    signer: str
    signer_title: str


@dataclass(frozen=True, slots=True)
class Report:
    """A row of `report`."""

    id: int
    regime: str
    period: str
    version: int
    status: ReportStatus
    content_sha256: str | None
    created_at: datetime
    as_of: datetime
