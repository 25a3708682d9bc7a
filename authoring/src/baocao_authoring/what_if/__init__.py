"""A past period under other rules: what would change; nothing is stored."""
