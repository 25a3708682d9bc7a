"""What was returned or withdrawn after its acceptance: appended, never changed."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table, Text

from baocao.store.tables.base import Id, Instant, metadata, one_of

submission_given_back = Table(
    "submission_given_back",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission_id", Id, ForeignKey("submission.id"), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint(one_of("kind", "returned", "withdrawn"), name="kind"),
    CheckConstraint("reason <> '' AND \"by\" <> ''", name="said_by_somebody"),
)
