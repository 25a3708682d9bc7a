"""Our own failures while adding up; never a finding about a unit's file."""

from __future__ import annotations


class ConsolidationError(Exception):
    """The store handed over something that cannot be accepted cells. The message names the submission and the cell."""
