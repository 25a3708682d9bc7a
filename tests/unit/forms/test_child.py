"""The reader's process: it may die, the next file must not notice."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from baocao.forms import child
from baocao.forms.blank import write_blank
from baocao.forms.child import ReaderProcess
from baocao.forms.raw import Unreadable
from baocao.forms.read import read_workbook
from baocao.model.submission import Screening
from builders_hostile import far_cells, xlsx
from builders_workbook import COMMUNE_UNIT, period, small_pack, small_values

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


def test_a_refusal_of_the_reader_comes_through_with_its_sentence_and_the_child_lives_on() -> None:
    with ReaderProcess() as reader:
        reader.read(GOOD)
        first = pid_of(reader)
        with pytest.raises(Unreadable) as refused:
            reader.read(b"not a workbook")
        assert refused.value.reason is Screening.UNREADABLE and "hỏng" in refused.value.message
        assert reader.read(GOOD).meta["unit"] == "90001" and pid_of(reader) == first


def test_a_file_that_aborts_the_reading_library_is_answered_and_the_next_file_is_read() -> None:
    """Two filled corners of a sheet make the library ask for more memory than there is, and abort its process."""
    with ReaderProcess(memory_bytes=512 << 20) as reader:
        with pytest.raises(Unreadable) as refused:
            reader.read(far_cells())
        assert refused.value.reason is Screening.READER_DIED and "Dán giá trị" in refused.value.message
        assert reader.read(GOOD).meta["unit"] == "90001"


def test_a_child_killed_between_files_is_replaced() -> None:
    with ReaderProcess() as reader:
        reader.read(GOOD)
        first = pid_of(reader)
        os.kill(first, signal.SIGKILL)
        assert reader._process is not None
        reader._process.wait()
        with pytest.raises(Unreadable):
            reader.read(GOOD)
        assert reader.read(GOOD).meta["unit"] == "90001" and pid_of(reader) != first


def test_a_file_that_takes_too_long_is_answered() -> None:
    with ReaderProcess(seconds_per_file=0.0) as reader:
        with pytest.raises(Unreadable) as refused:
            reader.read(GOOD)
        assert refused.value.reason is Screening.READER_DIED


def test_an_answer_that_is_late_is_never_taken_for_the_next_files_answer() -> None:
    other = xlsx({"Trang": [["§B04.A", "§TH"], ["C1", 5]]})
    with ReaderProcess() as reader:
        reader.read(GOOD)
        reader._seconds = 0.0
        with pytest.raises(Unreadable):
            reader.read(GOOD)
        reader._seconds = 20.0
        assert reader.read(other).sheets == ["Trang"]


def test_an_interruption_between_question_and_answer_costs_the_child_and_not_the_next_file(
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


def test_a_child_that_cannot_start_is_our_failure_and_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    interpreter = tmp_path / "python"
    interpreter.write_text("#!/bin/sh\necho 'no module named baocao' >&2\nexit 3\n")
    interpreter.chmod(0o755)
    monkeypatch.setattr(child.sys, "executable", str(interpreter))
    with ReaderProcess() as reader, pytest.raises(RuntimeError, match="no module named baocao"):
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
    assert not [name for name in ("pydantic_core", "pandas", "numpy", "lxml") if name in mapped]
