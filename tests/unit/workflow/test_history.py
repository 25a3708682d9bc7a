"""Which earlier figures count as the past of a period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from baocao.model.period import PeriodKind
from baocao.settings import load_settings
from baocao.workflow.installation import Installation
from baocao.workflow.periods.earlier_periods import earlier_periods, same_period_last_year
from builders.sites.site import PROJECT, REGIME


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The project's own calendar; the database is never opened."""
    data: Path = tmp_path_factory.mktemp("var")
    return Installation(load_settings({"BAOCAO_ROOT": str(PROJECT), "BAOCAO_DATA": str(data)}))


def earlier(place: Installation, code: str, *known: str) -> list[str]:
    return earlier_periods(place, place.period(REGIME, code), set(known))


def test_the_latest_period_before_comes_first(place: Installation) -> None:
    assert earlier(place, "2028-H1", "2026-Y", "2027-H1", "2026-H1", "2027-Y") == [
        "2027-Y",
        "2027-H1",
        "2026-Y",
        "2026-H1",
    ]


def test_a_periods_past_holds_only_earlier_periods(place: Installation) -> None:
    assert earlier(place, "2026-Y", "2026-H1", "2026-Y", "2027-H1") == ["2026-H1"]


def test_a_period_nobody_reported_is_no_past(place: Installation) -> None:
    assert earlier(place, "2027-Y", "2026-H1") == ["2026-H1"]


def test_figures_from_before_go_live_come_last(place: Installation) -> None:
    known = ("2025-H1", "2026-H1", "2024-Y", "2025-Y")
    assert earlier(place, "2026-Y", *known) == ["2026-H1", "2025-Y", "2025-H1", "2024-Y"]


def test_mid_term_reports_are_no_half_years_past(place: Installation) -> None:
    assert earlier(place, "2028-Y", "2028-H1", "2028-MID") == ["2028-H1"]


def test_mid_term_reports_look_back_at_regular_periods(place: Installation) -> None:
    assert earlier(place, "2028-MID", "2027-Y", "2028-H1", "2028-Y") == ["2028-H1", "2027-Y"]


@pytest.mark.parametrize(("code", "before"), [("2027-H1", "2026-H1"), ("2027-Y", "2026-Y"), ("2026-H1", "2025-H1")])
def test_last_years_same_period_is_of_one_kind(place: Installation, code: str, before: str) -> None:
    assert same_period_last_year(place.pack(REGIME), place.period(REGIME, code)) == before


def test_a_month_looks_at_last_years_same_month(place: Installation) -> None:
    half = place.period(REGIME, "2026-H1")
    september = replace(half, code="2026-M09", kind=PeriodKind.MONTHLY, cutoff_on=date(2026, 9, 14))
    assert same_period_last_year(place.pack(REGIME), september) == "2025-M09"
