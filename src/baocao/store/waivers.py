"""Gia hạn, miễn, thu hồi: an exception is a row with a reason and a name, never an `if`; taking it back is another."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from baocao.model.deadline import UnitDeadline, Waiver, WaiverKind, unit_deadline
from baocao.store.database import StepNotAllowed
from baocao.store.inserts import insert_row
from baocao.store.tables import waiver, waiver_withdrawal
from baocao.store.windows import obligations

__all__ = ["Waiver", "WaiverKind", "deadline_of", "deadlines", "grant", "waived", "waivers", "withdraw"]


_C, _W = waiver.c, waiver_withdrawal.c
_GRANTED = (
    select(_C.unit, _C.kind, _C.until, _C.reason, _C.granted_by, _C.granted_at, _C.id, _W.withdrawn_at)
    .select_from(waiver.outerjoin(waiver_withdrawal, _W.waiver_id == _C.id))
    .where(_C.regime == bindparam("r"), _C.period == bindparam("p"))
    .order_by(_C.granted_at, _C.id)
)
_GRANT = ("unit", "until", "reason", "granted_by", "granted_at")
_GRANTED_TO_UNIT = _GRANTED.where(_C.unit == bindparam("u"))


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
    return [
        Waiver(r.unit, WaiverKind(r.kind), r.until, r.reason, r.granted_by, r.granted_at, r.id, r.withdrawn_at)
        for r in conn.execute(statement, {"r": regime, "p": period, "u": unit})
    ]


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
    owed = obligations(conn, regime, period, unit)
    if not owed:
        return None
    granted = waivers(conn, regime, period, unit)
    return unit_deadline(unit, owed[0].due_at, owed[0].locked_after, granted, as_of=as_of, added_at=owed[0].added_at)


def waived(conn: Connection, regime: str, period: str) -> set[str]:
    """Codes of the units that are excused, by everything recorded so far."""
    granted = waivers(conn, regime, period)
    return {w.unit for w in granted if w.kind is WaiverKind.WAIVER and w.in_force(None)}
