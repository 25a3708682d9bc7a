"""Transactions: whole or not at all, one writer at a time, readers see one moment."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from baocao.settings import Settings
from baocao.store import database, windows
from baocao.store.database import StaleStatus, Store, open_store, sql_folder
from baocao.store.moves import move
from baocao.store.submissions import receiving, submissions
from baocao.store.tables import outbox, submission
from builders.sites.store import OPENED, PERIOD, REGIME, accepted, an_obligation, received, sha
from servers.postgres import PostgresServer


def test_what_a_failing_transaction_did_never_happened(store: Store) -> None:
    with pytest.raises(RuntimeError), store.begin() as conn:
        windows.open_window(conn, REGIME, PERIOD, OPENED, sha("pack"))
        received(conn)
        raise RuntimeError
    with store.read() as conn:
        assert windows.window_of(conn, REGIME, PERIOD) is None
        assert receiving.pending(conn) == []


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)read-?\s?only"), store.read() as conn:
        received(conn)
    with store.begin() as conn:
        received(conn)  # the next user of the connection can


def test_a_reader_sees_one_moment_while_others_write(store: Store) -> None:
    with store.begin() as conn:
        first = accepted(conn, "14797")
    with store.read() as reader:
        assert submissions.accepted(reader, REGIME, PERIOD) == [first]
        with store.begin() as writer:
            second = accepted(writer, "14800")
        assert submissions.accepted(reader, REGIME, PERIOD) == [first]
    with store.read() as reader:
        assert submissions.accepted(reader, REGIME, PERIOD) == [first, second]


def test_of_concurrent_moves_only_one_succeeds(store: Store) -> None:
    """Each reads a status and moves the row on what it read: exactly one may succeed."""
    with store.begin() as conn:
        sent = received(conn)
    outcomes: list[str] = []
    gate = threading.Barrier(4)

    def decide() -> None:
        gate.wait()
        try:
            with store.begin() as conn:
                assert submissions.submission_of(conn, sent.id) is not None
                submissions.return_(conn, sent, decided_at=OPENED)
            outcomes.append("done")
        except StaleStatus:
            outcomes.append("stale")
        except BaseException as error:
            outcomes.append(repr(error))

    threads = [threading.Thread(target=decide) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "stale", "stale", "stale"]


def test_a_move_takes_several_expected_states(store: Store) -> None:
    with store.begin() as conn:
        conn.execute(
            outbox.insert().values(
                regime=REGIME,
                period=PERIOD,
                unit="14797",
                step="opened",
                recipient="xa@xa.example",
                subject="s",
                text="t",
                html="h",
                attachments=[],
                message_id="<1@baocao.example>",
                status="FAILED",
                attempts=1,
                created_at=OPENED,
            )
        )
        id = conn.execute(select(outbox.c.id)).scalar_one()
        move(conn, outbox, id, ["PENDING", "FAILED"], "SENT", sent_at=OPENED)
        with pytest.raises(StaleStatus, match="SENT"):
            move(conn, outbox, id, "PENDING", "FAILED")
        with pytest.raises(StaleStatus, match="không có trong sổ"):
            move(conn, submission, 4711, "RECEIVED", "RETURNED")


def test_a_foreign_key_is_enforced(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)foreign key"), store.begin() as conn:
        conn.execute(text("INSERT INTO report_input (report_id, submission_id, unit) VALUES (1, 1, 'x')"))


def test_a_child_process_opens_its_own_connection(store: Store) -> None:
    with store.begin() as conn:
        received(conn, "14797")
        parents = conn.connection.driver_connection

    def in_child() -> None:
        with store.begin() as conn:
            received(conn, "14800")
            assert conn.connection.driver_connection is not parents

    assert exit_status(in_child) == 0
    with store.begin() as conn:
        assert conn.connection.driver_connection is parents
        assert len(receiving.pending(conn)) == 2


def test_processes_starting_together_all_find_the_schema(database: Settings) -> None:
    def in_child(number: int) -> None:
        store = open_store(database)
        store.migrate()
        with store.begin() as conn:
            windows.add_obligations(conn, REGIME, PERIOD, [an_obligation(f"unit {number}")])

    children = [forked(partial(in_child, number)) for number in range(4)]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0, 0, 0, 0]
    with open_store(database).read() as conn:
        assert len(windows.obligations(conn, REGIME, PERIOD)) == 4


def test_opening_waits_for_whoever_writes_to_a_new_database(settings: Settings) -> None:
    store = Store(settings)
    # In another mode still: SQLite itself does not wait for this one.
    other = sqlite3.connect(store.engine.url.database or "", isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE new (x)")
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.1, other.execute, ("ROLLBACK",)).start()
    with store.engine.connect() as conn:
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
    other.close()
    store.close()


def forked(work: Callable[[], None]) -> int:
    """Run `work` in a child process and return its id; the child exits with 0 only when `work` succeeds."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    return child


def exit_status(work: Callable[[], None]) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(forked(work), 0)[1])


def test_a_plain_postgresql_address_uses_our_driver(settings: Settings) -> None:
    store = Store(replace(settings, database_url="postgresql://u@127.0.0.1/x"))
    assert store.engine.url.drivername == "postgresql+psycopg"


@pytest.mark.postgres
def test_a_connection_the_server_closed_is_replaced(
    settings: Settings, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_server.new_database()
    store = Store(replace(settings, database_url=url))

    def close_by_the_server() -> None:
        with store.engine.connect() as conn:
            pid = conn.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with psycopg.connect(postgres_server._dsn(url.rpartition("/")[2])) as other:
            other.execute("SELECT pg_terminate_backend(%s, 60000)", (pid,))

    def answers() -> bool:
        with store.engine.connect() as conn:
            return conn.execute(text("SELECT 1")).scalar_one() == 1

    close_by_the_server()
    assert answers(), "a connection that was never asked is asked first"
    # One that answered a moment ago is not asked again: who has it fails, and after him nobody.
    monkeypatch.setattr(database, "PING_SECONDS", 3600.0)
    assert answers()
    close_by_the_server()
    with pytest.raises(DBAPIError):
        answers()
    assert answers()
    monkeypatch.setattr(database, "PING_SECONDS", 0.0)
    close_by_the_server()
    assert answers()
    store.close()
    postgres_server.drop(url)


def test_a_connection_knows_where_its_statements_are(store: Store) -> None:
    with store.read() as conn:
        assert sql_folder(conn) == store.settings.sql


def test_opening_a_current_store_needs_no_alembic(settings: Settings) -> None:
    open_store(settings).close()
    assert all(f.is_dir() for f in (settings.data, settings.inbox, settings.outbox, settings.dispatch))
    program = (
        "import sys\nfrom baocao.settings import load_settings\nfrom baocao.store.database import open_store\n"
        "with open_store(load_settings()).begin():\n    sys.exit('alembic' in sys.modules)"
    )
    environment = {**os.environ, "BAOCAO_ROOT": str(settings.root), "BAOCAO_DATA": str(settings.data)}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == 0
