"""Decisions of before the office that approves had a neutral name: their rows are renamed, their events never."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from baocao.model.report import Decision, Role
from baocao.settings import Settings
from baocao.store.database import Store
from baocao.store.trail import events
from baocao.workflow.auditing.recorded import Trail, decisions_that_differ
from builders.sites.store import a_frozen, decide, minute

BEFORE, NOW = "police_office", "standing_office"


def downgraded(store: Store, settings: Settings) -> None:
    config = Config()
    config.set_main_option("script_location", str(settings.sql / "migrations"))
    with store.engine.connect() as conn, conn.begin():
        config.attributes["connection"] = conn
        command.downgrade(config, "0025")


def roles(store: Store) -> list[str]:
    with store.engine.begin() as conn:
        return list(conn.execute(text("SELECT role FROM approval ORDER BY id")).scalars())


@pytest.mark.parametrize(("recorded", "differs"), [(BEFORE, False), (NOW, False), ("peoples_committee", True)])
def test_decisions_kept_from_before_are_read_in_words_of_today(
    store: Store, settings: Settings, recorded: str, differs: bool
) -> None:
    with store.begin() as conn:
        report = decide(conn, a_frozen(conn), Role.STANDING_OFFICE, Decision.APPROVE)
        by = f"người dùng {Role.STANDING_OFFICE}"
        events.append(conn, minute(100), by, "report_approve", report, f"report/{report.id}", {"role": recorded})
    downgraded(store, settings)
    assert roles(store) == [BEFORE]
    assert store.migrate()
    assert roles(store) == [NOW]
    with store.read() as conn:
        wrong = decisions_that_differ(conn, Trail(conn, events.events(conn)), report)
        assert [e.payload["role"] for e in events.events(conn) if e.action == "report_approve"] == [recorded]
    assert bool(wrong) is differs
    for change in (f"UPDATE approval SET role = '{BEFORE}'", "DELETE FROM approval"):
        with pytest.raises(DBAPIError, match="final"), store.engine.begin() as conn:
            conn.execute(text(change))
