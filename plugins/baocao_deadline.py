"""Hạn pháp định: Airflow's deadline alert, set to the province's deadline of the run's period.

Airflow shows an alert whose moment has passed in red, as missed: so there is one only, the legal deadline itself, and
red means late. The warnings before it are alarms of the reminder sweep. Units are reminded from the ledger.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import BaseDeadlineReference, DeadlineAlert, deadline_reference
from baocao_alarms import raise_alarm
from baocao_calendar import period_named, period_opening_at, regimes

from baocao.model.period import Period
from baocao.settings import ConfigurationError
from baocao.text import day_text, moment_text

log = logging.getLogger(__name__)
_MORNING = time(8)
# What the alarm says, the point it counts from, and how many days before it.
STEPS = (("đã quá hạn", "due", 0),)


@deadline_reference
@dataclass
class StatutoryDeadline(BaseDeadlineReference):
    """`safe`: eight in the morning of the province's last safe working day. `due`: its last second.

    A run that plays another time (`as_of`) keeps its distance to the deadline: played at the last safe day, it alarms
    at once; played three weeks before, it alarms in three weeks.
    """

    point: str = "due"
    required_kwargs = {"dag_id", "run_id"}  # noqa: RUF012 - Airflow reads this name from the class

    def serialize_reference(self) -> dict[str, Any]:
        return {"reference_type": self.reference_name, "point": self.point}

    @classmethod
    def deserialize_reference(cls, reference_data: dict[str, Any]) -> StatutoryDeadline:
        return cls(reference_data.get("point", "due"))

    def _evaluate_with(self, *, session: Any, dag_id: str, run_id: str, **_: Any) -> datetime | None:
        """None, and so no alert, for a run that belongs to no period."""
        from airflow.models import DagRun
        from sqlalchemy import select

        row = session.execute(
            select(DagRun.data_interval_start, DagRun.conf).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)
        ).one_or_none()
        if row is None:
            return None
        period = period_of_run(dag_id, row.data_interval_start, row.conf)
        if period is None:
            return None
        return point_of(period, self.point) + _distance(row.conf)


def point_of(period: Period, point: str) -> datetime:
    """The instant an alert counts from, in UTC."""
    deadline = period.province
    # Runs of an earlier version keep alerts with this point in Airflow's database.
    if point == "safe":
        return datetime.combine(deadline.safe_on, _MORNING, tzinfo=deadline.due_at.tzinfo).astimezone(UTC)
    return deadline.due_at.astimezone(UTC)


def deadline_alerts() -> list[DeadlineAlert]:
    """The alerts of a report DAG. They disappear with the run's success; a run created late alarms at once."""
    return [
        DeadlineAlert(
            name="Hạn pháp định: báo cáo phải gửi xong",
            reference=StatutoryDeadline(point),
            interval=timedelta(days=-days),
            callback=AsyncCallback(signature_awaited, kwargs={"label": label, "point": point, "days": days}),
        )
        for label, point, days in STEPS
    ]


async def signature_awaited(label: str, point: str, days: int, context: dict[str, Any]) -> None:
    """Runs in the triggerer, so the database work goes to a thread."""
    await asyncio.to_thread(_alarm, label, point, days, context["dag_run"])


def _alarm(label: str, point: str, days: int, run: dict[str, Any]) -> None:
    started = run["data_interval_start"]
    opened = datetime.fromisoformat(started) if isinstance(started, str) else started
    period = period_of_run(run["dag_id"], opened, run["conf"])
    if period is None:
        return
    due = period.province.due_at
    # The business time of the alert, not the present: a run that plays another time gets here at another real moment.
    as_of = point_of(period, point) - timedelta(days=days)
    awaited = _awaited(period, as_of, run)
    if awaited is None:
        # A run that was deleted and made again raises all its alerts at once, whatever has become of the report.
        log.info("Báo cáo %s của %s đã gửi: không báo động", period.code, period.regime)
        return
    text = (
        f"Báo cáo {period.code} của {period.regime}: {label} (hạn {moment_text(due)}, "
        f"nên gửi trong ngày {day_text(period.province.safe_on)}) mà chưa được gửi. "
        f"{awaited} "
        "Xem mục «Nguy cơ trễ hạn» trong sổ tay vận hành."
    )
    raise_alarm(period.regime, period.code, text, as_of)


_RUN = "lượt chạy {run} của {dag} trong Airflow"
_AWAITED = {
    None: f"Chưa có báo cáo tổng hợp nên chưa có gì để duyệt. Mở {_RUN}, xem nhiệm vụ đang dừng ở đâu.",
    "DRAFT": f"Văn bản đang được lập; chưa có gì để duyệt. Mở {_RUN}, xem nhiệm vụ build.",
    "FROZEN": f"Đang chờ {{office}} duyệt: mở {_RUN}, mục Required Actions, để duyệt hoặc trả lại.",
    "APPROVED": f"Đang chờ {{committee}} ký: mở {_RUN}, mục Required Actions, để ký hoặc trả lại.",
    "SIGNED": f"Đã ký, chưa gửi được tới mọi nơi nhận: {{open}}. Xem nhiệm vụ dispatch của {_RUN}.",
    "RETURNED": f"Báo cáo đã bị trả lại, chờ sửa và tổng hợp lại; chưa có gì để duyệt. Mở {_RUN}.",
}


def _awaited(period: Period, as_of: datetime, run: dict[str, Any]) -> str | None:
    """What is missing and what to do, read from our own report row: Airflow's question decides nothing. None for a
    report that is out."""
    from baocao.workflow.process import installation
    from baocao.workflow.status import overview

    report = overview.status(installation(), period.regime, period.code, as_of)["report"]
    status = report["status"] if report else None
    if status == "DISPATCHED":
        return None
    authority = next(r for r in regimes() if r.code == period.regime).authority
    still_open = [d["recipient"] for d in report["dispatched"] if d["state"] in {"QUEUED", "REFUSED"}] if report else []
    return _AWAITED[status].format(
        run=run["dag_run_id"],
        dag=run["dag_id"],
        office=authority.standing_office,
        committee=authority.issuer_in_sentence,
        open=", ".join(still_open) or "chưa bắt đầu gửi",
    )


def period_of_run(dag_id: str, opened: datetime | None, conf: Any) -> Period | None:
    """The period a run is about, from what Airflow keeps of the run; None for a run that belongs to no period."""
    prefix = dag_id.partition("__")[0]
    regime = next((r for r in regimes() if r.dag_prefix == prefix), None)
    if regime is None:
        return None
    if isinstance(conf, dict) and conf.get("period"):
        try:
            return period_named(regime.code, conf["period"])
        except ConfigurationError:
            return None  # the run itself fails with the list of known periods
    return period_opening_at(regime.code, opened)


def _distance(conf: Any) -> timedelta:
    """How far the played time lies behind the real one; nothing for a run in real time."""
    text = conf.get("as_of") if isinstance(conf, dict) else None
    if not text:
        return timedelta()
    try:
        played = datetime.fromisoformat(text)
    except ValueError:
        return timedelta()  # the run itself fails and says how to write it
    return datetime.now(UTC) - played if played.tzinfo else timedelta()
