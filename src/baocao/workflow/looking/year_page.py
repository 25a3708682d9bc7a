"""The calendar of a year: every day of every period of these regimes on which something opens, is cut off or is due."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.workflow.installation import Installation


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the calendar."""

    on: date
    regime: Regime
    period: Period
    kind: str
    """`opens`, `cutoff`, `unit_safe`, `unit`, `safe`, `province`"""
    what: str
    """the same in words"""


@dataclass(frozen=True, slots=True)
class Month:
    """One month: its weeks from Monday to Sunday (None: a day of another month), and what happens in it, by day."""

    number: int
    weeks: tuple[tuple[date | None, ...], ...]
    days: tuple[Day, ...]

    def on(self, day: date) -> list[Day]:
        """What falls on a day."""
        return [one for one in self.days if one.on == day]


def year_view(place: Installation, regimes: Sequence[str], year: int) -> tuple[Month, ...]:
    """Twelve months."""
    days = sorted(_days(place, regimes, year), key=lambda day: (day.on, day.regime.code, day.period.opens_at, day.kind))
    months = []
    for number in range(1, 13):
        weeks = tuple(
            tuple(day if day.month == number else None for day in week)
            # Whole weeks, so that each month is a table of seven columns; days of its neighbours stay empty.
            for week in calendar.Calendar().monthdatescalendar(year, number)
        )
        months.append(Month(number, weeks, tuple(day for day in days if day.on.month == number)))
    return tuple(months)


def _days(place: Installation, regimes: Sequence[str], year: int) -> list[Day]:
    """Every day of the year on which a period of these regimes opens, is cut off, should be or must be sent."""
    found = []
    for code in regimes:
        regime = place.pack(code).regime
        top = regime.wording.top_short
        for period in place.periods(code):
            for on, kind, what in (
                (period.opens_at.date(), "opens", "Mở kỳ"),
                (period.cutoff_on, "cutoff", "Chốt số liệu"),
                (period.unit.safe_on, "unit_safe", "Đơn vị nên gửi"),
                (period.unit.due_at.date(), "unit", "Hạn của đơn vị"),
                (period.province.safe_on, "safe", f"Nên gửi ({top})"),
                (period.province.due_at.date(), "province", f"Hạn của {top}"),
            ):
                if on.year == year:
                    found.append(Day(on, regime, period, kind, what))
    return found
