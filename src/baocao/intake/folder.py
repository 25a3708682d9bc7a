"""The folder channel: workbooks dropped into an inbox, taken once each, never lost.

A unit has its own folder, named by its code; whatever lies below it, however deep, was sent by that unit. What was
handled is moved away only after the caller has stored it; a crash in between means the file is met again and recognised
as the same arrival. What cannot be taken is named, and stops nothing else.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from baocao.intake.copies import is_broken_off
from baocao.intake.inbox_names import PROCESSED, is_junk, is_passed_over, is_utf8, printable, shortened

__all__ = ["PROCESSED", "Arrival", "Obstacle", "Trouble", "arrivals", "resume", "settle"]

# One file must not fill the memory of the sweep.
READ_CAP = 64 << 20
"""Bytes read of one file: more than screening lets pass, so what is cut off is refused anyway."""
QUIET_SECONDS = 5.0
_END_OF_ZIP = b"PK\x05\x06"
_MOVING = re.compile(r"\.moving-([0-9a-f]{12})-[^+]+(?:\+(.+))?", re.DOTALL)
"""A file on its way out of the inbox, with its path there in its name; or a folder that holds one under that path."""
_LONGEST_NAME = 190
"""Bytes; longer names do not fit on every file system."""
# No sweep takes so long between making the folder and moving one file into it.
_ABANDONED_SECONDS = 3600.0
_LIKE_COPIES = {".pdf", ".jpg", ".jpeg", ".png"}
"""Only sorts: what a file is, its first bytes say."""


class Trouble(StrEnum):
    """Why something in the inbox cannot be taken."""

    FOLDER = "folder"
    """a folder that cannot be listed"""
    FILE = "file"
    """a file that cannot be read"""
    LINK = "link"
    """a link: where it leads is not the inbox"""
    NO_FILE = "no-file"
    """a pipe, a device, a socket"""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that lies in the inbox and cannot be taken; everything else goes on."""

    path: Path
    shown: str
    """The path below the inbox, for people."""
    trouble: Trouble
    detail: str
    """What the system said; empty where it said nothing."""
    key: str
    """16 hex digits: the same for the same obstacle, so that it is told once."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file as it was when read."""

    path: Path
    below: Path
    """The same path, from the inbox on."""
    filename: str
    """Printable."""
    data: bytes
    sender_hint: str
    """The name of the outermost folder (a unit code), empty at the top."""
    key: str
    """64 hex digits: the same however often this very file is met, another for each new sending."""
    file_time: datetime
    """The file's own time of last change (UTC): what the sender's machine said, and no more than that."""
    size: int
    """Of the whole file; `data` holds at most READ_CAP bytes of it."""
    sha256: str
    """Of `data`."""

    @property
    def has_odd_name(self) -> bool:
        """Whether its path is not UTF-8: a share or a program that writes names in another encoding."""
        return not is_utf8(str(self.below))


def arrivals(inbox: Path, *, clock: Callable[[], float] = time.time) -> Iterator[Arrival | Obstacle]:
    """Files that are completely there, in the order in which they came to lie there, and what cannot be taken. What is
    named like a signed copy comes first, so that the answer to the workbook beside it knows of it.

    A file is passed over when it changed while it was read, or when it was written less than QUIET_SECONDS ago and is
    an unfinished workbook or copy. Links are not followed. `clock` gives seconds since the epoch. Raises OSError when
    the inbox itself cannot be listed.
    """
    candidates: list[tuple[bool, int, int, str, Path]] = []
    for found in _walk(inbox):
        if isinstance(found, Obstacle):
            yield found
        else:
            path, status = found
            # Not the file's own time: a copy keeps that, whenever it was put here.
            is_workbook = path.suffix.lower() not in _LIKE_COPIES
            candidates.append((is_workbook, status.st_ctime_ns, status.st_mtime_ns, str(path), path))
    for *_, path in sorted(candidates):
        read = _read(path, inbox, clock)
        if read is not None:
            yield read


def _walk(inbox: Path) -> Iterator[tuple[Path, os.stat_result] | Obstacle]:
    if not inbox.is_dir():
        return
    folders = [inbox]
    while folders:
        folder = folders.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            if folder == inbox:
                raise
            if not isinstance(error, FileNotFoundError):
                yield _obstacle(folder, inbox, Trouble.FOLDER, error)
            continue
        for entry in entries:
            path = folder / entry.name
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # another sweep was faster
                continue
            except OSError as error:
                yield _obstacle(path, inbox, Trouble.FILE, error)
                continue
            if stat.S_ISDIR(status.st_mode):
                if not is_passed_over(entry.name, at_top=folder == inbox):
                    folders.append(path)
            elif not is_junk(entry.name):
                if stat.S_ISREG(status.st_mode):
                    yield path, status
                else:
                    trouble = Trouble.LINK if stat.S_ISLNK(status.st_mode) else Trouble.NO_FILE
                    yield _obstacle(path, inbox, trouble)


def _obstacle(path: Path, inbox: Path, trouble: Trouble, error: OSError | None = None) -> Obstacle:
    below = path.relative_to(inbox)
    detail = os.strerror(error.errno) if error is not None and error.errno else ""
    key = hashlib.sha256(f"{trouble}\n".encode() + os.fsencode(below)).hexdigest()[:16]
    return Obstacle(path, printable(str(below)), trouble, detail, key)


