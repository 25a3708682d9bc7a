"""Where a period stands, for its page: counts, rates, a page of units, who is late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from baocao.store import windows
from baocao.store.browse import forms, standings
from baocao.store.browse.letters import letters_of
from baocao.store.browse.standings import UnitLine, Wanted
from baocao.store.reports import reports
from baocao.store.standing import Standing
from baocao.workflow.installation import Installation


@dataclass(frozen=True, slots=True)
class PeriodView:
    """The head of the period page."""

    opened_at: datetime | None
    counts: Mapping[Standing, int]
    report: Any
    """the newest version (`Report`), or None"""

    @property
    def obligations(self) -> int:
        return sum(self.counts.values())

    @property
    def expected(self) -> int:
        """Units that owe a report: the waived ones do not."""
        return self.obligations - self.counts[Standing.WAIVED]

    @property
    def accepted(self) -> int:
        """Units whose report counts, in time or late."""
        return self.counts[Standing.ACCEPTED] + self.counts[Standing.LATE]

    @property
    def open(self) -> int:
        """Units that owe and have nothing accepted."""
        return self.expected - self.accepted

    @property
    def reporting_rate(self) -> float | None:
        """Percent of those who owe; None where nobody does."""
        return 100 * self.accepted / self.expected if self.expected else None

    @property
    def on_time_rate(self) -> float | None:
        """Percent of those who owe; None where nobody does."""
        return 100 * self.counts[Standing.ACCEPTED] / self.expected if self.expected else None


def period_view(place: Installation, regime: str, period: str) -> PeriodView:
    """Where a period stands."""
    with place.store.read() as conn:
        window = windows.window_of(conn, regime, period)
        return PeriodView(
            window.opened_at if window else None,
            standings.counts(conn, regime, period),
            reports.latest(conn, regime, period),
        )


def unit_line(place: Installation, regime: str, period: str, unit: str) -> UnitLine | None:
    """One unit; None when it owes nothing in the period."""
    with place.store.read() as conn:
        return standings.one(conn, regime, period, unit)


@dataclass(frozen=True, slots=True)
class FormState:
    """One form of one unit's report."""

    answered: int
    nil: int
    blank: int
    blocking: int
    explain: int

    @property
    def is_there(self) -> bool:
        """Whether the report holds the form at all."""
        return bool(self.answered or self.nil or self.blank)

    @property
    def is_nil(self) -> bool:
        """Whether all that was answered is that there was nothing."""
        return not self.answered and self.nil > 0


@dataclass(frozen=True, slots=True)
class UnitFormMatrix:
    """A page of units x forms."""

    lines: tuple[UnitLine, ...]
    total: int
    states: Mapping[tuple[str, str], FormState]
    """(unit, form code)"""


def matrix(place: Installation, regime: str, period: str, wanted: Wanted) -> UnitFormMatrix:
    """The units of one page, and what each form of their official (else last) report holds."""
    with place.store.read() as conn:
        lines, total = standings.page(conn, regime, period, wanted)
        # Only of the units on this page: over 3,321 units the forms of all of them would be read for fifty lines.
        found = forms.of_units(conn, regime, period, [line.unit for line in lines])
    return UnitFormMatrix(tuple(lines), total, {key: FormState(*numbers) for key, numbers in found.items()})


def unit_list(place: Installation, regime: str, period: str, wanted: Wanted) -> tuple[list[UnitLine], int]:
    """A page of the units, and how many there are in all."""
    with place.store.read() as conn:
        return standings.page(conn, regime, period, wanted)


def late_list(place: Installation, regime: str, period: str, wanted: Wanted) -> tuple[list[tuple[UnitLine, Any]], int]:
    """A page of the units with nothing accepted, each with the last letter to it."""
    with place.store.read() as conn:
        lines, total = standings.page(conn, regime, period, wanted)
        letters = standings.last_letters(conn, regime, period, [line.unit for line in lines])
    return [(line, letters.get(line.unit)) for line in lines], total


def letters(
    place: Installation, regime: str, period: str, *, status: str, search: str, first: int, count: int
) -> tuple[list[Any], int]:
    """A page of the period's letters (rows as of `letters_of`), and how many there are in all; a status that there is
    not counts as none."""
    known = status if status in {"FAILED", "PENDING", "SENT"} else ""
    with place.store.read() as conn:
        return letters_of(conn, regime, period, status=known, search=search, first=first, count=count)
