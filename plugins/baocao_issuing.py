"""From the draft to the letter: the documents are built for the two deciders; after the signature the one with its
number is made, and waits for its signed copy where the regime wants one. A wait never lapses: silence sends nothing."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import task
from airflow.sdk.exceptions import AirflowSkipException
from baocao_calendar import period_named
from baocao_runs import DECIDED, PASSING_TROUBLE, TO_RECIPIENTS, as_of, period_code, require_handed_over, run

log = logging.getLogger(__name__)
# Airflow ends a sensor after seven days if nothing else is said.
_EVERY, _LONGEST = timedelta(minutes=5), timedelta(days=3650)


# A second try cures a slow first start of LibreOffice; the documents come out byte for byte the same.
@task(task_display_name="Lập Excel, Word, PDF", **PASSING_TROUBLE)
def build(draft: dict[str, Any]) -> Any:
    """Build the files of the draft and add what the question to sign shows."""
    from baocao.workflow.reports import building
    from baocao.workflow.sign_off import summary

    frozen = run(building.build, draft["report_id"], as_of())
    return {**run(summary.report_summary, frozen["report_id"]), **frozen}


# A second try cures a slow first start of LibreOffice; a document that was made is found again.
@task(task_display_name="Dựng văn bản chính thức", priority_weight=DECIDED, **PASSING_TROUBLE)
def issue(regime: str, report: dict[str, Any]) -> Any:
    """Build the official files of a signed report; a rehearsal stops here."""
    from baocao.workflow.reports import issuing

    if period_named(regime, period_code(regime)).is_rehearsal:
        raise AirflowSkipException("Diễn tập kết thúc ở chữ ký: không dựng văn bản chính thức, không gửi cho ai")
    return run(issuing.issue, report["report_id"], as_of())


# Reschedules itself between looks, so that a wait of days holds no worker. A failed look is tried again.
@task.sensor(
    task_display_name="Chờ gắn bản đã ký",
    mode="reschedule",
    poke_interval=_EVERY.total_seconds(),
    timeout=_LONGEST.total_seconds(),
    retries=12,
    retry_delay=_EVERY,
)
def signed_copy(regime: str, report: dict[str, Any]) -> bool:
    """Whether the digitally signed PDF is attached, or not needed; while it is not, an alarm says what is missing."""
    from baocao.workflow.reports import attaching
    from baocao.workflow.sweeps import reminding

    period = period_code(regime)
    state = run(attaching.signed_copy_state, report["report_id"])
    if not state["ready"]:
        log.info("Kỳ %s: %s", period, state["why"])
        run(
            reminding.deadline_alarm,
            regime,
            period,
            f"Báo cáo {period} đã ký, chưa gửi được: {state['why']}. Lấy tệp PDF để ký bằng `baocao issue --out "
            "THƯ-MỤC`. Gắn xong thì lượt chạy tự đi tiếp trong vài phút. Xem mục «Chờ bản đã ký» trong sổ tay vận "
            "hành.",
            as_of(),
        )
    return bool(state["ready"])


# A letter that left is in the outbox and never leaves a second time.
@task(task_display_name="Gửi báo cáo đã ký", **TO_RECIPIENTS)
def dispatch(report: dict[str, Any]) -> Any:
    """Send the files; until every recipient was handed its letter the task fails and is tried again."""
    from baocao.workflow.reports import dispatching

    return require_handed_over(run(dispatching.dispatch, report["report_id"], as_of()))
