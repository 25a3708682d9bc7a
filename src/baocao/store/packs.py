"""Regime packs as they were: every version that a window was opened or a report made with can be read again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from baocao.store.inserts import insert_once
from baocao.store.tables import pack_version


def keep(conn: Connection, regime: str, pack_sha256: str, file_sha256: str, at: datetime) -> bool:
    """Note under which file the pack of that hash is kept; False when it was known."""
    row = {"regime": regime, "pack_sha256": pack_sha256, "file_sha256": file_sha256, "kept_at": at}
    return insert_once(conn, pack_version, row, ("regime", "pack_sha256")) is not None


def file_of(conn: Connection, regime: str, pack_sha256: str) -> str | None:
    """The sha256 of the file that holds the pack; None when it was never kept."""
    found: str | None = conn.execute(
        select(pack_version.c.file_sha256).where(
            pack_version.c.regime == regime, pack_version.c.pack_sha256 == pack_sha256
        )
    ).scalar()
    return found
