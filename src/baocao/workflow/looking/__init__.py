"""Looking, for pages: what a page shows, as plain values; nothing is decided and nothing changes here."""
