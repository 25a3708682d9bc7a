"""Corrections' part of the schema: what a report stands on, and why a dispatched one is made again."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, String, Table, Text

from baocao.store.tables.base import Id, Instant, metadata, of_period

report_basis = Table(
    "report_basis",
    metadata,
    # Who owed and was excused, and the earlier figures compared with, as they stood when the report was made.
    Column("report_id", Id, ForeignKey("report.id"), primary_key=True),
    Column("basis", JSON, nullable=False),
)

correction = Table(
    "correction",
    metadata,
    *of_period(),
    # A dispatched report is corrected once; the correction, once dispatched, may be corrected in its turn.
    Column("corrects_id", Id, ForeignKey("report.id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("opened_by", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    # `figures`: the report is made anew; `document`: only its number, day or signer was wrong.
    Column("kind", String(16), nullable=False, server_default="figures"),
    CheckConstraint("reason <> ''", name="has_reason"),
    CheckConstraint("opened_by <> ''", name="has_person"),
)
