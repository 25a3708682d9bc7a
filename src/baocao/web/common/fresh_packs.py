"""Packs that are edited while a server runs for months are read again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from baocao.workflow.installation import Installation


class FreshPacks:
    """Notices that a file of a pack has changed; looks every few seconds at most."""

    def __init__(self, place: Installation, read_again: Callable[[str], object], seconds: float = 5.0) -> None:
        """`read_again` is called with the code of each regime; `seconds`: between two looks."""
        self._place, self._read_again, self._seconds = place, read_again, seconds
        self._state: frozenset[tuple[str, int, int]] | None = None
        self._looked = 0.0
        self._lock = threading.Lock()

    def look(self) -> None:
        """Have the packs read again when a file has changed since the last look; the first one only notes them."""
        # Whoever comes while another looks goes on with the packs there are.
        if not self._lock.acquire(blocking=False):
            return
        try:
            # A look asks the file system for every file of every pack: not at each page.
            if time.monotonic() - self._looked < self._seconds:
                return
            self._looked = time.monotonic()
            before, self._state = self._state, self._now()
            if before not in {None, self._state}:
                # All of them: a pack may borrow forms of another.
                for code in self._place.folders:
                    self._read_again(code)
        finally:
            self._lock.release()

    def _now(self) -> frozenset[tuple[str, int, int]]:
        files = (file for folder in self._place.folders.values() for file in folder.rglob("*") if file.is_file())
        return frozenset((str(file), found.st_mtime_ns, found.st_size) for file in files for found in [file.stat()])
