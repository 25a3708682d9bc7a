"""What every task of ours needs is imported once, in the scheduler, before it forks its workers (LocalExecutor): a task
then finds it there instead of importing it again, which costs each task more than most of them do.

Modules only: a connection or a thread must never be made before a fork. Packs are read by every task as they are then;
a new version of the code is seen after a restart of the scheduler, as a new version of these plugins always was.
"""

from __future__ import annotations

import importlib
import logging
import sys
from typing import Any

from airflow.listeners import hookimpl

log = logging.getLogger(__name__)

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
    "baocao.workflow.verbs",
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
