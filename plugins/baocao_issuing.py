"""From the signature to the letter: the document with its number is made, and waits for its signed copy where the
regime wants one. A wait never lapses: a silence sends nothing."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.sdk import task
from baocao_runs import DECIDED, PASSING_TROUBLE, TO_RECIPIENTS, as_of, period_code, require_handed_over, verbs

log = logging.getLogger(__name__)
# Airflow ends a sensor after seven days if nothing else is said.
_EVERY, _LONGEST = timedelta(minutes=5), timedelta(days=3650)


# A second try cures a slow first start of LibreOffice; a document that was made is found again.
@task(task_display_name="Dựng văn bản chính thức", priority_weight=DECIDED, **PASSING_TROUBLE)
def issue(regime: str, report: dict[str, Any]) -> Any:
    return verbs.issue(regime, period_code(regime), report["report_id"], as_of())


# Reschedules itself between looks, so that a wait of days holds no worker. A failed look is tried again.
@task.sensor(
    task_display_name="Chờ gắn bản đã ký",
    mode="reschedule",
    poke_interval=_EVERY,
    timeout=_LONGEST,
    retries=12,
    retry_delay=_EVERY,
)
def signed_copy(regime: str, report: dict[str, Any]) -> bool:
    period = period_code(regime)
    state = verbs.signed_copy_state(regime, period, report["report_id"])
    if not state["ready"]:
        log.info("Kỳ %s: %s", period, state["why"])
        verbs.deadline_alarm(
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
def dispatch(regime: str, report: dict[str, Any]) -> Any:
    return require_handed_over(verbs.dispatch(regime, period_code(regime), report["report_id"], as_of()))
