"""What the portal keeps beside submissions: personal links, drafts, requests for more time."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from baocao.store.tables.base import Id, Instant, metadata, of_unit

unit_link = Table(
    "unit_link",
    metadata,
    # The link itself is not kept: it is signed from these and a key that is not in the database.
    *of_unit(),
    # 1 for the first link of a unit and period; renewing makes the next one.
    Column("number", Integer, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
    Column("reason", Text),
    UniqueConstraint("regime", "period", "unit", "number"),
    CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked_by_somebody"),
)

link_code = Table(
    "link_code",
    metadata,
    # A code by e-mail for one browser. Only its hash is kept.
    Column("id", Id, primary_key=True),
    Column("link_id", Id, ForeignKey("unit_link.id"), nullable=False, index=True),
    Column("code_hash", String(64), nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("used_at", Instant),
)

unit_draft = Table(
    "unit_draft",
    metadata,
    # What a unit has typed in its browser and not sent yet. One a unit and period; sending keeps it as a workbook.
    *of_unit(),
    Column("content", JSON, nullable=False),
    # Counts up with every saving, so that two browsers do not overwrite each other unseen.
    Column("revision", Integer, nullable=False),
    Column("saved_at", Instant, nullable=False),
    UniqueConstraint("regime", "period", "unit"),
)

extension_request = Table(
    "extension_request",
    metadata,
    # A unit asks for more time; the office grants an extension or declines. Decided once.
    *of_unit(),
    Column("until_day", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("decision", String(16)),
    Column("decided_by", Text),
    Column("decided_at", Instant),
    Column("note", Text),
    CheckConstraint("reason <> ''", name="has_reason"),
    CheckConstraint("decision IS NULL OR decision IN ('granted', 'declined')", name="decision"),
    CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_once"),
)
