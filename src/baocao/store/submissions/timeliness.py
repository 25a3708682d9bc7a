"""Whether units kept their deadlines, and how long a verdict took."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, select

from baocao.model.submission import GivenBack, GivenBackKind, Submission, Timeliness, timeliness_of
from baocao.store.submissions import given_back
from baocao.store.submissions.submissions import ever_accepted, of_period, of_unit
from baocao.store.tables import submission

_C = submission.c


def timeliness_by_unit(conn: Connection, regime: str, period: str) -> dict[str, Timeliness]:
    """Whether each unit with an accepted report kept its deadline, by unit code."""
    chains: dict[str, list[Submission]] = {}
    back = given_back.of_period(conn, regime, period)
    for sent in ever_accepted(of_period(conn, regime, period)):
        chains.setdefault(sent.unit, []).append(sent)
    kept = {unit: _kept(chain, back) for unit, chain in sorted(chains.items())}
    return {unit: timeliness_of(chain) for unit, chain in kept.items() if chain}


def unit_timeliness(conn: Connection, regime: str, period: str, unit: str) -> Timeliness:
    """Whether one unit kept its deadline; LATE while it has no accepted report."""
    sent = ever_accepted(of_unit(conn, regime, period, unit))
    chain = _kept(sent, given_back.of_period(conn, regime, period, unit)) if sent else []
    return timeliness_of(chain) if chain else Timeliness.LATE


def _kept(chain: list[Submission], back: Mapping[int, GivenBack]) -> list[Submission]:
    """Of the accepted ones those that say whether the deadline was kept; none while nothing is in force.

    What the office returned had come all the same: it counts. What was withdrawn is as if it had never been sent.
    """
    if all(s.id in back for s in chain):
        return []
    return [s for s in chain if s.id not in back or back[s.id].kind is GivenBackKind.RETURNED]


def seconds_to_verdict(conn: Connection, after: datetime, until: datetime) -> dict[str, list[float]]:
    """Channel -> seconds from a file's arrival to its verdict, of those decided after `after` and by `until`."""
    statement = select(_C.channel, _C.received_at, _C.decided_at).order_by(_C.channel)
    own = _C.decided_at > after, _C.decided_at <= until, _C.channel != "baseline"
    found: dict[str, list[float]] = {}
    for channel, received_at, decided_at in conn.execute(statement.where(*own)):
        found.setdefault(channel, []).append(max(0.0, (decided_at - received_at).total_seconds()))
    return found
