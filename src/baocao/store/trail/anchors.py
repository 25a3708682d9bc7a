"""Anchors: number and hash of the last event, written to a file the database's user cannot reach, after every commit.

One line each, `<seq> <hash>`, only ever added to. A missing line (a process died in between) hides nothing: the next
one stands for all rows before it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from baocao.settings import ConfigurationError

_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT
_LINE = re.compile(r"(\d+) ([0-9a-f]{64})")


def add(file: Path, seq: int, digest: str) -> None:
    """Write one anchor behind the others. Raises ConfigurationError when the file cannot be written."""
    try:
        try:
            handle = os.open(file, _APPEND, 0o600)
        except FileNotFoundError:  # the first anchor of all
            file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(file, _APPEND, 0o600)
        try:
            # One short write to a file opened for appending: processes add whole lines without a lock.
            os.write(handle, f"{seq} {digest}\n".encode("ascii"))
        finally:
            os.close(handle)
    except OSError as error:
        raise ConfigurationError(
            f"BAOCAO_AUDIT_ANCHORS: không ghi được {file}: {error}; hãy sửa quyền hoặc đổi biến này"
        ) from error


def read(file: Path) -> Mapping[int, frozenset[str]]:
    """Number -> every hash that was written for it (more than one: the trail was rewritten or restored in between).

    A line cut off by a power failure is passed over.
    """
    found: dict[int, set[str]] = {}
    try:
        lines = file.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ConfigurationError(f"BAOCAO_AUDIT_ANCHORS: không đọc được {file}: {error}") from error
    for line in lines:
        if parts := _LINE.fullmatch(line):
            found.setdefault(int(parts[1]), set()).add(parts[2])
    return {seq: frozenset(digests) for seq, digests in found.items()}
