"""What the mailbox remembers: every message it has met, and addresses that bounce."""
