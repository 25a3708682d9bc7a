"""What the rules against the past say of a figure that is the whole term's."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from baocao.checks.history import History
from builders.packs.checks import FULL_YEAR, MID_TERM, findings, history, workbook

FILES = "B04/B04.13a"


def said(past: History, changes: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    book = workbook(changes or {}, period=MID_TERM.code)
    found = findings(book, period=MID_TERM, past=past, received_at=MID_TERM.unit.due_at)
    return [(f.rule, f.cells[0]) for f in found if f.cells]


def test_the_year_to_date_includes_its_six_months() -> None:
    assert said(history(same_year={f"{FILES}/LKN": 5})) == [("V32", f"{FILES}/LKN")]
    assert said(history(same_year={f"{FILES}/LKN": 4})) == []


def test_year_to_date_need_not_be_a_sum() -> None:
    term = {f"{FILES}/TH": 40, f"{FILES}/LKN": 44, f"{FILES}/LKGD": 44}
    assert said(history(same_year={f"{FILES}/LKN": 30}), term) == []


def test_the_accumulated_figure_of_the_term_never_falls() -> None:
    assert said(history(previous={f"{FILES}/LKGD": 41})) == [("V34", f"{FILES}/LKGD")]


def test_total_below_six_months_is_told_once() -> None:
    six_months = {f"{FILES}/TH": 5}
    assert said(history(same_year=six_months)) == [("V33", f"{FILES}/TH")]
    assert said(history(same_year=six_months, accumulated={f"{FILES}/TH": 7})) == [("V62", f"{FILES}/TH")]


def test_the_term_opens_with_its_first_report() -> None:
    past = history(accumulated={"B04/SAUCAI/DK": 9}, previous={"B04/SAUCAI/CK": 3})
    assert said(past) == [("V31", "B04/SAUCAI/DK")]
    assert said(history(previous={"B04/SAUCAI/CK": 77})) == [], "the last closing is not the opening of the term"


@pytest.mark.parametrize(("written", "told"), [(50, False), (60, False), (66, True)])
def test_the_terms_rest_follows_the_reported_pace(written: int, told: bool) -> None:
    past = replace(history(accumulated={"B04/B04.16a/TH": 50}), rest_of_term=Fraction(1, 10))
    changes = {f"B04/B04.16a/{c}": written for c in ("TH", "LKN", "LKGD")}
    assert said(past, changes) == ([("V62", "B04/B04.16a/TH")] if told else [])


def test_nothing_of_it_is_asked_of_a_year() -> None:
    past = history(accumulated={f"{FILES}/TH": 400})
    assert [f.rule for f in findings(workbook({}, period=FULL_YEAR.code), period=FULL_YEAR, past=past,
                                     received_at=FULL_YEAR.unit.due_at)] == []  # fmt: skip


@pytest.mark.parametrize(("written", "told"), [(1100, False), (1150, False), (1151, True), (1050, False), (1049, True)])
def test_the_rest_may_differ_by_half_the_pace(written: int, told: bool) -> None:
    past = replace(history(accumulated={"B04/B04.16a/TH": 1000}), rest_of_term=Fraction(1, 10))
    changes = {f"B04/B04.16a/{c}": written for c in ("TH", "LKN", "LKGD")}
    assert said(past, changes) == ([("V62", "B04/B04.16a/TH")] if told else [])


def test_the_terms_rest_is_told_in_its_figures() -> None:
    past = replace(history(accumulated={"B04/B04.16a/TH": 50}), rest_of_term=Fraction(1, 10))
    book = workbook({f"B04/B04.16a/{c}": 66 for c in ("TH", "LKN", "LKGD")}, period=MID_TERM.code)
    (found,) = findings(book, period=MID_TERM, past=past, received_at=MID_TERM.unit.due_at)
    assert (found.expected, found.actual) == ("khoảng 55", "66")
    assert "là 16, khác xa nhịp bình quân (khoảng 5)" in found.message


def test_an_area_of_the_rest_keeps_its_decimals() -> None:
    area = "B04/B04.24c"
    past = replace(history(accumulated={f"{area}/TH": Decimal("10.5")}), rest_of_term=Fraction(1, 10))
    book = workbook({f"{area}/{c}": Decimal("40.75") for c in ("TH", "LKN", "LKGD")}, period=MID_TERM.code)
    (found,) = findings(book, period=MID_TERM, past=past, received_at=MID_TERM.unit.due_at)
    assert (found.expected, found.actual) == ("khoảng 11,5", "40,75")
    assert "là 30,25, khác xa nhịp bình quân (khoảng 1)" in found.message
