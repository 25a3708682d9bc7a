"""Installations that are copied, and workers that are killed in them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from baocao.model.form import CellKey
from builders.sites.site import COMMUNES, PROJECT, Site
from servers.postgres import PostgresServer

BROKEN = COMMUNES[0]
"""The commune whose workbook goes back."""


class Workers:
    """The process that starts workers."""

    def __init__(self, root: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, PROJECT / "tests" / "e2e" / "kills" / "killed_worker.py", root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / p) for p in ("src", "tests", "")])},
        )

    def run(self, site: Site, verb: str, **deaths: int) -> dict[str, Any]:
        """One verb on the installation; `deaths` as killed_worker.py takes them."""
        order = {"data": str(site.data), "url": site.database_url, "verb": verb, **deaths}
        assert self._process.stdin is not None and self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=300)


def send(site: Site) -> None:
    """What lies in the inbox: every unit's workbook, one with a wrong opening stock, and a file that is no workbook.

    No file under two names: where a reader dies in between, either may be the first.
    """
    opening = CellKey("B04", "NGHIEN", "DK")
    wrong = int(str(site.filled(BROKEN).values[opening])) + 7
    site.send_all(but=[BROKEN])
    site.send(BROKEN, site.workbook(BROKEN, {opening: wrong}), site.in_time)
    site.send(COMMUNES[2], b"%PDF-1.7 " + bytes(600), site.in_time, "bao-cao.pdf")


@dataclass
class Place:
    """Where installations are made and copied, on one kind of database."""

    folder: Path
    root: Path
    server: PostgresServer | None
    urls: list[str] = field(default_factory=list)

    def copy(self, name: str, of: Site | None = None) -> Site:
        data = self.folder / name
        if of is not None:
            shutil.copytree(of.data, data, copy_function=shutil.copy2)
        url = None
        if self.server is not None:
            url = self.server.new_database(template=of.database_url if of else None)
            self.urls.append(url)
        site = Site(self.root, data, url)
        if of is None:
            site.place.store.migrate()
        site.place.store.close()
        return site

    def remove(self, site: Site) -> None:
        site.place.store.close()
        shutil.rmtree(site.data)
        if self.server is not None and site.database_url:
            self.server.drop(site.database_url)
            self.urls.remove(site.database_url)

    def close(self) -> None:
        for url in self.urls:
            assert self.server is not None
            self.server.drop(url)
