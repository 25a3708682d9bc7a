"""The inbox: each file once, none lost, none half-written."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from baocao.intake import folder
from baocao.intake.folder import PROCESSED, Arrival, arrivals, resume, settle
from builders_hostile import xlsx

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
    return list(arrivals(inbox, clock=lambda: NOW))


def names(inbox: Path) -> list[str]:
    return [a.filename for a in waiting(inbox)]


def test_files_come_oldest_first_with_the_unit_their_folder_names(tmp_path: Path) -> None:
    drop(tmp_path / "b.xlsx", age=30)
    drop(tmp_path / "14797" / "a.xlsx", age=10)
    drop(tmp_path / "c.xlsx", age=90)
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
        "_x",
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


def test_an_inbox_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    assert names(tmp_path / "inbox") == []


def test_a_file_still_being_written_waits_and_a_whole_one_does_not(tmp_path: Path) -> None:
    drop(tmp_path / "half.xlsx", WHOLE[:-40], age=1)
    drop(tmp_path / "nothing.xlsx", b"", age=1)
    drop(tmp_path / "whole.xlsx", WHOLE, age=1)
    drop(tmp_path / "scan.pdf", b"%PDF-1.7", age=0)  # refused in any case: nothing to wait for
    assert names(tmp_path) == ["whole.xlsx", "scan.pdf"]


def test_a_file_dated_by_a_clock_that_runs_ahead_is_not_waited_for(tmp_path: Path) -> None:
    drop(tmp_path / "half.xlsx", WHOLE[:-40], age=-3600)
    assert names(tmp_path) == ["half.xlsx"]


def test_a_cut_off_file_that_has_rested_is_taken_so_that_its_sender_hears_of_it(tmp_path: Path) -> None:
    drop(tmp_path / "half.xlsx", WHOLE[:-40], age=60)
    assert names(tmp_path) == ["half.xlsx"]


def test_a_file_that_changes_while_it_is_read_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = drop(tmp_path / "a.xlsx")
    calls = []

    def fstat(descriptor: int) -> os.stat_result:
        calls.append(descriptor)
        if len(calls) == 2:
            with path.open("ab") as file:
                file.write(b"more")
        return os.stat(descriptor)

    monkeypatch.setattr(folder.os, "fstat", fstat)
    assert names(tmp_path) == []


def test_the_time_of_arrival_is_the_business_time_or_the_files_own(tmp_path: Path) -> None:
    drop(tmp_path / "a.xlsx", age=60)
    at = datetime(2026, 6, 18, 9, tzinfo=UTC)
    assert next(iter(arrivals(tmp_path, received_at=at, clock=lambda: NOW))).received_at == at
    assert waiting(tmp_path)[0].received_at == datetime.fromtimestamp(NOW - 60, UTC)


def test_a_huge_file_is_read_no_further_than_the_cap_and_still_settled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "READ_CAP", 1000)
    drop(tmp_path / "a.xlsx", b"x" * 5000)
    arrival = waiting(tmp_path)[0]
    assert (len(arrival.data), arrival.size) == (1000, 5000)
    assert settle(arrival, tmp_path) is not None and names(tmp_path) == []


def test_a_settled_file_is_kept_under_its_hash_and_met_no_more(tmp_path: Path) -> None:
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


def test_a_newer_file_that_came_in_under_the_name_meanwhile_stays_for_the_next_sweep(tmp_path: Path) -> None:
    drop(tmp_path / "a.xlsx")
    arrival = waiting(tmp_path)[0]
    drop(tmp_path / "a.xlsx", OTHER)
    assert settle(arrival, tmp_path) is None
    assert [(a.filename, a.data) for a in waiting(tmp_path)] == [("a.xlsx", OTHER)]


def test_a_newer_file_is_never_overwritten_by_a_third(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_file_whose_sweep_died_while_moving_it_is_moved_on_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(tmp_path / "14797" / "a ~ b.xlsx")
    arrival = waiting(tmp_path)[0]
    die_half_way(arrival, tmp_path, monkeypatch)
    resume(tmp_path)
    assert [p.name for p in (tmp_path / PROCESSED).iterdir()] == [f"{arrival.sha256[:12]}_a ~ b.xlsx"]
    assert names(tmp_path) == []


def test_a_newer_file_in_the_hands_of_a_sweep_that_died_comes_back_to_its_units_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(tmp_path / "14797" / "a.xlsx")
    arrival = waiting(tmp_path)[0]
    drop(tmp_path / "14797" / "a.xlsx", OTHER)
    die_half_way(arrival, tmp_path, monkeypatch)
    assert names(tmp_path) == []
    resume(tmp_path)
    assert [(a.sender_hint, a.filename, a.data) for a in waiting(tmp_path)] == [("14797", "a.xlsx", OTHER)]
    assert not list((tmp_path / PROCESSED).iterdir())


def test_a_file_with_the_longest_name_a_file_system_takes_is_settled_under_a_shorter_one(tmp_path: Path) -> None:
    name = "ộ" * 83 + ".xlsx"
    assert len(name.encode()) == 254
    drop(tmp_path / "14797" / name)
    where = settle(waiting(tmp_path)[0], tmp_path)
    assert where is not None and where.read_bytes() == WHOLE and where.name.endswith("ộ.xlsx")
    assert names(tmp_path) == []
