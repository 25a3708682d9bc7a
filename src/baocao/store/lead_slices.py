"""What each lead body was shown of a period: one row a content, append-only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from baocao.store.inserts import insert_once
from baocao.store.tables import lead_slice


@dataclass(frozen=True, slots=True)
class LeadSlice:
    """A slice workbook that was sent."""

    unit: str
    content_sha256: str
    """over what it shows, without the moment it was written"""
    input_sha256: str
    """over everything it was cut from: the same inputs need not be cut again"""
    file_sha256: str
    """of the workbook, in the file store"""
    shared_at: datetime


def record(conn: Connection, regime: str, period: str, shown: LeadSlice) -> bool:
    """Note that a slice was shown; False when the body has been shown this very content before."""
    row = {"regime": regime, "period": period, **asdict(shown)}
    elements = ("regime", "period", "unit", "content_sha256")
    return insert_once(conn, lead_slice, row, elements, shown.shared_at) is not None


def of_period(conn: Connection, regime: str, period: str) -> list[LeadSlice]:
    """All slices of a period, in the order they were shown."""
    c = lead_slice.c
    rows = conn.execute(
        select(c.unit, c.content_sha256, c.input_sha256, c.file_sha256, c.shared_at)
        .where(c.regime == regime, c.period == period)
        .order_by(c.id)
    )
    return [LeadSlice(*row) for row in rows]


def latest(conn: Connection, regime: str, period: str) -> dict[str, LeadSlice]:
    """Lead body -> the slice it was shown last."""
    return {found.unit: found for found in of_period(conn, regime, period)}
