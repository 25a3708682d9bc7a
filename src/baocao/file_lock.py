"""Locks on files, between the processes of one machine. A lock dies with its process, so a killed one blocks nobody and
no time-out has to be guessed."""

from __future__ import annotations

import fcntl
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


def _opened(path: Path) -> IO[bytes]:
    try:
        return path.open("ab")
    except FileNotFoundError:  # the first lock in this folder
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("ab")
