"""Corrections (đính chính) of dispatched reports: tables, reading and writing."""
