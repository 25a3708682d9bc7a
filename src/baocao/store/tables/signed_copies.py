"""Signed copies: of the units' reports, and of the report that is dispatched. Appended, never changed,
but for those that wait."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from baocao.store.tables.base import Id, Instant, metadata, of_unit, one_of

unit_copy = Table(
    "unit_copy",
    metadata,
    *of_unit(),
    Column("filename", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("channel", String(16), nullable=False),
    # Which arrival this is: the same file met again after a crash, and no other sending.
    Column("arrival", String(64), unique=True),
    Column("received_at", Instant, nullable=False),
    Column("by", Text, nullable=False),
    # The digital signatures found in a PDF when it came; NULL: not examined.
    # SQLAlchemy keeps None as the JSON value null otherwise, which is not NULL.
    Column("signatures", JSON(none_as_null=True)),
    CheckConstraint(one_of("kind", "pdf", "jpeg", "png"), name="kind"),
    Index(None, "regime", "period", "unit"),
)

waiting_copy = Table(
    "waiting_copy",
    metadata,
    # A signed copy that is safe and not looked at yet: the anti-virus daemon is away. Gone when it has been.
    *of_unit(),
    Column("filename", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("arrival", String(64), nullable=False, unique=True),
    Column("received_at", Instant, nullable=False),
)

issued_document = Table(
    "issued_document",
    metadata,
    # The report with number, day and signer printed: one of each round of signing.
    Column("id", Id, primary_key=True),
    Column("report_id", Id, ForeignKey("report.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("word_sha256", String(64), nullable=False),
    # NULL: no PDF could be made on this machine.
    Column("pdf_sha256", String(64)),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("report_id", "round"),
)

signed_copy = Table(
    "signed_copy",
    metadata,
    # The signed PDF or the scan of a report; of one round the last one holds.
    Column("id", Id, primary_key=True),
    Column("report_id", Id, ForeignKey("report.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("filename", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    # Of which PDF it is the signed version; NULL for a scan.
    Column("pdf_sha256", String(64)),
    # What the signatures were found to be when it was attached.
    Column("signatures", JSON, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint(one_of("kind", "scan", "digital"), name="kind"),
    CheckConstraint("(kind = 'digital') = (pdf_sha256 IS NOT NULL)", name="of_our_pdf"),
    CheckConstraint("\"by\" <> ''", name="has_person"),
)
