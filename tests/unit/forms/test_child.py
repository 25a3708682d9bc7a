"""The reader's process: it may die, the next file must not notice."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.child import ReaderProcess, ReaderUnavailable, TaskFailed
from baocao.forms.reading.raw import Unreadable
from baocao.forms.reading.read import read_workbook
from baocao.model.submission import Screening
from builders.files.hostile import far_cells, xlsx
from builders.files.workbook import COMMUNE_UNIT, period, small_pack, small_values

GOOD = write_blank(small_pack(), COMMUNE_UNIT, period(), values=small_values())


def pid_of(reader: ReaderProcess) -> int:
    assert reader._process is not None
    return reader._process.pid


def test_the_child_reads_what_the_parent_would_read() -> None:
    with ReaderProcess() as reader:
        assert reader.read(GOOD) == read_workbook(GOOD)


def test_one_child_reads_many_files() -> None:
    with ReaderProcess() as reader:
        reader.read(GOOD)
        first = pid_of(reader)
        for _ in range(5):
            reader.read(GOOD)
        assert pid_of(reader) == first


def test_the_child_survives_refusing_a_file() -> None:
    with ReaderProcess() as reader:
        reader.read(GOOD)
        first = pid_of(reader)
        with pytest.raises(Unreadable) as refused:
            reader.read(b"not a workbook")
        assert refused.value.reason is Screening.UNREADABLE and "hỏng" in refused.value.message
        assert reader.read(GOOD).meta["unit"] == "90001" and pid_of(reader) == first


def test_the_next_file_is_read_after_a_crash() -> None:
    """Two filled corners of a sheet make the library ask for more memory than there is, and abort its process."""
    with ReaderProcess(memory_bytes=512 << 20) as reader:
        with pytest.raises(Unreadable) as refused:
            reader.read(far_cells())
        assert refused.value.reason is Screening.READER_DIED and "Dán giá trị" in refused.value.message
        assert reader.read(GOOD).meta["unit"] == "90001"


def test_replacing_a_killed_child_blames_no_file() -> None:
    with ReaderProcess() as reader:
        reader.read(GOOD)
        first = pid_of(reader)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(ReaderUnavailable):
            reader.read(GOOD)
        assert reader.read(GOOD).meta["unit"] == "90001" and pid_of(reader) != first


def never_ends(data: bytes, order: dict[str, Any]) -> bytes:
    """A task that computes for ever."""
    while True:
        data = bytes(reversed(data))


def sleeps(data: bytes, order: dict[str, Any]) -> bytes:
    """A task that waits and computes nothing."""
    time.sleep(600)
    return data


def takes_memory(data: bytes, order: dict[str, Any]) -> bytes:
    return bytes(1 << 34)


def is_wrong(data: bytes, order: dict[str, Any]) -> bytes:
    raise KeyError(order["name"])


@pytest.fixture
def tasks_of_this_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child finds the tasks above by the name of this module."""
    folders = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(folders))


@pytest.mark.usefixtures("tasks_of_this_file")
def test_computing_time_is_limited_for_each_file_alone() -> None:
    with ReaderProcess(cpu_seconds=1) as reader:
        for _ in range(2):
            with pytest.raises(Unreadable) as refused:
                reader.run(never_ends, GOOD)
            assert refused.value.reason is Screening.READER_DIED
        assert reader.read(GOOD).meta["unit"] == "90001"


@pytest.mark.usefixtures("tasks_of_this_file")
def test_a_child_hanging_without_computing_is_our_failure() -> None:
    with ReaderProcess(wall_seconds=0.5) as reader, pytest.raises(ReaderUnavailable):
        reader.run(sleeps, GOOD)


@pytest.mark.usefixtures("tasks_of_this_file")
def test_a_file_needing_too_much_memory_is_answered() -> None:
    with ReaderProcess() as reader:
        with pytest.raises(Unreadable) as refused:
            reader.run(takes_memory, GOOD)
        assert refused.value.reason is Screening.READER_DIED


@pytest.mark.usefixtures("tasks_of_this_file")
def test_our_own_error_keeps_its_traceback() -> None:
    with ReaderProcess() as reader:
        with pytest.raises(TaskFailed, match="KeyError: 'ten'"):
            reader.run(is_wrong, GOOD, name="ten")
        first = pid_of(reader)
        assert reader.read(GOOD).meta["unit"] == "90001" and pid_of(reader) == first


def test_late_answers_are_never_given_to_another_file() -> None:
    other = xlsx({"Trang": [["§B04.A", "§TH"], ["C1", 5]]})
    with ReaderProcess() as reader:
        reader.read(GOOD)
        reader._wall_seconds = 0.0
        with pytest.raises(ReaderUnavailable):
            reader.read(GOOD)
        reader._wall_seconds = 60.0
        assert reader.read(other).sheets == ["Trang"]


def test_an_interrupted_read_cannot_affect_the_next_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = xlsx({"Trang": [["§B04.A", "§TH"], ["C1", 5]]})
    with ReaderProcess() as reader:
        reader.read(GOOD)
        with monkeypatch.context() as patch:
            patch.setattr(reader, "_answer", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                reader.read(GOOD)
        assert reader.read(other).sheets == ["Trang"]


def test_a_child_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text("#!/bin/sh\necho 'no module named baocao' >&2\nexit 3\n")
    interpreter.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(interpreter))
    with ReaderProcess() as reader, pytest.raises(ReaderUnavailable, match="no module named baocao"):
        reader.read(GOOD)


def test_the_child_gets_no_secret_from_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BAOCAO_SMTP_URL", "smtp://user:secret@mail.example")
    with ReaderProcess() as reader:
        reader.read(GOOD)
        environment = Path(f"/proc/{pid_of(reader)}/environ").read_bytes()
    assert b"secret" not in environment and b"PYTHONPATH" in environment


def test_the_child_imports_nothing_heavy() -> None:
    with ReaderProcess() as reader:
        reader.read(GOOD)
        mapped = Path(f"/proc/{pid_of(reader)}/maps").read_text()
    assert "python_calamine" in mapped
    assert not [name for name in ("pydantic_core", "pandas", "numpy", "openpyxl") if name in mapped]
