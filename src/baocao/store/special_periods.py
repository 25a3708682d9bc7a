"""Periods outside the calendar: an ad hoc request, a rehearsal. Each is a row that is never changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, bindparam, select

from baocao.model.period import Period
from baocao.store.database import StepNotAllowed
from baocao.store.inserts import insert_row
from baocao.store.tables import special_period

_PERIOD = TypeAdapter(Period)


def add(conn: Connection, period: Period, *, by: str, reason: str, at: datetime) -> None:
    """Write the period down. It never changes afterwards. Raises StepNotAllowed when its code is taken or nobody
    answers for it."""
    if not by.strip() or not reason.strip():
        raise StepNotAllowed("Kỳ ngoài lịch báo cáo phải ghi người quyết định và lý do")
    if any(p.code == period.code for p in special_periods(conn, period.regime)):
        raise StepNotAllowed(f"Kỳ {period.code} đã có; hãy đặt mã khác")
    row = {"regime": period.regime, "code": period.code, "kind": period.kind, "created_by": by, "created_at": at}
    spec = _PERIOD.dump_python(period, mode="json")
    insert_row(conn, special_period, {**row, "spec": spec, "reason": reason}, at)


_OF_REGIME = (
    select(special_period.c.spec).where(special_period.c.regime == bindparam("r")).order_by(special_period.c.id)
)


def special_periods(conn: Connection, regime: str) -> list[Period]:
    """The periods of a regime that stand outside its calendar, in the order they were added."""
    return [_period(spec) for spec in conn.execute(_OF_REGIME, {"r": regime}).scalars()]


def _period(spec: Any) -> Period:
    return _PERIOD.validate_python(spec)
