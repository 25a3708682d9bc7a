"""Rows held to the trail: their digests go into an event of the very transaction that writes them."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import insert

from baocao.settings import Settings
from baocao.store import tables as t
from baocao.store import windows
from baocao.store.database import Store, open_store
from baocao.store.trail import events
from baocao.store.trail.rows import BEGUN, digests
from baocao.workflow.auditing.recorded import Trail
from baocao.workflow.auditing.rows import rows_that_differ
from builders.sites.store import PERIOD, REGIME, an_event, an_obligation, minute


def actions(store: Store) -> list[tuple[str, dict[str, Any]]]:
    with store.read() as conn:
        return [(e.action, dict(e.payload.get("rows", {}))) for e in events.events(conn)]


def wrong(store: Store) -> list[str]:
    with store.read() as conn:
        return rows_that_differ(conn, Trail(conn, events.events(conn)), {})


def test_every_written_row_is_in_an_event(store: Store) -> None:
    with store.begin() as conn:
        windows.open_window(conn, REGIME, PERIOD, at=minute(1), pack_sha256="a" * 64)
        an_event(conn, at=1)
        windows.add_obligations(conn, REGIME, PERIOD, [an_obligation("14797")])
    with store.read() as conn:
        window, owed = digests(conn, "window"), digests(conn, "obligation")
    (_, first), (action, second) = actions(store)
    assert first == {"window": {str(id): digest for id, digest in window.items()}}
    assert (action, second) == ("rows_written", {"obligation": {str(id): digest for id, digest in owed.items()}})
    assert wrong(store) == []


def test_a_failed_transaction_leaves_no_row_digests(store: Store) -> None:
    with pytest.raises(RuntimeError), store.begin() as conn:
        windows.open_window(conn, REGIME, PERIOD, at=minute(1), pack_sha256="a" * 64)
        raise RuntimeError
    with store.begin() as conn:
        an_event(conn, at=1)
    assert [rows for _, rows in actions(store)] == [{}]


def test_only_rows_older_than_digests_go_unchecked(settings: Settings) -> None:
    store = open_store(settings)
    config = Config()
    config.set_main_option("script_location", str(settings.sql / "migrations"))
    with store.engine.connect() as conn, conn.begin():
        config.attributes["connection"] = conn
        command.downgrade(config, "0011")
    old = {
        "regime": REGIME, "period": PERIOD, "unit": "14797", "unit_name": "Xã A", "is_lead_body": False,
        "due_at": minute(9), "locked_after": minute(99),
    }  # fmt: skip
    with store.engine.begin() as conn:
        conn.execute(insert(t.obligation).values(old))
        an_event(conn, at=1)
    assert store.migrate()
    assert [action for action, _ in actions(store)][-1] == BEGUN
    assert wrong(store) == []
    with store.engine.begin() as conn:
        conn.execute(insert(t.obligation).values({**old, "unit": "14800"}))
    (said,) = wrong(store)
    assert "nghĩa vụ báo cáo số 2 (đơn vị 14800" in said and "không do hệ thống này ghi" in said
