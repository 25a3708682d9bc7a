"""What Airflow's asset view shows of each regime: reports come in, and a signed report goes out.

Assets start nothing here: what is due is decided from the calendar and our own tables (docs/architecture.md).
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Asset, get_current_context, get_parsing_context
from baocao_calendar import regimes

from baocao.model.regime import Regime

_ACCEPTED = "accepted_by_regime"


def submissions_of(regime: Regime) -> Asset:
    """The accepted reports of the regime's units."""
    return Asset(name=f"{regime.label} · Bài nộp", uri=f"x-baocao://{regime.code}/bai-nop", group="bài nộp")


def signed_report_of(regime: Regime) -> Asset:
    """The regime's report from the moment its signed document is made."""
    return Asset(
        name=f"{regime.label} · Báo cáo đã ký", uri=f"x-baocao://{regime.code}/bao-cao-da-ky", group="báo cáo đã ký"
    )


def all_submissions() -> list[Asset]:
    """For the DAG file of a sweep. In the process of its task none: which ones is known when it is done, and reading
    every pack for it would cost every sweep."""
    return [] if get_parsing_context().dag_id else [submissions_of(regime) for regime in regimes()]


def only_where_something_came_in(accepted: dict[str, int]) -> None:
    """Of the running sweep: leave out the assets of the regimes in which nothing was accepted since the sweep before,
    so that an event in the asset view means that a report came in. `accepted`: regime -> accepted so far."""
    context: Any = get_current_context()
    instance, task = context["ti"], context["task"]
    # Of the newest run that left one: without a map index Airflow gives the values of all runs, as a list.
    before = instance.xcom_pull(task_ids=task.task_id, key=_ACCEPTED, include_prior_dates=True, map_indexes=-1) or {}
    news = {code for code, number in accepted.items() if number > before.get(code, 0)}
    assets = {regime.code: submissions_of(regime) for regime in regimes() if regime.code in news} if news else {}
    # Airflow makes an event for every outlet the task has when it ends.
    task.outlets = list(assets.values())
    for code, asset in assets.items():
        context["outlet_events"][asset].extra = {"accepted": accepted[code]}
    if accepted != before:
        instance.xcom_push(key=_ACCEPTED, value=accepted)
