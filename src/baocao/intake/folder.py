"""The folder channel: workbooks dropped into an inbox, taken once each, never lost.

A unit may have its own subfolder, named by its code. Files being written, temporary files of office programs and
browsers, and folders that begin with `_` or `.` are left alone. What was handled is moved away only after the caller
has stored it; a crash in between means the file is met again and recognised by its sha256.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

PROCESSED = "_processed"
READ_CAP = 64 << 20
"""Bytes read of one file: more than screening lets pass, so what is cut off is refused anyway."""
QUIET_SECONDS = 5.0

_PARTIAL = (".part", ".partial", ".tmp", ".temp", ".crdownload", ".download", ".filepart", ".lock", ".swp")
_OF_THE_SYSTEM = {"thumbs.db", "desktop.ini"}
_END_OF_ZIP = b"PK\x05\x06"
_HELD = re.compile(r"\.\d+~(.*?)~([0-9a-f]{12})_(.+)", re.DOTALL)
"""A file between two places: who moves it, the folder it came from, the name it will have."""
_NAME_BYTES = 180


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file as it was when read."""

    path: Path
    filename: str
    data: bytes
    sender_hint: str
    """The subfolder's name (a unit code), empty at the top."""
    received_at: datetime
    size: int
    """Of the whole file; `data` holds at most READ_CAP bytes of it."""

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def arrivals(
    inbox: Path, *, received_at: datetime | None = None, clock: Callable[[], float] = time.time
) -> Iterator[Arrival]:
    """Files that are completely there, oldest first.

    A file is passed over when it changed while it was read, or when it was written less than QUIET_SECONDS ago and is
    an unfinished workbook. Links are not followed. `received_at` is the business time; by default each file's own time
    of last change (UTC). `clock` gives seconds since the epoch.
    """
    for path, hint in _candidates(inbox):
        arrival = _read(path, hint, received_at, clock)
        if arrival is not None:
            yield arrival


def _candidates(inbox: Path) -> list[tuple[Path, str]]:
    if not inbox.is_dir():
        return []
    found: list[tuple[int, str, Path, str]] = []
    folders = [(inbox, "")]
    folders += [(p, p.name) for p in inbox.iterdir() if p.is_dir() and not p.is_symlink() and p.name[0] not in "_."]
    for folder, hint in folders:
        for path in folder.iterdir():
            if path.is_symlink() or not _wanted(path.name):
                continue
            with contextlib.suppress(FileNotFoundError):  # another sweep was faster
                status = path.stat()
                if path.is_file():
                    found.append((status.st_mtime_ns, str(path), path, hint))
    return [(path, hint) for _, _, path, hint in sorted(found)]


def _wanted(name: str) -> bool:
    lower = name.lower()
    return not (lower.startswith(("~$", ".", "_")) or lower.endswith(_PARTIAL) or lower in _OF_THE_SYSTEM)


def _read(path: Path, hint: str, received_at: datetime | None, clock: Callable[[], float]) -> Arrival | None:
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            data = file.read(READ_CAP)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        return None
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) < min(
        after.st_size, READ_CAP
    ):
        return None
    fresh = abs(after.st_mtime - clock()) < QUIET_SECONDS  # a time far ahead is another machine's clock
    if fresh and _unfinished(data):
        return None
    at = received_at or datetime.fromtimestamp(after.st_mtime, UTC)
    return Arrival(path, path.name, data, hint, at, after.st_size)


def _unfinished(data: bytes) -> bool:
    """Nothing yet, or a workbook whose zip has not come to its end record. What is no workbook is refused, whole or
    not, so there is nothing to wait for."""
    return not data or (data.startswith(b"PK") and _END_OF_ZIP not in data[-65_557:])


def settle(arrival: Arrival, inbox: Path) -> Path | None:
    """Move a stored file to `inbox/_processed/<first 12 digits of its sha256>_<name>`; give its new place.

    None when there is nothing to move: it has gone already, or another file has come in under its name meanwhile (that
    one stays for the next sweep). Safe to call again after a crash, and by two sweeps at once.
    """
    where = inbox / PROCESSED
    where.mkdir(parents=True, exist_ok=True)
    target = where / f"{arrival.sha256[:12]}_{_short(arrival.filename)}"
    held = where / f".{os.getpid()}~{arrival.sender_hint}~{target.name}"
    try:
        os.rename(arrival.path, held)  # noqa: PTH104 (atomic: whoever renames it owns it)
    except FileNotFoundError:
        return target if target.exists() else None
    return _finish(held, arrival.path, target)


def resume(inbox: Path) -> None:
    """Finish what a sweep that died in the middle of `settle` left half moved: nothing stays out of sight."""
    for held in sorted((inbox / PROCESSED).glob(".*~*~*")):
        found = _HELD.fullmatch(held.name)
        if found is not None:
            hint, digest, filename = found.groups()
            _finish(held, inbox / hint / filename, held.with_name(f"{digest}_{filename}"))


def _finish(held: Path, origin: Path, target: Path) -> Path | None:
    """A file that was taken out of the inbox: to its place when it is the one named, else back where it came from."""
    try:
        if _digest(held) != target.name[:12]:
            _put_back(held, origin)
            return None
        os.replace(held, target)  # noqa: PTH105
    except FileNotFoundError:  # another sweep has finished it
        return target if target.exists() else None
    return target


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.sha256(file.read(READ_CAP)).hexdigest()[:12]


def _short(filename: str) -> str:
    """The name with room for what is put before it: a file system allows 255 bytes, a Vietnamese letter takes three."""
    if len(filename.encode()) <= _NAME_BYTES:
        return filename
    suffix = Path(filename).suffix[:10]
    return filename.encode()[: _NAME_BYTES - 40].decode(errors="ignore") + suffix


def _put_back(held: Path, path: Path) -> None:
    """Return a newer file to the inbox, beside whatever has come under its name since."""
    path.parent.mkdir(exist_ok=True)
    number = 1
    target = path
    while True:
        try:
            os.link(held, target)  # fails when the name is taken, unlike rename
        except FileExistsError:
            number += 1
            target = path.with_name(f"{path.stem} ({number}){path.suffix}")
        else:
            held.unlink()
            return
