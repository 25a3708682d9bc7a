"""Gia hạn, miễn, thu hồi: an exception is a row with a reason and a name, never an `if`; taking it back is another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from baocao.model.deadline import UnitDeadline, Waiver, WaiverKind, unit_deadline
from baocao.store.database import StepNotAllowed
from baocao.store.inserts import insert_row
from baocao.store.tables import obligation, waiver, waiver_withdrawal
from baocao.store.windows import obligations

__all__ = ["Waiver", "WaiverKind", "deadline_of", "deadlines", "grant", "waived", "waivers", "withdraw"]


_C, _W, _O = waiver.c, waiver_withdrawal.c, obligation.c
_COLUMNS = (_C.unit, _C.kind, _C.until, _C.reason, _C.granted_by, _C.granted_at, _C.id, _W.withdrawn_at)
_GRANTED = (
    select(*_COLUMNS)
    .select_from(waiver.outerjoin(waiver_withdrawal, _W.waiver_id == _C.id))
    .where(_C.regime == bindparam("r"), _C.period == bindparam("p"))
    .order_by(_C.granted_at, _C.id)
)
_GRANT = ("unit", "until", "reason", "granted_by", "granted_at")
_GRANTED_TO_UNIT = _GRANTED.where(_C.unit == bindparam("u"))
# Asked for every file: what a unit owes, once for each waiver of it, or once without one.
_OWED = (
    select(_O.due_at, _O.locked_after, _O.added_at, *_COLUMNS)
    .select_from(
        obligation.outerjoin(
            waiver, and_(_C.regime == _O.regime, _C.period == _O.period, _C.unit == _O.unit)
        ).outerjoin(waiver_withdrawal, _W.waiver_id == _C.id)
    )
    .where(_O.regime == bindparam("r"), _O.period == bindparam("p"), _O.unit == bindparam("u"))
    .order_by(_C.granted_at, _C.id)
)


def grant(
    conn: Connection,
    *,
    regime: str,
    period: str,
    unit: str,
    kind: WaiverKind,
    until: datetime | None,
    reason: str,
    granted_by: str,
    granted_at: datetime,
) -> Waiver:
    """Grant a waiver or an extension. Raises StepNotAllowed when the reason, the grantor or the new instant is missing.

    Whether it makes sense for this unit now is asked before (`baocao.model.deadline.refuse_extension`).
    """
    kind = WaiverKind(kind)
    if not reason.strip() or not granted_by.strip():
        raise StepNotAllowed("Miễn hoặc gia hạn báo cáo phải ghi rõ lý do và người cho phép")
    if (kind is WaiverKind.EXTENSION) != (until is not None):
        raise StepNotAllowed("Gia hạn phải có thời điểm mới; miễn thì không có thời điểm")
    granted = Waiver(unit, kind, until, reason, granted_by, granted_at)
    row = {"regime": regime, "period": period, **{name: getattr(granted, name) for name in _GRANT}, "kind": kind.value}
    return replace(granted, id=insert_row(conn, waiver, row))


def withdraw(conn: Connection, granted: Waiver, *, reason: str, by: str, at: datetime) -> None:
    """Take back what was granted. Raises StepNotAllowed without a reason or a name, and when it was taken back
    already."""
    if not reason.strip() or not by.strip():
        raise StepNotAllowed("Thu hồi miễn hoặc gia hạn phải ghi rõ lý do và người thu hồi")
    try:
        conn.execute(
            insert(waiver_withdrawal).values(waiver_id=granted.id, reason=reason, withdrawn_by=by, withdrawn_at=at)
        )
    except IntegrityError as error:
        raise StepNotAllowed(f"Miễn hoặc gia hạn số {granted.id} đã được thu hồi trước đó") from error


def waivers(conn: Connection, regime: str, period: str, unit: str | None = None) -> list[Waiver]:
    """What was granted for a period, in the order it was granted, the withdrawn ones too: of one unit, or of all."""
    statement = _GRANTED if unit is None else _GRANTED_TO_UNIT
    return [_waiver(row) for row in conn.execute(statement, {"r": regime, "p": period, "u": unit})]


def deadlines(conn: Connection, regime: str, period: str, as_of: datetime | None = None) -> dict[str, UnitDeadline]:
    """Unit -> its deadline, of every unit with an obligation in the period, by unit code."""
    by_unit: dict[str, list[Waiver]] = {}
    for granted in waivers(conn, regime, period):
        by_unit.setdefault(granted.unit, []).append(granted)
    return {
        owed.unit: unit_deadline(
            owed.unit,
            owed.due_at,
            owed.locked_after,
            by_unit.get(owed.unit, ()),
            as_of=as_of,
            added_at=owed.added_at,
        )
        for owed in obligations(conn, regime, period)
    }


def deadline_of(
    conn: Connection, regime: str, period: str, unit: str, as_of: datetime | None = None
) -> UnitDeadline | None:
    """The deadline of one unit; None when it has no obligation in the period."""
    rows = conn.execute(_OWED, {"r": regime, "p": period, "u": unit}).all()
    if not rows:
        return None
    due_at, locked_after, added_at, *_ = rows[0]
    granted = [_waiver(row) for row in rows if row.id is not None]
    return unit_deadline(unit, due_at, locked_after, granted, as_of=as_of, added_at=added_at)


def _waiver(r: Any) -> Waiver:
    return Waiver(r.unit, WaiverKind(r.kind), r.until, r.reason, r.granted_by, r.granted_at, r.id, r.withdrawn_at)


def waived(conn: Connection, regime: str, period: str) -> set[str]:
    """Codes of the units that are excused, by everything recorded so far."""
    granted = waivers(conn, regime, period)
    return {w.unit for w in granted if w.kind is WaiverKind.WAIVER and w.in_force(None)}
