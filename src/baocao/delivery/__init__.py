"""Everything that leaves the house: letters, the outbox, reminders, the dispatch package."""
