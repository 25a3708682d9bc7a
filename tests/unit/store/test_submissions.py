"""Submissions: one decision each, the old accepted one stays official until the next is accepted."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError

from baocao.model.submission import Severity, Status
from baocao.store.database import StaleStatus, Store, StoreError
from baocao.store.locks import claimed
from baocao.store.submissions import receiving, submissions
from baocao.store.submissions.submission_findings import findings_of, insert_findings
from baocao.store.tables import finding, submission
from builders.sites.store import (
    PERIOD,
    REGIME,
    a_finding,
    accept,
    accepted,
    minute,
    received,
    sha,
)


class Undo(Exception):  # noqa: N818
    """Leaves a transaction without a trace."""


def test_an_arrival_is_kept_with_all_its_details(store: Store) -> None:
    with store.begin() as conn:
        sent, is_new = receiving.receive(
            conn,
            receiving.Arrived(
                regime=REGIME,
                period=PERIOD,
                unit="00004",
                channel="folder",
                filename="Biểu số 4 (mới).xlsx",
                sha256=sha("x"),
                size=12,
                received_at=minute(3),
                form_versions={"PL01": "2025.1"},
                info={"phone": "0123"},
                nil_forms={"B04": "Không phát sinh"},
            ),
        )
    assert is_new
    with store.read() as conn:
        kept = submissions.detail(conn, sent.id)
    assert kept.submission == sent
    assert (sent.status, sent.unit, sent.received_at, sent.filename) == (
        Status.RECEIVED,
        "00004",
        minute(3),
        "Biểu số 4 (mới).xlsx",
    )
    assert (kept.channel, kept.size, kept.decided_at, kept.reason) == ("folder", 12, None, None)
    assert kept.form_versions == {"PL01": "2025.1"}
    assert kept.info == {"phone": "0123"}
    assert kept.nil_forms == {"B04": "Không phát sinh"}


def test_the_same_bytes_sent_again_are_another_submission(store: Store) -> None:
    with store.begin() as conn:
        first = accepted(conn, "14797", "file")
        again = received(conn, "14797", "file", at=9)
        assert again.id != first.id and again.sha256 == first.sha256
        known = submissions.earlier(conn, again)
        assert known is not None and known.submission == first
        assert submissions.earlier(conn, first) is None


def test_an_arrival_met_again_is_the_same_submission(store: Store) -> None:
    with store.begin() as conn:
        first = accepted(conn, "14797", "file", arrival="an arrival")
        for content in ("file", "other"):
            again = receiving.receive(
                conn,
                receiving.Arrived(
                    channel="folder",
                    filename="renamed.xlsx",
                    sha256=sha(content),
                    size=1,
                    received_at=minute(9),
                    arrival="an arrival",
                ),
            )
            assert again == (first, False)


def test_exactly_one_concurrent_writer_is_first(store: Store) -> None:
    outcomes: list[Any] = []
    gate = threading.Barrier(6)
    what = receiving.Arrived(
        channel="folder", filename="a.xlsx", sha256=sha("raced"), size=1, received_at=minute(0), arrival="raced"
    )

    def write() -> None:
        gate.wait()
        try:
            with store.begin() as conn:
                outcomes.append(receiving.receive(conn, what))
        except BaseException as error:
            outcomes.append(error)

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(is_new for _, is_new in outcomes) == [False] * 5 + [True]
    assert len({sent.id for sent, _ in outcomes}) == 1


@pytest.mark.parametrize(
    "other", [{}, {"regime": "khac"}, {"period": "2026-Y"}, {"unit": "14800"}, {"sha256": sha("b")}]
)
def test_bytes_are_known_for_their_unit_and_period_alone(store: Store, other: dict[str, str]) -> None:
    own = {"regime": REGIME, "period": PERIOD, "unit": "14797", "sha256": sha("14797 a")}
    with store.begin() as conn:
        received(conn, "14797", "a")
        received(conn, "14797", "a", at=3)
        assert receiving.is_kept(conn, **{**own, **other}) is not bool(other)


def test_a_file_is_identified_until_it_is_decided(store: Store) -> None:
    with store.begin() as conn:
        sent = received(conn, "14797", "a", info={"phone": "0123"}, form_versions={"PL01": "2025.1"})
        found = receiving.identify(conn, sent.id, regime="khac", period="2026-Y", unit="14800", info={"why": "tên tệp"})
        assert (found.regime, found.period, found.unit) == ("khac", "2026-Y", "14800")
        kept = submissions.detail(conn, sent.id)
        assert (kept.info, kept.form_versions) == ({"phone": "0123", "why": "tên tệp"}, {"PL01": "2025.1"})
        own = {"regime": REGIME, "period": PERIOD, "unit": "14797"}
        receiving.identify(conn, sent.id, **own, form_versions={"PL01": "2026.1"})
        kept = submissions.detail(conn, sent.id)
        assert (kept.info, kept.form_versions) == ({"phone": "0123", "why": "tên tệp"}, {"PL01": "2026.1"})
        accept(conn, kept.submission)
        with pytest.raises(StaleStatus):
            receiving.identify(conn, sent.id, **own)


def test_accepted_periods_are_those_of_the_unit_or_of_all(store: Store) -> None:
    with store.begin() as conn:
        accepted(conn, "14797", "a")
        accepted(conn, "14800", "b", period="2025-Y")
        received(conn, "14800", "c", period="2025-H1")
        assert submissions.accepted_periods(conn, REGIME) == {PERIOD, "2025-Y"}
        assert submissions.accepted_periods(conn, REGIME, "14800") == {"2025-Y"}
        assert submissions.accepted_periods(conn, "khac") == set()


def test_a_held_file_is_pending_once_attributed(store: Store) -> None:
    with store.begin() as conn:
        unknown = received(conn, "", "x")
        receiving.hold(conn, unknown.id, since=minute(1), info={"says": {"unit": "14797"}})
        assert receiving.pending(conn) == []
        (row,) = receiving.waiting(conn)
        assert (row.submission.id, row.info["says"], row.waiting_since) == (unknown.id, {"unit": "14797"}, minute(1))
        receiving.attribute(conn, unknown.id, "14800")
        assert [s.id for s in receiving.pending(conn)] == [unknown.id]
        assert submissions.detail(conn, unknown.id).info["sender_hint"] == "14800"
        with pytest.raises(StaleStatus, match="không ở trạng thái chờ"):
            receiving.attribute(conn, unknown.id, "14800")


def test_a_repeat_names_its_original_without_becoming_official(store: Store) -> None:
    with store.begin() as conn:
        first = accepted(conn, "14797", "file")
        again = submissions.repeat(conn, received(conn, "14797", "file", at=9).id, decided_at=minute(10), of=first.id)
        assert again.status is Status.DUPLICATE
        assert submissions.detail(conn, again.id).info["repeats"] == first.id
        assert submissions.official(conn, REGIME, PERIOD, "14797") == first


def test_one_process_at_a_time_claims_a_submission(store: Store) -> None:
    other = Store(store.settings)
    with claimed(store, 7) as ours:
        assert ours
        with claimed(other, 7) as theirs, claimed(other, 8) as another:
            assert (theirs, another) == (False, True)
    with claimed(other, 7) as theirs:
        assert theirs
    other.close()


def test_an_accepted_submission_has_its_receipt_and_counts(store: Store) -> None:
    with store.begin() as conn:
        sent = accept(conn, received(conn), on_time=False)
        assert (sent.status, sent.on_time, sent.receipt_number) == (Status.ACCEPTED, False, f"TN-{sent.id}")
        assert submissions.accepted(conn, REGIME, PERIOD) == [sent]
        assert submissions.official(conn, REGIME, PERIOD, "14797") == sent
        assert submissions.official(conn, REGIME, PERIOD, "14800") is None
        assert submissions.official(conn, REGIME, PERIOD, "") is None


def test_a_returned_correction_leaves_the_accepted_one_official(store: Store) -> None:
    with store.begin() as conn:
        first = accepted(conn, content="first", at=1)
        correction = received(conn, content="second", at=2)
        assert submissions.accepted(conn, REGIME, PERIOD) == [first]
        submissions.return_(conn, correction, decided_at=minute(3), marked_sha256=sha("marked"))
        assert submissions.accepted(conn, REGIME, PERIOD) == [first]
        assert submissions.detail(conn, correction.id).marked_sha256 == sha("marked")


def test_an_accepted_correction_names_what_it_replaces(store: Store) -> None:
    with store.begin() as conn:
        first = accepted(conn, content="first", at=1)
        second = accepted(conn, content="second", at=2)
        third = accepted(conn, content="third", at=3)
        assert (first.supersedes_id, second.supersedes_id, third.supersedes_id) == (None, first.id, second.id)
        assert submissions.accepted(conn, REGIME, PERIOD) == [third]


def test_a_file_received_earlier_never_takes_over(store: Store) -> None:
    with store.begin() as conn:
        older = received(conn, content="older", at=1)
        newer = accepted(conn, content="newer", at=2)
        older = accept(conn, older)
        assert older.supersedes_id is None
        assert submissions.accepted(conn, REGIME, PERIOD) == [newer]


def test_units_do_not_mix(store: Store) -> None:
    with store.begin() as conn:
        theirs = accepted(conn, "14800", at=5)
        ours = accepted(conn, "14797", at=1)
        accepted(conn, "14797", period="2026-Y", at=9)
        assert submissions.accepted(conn, REGIME, PERIOD) == [ours, theirs]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_the_last_received_accepted_file_counts(store: Store, data: st.DataObject) -> None:
    arrivals = data.draw(st.integers(1, 6))
    moments = data.draw(st.lists(st.integers(0, 3), min_size=arrivals, max_size=arrivals))  # also at the same moment
    order = data.draw(st.permutations(range(arrivals)))
    good = data.draw(st.lists(st.booleans(), min_size=arrivals, max_size=arrivals))
    with pytest.raises(Undo), store.begin() as conn:
        sent = [received(conn, content=str(n), at=moments[n]) for n in range(arrivals)]
        decided: list[int] = []
        for n in order:
            if good[n]:
                accept(conn, sent[n])
                decided.append(n)
            else:
                submissions.return_(conn, sent[n], decided_at=minute(99))
            official = [s.id for s in submissions.accepted(conn, REGIME, PERIOD)]
            assert official == ([max((moments[d], sent[d].id) for d in decided)[1]] if decided else [])
        raise Undo


def test_concurrent_corrections_form_a_chain(store: Store) -> None:
    with store.begin() as conn:
        accepted(conn, content="first", at=0)
        corrections = [received(conn, content=f"correction {n}", at=n) for n in range(1, 5)]
    failures: list[BaseException] = []

    def decide(sent: Any) -> None:
        try:
            with store.begin() as conn:
                accept(conn, sent)
        except BaseException as error:
            failures.append(error)

    deciders = [threading.Thread(target=decide, args=(c,)) for c in corrections]
    for decider in deciders:
        decider.start()
    for decider in deciders:
        decider.join()
    assert failures == []
    with store.read() as conn:
        assert [s.id for s in submissions.accepted(conn, REGIME, PERIOD)] == [corrections[-1].id]
        replaced = [s.supersedes_id for s in submissions.of_period(conn, REGIME, PERIOD) if s.supersedes_id]
        assert len(replaced) == len(set(replaced))


def test_a_correction_waits_for_one_being_decided(store: Store) -> None:
    with store.begin() as conn:
        accepted(conn, content="first", at=0)
        second, third = received(conn, content="second", at=1), received(conn, content="third", at=2)
    outcome: list[Any] = []

    def decide_third() -> None:
        try:
            with store.begin() as conn:
                outcome.append(accept(conn, third))
        except BaseException as error:
            outcome.append(error)

    other = threading.Thread(target=decide_third)
    with store.begin() as conn:
        accept(conn, second)
        other.start()
        if not store.is_embedded:  # on SQLite the other cannot even begin
            while not conn.exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted").first() and not outcome:
                time.sleep(0.01)
    other.join()
    (follower,) = outcome
    assert follower.supersedes_id == second.id


DECISIONS = {
    "accept": lambda conn, id: submissions.accept(
        conn, submissions.submission_of(conn, id), decided_at=minute(9), on_time=True, receipt_number=f"again-{id}"
    ),
    "return": lambda conn, id: submissions.return_(conn, submissions.submission_of(conn, id), decided_at=minute(9)),
    "quarantine": lambda conn, id: submissions.quarantine(conn, id, decided_at=minute(9), reason="macros"),
}


@pytest.mark.parametrize("second", DECISIONS)
@pytest.mark.parametrize("first", DECISIONS)
def test_a_decided_submission_is_never_decided_again(store: Store, first: str, second: str) -> None:
    with store.begin() as conn:
        sent = received(conn)
        before = DECISIONS[first](conn, sent.id)
    with pytest.raises(StaleStatus, match=before.status), store.begin() as conn:
        DECISIONS[second](conn, sent.id)
    with store.read() as conn:
        assert submissions.submission_of(conn, sent.id) == before


def test_a_submission_that_does_not_exist_is_named(store: Store) -> None:
    for step in DECISIONS.values():
        with pytest.raises(StoreError, match="77"), store.begin() as conn:
            step(conn, 77)
    with pytest.raises(StoreError, match="77"), store.read() as conn:
        submissions.detail(conn, 77)


def test_a_receipt_number_is_given_once(store: Store) -> None:
    with store.begin() as conn:
        first, second = accepted(conn, "14797"), received(conn, "14800")
    with pytest.raises(StaleStatus, match="số tiếp nhận"), store.begin() as conn:
        submissions.accept(conn, second, decided_at=minute(1), on_time=True, receipt_number=first.receipt_number or "")


def test_a_quarantined_file_of_nobody_keeps_its_reason(store: Store) -> None:
    with store.begin() as conn:
        sent = received(conn, unit="", period="")
        submissions.quarantine(conn, sent.id, decided_at=minute(1), reason="not_xlsx")
        assert submissions.detail(conn, sent.id).reason == "not_xlsx"
        assert receiving.pending(conn) == []


def test_what_was_never_decided_is_pending_oldest_first(store: Store) -> None:
    with store.begin() as conn:
        late = received(conn, "14800", at=9)
        early = received(conn, "14797", at=1)
        accepted(conn, "14803", at=2)
        assert [s.id for s in receiving.pending(conn)] == [early.id, late.id]


def test_findings_come_back_unchanged_in_their_order(store: Store) -> None:
    found = [a_finding("V35"), a_finding("V03", severity=Severity.BLOCKS, message="Ô D7 chưa có số", explanation="")]
    with store.begin() as conn:
        ours, theirs = received(conn), received(conn, "14800")
        assert insert_findings(conn, ours.id, found) == 2
        assert insert_findings(conn, theirs.id, []) == 0
        assert findings_of(conn, ours.id) == found
        assert findings_of(conn, theirs.id) == []


def test_the_database_refuses_to_change_decided_submissions(store: Store) -> None:
    with store.begin() as conn:
        sent = accepted(conn)
        insert_findings(conn, sent.id, [a_finding()])
        waiting = received(conn, "14800")
    for statement in (
        update(submission).where(submission.c.id == sent.id).values(filename="x"),
        update(submission).where(submission.c.id == sent.id).values(status="RECEIVED", decided_at=None),
        delete(submission).where(submission.c.id == waiting.id),
        update(submission).where(submission.c.id == waiting.id).values(sha256=sha("other")),
        update(finding).values(message="x"),
        delete(finding),
    ):
        with pytest.raises(IntegrityError, match="refused"), store.begin() as conn:
            conn.execute(statement)
