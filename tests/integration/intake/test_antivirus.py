"""Files are scanned by a real clamd before anything of ours opens them; while it is away they wait."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from baocao.intake.antivirus import Scanner, ScannerAway
from baocao.settings import ConfigurationError, load_settings
from baocao.store.tables import submission
from baocao.workflow.intake import collecting
from builders_mail import zipped
from builders_site import COMMUNES, Site, trimmed_root
from clamd_server import MARK, NAME, find_clamd, running_clamd

pytestmark = pytest.mark.clamd
UNIT, OTHER = COMMUNES[:2]


@pytest.fixture(scope="module")
def clamd() -> Iterator[str]:
    if find_clamd() is None:
        if os.environ.get("CI") == "true":
            pytest.fail("clamd is not installed: its tests must run here")
        pytest.skip("clamd is not installed")
    with running_clamd() as url:
        yield url


class Scanned(Site):
    scanner: str

    @property
    def env(self) -> dict[str, str]:
        return {**super().env, "BAOCAO_CLAMD": self.scanner}


def rows(site: Site) -> list[tuple[str, str, str | None]]:
    with site.place.store.read() as conn:
        found = conn.execute(select(submission.c.filename, submission.c.status, submission.c.reason))
        return sorted(tuple(row) for row in found if not row[0].startswith("baseline"))


def letters(site: Site, mark: str) -> int:
    return sum(mark in path.name for path in site.place.settings.outbox.glob("*.eml"))


def test_the_daemon_says_what_it_found_also_in_what_is_packed(clamd: str) -> None:
    scanner = Scanner(clamd)
    assert scanner.found_in(b"") == "" and scanner.found_in(bytes(300_000)) == ""
    assert NAME in scanner.found_in(b"a" + MARK)
    assert NAME in scanner.found_in(zipped({"xl/a.bin": MARK}))
    with pytest.raises(ScannerAway, match="size limit"):
        scanner.found_in(bytes(61 << 20))


def test_an_infected_file_is_never_opened_and_files_wait_while_the_daemon_is_away(
    clamd: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        away = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    site = Scanned(trimmed_root(tmp_path / "trimmed"), tmp_path / "var")
    site.scanner = away
    site.load_baseline()
    site.open()
    opened: list[str] = []
    really = collecting.read_file

    def watched(reader: object, data: bytes, filename: str) -> object:
        opened.append(filename)
        return really(reader, data, filename)  # type: ignore[arg-type]

    monkeypatch.setattr(collecting, "read_file", watched)
    site.send(UNIT, site.workbook(UNIT), site.in_time, "sach.xlsx")
    site.send(OTHER, zipped({"[Content_Types].xml": b"<Types/>", "xl/a.bin": MARK}), site.in_time, "doc.xlsx")
    for _ in range(2):
        assert site.collect()["failed"] >= 2
    assert [row[1] for row in rows(site)] == ["RECEIVED", "RECEIVED"] and opened == []
    assert letters(site, "clamd-away") == 1

    site.place.store.close()
    again = Scanned(site.root, site.data)
    again.scanner = clamd
    again.collect()
    assert rows(again) == [("doc.xlsx", "QUARANTINED", "malware"), ("sach.xlsx", "ACCEPTED", None)]
    assert opened == ["sach.xlsx"]
    assert letters(again, f"{OTHER}__quarantined") == 1
    again.place.store.close()


@pytest.mark.parametrize("url", ["127.0.0.1:3310", "http://a:1", "unix://a", "tcp://", "tcp://a:x"])
def test_an_address_that_cannot_be_one_stops_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="BAOCAO_CLAMD"):
        load_settings({"BAOCAO_DATA": str(tmp_path), "BAOCAO_CLAMD": url})
