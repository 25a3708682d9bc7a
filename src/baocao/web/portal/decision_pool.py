"""The decision pool: a few threads, each with its own bounded reader process. Arrivals are decided as they came.

What is safe stays safe: an arrival is a row before it is handed over here, so a thread that dies, or the whole service,
loses nothing; the next start and every sweep of `collect` go on with it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from baocao.forms.reading.child import ReaderProcess
from baocao.web.portal.config import Clock
from baocao.workflow.installation import Installation
from baocao.workflow.intake.checking import Checked
from baocao.workflow.mail.personal_links import Holder
from baocao.workflow.portal import sending
from baocao.workflow.portal.sending import Taken

log = logging.getLogger(__name__)
T = TypeVar("T")


class DecisionPool:
    """Started with the service, closed with it."""

    def __init__(
        self, place: Installation, clock: Clock, many: int, decided: Callable[[], None] = lambda: None
    ) -> None:
        """`decided` is called after each verdict."""
        self._place, self._clock, self._decided = place, clock, decided
        # One reader process a thread: a process reads one workbook at a time.
        self._own = threading.local()
        self._readers: list[ReaderProcess] = []
        self._pool = ThreadPoolExecutor(many, thread_name_prefix="decide")
        self._open: dict[int, Future[str]] = {}
        self._lock = threading.Lock()

    def resume(self) -> int:
        """Hand over what an earlier run left undecided; how many."""
        left = sending.undecided(self._place)
        for id in left:
            self.submit(id)
        return len(left)

    def submit(self, id: int) -> Future[str]:
        """Have an arrival decided; the future gives the outcome in one word. Handing one over twice is one."""
        with self._lock:
            known = self._open.get(id)
            if known is not None:
                return known
            future = self._open[id] = self._pool.submit(self._decide, id)
        # Outside the lock: a future that is done already calls back at once, and `_done` takes the same lock.
        future.add_done_callback(lambda _: self._done(id))
        return future

    def explain(self, holder: Holder, id: int, said: dict[str, str], at: datetime, key: str) -> Future[Taken]:
        """Write explanations into a copy of the unit's workbook and take it in."""
        return self._pool.submit(lambda: sending.explain(self._place, self._reader(), holder, id, said, at, key))

    async def read(self, call: Callable[[ReaderProcess], T]) -> T:
        """Have something read by one of the bounded processes."""
        return await asyncio.wrap_future(self._pool.submit(lambda: call(self._reader())))

    @property
    def waiting(self) -> int:
        """Arrivals handed over and not decided."""
        return len(self._open)

    def close(self) -> None:
        """Finish what is being decided; what only waits stays RECEIVED, for the next start."""
        # First the threads, then their readers: a reader that is closed under a thread would fail its verdict.
        self._pool.shutdown(wait=True, cancel_futures=True)
        for reader in self._readers:
            reader.close()

    def _decide(self, id: int) -> str:
        try:
            return sending.decide(self._place, self._reader(), id, self._clock.now())
        except Exception:
            # Nothing is decided: the row stays RECEIVED and the next sweep takes it up.
            log.exception("submission %s: not decided", id)
            return "failed"

    def _reader(self) -> ReaderProcess:
        reader: ReaderProcess | None = getattr(self._own, "reader", None)
        if reader is None:
            reader = self._own.reader = ReaderProcess()
            self._readers.append(reader)
        return reader

    def _done(self, id: int) -> None:
        with self._lock:
            self._open.pop(id, None)
        self._decided()


def tried(place: Installation, holder: Holder, data: bytes, filename: str, at: datetime) -> Checked:
    """A test of a file, in a reader of its own: a hostile test must not end one that decides."""
    return sending.try_file(place, holder, data, filename, at)
