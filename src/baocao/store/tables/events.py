"""The audit trail."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Index, Integer, String, Table, Text

from baocao.store.tables.base import Id, Instant, metadata

event = Table(
    "event",
    metadata,
    # No foreign keys: the audit trail outlives what it speaks of.
    Column("seq", Id, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    # Which key the hash is keyed with; `unkeyed` for a row from before there were keys.
    Column("key_id", String(16), nullable=False, server_default="unkeyed"),
    # The page of the trail: of a regime, of one action in it, the newest first.
    Index(None, "regime", "seq"),
    Index(None, "regime", "action", "seq"),
)

event_head = Table(
    "event_head",
    metadata,
    # One row: number and hash of the last event. Shows a cut-off tail, and is the lock the writers queue at.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Id, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
