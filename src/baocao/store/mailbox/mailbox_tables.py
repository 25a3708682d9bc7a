"""What the mailbox keeps: one row a message met there, one row an address that letters came back from."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, String, Table, Text, UniqueConstraint

from baocao.store.tables.base import Id, Instant, metadata

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
