"""The lead bodies' part of the schema: what they were shown, what they said, and what a report was made over."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from baocao.store.tables.base import Id, Instant, metadata, of_period, of_unit, one_of

lead_slice = Table(
    "lead_slice",
    metadata,
    # What a lead body was shown: one row a content, so that nobody gets the same slice twice.
    *of_unit(),
    Column("content_sha256", String(64), nullable=False),
    Column("input_sha256", String(64), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("shared_at", Instant, nullable=False),
    UniqueConstraint("regime", "period", "unit", "content_sha256"),
)

lead_comment = Table(
    "lead_comment",
    metadata,
    *of_period(),
    Column("lead", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("project", String(16), nullable=False),
    # All three empty: the whole project.
    Column("form", String(16), nullable=False),
    Column("row", String(32), nullable=False),
    Column("col", String(32), nullable=False),
    Column("text", Text, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("raised_by", Text, nullable=False),
    Column("source_sha256", String(64), nullable=False),
    Column("slice_sha256", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("answered_by", Text),
    Column("answered_at", Instant),
    Column("answer", Text),
    CheckConstraint(one_of("kind", "comment", "objection"), name="kind"),
    CheckConstraint(one_of("status", "OPEN", "ANSWERED", "OVERRULED", "WITHDRAWN"), name="status"),
    CheckConstraint("status <> 'OVERRULED' OR kind = 'objection'", name="overruled"),
    CheckConstraint("(form = '') = (row = '') AND (form = '') = (col = '')", name="cell"),
    CheckConstraint("text <> ''", name="text"),
    CheckConstraint(
        "(status = 'OPEN') = (answer IS NULL) AND (status = 'OPEN') = (answered_by IS NULL)"
        " AND (status = 'OPEN') = (answered_at IS NULL)",
        name="answer",
    ),
    CheckConstraint("answer IS NULL OR answer <> ''", name="answer_says_something"),
    Index(None, "regime", "period", "status"),
)

report_objection = Table(
    "report_objection",
    metadata,
    # The overruled objections a report tells its signers of: part of what is frozen.
    Column("report_id", Id, ForeignKey("report.id"), primary_key=True),
    Column("comment_id", Id, ForeignKey("lead_comment.id"), primary_key=True),
)
