"""What is asked of whom in which period, and with which version of the pack."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from baocao.store.tables.base import Id, Instant, metadata, of_period, of_regime, of_unit, one_of

window = Table(
    "window",
    metadata,
    *of_period(),
    Column("opened_at", Instant, nullable=False),
    Column("pack_sha256", String(64), nullable=False),
    UniqueConstraint("regime", "period"),
)

pack_version = Table(
    "pack_version",
    metadata,
    *of_regime(),
    Column("pack_sha256", String(64), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("kept_at", Instant, nullable=False),
    UniqueConstraint("regime", "pack_sha256"),
)

special_period = Table(
    "special_period",
    metadata,
    *of_regime(),
    Column("code", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("spec", JSON, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("regime", "code"),
)

obligation = Table(
    "obligation",
    metadata,
    *of_unit(),
    Column("unit_name", Text, nullable=False),
    Column("is_lead_body", Boolean, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("locked_after", Instant, nullable=False),
    Column("blank_sha256", String(64)),
    Column("added_at", Instant),
    # The name as a search looks for it (ASCII) and as a dictionary orders it (`baocao.text`).
    Column("name_search", Text),
    Column("name_order", Text),
    UniqueConstraint("regime", "period", "unit"),
    # A page of units in the order of a Vietnamese dictionary, which neither database has.
    Index(None, "regime", "period", "name_order"),
)

waiver = Table(
    "waiver",
    metadata,
    *of_unit(),
    Column("kind", String(16), nullable=False),
    Column("until", Instant),
    Column("reason", Text, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("granted_at", Instant, nullable=False),
    CheckConstraint(one_of("kind", "waiver", "extension"), name="kind"),
    CheckConstraint("kind = 'waiver' OR until IS NOT NULL", name="extension_has_until"),
)

waiver_withdrawal = Table(
    "waiver_withdrawal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("waiver_id", Id, ForeignKey("waiver.id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("withdrawn_by", Text, nullable=False),
    Column("withdrawn_at", Instant, nullable=False),
)
