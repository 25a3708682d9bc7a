"""The units of a period, a page at a time: who has sent what, searched, filtered and sorted by the database.

The same answers as `store.standing`, which a test holds it to; here one statement counts, and one reads a page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Text,
    and_,
    case,
    func,
    not_,
    or_,
    select,
    type_coerce,
)

from baocao.store.standing import Standing
from baocao.store.tables import obligation, outbox, submission, submission_given_back, waiver, waiver_withdrawal
from baocao.text import search_key

SORTS = ("name", "arrival", "standing")
_RANK = {name: place for place, name in enumerate(("missing", "returned", "pending", "late", "accepted", "waived"))}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which units a page asks for."""

    search: str = ""
    """part of the name or code; diacritics and case do not matter"""
    standings: tuple[Standing, ...] = ()
    """empty: all"""
    sort: str = "name"
    first: int = 0
    count: int = 50


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit in one period."""

    unit: str
    name: str
    is_lead_body: bool
    standing: Standing
    due_at: datetime
    """its own, extensions counted in"""
    extended: bool
    sent: int
    """how many times it sent"""
    last_at: datetime | None
    """when it sent last"""
    corrected_late: bool


def counts(conn: Connection, regime: str, period: str) -> dict[Standing, int]:
    """How many units stand where; every standing is there."""
    units = _units(regime, period)
    rows = conn.execute(select(units.c.standing, func.count()).group_by(units.c.standing))
    found = {Standing(row[0]): int(row[1]) for row in rows}
    return {standing: found.get(standing, 0) for standing in Standing}


def page(conn: Connection, regime: str, period: str, wanted: Wanted) -> tuple[list[UnitLine], int]:
    """The lines of one page, and how many there are in all."""
    units = _units(regime, period)
    chosen = select(units)
    if wanted.standings:
        chosen = chosen.where(units.c.standing.in_([s.value for s in wanted.standings]))
    if sought := search_key(wanted.search):
        chosen = chosen.where(units.c.name_search.contains(sought, autoescape=True))
    total = conn.execute(select(func.count()).select_from(chosen.subquery())).scalar_one()
    rows = conn.execute(_sorted(chosen, units, wanted.sort).limit(wanted.count).offset(wanted.first))
    return [_line(row) for row in rows], int(total)


def _sorted(chosen: Select[Any], units: Subquery, sort: str) -> Select[Any]:
    name = (units.c.name_order, units.c.unit)
    if sort == "arrival":
        return chosen.order_by(units.c.last_at.is_(None), units.c.last_at.desc(), *name)
    if sort == "standing":
        return chosen.order_by(case(_RANK, value=units.c.standing, else_=9), *name)
    return chosen.order_by(*name)


def one(conn: Connection, regime: str, period: str, unit: str) -> UnitLine | None:
    """One unit; None when it owes nothing in the period."""
    units = _units(regime, period)
    row = conn.execute(select(units).where(units.c.unit == unit)).one_or_none()
    return None if row is None else _line(row)


def every(conn: Connection, regime: str, period: str) -> dict[str, Standing]:
    """Unit -> where it stands, for the map."""
    units = _units(regime, period)
    return {row.unit: Standing(row.standing) for row in conn.execute(select(units.c.unit, units.c.standing))}


def last_letters(conn: Connection, regime: str, period: str, units: Sequence[str]) -> dict[str, Any]:
    """Unit -> the newest letter to it: `id, step, status, created_at, sent_at, recipient, error`."""
    c = outbox.c
    newest = (
        select(func.max(c.id))
        .where(c.regime == regime, c.period == period, c.unit.in_(units))
        .group_by(c.unit)
        .scalar_subquery()
    )
    rows = conn.execute(
        select(c.unit, c.id, c.step, c.status, c.created_at, c.sent_at, c.recipient, c.error).where(c.id.in_(newest))
    )
    return {row.unit: row for row in rows}


def first_arrivals(conn: Connection, regime: str, period: str) -> list[datetime]:
    """When each unit's first report came that was accepted later, oldest first: the curve of arrivals."""
    c = submission.c
    rows = conn.execute(
        select(func.min(c.received_at).label("received_at"))
        .where(c.regime == regime, c.period == period, c.status == "ACCEPTED", in_force(c.id))
        .group_by(c.unit)
    )
    return sorted(_instant(row[0]) for row in rows)


