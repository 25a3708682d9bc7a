"""A process that is killed in the middle leaves a database that opens, is sound, and holds only whole transactions."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from baocao.store.database import Store, open_store
from baocao.store.submissions import cells, submissions
from baocao.store.trail import events
from builders.sites.store import PERIOD, REGIME

TESTS = Path(__file__).resolve().parents[2]
PROGRAM = """
import os, signal, sys
from dataclasses import replace
from baocao.settings import load_settings
from baocao.store.submissions import cells
from baocao.store.database import open_store
from builders.sites.store import a_cell, accepted, an_event

store = open_store(replace(load_settings(), database_url=sys.argv[1]))
with store.begin() as conn:  # whole
    sent = accepted(conn, "14797")
    cells.insert_cells(conn, sent.id, [a_cell(f"PL01/CT{n}/TH") for n in range(500)])
    an_event(conn)
with store.begin() as conn:  # killed before the commit
    sent = accepted(conn, "14800")
    cells.insert_cells(conn, sent.id, [a_cell(f"PL01/CT{n}/TH") for n in range(int(sys.argv[2]))])
    an_event(conn)
    print("in the middle", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("rows", [1, 50_000], ids=["small", "larger than the page cache"])
def test_killed_writer_leaves_only_whole_transactions(store: Store, rows: int) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    environment = {
        **os.environ,
        "PYTHONPATH": str(TESTS),
        "BAOCAO_ROOT": str(store.settings.root),
        "BAOCAO_DATA": str(store.settings.data),
    }
    child = subprocess.run(
        [sys.executable, "-c", PROGRAM, url, str(rows)], env=environment, capture_output=True, text=True, check=False
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert child.stdout == "in the middle\n"

    again = open_store(store.settings)
    with again.begin() as conn:
        (kept,) = submissions.of_period(conn, REGIME, PERIOD)
        assert kept.unit == "14797"
        assert len(cells.cells_of(conn, kept.id, lambda _key, text: int(text))) == 500
        assert conn.exec_driver_sql("SELECT count(*) FROM cell").scalar() == 500
        found = events.verify(conn)
        assert (found.ok, found.count, found.first_bad_seq) == (True, 1, None)
        if again.is_embedded:
            assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    again.close()
