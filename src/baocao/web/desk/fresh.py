"""Packs that are edited while the server runs are read again."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from baocao.workflow.installation import Installation

_SECONDS = 5.0


class FreshPacks:
    """Lets the installation read a pack again once a file of it has changed; looks every few seconds at most."""

    def __init__(self, place: Installation) -> None:
        self._place = place
        self._states: dict[str, tuple[tuple[str, int, int], ...]] = {}
        self._looked = 0.0
        self._lock = threading.Lock()

    def look(self) -> None:
        """Forget the packs whose files have changed, so that the next question reads them again."""
        with self._lock:
            # A look asks the file system for every file of every pack: not at each page.
            if time.monotonic() - self._looked < _SECONDS:
                return
            self._looked = time.monotonic()
            for code, folder in self._place.folders.items():
                state = _state(folder)
                if self._states.setdefault(code, state) != state:
                    self._states[code] = state
                    self._place.forget(code)


def _state(folder: Path) -> tuple[tuple[str, int, int], ...]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return tuple((str(p), stat.st_mtime_ns, stat.st_size) for p in files for stat in [p.stat()])
