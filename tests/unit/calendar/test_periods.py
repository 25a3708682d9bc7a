"""The statutory dates 2026-2030, to the second, and rules that cannot be."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.calendar.periods import before_calendar, find_period, openings, periods_of
from baocao.calendar.workdays import WorkingDays
from baocao.model.period import Level, PeriodKind
from baocao.settings import ConfigurationError
from builders.packs.pack import regime_with, six_month, thanh_hoa, thanh_hoa_periods

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
DAYS = WorkingDays()

# period, commune: due and safe, province: due and safe (day/month of the period's year)
TABLE = [
    ("2026-H1", "19/6", "19/6", "24/6", "24/6"),
    ("2026-Y", "19/12", "18/12", "24/12", "24/12"),
    ("2027-H1", "19/6", "18/6", "24/6", "24/6"),
    ("2027-Y", "19/12", "17/12", "24/12", "24/12"),
    ("2028-H1", "19/6", "19/6", "24/6", "23/6"),
    ("2028-MID", "24/8", "24/8", "31/8", "31/8"),
    ("2028-Y", "19/12", "19/12", "24/12", "22/12"),
    ("2029-H1", "19/6", "19/6", "24/6", "22/6"),
    ("2029-Y", "19/12", "19/12", "24/12", "24/12"),
    ("2030-H1", "19/6", "19/6", "24/6", "24/6"),
    ("2030-END", "24/8", "23/8", "31/8", "30/8"),
    ("2030-Y", "19/12", "19/12", "24/12", "24/12"),
]


def day(text: str, code: str) -> date:
    number, month = map(int, text.split("/"))
    return date(int(code[:4]), month, number)


@pytest.mark.parametrize(("code", "unit_due", "unit_safe", "province_due", "province_safe"), TABLE)
def test_each_period_has_its_unit_and_province_deadlines(
    code: str, unit_due: str, unit_safe: str, province_due: str, province_safe: str
) -> None:
    period = thanh_hoa_periods()[code]
    for deadline, due, safe in ((period.unit, unit_due, unit_safe), (period.province, province_due, province_safe)):
        on = day(due, code)
        assert deadline.due_at == datetime(on.year, on.month, on.day, 23, 59, 59, tzinfo=VIETNAM)
        assert deadline.due_at.isoformat() == f"{on}T23:59:59+07:00"
        assert deadline.safe_on == day(safe, code)


def test_the_shipped_pack_has_exactly_the_listed_periods() -> None:
    assert list(thanh_hoa_periods()) == [row[0] for row in TABLE]


@pytest.mark.parametrize(
    ("code", "covers_from", "cutoff"),
    [
        ("2026-H1", date(2025, 12, 15), date(2026, 6, 14)),
        ("2026-Y", date(2025, 12, 15), date(2026, 12, 14)),
        ("2028-MID", date(2025, 12, 15), date(2028, 8, 14)),
        ("2030-END", date(2025, 12, 15), date(2030, 8, 14)),
    ],
)
def test_each_period_covers_its_days_up_to_cutoff(code: str, covers_from: date, cutoff: date) -> None:
    period = thanh_hoa_periods()[code]
    assert (period.covers_from, period.cutoff_on) == (covers_from, cutoff)


def test_the_level_asked_for_is_the_level_given() -> None:
    period = thanh_hoa_periods()["2026-H1"]
    assert period.deadline(Level.UNIT).due_at.day == 19
    assert period.deadline(Level.PROVINCE).due_at.day == 24


def test_the_lock_comes_later_than_the_deadline() -> None:
    (period,) = periods_of(regime_with(six_month()), DAYS)
    assert period.unit.locked_after - period.unit.due_at == timedelta(days=3)
    assert all(p.unit.locked_after > p.unit.due_at for p in thanh_hoa_periods().values())


def test_every_window_opens_at_its_own_vietnamese_time() -> None:
    periods = list(thanh_hoa_periods().values())
    assert len({p.opens_at for p in periods}) == len(periods)
    assert periods == sorted(periods, key=lambda p: p.opens_at)
    assert all(p.opens_at.tzinfo == VIETNAM and p.opens_at.hour == 8 for p in periods)
    assert all(p.opens_at.date() + timedelta(days=15) <= p.unit.safe_on for p in periods), "the first reminder is T-15"


def test_scheduled_openings_are_those_of_the_periods() -> None:
    assert [(o.code, o.opens_at) for o in openings(thanh_hoa().regime)] == [
        (p.code, p.opens_at) for p in thanh_hoa_periods().values()
    ]


def test_an_unknown_period_code_lists_the_known_ones() -> None:
    periods = tuple(thanh_hoa_periods().values())
    assert find_period(periods, "2028-MID").name == "đánh giá giữa kỳ (giai đoạn 2026 - 2028)"
    with pytest.raises(ConfigurationError, match=r"2026-H2.*2026-H1, 2026-Y"):
        find_period(periods, "2026-H2")


def test_enabled_monthly_periods_start_on_the_15th() -> None:
    rules = [r.model_dump() for r in thanh_hoa().regime.periods if r.kind == PeriodKind.MONTHLY]
    periods = periods_of(regime_with({**rules[0], "enabled": True}), DAYS)
    assert len(periods) == 60
    periods = periods[:12]
    assert [p.code for p in periods] == [f"2026-M{m:02d}" for m in range(1, 13)]
    january, december = periods[0], periods[-1]
    assert (january.covers_from, january.cutoff_on) == (date(2025, 12, 15), date(2026, 1, 14))
    assert (december.covers_from, december.name) == (date(2026, 11, 15), "tháng 12/2026")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"opens": {"day": 31, "month": 6}}, "không có ngày 31/06/2026"),
        ({"cutoff": {"day": 19, "month": 6}}, r"periods\.six_month\.unit\.before: V45"),
        ({"cutoff": {"day": 14, "month": 12, "year": -1}}, r"cutoff: kỳ 2026-H1"),
        ({"opens": {"day": 21, "month": 6}}, r"opens: kỳ 2026-H1"),
        (
            {"province": {"before": {"day": 20, "month": 6}, "locked_days_after_due": 0, "anchor": "A"}},
            "hạn của tỉnh phải sau",
        ),
        ({"years": [2026, 2026]}, "2026-H1 bị trùng"),
    ],
)
def test_an_impossible_rule_is_refused_with_its_key(changes: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigurationError, match=told):
        periods_of(regime_with(six_month(**changes)), DAYS)


def test_a_kind_can_be_enabled_from_a_day() -> None:
    rules = [r.model_dump() for r in thanh_hoa().regime.periods if r.kind == PeriodKind.MONTHLY]
    regime = regime_with({**rules[0], "enabled": date(2029, 11, 1)})
    assert [p.opens_at.date() >= date(2029, 11, 1) for p in periods_of(regime, DAYS)] == [True] * 14
    assert [o.code for o in openings(regime)][:3] == ["2029-M11", "2029-M12", "2030-M01"]


def test_deadlines_need_a_working_day_after_the_cutoff() -> None:
    friday, sunday = {"day": 12, "month": 6}, {"day": 15, "month": 6}
    rule = six_month(cutoff=friday, unit={"before": sunday, "locked_days_after_due": 3, "anchor": "A"})
    with pytest.raises(ConfigurationError, match="V45"):
        periods_of(regime_with(rule), DAYS)


def test_a_monthly_deadline_inside_tet_is_refused() -> None:
    (rule,) = (r.model_dump() for r in thanh_hoa().regime.periods if r.kind == PeriodKind.MONTHLY)
    early = {"before": {"day": 20}, "locked_days_after_due": 3, "anchor": "A"}
    with pytest.raises(ConfigurationError, match="2026-M02: giữa ngày chốt 2026-02-14 và hạn gửi 2026-02-19"):
        periods_of(regime_with({**rule, "enabled": True, "unit": early}), DAYS)


def test_two_rules_that_open_together_are_refused() -> None:
    other = six_month(kind="annual", code="{year}-Y")
    for compute in (openings, lambda regime: periods_of(regime, DAYS)):
        with pytest.raises(ConfigurationError, match=r"opens.*bị trùng"):
            compute(regime_with(six_month(), other))


def test_one_code_twice_stops_the_schedule_too() -> None:
    rule = six_month(kind="quick", cycle={"months": 6, "parts": [1]}, opens={"day": 2, "month": 6})
    with pytest.raises(ConfigurationError, match="2026-H1 bị trùng"):
        openings(regime_with(six_month(), rule))


@pytest.mark.parametrize(
    ("days_for_comments", "province_before", "until"),
    [
        # The units have until Friday 19/6; the province's last working day in time is the 24th.
        (0, 25, None),
        (1, 25, date(2026, 6, 22)),
        (2, 25, date(2026, 6, 23)),
        (9, 25, date(2026, 6, 23)),
        (1, 24, date(2026, 6, 22)),
        (1, 23, None),
        (1, 22, None),
    ],
)
def test_comments_end_before_the_provinces_own_last_day(
    days_for_comments: int, province_before: int, until: date | None
) -> None:
    province = {"before": {"day": province_before, "month": 6}, "locked_days_after_due": 5, "anchor": "A"}
    regime = regime_with(six_month(province=province), lead_comment_days=days_for_comments)
    (period,) = periods_of(regime, DAYS)
    expected = None if until is None else datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=VIETNAM)
    assert period.comments_until == expected
    assert period.consolidates_after == (expected or period.unit.due_at)


def test_an_unknown_time_zone_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Asia/Hanoi"):
        openings(regime_with(six_month(), time_zone="Asia/Hanoi"))


@given(st.integers(2026, 2035), st.dates(date(2026, 6, 21), date(2026, 7, 31)))
def test_safe_is_the_last_working_day_in_time(year: int, before: date) -> None:
    rule = six_month(
        years=[year],
        unit={"before": {"day": before.day, "month": before.month}, "locked_days_after_due": 1, "anchor": "A"},
        province={"before": {"day": 1, "month": 9}, "locked_days_after_due": 1, "anchor": "A"},
    )
    (period,) = periods_of(regime_with(rule), DAYS)
    due = period.unit.due_at.date()
    assert due == date(year, before.month, before.day) - timedelta(days=1)
    assert DAYS.is_working(period.unit.safe_on) and period.unit.safe_on <= due
    assert DAYS.between(period.unit.safe_on, due) == 0


@pytest.mark.parametrize(
    ("code", "known"),
    [
        ("2025-Y", (PeriodKind.ANNUAL, date(2024, 12, 15), date(2025, 12, 14))),
        ("2025-H1", (PeriodKind.SIX_MONTH, date(2024, 12, 15), date(2025, 6, 14))),
        ("truoc-day", None),
    ],
)
def test_earlier_periods_have_the_cutoff_of_their_kind(code: str, known: tuple[str, date, date] | None) -> None:
    assert before_calendar(thanh_hoa().regime, code) == known


def test_kinds_with_a_fixed_cutoff_have_no_past() -> None:
    assert before_calendar(regime_with(six_month(cutoff={"on": "2026-06-14"})), "2025-H1") is None
