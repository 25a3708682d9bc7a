"""Who works on a submission: one process at a time. Whoever comes second leaves it alone.

The claim is a lock that dies with its process (an advisory lock on PostgreSQL, a locked file beside SQLite), so a
killed worker blocks nobody and no time-out has to be guessed. It only saves work and letters: that a submission is
decided once is held by its status.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from baocao.store.database import Store

# Of 32 bits with a sign, as is the number below: the lock function with two keys takes no larger ones.
_FAMILY = int.from_bytes(hashlib.sha256(b"baocao submission").digest()[:4], "big", signed=True)


@contextmanager
def claimed(store: Store, submission_id: int) -> Iterator[bool]:
    """Whether the submission is ours until the block ends; False: another process is working on it."""
    held = _on_file(store, submission_id) if store.is_embedded else _on_server(store, submission_id)
    with held as ours:
        yield ours


@contextmanager
def _on_file(store: Store, submission_id: int) -> Iterator[bool]:
    path = store.settings.data / "claims" / f"{submission_id}.lock"
    try:
        opened = path.open("ab")
    except FileNotFoundError:  # the first claim of all
        path.parent.mkdir(parents=True, exist_ok=True)
        opened = path.open("ab")
    with opened as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
        # Whoever opened it before this and locks it after finds the submission decided.
        path.unlink(missing_ok=True)


@contextmanager
def _on_server(store: Store, submission_id: int) -> Iterator[bool]:
    key = {"family": _FAMILY, "id": submission_id % (1 << 31)}
    # The session holds the lock, for the work under it takes several transactions; none stays open on this connection.
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        if not conn.execute(text("SELECT pg_try_advisory_lock(:family, :id)"), key).scalar_one():
            yield False
            return
        try:
            yield True
        finally:
            conn.execute(text("SELECT pg_advisory_unlock(:family, :id)"), key)
