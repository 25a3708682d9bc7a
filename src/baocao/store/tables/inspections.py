"""The register of inspections (sổ theo dõi kiểm tra) as tables; part of the schema of `baocao.store.tables`."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from baocao.store.tables.base import Id, Instant, metadata, of_regime

inspection_plan = Table(
    "inspection_plan",
    metadata,
    *of_regime(),
    Column("year", Integer, nullable=False),
    Column("decision", String(64), nullable=False),
    Column("decided_on", String(10), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("recorded_by", Text, nullable=False),
    UniqueConstraint("regime", "year", "decision"),
)

inspection = Table(
    "inspection",
    metadata,
    *of_regime(),
    Column("plan_id", Id, ForeignKey("inspection_plan.id"), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("lead", String(32), nullable=False),
    Column("content", Text, nullable=False),
    Column("documents", Text, nullable=False),
    Column("planned_from", String(10), nullable=False),
    Column("planned_to", String(10), nullable=False),
    Column("status", String(16), nullable=False),
    Column("notice_number", String(64)),
    Column("notified_at", Instant),
    Column("notice_sha256", String(64)),
    Column("notice_from", String(10)),
    Column("notice_to", String(10)),
    Column("started_on", String(10)),
    Column("ended_on", String(10)),
    Column("record_on", String(10)),
    Column("working_days", Integer),
    Column("over_run", Boolean),
    Column("note", Text),
    Column("conclusion_number", String(64)),
    Column("concluded_on", String(10)),
    Column("conclusion_sha256", String(64)),
    Column("cancelled_at", Instant),
    Column("cancel_reason", Text),
    CheckConstraint(
        "status IN ('PLANNED', 'NOTIFIED', 'STARTED', 'FINISHED', 'CONCLUDED', 'CANCELLED')", name="status"
    ),
    CheckConstraint("planned_from <= planned_to", name="planned"),
    CheckConstraint("(notified_at IS NULL) = (notice_number IS NULL)", name="notice_number"),
    CheckConstraint("(notified_at IS NULL) = (notice_sha256 IS NULL)", name="notice_file"),
    CheckConstraint(
        "(notified_at IS NULL) = (notice_from IS NULL) AND (notified_at IS NULL) = (notice_to IS NULL)",
        name="notice_days",
    ),
    CheckConstraint("notice_from <= notice_to", name="announced"),
    CheckConstraint(
        "status NOT IN ('NOTIFIED', 'STARTED', 'FINISHED', 'CONCLUDED') OR notified_at IS NOT NULL",
        name="no_start_without_notice",
    ),
    CheckConstraint("started_on IS NULL OR notified_at IS NOT NULL", name="started"),
    CheckConstraint("status NOT IN ('STARTED', 'FINISHED', 'CONCLUDED') OR started_on IS NOT NULL", name="begun"),
    CheckConstraint("ended_on IS NULL OR started_on IS NOT NULL AND started_on <= ended_on", name="ended"),
    CheckConstraint("status NOT IN ('FINISHED', 'CONCLUDED') OR ended_on IS NOT NULL", name="finished"),
    CheckConstraint("(ended_on IS NULL) = (record_on IS NULL)", name="record"),
    CheckConstraint("(ended_on IS NULL) = (working_days IS NULL)", name="duration"),
    CheckConstraint("(ended_on IS NULL) = (over_run IS NULL)", name="over_run"),
    CheckConstraint("over_run IS NULL OR NOT over_run OR note IS NOT NULL AND note <> ''", name="over_run_has_note"),
    CheckConstraint(
        "(status = 'CONCLUDED') = (conclusion_number IS NOT NULL AND concluded_on IS NOT NULL"
        " AND conclusion_sha256 IS NOT NULL)",
        name="conclusion",
    ),
    CheckConstraint("concluded_on IS NULL OR ended_on <= concluded_on", name="concluded"),
    CheckConstraint(
        "(status = 'CANCELLED') = (cancelled_at IS NOT NULL AND cancel_reason IS NOT NULL AND cancel_reason <> '')",
        name="cancelled",
    ),
    UniqueConstraint("plan_id", "unit", "planned_from"),
    Index(None, "regime", "unit", "status"),
    # Nobody is inspected twice at the same time, whoever records it.
    Index(
        "uq_inspection_one_at_a_time",
        "regime",
        "unit",
        unique=True,
        sqlite_where=text("status = 'STARTED'"),
        postgresql_where=text("status = 'STARTED'"),
    ),
)
