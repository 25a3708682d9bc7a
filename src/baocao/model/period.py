"""Kỳ báo cáo: the window in time a report covers, and when it is due at each level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class PeriodKind(StrEnum):
    """Kinds of report that are known by name; a pack may have others under names of its own."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    SIX_MONTH = "six_month"
    NINE_MONTH = "nine_month"
    ANNUAL = "annual"
    SCHOOL_YEAR = "school_year"
    MID_TERM = "mid_term"
    END_TERM = "end_term"
    ONE_OFF = "one_off"
    AD_HOC = "ad_hoc"


class PeriodScope(StrEnum):
    """The part of its reporting year a report covers: all that the rules need to know of its kind."""

    PART = "part_of_year"
    """a stretch of the year: a week, a month, a quarter"""
    YEAR_TO_DATE = "year_to_date"
    """from the first day of the year: six months, nine months"""
    YEAR = "year"
    """the whole year"""
    MID_TERM = "mid_term"
    END_TERM = "end_term"
    """đánh giá giữa kỳ, cuối kỳ: the figures are those of the whole term so far, not of a year"""
    ON_REQUEST = "on_request"
    """đột xuất: as whoever asked for it says"""

    @property
    def is_evaluation(self) -> bool:
        return self in {PeriodScope.MID_TERM, PeriodScope.END_TERM}


SCOPE_OF_KIND: dict[str, PeriodScope] = {
    PeriodKind.SIX_MONTH: PeriodScope.YEAR_TO_DATE,
    PeriodKind.NINE_MONTH: PeriodScope.YEAR_TO_DATE,
    PeriodKind.ANNUAL: PeriodScope.YEAR,
    PeriodKind.SCHOOL_YEAR: PeriodScope.YEAR,
    PeriodKind.MID_TERM: PeriodScope.MID_TERM,
    PeriodKind.END_TERM: PeriodScope.END_TERM,
    PeriodKind.AD_HOC: PeriodScope.ON_REQUEST,
}
"""Of the known kinds. The others cover a part of the year, unless the pack says more."""


class Level(StrEnum):
    """Whose deadline it is."""

    UNIT = "unit"
    PROVINCE = "province"


@dataclass(frozen=True, slots=True)
class Deadline:
    """When one level must have sent. All instants carry the regime's time zone."""

    level: Level
    due_at: datetime
    """The last second that is still in time: `trước ngày X` is the end of the day before X."""
    safe_on: date
    """The last working day on or before `due_at`: drives reminders and our own dispatch."""
    locked_after: datetime
    """Operational lock: after it nothing is taken any more. Later than `due_at`; between them is late, not refused."""


@dataclass(frozen=True, slots=True)
class Request:
    """Yêu cầu báo cáo đột xuất: who asks for what. Empty tuples mean: no restriction."""

    asked_by: str
    """The requesting authority, as printed."""
    address: str
    """Where the report goes."""
    basis: str
    """The provision or document the request rests on, as printed."""
    subject: str
    """What it is about: stands in the title."""
    forms: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    """`FORM/ROW`: of the forms named here only these rows are asked for."""
    units: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """One reporting period (kỳ báo cáo): what it covers and its deadlines, as instants in the regime's time zone."""

    regime: str
    code: str
    """`2026-H1`, `2027-Q1`, `2027-W05`, `2028-MID`."""
    kind: str
    """The kind's id in the pack."""
    year: int
    name: str
    """As printed: `6 tháng đầu năm 2026`."""
    covers_from: date
    cutoff_on: date
    """The last day whose facts are counted (thời gian chốt số liệu)."""
    opens_at: datetime
    unit: Deadline
    province: Deadline
    rehearsal_of: str = ""
    """Diễn tập: the period this one rehearses with the real units. Its report is never dispatched."""
    request: Request | None = None
    """Đột xuất: what was asked for; None for the periods of the calendar."""
    stated_scope: PeriodScope | None = None
    """What the pack's calendar says; None: what the kind's name says."""
    comments_until: datetime | None = None
    """The last second kept free for the comments of the lead bodies, after the units' deadline: nothing is consolidated
    before it has passed. None: no time is kept free."""

    @property
    def scope(self) -> PeriodScope:
        return self.stated_scope or SCOPE_OF_KIND.get(self.kind, PeriodScope.PART)

    @property
    def is_evaluation(self) -> bool:
        """Đánh giá giữa kỳ, cuối kỳ: its figures are those of the whole term so far, not of a year."""
        return self.scope.is_evaluation

    @property
    def consolidates_after(self) -> datetime:
        """The last second before the consolidation may begin."""
        # From the deadline to the approval it takes minutes; a lead body that wants to object needs days (ADR
        # 0014).
        return self.comments_until or self.unit.due_at

    @property
    def is_rehearsal(self) -> bool:
        """Whether it is only practised: nothing of it ever goes to a recipient."""
        return bool(self.rehearsal_of)

    @property
    def label(self) -> str:
        """The code as people read it: a rehearsal says so wherever its code is printed."""
        return f"DIỄN TẬP {self.code}" if self.is_rehearsal else self.code

    def deadline(self, level: Level) -> Deadline:
        """Of the units, or of the province."""
        return self.unit if level is Level.UNIT else self.province
