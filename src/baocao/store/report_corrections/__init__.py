"""Corrections (đính chính) of dispatched reports."""
