"""The audit trail: every change to it is found."""

from __future__ import annotations

import contextlib
import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from baocao.settings import ConfigurationError
from baocao.store.database import Store
from baocao.store.tables import event, event_head
from baocao.store.trail import events
from builders.sites.store import REGIME, an_event, minute

ROWS = 5


@pytest.fixture
def trail(store: Store) -> Store:
    """Five rows, and a database whose owner has switched the guards off to tamper with them."""
    with store.begin() as conn:
        for number in range(ROWS):
            an_event(conn, at=number, subject=f"submission/{number}")
        switch_guards_off(conn)
    return store


def switch_guards_off(conn: Connection) -> None:
    if conn.dialect.name == "postgresql":
        for table in ("event", "event_head"):
            conn.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    else:
        for name in ("event_update", "event_delete", "event_head_update", "event_head_delete"):
            conn.exec_driver_sql(f"DROP TRIGGER guard_{name}")


class Undo(Exception):  # noqa: N818
    """Leaves a transaction without a trace, so that one store serves every example."""


def verdict_after(store: Store, tamper: Any) -> events.AuditResult:
    result = None
    try:
        with store.begin() as conn:
            tamper(conn)
            result = events.verify(conn)
            raise Undo
    except Undo:
        assert result is not None
        return result


def test_an_untouched_trail_is_sound(trail: Store) -> None:
    with trail.read() as conn:
        found = events.verify(conn)
    assert (found.ok, found.count, found.unkeyed, len(found.key_id)) == (True, ROWS, 0, 16)


def test_an_empty_trail_is_sound(store: Store) -> None:
    with store.read() as conn:
        assert events.verify(conn) == events.AuditResult(True, 0)
        assert events.head(conn) == (0, events.GENESIS)


other_text = st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
json_values = st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.none(), other_text)
CHANGES = st.one_of(
    st.tuples(st.sampled_from(["actor", "action", "regime", "period", "subject"]), other_text),
    st.tuples(st.sampled_from(["previous_hash", "hash"]), st.text("0123456789abcdef", min_size=64, max_size=64)),
    st.tuples(st.just("at"), st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1))),
    st.tuples(st.just("payload"), st.dictionaries(other_text, json_values, max_size=3)),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(seq=st.integers(1, ROWS), change=CHANGES)
def test_a_changed_field_is_found_at_its_row(trail: Store, seq: int, change: tuple[str, Any]) -> None:
    column, value = change
    with trail.read() as conn:
        if conn.execute(select(event.c[column]).where(event.c.seq == seq)).scalar_one() == value:
            return

    result = verdict_after(trail, lambda c: c.execute(update(event).where(event.c.seq == seq).values({column: value})))
    assert not result.ok
    assert result.first_bad_seq == seq
    assert result.reason


@pytest.mark.parametrize("seq", range(1, ROWS + 1))
def test_any_removed_row_is_found(trail: Store, seq: int) -> None:
    result = verdict_after(trail, lambda c: c.execute(delete(event).where(event.c.seq == seq)))
    assert (result.ok, result.first_bad_seq) == (False, seq)
    assert "xóa" in result.reason


def test_a_whole_trail_removed_is_found(trail: Store) -> None:
    result = verdict_after(trail, lambda c: c.execute(delete(event)))
    assert (result.ok, result.first_bad_seq) == (False, 1)


@pytest.mark.parametrize("seq", [0, ROWS + 1])
def test_a_correctly_hashed_inserted_row_is_found(trail: Store, seq: int) -> None:
    def insert_row(conn: Connection) -> None:
        last = conn.execute(select(event).where(event.c.seq == ROWS)).one()._mapping
        row = {**last, "seq": seq, "previous_hash": last["hash"]}
        row["hash"] = events._digest({k: v for k, v in row.items() if k != "hash"}, None)
        conn.execute(insert(event).values(**row))

    result = verdict_after(trail, insert_row)
    assert not result.ok
    assert result.first_bad_seq in {1, seq}


def test_a_row_rewritten_without_the_key_is_found(trail: Store) -> None:
    def rewrite(conn: Connection) -> None:
        row = {**conn.execute(select(event).where(event.c.seq == 2)).one()._mapping, "actor": "somebody else"}
        row["hash"] = events._digest({k: v for k, v in row.items() if k != "hash"}, None)
        conn.execute(update(event).where(event.c.seq == 2).values(**row))

    assert verdict_after(trail, rewrite).first_bad_seq == 2


def test_two_rows_that_changed_places_are_found(trail: Store) -> None:
    def swap(conn: Connection) -> None:
        for old, new in ((2, 99), (3, 2), (99, 3)):
            conn.execute(update(event).where(event.c.seq == old).values(seq=new))

    assert verdict_after(trail, swap).first_bad_seq == 2


