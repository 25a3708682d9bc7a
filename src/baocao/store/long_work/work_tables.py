"""One row for each time long work was started from the desk."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, Index, Integer, String, Table, Text

from baocao.store.tables.base import Instant, metadata, of_period, one_of

long_work = Table(
    "long_work",
    metadata,
    *of_period(),
    Column("kind", String(16), nullable=False),
    # What it works on beside the period: the file of a what-if.
    Column("given", JSON, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    # How far it is: what is being done now, how many stages are over, of how many.
    Column("stage", Text, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("ended_at", Instant),
    Column("outcome", String(16)),
    # The sentence about its end, for people.
    Column("said", Text, nullable=False),
    CheckConstraint(one_of("kind", "consolidate", "what-if"), name="kind"),
    CheckConstraint("outcome IS NULL OR " + one_of("outcome", "done", "failed", "interrupted"), name="outcome"),
    CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="ended"),
    Index(None, "regime", "period", "started_at"),
)