def _read(path: Path, inbox: Path, clock: Callable[[], float]) -> Arrival | Obstacle | None:
    try:
        # Neither a link nor a pipe that has taken the file's place since may lead elsewhere or keep us waiting.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                return _obstacle(path, inbox, Trouble.NO_FILE)
            data = file.read(READ_CAP)
            after = os.fstat(file.fileno())
    except FileNotFoundError:
        return None
    except OSError as error:
        return _obstacle(path, inbox, Trouble.FILE, error)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(data) < min(
        after.st_size, READ_CAP
    ):
        return None
    fresh = abs(after.st_mtime - clock()) < QUIET_SECONDS  # a time far ahead is another machine's clock
    if fresh and _unfinished(data):
        return None
    below = path.relative_to(inbox)
    # With the times: the same bytes put there again are another sending, which gets an answer of its own (ADR 0021).
    identity = f"\n{after.st_ino} {after.st_mtime_ns} {after.st_ctime_ns}\n".encode()
    content = hashlib.sha256(data)
    key = hashlib.sha256(os.fsencode(below) + identity + content.digest()).hexdigest()
    # Only a folder says who sent it; a file at the top is anybody's, whatever its name says.
    hint = printable(below.parts[0]) if len(below.parts) > 1 else ""
    at = datetime.fromtimestamp(after.st_mtime, UTC)
    return Arrival(path, below, printable(path.name), data, hint, key, at, after.st_size, content.hexdigest())


def _unfinished(data: bytes) -> bool:
    """Nothing yet, a workbook whose zip has not come to its end record, or a signed copy without its end. What is
    neither is refused, whole or not, so there is nothing to wait for."""
    # 22 bytes of the record and a comment of 65,535 at most.
    return not data or (data.startswith(b"PK") and _END_OF_ZIP not in data[-65_557:]) or is_broken_off(data)


def settle(arrival: Arrival, inbox: Path) -> Path | None:
    """Move a stored file to `inbox/_processed/<first 12 digits of its sha256>_<name>`; give its new place.

    None when there is nothing to move: it has gone already, or another file has come in under its name meanwhile (that
    one stays for the next sweep). Safe to call again after a crash, and by two sweeps at once. Raises OSError when it
    cannot be moved.
    """
    digest = arrival.sha256[:12]
    target = _target(inbox, digest, arrival.filename)
    holder = target.parent / f".moving-{digest}-{os.getpid()}-{secrets.token_hex(4)}"
    # With its path, so that a sweep that finds it after a crash can put it back where it was: in its name, for making
    # folders and removing them costs more than all the rest, and as folders only where it is too long for a name.
    held = holder.with_name(f"{holder.name}+{_as_one_name(arrival.below)}")
    is_long = len(os.fsencode(held.name)) > _LONGEST_NAME
    if is_long:
        held = holder / arrival.below
    held.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.rename(arrival.path, held)  # noqa: PTH104 (atomic: whoever renames it owns it)
        return _finish(held, arrival.path, target)
    except FileNotFoundError:
        return target if target.exists() else None
    finally:
        if is_long:
            _remove_emptied(holder)


def resume(inbox: Path) -> None:
    """Finish what a sweep that died in the middle of `settle` left half moved: nothing stays out of sight."""
    for holder in sorted((inbox / PROCESSED).glob(".moving-*")):
        found = _MOVING.fullmatch(holder.name)
        if found is None:
            continue
        files = [holder] if found[2] else sorted(path for path in holder.rglob("*") if not path.is_dir())
        for held in files:
            below = _as_path(found[2]) if found[2] else held.relative_to(holder)
            _finish(held, inbox / below, _target(inbox, found[1], printable(below.name)))
            _remove_emptied(holder)
        with contextlib.suppress(FileNotFoundError):
            # Empty and new: another sweep may be about to move its file there.
            if time.time() - holder.stat().st_mtime > _ABANDONED_SECONDS:
                _remove_emptied(holder)


def _as_one_name(below: Path) -> str:
    return str(below).replace("%", "%25").replace("/", "%2F")


def _as_path(name: str) -> Path:
    return Path(name.replace("%2F", "/").replace("%25", "%"))


def _target(inbox: Path, digest: str, filename: str) -> Path:
    return inbox / PROCESSED / f"{digest}_{shortened(filename)}"


def _finish(held: Path, origin: Path, target: Path) -> Path | None:
    """A file that was taken out of the inbox: to its place when it is the one named, else back where it came from."""
    try:
        # Looked at again now that nobody else can reach it: what was moved may not be what was stored.
        if _digest(held) != target.name[:12]:
            _put_back(held, origin)
            return None
        os.replace(held, target)  # noqa: PTH105
    except FileNotFoundError:  # another sweep has finished it
        return target if target.exists() else None
    return target


def _remove_emptied(holder: Path) -> None:
    for folder, _, _ in os.walk(holder, topdown=False):
        with contextlib.suppress(OSError):
            Path(folder).rmdir()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        # As much as was read and stored; the rest of a larger file is no part of its hash.
        return hashlib.sha256(file.read(READ_CAP)).hexdigest()[:12]


def _put_back(held: Path, path: Path) -> None:
    """Return a newer file to the inbox, beside whatever has come under its name since."""
    path.parent.mkdir(parents=True, exist_ok=True)
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
