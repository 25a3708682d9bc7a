"""Working days of Viet Nam, and what the override file changes."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.calendar.workdays import WorkingDays, load_working_days
from baocao.settings import ConfigurationError
from builders.packs.pack import REFERENCE

DAYS = load_working_days(REFERENCE / "holidays.yaml")
any_day = st.dates(date(2025, 6, 1), date(2031, 6, 30))


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 1, 1), "New Year"),
        (date(2026, 2, 17), "the first day of Tết"),
        (date(2027, 2, 8), "Tết of the next year, by the lunar calendar"),
        (date(2026, 4, 27), "the day off for Giỗ Tổ, which falls on a Sunday"),
        (date(2026, 4, 30), "30/4"),
        (date(2026, 5, 1), "1/5"),
        (date(2026, 9, 2), "Quốc khánh"),
        (date(2026, 11, 24), "Ngày Văn hóa Việt Nam, a Tuesday"),
        (date(2026, 8, 31), "the Monday swapped for a Saturday"),
        (date(2026, 6, 20), "a Saturday"),
        (date(2026, 6, 21), "a Sunday"),
    ],
)
def test_holidays_and_weekends_are_no_working_days(day: date, why: str) -> None:
    assert not DAYS.is_working(day), why


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 8, 22), "the Saturday worked for 31/8"),
        (date(2025, 11, 24), "24/11 was no holiday before the resolution of 2026"),
        (date(2026, 6, 19), "an ordinary Friday"),
    ],
)
def test_ordinary_and_swapped_days_are_working_days(day: date, why: str) -> None:
    assert DAYS.is_working(day), why


def test_the_2026_swap_needs_no_override_file() -> None:
    plain = load_working_days(None)
    assert plain.is_working(date(2026, 8, 22)) and not plain.is_working(date(2026, 8, 31))


@pytest.mark.parametrize("content", [None, "", "off:\nworking:\n"])
def test_a_missing_or_empty_override_file_changes_nothing(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "holidays.yaml"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    assert load_working_days(file) == WorkingDays()


def test_announced_days_win_over_the_computed_ones(tmp_path: Path) -> None:
    file = tmp_path / "holidays.yaml"
    file.write_text(
        "off:\n  - {on: 2027-06-18, reason: bão}\nworking:\n  - {on: 2027-06-20, reason: làm bù, source: Công văn}\n",
        encoding="utf-8",
    )
    days = load_working_days(file)
    assert not days.is_working(date(2027, 6, 18))
    assert days.is_working(date(2027, 6, 20))
    assert days.last_on_or_before(date(2027, 6, 19)) == date(2027, 6, 17)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("off: [", "YAML"),
        ("[1, 2]", "off và working"),
        ("holidays: []", "khóa lạ holidays"),
        ("off: 2026-01-02", "phải là danh sách"),
        ("off: [{reason: x}]", r"off\[1\]: on: thiếu ngày"),
        ("off: [{on: 31/12/2026, reason: x}]", r"off\[1\]: on: thiếu ngày"),
        ("off: [{on: 2026-01-02}]", r"off\[1\]: reason: thiếu lý do"),
        ("off: [{on: 2026-01-02, reason: x, why: y}]", "khóa lạ why"),
        ("off: [{on: 2026-01-02, reason: x}, {on: 2026-01-02, reason: y}]", "ghi hai lần"),
        ("off: [{on: 2026-01-02, reason: x}]\nworking: [{on: 2026-01-02, reason: y}]", "cả off và working"),
    ],
)
def test_a_wrong_override_file_names_file_and_place(tmp_path: Path, content: str, told: str) -> None:
    file = tmp_path / "holidays.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=told) as stopped:
        load_working_days(file)
    assert str(file) in str(stopped.value)


@given(any_day)
def test_the_last_working_day_is_the_nearest_one(day: date) -> None:
    last = DAYS.last_on_or_before(day)
    assert DAYS.is_working(last) and last <= day
    assert not any(DAYS.is_working(last + timedelta(days=n)) for n in range(1, (day - last).days + 1))


@given(any_day, st.integers(-20, 20))
def test_adding_working_days_counts_exactly_that_many(day: date, n: int) -> None:
    there = DAYS.add(day, n)
    if n > 0:
        assert DAYS.is_working(there) and DAYS.between(day, there) == n
    elif n < 0:
        # From `there` to the day before `day` lie all but one of the days stepped over: `there` itself is the last.
        assert DAYS.is_working(there) and DAYS.between(there, day - timedelta(days=1)) == -n - 1
    else:
        assert there == day


@given(any_day, any_day)
def test_counting_backwards_is_the_negative(a: date, b: date) -> None:
    assert DAYS.between(a, b) == -DAYS.between(b, a)
