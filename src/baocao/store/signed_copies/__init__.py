"""Signed copies: of the units' reports, and of the report that is dispatched."""
