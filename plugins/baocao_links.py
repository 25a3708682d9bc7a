"""From a task in Airflow to the page of the desk that speaks of the same thing: period, findings, figures, report."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink
from baocao_desk import desk_address

log = logging.getLogger(__name__)

_PAGES = {"gate": "findings", "consolidate": "figures", "collect": "units", "open_window": "units"}
"""Task -> the part of the period's page; every other task of a report is about the report."""


class DeskLink(BaseOperatorLink):
    """One button on every task. Worked out when the page is looked at, so it is there before the task has run."""

    @property
    def name(self) -> str:
        return "Mở trên bàn làm việc"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Empty, and so no button, where it cannot be worked out: a link must not break Airflow's page."""
        try:
            return f"{desk_address()}/{quote(_below(ti_key.dag_id, ti_key.run_id, ti_key.task_id))}"
        except Exception:
            log.exception("Không lập được liên kết tới bàn làm việc: %s %s", ti_key.dag_id, ti_key.run_id)
            return ""


def _below(dag_id: str, run_id: str, task_id: str) -> str:
    """The page below the desk's own address; its first page for the sweeps, which serve all regimes."""
    from baocao_calendar import regimes
    from baocao_period_runs import period_of

    prefix, _, kind = dag_id.partition("__")
    regime = next((r for r in regimes() if r.dag_prefix == prefix), None)
    if regime is None:
        return ""
    period = period_of(dag_id, run_id)
    if not period:
        return f"r/{regime.code}"
    part = _PAGES.get(task_id, "report" if kind == "report" else "")
    return f"r/{regime.code}/p/{period}" + (f"/{part}" if part else "")
