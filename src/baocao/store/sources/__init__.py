"""Decisions about rows that two levels report differently: tables, reading and writing."""
