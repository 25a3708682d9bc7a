"""The register of inspections: plans, and one row for each inspected body, filled in from left to right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, exc, insert, select

from baocao.model.inspection import Inspection, InspectionStatus
from baocao.store.database import StepNotAllowed
from baocao.store.inserts import insert_once
from baocao.store.moves import move
from baocao.store.tables import event_head, inspection, inspection_plan
from baocao.store.trail.rows import note


@dataclass(frozen=True, slots=True)
class PlannedInspection:
    """One line of a plan."""

    unit: str
    lead: str
    content: str
    documents: str
    planned_from: date
    planned_to: date


def only_writer(conn: Connection) -> None:
    """Queue behind every other writer of the register until the end of the transaction.

    Whether two inspections overlap is a question about several rows: it must not be asked by two at once. The lock is
    the head of the audit trail, which every verb that changes the register takes anyway.
    """
    conn.execute(select(event_head.c.seq).with_for_update())


def add_plan(
    conn: Connection,
    *,
    regime: str,
    year: int,
    decision: str,
    decided_on: date,
    file_sha256: str,
    recorded_at: datetime,
    recorded_by: str,
    rows: Iterable[PlannedInspection],
) -> list[int]:
    """Write a plan and its inspections down; the ids of the inspections, in the plan's order.

    Empty when a plan of this decision and year is there already (then nothing changes, whoever was first).
    """
    plan = {"regime": regime, "year": year, "decision": decision, "decided_on": decided_on.isoformat()}
    plan |= {"file_sha256": file_sha256, "recorded_at": recorded_at, "recorded_by": recorded_by}
    plan_id = insert_once(conn, inspection_plan, plan, ("regime", "year", "decision"), recorded_at)
    if plan_id is None:
        return []
    ids = []
    for row in rows:
        days = {"planned_from": row.planned_from.isoformat(), "planned_to": row.planned_to.isoformat()}
        values = {**asdict(row), **days, "regime": regime, "plan_id": plan_id, "status": InspectionStatus.PLANNED.value}
        ids.append(conn.execute(insert(inspection).values(**values).returning(inspection.c.id)).scalar_one())
    note(conn, inspection, ids, recorded_at)
    return ids


def plan_file(conn: Connection, regime: str, year: int, decision: str) -> str | None:
    """The sha256 of the file a plan was read from; None when there is no such plan."""
    c = inspection_plan.c
    found: str | None = conn.execute(
        select(c.file_sha256).where(c.regime == regime, c.year == year, c.decision == decision)
    ).scalar()
    return found


def planned_years(conn: Connection, regime: str, leads: Sequence[str]) -> set[int]:
    """The years for which these bodies have a plan."""
    joined = select(inspection_plan.c.year).join(inspection, inspection.c.plan_id == inspection_plan.c.id)
    wanted = joined.where(inspection.c.regime == regime, inspection.c.lead.in_(leads))
    return set(conn.execute(wanted.distinct()).scalars())


def inspection_of(conn: Connection, regime: str, id: int) -> Inspection:
    """One row. Raises StepNotAllowed when the register of this regime has no such number."""
    row = conn.execute(_rows().where(inspection.c.regime == regime, inspection.c.id == id)).one_or_none()
    if row is None:
        raise StepNotAllowed(f"Sổ kiểm tra không có cuộc số {id}; hãy xem số ở `baocao inspection list`")
    return _inspection(row)


def notice_sha256(conn: Connection, id: int) -> str | None:
    """The written notice in the file store; None before it was sent."""
    return conn.execute(select(inspection.c.notice_sha256).where(inspection.c.id == id)).scalar()


def inspections(conn: Connection, regime: str, *, year: int | None = None, unit: str | None = None) -> list[Inspection]:
    """The register of a regime in the order of the planned days, cut down to a plan year or an inspected body."""
    statement = _rows().where(inspection.c.regime == regime)
    if year is not None:
        statement = statement.where(inspection_plan.c.year == year)
    if unit is not None:
        statement = statement.where(inspection.c.unit == unit)
    ordered = statement.order_by(inspection.c.planned_from, inspection.c.id)
    return [_inspection(row) for row in conn.execute(ordered)]


def notify(conn: Connection, id: int, *, at: datetime, number: str, sha256: str, announced: tuple[date, date]) -> None:
    """PLANNED -> NOTIFIED, for the announced days. Raises StaleStatus, as all moves of this module."""
    values = {
        "notified_at": at,
        "notice_number": number,
        "notice_sha256": sha256,
        "notice_from": announced[0].isoformat(),
        "notice_to": announced[1].isoformat(),
    }
    move(conn, inspection, id, InspectionStatus.PLANNED, InspectionStatus.NOTIFIED, **values)


def start(conn: Connection, id: int, *, on: date) -> None:
    """NOTIFIED -> STARTED. Raises StepNotAllowed when the body is being inspected already."""
    try:
        # In a savepoint: on PostgreSQL the error would end the caller's whole transaction.
        with conn.begin_nested():
            move(conn, inspection, id, InspectionStatus.NOTIFIED, InspectionStatus.STARTED, started_on=on.isoformat())
    except exc.IntegrityError as error:
        # PostgreSQL names the index, SQLite its columns.
        if "one_at_a_time" in str(error) or "inspection.unit" in str(error):
            raise StepNotAllowed("Đơn vị này đang được kiểm tra; hãy ghi kết thúc cuộc đó trước") from error
        raise


def finish(
    conn: Connection, id: int, *, on: date, record_on: date, working_days: int, over_run: bool, note: str
) -> None:
    """STARTED -> FINISHED. `note` says why an inspection took too long."""
    values: dict[str, Any] = {
        "ended_on": on.isoformat(),
        "record_on": record_on.isoformat(),
        "working_days": working_days,
        "over_run": over_run,
        "note": note or None,
    }
    move(conn, inspection, id, InspectionStatus.STARTED, InspectionStatus.FINISHED, **values)


def conclude(conn: Connection, id: int, *, number: str, on: date, sha256: str) -> None:
    """FINISHED -> CONCLUDED."""
    values = {"conclusion_number": number, "concluded_on": on.isoformat(), "conclusion_sha256": sha256}
    move(conn, inspection, id, InspectionStatus.FINISHED, InspectionStatus.CONCLUDED, **values)


def cancel(conn: Connection, id: int, *, at: datetime, reason: str) -> None:
    """Any open status -> CANCELLED."""
    open_ = [s for s in InspectionStatus if s not in {InspectionStatus.CONCLUDED, InspectionStatus.CANCELLED}]
    move(conn, inspection, id, open_, InspectionStatus.CANCELLED, cancelled_at=at, cancel_reason=reason)


def _rows() -> Select[Any]:
    plan = inspection_plan.c
    columns = [c for c in inspection.c if c.name != "notice_sha256"]
    return select(*columns, plan.year, plan.decision, plan.decided_on).join(
        inspection_plan, inspection.c.plan_id == plan.id
    )


_DAYS = (
    "decided_on",
    "planned_from",
    "planned_to",
    "notice_from",
    "notice_to",
    "started_on",
    "ended_on",
    "record_on",
    "concluded_on",
)


def _inspection(row: Row[Any]) -> Inspection:
    values = dict(row._mapping)
    for name in _DAYS:
        values[name] = None if values[name] is None else date.fromisoformat(values[name])
    return Inspection(**{**values, "status": InspectionStatus(values["status"])})
