"""The register of inspections: filled in from left to right, on both databases, whoever writes."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import DatabaseError

from baocao.model.inspection import InspectionStatus
from baocao.store import inspection_register as register
from baocao.store.database import StaleStatus, StepNotAllowed, Store
from baocao.store.tables import inspection, inspection_plan
from builders.packs.inspections import (
    LEAD,
    REGIME,
    SHA,
    a_line,
    a_plan,
    moment,
    to_concluded,
    to_finished,
    to_started,
)

MONDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 13)


def only(store: Store, id: int) -> Any:
    with store.read() as conn:
        return register.inspection_of(conn, REGIME, id)


def test_a_plan_comes_back_ordered_by_day(store: Store) -> None:
    with store.begin() as conn:
        later, sooner = a_plan(conn, a_line("90001", date(2026, 5, 4), date(2026, 5, 8)), a_line("90002"))
        found = register.inspections(conn, REGIME)
        assert register.plan_file(conn, REGIME, 2026, "12/KH-STN") == SHA
    assert [one.id for one in found] == [sooner, later]
    assert (found[0].unit, found[0].lead, found[0].year, found[0].decision) == ("90002", LEAD.code, 2026, "12/KH-STN")
    assert (found[0].planned_from, found[0].planned_to, found[0].decided_on) == (MONDAY, FRIDAY, date(2026, 1, 15))
    assert found[0].status is InspectionStatus.PLANNED and found[0].is_open


def test_the_register_filters_by_year_and_body(store: Store) -> None:
    with store.begin() as conn:
        a_plan(conn, a_line("90001"), a_line("90002"))
        a_plan(conn, a_line("90001", date(2027, 3, 8), date(2027, 3, 12)), year=2027)
        assert len(register.inspections(conn, REGIME)) == 3
        assert [one.year for one in register.inspections(conn, REGIME, unit="90001")] == [2026, 2027]
        assert [one.unit for one in register.inspections(conn, REGIME, year=2027)] == ["90001"]
        assert register.inspections(conn, "che-do-khac") == []
        assert register.planned_years(conn, REGIME, [LEAD.code, "khac"]) == {2026, 2027}
        assert register.planned_years(conn, REGIME, ["khac"]) == set()


def test_a_years_plan_is_written_once_per_decision(store: Store) -> None:
    with store.begin() as conn:
        assert len(a_plan(conn)) == 1
        assert a_plan(conn, a_line("90002")) == []
        assert len(register.inspections(conn, REGIME)) == 1


def test_an_inspection_keeps_every_step_until_its_conclusion(store: Store) -> None:
    with store.begin() as conn:
        (id,) = a_plan(conn)
        to_concluded(conn, id)
    one = only(store, id)
    assert one.status is InspectionStatus.CONCLUDED and not one.is_open
    assert (one.notice_number, one.notified_at) == ("31/TB-STN", moment(3, 2))
    assert (one.started_on, one.ended_on, one.record_on) == (MONDAY, FRIDAY, FRIDAY)
    assert (one.working_days, one.over_run, one.note) == (5, False, None)
    assert (one.conclusion_number, one.concluded_on, one.conclusion_sha256) == ("44/KL-STN", FRIDAY, SHA)


def test_an_over_run_shows_with_its_note(store: Store) -> None:
    with store.begin() as conn:
        (id,) = a_plan(conn)
        to_finished(conn, id, last=date(2026, 3, 16))
    one = only(store, id)
    assert (one.working_days, one.over_run, one.note) == (6, True, "Mưa lũ")


@pytest.mark.parametrize("status", ["PLANNED", "NOTIFIED", "STARTED", "FINISHED"])
def test_an_open_inspection_can_be_cancelled_with_reason(store: Store, status: str) -> None:
    steps = {"PLANNED": None, "STARTED": to_started, "FINISHED": to_finished}
    with store.begin() as conn:
        (id,) = a_plan(conn)
        if status == "NOTIFIED":
            register.notify(conn, id, at=moment(3, 2), number="1/TB", sha256=SHA, announced=(MONDAY, FRIDAY))
        elif steps[status] is not None:
            steps[status](conn, id)
        assert register.inspection_of(conn, REGIME, id).status.value == status
        register.cancel(conn, id, at=moment(3, 20), reason="Trùng lịch thanh tra")
    one = only(store, id)
    assert (one.status.value, one.cancel_reason, one.cancelled_at) == (
        "CANCELLED",
        "Trùng lịch thanh tra",
        moment(3, 20),
    )


def _start(conn: Any, id: int) -> None:
    register.start(conn, id, on=MONDAY)


def _finish(conn: Any, id: int) -> None:
    register.finish(conn, id, on=FRIDAY, record_on=FRIDAY, working_days=5, over_run=False, note="")


def _conclude(conn: Any, id: int) -> None:
    register.conclude(conn, id, number="1/KL", on=FRIDAY, sha256=SHA)


def _cancel(conn: Any, id: int) -> None:
    register.cancel(conn, id, at=moment(4, 1), reason="x")


@pytest.mark.parametrize("step", [_start, _finish, _conclude])
def test_no_inspection_step_can_be_skipped(store: Store, step: Any) -> None:
    with store.begin() as conn:
        (id,) = a_plan(conn)
    with pytest.raises(StaleStatus, match="Cuộc kiểm tra số"), store.begin() as conn:
        step(conn, id)
    assert only(store, id).status is InspectionStatus.PLANNED


@pytest.mark.parametrize("step", [_start, _finish, _conclude, _cancel])
def test_a_concluded_inspection_is_final(store: Store, step: Any) -> None:
    with store.begin() as conn:
        (id,) = a_plan(conn)
        to_concluded(conn, id)
    before = only(store, id)
    with pytest.raises(StaleStatus), store.begin() as conn:
        step(conn, id)
    assert only(store, id) == before


def test_an_unknown_inspection_is_refused_with_the_cure(store: Store) -> None:
    with pytest.raises(StepNotAllowed, match="inspection list"), store.read() as conn:
        register.inspection_of(conn, REGIME, 99)
    with store.begin() as conn:
        (id,) = a_plan(conn)
    with pytest.raises(StepNotAllowed), store.read() as conn:
        register.inspection_of(conn, "che-do-khac", id)


def test_nobody_is_inspected_twice_at_the_same_time(store: Store) -> None:
    with store.begin() as conn:
        first, second, other = a_plan(conn, a_line(), a_line("90001", FRIDAY, FRIDAY), a_line("90002"))
        to_started(conn, first)
        to_started(conn, other)
        register.notify(conn, second, at=moment(3, 2), number="2/TB", sha256=SHA, announced=(FRIDAY, FRIDAY))
    with pytest.raises(StepNotAllowed, match="đang được kiểm tra"), store.begin() as conn:
        register.start(conn, second, on=FRIDAY)
    with store.begin() as conn:
        _finish(conn, first)
        register.start(conn, second, on=FRIDAY)
    assert only(store, second).status is InspectionStatus.STARTED


def test_only_one_of_two_concurrent_starts_succeeds(store: Store) -> None:
    with store.begin() as conn:
        ids = a_plan(conn, a_line(), a_line("90001", FRIDAY, FRIDAY))
        for id in ids:
            register.notify(conn, id, at=moment(3, 2), number=f"{id}/TB", sha256=SHA, announced=(MONDAY, FRIDAY))
    together, outcomes = threading.Barrier(2), []

    def start(id: int) -> None:
        together.wait()
        try:
            with store.begin() as conn:
                register.start(conn, id, on=MONDAY)
            outcomes.append("started")
        except StepNotAllowed:
            outcomes.append("refused")

    threads = [threading.Thread(target=start, args=(id,)) for id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["refused", "started"]


# What the database refuses from whoever opens it by hand ------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"status": "STARTED", "started_on": "2026-03-09"},
        {"status": "FINISHED"},
        {"status": "CONCLUDED"},
        {"status": "CANCELLED"},
        {"status": "CANCELLED", "cancelled_at": moment(3, 1), "cancel_reason": ""},
        {"status": "PLANNED"},
        {"unit": "90002", "status": "CANCELLED", "cancelled_at": moment(3, 1), "cancel_reason": "x"},
        {"planned_to": "2026-12-31", "status": "CANCELLED", "cancelled_at": moment(3, 1), "cancel_reason": "x"},
    ],
    ids=str,
)
def test_the_database_refuses_skipped_steps_and_rewritten_plans(store: Store, change: dict[str, Any]) -> None:
    with store.begin() as conn:
        (id,) = a_plan(conn)
    with pytest.raises(DatabaseError), store.begin() as conn:
        conn.execute(update(inspection).where(inspection.c.id == id).values(**change))
    assert only(store, id).status is InspectionStatus.PLANNED


@pytest.mark.parametrize(
    "change",
    [
        {"over_run": True},
        {"over_run": True, "note": ""},
        {"over_run": False, "started_on": "2026-03-01"},
        {"over_run": False, "ended_on": "2026-03-01"},
        {"over_run": False, "notified_at": moment(1, 1)},
    ],
    ids=str,
)
def test_the_database_refuses_an_inconsistent_inspection_result(store: Store, change: dict[str, Any]) -> None:
    with store.begin() as conn:
        (id,) = a_plan(conn)
        to_started(conn, id)
    values = {"status": "FINISHED", "ended_on": "2026-03-13", "record_on": "2026-03-13", "working_days": 6}
    with pytest.raises(DatabaseError), store.begin() as conn:
        conn.execute(update(inspection).where(inspection.c.id == id).values(**(values | change)))
    assert only(store, id).status is InspectionStatus.STARTED


@pytest.mark.parametrize("to", [to_concluded, to_finished])
def test_the_database_refuses_deletions_and_steps_back(store: Store, to: Any) -> None:
    with store.begin() as conn:
        (id,) = a_plan(conn)
        to(conn, id)
    before = only(store, id)
    for statement in (
        update(inspection).values(status="STARTED"),
        update(inspection).values(note="khác"),
        delete(inspection),
        delete(inspection_plan),
        update(inspection_plan).values(year=2030),
    ):
        with pytest.raises(DatabaseError), store.begin() as conn:
            conn.execute(statement)
    assert only(store, id) == before


def test_the_database_takes_a_row_only_as_planned(store: Store) -> None:
    with store.begin() as conn:
        a_plan(conn)
        row = dict(conn.execute(text("SELECT * FROM inspection")).mappings().one())
    row |= {"id": 99, "unit": "90002", "status": "NOTIFIED", "notice_number": "1", "notice_sha256": SHA}
    row |= {"notified_at": moment(3, 1), "notice_from": "2026-03-09", "notice_to": "2026-03-09"}
    with pytest.raises(DatabaseError), store.begin() as conn:
        conn.execute(insert(inspection).values(**row))
