"""Marked-up copies of test files: for a quarter of an hour in a folder that ends with the service, in no record."""

from __future__ import annotations

import secrets
import tempfile
import threading
import time
from collections import OrderedDict
from pathlib import Path

KEPT_SECONDS = 900.0
MOST = 64


class TriedFiles:
    """The newest copies, each for the link whose holder tested it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="baocao-portal-")
        self._known: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, link: int, data: bytes) -> str:
        """The name under which the copy can be fetched for a while."""
        name = secrets.token_hex(16)
        (Path(self._folder.name) / name).write_bytes(data)
        with self._lock:
            self._known[name] = link, time.monotonic()
            while len(self._known) > MOST or self._oldest_is_over():
                gone, _ = self._known.popitem(last=False)
                (Path(self._folder.name) / gone).unlink(missing_ok=True)
        return name

    def get(self, link: int, name: str) -> bytes | None:
        """The copy; None when there is none, or it is somebody else's, or its time is over."""
        with self._lock:
            whose, since = self._known.get(name, (0, 0.0))
            if whose != link or time.monotonic() - since > KEPT_SECONDS:
                return None
            return (Path(self._folder.name) / name).read_bytes()

    def close(self) -> None:
        self._folder.cleanup()

    def _oldest_is_over(self) -> bool:
        oldest = next(iter(self._known.values()), None)
        return oldest is not None and time.monotonic() - oldest[1] > KEPT_SECONDS
