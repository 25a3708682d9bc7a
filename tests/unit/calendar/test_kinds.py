"""Kinds of period as a pack writes them: cycles, names, cut-offs of the law, strict and inclusive deadlines."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from baocao.calendar.periods import before_calendar, openings, periods_of, same_code_a_year_ago
from baocao.calendar.workdays import WorkingDays
from baocao.model.period import Period, PeriodScope
from baocao.settings import ConfigurationError
from builders.packs.pack import WEEK, deadline, kind, regime_with

DAYS = WorkingDays()


SCHOOL = {"covers_from": {"day": 1, "month": 9}, "cutoff": {"day": 31, "month": 5, "year": 1}}
TWO_STRETCHES = {
    "code": "{year}-CD{n}",
    "opens": {"days": -5, "after": "cutoff"},
    "cycle": {
        "dates": [
            {"first": "2027-03-01", "last": "2027-04-15", "name": "đợt cao điểm 1 năm 2027"},
            {"first": "2028-11-01", "last": "2028-12-31", "name": "đợt cao điểm Tết 2029"},
        ]
    },
    "covers_from": {"day": 1, "of": "first"},
    "cutoff": {"days": 0, "after": "end"},
}


def calendar(*rules: dict[str, Any]) -> dict[str, Period]:
    return {p.code: p for p in periods_of(regime_with(*rules), DAYS)}


@pytest.mark.parametrize(
    ("name", "more", "code", "called", "covers_from", "cutoff", "how_many"),
    [
        ("monthly", {}, "2027-M03", "tháng 3/2027", date(2027, 2, 15), date(2027, 3, 14), 60),
        ("monthly", {}, "2026-M01", "tháng 1/2026", date(2025, 12, 15), date(2026, 1, 14), 60),
        ("quarterly", {}, "2027-Q1", "quý I năm 2027", date(2026, 12, 15), date(2027, 3, 14), 20),
        ("quarterly", {}, "2030-Q4", "quý IV năm 2030", date(2030, 9, 15), date(2030, 12, 14), 20),
        ("six_month", {}, "2028-H1", "6 tháng đầu năm 2028", date(2027, 12, 15), date(2028, 6, 14), 5),
        (
            "six_month",
            {"cycle": {"months": 6}},
            "2028-H2",
            "6 tháng cuối năm 2028",
            date(2028, 6, 15),
            date(2028, 12, 14),
            10,
        ),
        ("nine_month", {}, "2027-9T", "9 tháng đầu năm 2027", date(2026, 12, 15), date(2027, 9, 14), 5),
        ("annual", {}, "2029-Y", "năm 2029", date(2028, 12, 15), date(2029, 12, 14), 5),
        ("school_year", SCHOOL, "2027-NH", "năm học 2027 - 2028", date(2027, 9, 1), date(2028, 5, 31), 5),
        ("weekly", WEEK, "2027-W05", "tuần 5 năm 2027", date(2027, 1, 29), date(2027, 2, 4), 261),
        (
            "tu-ca-nguyet",
            {
                "cycle": {"months": 4},
                "code": "{year}-B{n}",
                "name": "{n}/3 năm {year}",
                "covers_from": {"day": 1, "of": "first"},
                "cutoff": {"last_day": True},
            },
            "2028-B1",
            "1/3 năm 2028",
            date(2028, 1, 1),
            date(2028, 4, 30),
            15,
        ),
    ],
)
def test_each_kind_gives_code_name_and_cut_off(
    name: str, more: dict[str, Any], code: str, called: str, covers_from: date, cutoff: date, how_many: int
) -> None:
    found = calendar(kind(name, **more))
    period = found[code]
    assert (period.name, period.covers_from, period.cutoff_on) == (called, covers_from, cutoff)
    assert len(found) == how_many


@pytest.mark.parametrize(
    ("said", "due", "safe"),
    [
        # Quarter I of 2027 ends on Wednesday 31/3; 20/3 is a Saturday, 25/4 a Sunday.
        ({"before": {"day": 20, "month_shift": 1}}, date(2027, 4, 19), date(2027, 4, 19)),
        ({"by": {"day": 20, "month_shift": 1}}, date(2027, 4, 20), date(2027, 4, 20)),
        ({"by": {"day": 25, "month_shift": 1}}, date(2027, 4, 25), date(2027, 4, 23)),
        (
            {"by": {"day": 25, "month_shift": 1}, "if_day_off": "next_working_day"},
            date(2027, 4, 26),
            date(2027, 4, 26),
        ),
        ({"before": {"day": 20}}, date(2027, 3, 19), date(2027, 3, 19)),
        ({"by": {"working_days": 5, "after": "end"}}, date(2027, 4, 7), date(2027, 4, 7)),
        ({"by": {"working_days": 5, "after": "cutoff"}}, date(2027, 3, 19), date(2027, 3, 19)),
        ({"before": {"working_days": 5, "after": "end"}}, date(2027, 4, 6), date(2027, 4, 6)),
        ({"by": {"working_days": -3, "after": "end"}}, date(2027, 3, 26), date(2027, 3, 26)),
        ({"by": {"days": 4, "after": "end"}}, date(2027, 4, 4), date(2027, 4, 2)),
        ({"by": {"last_day": True}}, date(2027, 3, 31), date(2027, 3, 31)),
        ({"by": {"weekday": "fri", "week_shift": 1}}, date(2027, 4, 9), date(2027, 4, 9)),
        ({"by": {"on": "2027-04-05"}}, date(2027, 4, 5), date(2027, 4, 5)),
    ],
)
def test_deadlines_are_strict_or_inclusive_as_written(said: dict[str, Any], due: date, safe: date) -> None:
    rule = kind("quarterly", years=[2027], cycle={"months": 3, "parts": [1]}, unit=deadline(**said))
    rule["province"] = deadline(by={"on": "2027-05-20"})
    period = calendar(rule)["2027-Q1"]
    assert period.unit.due_at.isoformat() == f"{due}T23:59:59+07:00"
    assert period.unit.safe_on == safe


def test_working_days_leave_out_tet_and_decided_holidays() -> None:
    rule = kind("monthly", unit=deadline(by={"working_days": 5, "after": "end"}))
    assert calendar(rule)["2027-M01"].unit.due_at.date() == date(2027, 2, 12), "off from 5/2 to 11/2"
    days = WorkingDays(off={date(2027, 4, 1): "nghỉ theo quyết định"})
    (march,) = (p for p in periods_of(regime_with(rule), days) if p.code == "2027-M03")
    assert march.unit.due_at.date() == date(2027, 4, 8)


def test_a_year_has_as_many_weeks_as_iso() -> None:
    weeks = [p.code for p in periods_of(regime_with(kind("weekly", **WEEK)), DAYS)]
    assert weeks.count("2026-W53") == 1 and "2027-W53" not in weeks


TWO_WEEKS = WEEK | {
    "cycle": {"weeks": 2, "starts_on": "2027-01-04"},
    "code": "{year}-2T{n:02d}",
    "name": "kỳ {n} năm {year}",
    "covers_from": {"weekday": "fri", "week_shift": -2},
}


def test_two_weeks_follow_two_weeks_over_the_turn_of_the_year() -> None:
    found = list(calendar(kind("hai-tuan", **TWO_WEEKS)).values())
    assert {p.covers_from for p in found if p.code == "2027-2T01"} == {date(2027, 1, 1)}, "of 4/1 to 17/1, to the 14th"
    assert all(p.cutoff_on - p.covers_from == timedelta(days=13) for p in found)
    assert [p.code for p in found if p.year == 2026][-1] == "2026-2T27", "53 weeks: one began in 2025"
    assert all(one.cutoff_on + timedelta(days=1) == after.covers_from for one, after in pairwise(found))


def test_one_off_dates_have_names_of_their_own() -> None:
    rule = kind("one_off", **TWO_STRETCHES)
    del rule["years"]
    found = calendar(rule)
    assert [(p.code, p.name, p.cutoff_on, p.opens_at.date()) for p in found.values()] == [
        ("2027-CD1", "đợt cao điểm 1 năm 2027", date(2027, 4, 15), date(2027, 4, 10)),
        ("2028-CD2", "đợt cao điểm Tết 2029", date(2028, 12, 31), date(2028, 12, 26)),
    ]


def test_one_off_dates_tell_of_their_own_days() -> None:
    """Neither the 1st of a month nor its last day: each stretch from its own first day to its last."""
    dates = [
        {"first": "2028-02-10", "last": "2028-02-29", "name": "đợt 1"},
        {"first": "2028-11-20", "last": "2029-01-05", "name": "đợt 2"},
    ]
    rule = kind("one_off", cycle={"dates": dates}, code="{year}-D{n}", opens={"days": 3, "after": "start"})
    del rule["years"]
    assert [(p.covers_from, p.cutoff_on, p.opens_at.date(), p.year) for p in calendar(rule).values()] == [
        (date(2028, 2, 10), date(2028, 2, 29), date(2028, 2, 13), 2028),
        (date(2028, 11, 20), date(2029, 1, 5), date(2028, 11, 23), 2029),
    ]


def test_two_kinds_of_one_cycle_exist_together() -> None:
    quick = kind("bao-cao-nhanh", cycle={"months": 1}, code="{year}-N{month:02d}", name="nhanh tháng {month}/{year}")
    quick |= {"covers_from": {"day": 1}, "cutoff": {"last_day": True}, "opens": {"day": 20}}
    found = calendar(kind("monthly"), quick)
    assert len(found) == 120 and found["2027-N02"].cutoff_on == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("name", "more", "code", "scope"),
    [
        ("weekly", WEEK, "2027-W01", PeriodScope.PART),
        ("quarterly", {}, "2027-Q1", PeriodScope.PART),
        ("six_month", {"cycle": {"months": 6}}, "2027-H1", PeriodScope.YEAR_TO_DATE),
        ("six_month", {"cycle": {"months": 6}}, "2027-H2", PeriodScope.PART),
        ("nine_month", {}, "2027-9T", PeriodScope.YEAR_TO_DATE),
        ("school_year", SCHOOL, "2027-NH", PeriodScope.YEAR),
        ("one_off", {**TWO_STRETCHES, "scope": "year_to_date"}, "2028-CD2", PeriodScope.YEAR_TO_DATE),
    ],
)
def test_each_kind_of_period_has_its_scope(name: str, more: dict[str, Any], code: str, scope: PeriodScope) -> None:
    assert calendar(kind(name, **more))[code].scope is scope


@pytest.mark.parametrize(
    ("name", "more", "code", "before"),
    [
        ("quarterly", {}, "2027-Q3", "2026-Q3"),
        ("monthly", {}, "2028-M02", "2027-M02"),
        ("weekly", WEEK, "2027-W05", "2026-W05"),
        ("weekly", WEEK, "2026-W53", ""),
    ],
)
def test_the_same_period_of_the_year_before(name: str, more: dict[str, Any], code: str, before: str) -> None:
    regime = regime_with(kind(name, **more))
    (period,) = (p for p in periods_of(regime, DAYS) if p.code == code)
    assert same_code_a_year_ago(regime.periods[0], period) == before


def test_a_quarter_before_the_calendar_keeps_its_days() -> None:
    known = before_calendar(regime_with(kind("quarterly")), "2025-Q4")
    assert known == ("quarterly", date(2025, 9, 15), date(2025, 12, 14))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"kind": "quaterly"}, "kind\n.*'quaterly' chưa có chu kỳ"),
        ({"kind": "weekly", "opens": {"weekday": "mon"}}, "covers_from\n.*required"),
        ({"cycle": {"months": 3, "weeks": 1}}, "đúng một trong months, weeks, dates"),
        ({"cycle": {"months": 3, "parts": [5]}}, "không có phần 5; một năm có 4 phần"),
        ({"unit": deadline(before={"day": 5}, by={"day": 6})}, "đúng một trong before"),
        ({"unit": deadline()}, "đúng một trong before"),
        ({"unit": deadline(before={"day": 5}, if_day_off="next_working_day")}, "if_day_off chỉ dùng với by"),
        ({"cutoff": {"working_days": 3}}, "cutoff: chỉ hạn gửi mới tính theo ngày làm việc"),
        ({"unit": deadline(by={"day": 5, "weekday": "fri"})}, "đúng một trong on, day"),
        ({"cutoff": {"day": 14, "week_shift": 1}}, "week_shift chỉ dùng với weekday"),
        ({"cycle": {"dates": [{"first": "2027-05-01", "last": "2027-04-01"}]}}, "trước first"),
        ({"cycle": {"dates": [{"first": "2031-05-01", "last": "2031-06-01"}]}}, "years: thiếu năm 2031"),
        ({**WEEK, "cycle": {"weeks": 1}, "cutoff": {"day": 14}}, "kỳ tuần không có tháng"),
        ({**WEEK, "cycle": {"weeks": 2}}, "weeks lớn hơn 1 phải ghi starts_on"),
        ({**WEEK, "cycle": {"weeks": 1, "starts_on": "2027-01-04"}}, "không ghi starts_on"),
        ({**WEEK, "cycle": {"weeks": 2, "starts_on": "2027-01-05"}}, "2027-01-05 không phải thứ Hai"),
    ],
)
def test_a_contradictory_or_empty_rule_is_refused(changes: dict[str, Any], told: str) -> None:
    name = changes.get("kind", "quarterly")
    with pytest.raises(ValidationError, match=told):
        regime_with(kind(name, **{key: value for key, value in changes.items() if key != "kind"}))


@pytest.mark.parametrize(
    ("cutoff", "told"),
    [
        ({"day": 30}, r"kỳ 2026-M02: không có ngày 30/02/2026"),
        ({"day": 31, "month_shift": 1}, r"kỳ 2026-M01: không có ngày 31/02/2026"),
    ],
)
def test_an_impossible_day_is_refused_with_a_cure(cutoff: dict[str, int], told: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"periods\.monthly\.cutoff: {told}.*last_day: true"):
        periods_of(regime_with(kind("monthly", cutoff=cutoff, covers_from={"day": 1})), DAYS)


def test_kinds_opening_together_are_refused_with_a_cure() -> None:
    with pytest.raises(ConfigurationError, match="opens_at_hour"):
        openings(regime_with(kind("quarterly"), kind("annual")))


RULES = [
    kind("weekly", **WEEK, opens_at_hour=6),
    kind("monthly", opens={"day": 8}, opens_at_hour=7),
    kind("quarterly", opens={"day": 1}, opens_at_hour=8),
    kind("six_month", cycle={"months": 6}, opens={"day": 2}, opens_at_hour=9),
    kind("nine_month", opens={"day": 3}, opens_at_hour=10),
    kind("annual", opens={"day": 4}, opens_at_hour=11),
    kind("hai-tuan", **TWO_WEEKS, opens_at_hour=5),
    kind("school_year", **{**SCHOOL, "opens": {"day": 20, "month": 5, "year": 1}}, opens_at_hour=12),
]


@settings(deadline=None, max_examples=40)
@given(
    chosen=st.sets(st.sampled_from(range(len(RULES))), min_size=1),
    years=st.lists(st.integers(2024, 2040), min_size=1, max_size=4, unique=True),
    due=st.integers(1, 6),
)
def test_no_day_is_lost_or_counted_twice(chosen: set[int], years: list[int], due: int) -> None:
    rules = [{**RULES[n], "years": sorted(years)} for n in sorted(chosen)]
    for rule in rules:
        if "weeks" not in str(rule.get("cycle")) and rule["kind"] != "weekly":
            rule["unit"] = deadline(by={"working_days": due, "after": "end"})
            rule["province"] = deadline(by={"working_days": due + 1, "after": "end"})
    found = periods_of(regime_with(*rules), DAYS)
    assert len({p.code for p in found}) == len({p.opens_at for p in found}) == len(found)
    assert [(o.code, o.opens_at) for o in openings(regime_with(*rules))] == [(p.code, p.opens_at) for p in found]
    for rule in rules:
        of_the_kind = sorted((p for p in found if p.kind == rule["kind"]), key=lambda p: p.covers_from)
        for one, following in pairwise(of_the_kind):
            if following.year - one.year > 1 or (one.year != following.year and following.year - 1 not in years):
                continue
            if rule["kind"] in {"nine_month", "school_year"}:
                assert one.cutoff_on < following.covers_from
            else:
                assert one.cutoff_on + timedelta(days=1) == following.covers_from
        for period in of_the_kind:
            assert period.covers_from < period.cutoff_on < period.unit.due_at.date() < period.province.due_at.date()
            assert DAYS.is_working(period.unit.safe_on) and period.unit.safe_on <= period.unit.due_at.date()
