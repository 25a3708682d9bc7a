"""What rings in Airflow when the desk has recorded a decision, so that the two never disagree.

Our row is the fact. Inside Airflow the waiting question is then answered in the person's name; alone there is no bell,
and Airflow's question finds the decision in our row by itself (docs/adr, "One decision, two pages").
"""

from __future__ import annotations

from typing import Protocol


class Bell(Protocol):
    """Tells Airflow that a decision was recorded, so that its task need not wait for the next look."""

    def decided(self, regime: str, period: str, report_id: int, role: str) -> None:
        """A decision of `role` about the report is recorded. Never raises: what could not ring is rung again later."""


class Silent:
    """No Airflow around."""

    def decided(self, regime: str, period: str, report_id: int, role: str) -> None:
        """Nobody is told: the desk runs without Airflow."""
        return
