"""Locks on files, between the processes of one machine. A lock dies with its process, so a killed one blocks nobody and
no time-out has to be guessed."""

from __future__ import annotations

import fcntl
import struct
from pathlib import Path
from typing import IO, Any


def lock(handle: IO[Any] | int, *, wait: bool = True) -> bool:
    """Lock an open file until it is closed. False: another process has it, and we do not `wait`."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def locked_file(path: Path) -> IO[bytes]:
    """The file, made when it is not there, and locked until it is closed; waits for whoever has it."""
    handle = _opened(path)
    lock(handle)
    return handle


def try_locked_file(path: Path) -> IO[bytes] | None:
    """The same without waiting; None while another process has it."""
    handle = _opened(path)
    if lock(handle, wait=False):
        return handle
    handle.close()
    return None


def try_numbered_lock(path: Path, number: int) -> IO[bytes] | None:
    """Of the many locks that one file stands for, the one of this number, until it is closed; None while another has
    it."""
    handle = _opened(path)
    # One byte of the file, which need not be there. Of this open file and not of the process (F_OFD, fcntl(2)): threads
    # exclude each other too. A file for each number had to wait for the disk's journal, 2 ms each time.
    wanted = struct.pack("hhqqi0q", fcntl.F_WRLCK, 0, number, 1, 0)
    try:
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, wanted)
    except (BlockingIOError, PermissionError):
        handle.close()
        return None
    return handle


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("ab")
    except FileNotFoundError:  # the first lock in this folder
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab")
