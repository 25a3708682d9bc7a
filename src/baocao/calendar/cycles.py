"""Which stretches of a year a kind of report has, and the days its rules name in each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from baocao.calendar.workdays import WorkingDays
from baocao.model.pack_parts.period_rules import Cycle, PeriodDay, PeriodRule, filled

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class CyclePart:
    """One stretch of a year: whole weeks or months, before a cut-off shifts what is counted."""

    year: int
    number: int
    """from 1"""
    first: date
    last: date
    title: str = ""

    def fill(self, template: str) -> str:
        """The template of a code or name with year, number, month and title of this part in it."""
        return filled(template, year=self.year, n=self.number, month=self.last.month, title=self.title)


def parts_of(cycle: Cycle, year: int) -> Iterator[CyclePart]:
    """The stretches of that year, in order. A week belongs to the year that ISO 8601 gives it, several weeks to that of
    the last one; a stretch of months to the year in which the first month of the cycle lies; a stretch between two
    dates to that of its last day."""
    if cycle.weeks is not None:
        before, length = timedelta(weeks=cycle.weeks - 1), timedelta(weeks=cycle.weeks)
        # The Monday of the last week of a stretch, from the first one in the year. ISO years begin with a Monday.
        monday = date.fromisocalendar(year, 1, 1)
        monday += ((cycle.starts_on or monday) + before - monday) % length
        for number in range(1, 54):
            if monday.isocalendar().year == year:
                yield CyclePart(year, number, monday - before, monday + timedelta(days=6))
            monday += length
    elif cycle.months is not None:
        for number in cycle.parts or range(1, 12 // cycle.months + 1):
            # Beyond December for a cycle that begins late (a school year): `_month` carries it into the next year.
            begins = cycle.from_month + (number - 1) * cycle.months
            yield CyclePart(year, number, _month(year, begins), _month(year, begins + cycle.months) - _DAY)
    else:
        for number, one in enumerate(cycle.dates, start=1):
            if one.last.year == year:
                yield CyclePart(year, number, one.first, one.last, one.name)


def every_part(rule: PeriodRule) -> Iterator[CyclePart]:
    """The stretches of all years of the rule."""
    for year in rule.years:
        yield from parts_of(rule.cycle, year)


@dataclass(frozen=True, slots=True)
class Known:
    """What is worked out of a period so far: days that later ones may be counted from."""

    cutoff: date | None = None
    unit_due: date | None = None
    days: WorkingDays | None = None


NOTHING = Known()


def day_of(day: PeriodDay, part: CyclePart, known: Known = NOTHING) -> date:
    """The day a rule names in that stretch. Only deadlines ask for working days, the schema sees to that; and they are
    worked out last. Raises ValueError for a day its month does not have."""
    if day.on is not None:
        return day.on
    if day.weekday is not None:
        monday = part.last - timedelta(days=part.last.weekday())
        return monday + timedelta(days=_WEEKDAYS.index(day.weekday) + 7 * day.week_shift)
    # `days: 0` is a statement, so what is absent is asked by None; both keys count from the same base.
    counted = day.working_days if day.days is None else day.days
    if counted is not None:
        bases = {"start": part.first, "end": part.last, "cutoff": known.cutoff, "unit_deadline": known.unit_due}
        base = bases[day.after]
        assert base is not None
        if day.days is not None:
            return base + timedelta(days=day.days)
        # There for deadlines alone: the days of opening and cut-off are worked out without the holiday tables
        # (`openings`).
        assert known.days is not None
        return known.days.add(base, counted)
    if day.month is not None:
        month = _month(part.year + day.year, day.month)
    else:
        of = part.first if day.of == "first" else part.last
        month = _month(of.year, of.month + day.month_shift)
    # The schema has asked for exactly one way, so a missing `day` cannot happen here: 0 would be refused as no date.
    return _month(month.year, month.month + 1) - _DAY if day.last_day else month.replace(day=day.day or 0)


def _month(year: int, month: int) -> date:
    """The first day of that month; months below 1 and above 12 lie in the years beside."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
