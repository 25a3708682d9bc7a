"""Which source stands for a row that two levels report differently: appended, never changed; the last one holds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from baocao.model.form import EntryLevel
from baocao.model.sources import SourceDecision
from baocao.store.database import StepNotAllowed
from baocao.store.inserts import insert_row
from baocao.store.tables import source_decision


def record(
    conn: Connection,
    *,
    regime: str,
    period: str,
    form: str,
    row: str,
    stands: EntryLevel,
    reason: str,
    by: str,
    at: datetime,
) -> SourceDecision:
    """Append a decision. Raises StepNotAllowed without a reason or a person."""
    if not reason.strip() or not by.strip():
        raise StepNotAllowed("Chọn nguồn số liệu phải ghi rõ lý do và người quyết định")
    values = {"form": form, "row": row, "reason": reason.strip(), "by": by.strip(), "at": at}
    where = {"regime": regime, "period": period, "stands": EntryLevel(stands).value}
    id = insert_row(conn, source_decision, {**where, **values}, at)
    return SourceDecision(id=id, stands=EntryLevel(stands), **values)  # type: ignore[arg-type]


def in_force(conn: Connection, regime: str, period: str) -> tuple[SourceDecision, ...]:
    """The decision that holds of each row, by form and row."""
    c = source_decision.c
    rows = conn.execute(
        select(c.id, c.form, c.row, c.stands, c.reason, c.by, c.at)
        .where(c.regime == regime, c.period == period)
        .order_by(c.id)
    )
    last = {(r.form, r.row): SourceDecision(**{**r._mapping, "stands": EntryLevel(r.stands)}) for r in rows}
    return tuple(last[key] for key in sorted(last))
