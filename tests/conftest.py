"""Fixtures that every folder of tests shares: settings on a temporary folder, and the store on both databases."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from postgres_server import PostgresServer, find_binaries, running_server

from baocao.settings import Settings, load_settings
from baocao.store.database import Store, open_store

ROOT = Path(__file__).resolve().parents[1]
BOTH_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of its own: the project's packs and SQL, everything written below `tmp_path`."""
    return load_settings({"BAOCAO_ROOT": str(ROOT), "BAOCAO_DATA": str(tmp_path / "var")})


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server is started by the first test that needs it."""
    binaries = find_binaries()
    if binaries is None:
        if os.environ.get("CI") == "true":
            pytest.fail("PostgreSQL is not installed: its tests must run here")
        pytest.skip("PostgreSQL is not installed")
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


@pytest.fixture
def store(database: Settings) -> Iterator[Store]:
    """The store, migrated, on both databases."""
    store = open_store(database)
    store.migrate()
    yield store
    store.close()
