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
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import hypothesis
import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key

from baocao.settings import Settings, load_settings
from baocao.store.database import Store, open_store
from servers.needed import present
from servers.postgres import BOTH_DATABASES, PostgresServer, find_binaries, running_server

ROOT = Path(__file__).resolve().parents[1]


class _OldNames(MetaPathFinder, Loader):
    """Helpers by the names they had before they were packages, until every branch in work has the new ones."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name in OLD_NAMES else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return import_module(OLD_NAMES[spec.name])

    def exec_module(self, module: ModuleType) -> None:
        pass


OLD_NAMES = {
    "kill_suite": "builders.sites.kill_suite",
    "builders_pack": "builders.packs.pack",
    "builders_breaks": "builders.packs.breaks",
    "builders_checks": "builders.packs.checks",
    "builders_consolidation": "builders.packs.consolidation",
    "builders_inspections": "builders.packs.inspections",
    "builders_rule_cases": "builders.packs.rule_cases",
    "builders_single_rules": "builders.packs.single_rules",
    "builders_official": "builders.packs.official",
    "builders_learned": "builders.packs.learned",
    "builders_lists": "builders.packs.lists",
    "builders_quarterly": "builders.packs.quarterly",
    "builders_workbook": "builders.files.workbook",
    "builders_word_excel": "builders.files.word_excel",
    "builders_hostile": "builders.files.hostile",
    "builders_printed": "builders.files.printed",
    "builders_layout": "builders.files.layout",
    "builders_documents": "builders.files.documents",
    "builders_signed_pdf": "builders.files.signed_pdf",
    "builders_register_of_offices": "builders.files.register_of_offices",
    "builders_outgoing": "builders.files.outgoing",
    "builders_delivery": "builders.mail.delivery",
    "builders_mail": "builders.mail.mail",
    "builders_outbox": "builders.mail.outbox",
    "builders_smtp": "builders.mail.smtp",
    "builders_tls": "builders.mail.tls",
    "builders_site": "builders.sites.site",
    "builders_cli": "builders.sites.cli",
    "builders_correction": "builders.sites.correction",
    "builders_desk": "builders.sites.desk",
    "builders_portal": "builders.sites.portal",
    "builders_kills": "builders.sites.kills",
    "builders_mail_site": "builders.sites.mail_site",
    "builders_regimes": "builders.sites.regimes",
    "builders_register": "builders.sites.register",
    "builders_full_size": "builders.sites.full_size",
    "builders_independent": "builders.sites.independent",
    "builders_store": "builders.sites.store",
    "builders_lines": "builders.lines",
    "postgres_server": "servers.postgres",
    "caddy_server": "servers.caddy",
    "clamd_server": "servers.clamd",
    "real_server": "servers.web",
    "chromium": "servers.chromium",
    "needed": "servers.needed",
}
sys.meta_path.append(_OldNames())
# Time on the clock is no property of the code: a busy machine must not fail a test.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
# Hundreds of processes that tests start would each compile the program again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False


LONGEST_FIRST = (
    "e2e/kills/test_kills_postgresql.py",
    "e2e/kills/test_kills_sqlite.py",
    "dags/test_stack.py",
    "e2e/periods/test_every_regime_on_postgres.py",
    "golden/test_regimes.py",
    "golden/test_cascade.py",
    "e2e/periods/test_term.py",
    "dags/test_report_run.py",
    "dags/test_dag_files.py",
    "e2e/intake/test_every_rule.py",
    "e2e/reports/test_lead_bodies.py",
    "e2e/sign_off/test_correction.py",
    "integration/compose/test_services.py",
)
"""Files that take a minute or more: begun last, one of them would run alone beside a process with nothing to do."""


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
