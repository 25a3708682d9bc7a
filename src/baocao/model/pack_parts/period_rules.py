"""Kỳ báo cáo as a pack writes it: how often a kind of report comes, what it is called, its days and deadlines.

A kind with a well-known name (`known_kinds`) brings its own cycle, code, name and, where the law sets it, its cut-off;
every other kind is described in full by the pack.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from baocao.model.form import Strict
from baocao.model.pack_parts.known_kinds import KNOWN_KINDS
from baocao.model.period import SCOPE_OF_KIND, PeriodScope

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class OneOff(Strict):
    """One stretch of a kind of report that follows no cycle."""

    first: date
    """its first day"""
    last: date
    """its last day: what `after: end` counts from"""
    name: str = ""
    """stands for `{title}` in the kind's `name`"""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.last < self.first:
            raise ValueError(f"last {self.last} trước first {self.first}")
        return self


class Cycle(Strict):
    """How the periods of a kind follow one another. Exactly one of `months`, `weeks`, `dates`."""

    months: Annotated[int, Field(ge=1, le=12)] | None = None
    """so many months each, counted from `from_month`: 1, 2, 3, 4, 6, 9 or 12"""
    from_month: Annotated[int, Field(ge=1, le=12)] = 1
    """the month in which the first one of a year begins; 9: a school year"""
    parts: tuple[int, ...] = ()
    """which of them are reported, counted from 1; empty: all that fit into twelve months"""
    weeks: Annotated[int, Field(ge=1, le=26)] | None = None
    """so many weeks each, Monday to Sunday; 1: every week of a year, numbered as in ISO 8601"""
    starts_on: date | None = None
    """with more than one of `weeks`: a Monday on which one of them begins; the others follow and precede it without a
    gap"""
    dates: tuple[OneOff, ...] = ()
    """stretches that follow no cycle"""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.months is not None) + (self.weeks is not None) + bool(self.dates) != 1:
            raise ValueError("phải ghi đúng một trong months, weeks, dates")
        if self.months is None and (self.parts or self.from_month != 1):
            raise ValueError("parts và from_month chỉ dùng với months")
        # Else nobody could say on which of the Mondays two weeks begin.
        if ((self.weeks or 1) > 1) != (self.starts_on is not None):
            raise ValueError(
                "weeks lớn hơn 1 phải ghi starts_on: một thứ Hai mở đầu một kỳ; ngoài ra không ghi starts_on"
            )
        if self.starts_on and self.starts_on.weekday():
            raise ValueError(f"starts_on: {self.starts_on} không phải thứ Hai")
        fit = 12 // (self.months or 12)
        if wrong := [p for p in self.parts if not 1 <= p <= fit]:
            raise ValueError(f"parts: không có phần {wrong[0]}; một năm có {fit} phần, mỗi phần {self.months} tháng")
        return self


