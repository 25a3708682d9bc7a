"""Where a period stands: one line a unit, and the totals. A view for people; nothing is decided from it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, select

from baocao.model.deadline import UnitDeadline
from baocao.model.submission import Status, Submission, Timeliness
from baocao.store.submissions.submissions import accepted, of_period
from baocao.store.submissions.timeliness import timeliness_by_unit
from baocao.store.tables import submission
from baocao.store.waivers import deadlines
from baocao.store.windows import Obligation, obligations


class Standing(StrEnum):
    """How a unit that owes a report stands in a period."""

    ACCEPTED = "accepted"
    LATE = "late"
    """accepted, first after the deadline; a correction that comes late makes nobody late"""
    WAIVED = "waived"
    PENDING = "pending"
    """received, not yet decided"""
    RETURNED = "returned"
    """sent, nothing accepted so far"""
    MISSING = "missing"
    """nothing came"""


@dataclass(frozen=True, slots=True)
class UnitStanding:
    """One unit in one period."""

    obligation: Obligation
    standing: Standing
    deadline: UnitDeadline
    """Its own: waivers and extensions counted in."""
    accepted: Submission | None
    """What counts."""
    latest: Submission | None
    """The last thing it sent."""
    sent: int
    """How many times it sent."""
    corrected_late: bool = False
    """Accepted in time, and corrected after the deadline."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Totals of a period. accepted + missing = expected."""

    obligations: int
    expected: int
    """Who owes: obligations without the waived units that sent nothing acceptable."""
    waived: int
    accepted: int
    """Units with an official submission, the late ones included."""
    late: int
    """Of them those whose first accepted report came after the deadline."""
    corrected_late: tuple[str, ...]
    """Codes of the units that were in time and corrected themselves after the deadline."""
    returned: int
    """Units that sent and have nothing accepted."""
    pending: int
    missing: tuple[str, ...]
    """Codes of the units that owe and have nothing accepted, the returned and pending ones included."""
    submissions: dict[Status, int]
    """Everything received, by status, each correction counted."""


def standing_of(conn: Connection, regime: str, period: str, as_of: datetime | None = None) -> list[UnitStanding]:
    """Every unit with an obligation, by unit code; waivers and extensions as of then (None: as recorded so far)."""
    counting = {s.unit: s for s in accepted(conn, regime, period)}
    kept = timeliness_by_unit(conn, regime, period)
    sent: dict[str, list[Submission]] = {}
    for one in of_period(conn, regime, period):
        sent.setdefault(one.unit, []).append(one)
    held_to = deadlines(conn, regime, period, as_of)
    result = []
    for owed in obligations(conn, regime, period):
        theirs = sent.get(owed.unit, [])
        official = counting.get(owed.unit)
        result.append(
            UnitStanding(
                obligation=owed,
                standing=_standing(kept.get(owed.unit), theirs, not held_to[owed.unit].owes),
                deadline=held_to[owed.unit],
                accepted=official,
                latest=theirs[-1] if theirs else None,
                sent=len(theirs),
                corrected_late=kept.get(owed.unit) is Timeliness.CORRECTED_LATE,
            )
        )
    return result


def statistics(conn: Connection, regime: str, period: str, as_of: datetime | None = None) -> Statistics:
    """Totals of a period; waivers as of then (None: as recorded so far)."""
    units = standing_of(conn, regime, period, as_of)
    count = Counter(u.standing for u in units)
    in_hand = count[Standing.ACCEPTED] + count[Standing.LATE]
    missing = tuple(u.obligation.unit for u in units if u.accepted is None and u.standing is not Standing.WAIVED)
    return Statistics(
        obligations=len(units),
        expected=in_hand + len(missing),
        waived=count[Standing.WAIVED],
        accepted=in_hand,
        late=count[Standing.LATE],
        corrected_late=tuple(u.obligation.unit for u in units if u.corrected_late),
        returned=count[Standing.RETURNED],
        pending=count[Standing.PENDING],
        missing=missing,
        submissions=dict(Counter(s.status for s in of_period(conn, regime, period))),
    )


def accepted_by_regime(conn: Connection) -> dict[str, int]:
    """How many submissions were ever accepted, a regime: a number that has grown means that something came in."""
    c = submission.c
    statement = (
        select(c.regime, func.count().label("number"))
        .where(c.status == Status.ACCEPTED.value, c.regime.is_not(None))
        .group_by(c.regime)
    )
    return {row.regime: row.number for row in conn.execute(statement)}


def _standing(kept: Timeliness | None, sent: list[Submission], is_waived: bool) -> Standing:
    if kept is not None:
        return Standing.LATE if kept is Timeliness.LATE else Standing.ACCEPTED
    if is_waived:
        return Standing.WAIVED
    if any(s.status is Status.RECEIVED for s in sent):
        return Standing.PENDING
    return Standing.RETURNED if sent else Standing.MISSING
