"""The reminder ledger, decided without a database: who is written to, when, and never twice."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baocao.calendar.workdays import WorkingDays
from baocao.delivery.reminding.decisions import Outcome, ReminderDecision
from baocao.delivery.reminding.ladder import LadderDeadline, check_ladder, steps_owed
from baocao.delivery.reminding.reminders import plan
from baocao.settings import ConfigurationError
from baocao.store.waivers import Waiver
from builders.mail.delivery import DUE, LADDER, PERIOD, at, exemption, extension, owed, pack, regime, unit

DAYS = WorkingDays()
ONE = pack(unit("90001", head_email="lanh-dao@xa.example"))


def decide(
    as_of: datetime,
    *,
    done: set[str] | None = None,
    granted: tuple[Waiver, ...] = (),
    ledger: set[tuple[str, str]] | None = None,
    units: tuple[str, ...] = ("90001",),
    of: object = ONE,
) -> list[ReminderDecision]:
    return plan(
        of,
        PERIOD,
        as_of,
        [owed(u) for u in units],
        done or set(),
        granted,
        ledger or set(),
        days=DAYS,  # type: ignore[arg-type]
    )


def said(decisions: list[ReminderDecision]) -> list[tuple[str, str]]:
    return [(d.key, d.outcome.value) for d in decisions]


def test_each_step_fires_on_time_before_the_deadline() -> None:
    ladder = steps_owed(regime(), LadderDeadline(DUE, PERIOD.opens_at, extended=False), DAYS)

    # 19/6/2026 is a Friday: three working days before it is Tuesday the 16th.
    assert [(r.key, r.fires_at) for r in ladder] == [
        ("t-15", at(4)),
        ("t-7", at(12)),
        ("t-3", at(16)),
        ("t-1", at(18)),
        ("t+0", at(20)),
        ("t+1", at(21)),
        ("t+2", at(22)),
    ]


def test_before_a_weekend_deadline_steps_count_from_friday() -> None:
    sunday = datetime(2026, 12, 20, 23, 59, 59, tzinfo=DUE.tzinfo)
    ladder = {
        r.key: r.fires_at.date()
        for r in steps_owed(regime(), LadderDeadline(sunday, PERIOD.opens_at, extended=False), DAYS)
    }

    assert ladder["t-1"] == date(2026, 12, 17)
    assert ladder["t-3"] == date(2026, 12, 15)
    assert ladder["t+0"] == date(2026, 12, 21)


def test_the_first_letter_goes_out_exactly_on_time() -> None:
    assert decide(at(4, 7, 59)) == []
    (first,) = decide(at(4))
    assert (first.key, first.outcome, first.recipient) == ("t-15", Outcome.SENT, "xa-90001@xa.example")


def test_a_recorded_step_is_not_decided_again() -> None:
    assert decide(at(5), ledger={("90001", "t-15")}) == []


def test_after_an_outage_only_the_latest_reminder_leaves() -> None:
    assert said(decide(at(18, 9), ledger={("90001", "t-15")})) == [
        ("t-7", "OVERTAKEN"),
        ("t-3", "OVERTAKEN"),
        ("t-1", "SENT"),
    ]


def test_a_lower_step_never_follows_a_higher_one() -> None:
    assert said(decide(at(20, 9), ledger={("90001", "t-1")})) == [("t+0", "SENT")]


def test_an_accepted_report_stops_all_reminders() -> None:
    assert decide(at(22, 9), done={"90001"}) == []


def test_reminders_climb_from_head_to_the_leadership() -> None:
    recipients = {d.key: d.recipient for day in (20, 21, 22) for d in decide(at(day, 9)) if d.outcome is Outcome.SENT}

    assert recipients == {
        "t+0": "lanh-dao@xa.example",
        "t+1": "thuong-truc@tinh.example",
        "t+2": "lanh-dao@tinh.example",
    }


def test_reminders_to_heads_fall_back_to_the_unit() -> None:
    decisions = decide(at(20, 9), of=pack(unit("90001")))
    assert decisions[-1].recipient == "xa-90001@xa.example"


@pytest.mark.parametrize("address", ["", "chưa có", "xa@@xa.example"])
def test_an_unusable_unit_address_is_recorded_without_sending(address: str) -> None:
    assert said(decide(at(12, 9), of=pack(unit("90001", email=address)))) == [
        ("t-15", "OVERTAKEN"),
        ("t-7", "NO_ADDRESS"),
    ]


def test_units_missing_from_the_pack_are_still_recorded() -> None:
    assert said(decide(at(4, 9), of=pack())) == [("t-15", "NO_ADDRESS")]


def test_a_waiver_stops_reminders_once_granted() -> None:
    granted = (exemption("90001", at(10)),)

    assert said(decide(at(5), granted=granted)) == [("t-15", "SENT")]
    assert decide(at(22), granted=granted) == []


def test_an_extension_moves_reminders_to_the_new_deadline() -> None:
    granted = (extension("90001", at(29, 23, 59), at(17)),)

    assert decide(at(20, 9), granted=granted) == []
    assert said(decide(at(22, 9), granted=granted)) == [("t-7@2026-06-29", "SENT")]
    assert said(decide(at(30, 9), granted=granted, ledger={("90001", "t-1@2026-06-29")})) == [
        ("t+0@2026-06-29", "SENT")
    ]


def test_steps_passed_before_an_extension_are_not_owed() -> None:
    granted = (extension("90001", at(23, 23, 59), at(19, 10)),)

    assert decide(at(19, 11), granted=granted) == []
    assert said(decide(at(22, 9), granted=granted)) == [("t-1@2026-06-23", "SENT")]


def test_an_extension_to_an_earlier_date_changes_nothing() -> None:
    granted = (extension("90001", at(10), at(3)),)
    assert said(decide(at(4, 9), granted=granted)) == [("t-15", "SENT")]


def test_of_two_extensions_the_last_one_granted_counts() -> None:
    granted = (extension("90001", at(29, 23, 59), at(18)), extension("90001", at(25, 23, 59), at(17)))
    assert said(decide(at(22, 9), granted=granted)) == [("t-7@2026-06-29", "SENT")]


@pytest.mark.parametrize(("opened_at", "steps"), [(at(16, 7, 59), ["t-3"]), (at(16), []), (at(16, 8, 30), [])])
def test_a_window_opened_late_starts_its_reminders_then(opened_at: datetime, steps: list[str]) -> None:
    decisions = plan(ONE, PERIOD, at(16, 9), [owed("90001")], set(), (), set(), days=DAYS, opened_at=opened_at)
    assert [d.key for d in decisions] == steps


def test_reminder_steps_are_ordered_by_their_moment() -> None:
    deadline = LadderDeadline(DUE, PERIOD.opens_at, extended=False)
    assert steps_owed(regime(LADDER[::-1]), deadline, DAYS) == steps_owed(regime(), deadline, DAYS)


@pytest.mark.parametrize("hour", [0, 23])
def test_every_hour_of_the_day_will_do(hour: int) -> None:
    check_ladder(regime([step | {"at_hour": hour} for step in LADDER]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"template": "xin_chao"}, "t-7.template"),
        ({"days_from_due": 1}, "đúng một trong"),
        ({"digest": True}, "t-7.digest"),
        ({"at_hour": 24}, "t-7.at_hour"),
        ({"id": "t-15"}, "bị trùng"),
        ({"id": "mot-buoc-nhac-ten-qua-dai"}, "quá dài"),
    ],
)
def test_an_impossible_reminder_step_names_step_and_key(change: dict[str, object], words: str) -> None:
    broken = [step | (change if step["id"] == "t-7" else {}) for step in LADDER]
    with pytest.raises(ConfigurationError, match=words):
        check_ladder(regime(broken))


# Any schedule of runs and outages, with arrivals, waivers and extensions in between ---------------------------------

UNITS = ("90001", "90002", "90003")
START = at(1)
HOURS = st.integers(min_value=0, max_value=40 * 24)


@dataclass
class Story:
    """Runs the plan over a history and keeps the ledger as the database would."""

    ledger: dict[tuple[str, str], Outcome] = field(default_factory=dict)
    order: dict[str, list[ReminderDecision]] = field(default_factory=lambda: {u: [] for u in UNITS})

    def run(self, as_of: datetime, done: set[str], granted: list[Waiver]) -> None:
        everyone = pack(unit("90001"), unit("90002"), unit("90003", email=""))
        decisions = plan(everyone, PERIOD, as_of, [owed(u) for u in UNITS], done, granted, set(self.ledger), days=DAYS)
        for decision in decisions:
            assert (decision.unit, decision.key) not in self.ledger, "a step was decided twice"
            assert decision.unit not in done, "a unit with an accepted report was reminded"
            self.ledger[decision.unit, decision.key] = decision.outcome
            self.order[decision.unit].append(decision)
        for code in UNITS:
            went = [d for d in decisions if d.unit == code and d.outcome is not Outcome.OVERTAKEN]
            assert len(went) <= 1, "more than one letter about a unit in one run"


@settings(max_examples=120, deadline=None)
@given(
    runs=st.lists(HOURS, min_size=1, max_size=25).map(sorted),
    arrivals=st.dictionaries(st.sampled_from(UNITS), HOURS),
    exemptions=st.dictionaries(st.sampled_from(UNITS), HOURS, max_size=1),
    extensions=st.lists(st.tuples(st.sampled_from(UNITS), HOURS, st.integers(min_value=1, max_value=12)), max_size=3),
)
def test_any_schedule_sends_each_step_at_most_once(
    runs: list[int],
    arrivals: dict[str, int],
    exemptions: dict[str, int],
    extensions: list[tuple[str, int, int]],
) -> None:
    story = Story()
    granted = [exemption(u, START + timedelta(hours=h)) for u, h in exemptions.items()]
    granted += [extension(u, DUE + timedelta(days=more), START + timedelta(hours=h)) for u, h, more in extensions]
    for hour in runs:
        as_of = START + timedelta(hours=hour)
        story.run(as_of, {u for u, h in arrivals.items() if h <= hour}, [g for g in granted if g.granted_at <= as_of])

    end = START + timedelta(hours=runs[-1])
    last = {g.unit: g for g in sorted(granted, key=lambda g: (g.until or DUE, g.granted_at)) if g.granted_at <= end}
    for code in UNITS:
        ranked: dict[str, list[datetime]] = {}
        for decision in story.order[code]:
            suffix = decision.key.removeprefix(decision.step.id)
            fires_at = next(r.fires_at for r in steps_owed(regime(), decision.deadline, DAYS) if r.key == decision.key)
            ranked.setdefault(suffix, []).append(fires_at)
        for moments in ranked.values():
            assert moments == sorted(moments), "a lower step was decided after a higher one"
        if code in arrivals and arrivals[code] <= runs[-1]:
            continue
        if any(u == code and START + timedelta(hours=h) <= end for u, h in exemptions.items()):
            continue
        deadline = LadderDeadline(DUE, PERIOD.opens_at, extended=False)
        if code in last:
            grant = last[code]
            assert grant.until is not None
            deadline = LadderDeadline(grant.until, max(grant.granted_at, PERIOD.opens_at), extended=True)
        due = [r for r in steps_owed(regime(), deadline, DAYS) if r.fires_at <= end]
        if due:
            addressed = code != "90003" or due[-1].step.to in {"lead", "leadership"}
            wanted = Outcome.SENT if addressed else Outcome.NO_ADDRESS
            assert story.ledger[code, due[-1].key] is wanted, "the highest pending step did not go out"