class PeriodDay(Strict):
    """A day, counted from the period. Exactly one of `on`, `day`, `last_day`, `weekday`, `days`, `working_days`."""

    on: date | None = None
    """one day of the calendar"""
    day: Annotated[int, Field(ge=1, le=31)] | None = None
    """a day of `month`"""
    last_day: bool = False
    """the last day of `month`"""
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    """None: the period's own month, that is its last one (`of`)"""
    year: int = 0
    """with `month`: -1 is the year before the period's"""
    of: Literal["first", "last"] = "last"
    """without `month`: of the period's first or last month"""
    month_shift: int = 0
    """without `month`: -1 is the month before that month, 1 the month after"""
    weekday: Weekday | None = None
    """a day of the week in which the period ends"""
    week_shift: int = 0
    """with `weekday`: -1 is the week before, 1 the week after"""
    days: int | None = None
    """so many days after `after`; negative: before"""
    working_days: int | None = None
    """the same in working days: `chậm nhất 05 ngày làm việc sau khi kết thúc kỳ`"""
    after: Literal["start", "end", "cutoff", "unit_deadline"] = "end"
    """What `days` and `working_days` count from: the period's first or last day, its cut-off, or (only in the deadline
    of the province) the last day that is in time for the units."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        stated = (self.on, self.day, self.weekday, self.days, self.working_days)
        if sum(x is not None for x in stated) + self.last_day != 1:
            raise ValueError("phải ghi đúng một trong on, day, last_day, weekday, days, working_days")
        if self.year and self.month is None:
            raise ValueError("year đi cùng month; không có month thì dùng month_shift")
        if self.month is not None and (self.month_shift or self.of != "last"):
            raise ValueError("đã ghi month thì không dùng of, month_shift")
        in_a_month = self.day is not None or self.last_day
        if not in_a_month and (self.month is not None or self.month_shift or self.of != "last"):
            raise ValueError("month, of, month_shift chỉ dùng với day hoặc last_day")
        if self.week_shift and self.weekday is None:
            raise ValueError("week_shift chỉ dùng với weekday")
        if self.after != "end" and self.days is None and self.working_days is None:
            raise ValueError("after chỉ dùng với days hoặc working_days")
        return self


class LevelDeadline(Strict):
    """Exactly one of `before`, `by`, as the text of the law says."""

    before: PeriodDay | None = None
    """`trước ngày`, strict: the last second in time is that of the day before."""
    by: PeriodDay | None = None
    """`ngày`, `chậm nhất ngày`, `trong thời hạn`: inclusive, the day itself is in time."""
    if_day_off: Literal["keep", "next_working_day"] = "keep"
    """With `by`, when the day is a day off: it stays, or the next working day counts (Bộ luật Dân sự Điều 148)."""
    locked_days_after_due: int
    anchor: str

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.before is None) == (self.by is None):
            raise ValueError("phải ghi đúng một trong before (trước ngày), by (chậm nhất ngày)")
        if self.before is not None and self.if_day_off != "keep":
            raise ValueError("if_day_off chỉ dùng với by: «trước ngày» không lùi sang ngày sau")
        return self

    @property
    def key(self) -> str:
        """Under which key the pack names the day."""
        return "by" if self.before is None else "before"

    @property
    def day(self) -> PeriodDay:
        """The day the law names; whether it is itself in time `key` says."""
        found = self.before or self.by
        assert found is not None  # exactly one is there
        return found


class _WithoutCycle(str):
    """The name of a kind of which nobody says how often it comes."""

    __slots__ = ()


class PeriodRule(Strict):
    """One kind of report: its cycle, its days (NĐ 09/2019 Điều 12 where the pack says nothing) and who gets it."""

    kind: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    """The kind's id in this pack: a well-known name, or one of its own."""
    cycle: Cycle
    scope: PeriodScope
    """The part of its year such a report covers; by itself from the kind or its cycle."""
    code: str
    """`{year}-H1`"""
    name: str
    """`6 tháng đầu năm {year}`"""
    years: tuple[int, ...]
    """of each its periods; of `dates` those of their last days"""
    enabled: bool | date = True
    """False: the kind exists and is switched off; a date: windows that open on or after it are scheduled."""
    covers_from: PeriodDay
    cutoff: PeriodDay
    opens: PeriodDay
    """The window opens on this day; unique among all periods, because it is the date of the period's DAG run."""
    opens_at_hour: Annotated[int, Field(ge=0, le=23)] = 8
    unit: LevelDeadline
    province: LevelDeadline
    anchor: str
    """Of the interval and the cut-off."""
    opens_anchor: str = ""
    recipients: tuple[str, ...]
    """Ids of `recipients`: exactly who gets this kind of report."""
    recipients_anchor: str = ""
    narrative_form: str | None = None
    """The form whose texts are the sections of the report; empty: there is none, the sections follow from the forms
    with figures; None: the last form of this kind of report that asks for texts."""
    forms: tuple[str, ...] = ()
    """The forms of this kind of report, in workbook order; empty: those under `forms` of the regime."""

    @model_validator(mode="before")
    @classmethod
    def _known(cls, given: Any) -> Any:
        """What a well-known kind brings itself, where the pack says nothing else."""
        if not isinstance(given, dict):
            return given
        kind = str(given.get("kind"))
        rule = {**KNOWN_KINDS.get(kind, {}), **given}
        if "cycle" not in rule:
            # Shown at `kind`: whoever misspells a known kind has left out the cycle on purpose.
            rule |= {"kind": _WithoutCycle(kind), "cycle": {"months": 12}}
        cycle = rule["cycle"] if isinstance(rule.get("cycle"), dict) else {}
        whole_year = cycle.get("months") == 12
        # By its name, else by its length: rules ask what part of its year a report covers, never what it is called.
        rule.setdefault("scope", SCOPE_OF_KIND.get(kind, PeriodScope.YEAR if whole_year else PeriodScope.PART))
        if "years" not in rule and cycle.get("dates"):
            last = [str(d.get("last")) for d in cycle["dates"] if isinstance(d, dict)]
            rule["years"] = sorted({int(text[:4]) for text in last if text[:4].isdigit()})
        return rule

    @field_validator("kind", mode="before")
    @classmethod
    def _has_a_cycle(cls, kind: Any) -> Any:
        if isinstance(kind, _WithoutCycle):
            cyclic = ", ".join(name for name, brings in KNOWN_KINDS.items() if "cycle" in brings and name != "ad_hoc")
            raise ValueError(f"loại kỳ {str(kind)!r} chưa có chu kỳ: ghi cycle, hoặc dùng một loại có sẵn: {cyclic}")
        return kind

    @model_validator(mode="after")
    def _days_fit(self) -> Self:
        for key in ("covers_from", "cutoff", "opens"):
            day: PeriodDay = getattr(self, key)
            # They need the holiday tables, and schedules are computed without these (`calendar.periods.openings`).
            if day.working_days is not None:
                raise ValueError(f"{key}: chỉ hạn gửi mới tính theo ngày làm việc; hãy dùng days")
            if day.after == "unit_deadline" or (day.after == "cutoff" and key != "opens"):
                raise ValueError(f"{key}: không tính được từ mốc {day.after}; hãy ghi after: start hoặc end")
        if self.unit.day.after == "unit_deadline":
            raise ValueError("unit: hạn của đơn vị không tính được từ chính nó; hãy ghi after: end hoặc cutoff")
        every = (self.covers_from, self.cutoff, self.opens, self.unit.day, self.province.day)
        # "Ngày 20" of a week that ends in another month would be another day each time.
        if self.cycle.weeks and any(d.month is None and (d.day is not None or d.last_day) for d in every):
            raise ValueError("kỳ tuần không có tháng: hãy dùng weekday hoặc days thay cho day")
        if lost := [d.last.year for d in self.cycle.dates if d.last.year not in self.years]:
            raise ValueError(f"years: thiếu năm {lost[0]} của cycle.dates; hãy thêm, hoặc bỏ khóa years")
        return self

    @property
    def is_evaluation(self) -> bool:
        return self.scope.is_evaluation


