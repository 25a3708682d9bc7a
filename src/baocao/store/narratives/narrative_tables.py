"""The sections of reports that offices have written themselves."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Integer, String, Table, Text, UniqueConstraint

from baocao.store.tables.base import Id, Instant, metadata

narrative_text = Table(
    "narrative_text",
    metadata,
    # Never changed: of one period the last revision holds, the ones before stay readable.
    Column("id", Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
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
