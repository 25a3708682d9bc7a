"""Runs of the gate: whether two independent calculations of a period's figures agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from baocao.store.inserts import insert_row
from baocao.store.tables import gate


@dataclass(frozen=True)
class GateRun:
    """One run of the gate over a period's accepted cells."""

    id: int
    regime: str
    period: str
    ran_at: datetime
    input_sha256: str
    agrees: bool
    evaluated: int
    failed: int
    result_sha256: str
    page_sha256: str
    disagreements: Sequence[Mapping[str, Any]]


def record_gate(
    conn: Connection,
    *,
    regime: str,
    period: str,
    ran_at: datetime,
    input_sha256: str,
    agrees: bool,
    evaluated: int,
    failed: int,
    result_sha256: str,
    page_sha256: str,
    disagreements: Sequence[Mapping[str, Any]] = (),
) -> GateRun:
    """Keep the verdict of a gate run; `result_sha256` and `page_sha256` are in the file store."""
    row = {
        "regime": regime,
        "period": period,
        "ran_at": ran_at,
        "input_sha256": input_sha256,
        "agrees": agrees,
        "evaluated": evaluated,
        "failed": failed,
        "result_sha256": result_sha256,
        "page_sha256": page_sha256,
        "disagreements": [dict(d) for d in disagreements],
    }
    return GateRun(id=insert_row(conn, gate, row, ran_at), **row)  # type: ignore[arg-type]


def latest_gate(conn: Connection, regime: str, period: str) -> GateRun | None:
    """The last run of the gate for a period."""
    statement = select(gate).where(gate.c.regime == regime, gate.c.period == period).order_by(gate.c.id.desc()).limit(1)
    row = conn.execute(statement).one_or_none()
    return None if row is None else GateRun(**row._mapping)
