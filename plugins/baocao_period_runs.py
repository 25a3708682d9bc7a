"""Lượt chạy của kỳ: the report run of a period in Airflow, found, watched and started for the desk.

One run, one question, one report (docs/adr/0037): the desk asks for the run and never works beside it. What was made
elsewhere all the same (the command line, a desk that runs alone) makes the open question one about an older version:
it is asked again about the newest one, so that whoever answers here decides about what stands there.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from baocao_calendar import scheduled_periods
from baocao_deadline import period_of_run
from baocao_open_questions import answers_wait, report_of, waits_for_a_decision

from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.text import moment_text

if TYPE_CHECKING:
    from baocao.web.desk.runs import RunState

log = logging.getLogger(__name__)

STAGES = ("collect", "gate", "consolidate", "build")
"""Tasks of the report up to its documents; a question about older documents is asked again from the second one."""
_BUSY = frozenset({"running", "queued", "scheduled", "restarting", "up_for_retry"})
_WAITING = frozenset({"awaiting_input", "up_for_reschedule", "deferred"})
_BROKEN = frozenset({"failed", "upstream_failed"})
_LOOKED_AT = 60
"""Newest runs of a regime among which the period's is: it has about four periods a year."""


class AirflowRuns:
    """`baocao.web.desk.runs.Runs` inside Airflow's server. `url` is of Airflow's own pages."""

    def __init__(self, url: str) -> None:
        self._url = url

    def home(self, regime: Regime) -> str:
        """The address of the DAG of a regime's periods."""
        return f"{self._url}/dags/{_dag_id(regime)}"

    def of_period(self, regime: Regime, period: Period) -> Any:
        """The newest run of a period (`PeriodRun`): where it stands and how many stages are done; None without one."""
        from airflow.utils.session import create_session

        from baocao.web.desk.runs import PeriodRun

        with create_session() as session:
            run = _newest(session, regime, period)
            if run is None:
                return None
            tasks = _tasks(session, run)
            state, stage = _where(run, tasks)
            done = sum(t.state == "success" for t in tasks if t.task_id in STAGES)
            address = f"{self.home(regime)}/runs/{quote(run.run_id)}"
            by = run.triggering_user_name or ""
            return PeriodRun(address, run.start_date, by, state, stage, done, len(STAGES))

    def period_of(self, dag: str, run: str) -> str:
        """The code of the period a run is of."""
        return period_of(dag, run)

    def start(self, regime: Regime, period: Period, by: str) -> str:
        """From the beginning: what has arrived since is taken in first."""
        from airflow.utils.session import create_session

        from baocao.workflow.installation import Refused

        with answers_wait(), create_session() as session:
            run = _newest(session, regime, period)
            if run is None:
                return _create(session, regime, period, by)
            # The run of an ad hoc request, which waits in Airflow's queue for the units' deadline.
            if run.start_date is None and run.run_after > datetime.now(UTC):
                raise Refused(f"Lượt tổng hợp của kỳ đã hẹn, tự chạy lúc {_local(run.run_after, period)}")
            state, stage = _where(run, _tasks(session, run))
            if state == "running":
                raise Refused(f"Airflow đang làm kỳ này ({stage}); hãy xem tiến độ, không cần chạy thêm")
            _again(session, run, STAGES[0])
            run.triggering_user_name = by
            return str(run.run_id)


def period_of(dag_id: str, run_id: str) -> str:
    """The code of the period a run is about; empty where it is about none."""
    from airflow.models.dagrun import DagRun
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        row = session.execute(
            select(DagRun.data_interval_start, DagRun.conf).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        ).one_or_none()
    found = period_of_run(dag_id, row.data_interval_start, row.conf) if row is not None else None
    return found.code if found is not None else ""


def ask_about_the_newest() -> int:
    """Runs whose open question is about a version that is no longer the newest one begin again at the gate, from which
    the newest one follows; how many."""
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    from baocao.workflow.process import installation
    from baocao.workflow.sign_off.signing import newer_version

    again = 0
    with create_session() as session:
        waiting = session.execute(select(TaskInstance.dag_id, TaskInstance.run_id).where(*waits_for_a_decision())).all()
    # A transaction and a turn for each run: answers to other questions wait no longer than one of them takes.
    for dag_id, run_id in waiting:
        with answers_wait(), create_session() as session:
            report_id = report_of(session, dag_id, run_id)
            if report_id is None or (newer := newer_version(installation(), report_id)) is None:
                continue
            run = session.scalar(select(DagRun).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id))
            if _where(run, _tasks(session, run))[0] == "asking":
                _again(session, run, STAGES[1])
                log.info("%s, lượt %s: đã có phiên bản %s, hỏi lại theo bản mới nhất", dag_id, run_id, newer)
                again += 1
    return again


