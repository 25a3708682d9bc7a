"""Gia hạn, miễn: an exception is a row with a reason and a name, never an `if`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select

from baocao.store.database import Refused
from baocao.store.tables import waiver


class WaiverKind(StrEnum):
    WAIVER = "waiver"
    """miễn: owes nothing in this period"""
    EXTENSION = "extension"
    """gia hạn: owes until another instant"""


@dataclass(frozen=True, slots=True)
class Waiver:
    unit: str
    kind: WaiverKind
    until: datetime | None
    """The last instant in time of an extension."""
    reason: str
    granted_by: str
    granted_at: datetime


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
    """Grant a waiver or an extension. Raises Refused when the reason, the grantor or the new instant is missing."""
    kind = WaiverKind(kind)
    if not reason.strip() or not granted_by.strip():
        raise Refused("Miễn hoặc gia hạn báo cáo phải ghi rõ lý do và người cho phép")
    if (kind is WaiverKind.EXTENSION) != (until is not None):
        raise Refused("Gia hạn phải có thời điểm mới; miễn thì không có thời điểm")
    row = Waiver(unit, kind, until, reason, granted_by, granted_at)
    conn.execute(
        insert(waiver).values(
            regime=regime,
            period=period,
            unit=unit,
            kind=kind.value,
            until=until,
            reason=reason,
            granted_by=granted_by,
            granted_at=granted_at,
        )
    )
    return row


def waivers(conn: Connection, regime: str, period: str) -> list[Waiver]:
    """What was granted for a period, in the order it was granted. Of several extensions of a unit the last counts."""
    c = waiver.c
    rows = conn.execute(
        select(c.unit, c.kind, c.until, c.reason, c.granted_by, c.granted_at)
        .where(c.regime == regime, c.period == period)
        .order_by(c.granted_at, c.id)
    )
    return [Waiver(r.unit, WaiverKind(r.kind), r.until, r.reason, r.granted_by, r.granted_at) for r in rows]
