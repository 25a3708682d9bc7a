"""The schema of our own database. Migrations in `sql/migrations` must build exactly this; a test compares them.

Instants are stored as UTC text in ISO form (SQLite has no time zone), days as `YYYY-MM-DD`, decimals as text:
so both databases hold and order the same bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

from baocao.model.report import Role

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_Id = BigInteger().with_variant(Integer(), "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as `2026-06-19T16:59:59.000000+00:00`."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Any) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def _one_of(column: str, *values: str) -> str:
    return f"{column} IN ({', '.join(repr(v) for v in values)})"


window = Table(
    "window",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("pack_sha256", String(64), nullable=False),
    UniqueConstraint("regime", "period"),
)

pack_version = Table(
    "pack_version",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("pack_sha256", String(64), nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("kept_at", Instant, nullable=False),
    UniqueConstraint("regime", "pack_sha256"),
)

special_period = Table(
    "special_period",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
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
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("unit", String(32), nullable=False),
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
    Index(None, "regime", "period", "name_order"),
)

waiver = Table(
    "waiver",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("until", Instant),
    Column("reason", Text, nullable=False),
    Column("granted_by", Text, nullable=False),
    Column("granted_at", Instant, nullable=False),
    CheckConstraint(_one_of("kind", "waiver", "extension"), name="kind"),
    CheckConstraint("kind = 'waiver' OR until IS NOT NULL", name="extension_has_until"),
)

waiver_withdrawal = Table(
    "waiver_withdrawal",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("waiver_id", _Id, ForeignKey("waiver.id"), nullable=False, unique=True),
    Column("reason", Text, nullable=False),
    Column("withdrawn_by", Text, nullable=False),
    Column("withdrawn_at", Instant, nullable=False),
)

submission = Table(
    "submission",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("unit", String(32), nullable=False),
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
    Column("supersedes_id", _Id, ForeignKey("submission.id")),
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
        _one_of("status", "RECEIVED", "ACCEPTED", "RETURNED", "QUARANTINED", "DUPLICATE", "COMMENTS"), name="status"
    ),
    CheckConstraint("waiting_since IS NULL OR status = 'RECEIVED'", name="waiting"),
    CheckConstraint("(status = 'RECEIVED') = (decided_at IS NULL)", name="decided"),
    CheckConstraint("(status = 'ACCEPTED') = (receipt_number IS NOT NULL)", name="receipt"),
    CheckConstraint("(status = 'QUARANTINED') = (reason IS NOT NULL)", name="reason"),
    CheckConstraint("supersedes_id IS NULL OR status = 'ACCEPTED'", name="supersedes"),
    # A submission is superseded once: corrections form a chain, never a fork.
    UniqueConstraint("supersedes_id"),
    Index(None, "regime", "period", "unit", "sha256"),
    Index(None, "regime", "period", "unit", "status"),
)

cell = Table(
    "cell",
    metadata,
    Column("submission_id", _Id, ForeignKey("submission.id"), primary_key=True),
    Column("form", String(16), primary_key=True),
    Column("row", String(32), primary_key=True),
    Column("col", String(32), primary_key=True),
    Column("answer", String(8), nullable=False),
    Column("value", Text),
    Column("sheet", Text, nullable=False),
    Column("a1", String(12), nullable=False),
    CheckConstraint(_one_of("answer", "value", "nil", "blank"), name="answer"),
    CheckConstraint("(answer = 'value') = (value IS NOT NULL)", name="value"),
)

finding = Table(
    "finding",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("submission_id", _Id, ForeignKey("submission.id"), nullable=False, index=True),
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

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("step", String(64), nullable=False),
    Column("recipient", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("attachments", JSON, nullable=False),
    Column("message_id", String(255), nullable=False, unique=True),
    Column("status", String(8), nullable=False),
    Column("attempts", Integer, nullable=False),
    # Of the attempts: those in which the server refused this letter and took others, and those whose content was on
    # its way when the connection was lost, so that the letter may have arrived.
    Column("refusals", Integer, nullable=False, server_default="0"),
    Column("perhaps_sent", Integer, nullable=False, server_default="0"),
    Column("created_at", Instant, nullable=False),
    Column("retry_at", Instant),
    Column("sent_at", Instant),
    Column("error", Text),
    Column("address_of", String(32)),
    # Where an answer goes, with the unit's own token; and the thread the letter answers in: Message-IDs, the last one
    # last, parted by blanks.
    Column("reply_to", Text),
    Column("thread", Text),
    CheckConstraint(_one_of("status", "PENDING", "SENT", "FAILED"), name="status"),
    CheckConstraint("(status = 'SENT') = (sent_at IS NOT NULL)", name="sent"),
    UniqueConstraint("regime", "period", "unit", "step"),
    Index(None, "regime", "period", "status"),
    Index(None, "unit", "regime", "id"),
)

reminder = Table(
    "reminder",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("unit", String(32), nullable=False),
    Column("step", String(32), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("outbox_id", _Id, ForeignKey("outbox.id")),
    CheckConstraint(_one_of("outcome", "SENT", "OVERTAKEN", "NO_ADDRESS"), name="outcome"),
    UniqueConstraint("regime", "period", "unit", "step"),
)

gate = Table(
    "gate",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
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
    Column("id", _Id, primary_key=True),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("input_sha256", String(64), nullable=False),
    Column("gate_id", _Id, ForeignKey("gate.id")),
    Column("content_sha256", String(64)),
    Column("manifest", JSON),
    Column("findings", JSON),
    Column("supersedes_id", _Id, ForeignKey("report.id")),
    CheckConstraint(
        _one_of("status", "DRAFT", "FROZEN", "APPROVED", "SIGNED", "DISPATCHED", "RETURNED"), name="status"
    ),
    CheckConstraint("(status = 'DRAFT') = (content_sha256 IS NULL)", name="frozen"),
    CheckConstraint("(content_sha256 IS NULL) = (manifest IS NULL)", name="manifest"),
    UniqueConstraint("regime", "period", "version"),
)

report_input = Table(
    "report_input",
    metadata,
    Column("report_id", _Id, ForeignKey("report.id"), primary_key=True),
    Column("submission_id", _Id, ForeignKey("submission.id"), primary_key=True),
    Column("unit", String(32), nullable=False),
)

report_value = Table(
    "report_value",
    metadata,
    Column("report_id", _Id, ForeignKey("report.id"), primary_key=True),
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
    Column("id", _Id, primary_key=True),
    Column("report_id", _Id, ForeignKey("report.id"), nullable=False),
    Column("role", String(32), nullable=False),
    Column("decision", String(16), nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    Column("document_number", String(11)),
    Column("document_symbol", String(30)),
    Column("signed_on", String(10)),
    Column("signer", Text),
    Column("signer_title", Text),
    # A signature that is taken back stays; the next one is of the next round.
    Column("round", Integer, nullable=False, server_default="1"),
    CheckConstraint(_one_of("role", *Role), name="role"),
    CheckConstraint(_one_of("decision", "approve", "sign", "return"), name="decision"),
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
    Column("id", _Id, primary_key=True),
    Column("report_id", _Id, ForeignKey("report.id"), nullable=False),
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
    Column("id", _Id, primary_key=True),
    Column("report_id", _Id, ForeignKey("report.id"), nullable=False),
    Column("recipient", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("package_sha256", String(64), nullable=False),
    Column("outbox_id", _Id, ForeignKey("outbox.id")),
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

event = Table(
    "event",
    metadata,
    # No foreign keys: the audit trail outlives what it speaks of.
    Column("seq", _Id, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("regime", String(64), nullable=False),
    Column("period", String(32), nullable=False),
    Column("subject", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("previous_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    # Which key the hash is keyed with; `unkeyed` for a row from before there were keys.
    Column("key_id", String(16), nullable=False, server_default="unkeyed"),
    Index(None, "regime", "seq"),
    Index(None, "regime", "action", "seq"),
)

event_head = Table(
    "event_head",
    metadata,
    # One row: number and hash of the last event. Shows a cut-off tail, and is the lock the writers queue at.
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", _Id, nullable=False),
    Column("hash", String(64), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

# The rest of the schema, in files of its own: whoever knows these tables knows all of them.
from baocao.store.given_back import given_back_tables  # noqa: E402, F401
from baocao.store.inspection_register import inspection_tables  # noqa: E402, F401
from baocao.store.lead_bodies import lead_tables  # noqa: E402, F401
from baocao.store.lists import list_tables  # noqa: E402, F401
from baocao.store.long_work import work_tables  # noqa: E402, F401
from baocao.store.mailbox import mailbox_tables  # noqa: E402, F401
from baocao.store.narratives import narrative_tables  # noqa: E402, F401
from baocao.store.portal import portal_tables  # noqa: E402, F401
from baocao.store.report_corrections import correction_tables  # noqa: E402, F401
from baocao.store.signed_copies import copy_tables  # noqa: E402, F401
from baocao.store.sources import source_tables  # noqa: E402, F401
