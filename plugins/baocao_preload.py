"""What every task of ours needs is made once, in the scheduler, before it forks its workers (LocalExecutor): a task
then finds modules and packs there instead of making them again, which costs each task more than most of them do.

Never a connection or a thread before a fork. A task takes a pack from here only while every file of it has the content
it had (`load_pack`); a new version of the code is seen after a restart of the scheduler, as one of these plugins always
was.
"""

from __future__ import annotations

import importlib
import logging
import sys
from typing import Any

from airflow.listeners import hookimpl

log = logging.getLogger(__name__)

# Measured: without them a task of an idle sweep cost 2.5 s of CPU, with them 1.8 s.
_MODULES = (
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.dag_processing.dagbag",
    "airflow.providers.standard.decorators.python",
    "airflow.providers.standard.operators.hitl",
    "airflow.providers.standard.operators.trigger_dagrun",
    "baocao_sign_off",
    "baocao_issuing",
    "baocao_later",
    "baocao.workflow.process",
    "baocao.workflow.periods.special",
    "baocao.workflow.reports.attaching",
    "baocao.workflow.reports.dispatching",
    "baocao.workflow.sign_off.signing",
    "baocao.workflow.sign_off.summary",
    "baocao.workflow.status.progress",
    "baocao.workflow.sweeps.collecting",
    "baocao.workflow.sweeps.reminding",
)


@hookimpl
def on_starting(component: Any) -> None:
    """Called in every component and every task; in the scheduler once, when its job is made. The job does not know yet
    whose it is, so the command line says."""
    if type(component).__name__ != "Job" or "scheduler" not in sys.argv[1:3]:
        return
    for name in _MODULES:
        try:
            importlib.import_module(name)
        except Exception:
            # The task that needs it will say so, with its own log.
            log.exception("Không nạp trước được %s", name)
    _load_packs()


def _load_packs() -> None:
    from baocao_calendar import regimes

    from baocao.regimes.load import load_pack
    from baocao.settings import load_settings

    try:
        settings = load_settings()
        codes = [regime.code for regime in regimes()]
    except Exception:
        log.exception("Không nạp trước được các gói chế độ")
        return
    for code in codes:
        try:
            load_pack(settings.regimes / code, settings.reference)
        except Exception:
            # Reported by `dags/check_packs.py`, with the place and the cure.
            log.warning("Không nạp trước được gói %s", code)
