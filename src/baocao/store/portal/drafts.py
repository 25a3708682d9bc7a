"""Drafts: what a unit has typed in its browser and not sent yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from baocao.store.database import StaleStatus
from baocao.store.inserts import insert_once
from baocao.store.tables import unit_draft


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """One draft as it is kept."""

    content: Mapping[str, Any]
    revision: int
    saved_at: datetime


def draft_of(conn: Connection, regime: str, period: str, unit: str) -> StoredDraft | None:
    """The draft of a unit; None where it has none."""
    c = unit_draft.c
    row = conn.execute(
        select(c.content, c.revision, c.saved_at).where(c.regime == regime, c.period == period, c.unit == unit)
    ).one_or_none()
    return None if row is None else StoredDraft(*row)


def save(
    conn: Connection,
    regime: str,
    period: str,
    unit: str,
    content: Mapping[str, Any],
    *,
    over: int,
    at: datetime,
) -> int:
    """Keep a draft in place of revision `over` (0: there was none); the new revision.

    Raises StaleStatus when somebody else has saved meanwhile: nothing is overwritten then.
    """
    c = unit_draft.c
    if not over:
        row = {"regime": regime, "period": period, "unit": unit, "revision": 1, "saved_at": at}
        done = insert_once(conn, unit_draft, {**row, "content": dict(content)}, ("regime", "period", "unit"))
    else:
        saved = update(unit_draft).values(content=dict(content), revision=over + 1, saved_at=at)
        mine = c.regime == regime, c.period == period, c.unit == unit, c.revision == over
        done = conn.execute(saved.where(*mine)).rowcount
    if not done:
        raise StaleStatus("Bản nháp vừa được lưu ở nơi khác")
    return over + 1


def remove(conn: Connection, regime: str, period: str, unit: str) -> None:
    """Throw a draft away."""
    c = unit_draft.c
    conn.execute(delete(unit_draft).where(c.regime == regime, c.period == period, c.unit == unit))
