"""Decisions about rows that two levels report differently."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, String, Table, Text

from baocao.store.tables.base import Instant, metadata, of_period

source_decision = Table(
    "source_decision",
    metadata,
    # Never changed: of one row the last decision holds, the ones before stay readable.
    *of_period(),
    Column("form", String(32), nullable=False),
    Column("row", String(64), nullable=False),
    Column("stands", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("stands IN ('commune', 'province')", name="stands"),
    CheckConstraint("reason <> ''", name="has_reason"),
    CheckConstraint("\"by\" <> ''", name="has_person"),
)
