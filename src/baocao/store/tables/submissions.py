"""What units sent, cell by cell and row by row of its lists, what was found in it, and what was given back."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
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
    column,
    table,
)

from baocao.store.tables.base import Id, Instant, metadata, of_unit, one_of

submission = Table(
    "submission",
    metadata,
    *of_unit(),
    Column("status", String(16), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("filename", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("decided_at", Instant),
    Column("on_time", Boolean),
    Column("form_versions", JSON),
    Column("info", JSON),
    Column("nil_forms", JSON),
    Column("reason", Text),
    Column("receipt_number", String(64), unique=True),
    Column("supersedes_id", Id, ForeignKey("submission.id")),
    Column("marked_sha256", String(64)),
    # Which arrival this is: the same file met again after a crash, and no other sending.
    Column("arrival", String(64), unique=True),
    # What the sender's machine says; `received_at` is when we saw it.
    Column("file_time", Instant),
    # Nobody knows who sent it: it waits for the office.
    Column("waiting_since", Instant),
    # What the answer depended on beside the bytes.
    Column("circumstances", JSON),
    CheckConstraint(
        one_of("status", "RECEIVED", "ACCEPTED", "RETURNED", "QUARANTINED", "DUPLICATE", "COMMENTS"), name="status"
    ),
    CheckConstraint("waiting_since IS NULL OR status = 'RECEIVED'", name="waiting"),
    CheckConstraint("(status = 'RECEIVED') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("(status = 'ACCEPTED') = (receipt_number IS NOT NULL)", name="receipt"),
    CheckConstraint("(status = 'QUARANTINED') = (reason IS NOT NULL)", name="reason"),
    CheckConstraint("supersedes_id IS NULL OR status = 'ACCEPTED'", name="supersedes"),
    # A submission is superseded once: corrections form a chain, never a fork.
    UniqueConstraint("supersedes_id"),
    # The same bytes of a unit sent before.
    Index(None, "regime", "period", "unit", "sha256"),
    # The view `official_submission`: without it PostgreSQL compared every pair of a period's submissions as long as the
    # table had no statistics (measured at 3,321 units: 4,750 ms, with it 7 ms).
    Index(None, "regime", "period", "unit", "status", "received_at", "id"),
    # The first official submissions of a period, and the periods one unit has reported: asked for every file decided.
    Index(None, "regime", "period", "status", "id"),
    Index(None, "regime", "unit", "status"),
)

cell = Table(
    "cell",
    metadata,
    Column("submission_id", Id, ForeignKey("submission.id"), primary_key=True),
    Column("form", String(16), primary_key=True),
    Column("row", String(32), primary_key=True),
    Column("col", String(32), primary_key=True),
    Column("answer", String(8), nullable=False),
    Column("value", Text),
    Column("sheet", Text, nullable=False),
    Column("a1", String(12), nullable=False),
    CheckConstraint(one_of("answer", "value", "nil", "blank"), name="answer"),
    CheckConstraint("(answer = 'value') = (value IS NOT NULL)", name="value"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission_id", Id, ForeignKey("submission.id"), nullable=False, index=True),
    Column("rule", String(8), nullable=False),
    Column("severity", String(8), nullable=False),
    Column("sheet", Text, nullable=False),
    Column("a1", String(12), nullable=False),
    Column("item", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("actual", Text, nullable=False),
    Column("suggestion", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("explanation", Text, nullable=False),
)

submission_given_back = Table(
    "submission_given_back",
    metadata,
    # Returned or withdrawn after its acceptance: appended, never changed.
    Column("id", Id, primary_key=True),
    Column("submission_id", Id, ForeignKey("submission.id"), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint(one_of("kind", "returned", "withdrawn"), name="kind"),
    CheckConstraint("reason <> '' AND \"by\" <> ''", name="said_by_somebody"),
)


list_cell = Table(
    "list_cell",
    metadata,
    Column("submission_id", Id, ForeignKey("submission.id"), primary_key=True),
    Column("form", String(16), primary_key=True),
    Column("list", String(32), primary_key=True),
    # From 1 as they stand in the workbook; 0 holds the reason why a list has none.
    Column("row_number", Integer, primary_key=True),
    Column("col", String(32), primary_key=True),
    Column("unit", String(32), nullable=False, index=True),
    Column("answer", String(8), nullable=False),
    Column("value", Text),
    Column("sheet", Text, nullable=False),
    Column("a1", String(12), nullable=False),
    CheckConstraint(one_of("answer", "value", "nil"), name="answer"),
    CheckConstraint("(answer = 'value') = (value IS NOT NULL)", name="value"),
    CheckConstraint("row_number >= 0", name="row_number"),
)


official_submission = table(
    "official_submission",
    *(column(name, submission.c[name].type) for name in ("id", "regime", "period", "unit")),
)
"""A view: of each unit the submission that counts. Of its accepted ones that were neither returned nor withdrawn
afterwards it is the last received."""