def _dag_id(regime: Regime) -> str:
    return f"{regime.dag_prefix}__report"


def _newest(session: Any, regime: Regime, period: Period) -> Any:
    from airflow.models.dagrun import DagRun
    from sqlalchemy import select

    dag_id = _dag_id(regime)
    # Looked through, because Airflow cannot be asked by period: a run by hand has any name and its period in its conf.
    runs = session.scalars(select(DagRun).where(DagRun.dag_id == dag_id).order_by(DagRun.id.desc()).limit(_LOOKED_AT))
    for run in runs:
        found = period_of_run(dag_id, run.data_interval_start, run.conf)
        if found is not None and found.code == period.code:
            return run
    return None


def _tasks(session: Any, run: Any) -> Sequence[Any]:
    from airflow.models.taskinstance import TaskInstance
    from sqlalchemy import select

    wanted = TaskInstance.dag_id == run.dag_id, TaskInstance.run_id == run.run_id
    return list(session.scalars(select(TaskInstance).where(*wanted)))


def _where(run: Any, tasks: Sequence[Any]) -> tuple[RunState, str]:
    """How the run stands, and at which task."""
    # Busy first: where one task works while another asks, nothing may be cleared.
    looked_for: tuple[tuple[RunState, frozenset[str]], ...] = ("running", _BUSY), ("asking", _WAITING)
    for state, of in looked_for:
        if at := next((t for t in tasks if str(t.state) in of), None):
            return state, at.task_display_name
    if str(run.state) in {"queued", "running"}:
        return "running", ""
    if str(run.state) == "success":
        return "done", ""
    at = next((t for t in tasks if str(t.state) == "failed"), None)
    return "failed", at.task_display_name if at else ""


def _create(session: Any, regime: Regime, period: Period, by: str) -> str:
    """The first run of a period the timetable does not run by itself, or whose moment has come."""
    from airflow.api.common.trigger_dag import trigger_dag
    from airflow.exceptions import DagNotFound, DagRunAlreadyExists
    from airflow.utils.types import DagRunTriggeredByType
    from baocao_timetable import run_after

    from baocao.workflow.installation import Refused

    due = run_after(period, "due")
    # A run of this name before its moment would keep the timetable from making the period's own (ADR 0002).
    if due > datetime.now(UTC) and any(p.code == period.code for p in scheduled_periods(regime.code)):
        raise Refused(f"Lượt tổng hợp của kỳ tự chạy lúc {_local(due, period)}, sau hạn của đơn vị và ngày lấy ý kiến")
    try:
        run = trigger_dag(
            dag_id=_dag_id(regime),
            triggered_by=DagRunTriggeredByType.UI,
            triggering_user_name=by,
            run_id=period.code,
            conf={"period": period.code},
            logical_date=None,
            session=session,
        )
    except DagRunAlreadyExists:
        raise Refused("Lượt chạy của kỳ vừa được tạo; hãy xem tiến độ") from None
    except DagNotFound:
        raise Refused(
            f"Airflow chưa có lịch chạy {_dag_id(regime)}; xem mục «Gói chế độ báo cáo hỏng» trong sổ tay vận hành"
        ) from None
    return str(run.run_id) if run is not None else period.code


def _again(session: Any, run: Any, first: str) -> None:
    """Clear the run from that task on, as its page does."""
    from airflow.models.dagbag import DBDagBag

    dag = DBDagBag(load_op_links=False).get_dag_for_run(dag_run=run, session=session)
    if dag is None:
        from baocao.workflow.installation import Refused

        raise Refused("Airflow không còn giữ lịch chạy của lượt này; mở lượt chạy trong Airflow và Clear từ «gate»")
    before = set(STAGES[: STAGES.index(first)])
    dag.clear(task_ids=sorted(set(dag.task_ids) - before), run_id=run.run_id, session=session)


def _local(moment: datetime, period: Period) -> str:
    return moment_text(moment.astimezone(period.opens_at.tzinfo))
