"""Everything the first release keeps.

Instants are text of 32 characters (UTC, ISO), so that both databases hold and order the same bytes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("seq", ID, autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event")),
        sa.UniqueConstraint("hash", name=op.f("uq_event_hash")),
    )
    op.create_table(
        "event_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", ID, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_event_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_head")),
    )
    op.create_table(
        "gate",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("ran_at", sa.String(length=32), nullable=False),
        sa.Column("input_sha256", sa.String(length=64), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=False),
        sa.Column("evaluated", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("result_sha256", sa.String(length=64), nullable=False),
        sa.Column("page_sha256", sa.String(length=64), nullable=False),
        sa.Column("disagreements", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate")),
    )
    op.create_table(
        "obligation",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("is_lead_body", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.String(length=32), nullable=False),
        sa.Column("locked_after", sa.String(length=32), nullable=False),
        sa.Column("blank_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_obligation")),
        sa.UniqueConstraint("regime", "period", "unit", name=op.f("uq_obligation_regime_period_unit")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("step", sa.String(length=64), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("retry_at", sa.String(length=32), nullable=True),
        sa.Column("sent_at", sa.String(length=32), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("(status = 'SENT') = (sent_at IS NOT NULL)", name=op.f("ck_outbox_sent")),
        sa.CheckConstraint("status IN ('PENDING', 'SENT', 'FAILED')", name=op.f("ck_outbox_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
        sa.UniqueConstraint("regime", "period", "unit", "step", name=op.f("uq_outbox_regime_period_unit_step")),
    )
    op.create_table(
        "submission",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.String(length=32), nullable=False),
        sa.Column("decided_at", sa.String(length=32), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("form_versions", sa.JSON(), nullable=True),
        sa.Column("info", sa.JSON(), nullable=True),
        sa.Column("nil_forms", sa.JSON(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("receipt_number", sa.String(length=64), nullable=True),
        sa.Column("supersedes_id", ID, nullable=True),
        sa.Column("marked_sha256", sa.String(length=64), nullable=True),
        sa.CheckConstraint("(status = 'ACCEPTED') = (receipt_number IS NOT NULL)", name=op.f("ck_submission_receipt")),
        sa.CheckConstraint("(status = 'QUARANTINED') = (reason IS NOT NULL)", name=op.f("ck_submission_reason")),
        sa.CheckConstraint("(status = 'RECEIVED') = (decided_at IS NULL)", name=op.f("ck_submission_decided")),
        sa.CheckConstraint(
            "status IN ('RECEIVED', 'ACCEPTED', 'RETURNED', 'QUARANTINED')", name=op.f("ck_submission_status")
        ),
        sa.CheckConstraint("supersedes_id IS NULL OR status = 'ACCEPTED'", name=op.f("ck_submission_supersedes")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["submission.id"], name=op.f("fk_submission_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("receipt_number", name=op.f("uq_submission_receipt_number")),
        sa.UniqueConstraint("regime", "period", "unit", "sha256", name=op.f("uq_submission_regime_period_unit_sha256")),
        sa.UniqueConstraint("supersedes_id", name=op.f("uq_submission_supersedes_id")),
    )
    op.create_index(
        op.f("ix_submission_regime_period_unit_status"),
        "submission",
        ["regime", "period", "unit", "status"],
        unique=False,
    )
    op.create_table(
        "waiver",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("until", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.String(length=32), nullable=False),
        sa.CheckConstraint("kind = 'waiver' OR until IS NOT NULL", name=op.f("ck_waiver_extension_has_until")),
        sa.CheckConstraint("kind IN ('waiver', 'extension')", name=op.f("ck_waiver_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiver")),
    )
    op.create_table(
        "window",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("opened_at", sa.String(length=32), nullable=False),
        sa.Column("pack_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_window")),
        sa.UniqueConstraint("regime", "period", name=op.f("uq_window_regime_period")),
    )
    op.create_table(
        "cell",
        sa.Column("submission_id", ID, nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("row", sa.String(length=32), nullable=False),
        sa.Column("col", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("a1", sa.String(length=12), nullable=False),
        sa.CheckConstraint("(answer = 'value') = (value IS NOT NULL)", name=op.f("ck_cell_value")),
        sa.CheckConstraint("answer IN ('value', 'nil', 'blank')", name=op.f("ck_cell_answer")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_cell_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", "form", "row", "col", name=op.f("pk_cell")),
    )
    op.create_table(
        "finding",
        sa.Column("id", ID, nullable=False),
        sa.Column("submission_id", ID, nullable=False),
        sa.Column("rule", sa.String(length=8), nullable=False),
        sa.Column("severity", sa.String(length=8), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("a1", sa.String(length=12), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("actual", sa.Text(), nullable=False),
        sa.Column("suggestion", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_finding_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
    )
    op.create_index(op.f("ix_finding_submission_id"), "finding", ["submission_id"], unique=False)
    op.create_table(
        "reminder",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("step", sa.String(length=32), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("decided_at", sa.String(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("outbox_id", ID, nullable=True),
        sa.CheckConstraint("outcome IN ('SENT', 'OVERTAKEN', 'NO_ADDRESS')", name=op.f("ck_reminder_outcome")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_reminder_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("regime", "period", "unit", "step", name=op.f("uq_reminder_regime_period_unit_step")),
    )
    op.create_table(
        "report",
        sa.Column("id", ID, nullable=False),
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("as_of", sa.String(length=32), nullable=False),
        sa.Column("input_sha256", sa.String(length=64), nullable=False),
        sa.Column("gate_id", ID, nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("manifest", sa.JSON(), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=True),
        sa.Column("supersedes_id", ID, nullable=True),
        sa.CheckConstraint("(status = 'DRAFT') = (content_sha256 IS NULL)", name=op.f("ck_report_frozen")),
        sa.CheckConstraint(
            "status IN ('DRAFT', 'FROZEN', 'APPROVED', 'SIGNED', 'DISPATCHED', 'RETURNED')",
            name=op.f("ck_report_status"),
        ),
        sa.CheckConstraint("(content_sha256 IS NULL) = (manifest IS NULL)", name=op.f("ck_report_manifest")),
        sa.ForeignKeyConstraint(["gate_id"], ["gate.id"], name=op.f("fk_report_gate_id")),
        sa.ForeignKeyConstraint(["supersedes_id"], ["report.id"], name=op.f("fk_report_supersedes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("regime", "period", "version", name=op.f("uq_report_regime_period_version")),
    )
    op.create_table(
        "approval",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("decision", sa.String(length=16), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("document_number", sa.String(length=11), nullable=True),
        sa.Column("document_symbol", sa.String(length=30), nullable=True),
        sa.Column("signed_on", sa.String(length=10), nullable=True),
        sa.Column("signer", sa.Text(), nullable=True),
        sa.Column("signer_title", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(decision = 'sign') = (document_number IS NOT NULL AND document_symbol IS NOT NULL AND signed_on IS NOT NULL AND signer IS NOT NULL)",
            name=op.f("ck_approval_signature"),
        ),
        sa.CheckConstraint("decision <> 'return' OR note <> ''", name=op.f("ck_approval_return_has_reason")),
        sa.CheckConstraint("decision IN ('approve', 'sign', 'return')", name=op.f("ck_approval_decision")),
        sa.CheckConstraint("role IN ('police_office', 'peoples_committee')", name=op.f("ck_approval_role")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_approval_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
        sa.UniqueConstraint("report_id", "role", name=op.f("uq_approval_report_id_role")),
    )
    op.create_table(
        "dispatch",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("recipient", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("package_sha256", sa.String(length=64), nullable=False),
        sa.Column("outbox_id", ID, nullable=True),
        sa.Column("dispatched_at", sa.String(length=32), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.Column("accepted_by_ministry_at", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_dispatch_outbox_id")),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_dispatch_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatch")),
        sa.UniqueConstraint("report_id", "recipient", name=op.f("uq_dispatch_report_id_recipient")),
    )
    op.create_table(
        "report_input",
        sa.Column("report_id", ID, nullable=False),
        sa.Column("submission_id", ID, nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_input_report_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_report_input_submission_id")),
        sa.PrimaryKeyConstraint("report_id", "submission_id", name=op.f("pk_report_input")),
    )
    op.create_table(
        "report_value",
        sa.Column("report_id", ID, nullable=False),
        sa.Column("form", sa.String(length=16), nullable=False),
        sa.Column("row", sa.String(length=32), nullable=False),
        sa.Column("col", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("nil", sa.Boolean(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("communes", sa.Text(), nullable=True),
        sa.Column("provincial", sa.Text(), nullable=True),
        sa.Column("classes", sa.JSON(), nullable=True),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_value_report_id")),
        sa.PrimaryKeyConstraint("report_id", "form", "row", "col", name=op.f("pk_report_value")),
    )
    op.execute("INSERT INTO event_head (id, seq, hash) VALUES (1, 0, '%s')" % ("0" * 64))


def downgrade() -> None:
    op.drop_table("report_value")
    op.drop_table("report_input")
    op.drop_table("dispatch")
    op.drop_table("approval")
    op.drop_table("report")
    op.drop_table("reminder")
    op.drop_table("finding")
    op.drop_table("cell")
    op.drop_table("window")
    op.drop_table("waiver")
    op.drop_table("submission")
    op.drop_table("outbox")
    op.drop_table("obligation")
    op.drop_table("gate")
    op.drop_table("event_head")
    op.drop_table("event")
