"""What one unit owes, until when, locked when, and why."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.model.deadline import UnitDeadline, Waiver, WaiverKind, refuse_extension, time_left, unit_deadline
from builders.mail.delivery import at

DUE, LOCK = at(19, 23, 59), at(29, 23, 59)


def extension(until: datetime, granted: datetime, withdrawn: datetime | None = None) -> Waiver:
    return Waiver("90001", WaiverKind.EXTENSION, until, "Mất điện", "Thường trực", granted, withdrawn_at=withdrawn)


def exemption(granted: datetime, withdrawn: datetime | None = None) -> Waiver:
    return Waiver("90001", WaiverKind.WAIVER, None, "Lũ", "Thường trực", granted, withdrawn_at=withdrawn)


def asked(*granted: Waiver, as_of: datetime | None = None) -> UnitDeadline:
    return unit_deadline("90001", DUE, LOCK, granted, as_of=as_of)


def test_without_anything_granted_the_periods_own_deadline_holds() -> None:
    own = asked()
    assert (own.owes, own.due_at, own.locked_after, own.because, own.told_at) == (True, DUE, LOCK, None, None)


def test_an_extension_also_moves_the_lock_once_granted() -> None:
    granted = extension(at(30, 23, 59), at(18))
    assert asked(granted, as_of=at(17)).due_at == DUE
    own = asked(granted, as_of=at(18))
    assert (own.due_at, own.locked_after, own.told_at) == (at(30, 23, 59), at(30, 23, 59), at(18))
    assert asked(extension(at(22), at(18))).locked_after == LOCK


def test_an_extension_to_no_later_day_changes_nothing() -> None:
    for day in (at(10), DUE):
        own = asked(extension(day, at(9)))
        assert (own.due_at, own.extended, own.told_at) == (DUE, False, None)
    assert asked(extension(DUE + timedelta(seconds=1), at(9))).extended


def test_the_latest_day_of_several_extensions_counts() -> None:
    late, early = extension(at(28), at(17)), extension(at(24), at(18))
    assert asked(late, early).due_at == asked(early, late).due_at == at(28)


def test_taking_an_extension_back_restores_the_earlier_deadline() -> None:
    first, second = extension(at(22), at(17)), extension(at(26), at(18), withdrawn=at(20))
    assert [asked(first, second, as_of=at(day)).due_at for day in (19, 20)] == [at(26), at(22)]
    assert asked(first, second, as_of=at(21)).told_at == at(20)
    assert asked(extension(at(26), at(18), withdrawn=at(20)), as_of=at(21)).due_at == DUE


def test_a_waiver_outweighs_extensions_and_leaves_them_intact() -> None:
    held, waived = extension(at(26), at(17)), exemption(at(18), withdrawn=at(20))
    assert [asked(held, waived, as_of=at(day)).owes for day in (17, 19, 20)] == [True, False, True]
    assert [asked(held, waived, as_of=at(day)).extended for day in (17, 19, 20)] == [True, False, True]
    assert asked(held, waived, as_of=at(21)).due_at == at(26)


def test_another_units_waiver_is_nobodys_business() -> None:
    other = Waiver("90002", WaiverKind.WAIVER, None, "Lũ", "Thường trực", at(1))
    assert asked(other).owes


def test_only_a_later_future_day_may_be_granted() -> None:
    assert refuse_extension(asked(), at(20), at(18)) == refuse_extension(asked(), at(20), at(20)) == ""
    assert "phải muộn hơn hạn hiện nay" in refuse_extension(asked(), DUE, at(18))
    assert "phải muộn hơn hạn hiện nay" in refuse_extension(asked(extension(at(26), at(17))), at(24), at(18))
    assert "đã qua" in refuse_extension(asked(), at(20), at(21))
    assert "đang được miễn" in refuse_extension(asked(exemption(at(17))), at(24), at(18))


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (timedelta(days=9, hours=5), "còn 9 ngày"),
        (timedelta(days=7, hours=5), "còn 7 ngày"),
        (timedelta(days=6, hours=23, minutes=59), "còn 6 ngày 23 giờ"),
        (timedelta(days=1), "còn 1 ngày"),
        (timedelta(hours=23, minutes=59, seconds=59), "còn 23 giờ 59 phút"),
        (timedelta(hours=1), "còn 1 giờ 0 phút"),
        (timedelta(minutes=59, seconds=59.9), "còn 59 phút"),
        (timedelta(minutes=1), "còn 1 phút"),
        (timedelta(0), "còn 0 phút"),
        (timedelta(seconds=-1), "đã quá hạn 0 phút"),
        (timedelta(days=-2), "đã quá hạn 2 ngày"),
    ],
)
def test_deadlines_count_down_in_days_hours_and_minutes(before: timedelta, said: str) -> None:
    assert time_left(DUE, DUE - before) == said


moments = st.integers(0, 40).map(lambda days: at(1) + timedelta(days=days))
extensions = st.builds(extension, moments, moments, st.none() | moments)
exemptions = st.builds(exemption, moments, st.none() | moments)


@given(st.lists(extensions | exemptions, max_size=6), moments)
def test_no_grant_gives_a_unit_less_time(granted: list[Waiver], as_of: datetime) -> None:
    own = asked(*granted, as_of=as_of)
    assert own.due_at >= DUE and own.locked_after >= max(LOCK, own.due_at)
    assert own.told_at is None or own.told_at <= as_of
    if own.because is not None:
        assert own.because.in_force(as_of)
    # Nothing that happens later is known now.
    known = [g for g in granted if g.granted_at <= as_of]
    assert asked(*known, as_of=as_of) == own
