"""A run of another DAG that waits in Airflow's own queue until an instant which is known only when the task runs."""

from __future__ import annotations

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator


class LaterRun(TriggerDagRunOperator):
    """The operator of Airflow with `run_after` as a template: there it must be known when the DAG file is read."""

    template_fields = (*TriggerDagRunOperator.template_fields, "run_after")
