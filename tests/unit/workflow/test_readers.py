"""Readers side by side: two files are read at once, a file that ends its reader costs nobody else anything."""

from __future__ import annotations

import threading

import pytest

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.child import ReaderProcess, ReaderUnavailable
from baocao.forms.reading.raw import RawWorkbook, Unreadable
from baocao.model.submission import Screening
from baocao.workflow.intake.checking import read_file
from baocao.workflow.intake.readers import OneReader, Opened, Readers
from builders.files.hostile import far_cells
from builders.files.workbook import COMMUNE_UNIT, period, small_pack, small_values

GOOD = write_blank(small_pack(), COMMUNE_UNIT, period(), values=small_values())
BOUND = 120
"""Seconds; far more than anything here takes."""


def test_two_readers_read_two_files_at_once() -> None:
    both = threading.Barrier(2)

    def opened(reader: ReaderProcess) -> Opened:
        both.wait(BOUND)  # broken when the second is not begun before the first is done
        return read_file(reader, GOOD, "a.xlsx")

    with Readers(2) as readers:
        first, second = readers.begin(opened), readers.begin(opened)
        assert isinstance(first.opened.result(BOUND), RawWorkbook)
        assert isinstance(second.opened.result(BOUND), RawWorkbook)
        assert first.reader is not second.reader
        with pytest.raises(IndexError):
            readers.begin(opened)
        readers.done(first)
        assert readers.idle is first.reader


def test_a_file_killing_its_reader_affects_no_other() -> None:
    with Readers(2) as readers:
        deadly = readers.begin(lambda reader: reader.read(far_cells()))  # not screened, so that the library aborts
        beside = readers.begin(lambda reader: read_file(reader, GOOD, "a.xlsx"))
        with pytest.raises(Unreadable) as refused:
            deadly.opened.result(BOUND)
        assert refused.value.reason is Screening.READER_DIED
        assert isinstance(beside.opened.result(BOUND), RawWorkbook)
        readers.done(deadly)
        after = readers.begin(lambda reader: read_file(reader, GOOD, "b.xlsx"))
        assert after.reader is deadly.reader and isinstance(after.opened.result(BOUND), RawWorkbook)


def test_leaving_early_stops_a_reading_in_progress() -> None:
    asked = threading.Event()

    def opened(reader: ReaderProcess) -> Opened:
        reader.read(GOOD)
        asked.set()
        while True:  # a reading that goes on and on
            reader.read(GOOD)

    with Readers(1) as readers:
        file = readers.begin(opened)
        assert asked.wait(BOUND)
    with pytest.raises(ReaderUnavailable):
        file.opened.result(BOUND)


def test_lent_reader_tells_its_fault_when_asked() -> None:
    with ReaderProcess() as lent:
        readers = OneReader(lent)
        assert isinstance(readers.begin(lambda reader: read_file(reader, GOOD, "a.xlsx")).opened.result(), RawWorkbook)
        failed = readers.begin(lambda reader: 1 / 0)  # type: ignore[arg-type, return-value]
        with pytest.raises(ZeroDivisionError):
            failed.opened.result()
