"""What every DAG asks of its run: which regime's which period, at what business time. And what all DAGs share."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec
from urllib.parse import quote

import pendulum
from airflow.sdk import Param, get_current_context
from airflow.sdk.exceptions import AirflowFailException
from baocao_alarms import alarm_on_failure
from baocao_calendar import period_named, period_opening_at
from baocao_desk import desk_address
from baocao_notes import say_progress
from baocao_pools import pool_of

from baocao.calendar.periods import openings
from baocao.model.regime import Regime
from baocao.settings import ConfigurationError

if TYPE_CHECKING:
    from baocao.workflow.installation import Installation

P = ParamSpec("P")
Kwargs = dict[str, Any]

# Far before every period: a run whose logical date lies before it would turn green without a single task.
START = pendulum.datetime(2020, 1, 1, tz="Asia/Ho_Chi_Minh")

# Which waiting task gets the next free worker (absolute): what somebody waits for goes before what takes long.
SWEEP, DECIDED, PREPARED = 30, 20, 10

# A second try cures what passes by itself: a locked database, a mail server that restarts, a full connection pool.
PASSING_TROUBLE: Kwargs = {"retries": 3, "retry_delay": timedelta(seconds=20), "retry_exponential_backoff": True}
# Six tries outlast a mail server's maintenance. Who waits for the report goes before what is only being prepared.
TO_RECIPIENTS = {**PASSING_TROUBLE, "retries": 6, "retry_delay": timedelta(minutes=2), "priority_weight": DECIDED}
# What a second try cannot cure: a decision, a disagreement, a refusal.
NO_RETRY = {"retries": 0}

DEFAULT_ARGS: Kwargs = {
    "owner": "baocao",
    "on_failure_callback": alarm_on_failure,
    # Airflow sets none of its own, and a task that hangs holds a slot of its regime's pool.
    "execution_timeout": timedelta(minutes=30),
    # Airflow's own rule adds the weights of all that follows: a period's first task would go before every sweep.
    "weight_rule": "absolute",
    # What a task hands on may quote the report; a log carries no figures. Each verb logs its decisions itself.
    "show_return_value_in_logs": False,
    **NO_RETRY,
}


def run(verb: Callable[Concatenate[Installation, P], Any], *args: P.args, **kwargs: P.kwargs) -> Any:
    """A verb of the workflow, on this process's installation: its answer as plain data, ready for XCom. A refusal or a
    wrong configuration fails the task at once: no second try cures it.

    A DAG file imports the verb inside its task: it must parse in a fraction of a second.
    """
    from baocao.workflow.installation import Refused
    from baocao.workflow.process import installation
    from baocao.workflow.verb_answers import plain

    try:
        return plain(verb(installation(), *args, **kwargs))
    except (Refused, ConfigurationError) as error:
        raise AirflowFailException(str(error)) from error


def require_all_done(answer: dict[str, Any]) -> dict[str, Any]:
    """A sweep that left a regime out, or whose mail does not leave, is red: the alarm about mail cannot go by mail."""
    # RuntimeError is tried again, AirflowFailException is not: a mail server comes back, a broken pack needs a person.
    if trouble := answer.get("mail_trouble"):
        raise RuntimeError(f"Thư không gửi được, mọi thư được giữ lại: {trouble}. Xem mục «Không gửi được thư».")
    if failed := answer.get("failed"):
        raise AirflowFailException(f"Không đôn đốc được: {', '.join(failed)}. Xem mục «Gói chế độ báo cáo hỏng».")
    return answer


def require_handed_over(answer: dict[str, Any]) -> dict[str, Any]:
    """A report is out when every recipient was handed its letter: until then the task is tried again, then red."""
    if answer["status"] != "DISPATCHED":
        raise RuntimeError(
            f"Chưa gửi được tới mọi nơi nhận: {'; '.join(answer['open'])}. Xem mục «Không gửi được báo cáo»."
        )
    return answer


def of_regime(regime: Regime) -> dict[str, Any]:
    """Default arguments of the tasks of one regime: its own pool, and its run's note after every step."""
    return {**DEFAULT_ARGS, "pool": pool_of(regime), "priority_weight": PREPARED}


def period_dag(regime: Regime) -> dict[str, Any]:
    """What the two DAGs of a regime have in common."""
    return {
        "start_date": START,
        "catchup": True,  # a period missed in an outage is run late, never not at all
        "max_active_runs": 4,  # a period that waits for its signature must not hold back the next one
        "default_args": {**of_regime(regime), "on_success_callback": say_progress},
        "params": period_params(regime),
    }


