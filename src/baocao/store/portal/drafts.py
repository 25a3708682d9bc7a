"""Drafts: what a unit has typed in its browser and not sent yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select, update

from baocao.store.database import StaleStatus
from baocao.store.portal.portal_tables import unit_draft
from baocao.store.windows import insert_new


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
        new = conn.execute(
            insert_new(conn, unit_draft)
            .values(regime=regime, period=period, unit=unit, content=dict(content), revision=1, saved_at=at)
            .on_conflict_do_nothing(index_elements=["regime", "period", "unit"])
            .returning(c.id)
        ).scalar()
        done = new is not None
    else:
        done = (
            conn.execute(
                update(unit_draft)
                .where(c.regime == regime, c.period == period, c.unit == unit, c.revision == over)
                .values(content=dict(content), revision=over + 1, saved_at=at)
            ).rowcount
            == 1
        )
    if not done:
        raise StaleStatus("Bản nháp vừa được lưu ở nơi khác")
    return over + 1


def remove(conn: Connection, regime: str, period: str, unit: str) -> None:
    """Throw a draft away."""
    c = unit_draft.c
    conn.execute(delete(unit_draft).where(c.regime == regime, c.period == period, c.unit == unit))
