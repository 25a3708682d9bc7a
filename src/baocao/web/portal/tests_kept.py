"""Marked-up copies of test files: for a quarter of an hour in a folder of the installation, in no record.

The folder is shared by all portal processes of the installation; who may fetch a copy stands in its name.
"""

from __future__ import annotations

import re
import secrets
import time
from pathlib import Path

KEPT_SECONDS = 900.0
MOST = 64
_NAME = re.compile(r"[0-9a-f]{32}")


class TriedFiles:
    """The newest copies, each for the link whose holder tested it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, link: int, data: bytes) -> str:
        """The name under which the copy can be fetched for a while."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = secrets.token_hex(16)
        # Renamed when whole: another process may be asked for the copy meanwhile.
        part = self._folder / f".{name}"
        part.write_bytes(data)
        part.rename(self._file(link, name))
        self._clear(keep=MOST)
        return name

    def get(self, link: int, name: str) -> bytes | None:
        """The copy; None when there is none, or it is somebody else's, or its time is over."""
        file = self._file(link, name)
        try:
            # The name comes from an address. The wall clock, because that is what the processes and the files share.
            if not _NAME.fullmatch(name) or time.time() - file.stat().st_mtime > KEPT_SECONDS:
                return None
            return file.read_bytes()
        except FileNotFoundError:
            return None

    def close(self) -> None:
        """Remove what nobody can fetch any more."""
        self._clear(keep=MOST)

    def _file(self, link: int, name: str) -> Path:
        return self._folder / f"{link}-{name}.xlsx"

    def _clear(self, keep: int) -> None:
        found = []
        for file in self._folder.glob("*"):
            try:
                found.append((file.stat().st_mtime, file))
            except FileNotFoundError:  # another process has cleared it
                continue
        over = time.time() - KEPT_SECONDS
        for number, (since, file) in enumerate(sorted(found, reverse=True)):
            if since < over or number >= keep:
                file.unlink(missing_ok=True)
