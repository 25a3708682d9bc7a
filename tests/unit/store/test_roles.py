"""The application's role on PostgreSQL: it writes rows and cannot touch what guards them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from baocao.settings import ConfigurationError, Settings
from baocao.store.database import Store
from baocao.store.trail import events
from builders.sites.store import a_signed, an_event
from servers.postgres import PostgresServer

pytestmark = pytest.mark.postgres
ROLE = "baocao_app"


@pytest.fixture
def owner(settings: Settings, postgres_server: PostgresServer) -> Iterator[Settings]:
    url = postgres_server.new_database()
    with psycopg.connect(postgres_server._dsn("postgres"), autocommit=True) as conn:
        if not conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
            conn.execute(f"CREATE ROLE {ROLE} LOGIN")
    made = replace(settings, database_url=url, database_app_role=ROLE)
    store = Store(made)
    store.migrate()
    store.close()
    yield made
    postgres_server.drop(url)


@pytest.fixture
def application(owner: Settings) -> Iterator[Store]:
    store = Store(replace(owner, database_url=owner.database_url.replace("//baocao@", f"//{ROLE}@")))
    yield store
    store.close()


def test_the_application_does_its_work(application: Store) -> None:
    with application.begin() as conn:
        a_signed(conn)
        an_event(conn)
    with application.read() as conn:
        assert events.verify(conn).ok
        assert conn.execute(text("SELECT count(*) FROM official_submission")).scalar() is not None


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TRIGGER guard_event_update ON event",
        "ALTER TABLE event DISABLE TRIGGER ALL",
        "ALTER TABLE approval DISABLE TRIGGER USER",
        "DROP FUNCTION guard_report_update() CASCADE",
        "CREATE OR REPLACE FUNCTION guard_event_update() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "SET session_replication_role = replica",
        "UPDATE event SET actor = 'x'",
        "DELETE FROM event",
        "TRUNCATE event",
        "DELETE FROM event_head",
        "TRUNCATE approval",
        "DROP TABLE event",
        "UPDATE alembic_version SET version_num = '0001'",
        "CREATE TABLE mine (id int)",
    ],
)
def test_the_application_cannot_touch_what_guards_the_rows(application: Store, statement: str) -> None:
    with application.begin() as conn:
        an_event(conn)
    with pytest.raises(ProgrammingError, match=r"must be owner|permission denied"), application.begin() as conn:
        conn.execute(text(statement))


def test_migrating_again_gives_the_rights_again(owner: Settings) -> None:
    store = Store(owner)
    with store.engine.begin() as conn:
        conn.exec_driver_sql(f"GRANT DELETE ON event TO {ROLE}")
    assert store.migrate() is False
    with store.engine.connect() as conn:
        assert conn.execute(text(f"SELECT has_table_privilege('{ROLE}', 'event', 'DELETE')")).scalar() is False
    store.close()


@pytest.mark.parametrize("role", ["nobody_here", "baocao", 'x"; DROP TABLE event'])
def test_an_unsuitable_application_role_is_refused(owner: Settings, role: str) -> None:
    with pytest.raises(ConfigurationError, match="BAOCAO_DATABASE_APP_ROLE"):
        Store(replace(owner, database_app_role=role)).migrate()
