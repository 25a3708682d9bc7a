"""Where a reporting year begins and ends, and which reporting years a period covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from baocao.calendar.reporting_year import first_year, year_end, year_start, years_of
from baocao.model.period import PeriodKind
from builders.packs.checks import FULL_YEAR, rules_pack
from builders.packs.pack import WEEK, kind, regime_with

REGIME = rules_pack().regime
CALENDAR_YEAR = {"covers_from": {"day": 1, "of": "first"}, "cutoff": {"last_day": True}}
MID_TERM = {"code": "{year}-MID", "name": "giữa kỳ"}
SCHOOL_YEAR = {"covers_from": {"day": 1, "month": 9}, "cutoff": {"day": 31, "month": 5, "year": 1}}


def test_periods_beginning_with_their_year_cover_it_alone() -> None:
    later = replace(FULL_YEAR, year=2027, covers_from=date(2026, 12, 15))
    assert years_of(REGIME, later) == (2027,)
    assert years_of(REGIME, replace(later, covers_from=date(2027, 1, 15))) == (2027,)


def test_periods_beginning_earlier_cover_the_term_so_far() -> None:
    term = replace(FULL_YEAR, kind=PeriodKind.MID_TERM, year=2028, covers_from=date(2025, 12, 15))
    assert years_of(REGIME, term) == (2026, 2027, 2028)
    day_before = replace(term, year=2027, covers_from=date(2026, 12, 15) - timedelta(days=1))
    assert years_of(REGIME, day_before) == (2026, 2027)


def test_terms_count_from_the_calendars_first_year() -> None:
    assert first_year(regime_with(kind("annual"))) == 2026


def test_weekly_periods_each_belong_to_their_own_year() -> None:
    weekly = regime_with(kind("weekly", **WEEK))
    assert (year_start(weekly, 2027), year_end(weekly, 2027), first_year(weekly)) == (None, None, None)
    assert years_of(weekly, replace(FULL_YEAR, year=2027, covers_from=date(2020, 1, 1))) == (2027,)


@pytest.mark.parametrize(
    ("rules", "begins", "ends"),
    [
        ([kind("quarterly")], date(2026, 12, 15), date(2027, 12, 14)),
        ([kind("six_month")], date(2026, 12, 15), None),
        ([kind("school_year", **SCHOOL_YEAR)], date(2027, 9, 1), date(2028, 5, 31)),
        # The report of the year decides, wherever it stands among the others,
        ([kind("monthly", **CALENDAR_YEAR), kind("annual", enabled=False)], date(2026, 12, 15), date(2027, 12, 14)),
        # not one that says from which day of the calendar it counts,
        ([kind("annual", covers_from={"on": "2026-03-01"}), kind("monthly")], date(2026, 12, 15), date(2027, 12, 14)),
        # not one without the first part of the year, nor one that looks back over the term.
        (
            [kind("quarterly", cycle={"months": 3, "parts": [2]}), kind("monthly", **CALENDAR_YEAR)],
            date(2027, 1, 1),
            date(2027, 12, 31),
        ),
        (
            [kind("mid_term", covers_from={"day": 1}, cutoff={"day": 2}, **MID_TERM), kind("monthly", **CALENDAR_YEAR)],
            date(2027, 1, 1),
            date(2027, 12, 31),
        ),
    ],
)
def test_reporting_years_follow_the_report_of_the_year(
    rules: list[dict[str, Any]], begins: date, ends: date | None
) -> None:
    regime = regime_with(*rules)
    assert (year_start(regime, 2027), year_end(regime, 2027)) == (begins, ends)
