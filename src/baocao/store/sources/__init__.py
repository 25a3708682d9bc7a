"""Decisions about rows that two levels report differently."""