def test_a_changed_head_is_found(trail: Store) -> None:
    result = verdict_after(trail, lambda c: c.execute(update(event_head).values(hash="f" * 64)))
    assert (result.ok, result.first_bad_seq) == (False, ROWS)


def test_an_external_hash_reveals_a_rewritten_trail(trail: Store) -> None:
    with trail.read() as conn:
        anchor = events.head(conn)

    def rewrite(conn: Connection) -> None:
        conn.execute(delete(event))
        conn.execute(update(event_head).values(seq=0, hash=events.GENESIS))
        for number in range(ROWS):
            an_event(conn, at=number, subject=f"submission/{number}", actor="somebody else")

    assert verdict_after(trail, rewrite).ok

    def rewrite_and_compare(conn: Connection) -> events.AuditResult:
        rewrite(conn)
        return events.verify(conn, dict([anchor]))

    outcome: list[events.AuditResult] = []
    verdict_after(trail, lambda c: outcome.append(rewrite_and_compare(c)))
    assert (outcome[0].ok, outcome[0].first_bad_seq) == (False, anchor[0])
    with trail.read() as conn:
        assert events.verify(conn, dict([anchor])).ok
        assert events.verify(conn, {ROWS + 3: "a" * 64}).first_bad_seq == ROWS + 3


def test_the_database_refuses_to_change_the_trail(store: Store) -> None:
    with store.begin() as conn:
        an_event(conn)
    for statement in (
        update(event).values(actor="x"),
        delete(event),
        delete(event_head),
        update(event_head).values(hash="f" * 64),
    ):
        with pytest.raises(IntegrityError, match="refused"), store.begin() as conn:
            conn.execute(statement)


def test_writers_at_the_same_time_make_one_chain(store: Store) -> None:
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            for number in range(10):
                with store.begin() as conn:
                    an_event(conn, actor=name, at=number)
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(f"writer {n}",)) for n in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    with store.read() as conn:
        found = events.verify(conn)
    assert (found.ok, found.count) == (True, 40)


def test_an_event_is_undone_with_its_transaction(store: Store) -> None:
    with pytest.raises(Undo), store.begin() as conn:
        an_event(conn)
        raise Undo
    with store.read() as conn:
        assert events.verify(conn) == events.AuditResult(True, 0)


def test_a_row_follows_what_stands_after_undone_ones(store: Store) -> None:
    with store.begin() as conn:
        an_event(conn, at=0)
        switch_guards_off(conn)
    for number in (1, 2):
        # The connection remembers the key of the row it wrote last: that row is gone now.
        with contextlib.suppress(Undo), store.begin() as conn:
            an_event(conn, at=number, subject="undone")
            raise Undo
    with store.begin() as conn:
        an_event(conn, at=3)
    with store.read() as conn:
        found = events.verify(conn)
    assert (found.ok, found.count, found.unkeyed) == (True, 2, 0)
    # Nor is it remembered for a row that stands in its place without a key.
    with store.begin() as conn:
        conn.execute(update(event).where(event.c.seq == 2).values(key_id="0" * 16, hash="e" * 64))
        conn.execute(update(event_head).values(hash="e" * 64))
    with pytest.raises(ConfigurationError, match="0000000000000000"), store.begin() as conn:
        an_event(conn, at=4)


def test_events_are_found_by_what_they_speak_of(store: Store) -> None:
    with store.begin() as conn:
        digest = an_event(conn, subject="report/1", payload={"ký hiệu": "BC-UBND", "lồng": {"ok": True}})
        an_event(conn, subject="report/2")
        an_event(conn, regime="khac", period="2027-H1", subject="report/1")
    with store.read() as conn:
        (found,) = events.events(conn, regime=REGIME, subject="report/1")
        assert (found.seq, found.hash, found.at) == (1, digest, minute(0))
        assert found.payload == {"ký hiệu": "BC-UBND", "lồng": {"ok": True}}
        assert [e.seq for e in events.events(conn, subject="report/1")] == [1, 3]
        assert [e.seq for e in events.events(conn, period="2027-H1")] == [3]


def test_time_zones_do_not_change_the_hash(store: Store) -> None:
    hashes = []
    for zone in (UTC, timezone(timedelta(hours=7))):
        with contextlib.suppress(Undo), store.begin() as conn:
            hashes.append(an_event(conn, at=minute(0).astimezone(zone)))
            raise Undo
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("bad", [1.5, Decimal("1"), minute(0), {"a": {"b": 0.1}}, {1: "x"}, [b"x"]])
def test_a_payload_json_would_change_is_refused(store: Store, bad: object) -> None:
    with pytest.raises(TypeError, match="payload"), store.begin() as conn:
        an_event(conn, payload={"value": bad})
