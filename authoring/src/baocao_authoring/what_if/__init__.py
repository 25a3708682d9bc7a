"""A past period under other rules: what would change, told; nothing is stored."""
