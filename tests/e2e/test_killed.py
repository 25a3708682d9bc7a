"""Killing the worker at any moment of any task and running the task again gives the same final state."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from baocao.model.form import CellKey
from baocao.store import events
from baocao.store.tables import event, metadata
from builders_site import COMMUNES, PROJECT, Site

BROKEN, SILENT = COMMUNES[0], COMMUNES[-1]
"""The commune whose workbook goes back, and the one that sends nothing."""
ROAD = ("baseline", "open", "collect", "remind", "consolidate", "approve", "sign", "dispatch")
DEATHS = {
    "baseline": (12, 10),
    "open": (11, 12, 13, 21, 38, 60),
    "collect": (11, 13, 18, 29, 50, 63),
    "remind": (12, 14, 13),
    "consolidate": (12, 14, 13, 20),
    "approve": (5, 7, 9),
    "sign": (6, 8, 10),
    "dispatch": (12, 16, 30, 22),
}
"""At which moment of each run of the verb the worker dies, run after run; then it is left to finish."""


class Workers:
    """The process that starts workers."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("killed_worker.py"), root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / p) for p in ("src", "tests", "")])},
        )

    def run(self, site: Site, verb: str, die_at: int = 0) -> dict[str, Any]:
        return self.order(data=str(site.data), verb=verb, die_at=die_at)

    def order(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


@pytest.fixture
def workers(trimmed: Path) -> Iterator[Workers]:
    started = Workers(trimmed)
    yield started
    started.close()


def send(site: Site) -> None:
    """What lies in the inbox: one workbook with a wrong opening stock, one file twice, one that is no workbook."""
    opening = CellKey("B04", "NGHIEN", "DK")
    wrong = int(str(site.filled(BROKEN).values[opening])) + 7
    site.send_all(but=[BROKEN, SILENT])
    site.send(BROKEN, site.workbook(BROKEN, {opening: wrong}), site.in_time)
    site.send(COMMUNES[1], site.workbook(COMMUNES[1]), site.in_time + timedelta(minutes=5), "gui-lai.xlsx")
    site.send(COMMUNES[2], b"%PDF-1.7 " + bytes(600), site.in_time, "bao-cao.pdf")


def travel(workers: Workers, site: Site, deaths: dict[str, tuple[int, ...]]) -> list[tuple[str, int, bool]]:
    """The whole road, dying on the way; which deaths happened."""
    happened = []
    for verb in ROAD:
        if verb == "collect":
            send(site)
        for die_at in deaths.get(verb, ()):
            happened.append((verb, die_at, workers.run(site, verb, die_at)["killed"]))
        finished = workers.run(site, verb)
        assert finished["code"] == 0, verb
    return happened


REPEATED = {"report_drafted"}
"""Events that say again what was done again: a draft that was never frozen is drawn up anew."""


OF_THE_FILE_SYSTEM = {"arrival"}
"""Names one file on one disk: never the same in two installations."""


def rows(site: Site) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but the events: statuses, receipts, cells, findings, letters, reminders, signatures."""
    with site.place.store.read() as conn:
        return {
            table.name: [
                {name: plain(value) for name, value in row._mapping.items() if name not in OF_THE_FILE_SYSTEM}
                for row in conn.execute(select(table).order_by(*table.primary_key))
            ]
            for table in metadata.sorted_tables
            if not table.name.startswith("event")
        }


_ANCHOR = re.compile(r"\d+:[0-9a-f]{64}")


def plain(value: Any) -> Any:
    """Without the head of the trail that letters carry: the trail tells of a draft made twice, the letter does not."""
    return _ANCHOR.sub("(mốc)", value) if isinstance(value, str) else value


def happenings(site: Site) -> Counter[tuple[str, ...]]:
    """What the audit trail says, without the order numbers and hashes."""
    columns = (event.c.at, event.c.actor, event.c.action, event.c.subject, event.c.payload)
    with site.place.store.read() as conn:
        return Counter(tuple(map(str, row)) for row in conn.execute(select(*columns)))


def files(folder: Path) -> dict[str, str]:
    """Relative path -> sha256 of every file; what was being written when a worker died is hidden and counts nowhere."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    relative = [path.relative_to(folder) for path in paths]
    return {
        str(name): hashlib.sha256(path.read_bytes()).hexdigest()
        for name, path in zip(relative, paths, strict=True)
        if not any(part.startswith(".") for part in name.parts)
    }


def test_a_worker_killed_anywhere_and_started_again_leaves_the_same_final_state(
    workers: Workers, trimmed: Path, tmp_path: Path
) -> None:
    undisturbed, site = Site(trimmed, tmp_path / "undisturbed"), Site(trimmed, tmp_path / "killed")
    travel(workers, undisturbed, {})
    happened = travel(workers, site, DEATHS)
    survived = [(verb, die_at) for verb, die_at, killed in happened if not killed]
    assert survived == [], "a death that does not happen tests nothing"

    expected, found = rows(undisturbed), rows(site)
    for table in expected:
        assert found[table] == expected[table], table
    statuses = Counter(row["status"] for row in found["submission"] if row["period"] != "2025-Y")
    assert statuses == {"ACCEPTED": len(site.units) - 2, "RETURNED": 1, "QUARANTINED": 1, "DUPLICATE": 1}
    letters = [row["message_id"] for row in found["outbox"]]
    assert len(letters) == len(set(letters)) == len(list((site.data / "outbox").glob("[!.]*.eml")))
    assert {row["status"] for row in found["outbox"]} == {"SENT"}
    assert [row["status"] for row in found["report"]] == ["DISPATCHED"]
    for folder in ("dispatch", "inbox", "files"):
        assert files(site.data / folder) == files(undisturbed.data / folder), folder
    # What the letters say was compared above; their bytes differ by the head of the trail.
    assert files(site.data / "outbox").keys() == files(undisturbed.data / "outbox").keys()

    more = happenings(site) - happenings(undisturbed)
    assert {action for _, _, action, *_ in more} <= REPEATED
    assert happenings(undisturbed) - happenings(site) == Counter()
    with site.place.store.read() as conn:
        audit = events.verify(conn)
    assert audit.ok and audit.count == happenings(site).total()
