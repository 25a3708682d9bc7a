"""Tells Airflow that a decision was recorded on the desk, so that the two never disagree.

The decision is our row, never Airflow's answer. Inside Airflow the waiting question is then answered in the person's
name; without Airflow around, its question later finds the decision in our row by itself
(docs/adr, "One decision, two pages").
"""

from __future__ import annotations

from typing import Protocol


class OpenQuestions(Protocol):
    """Tells Airflow that a decision was recorded, so that its task need not wait for the next look."""

    def decided(self, regime: str, period: str, report_id: int, role: str) -> None:
        """A decision of `role` about the report is recorded. Never raises: what failed is told again later."""


class NoOpenQuestions:
    """No Airflow around."""

    def decided(self, regime: str, period: str, report_id: int, role: str) -> None:
        """Nobody is told: the desk runs without Airflow."""
        return
