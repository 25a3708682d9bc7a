"""The schema: migrations build what the code expects, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from baocao.settings import ConfigurationError, Settings
from baocao.store.database import Store, open_store
from baocao.store.tables import metadata


def differences(store: Store) -> list[Any]:
    with store.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_the_migrated_schema_is_the_one_in_code(store: Store) -> None:
    assert differences(store) == []


def test_the_comparison_sees_a_difference(store: Store) -> None:
    with store.engine.begin() as conn:
        conn.exec_driver_sql("ALTER TABLE waiver ADD COLUMN unexpected TEXT")
        conn.exec_driver_sql("DROP INDEX ix_finding_submission_id")
    assert sorted(d[0] for d in differences(store)) == ["add_index", "remove_column"]


def test_every_constraint_in_code_is_migrated(store: Store) -> None:
    """Alembic does not compare check constraints: they are compared by name here."""
    from sqlalchemy import CheckConstraint, inspect

    with store.engine.connect() as conn:
        inspector = inspect(conn)
        for table in metadata.sorted_tables:
            in_code = {str(c.name) for c in table.constraints if isinstance(c, CheckConstraint)}
            in_database = {c["name"] for c in inspector.get_check_constraints(table.name)}
            assert in_database == {f"ck_{table.name}_{name}".replace(f"ck_{table.name}_ck_", "ck_") for name in in_code}


def test_head_names_the_newest_migration(settings: Settings) -> None:
    config = Config()
    config.set_main_option("script_location", str(settings.sql / "migrations"))
    assert Store(settings).head == ScriptDirectory.from_config(config).get_current_head()


def test_opening_the_embedded_database_migrates_it(settings: Settings) -> None:
    first = open_store(settings)
    assert first.version() == first.head
    assert first.migrate() is False


def test_an_unmigrated_database_is_refused_with_the_cure(database: Settings) -> None:
    store = Store(database)
    with pytest.raises(ConfigurationError, match="baocao migrate"), store.begin():
        pass
    assert store.migrate() is True
    with store.begin():
        pass


def test_a_database_of_a_newer_program_is_refused(store: Store) -> None:
    with store.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    store._checked = False
    with pytest.raises(ConfigurationError, match="9999"), store.read():
        pass


def test_a_wrong_root_says_which_file_is_missing(settings: Settings, tmp_path: Path) -> None:
    from dataclasses import replace

    with pytest.raises(ConfigurationError, match="HEAD"):
        open_store(replace(settings, root=tmp_path))


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "not an address"])
def test_an_unusable_database_address_is_refused(settings: Settings, url: str) -> None:
    from dataclasses import replace

    with pytest.raises(ConfigurationError, match="BAOCAO_DATABASE_URL"):
        open_store(replace(settings, database_url=url))


def test_a_silent_server_is_named_without_its_password(settings: Settings) -> None:
    from dataclasses import replace

    store = open_store(replace(settings, database_url="postgresql://u:verysecret@127.0.0.1:1/x"))
    with pytest.raises(ConfigurationError) as caught, store.begin():
        pass
    assert "127.0.0.1:1" in str(caught.value)
    assert "verysecret" not in str(caught.value)
