"""The inbox: each file once, none lost, none half-written."""

from __future__ import annotations

import os
import time
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest

from baocao.intake import folder
from baocao.intake.folder import PROCESSED, Arrival, Obstacle, Trouble, arrivals, resume, settle
from builders.files.hostile import xlsx

WHOLE = xlsx({"A": [["x"]]})
OTHER = xlsx({"A": [["y"]]})
NOW = 1_780_000_000.0


def drop(path: Path, data: bytes = WHOLE, age: float = 60.0) -> Path:
    """A file last written `age` seconds before now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (NOW - age, NOW - age))
    return path


def waiting(inbox: Path) -> list[Arrival]:
    return [found for found in arrivals(inbox, clock=lambda: NOW) if isinstance(found, Arrival)]


def obstacles(inbox: Path) -> list[tuple[str, Trouble]]:
    return [(f.shown, f.trouble) for f in arrivals(inbox, clock=lambda: NOW) if isinstance(f, Obstacle)]


def names(inbox: Path) -> list[str]:
    return [a.filename for a in waiting(inbox)]


def test_files_come_in_the_order_they_arrived(tmp_path: Path) -> None:
    for name, age in (("c.xlsx", 30), ("b.xlsx", 90), ("14797/a.xlsx", 60)):
        drop(tmp_path / name, age=age)
        time.sleep(0.02)  # the file system counts in ticks
    assert [(a.filename, a.sender_hint) for a in waiting(tmp_path)] == [
        ("c.xlsx", ""),
        ("b.xlsx", ""),
        ("a.xlsx", "14797"),
    ]


@pytest.mark.parametrize(
    "name",
    [
        "~$bao-cao.xlsx",
        "bao-cao.xlsx.part",
        "bao-cao.xlsx.crdownload",
        ".~lock.bao-cao.xlsx#",
        "x.tmp",
        "Thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        ".DS_Store",
        "._bao-cao.xlsx",
        "Icon\r",
        "bao-cao.xlsx~",
        "bao-cao.xlsx.opdownload",
        "bao-cao.lnk",
        "~WRL0001.tmp",
        "~WRL0002",
    ],
)
def test_temporary_files_are_left_alone(tmp_path: Path, name: str) -> None:
    drop(tmp_path / name)
    assert names(tmp_path) == []


def test_hidden_and_our_own_folders_are_left_alone(tmp_path: Path) -> None:
    drop(tmp_path / PROCESSED / "a.xlsx")
    drop(tmp_path / ".git" / "a.xlsx")
    assert names(tmp_path) == []


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = drop(tmp_path / "elsewhere" / "secret.xlsx")
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "a.xlsx").symlink_to(secret)
    (inbox / "14797").symlink_to(secret.parent)
    assert names(inbox) == []
    assert obstacles(inbox) == [("14797", Trouble.LINK), ("a.xlsx", Trouble.LINK)]


def test_pipes_and_folders_named_like_workbooks_block_nothing(tmp_path: Path) -> None:
    (tmp_path / "14797").mkdir()
    os.mkfifo(tmp_path / "14797" / "ong.xlsx")
    drop(tmp_path / "14797" / "bao-cao.xlsx" / "a.xlsx")
    assert obstacles(tmp_path) == [("14797/ong.xlsx", Trouble.NO_FILE)]
    assert [(a.filename, a.sender_hint) for a in waiting(tmp_path)] == [("a.xlsx", "14797")]


def test_an_obstacle_keeps_its_key_between_sweeps(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "ong.xlsx")
    first, again = ([f.key for f in arrivals(tmp_path) if isinstance(f, Obstacle)] for _ in range(2))
    assert first == again and len(first) == 1


def test_nested_files_belong_to_their_units_folder(tmp_path: Path) -> None:
    drop(tmp_path / "14797" / "6 tháng" / "_bản cuối" / "a.xlsx")
    drop(tmp_path / "14797" / "__MACOSX" / "b.xlsx")
    drop(tmp_path / "14797" / ".trash" / "c.xlsx")
    assert [(a.filename, a.sender_hint) for a in waiting(tmp_path)] == [("a.xlsx", "14797")]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"b\xe1o c\xe1o.xlsx", "b\ufffdo c\ufffdo.xlsx"),
        (b"a\nb.xlsx", "a\ufffdb.xlsx"),
        ("\u202exslx.exe".encode(), "\ufffdxslx.exe"),
        (unicodedata.normalize("NFD", "báo cáo.xlsx").encode(), "báo cáo.xlsx"),
    ],
)
def test_undecodable_names_are_shown_readably_and_still_settle(tmp_path: Path, raw: bytes, shown: str) -> None:
    drop(tmp_path / "14797" / os.fsdecode(raw))
    (arrival,) = waiting(tmp_path)
    assert arrival.filename == shown
    shown.encode()
    where = settle(arrival, tmp_path)
    assert where is not None and where.name.endswith(shown) and names(tmp_path) == []


def test_another_sending_of_a_file_is_another_arrival(tmp_path: Path) -> None:
    drop(tmp_path / "14797" / "a.xlsx")
    first, again = waiting(tmp_path)[0], waiting(tmp_path)[0]
    assert first.key == again.key
    time.sleep(0.02)
    drop(tmp_path / "14797" / "a.xlsx")  # the same bytes, the same name, the same time on the file
    assert waiting(tmp_path)[0].key != first.key
    (tmp_path / "14797" / "a.xlsx").rename(tmp_path / "14797" / "b.xlsx")
    assert waiting(tmp_path)[0].key not in {first.key}


def test_a_missing_inbox_folder_is_empty(tmp_path: Path) -> None:
    assert names(tmp_path / "inbox") == []


def test_only_files_still_being_written_wait(tmp_path: Path) -> None:
    drop(tmp_path / "half.xlsx", WHOLE[:-40], age=1)
    drop(tmp_path / "nothing.xlsx", b"", age=1)
    drop(tmp_path / "whole.xlsx", WHOLE, age=1)
    drop(tmp_path / "notes.txt", b"ghi", age=0)  # refused in any case: nothing to wait for
    drop(tmp_path / "half.pdf", b"%PDF-1.7", age=1)
    drop(tmp_path / "scan.pdf", b"%PDF-1.7 ... %%EOF", age=0)
    # What is named like a signed copy first: the answer to the workbook beside it knows of it.
    assert names(tmp_path) == ["scan.pdf", "whole.xlsx", "notes.txt"]


def test_files_dated_in_the_future_are_not_delayed(tmp_path: Path) -> None:
    drop(tmp_path / "half.xlsx", WHOLE[:-40], age=-3600)
    assert names(tmp_path) == ["half.xlsx"]


def test_rested_incomplete_file_is_taken_and_answered(tmp_path: Path) -> None:
    drop(tmp_path / "half.xlsx", WHOLE[:-40], age=60)
    assert names(tmp_path) == ["half.xlsx"]


def test_a_file_changing_while_it_is_read_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(tmp_path / "a.xlsx")
    calls = []

    def fstat(descriptor: int) -> os.stat_result:
        calls.append(descriptor)
        if len(calls) == 2:
            with path.open("ab") as file:
                file.write(b"more")
        return os.stat(descriptor)

    monkeypatch.setattr(os, "fstat", fstat)
    assert names(tmp_path) == []


def test_the_files_own_time_is_kept_unchanged(tmp_path: Path) -> None:
    drop(tmp_path / "a.xlsx", age=60)
    assert waiting(tmp_path)[0].file_time == datetime.fromtimestamp(NOW - 60, UTC)


def test_huge_files_are_read_only_to_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "READ_CAP", 1000)
    drop(tmp_path / "a.xlsx", b"x" * 5000)
    arrival = waiting(tmp_path)[0]
    assert (len(arrival.data), arrival.size) == (1000, 5000)
    assert settle(arrival, tmp_path) is not None and names(tmp_path) == []


def test_a_settled_file_is_kept_under_its_hash(tmp_path: Path) -> None:
    drop(tmp_path / "a.xlsx")
    arrival = waiting(tmp_path)[0]
    where = settle(arrival, tmp_path)
    assert where == tmp_path / PROCESSED / f"{arrival.sha256[:12]}_a.xlsx"
    assert where.read_bytes() == WHOLE and names(tmp_path) == []


def test_two_files_of_one_name_are_both_kept(tmp_path: Path) -> None:
    for data in (WHOLE, OTHER):
        drop(tmp_path / "a.xlsx", data)
        settle(waiting(tmp_path)[0], tmp_path)
    assert {p.read_bytes() for p in (tmp_path / PROCESSED).iterdir()} == {WHOLE, OTHER}


def test_the_same_file_sent_twice_is_kept_once(tmp_path: Path) -> None:
    for _ in range(2):
        drop(tmp_path / "a.xlsx")
        assert settle(waiting(tmp_path)[0], tmp_path) is not None
    assert len(list((tmp_path / PROCESSED).iterdir())) == 1


def test_settling_again_after_a_crash_changes_nothing(tmp_path: Path) -> None:
    drop(tmp_path / "a.xlsx")
    arrival = waiting(tmp_path)[0]
    first = settle(arrival, tmp_path)
    assert settle(arrival, tmp_path) == first and first is not None and first.exists()


def test_a_newer_file_of_the_name_stays_waiting(tmp_path: Path) -> None:
    drop(tmp_path / "a.xlsx")
    arrival = waiting(tmp_path)[0]
    drop(tmp_path / "a.xlsx", OTHER)
    assert settle(arrival, tmp_path) is None
    assert [(a.filename, a.data) for a in waiting(tmp_path)] == [("a.xlsx", OTHER)]


def test_a_newer_file_is_never_overwritten_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drop(tmp_path / "a.xlsx")
    arrival = waiting(tmp_path)[0]
    drop(tmp_path / "a.xlsx", OTHER)
    honest = folder._digest

    def third_comes_in(path: Path) -> str:
        drop(tmp_path / "a.xlsx", WHOLE)
        return honest(path)

    monkeypatch.setattr(folder, "_digest", third_comes_in)
    assert settle(arrival, tmp_path) is None
    assert {a.filename: a.data for a in waiting(tmp_path)} == {"a.xlsx": WHOLE, "a (2).xlsx": OTHER}
    assert not list((tmp_path / PROCESSED).iterdir())


def test_two_sweeps_at_once_settle_a_file_once(tmp_path: Path) -> None:
    drop(tmp_path / "a.xlsx")
    first, second = waiting(tmp_path)[0], waiting(tmp_path)[0]
    assert settle(first, tmp_path) == settle(second, tmp_path)
    assert len(list((tmp_path / PROCESSED).iterdir())) == 1


def die_half_way(arrival: Arrival, inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settle, and die after the file has left the inbox and before it has arrived anywhere."""
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(folder, "_finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        settle(arrival, inbox)


@pytest.mark.parametrize("name", ["a ~ b.xlsx", "dưới/50%2F+\n100%.xlsx", "ộ" * 50 + ".xlsx"])
def test_files_left_by_an_interrupted_sweep_move_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    drop(tmp_path / "14797" / name)
    arrival = waiting(tmp_path)[0]
    die_half_way(arrival, tmp_path, monkeypatch)
    resume(tmp_path)
    assert [p.name for p in (tmp_path / PROCESSED).iterdir()] == [f"{arrival.sha256[:12]}_{arrival.filename}"]
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["a.xlsx", "dưới/50%2F+\n100%.xlsx", "ộ" * 50 + ".xlsx"])
def test_file_of_a_dead_sweep_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    drop(tmp_path / "14797" / name)
    arrival = waiting(tmp_path)[0]
    drop(tmp_path / "14797" / name, OTHER)
    die_half_way(arrival, tmp_path, monkeypatch)
    assert names(tmp_path) == []
    resume(tmp_path)
    assert [(a.below, a.data) for a in waiting(tmp_path)] == [(Path("14797", name), OTHER)]
    assert not list((tmp_path / PROCESSED).iterdir())


def test_the_longest_names_and_folders_still_settle(tmp_path: Path) -> None:
    folder_name, name = "ệ" * 80, "ộ" * 83 + ".xlsx"
    drop(tmp_path / folder_name / "dưới" / name)
    arrival = waiting(tmp_path)[0]
    where = settle(arrival, tmp_path)
    assert where is not None and where.read_bytes() == WHOLE
    assert [p.name for p in (tmp_path / PROCESSED).iterdir()] == [where.name]


def test_longest_file_name_is_settled_shorter(tmp_path: Path) -> None:
    name = "ộ" * 83 + ".xlsx"
    assert len(name.encode()) == 254
    drop(tmp_path / "14797" / name)
    where = settle(waiting(tmp_path)[0], tmp_path)
    assert where is not None and where.read_bytes() == WHOLE and where.name.endswith("ộ.xlsx")
    assert names(tmp_path) == []
