"""Which reporting years a period covers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from baocao.calendar.reporting_year import years_of
from baocao.model.period import PeriodKind
from builders_checks import FULL_YEAR, rules_pack

REGIME = rules_pack().regime


def test_a_period_that_begins_with_its_year_covers_that_year_alone() -> None:
    later = replace(FULL_YEAR, year=2027, covers_from=date(2026, 12, 15))
    assert years_of(REGIME, later) == (2027,)
    assert years_of(REGIME, replace(later, covers_from=date(2027, 1, 15))) == (2027,)


def test_a_period_that_begins_before_its_year_covers_the_term_so_far() -> None:
    term = replace(FULL_YEAR, kind=PeriodKind.MID_TERM, year=2028, covers_from=date(2025, 12, 15))
    assert years_of(REGIME, term) == (2026, 2027, 2028)
    day_before = replace(term, year=2027, covers_from=date(2026, 12, 15) - timedelta(days=1))
    assert years_of(REGIME, day_before) == (2026, 2027)
