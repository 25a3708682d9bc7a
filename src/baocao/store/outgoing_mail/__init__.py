"""Rows about what goes out by mail: the outbox of letters, and the ledger of reminders. Nothing is decided here."""
