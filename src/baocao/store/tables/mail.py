"""Letters and what the reminder steps came to; messages of the mailbox and addresses that letters came back from."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
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

from baocao.store.tables.base import Id, Instant, metadata, of_unit, one_of

outbox = Table(
    "outbox",
    metadata,
    *of_unit(),
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
    CheckConstraint(one_of("status", "PENDING", "SENT", "FAILED"), name="status"),
    CheckConstraint("(status = 'SENT') = (sent_at IS NOT NULL)", name="sent"),
    UniqueConstraint("regime", "period", "unit", "step"),
    # The letters of a period on the desk; our own alarms, whose unit is `operator`, the newest first.
    Index(None, "regime", "period", "status"),
    Index(None, "unit", "regime", "id"),
)

reminder = Table(
    "reminder",
    metadata,
    *of_unit(),
    Column("step", String(32), nullable=False),
    Column("due_on", String(10), nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("outbox_id", Id, ForeignKey("outbox.id")),
    CheckConstraint(one_of("outcome", "SENT", "OVERTAKEN", "NO_ADDRESS"), name="outcome"),
    UniqueConstraint("regime", "period", "unit", "step"),
)

mail_message = Table(
    "mail_message",
    metadata,
    # A message has no other name that holds than the folder's UIDVALIDITY and its UID there (RFC 3501, 2.3.1.1).
    Column("id", Id, primary_key=True),
    Column("mailbox", Text, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uid", BigInteger, nullable=False),
    # The whole message in the file store; empty for one that was too large to fetch.
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    # When our own server took it: what counts as received.
    Column("received_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("sender", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    # Empty until everything in it is on its way.
    Column("outcome", String(16), nullable=False),
    Column("details", JSON),
    UniqueConstraint("mailbox", "uidvalidity", "uid"),
    Index(None, "sender", "seen_at"),
)

bounced_address = Table(
    "bounced_address",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address", Text, nullable=False, unique=True),
    Column("status", String(20), nullable=False),
    Column("diagnostic", Text, nullable=False),
    # The letter that came back.
    Column("outbox_id", Id, nullable=False),
    Column("at", Instant, nullable=False),
)
