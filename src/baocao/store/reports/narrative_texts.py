"""Revisions of the texts an office writes in place of the draft: appended, never changed; the last one holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from baocao.model.narrative import OfficeText
from baocao.store.database import StepNotAllowed, StoreError
from baocao.store.inserts import insert_row
from baocao.store.tables import narrative_text


def record(
    conn: Connection,
    *,
    regime: str,
    period: str,
    texts: Mapping[str, str],
    confirmed: Sequence[str],
    by: str,
    at: datetime,
    filename: str = "",
    file_sha256: str = "",
    note: str = "",
) -> OfficeText:
    """Append a revision that holds from now on. Raises StepNotAllowed without a person."""
    if not by.strip():
        raise StepNotAllowed("Phải ghi rõ người sửa lời văn của báo cáo")
    before = revisions(conn, regime, period)
    row = {"regime": regime, "period": period, "revision": len(before) + 1, "texts": dict(texts)}
    row |= {"confirmed": list(confirmed), "by": by.strip(), "at": at, "note": note.strip()}
    row |= {"filename": filename, "file_sha256": file_sha256}
    return text_of(conn, insert_row(conn, narrative_text, row))


def revisions(conn: Connection, regime: str, period: str) -> list[OfficeText]:
    """Every revision of a period, the oldest first."""
    c = narrative_text.c
    rows = conn.execute(select(narrative_text).where(c.regime == regime, c.period == period).order_by(c.revision))
    return [_text(row) for row in rows]


def in_force(conn: Connection, regime: str, period: str) -> OfficeText | None:
    """The revision that holds; None where everything is the system's draft."""
    found = revisions(conn, regime, period)
    return found[-1] if found else None


def text_of(conn: Connection, id: int) -> OfficeText:
    """The revision with this id. Raises StoreError when there is none."""
    row = conn.execute(select(narrative_text).where(narrative_text.c.id == id)).one_or_none()
    if row is None:
        raise StoreError(f"Lời văn số {id}: không có trong sổ")
    return _text(row)


def _text(row: Any) -> OfficeText:
    return OfficeText(**{**row._mapping, "texts": dict(row.texts), "confirmed": tuple(row.confirmed)})
