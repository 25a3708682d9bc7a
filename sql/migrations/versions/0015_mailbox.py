"""The mailbox: every message met there, addresses that bounce, and where a letter's answer goes."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_message",
        sa.Column("id", _ID, nullable=False),
        sa.Column("mailbox", sa.Text(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.String(length=32), nullable=False),
        sa.Column("seen_at", sa.String(length=32), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("details", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_message")),
        sa.UniqueConstraint("mailbox", "uidvalidity", "uid", name=op.f("uq_mail_message_mailbox_uidvalidity_uid")),
    )
    op.create_index(op.f("ix_mail_message_sender_seen_at"), "mail_message", ["sender", "seen_at"])
    op.create_table(
        "bounced_address",
        sa.Column("id", _ID, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("diagnostic", sa.Text(), nullable=False),
        sa.Column("outbox_id", _ID, nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounced_address")),
        sa.UniqueConstraint("address", name=op.f("uq_bounced_address_address")),
    )
    op.add_column("outbox", sa.Column("reply_to", sa.Text()))
    op.add_column("outbox", sa.Column("thread", sa.Text()))


def downgrade() -> None:
    for column in ("thread", "reply_to"):
        op.drop_column("outbox", column)
    op.drop_table("bounced_address")
    op.drop_table("mail_message")
