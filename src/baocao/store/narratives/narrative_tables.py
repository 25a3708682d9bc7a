"""The sections of reports that offices have written themselves."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Integer, String, Table, Text, UniqueConstraint

from baocao.store.tables.base import Instant, metadata, of_period

narrative_text = Table(
    "narrative_text",
    metadata,
    # Never changed: of one period the last revision holds, the ones before stay readable.
    *of_period(),
    Column("revision", Integer, nullable=False),
    Column("texts", JSON, nullable=False),
    Column("confirmed", JSON, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("filename", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("\"by\" <> ''", name="has_person"),
    UniqueConstraint("regime", "period", "revision"),
)
