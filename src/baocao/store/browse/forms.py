"""What each form of the units' reports holds, for the units of one page."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, case, func, select

from baocao.store.browse.standings import in_force
from baocao.store.tables import cell, finding, submission

_EMPTY = (0, 0, 0, 0, 0)


def of_units(
    conn: Connection, regime: str, period: str, units: Sequence[str]
) -> dict[tuple[str, str], tuple[int, int, int, int, int]]:
    """(unit, form) -> cells with a value, declared nil, left blank; findings that block, that ask for an explanation.

    Of the unit's accepted report received last, and where none was accepted of the last one that was judged.
    """
    chosen = _judged(conn, regime, period, units)
    if not chosen:
        return {}
    result: dict[tuple[str, str], list[int]] = {}
    c = cell.c
    rows = conn.execute(
        select(c.submission_id, c.form, c.answer, func.count())
        .where(c.submission_id.in_(chosen))
        .group_by(c.submission_id, c.form, c.answer)
    )
    for id, form, answer, count in rows:
        result.setdefault((chosen[id], form), list(_EMPTY))[("value", "nil", "blank").index(answer)] += count
    f = finding.c
    for id, key, severity in conn.execute(
        select(f.submission_id, f.key, f.severity).where(f.submission_id.in_(chosen))
    ):
        form = key.partition("|")[2].partition("/")[0]
        if form:
            place = 3 if severity == "blocks" else 4
            result.setdefault((chosen[id], form), list(_EMPTY))[place] += 1
    return {key: (v[0], v[1], v[2], v[3], v[4]) for key, v in result.items()}


def _judged(conn: Connection, regime: str, period: str, units: Sequence[str]) -> dict[int, str]:
    """Submission id -> unit."""
    s = submission.c
    rank = case((and_(s.status == "ACCEPTED", in_force(s.id)), 0), else_=1)
    rows = conn.execute(
        select(s.id, s.unit)
        .where(s.regime == regime, s.period == period, s.unit.in_(units), s.status.in_(["ACCEPTED", "RETURNED"]))
        .order_by(s.unit, rank, s.received_at.desc(), s.id.desc())
    )
    chosen: dict[str, int] = {}
    for row in rows:
        chosen.setdefault(row.unit, row.id)
    return {id: unit for unit, id in chosen.items()}
