"""A decision that is recorded in our own rows answers Airflow's open question, in the name of who decided.

Our row decides, Airflow only asks (docs/adr/0003): whoever decides on the desk or on the command line has
decided, and the run goes on by itself. A question answered in Airflow at the same moment finds the row (`Question`).
"""

from __future__ import annotations

import contextlib
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from baocao_answers import APPROVE, RETURN, SIGN

log = logging.getLogger(__name__)

ASKED = {"sign_off.standing_office": ("standing_office", APPROVE), "sign_off.committee": ("peoples_committee", SIGN)}
"""Task -> the role it asks, and its yes."""
_SETTLED = timedelta(seconds=10)
"""Airflow 3.3 fails a task that is answered before the worker that asked has ended."""


class AirflowOpenQuestions:
    """`baocao.web.desk.open_questions.OpenQuestions` inside Airflow's server."""

    def decided(self, regime: str, period: str, report_id: int, role: str) -> None:
        """Answer Airflow's open questions with a decision made on the desk; a failure is logged and tried again."""
        try:
            answer_decided()
        except Exception:
            log.exception("Không báo được cho Airflow quyết định về báo cáo %s; sẽ thử lại", report_id)


def answer_decided() -> int:
    """Answer every open question whose decision is recorded; how many were answered."""
    from airflow.models.hitl import HITLDetail
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    from baocao.model.report import Role
    from baocao.workflow.process import installation
    from baocao.workflow.sign_off.signing import decision_of

    answered = 0
    with create_session() as session:
        waiting = session.execute(
            select(TaskInstance.id, TaskInstance.dag_id, TaskInstance.run_id, TaskInstance.task_id)
            .join(HITLDetail, HITLDetail.ti_id == TaskInstance.id)
            .where(
                *waits_for_a_decision(),
                HITLDetail.responded_at.is_(None),
                HITLDetail.created_at < datetime.now(UTC) - _SETTLED,
            )
        ).all()
        for row in waiting:
            role, yes = ASKED[row.task_id]
            report_id = report_of(session, row.dag_id, row.run_id)
            known = decision_of(installation(), report_id, Role(role)) if report_id is not None else None
            if known is not None:
                chosen = RETURN if known["decision"] == "return" else yes
                answered += _answer(session, row.id, chosen, known)
    return answered


def waits_for_a_decision() -> tuple[Any, ...]:
    """Conditions on Airflow's task instances: those of reports that ask a person and have no answer yet."""
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.state import TaskInstanceState

    return (
        TaskInstance.state == TaskInstanceState.AWAITING_INPUT,
        TaskInstance.task_id.in_(list(ASKED)),
        TaskInstance.dag_id.endswith("__report"),
    )


def report_of(session: Any, dag_id: str, run_id: str) -> int | None:
    """The report the question is about: what the run's `build` handed on."""
    from airflow.models.xcom import XComModel
    from sqlalchemy import select

    row = session.scalar(
        select(XComModel).where(
            XComModel.dag_id == dag_id,
            XComModel.run_id == run_id,
            XComModel.task_id == "build",
            XComModel.key == "return_value",
        )
    )
    found = XComModel.deserialize_value(row) if row is not None else None
    return int(found["report_id"]) if isinstance(found, dict) and "report_id" in found else None


def answers_wait() -> contextlib.AbstractContextManager[Any]:
    """No answer to a question is taken until the block ends (`baocao_answers`)."""
    from baocao.file_lock import locked_file
    from baocao.settings import load_settings

    return locked_file(load_settings().data / "answers.lock")


def _answer(session: Any, ti_id: Any, chosen: str, known: dict[str, Any]) -> int:
    """As Airflow's own API answers, in turn with it (`baocao_answers`): 1, or 0 when somebody was first."""
    from airflow.models.hitl import HITLDetail, HITLUser
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import handle_event_submit
    from airflow.triggers.base import TriggerEvent
    from airflow.utils.state import TaskInstanceState

    with answers_wait():
        # The task instance first, then the question: the order in which Airflow locks them.
        instance = session.get(TaskInstance, ti_id, with_for_update={"of": TaskInstance}, populate_existing=True)
        question = session.get(HITLDetail, ti_id, populate_existing=True)
        if instance is None or instance.state != TaskInstanceState.AWAITING_INPUT or question.response_received:
            return 0
        question.responded_by = HITLUser(id="", name=str(known["by"]))
        question.responded_at = datetime.now(UTC)
        question.chosen_options = [chosen]
        # Number, day and signer are in our row; the task finds it before it looks at these fields (ADR 0028).
        question.params_input = {}
        handle_event_submit(TriggerEvent(question.as_resume_event_payload()), task_instance=instance, session=session)
        session.commit()
    log.info("Đã báo cho Airflow quyết định «%s» của %s", chosen, known["by"])
    return 1
