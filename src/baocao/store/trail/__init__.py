"""The audit trail: events chained by hash, their keys, the anchors outside the database, the database roles."""
