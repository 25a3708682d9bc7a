"""Signed copies of the units' reports: every one that came in is kept; of one unit and period the last one holds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, bindparam, select

from baocao.model.signed_copy import CopyKind, UnitCopy
from baocao.store.inserts import insert_once
from baocao.store.tables import unit_copy

_C = unit_copy.c
_COLUMNS = (
    *(_C.id, _C.regime, _C.period, _C.unit, _C.filename, _C.sha256, _C.size, _C.kind, _C.channel, _C.received_at),
    *(_C.by, _C.signatures),
)
# Asked for every report that is accepted: made once, for making a statement costs more than running it.
_OF_PERIOD = (
    select(*_COLUMNS)
    .where(_C.regime == bindparam("r"), _C.period == bindparam("p"), _C.received_at <= bindparam("until"))
    .order_by(_C.id)
)
_OF_UNIT = _OF_PERIOD.where(_C.unit == bindparam("u"))
_ANY_TIME = datetime.max.replace(tzinfo=UTC)


def receive(conn: Connection, came: UnitCopy, arrival: str | None) -> tuple[UnitCopy, bool]:
    """Write a copy down, and give it its number. False: this very arrival, or the same bytes as the unit's last copy,
    stand there already."""
    last = latest(conn, came.regime, came.period).get(came.unit)
    if last is not None and last.sha256 == came.sha256:
        return last, False
    row = {**asdict(came), "kind": came.kind.value, "by": came.by.strip(), "arrival": arrival}
    del row["id"]
    new = insert_once(conn, unit_copy, row, ("arrival",))
    if new is not None:
        return _one(conn.execute(select(*_COLUMNS).where(_C.id == new)).one()), True
    return _one(conn.execute(select(*_COLUMNS).where(_C.arrival == arrival)).one()), False


def latest(
    conn: Connection, regime: str, period: str, *, unit: str = "", until: datetime | None = None
) -> dict[str, UnitCopy]:
    """The last copy of every unit that sent one, by unit code. `unit`: of this one alone; `until`: of those received
    by then."""
    wanted = {"r": regime, "p": period, "u": unit, "until": until or _ANY_TIME}
    return {found.unit: found for found in map(_one, conn.execute(_OF_UNIT if unit else _OF_PERIOD, wanted))}


def named(conn: Connection, ids: Collection[int]) -> dict[str, UnitCopy]:
    """These copies, by unit code."""
    rows = conn.execute(select(*_COLUMNS).where(_C.id.in_(ids)).order_by(_C.id))
    return {found.unit: found for found in map(_one, rows)}


def _one(row: Row) -> UnitCopy:  # type: ignore[type-arg]
    found = None if row.signatures is None else tuple(row.signatures)
    return UnitCopy(**{**row._mapping, "kind": CopyKind(row.kind), "signatures": found})
