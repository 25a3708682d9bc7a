"""Fixtures that every folder of tests shares: settings on a temporary folder, and the store on both databases."""

from __future__ import annotations

import faulthandler
import gc
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import hypothesis
import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key

from baocao.settings import Settings, load_settings
from baocao.store.database import Store, open_store
from servers.needed import present
from servers.postgres import BOTH_DATABASES, PostgresServer, find_binaries, running_server

ROOT = Path(__file__).resolve().parents[1]
# Time on the clock is no property of the code: a busy machine must not fail a test.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
# Hundreds of processes that tests start would each compile the program again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


LONGEST_FIRST = (
    "dags/test_stack.py",
    "e2e/kills/test_kills_postgresql.py",
    "integration/compose/test_services.py",
    "e2e/desk/test_desk_in_chromium.py",
    "e2e/kills/test_kills_sqlite.py",
    "dags/test_report_run.py",
    "dags/test_desk_in_airflow.py",
    "e2e/reports/test_road.py",
    "integration/delivery/test_smtp_faults.py",
    "e2e/operation/test_readme.py",
    "e2e/sign_off/test_signed_document.py",
    "e2e/periods/test_every_regime_on_postgres.py",
    "e2e/intake/test_inbox.py",
    "e2e/operation/test_runbook_cures.py",
    "e2e/portal/test_portal_in_chromium.py",
    "e2e/periods/test_term.py",
    "integration/mailbox/test_mailbox.py",
)
"""Files that take half a minute or more: begun last, one would run alone beside a process with nothing to do."""


# Nothing that importing and collecting makes is ever let go: looking through it for garbage, again and again, took a
# third of the tests' time.
gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {ROOT / "tests" / name: number for number, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: places.get(item.path, len(places)))


ENDLESS_SECONDS = 900


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """End a process whose test never ends, naming the test and where every thread stands.

    pytest-timeout stops watching once a test has failed, so a fixture that then waits for ever would hold the whole
    run. xdist counts the test as failed and ends the run (`--max-worker-restart=0`).
    """
    said = item.config.stash[fault_handler_stderr_fd_key]
    allowed = item.get_closest_marker("timeout")
    seconds = ENDLESS_SECONDS + (allowed.args[0] if allowed else 0)
    watch = threading.Timer(seconds, _end_this_process, (item.nodeid, seconds, said))
    watch.daemon = True
    watch.start()
    try:
        return (yield)  # type: ignore[return-value]
    finally:
        watch.cancel()


def _end_this_process(test: str, seconds: float, said: int) -> None:
    os.write(said, f"\n{test} has not ended after {seconds} s\n".encode())
    faulthandler.dump_traceback(file=said)
    os._exit(70)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of its own: the project's packs and SQL, everything written below `tmp_path`."""
    return load_settings({"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": str(tmp_path / "var")})


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server is started by the first test that needs it."""
    binaries = present(find_binaries(), "PostgreSQL")
    # Not below pytest's own folder: that is closed to the user PostgreSQL runs as.
    with (
        tempfile.TemporaryDirectory(prefix="baocao-postgres-") as folder,
        running_server(Path(folder), binaries) as server,
    ):
        yield server


@pytest.fixture(params=BOTH_DATABASES)
def database(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    """Settings whose database is there and empty, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield settings
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    url = server.new_database()
    yield replace(settings, database_url=url)
    server.drop(url)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file: migrating takes longer than most tests, so they copy it."""
    folder = tmp_path_factory.mktemp("migrated")
    _migrate(load_settings({"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": str(folder)}))
    return folder / "baocao.db"


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a migrated database, to be used as a template only."""
    url = postgres_server.new_database()
    settings = load_settings({"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": str(tmp_path_factory.mktemp("migrated"))})
    _migrate(replace(settings, database_url=url))
    return url


@pytest.fixture(params=BOTH_DATABASES)
def store(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Store]:
    """The store, migrated, on both databases."""
    if request.param == "sqlite":
        settings.data.mkdir(parents=True)
        shutil.copy(request.getfixturevalue("migrated_sqlite"), settings.data / "baocao.db")
        store = open_store(settings)
        yield store
        store.close()
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.lent(request.getfixturevalue("migrated_postgres")) as url:
        store = open_store(replace(settings, database_url=url))
        yield store
        store.close()


def _migrate(settings: Settings) -> None:
    store = open_store(settings)
    store.migrate()
    store.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What a test says it has tried (`record_property("tried", …)`): also from the processes of xdist."""
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for name, value in report.user_properties:
            if name == "tried":
                terminalreporter.write_line(f"{report.nodeid.partition('::')[0]}: {value}")