def in_force(id: ColumnElement[int]) -> ColumnElement[bool]:
    """That a submission was neither returned nor withdrawn after its acceptance."""
    g = submission_given_back.c
    return ~select(g.id).where(g.submission_id == id).exists()


def _sent(regime: str, period: str) -> Subquery:
    """One row a unit that sent something: how often, and what is in force of it since when."""
    s, g = submission.c, submission_given_back.c
    # What was withdrawn says nothing; what was returned says when the unit reported first, and counts no more.
    accepted = and_(s.status == "ACCEPTED", or_(g.kind.is_(None), g.kind == "returned"))
    in_force = and_(s.status == "ACCEPTED", g.kind.is_(None))
    # The instant and a letter behind it: instants are texts of one length, so the least and the greatest of these texts
    # are the first and the last report, and end with whether it was in time.
    kept = case((accepted, type_coerce(s.received_at, Text).concat(case((not_(s.on_time), "F"), else_="T"))))
    return (
        select(
            s.unit,
            func.count().label("sent"),
            func.sum(case((s.status == "RECEIVED", 1), else_=0)).label("pending"),
            func.sum(case((in_force, 1), else_=0)).label("in_force"),
            func.min(kept).label("first_kept"),
            func.max(kept).label("last_kept"),
            func.max(s.received_at).label("last_at"),
        )
        .select_from(submission.outerjoin(submission_given_back, g.submission_id == s.id))
        .where(s.regime == regime, s.period == period, s.unit != "")
        .group_by(s.unit)
        .subquery()
    )


def _granted(regime: str, period: str) -> Subquery:
    """One row a unit that was excused, or given more time."""
    w = waiver.c
    return (
        select(
            w.unit,
            func.max(case((w.kind == "waiver", 1), else_=0)).label("waived"),
            func.max(case((w.kind == "extension", w.until))).label("until"),
        )
        .select_from(waiver.outerjoin(waiver_withdrawal, waiver_withdrawal.c.waiver_id == w.id))
        .where(w.regime == regime, w.period == period, waiver_withdrawal.c.id.is_(None))
        .group_by(w.unit)
        .subquery()
    )


def _units(regime: str, period: str) -> Subquery:
    """One row a unit that owes: what it has sent, what was granted, and where it stands."""
    o, sent, granted = obligation.c, _sent(regime, period), _granted(regime, period)
    standing = case(
        (and_(sent.c.in_force > 0, sent.c.first_kept.like("%F")), Standing.LATE.value),
        (sent.c.in_force > 0, Standing.ACCEPTED.value),
        (granted.c.waived == 1, Standing.WAIVED.value),
        (sent.c.pending > 0, Standing.PENDING.value),
        (sent.c.sent > 0, Standing.RETURNED.value),
        else_=Standing.MISSING.value,
    )
    return (
        select(
            o.unit,
            o.unit_name,
            o.is_lead_body,
            o.name_search,
            o.name_order,
            o.due_at,
            granted.c.until,
            func.coalesce(sent.c.sent, 0).label("sent"),
            sent.c.last_at,
            and_(sent.c.in_force > 0, sent.c.first_kept.like("%T"), sent.c.last_kept.like("%F")).label(
                "corrected_late"
            ),
            standing.label("standing"),
        )
        .select_from(obligation.outerjoin(sent, sent.c.unit == o.unit).outerjoin(granted, granted.c.unit == o.unit))
        .where(o.regime == regime, o.period == period)
        .subquery()
    )


def _line(row: Any) -> UnitLine:
    until = _instant(row.until) if row.until else None
    extended = until is not None and until > row.due_at
    return UnitLine(
        unit=row.unit,
        name=row.unit_name,
        is_lead_body=row.is_lead_body,
        standing=Standing(row.standing),
        due_at=until if extended and until is not None else row.due_at,
        extended=extended,
        sent=int(row.sent),
        last_at=_instant(row.last_at) if row.last_at else None,
        corrected_late=bool(row.corrected_late),
    )


def _instant(value: datetime | str) -> datetime:
    # MIN, MAX and CASE lose a column's own type on the way: the text comes back.
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)
