"""Locks over all processes of an installation: a file beside SQLite, an advisory lock on PostgreSQL. They die with
their process (`file_lock`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from sqlalchemy import Connection, text

from baocao.file_lock import locked_file, try_numbered_lock
from baocao.store.database import Store

_IN_TURN = text("SELECT pg_advisory_xact_lock(:number)")


@contextmanager
def claimed(store: Store, submission_id: int) -> Iterator[bool]:
    """Whether the submission is ours until the block ends; False: another process is working on it, leave it alone.

    It only saves work and letters: that a submission is decided once is held by its status.
    """
    if store.is_embedded:
        handle = try_numbered_lock(_file(store, "claims"), submission_id)
        with handle or nullcontext():
            yield handle is not None
        return
    with _session_lock(store, f"claims/{submission_id}", wait=False) as ours:
        yield ours


@contextmanager
def held(store: Store, name: str) -> Iterator[None]:
    """The lock of this name is ours until the block ends; waits for whoever has it."""
    with locked_file(_file(store, name)) if store.is_embedded else _session_lock(store, name, wait=True):
        yield


@contextmanager
def _session_lock(store: Store, name: str, *, wait: bool) -> Iterator[bool]:
    parameters = {"number": _number(f"baocao {name}")}
    # The session holds the lock, for the work under it takes several transactions; none stays open on this connection.
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        if wait:
            conn.execute(text("SELECT pg_advisory_lock(:number)"), parameters)
        elif not conn.execute(text("SELECT pg_try_advisory_lock(:number)"), parameters).scalar_one():
            yield False
            return
        try:
            yield True
        finally:
            conn.execute(text("SELECT pg_advisory_unlock(:number)"), parameters)


def queue_up(conn: Connection, *name: str) -> None:
    """Transactions that give the same name go on one after the other, each when the one before has ended (SQLite has
    one writer anyway)."""
    if conn.dialect.name == "postgresql":
        conn.execute(_IN_TURN, {"number": _number("\n".join(name))})


def _file(store: Store, name: str) -> Path:
    return store.settings.data / f"{name}.lock"


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
