"""The restore drill: a backup put into an empty installation is the same installation, to the replayed byte."""

from __future__ import annotations

import fcntl
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from baocao.store.tables import metadata
from baocao.store.trail import events
from baocao.workflow.auditing.backup import backup, check_backup, restore
from baocao.workflow.auditing.verifying import verify
from baocao.workflow.installation import Refused
from baocao.workflow.reports import replaying
from builders.sites.site import PERIOD, REGIME, Site
from servers.postgres import BOTH_DATABASES

pytestmark = pytest.mark.usefixtures("without_renderings")


def rows(site: Site) -> dict[str, list[Any]]:
    with site.place.store.read() as conn:
        return {
            t.name: [tuple(map(str, row)) for row in conn.execute(select(t).order_by(*t.primary_key))]
            for t in metadata.sorted_tables
        }


@pytest.mark.parametrize("database", BOTH_DATABASES)
def test_restored_backup_is_the_same_installation(
    database: str, dispatched: Site, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = rows(dispatched)
    made = backup(dispatched.place, tmp_path / "sao-luu.zip", dispatched.report_day)
    assert made["rows"]["submission"] == len(before["submission"])
    server = request.getfixturevalue("postgres_server") if database == "postgresql" else None
    url = server.new_database() if server else None
    again = Site(dispatched.root, tmp_path / "again", url)
    with pytest.raises(Refused, match="Chưa có khóa nhật ký"):
        restore(again.place, tmp_path / "sao-luu.zip")
    answer = restore(again.place, tmp_path / "sao-luu.zip", key_file=dispatched.data / "audit.key")
    assert (answer["verified"], answer["problems"]) == (True, [])
    assert rows(again) == before
    replayed = replaying.replay(again.place, REGIME, PERIOD)
    assert (replayed["identical"], replayed["differences"]) == (True, [])
    # The guards are back, and the trail goes on.
    with pytest.raises(Exception, match="refused"), again.place.store.begin() as conn:
        conn.execute(metadata.tables["event"].delete())
    again.open()
    with again.place.store.begin() as conn:
        events.begin_keys(conn, again.report_day)
    assert verify(again.place)["ok"]
    with pytest.raises(Refused, match="không trống"):
        restore(again.place, tmp_path / "sao-luu.zip")
    again.place.store.close()
    if server:
        server.drop(url)


def test_backup_contains_keys_only_on_request(dispatched: Site, tmp_path: Path) -> None:
    key = (dispatched.data / "audit.key").read_bytes()
    for with_keys in (False, True):
        file = tmp_path / f"{with_keys}.zip"
        backup(dispatched.place, file, dispatched.report_day, with_keys=with_keys)
        with zipfile.ZipFile(file) as zipped:
            assert ("audit.key" in zipped.namelist()) is with_keys
            assert any(zipped.read(n) == key for n in zipped.namelist()) is with_keys
        assert file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Refused, match="không ghi đè"):
        backup(dispatched.place, tmp_path / "True.zip", dispatched.report_day)


def test_damaged_backup_is_refused_and_not_restored(dispatched: Site, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    backup(dispatched.place, good, dispatched.report_day)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(b"ACCEPTED", b"RETURNED") if name == "rows/submission.jsonl" else data)
    for read in (check_backup, lambda file: restore(Site(dispatched.root, tmp_path / "new").place, file)):
        with pytest.raises(Refused, match=r"rows/submission.jsonl đã bị hỏng hoặc bị sửa"):
            read(bad)
    short = tmp_path / "short.zip"
    short.write_bytes(good.read_bytes()[:-200])
    with pytest.raises(Refused, match="không đọc được"):
        check_backup(short)


def test_installation_missing_a_file_is_not_backed_up(dispatched: Site, tmp_path: Path) -> None:
    shutil.rmtree(next((dispatched.data / "files").iterdir()))
    with pytest.raises(Refused, match="chưa sao lưu"):
        backup(dispatched.place, tmp_path / "x.zip", dispatched.report_day)
    assert list(tmp_path.glob("*.zip")) == list(tmp_path.glob(".*.partial")) == []


def test_backup_during_writes_is_consistent(dispatched: Site, tmp_path: Path) -> None:
    """A row written between two tables of the backup is in none of them."""
    site, store = dispatched, dispatched.place.store
    with store.read() as conn:
        head = events.head(conn)[0]
    original = store.files.get

    def write_meanwhile(sha256: str) -> bytes:
        with store.begin() as conn:
            events.append(conn, site.report_day, "ai đó", "x", None, "x", {})
        return original(sha256)

    store.files.get = write_meanwhile  # type: ignore[method-assign]
    made = backup(site.place, tmp_path / "x.zip", site.report_day)
    assert made["head"][0] == made["rows"]["event"] == head


def test_next_backup_clears_leftovers_of_a_killed_one(
    dispatched: Site, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dead, written = tmp_path / ".cu.zip.ab12.partial", tmp_path / ".moi.zip.cd34.partial"
    for left in (dead, written):
        left.write_bytes(b"PK half a backup")
    with written.open("rb") as another:
        fcntl.flock(another, fcntl.LOCK_EX)
        made = backup(dispatched.place, tmp_path / "sao-luu.zip", dispatched.report_day)
    assert made["cleared"] == [dead.name]
    assert not dead.exists() and written.exists()
    assert dead.name in caplog.text