class _Any(str):
    """Stands for a number in a text shown for every period: `{n:02d}` gives it as it is."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return str(self)


PLACEHOLDERS = ("year", "next_year", "n", "roman", "half", "month", "title")
"""What `code` and `name` of a kind may hold."""
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_HALVES = ("đầu", "cuối")


def filled(template: str, *, year: int, n: int, month: int, title: str = "") -> str:
    """`code` or `name` of one period: part `n` of `year`, whose last month is `month`. Raises KeyError, ValueError or
    IndexError for a placeholder that is none of PLACEHOLDERS."""
    return template.format(
        year=year,
        next_year=year + 1,
        n=n,
        roman=_ROMAN[n - 1] if n <= len(_ROMAN) else n,
        half=_HALVES[n - 1] if n <= len(_HALVES) else n,
        month=month,
        title=title,
    )


def general(template: str) -> str:
    """The same of no period in particular: `năm N`, `tháng M/N`."""
    return template.format(
        year=_Any("N"),
        next_year=_Any("N+1"),
        n=_Any("K"),
        roman=_Any("K"),
        half=_Any("đầu/cuối"),
        month=_Any("M"),
        title=_Any("…"),
    )


class AdHocRule(Strict):
    """Báo cáo đột xuất: what holds for every request; dates, rows and units come with the request itself."""

    narrative_form: str = ""
    forms: tuple[str, ...]
    """What can be asked for, in workbook order; a narrative form is among them and always goes along."""
    unit_locked_days_after_due: int
    province_locked_days_after_due: int
    anchor: str
