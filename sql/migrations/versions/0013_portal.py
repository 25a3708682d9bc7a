"""The portal: personal links, codes by e-mail, drafts, requests for more time."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _whose() -> list[sa.Column]:
    return [
        sa.Column("regime", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=32), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
    ]


def upgrade() -> None:
    op.create_table(
        "unit_link",
        sa.Column("id", _ID, nullable=False),
        *_whose(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.String(length=32), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.String(length=32)),
        sa.Column("revoked_by", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_unit_link_revoked_by_somebody")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_link")),
        sa.UniqueConstraint("regime", "period", "unit", "number", name=op.f("uq_unit_link_regime_period_unit_number")),
    )
    op.create_table(
        "link_code",
        sa.Column("id", _ID, nullable=False),
        sa.Column("link_id", _ID, nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("sent_at", sa.String(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("used_at", sa.String(length=32)),
        sa.ForeignKeyConstraint(["link_id"], ["unit_link.id"], name=op.f("fk_link_code_link_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_code")),
    )
    op.create_index(op.f("ix_link_code_link_id"), "link_code", ["link_id"])
    op.create_table(
        "unit_draft",
        sa.Column("id", _ID, nullable=False),
        *_whose(),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("saved_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_draft")),
        sa.UniqueConstraint("regime", "period", "unit", name=op.f("uq_unit_draft_regime_period_unit")),
    )
    op.create_table(
        "extension_request",
        sa.Column("id", _ID, nullable=False),
        *_whose(),
        sa.Column("until_day", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.String(length=32), nullable=False),
        sa.Column("decision", sa.String(length=16)),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.String(length=32)),
        sa.Column("note", sa.Text()),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_extension_request_has_reason")),
        sa.CheckConstraint(
            "decision IS NULL OR decision IN ('granted', 'declined')", name=op.f("ck_extension_request_decision")
        ),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_extension_request_decided_once")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension_request")),
    )


def downgrade() -> None:
    for table in ("extension_request", "unit_draft", "link_code", "unit_link"):
        op.drop_table(table)
