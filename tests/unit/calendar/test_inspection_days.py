"""How long an inspection took, and until when its next act is due: over Tết, holidays and weekends."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.calendar.inspection_days import (
    conclusion_due_on,
    due_on,
    duration,
    last_day,
    may_start_from,
    notice_due_on,
)
from baocao.model.inspection import Act
from builders.packs.inspections import DAYS, an_inspection, rules

RULES = rules()
any_day = st.dates(date(2026, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("first", "last", "taken", "why"),
    [
        (date(2026, 3, 9), date(2026, 3, 13), 5, "Monday to Friday"),
        (date(2026, 3, 9), date(2026, 3, 15), 5, "the weekend after it takes nothing"),
        (date(2026, 3, 9), date(2026, 3, 16), 6, "the Monday after is the sixth"),
        (date(2026, 3, 11), date(2026, 3, 17), 5, "a weekend in between"),
        (date(2026, 2, 12), date(2026, 2, 25), 5, "Tết in between"),
        (date(2026, 2, 12), date(2026, 2, 26), 6, "Tết in between, one day more"),
        (date(2026, 11, 20), date(2026, 11, 27), 5, "24/11 and a weekend in between"),
        (date(2026, 11, 20), date(2026, 11, 30), 6, "24/11 and two weekends in between"),
        (date(2025, 11, 20), date(2025, 11, 27), 6, "24/11 was a working day in 2025"),
        (date(2026, 8, 20), date(2026, 8, 25), 5, "a Saturday worked in exchange counts"),
        (date(2026, 3, 9), date(2026, 3, 9), 1, "one day"),
        (date(2026, 3, 14), date(2026, 3, 15), 0, "a weekend alone"),
    ],
)
def test_inspections_count_working_days_including_both_ends(first: date, last: date, taken: int, why: str) -> None:
    assert duration(first, last, DAYS) == taken, why


@given(any_day)
def test_inspection_ends_on_the_fifth_working_day(started: date) -> None:
    last = last_day(started, RULES, DAYS)
    assert DAYS.is_working(last)
    assert duration(started, last, DAYS) == 5
    assert duration(started, DAYS.add(last, 1), DAYS) == 6


@given(any_day)
def test_notice_on_its_last_day_is_in_time(
    planned: date,
) -> None:
    due = notice_due_on(planned, RULES, DAYS)
    assert may_start_from(due, RULES, DAYS) <= planned
    assert may_start_from(DAYS.add(due, 1), RULES, DAYS) > planned


def test_the_number_of_days_comes_from_the_pack() -> None:
    monday = date(2026, 3, 9)
    assert notice_due_on(monday, rules(notice_working_days=0), DAYS) == monday
    assert last_day(monday, rules(max_working_days=1), DAYS) == monday
    assert conclusion_due_on(monday, rules(conclusion_working_days=1), DAYS) == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("status", "act", "due"),
    [
        ("PLANNED", Act.NOTIFY, date(2026, 3, 4)),
        ("NOTIFIED", Act.START, date(2026, 3, 9)),
        ("STARTED", Act.FINISH, date(2026, 3, 13)),
        ("FINISHED", Act.CONCLUDE, date(2026, 4, 3)),
    ],
)
def test_each_status_waits_for_the_next_act(status: str, act: Act, due: date) -> None:
    assert due_on(an_inspection(status), RULES, DAYS) == (act, due)


@pytest.mark.parametrize("status", ["CONCLUDED", "CANCELLED"])
def test_what_is_done_waits_for_nothing(status: str) -> None:
    assert due_on(an_inspection(status), RULES, DAYS) is None


def test_an_inspection_is_due_on_its_announced_days() -> None:
    moved = an_inspection("NOTIFIED", notice_from=date(2026, 3, 16), notice_to=date(2026, 3, 20))
    assert due_on(moved, RULES, DAYS) == (Act.START, date(2026, 3, 16))
