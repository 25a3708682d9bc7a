"""Reading the next file while one is decided: on a machine of several cores readers work side by side.

Each file has one reader from being read to being decided, which marks it up as well. Whoever asks takes the files in
the order they came: reading ahead changes no decision. At most as many files are in memory as there are readers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.raw import RawWorkbook
from baocao.model.submission import Rejection

MOST = 4
"""More readers than this only wait for the one process that decides."""

Opened = RawWorkbook | Rejection
"""What a file turned out to be once it was opened."""


@dataclass(frozen=True)
class BeingRead:
    """A file that a reader is opening, and will mark up."""

    reader: ReaderProcess
    opened: Future[Opened]
    """raises what the opening raised"""


class Readers:
    """A context manager around some reader processes; each is started when it is first needed."""

    def __init__(self, count: int | None = None) -> None:
        """`count`: as many as there are processors for us, at most `MOST`."""
        # The processors this process may use, which in a container are fewer than the machine has.
        self.count = count or min(MOST, len(os.sched_getaffinity(0)))
        self._all = tuple(ReaderProcess() for _ in range(self.count))
        self._free = list(self._all)
        # Threads that only wait, for the processes and the anti-virus daemon: Python's lock does not matter.
        self._threads = ThreadPoolExecutor(self.count, "reader")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A thread that still waits for an answer gets none any more, and ends.
        for reader in self._all:
            reader.kill()
        self._threads.shutdown(cancel_futures=True)
        for reader in self._all:
            reader.close()

    @property
    def idle(self) -> ReaderProcess:
        """A reader without a file. Raises IndexError when all have one."""
        # The one used last: it is started already, where few files came.
        return self._free[-1]

    def begin(self, open_with: Callable[[ReaderProcess], Opened]) -> BeingRead:
        """Have a file opened by a free reader; goes on at once. Raises IndexError when no reader is free."""
        reader = self._free.pop()
        return BeingRead(reader, self._threads.submit(open_with, reader))

    def done(self, file: BeingRead) -> None:
        """The file is decided: its reader is free for another, once it has answered."""
        # A process that still answers cannot take another file: its end is awaited, and its error was told where it was
        # asked.
        if not file.opened.cancel():
            file.opened.exception()
        self._free.append(file.reader)


class OneReader(Readers):
    """A reader that belongs to somebody else, who has one file to be decided."""

    def __init__(self, reader: ReaderProcess) -> None:
        self.count, self._reader = 1, reader

    @property
    def idle(self) -> ReaderProcess:
        return self._reader

    def begin(self, open_with: Callable[[ReaderProcess], Opened]) -> BeingRead:
        """Read the file at once, in the one reader process."""
        opened: Future[Opened] = Future()
        try:
            opened.set_result(open_with(self._reader))
        except Exception as error:
            opened.set_exception(error)
        return BeingRead(self._reader, opened)

    def done(self, file: BeingRead) -> None:
        """Whoever lent the reader goes on with it."""
