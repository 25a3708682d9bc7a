"""The timetable: every period once, in order, whatever happens to the scheduler."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import baocao_timetable
import pendulum
import pytest
from baocao_calendar import period_opening_at, periods_of
from baocao_timetable import ReportingPeriodTimetable, SweepTimetable
from hypothesis import given, settings
from hypothesis import strategies as st

from baocao.calendar.periods import periods_of as compute_periods
from baocao.calendar.workdays import WorkingDays
from builders.packs.pack import regime_with

REGIME = "thanh-hoa-drug-programme"
START = pendulum.datetime(2020, 1, 1, tz="Asia/Ho_Chi_Minh")
MOMENTS = ("opens", "due")


def restriction(*, earliest=START, latest=None, catchup=True):
    from airflow.timetables.base import TimeRestriction

    return TimeRestriction(earliest=earliest, latest=latest, catchup=catchup)


def walk(timetable, limits, *, older_form=False):
    """Ask for the next run until there is none, as the scheduler does."""
    last, runs = None, []
    while True:
        if older_form:
            info = timetable.next_dagrun_info(
                last_automated_data_interval=last and last.data_interval, restriction=limits
            )
        else:
            info = timetable.next_dagrun_info_v2(last_dagrun_info=last, restriction=limits)
        if info is None:
            return runs
        runs.append(info)
        last = info


def codes(runs):
    return [period_opening_at(REGIME, info.logical_date).code for info in runs]


@pytest.mark.parametrize("older_form", [False, True])
@pytest.mark.parametrize("catchup", [False, True])
@pytest.mark.parametrize("moment", MOMENTS)
def test_every_period_to_2030_runs_once_in_order(moment, catchup, older_form):
    runs = walk(ReportingPeriodTimetable(REGIME, moment), restriction(catchup=catchup), older_form=older_form)
    assert codes(runs) == [
        "2026-H1", "2026-Y", "2027-H1", "2027-Y", "2028-H1", "2028-MID", "2028-Y", "2029-H1", "2029-Y", "2030-H1",
        "2030-END", "2030-Y",
    ]  # fmt: skip
    assert [r.run_after for r in runs] == sorted(r.run_after for r in runs)


def test_no_two_periods_share_a_logical_date():
    periods = periods_of(REGIME)
    assert len({p.covers_from for p in periods}) < len(periods), "the trap is there: 15/12 begins two intervals"
    for moment in MOMENTS:
        dates = [ReportingPeriodTimetable(REGIME, moment).info(p).logical_date for p in periods]
        assert len(set(dates)) == len(periods)


def test_report_starts_after_the_days_for_comments():
    period = next(p for p in periods_of(REGIME) if p.code == "2026-H1")
    opened = ReportingPeriodTimetable(REGIME, "opens").info(period)
    due = ReportingPeriodTimetable(REGIME, "due").info(period)
    assert opened.run_after == period.opens_at
    # Due on Friday the 19th; Monday is kept free for the lead bodies.
    assert due.run_after == pendulum.datetime(2026, 6, 23, 0, 0, 0, tz="Asia/Ho_Chi_Minh")
    assert due.data_interval.start == period.opens_at
    assert due.data_interval.end == pendulum.datetime(2026, 6, 24, 23, 59, 59, tz="Asia/Ho_Chi_Minh")


def test_runs_before_the_start_date_are_never_offered():
    """Airflow would mark it green without a single task. The window of 2026-H1 opened before, its run starts after."""
    late_start = pendulum.datetime(2026, 6, 10, tz="Asia/Ho_Chi_Minh")
    runs = walk(ReportingPeriodTimetable(REGIME, "due"), restriction(earliest=late_start))
    assert codes(runs)[0] == "2026-Y"
    assert all(r.logical_date >= late_start for r in runs)


def test_nothing_is_offered_after_the_end_date():
    runs = walk(ReportingPeriodTimetable(REGIME, "due"), restriction(latest=pendulum.datetime(2026, 12, 31, tz="UTC")))
    assert codes(runs) == ["2026-H1", "2026-Y"]


def test_windows_opened_before_the_installation_are_not_scheduled(monkeypatch):
    monkeypatch.setenv("BAOCAO_SCHEDULE_FROM", "2028-06-02")
    runs = walk(ReportingPeriodTimetable(REGIME, "due"), restriction())
    assert codes(runs)[0] == "2028-MID", "the window of 2028-H1 opened the day before"


def test_packs_go_live_day_overrides_an_earlier_start(monkeypatch):
    monkeypatch.setenv("BAOCAO_SCHEDULE_FROM", "2001-01-01")
    assert codes(walk(ReportingPeriodTimetable(REGIME, "opens"), restriction()))[0] == "2026-H1"


@settings(max_examples=60, deadline=None)
@given(
    moment=st.sampled_from(MOMENTS),
    awake=st.lists(st.integers(min_value=0, max_value=5 * 366), min_size=1, max_size=25),
    parsed=st.lists(st.booleans(), min_size=25, max_size=25),
    catchup=st.booleans(),
)
def test_every_past_period_runs_once_despite_outages(moment, awake, parsed, catchup):
    """A scheduler that is awake on any days of five years, and re-reads the DAG on any of them.

    Re-reading starts again from the run with the latest logical date, and a run that exists is skipped: that is what
    Airflow's scheduler does.
    """
    timetable = ReportingPeriodTimetable(REGIME, moment)
    limits = restriction(catchup=catchup)
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    created = {}
    planned = timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=limits)
    for day, reread in zip(sorted(awake), parsed, strict=False):
        now = begin + timedelta(days=day)
        if reread:
            latest = max(created.values(), key=lambda i: i.logical_date) if created else None
            planned = timetable.next_dagrun_info_v2(last_dagrun_info=latest, restriction=limits)
        while planned is not None and planned.run_after <= now:
            created.setdefault(planned.logical_date, planned)
            planned = timetable.next_dagrun_info_v2(last_dagrun_info=planned, restriction=limits)
    now = begin + timedelta(days=max(awake))
    due = {p.code for p in periods_of(REGIME) if timetable.info(p).run_after <= now}
    assert {period_opening_at(REGIME, d).code for d in created} == due


def test_only_scheduled_runs_are_named_by_period():
    from airflow.utils.types import DagRunType

    timetable = ReportingPeriodTimetable(REGIME, "due")
    info = timetable.info(periods_of(REGIME)[0])
    facts = {"run_after": info.run_after, "data_interval": info.data_interval}
    assert timetable.generate_run_id(run_type=DagRunType.SCHEDULED, **facts) == "2026-H1"
    assert timetable.generate_run_id(run_type=DagRunType.MANUAL, **facts).startswith("manual__2026-H1__20260622T17")
    nameless = timetable.generate_run_id(run_type=DagRunType.MANUAL, run_after=info.run_after, data_interval=None)
    assert nameless.startswith("manual__")


@pytest.mark.parametrize(
    ("day", "code"), [("2026-01-05", "2026-H1"), ("2026-07-01", "2026-H1"), ("2028-08-20", "2028-MID")]
)
def test_manual_run_uses_the_window_opened_last(day, code):
    interval = ReportingPeriodTimetable(REGIME, "due").infer_manual_data_interval(
        run_after=pendulum.parse(day, tz="Asia/Ho_Chi_Minh")
    )
    assert period_opening_at(REGIME, interval.start).code == code


def test_it_comes_back_the_same_from_airflows_database(bag):
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable

    scheduled = [dag for dag in bag.dags.values() if dag.timetable.can_be_scheduled]
    assert len(scheduled) >= 4
    for dag in scheduled:
        back = decode_timetable(encode_timetable(dag.timetable))
        assert back.serialize() == dag.timetable.serialize()
        assert back.summary == dag.timetable.summary
        assert type(back).__qualname__ == type(dag.timetable).__qualname__


def test_the_page_shows_the_timetable_in_vietnamese():
    assert ReportingPeriodTimetable(REGIME, "opens").summary == "12 kỳ: 2026-H1 đến 2030-Y, khi mở kỳ"


def test_where_nothing_will_run_the_page_says_why(monkeypatch):
    """Airflow leaves Next Run empty then."""
    timetable = ReportingPeriodTimetable(REGIME, "due")
    with monkeypatch.context() as later:
        later.setattr(pendulum, "now", lambda _: pendulum.datetime(2032, 1, 1))
        assert timetable.summary == "Lịch đã hết, kỳ cuối 2030-Y; chạy tay bằng Trigger"
    monkeypatch.setenv("BAOCAO_SCHEDULE_FROM", "2999-01-01")
    assert timetable.summary == "Lịch tự chạy đang tắt; chạy tay bằng Trigger"
    monkeypatch.setenv("BAOCAO_SCHEDULE_FROM", "2099-01-01")
    assert timetable.summary == "Không tự chạy trước 01/01/2099; chạy tay bằng Trigger"
    assert "nên chưa có lượt kế tiếp" in timetable.description


def test_page_tells_schedule_of_sweeps_in_words(bag, monkeypatch):
    from airflow.serialization.definitions.dag import SerializedDAG
    from airflow.serialization.serialized_objects import DagSerialization

    def shown(dag_id):
        dag = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(bag.dags[dag_id]))
        assert isinstance(dag, SerializedDAG)
        return dag.timetable.summary

    assert shown("collect_submissions") == "Mười lăm phút một lần và đúng giờ"
    assert shown("remind_units") == "Hằng giờ, từ 7 đến 18 giờ"
    assert shown("thanh_hoa_drug_programme__ad_hoc") == "Khi có yêu cầu: bấm Trigger"
    monkeypatch.setenv("BAOCAO_SCHEDULE_FROM", "2999-01-01")
    assert shown("remind_units") == "Lịch tự chạy đang tắt; chạy tay bằng Trigger"


def test_the_sweeps_start_with_the_installation(monkeypatch):
    sweep = SweepTimetable("*/15 * * * *", timezone="Asia/Ho_Chi_Minh")
    ask = {"last_automated_data_interval": None, "restriction": restriction(catchup=False)}
    assert sweep.next_dagrun_info(**ask).run_after <= pendulum.now("UTC")
    monkeypatch.setenv("BAOCAO_SCHEDULE_FROM", "2999-01-01")
    assert sweep.next_dagrun_info(**ask).run_after == pendulum.datetime(2999, 1, 1, tz="Asia/Ho_Chi_Minh")


WEEK = {
    "covers_from": {"weekday": "fri", "week_shift": -1},
    "cutoff": {"weekday": "thu"},
    "opens": {"weekday": "wed"},
    "unit": {"by": {"weekday": "fri"}, "if_day_off": "next_working_day", "locked_days_after_due": 7, "anchor": "A"},
}
KINDS = {"weekly": WEEK, "monthly": {}, "quarterly": {}, "six_month": {}, "nine_month": {}, "annual": {}}


def period_rule(kind, hour):
    said = {"locked_days_after_due": 7, "anchor": "A"}
    return {
        "kind": kind,
        "years": [2027, 2028],
        "opens": {"day": 1},
        "opens_at_hour": hour,
        "unit": {"by": {"working_days": 5}, **said},
        "province": {"by": {"working_days": 2, "after": "unit_deadline"}, **said},
        "anchor": "A",
        "recipients": [],
        **KINDS[kind],
    }


@settings(max_examples=30, deadline=None)
@given(kinds=st.sets(st.sampled_from(sorted(KINDS)), min_size=1), moment=st.sampled_from(MOMENTS), older=st.booleans())
def test_periods_of_mixed_kinds_run_once_each(kinds, moment, older):
    """Weeks, months, quarters open and fall due across each other."""
    rules = [period_rule(kind, 6 + n) for n, kind in enumerate(sorted(kinds))]
    periods = compute_periods(regime_with(*rules), WorkingDays())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(baocao_timetable, "scheduled_periods", lambda regime: periods)
        patched.setattr(
            baocao_timetable,
            "period_opening_at",
            lambda regime, instant: next((p for p in periods if p.opens_at == instant), None),
        )
        runs = walk(ReportingPeriodTimetable(REGIME, moment), restriction(), older_form=older)
    assert [r.run_after for r in runs] == sorted(r.run_after for r in runs)
    assert len({r.logical_date for r in runs}) == len(runs)
    assert {r.logical_date for r in runs} == {p.opens_at for p in periods}
