"""Báo động cho người vận hành: a failed task and a nearing deadline become an alarm mail through our own outbox."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger(__name__)


def alarm_on_failure(context: Any) -> None:
    """`on_failure_callback` of every task: tells the operator which task of which period failed, and why.

    The alarm must not hide the failure it reports: what goes wrong here is logged with its traceback.
    """
    instance, run = context["task_instance"], context["dag_run"]
    reason = _one_line(context.get("exception"))
    text = (
        f"Nhiệm vụ {instance.task_id} của {instance.dag_id}, lượt {run.run_id}, đã lỗi "
        f"(lần thử {instance.try_number}). Lý do: {reason}. Xem mục tương ứng trong sổ tay vận hành (docs/runbook.md)."
    )
    try:
        regime, period = _subject(context)
        raise_alarm(regime, period, text, _business_time(context))
    except Exception:
        log.exception("Không gửi được báo động: %s", text)


def alarm_about_answer(context: Any, text: str) -> None:
    """An answer that could not be recorded is in the task's log and, once a text and moment, an alarm mail."""
    log.warning(text)
    try:
        from baocao.text import short_moment_text

        regime, period = _subject(context)
        when = _business_time(context)
        raise_alarm(regime, period, f"{text} ({short_moment_text(when)} UTC)", when)
    except Exception:
        log.exception("Không gửi được báo động: %s", text)


def raise_alarm(regime: str, period: str, text: str, as_of: datetime) -> None:
    """Put an operator alarm into the outbox."""
    from baocao.workflow.process import installation
    from baocao.workflow.sweeps.reminding import deadline_alarm

    deadline_alarm(installation(), regime, period, text, as_of)


def _one_line(error: Any, limit: int = 500) -> str:
    text = " ".join(str(error).split()) if error else "không rõ, xem nhật ký của nhiệm vụ"
    return text if len(text) <= limit else f"{text[:limit]}…"


def _subject(context: Any) -> tuple[str, str]:
    """Regime and period of the failed run; both empty for the sweeps, which serve all regimes."""
    from baocao_calendar import period_opening_at
    from baocao_runs import regime_of

    regime = regime_of(context["dag"])
    if not regime:
        return "", ""
    period = context["params"].get("period")
    if not period:
        found = period_opening_at(regime, context["dag_run"].data_interval_start)
        period = found.code if found else ""
    return regime, period


def _business_time(context: Any) -> datetime:
    text = context["params"].get("as_of")
    try:
        played = datetime.fromisoformat(text) if text else None
    except ValueError:
        # What the task failed for, perhaps; its alarm goes out all the same, in real time.
        played = None
    return played if played is not None and played.tzinfo else datetime.now(UTC)
