"""Reminders about inspections: who is told what when, never twice, until the conclusion is there."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from baocao.delivery.reminding.decisions import Outcome, RunResult
from baocao.delivery.reminding.inspections import InspectionDecision, ledger_period, plan, run
from baocao.model.inspection import Act, Inspection, InspectionStatus
from baocao.store import inspection_register as register
from baocao.store.database import Store
from baocao.store.tables import outbox, reminder
from builders.packs.inspections import (
    DAYS,
    MUTE,
    a_line,
    a_plan,
    an_inspection,
    inspecting_pack,
    moment,
    to_finished,
)

PACK = inspecting_pack()


def decide(one: Inspection, as_of: datetime, *recorded: str, of: object = PACK) -> list[tuple[str, str, str]]:
    ledger = {(one.id, key) for key in recorded}
    found = plan(of, [one], as_of, ledger, days=DAYS)  # type: ignore[arg-type]
    return [(d.reminder.key, d.outcome.value, d.recipient) for d in found]


def test_the_inspecting_body_is_reminded_of_its_notice() -> None:
    # The inspection is planned for Monday 9/3: three working days before is the 4th, three before that the 27th.
    planned = an_inspection("PLANNED")
    assert decide(planned, moment(2, 27, 7)) == []
    assert decide(planned, moment(2, 27, 8)) == [("notify-3", "SENT", "so@tinh.example")]
    assert decide(planned, moment(3, 4), "notify-3") == [("notify+0", "SENT", "so@tinh.example")]


def test_head_is_told_on_the_sixth_working_day() -> None:
    begun = an_inspection("STARTED")
    assert decide(begun, moment(3, 12, 23)) == []
    assert decide(begun, moment(3, 13, 8)) == [("finish+0", "SENT", "so@tinh.example")]
    assert decide(begun, moment(3, 16), "finish+0") == [("finish+1", "SENT", "giam-doc@tinh.example")]


def test_a_missing_conclusion_is_asked_for_repeatedly() -> None:
    ended = an_inspection("FINISHED")  # on 13/3; due on 3/4
    assert decide(ended, moment(4, 3, 7)) == []
    recorded: list[str] = []
    day, told = date(2026, 4, 3), []
    while day < date(2026, 5, 30):
        as_of = moment(day.month, day.day)
        for key, outcome, _ in decide(ended, as_of, *recorded):
            recorded.append(key)
            told.append((key, day, outcome))
        day += timedelta(days=1)
    assert [key for key, _, _ in told[:4]] == ["conclude+0", "conclude+5", "conclude+5.2", "conclude+5.3"]
    assert {outcome for _, _, outcome in told} == {"SENT"}
    assert len(told) >= 6
    assert all(DAYS.between(a[1], b[1]) == 5 for a, b in itertools.pairwise(told))
    assert decide(an_inspection("CONCLUDED"), moment(5, 29)) == []


def test_after_an_outage_only_the_latest_reminder_leaves() -> None:
    ended = an_inspection("FINISHED")
    decided = decide(ended, moment(4, 20))
    assert [d[:2] for d in decided] == [
        ("conclude+0", "OVERTAKEN"),
        ("conclude+5", "OVERTAKEN"),
        ("conclude+5.2", "SENT"),
    ]


def test_a_plan_entered_late_is_reminded_at_once() -> None:
    assert decide(an_inspection("PLANNED"), moment(6, 1))[-1][:2] == ("notify+0", "SENT")


def test_a_cancelled_inspection_reminds_nobody() -> None:
    assert decide(an_inspection("CANCELLED"), moment(6, 1)) == []


def test_a_body_without_an_address_is_recorded() -> None:
    assert decide(an_inspection("PLANNED", lead=MUTE.code), moment(3, 1)) == [("notify-3", "NO_ADDRESS", "")]


def test_a_regime_that_keeps_no_register_reminds_nobody() -> None:
    without = replace(PACK, regime=PACK.regime.model_copy(update={"inspections": None}))
    assert decide(an_inspection("PLANNED"), moment(6, 1), of=without) == []


# Any order of runs and acts ------------------------------------------------------------------------------------------

START = moment(2, 16, 0)
HOURS = st.integers(min_value=0, max_value=120 * 24)
ROAD = list(InspectionStatus)[:5]


def _at(hours: int, moves: list[int]) -> Inspection:
    """The inspection as it stands so many hours after the start; `moves` are the hours of its four acts."""
    reached = sum(move <= hours for move in moves)
    days = [(START + timedelta(hours=move)).date() for move in moves]
    changes: dict[str, object] = {}
    if reached >= 2:
        changes["started_on"] = days[1]
    if reached >= 3:
        changes |= {"ended_on": days[2], "record_on": days[2]}
    return an_inspection(ROAD[reached].value, **changes)


@settings(max_examples=120, deadline=None)
@given(
    runs=st.lists(HOURS, min_size=1, max_size=30).map(sorted),
    moves=st.lists(HOURS, min_size=4, max_size=4).map(sorted),
)
def test_any_order_sends_each_step_at_most_once(runs: list[int], moves: list[int]) -> None:
    ledger: dict[tuple[int, str], InspectionDecision] = {}
    for hour in runs:
        one, as_of = _at(hour, moves), START + timedelta(hours=hour)
        decisions = plan(PACK, [one], as_of, set(ledger), days=DAYS)
        went = [d for d in decisions if d.outcome is not Outcome.OVERTAKEN]
        assert len(went) <= 1, "more than one letter about an inspection in one run"
        for decision in decisions:
            assert (one.id, decision.reminder.key) not in ledger, "a step was decided twice"
            assert decision.act is dict(zip(ROAD, Act, strict=False))[one.status], "a step about another act"
            assert decision.reminder.fires_at <= as_of
            later = [d for d in ledger.values() if d.act is decision.act]
            assert all(d.reminder.fires_at <= decision.reminder.fires_at for d in later), "a lower step later"
            ledger[one.id, decision.reminder.key] = decision
        if decisions:
            assert decisions[-1].outcome is Outcome.SENT


# Written down --------------------------------------------------------------------------------------------------------


def remind(store: Store, as_of: datetime) -> RunResult:
    with store.begin() as conn:
        return run(conn, store.settings, PACK, DAYS, as_of)


def test_a_second_run_adds_neither_letter_nor_record(store: Store) -> None:
    with store.begin() as conn:
        (id,) = a_plan(conn)
        to_finished(conn, id)
    assert remind(store, moment(4, 20)) == RunResult(sent=1, mails=1, overtaken=2, no_address=0)
    assert remind(store, moment(4, 20)) == RunResult(0, 0, 0, 0)
    with store.read() as conn:
        rows = conn.execute(select(reminder).order_by(reminder.c.id)).all()
        (letter,) = conn.execute(select(outbox)).all()
    assert [(r.period, r.unit, r.step, r.outcome) for r in rows] == [
        (ledger_period(id), "T-SYT", "conclude+0", "OVERTAKEN"),
        (ledger_period(id), "T-SYT", "conclude+5", "OVERTAKEN"),
        (ledger_period(id), "T-SYT", "conclude+5.2", "SENT"),
    ]
    assert rows[-1].outbox_id == letter.id
    assert letter.recipient == "giam-doc@tinh.example"
    assert "Kính gửi: Lãnh đạo Sở Thử nghiệm" in letter.text
    assert "quá hạn" in letter.subject and "xã Thử Nghiệm 90001" in letter.subject


def test_two_inspections_of_one_body_are_reminded_apart(store: Store) -> None:
    with store.begin() as conn:
        a_plan(conn, a_line(), a_line("90002"), a_line("90001", date(2026, 3, 16), date(2026, 3, 20)))
    assert remind(store, moment(3, 2)).sent == 2
    assert remind(store, moment(3, 6)).sent == 3


def test_a_body_without_an_address_raises_one_alarm(store: Store) -> None:
    with store.begin() as conn:
        a_plan(conn, replace(a_line(), lead=MUTE.code), replace(a_line("90002"), lead=MUTE.code))
    assert remind(store, moment(3, 2)).no_address == 2
    with store.read() as conn:
        (alarm,) = conn.execute(select(outbox)).all()
    assert alarm.unit == "operator" and "T-LD" in alarm.subject
    assert "units.csv" in alarm.text


def test_a_cancelled_inspection_gets_no_further_reminder(store: Store) -> None:
    with store.begin() as conn:
        (id,) = a_plan(conn)
    assert remind(store, moment(3, 2)).sent == 1
    with store.begin() as conn:
        register.cancel(conn, id, at=moment(3, 3), reason="Trùng lịch thanh tra")
    assert remind(store, moment(3, 30)) == RunResult(0, 0, 0, 0)
