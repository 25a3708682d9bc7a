"""What stands beside a run on Airflow's grid: one line of counts, said by the tasks themselves.

A task of Airflow 3.3 has no way to write its run's note (the Task SDK knows none, and there is no database in a task):
it leaves the line as an XCom, and the API server copies the newest one of a run into the note. What a person wrote
there is never replaced.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

log = logging.getLogger(__name__)

KEY = "run_note"
# The width of Airflow's column.
_LONGEST = 1000
_LOOKS_BACK = timedelta(days=30)
"""At its start the server looks for lines of so long ago that it may have missed."""
_OVERLAP = timedelta(minutes=2)
"""Of two looks: a line is committed a little after the moment it carries."""


def say(text: str) -> None:
    """The line of the task that is running: in its log, and left for its run's note."""
    from airflow.sdk import get_current_context

    _leave(get_current_context(), text)


def _leave(context: Any, text: str) -> None:
    log.info(text)
    context["ti"].xcom_push(key=KEY, value=text)


def say_progress(context: Any) -> None:
    """`on_success_callback` of the tasks of a period: how far it is now. Airflow logs what goes wrong here."""
    from baocao_runs import period_of_context, regime_of

    from baocao.workflow.process import installation
    from baocao.workflow.status.progress import progress, progress_line

    regime = regime_of(context["dag"])
    _leave(context, progress_line(progress(installation(), regime, period_of_context(regime, context))))


def said_of_sweep(answer: dict[str, Any]) -> str:
    """What a sweep did, from its verb's answer: files by outcome, letters."""
    words = (
        ("accepted", "tiếp nhận"),
        ("returned", "trả lại"),
        ("quarantined", "cách ly"),
        ("duplicate", "gửi trùng"),
        ("waiting", "chờ xác định người gửi"),
        ("failed", "lỗi khi xử lý"),
    )
    counts = [f"{answer[name]} {said}" for name, said in words if isinstance(answer.get(name), int) and answer[name]]
    parts = [f"{answer['files']} tệp" + (f": {', '.join(counts)}" if counts else "")] if "files" in answer else []
    if (sent := answer.get("mails_sent", answer.get("sent"))) is not None:
        parts.append(f"{sent} thư gửi đi")
    if left := answer.get("mails_left"):
        parts.append(f"{left} thư còn chờ")
    return " · ".join(parts)


class NoteKeeper:
    """Copies the lines into the notes; lives in the API server, which has Airflow's database."""

    def __init__(self) -> None:
        self._since: datetime | None = None

    def look(self) -> int:
        """How many notes were written."""
        began = datetime.now(UTC)
        written = _copy(self._since or began - _LOOKS_BACK)
        # Only after a look that succeeded: the next one then covers what this one did not copy.
        self._since = began - _OVERLAP
        return written


def _copy(since: datetime) -> int:
    from airflow.models.dagrun import DagRun
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    written = 0
    with create_session() as session:
        rows = session.scalars(
            select(XComModel).where(XComModel.key == KEY, XComModel.timestamp >= since).order_by(XComModel.timestamp)
        ).all()
        newest = {row.dag_run_id: str(XComModel.deserialize_value(row))[:_LONGEST] for row in rows}
        for run_id, text in newest.items():
            run = session.get(DagRun, run_id)
            if run is None:
                continue
            kept = run.dag_run_note
            if kept is None:
                run.note = text
            elif kept.user_id is None and kept.content != text:
                kept.content = text
            else:
                continue
            written += 1
    return written
