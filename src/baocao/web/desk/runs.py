"""Who consolidates where the desk does not do it itself: Airflow, which runs the regime (docs/adr, "Long work").

The desk asks for the period's run and shows how far it is; it never runs the stages beside it, so that there is one
question and one report. What implements this is outside the package: it knows no Airflow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from baocao.model.period import Period
from baocao.model.regime import Regime

RunState = Literal["running", "asking", "failed", "done"]


@dataclass(frozen=True, slots=True)
class PeriodRun:
    """The newest run of a period. `asking` waits for a person or for a signed copy; `done` has ended well."""

    address: str
    """of its page"""
    started_at: datetime | None
    """None: it has not begun"""
    started_by: str
    """empty: by the calendar"""
    state: RunState
    stage: str
    """what it does, waits for, or where it stopped; empty once it is done"""
    done: int
    """stages up to the documents that are over"""
    total: int


class Runs(Protocol):
    """The runs of a regime, where something beside the desk runs it."""

    def of_period(self, regime: Regime, period: Period) -> PeriodRun | None:
        """None while the period has had no run."""

    def home(self, regime: Regime) -> str:
        """The page of the regime's runs, for a period without one."""

    def period_of(self, dag: str, run: str) -> str:
        """The code of the period the run is about; empty where it is about none."""

    def start(self, regime: Regime, period: Period, by: str) -> str:
        """Have the period taken in, checked, consolidated and its documents made, from the beginning; returns the run's
        name. A question that stands open is asked again about what is made then. Raises Refused with a sentence: it
        works already, its moment has not come."""