def sweep_dag() -> dict[str, Any]:
    """What the sweeps over all regimes have in common."""
    return {
        "start_date": START,
        "catchup": False,  # one sweep does all that is due: missed ones need no making up
        "max_active_runs": 1,  # two sweeps at a time would race for the same files and letters
        "default_args": {**DEFAULT_ARGS, "priority_weight": SWEEP},
        "params": {"as_of": as_of_param()},
    }


def hand_started_dag(regime: Regime, params: dict[str, Param]) -> dict[str, Any]:
    """What a DAG of a regime that a person starts has, with the form of `params` to fill in."""
    return {
        "start_date": START,
        "catchup": False,
        "max_active_runs": 4,
        "default_args": of_regime(regime),
        "params": {**params, "as_of": as_of_param()},
    }


_SECTION = re.compile(r"\[([^\]]+)\]\(runbook\)")


def manual_of(dag_file: str, regime: str = "") -> str:
    """The operator's manual of a DAG: the Markdown file beside it, at its end where to go from there.

    `[heading](runbook)` in the file leads to that section of the runbook on the desk.
    """
    desk = desk_address()
    text = Path(dag_file).with_suffix(".md").read_text(encoding="utf-8")
    text = _SECTION.sub(lambda m: f"[{m[1]}]({desk}/runbook?muc={quote(m[1])})", text)
    below = f"/r/{regime}" if regime else "/"
    return f"{text}\n[Bàn làm việc]({desk}{below}) · [Sổ tay vận hành]({desk}/runbook)\n"


def as_of_param() -> Param:
    """The field of the Trigger page for the moment a run is to act at; empty is now."""
    return Param(
        None,
        type=["null", "string"],
        format="date-time",
        title="Thời điểm nghiệp vụ (as_of)",
        description="Để trống: bây giờ. Chỉ điền khi chạy lại hoặc diễn tập một thời điểm khác.",
    )


def period_params(regime: Regime) -> dict[str, Param]:
    """Parameters of the DAGs of a regime."""
    periods = openings(regime)
    return {
        "period": Param(
            None,
            type=["null", "string"],
            # Suggestions, not the only values: a period outside the calendar (ad hoc, rehearsal) is named here too.
            examples=[p.code for p in periods],
            values_display={p.code: f"{p.code}: {p.name}" for p in periods},
            title="Kỳ báo cáo",
            description="Để trống: kỳ ứng với ngày của lượt chạy. Kỳ đột xuất, diễn tập: ghi mã của kỳ.",
        ),
        "as_of": as_of_param(),
    }


def as_of() -> datetime:
    """The business time of the current run: the parameter, else this moment."""
    return played_time(get_current_context()["params"]) or datetime.now(UTC)


def plausible_as_of() -> datetime:
    """The same, for what begins with the clock alone: one that is ahead once would overtake every reminder step. Raises
    AirflowFailException."""
    from baocao.workflow.auditing.clock import require_plausible_time

    when = as_of()
    run(require_plausible_time, when, datetime.now(UTC))
    return when


def played_time(params: Any) -> datetime | None:
    """The parameter `as_of` of a run or of its conf. Raises AirflowFailException when it has no time zone."""
    text = params.get("as_of")
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise AirflowFailException(
            f"as_of: {text!r} không phải thời điểm có múi giờ; hãy viết như 2026-06-20T08:00:00+07:00"
        )
    return instant


def regime_of(dag: Any) -> str:
    """The code of the regime a DAG belongs to, from its tags; empty for the sweeps."""
    return next((t.removeprefix("regime:") for t in dag.tags if t.startswith("regime:")), "")


def period_code(regime: str) -> str:
    """The period of the current run: the parameter `period`, else the one that opens at the run's data interval."""
    return period_of_context(regime, get_current_context())


def period_of_context(regime: str, context: Any) -> str:
    """The same, where the context is handed in (callbacks). Raises AirflowFailException."""
    run = context["dag_run"]
    if name := context["params"].get("period"):
        try:
            return period_named(regime, name).code
        except ConfigurationError as error:
            raise AirflowFailException(str(error)) from None
    for instant in (run.data_interval_start, run.logical_date):
        if period := period_opening_at(regime, instant):
            return period.code
    raise AirflowFailException(
        f"Lượt chạy {run.run_id} không ứng với kỳ báo cáo nào của {regime}; "
        "hãy kích hoạt lại và điền tham số `period`, ví dụ 2026-H1"
    )
