"""The province's report: its gate, its versions, what they stand on and what offices wrote and decided about them,
where they went, why a dispatched one is made again, and how far the work on one is."""

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
)

from baocao.model.report import Role
from baocao.store.tables.base import Id, Instant, metadata, of_period, one_of

gate = Table(
    "gate",
    metadata,
    *of_period(),
    Column("ran_at", Instant, nullable=False),
    Column("input_sha256", String(64), nullable=False),
    Column("agrees", Boolean, nullable=False),
    Column("evaluated", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("result_sha256", String(64), nullable=False),
    Column("page_sha256", String(64), nullable=False),
    Column("disagreements", JSON, nullable=False),
)

report = Table(
    "report",
    metadata,
    *of_period(),
    Column("version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("input_sha256", String(64), nullable=False),
    Column("gate_id", Id, ForeignKey("gate.id")),
    Column("content_sha256", String(64)),
    Column("manifest", JSON),
    Column("findings", JSON),
    Column("supersedes_id", Id, ForeignKey("report.id")),
    CheckConstraint(one_of("status", "DRAFT", "FROZEN", "APPROVED", "SIGNED", "DISPATCHED", "RETURNED"), name="status"),
    CheckConstraint("(status = 'DRAFT') = (content_sha256 IS NULL)", name="frozen"),
    CheckConstraint("(content_sha256 IS NULL) = (manifest IS NULL)", name="manifest"),
    UniqueConstraint("regime", "period", "version"),
)

report_input = Table(
    "report_input",
    metadata,
    Column("report_id", Id, ForeignKey("report.id"), primary_key=True),
    Column("submission_id", Id, ForeignKey("submission.id"), primary_key=True),
    Column("unit", String(32), nullable=False),
)

report_value = Table(
    "report_value",
    metadata,
    Column("report_id", Id, ForeignKey("report.id"), primary_key=True),
    Column("form", String(16), primary_key=True),
    Column("row", String(32), primary_key=True),
    Column("col", String(32), primary_key=True),
    Column("value", Text),
    Column("nil", Boolean, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("missing", JSON, nullable=False),
    Column("communes", Text),
    Column("provincial", Text),
    Column("classes", JSON),
    Column("previous", Text),
)

approval = Table(
    "approval",
    metadata,
    Column("id", Id, primary_key=True),
    Column("report_id", Id, ForeignKey("report.id"), nullable=False),
    Column("role", String(32), nullable=False),
    Column("decision", String(16), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    # Lengths of Nghị định 30/2020/NĐ-CP, Phụ lục VI.
    Column("document_number", String(11)),
    Column("document_symbol", String(30)),
    Column("signed_on", String(10)),
    Column("signer", Text),
    Column("signer_title", Text),
    # A signature that is taken back stays; the next one is of the next round.
    Column("round", Integer, nullable=False, server_default="1"),
    CheckConstraint(one_of("role", *Role), name="role"),
    CheckConstraint(one_of("decision", "approve", "sign", "return"), name="decision"),
    CheckConstraint(
        "(decision = 'sign') = (document_number IS NOT NULL AND document_symbol IS NOT NULL"
        " AND signed_on IS NOT NULL AND signer IS NOT NULL)",
        name="signature",
    ),
    CheckConstraint("decision <> 'return' OR note <> ''", name="return_has_reason"),
    UniqueConstraint("report_id", "role", "decision", "round"),
)

revocation = Table(
    "revocation",
    metadata,
    # A signature taken back before anything was dispatched.
    Column("id", Id, primary_key=True),
    Column("report_id", Id, ForeignKey("report.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("reason <> ''", name="has_reason"),
    CheckConstraint("\"by\" <> ''", name="has_person"),
    UniqueConstraint("report_id", "round"),
)

dispatch = Table(
    "dispatch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("report_id", Id, ForeignKey("report.id"), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("package_sha256", String(64), nullable=False),
    Column("outbox_id", Id, ForeignKey("outbox.id")),
    Column("dispatched_at", Instant, nullable=False),
    Column("receipt", Text),
    Column("accepted_by_ministry_at", Instant),
    Column("handed_over_at", Instant),
    Column("confirmed_on", String(10)),
    Column("confirmed_by", Text),
    Column("confirmation_name", Text),
    Column("confirmation_sha256", String(64)),
    UniqueConstraint("report_id", "recipient"),
)


source_decision = Table(
    "source_decision",
    metadata,
    # Never changed: of one row the last decision holds, the ones before stay readable.
    *of_period(),
    Column("form", String(32), nullable=False),
    Column("row", String(64), nullable=False),
    Column("stands", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("stands IN ('commune', 'province')", name="stands"),
    CheckConstraint("reason <> ''", name="has_reason"),
    CheckConstraint("\"by\" <> ''", name="has_person"),
)


narrative_text = Table(
    "narrative_text",
    metadata,
    # Never changed: of one period the last revision holds, the ones before stay readable.
    *of_period(),
    Column("revision", Integer, nullable=False),
    Column("texts", JSON, nullable=False),
    Column("confirmed", JSON, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("filename", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("note", Text, nullable=False),
    CheckConstraint("\"by\" <> ''", name="has_person"),
    UniqueConstraint("regime", "period", "revision"),
)


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
