"""The alarms to the operator, newest first, each with the part of the runbook that cures it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from baocao.delivery.outbox import OPERATOR
from baocao.store.tables import outbox
from baocao.text import search_key
from baocao.workflow.installation import Installation

_RUNBOOK = re.compile(r"(?<!thư )mục «([^»]+)»")
"""`mục «Một thư không gửi được»`, and not the folder in `thư mục «14797»`."""
_HEAD = (outbox.c.id, outbox.c.regime, outbox.c.period, outbox.c.created_at, outbox.c.subject, outbox.c.text)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm that the operator was sent."""

    id: int
    regime: str
    """empty: the installation's own, of no regime"""
    period: str
    at: datetime
    subject: str
    text: str
    runbook: str
    """heading of the runbook; empty where the alarm names none"""
    letter: str
    """what became of the letter to the operator: PENDING, SENT, FAILED"""


def newest(conn: Connection, regimes: Sequence[str], *, everywhere: bool, count: int) -> tuple[Alarm, ...]:
    """The newest alarms of these regimes; `everywhere`: and those that concern none of them alone."""
    rows = conn.execute(
        select(*_HEAD, outbox.c.status)
        .where(*_own(regimes, everywhere=everywhere))
        .order_by(outbox.c.id.desc())
        .limit(count)
    )
    return tuple(map(_alarm, rows))


def alarms(
    place: Installation,
    regimes: Sequence[str],
    *,
    everywhere: bool,
    period: str = "",
    search: str = "",
    first: int = 0,
    count: int = 50,
) -> tuple[list[Alarm], int]:
    """A page of the alarms of these regimes and how many there are in all. `search`: words of the subject or the text;
    diacritics and case do not matter."""
    own = _own(regimes, everywhere=everywhere)
    chosen = select(outbox.c.id).where(*own)
    if period:
        chosen = chosen.where(outbox.c.period == period)
    with place.store.read() as conn:
        if sought := search_key(search):
            # Databases fold Vietnamese differently, or not at all; alarms are told once each, so there are few.
            told = conn.execute(select(outbox.c.id, outbox.c.subject, outbox.c.text).where(outbox.c.id.in_(chosen)))
            ids = sorted((r.id for r in told if sought in search_key(f"{r.subject} {r.text}")), reverse=True)
            total, page = len(ids), ids[first : first + count]
        else:
            total = conn.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
            page = list(conn.execute(chosen.order_by(outbox.c.id.desc()).limit(count).offset(first)).scalars())
        rows = conn.execute(select(*_HEAD, outbox.c.status).where(outbox.c.id.in_(page)).order_by(outbox.c.id.desc()))
        return [_alarm(row) for row in rows], int(total)


def _own(regimes: Sequence[str], *, everywhere: bool) -> tuple[Any, Any]:
    return outbox.c.unit == OPERATOR, outbox.c.regime.in_([*regimes, ""] if everywhere else list(regimes))


def _alarm(row: Any) -> Alarm:
    text = " ".join(row.text.partition("\n\n")[0].split())
    named = _RUNBOOK.search(" ".join(row.text.split()))
    heading = named.group(1) if named else ""
    return Alarm(row.id, row.regime, row.period, row.created_at, row.subject, text, heading, row.status)
