"""Submissions: what a unit sent, from its arrival to the one decision about it.

RECEIVED becomes ACCEPTED, RETURNED, QUARANTINED, DUPLICATE or COMMENTS, once. A correction is a new submission, and so
is the same file sent again. What nobody can be named for waits, RECEIVED, until the office says whose it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, insert, select, text
from sqlalchemy.exc import IntegrityError

from baocao.model.submission import (
    Finding,
    GivenBack,
    GivenBackKind,
    Severity,
    Status,
    Submission,
    Timeliness,
    timeliness_of,
)
from baocao.store.database import StaleStatus, StoreError
from baocao.store.given_back import given_back
from baocao.store.inserts import insert_once
from baocao.store.moves import move, moved
from baocao.store.queries import query
from baocao.store.tables import finding, submission

_C = submission.c
_BY_ID = select(submission).where(_C.id == bindparam("of"))
# Asked for every file that is decided: made once, for making a statement costs more than running it.
_OF_ARRIVAL = select(_C.id).where(_C.arrival == bindparam("of"))
_SAME_BYTES = (
    select(submission)
    .where(_C.regime == bindparam("r"), _C.period == bindparam("p"), _C.unit == bindparam("u"))
    .where(_C.sha256 == bindparam("bytes"), _C.id != bindparam("own"))
    # Not DUPLICATE: its answer is that of another row, which is found here itself.
    .where(_C.status.in_([Status.ACCEPTED.value, Status.RETURNED.value, Status.QUARANTINED.value]))
    .order_by(_C.id.desc())
    .limit(1)
)
_ACCEPTED_OF_UNIT = (
    select(submission)
    .where(_C.regime == bindparam("r"), _C.period == bindparam("p"), _C.unit == bindparam("u"))
    .where(_C.status == Status.ACCEPTED.value)
    .order_by(_C.received_at, _C.id)
)
_LOCK = text("SELECT pg_advisory_xact_lock(:name)")
_FINDINGS = select(finding).where(finding.c.submission_id == bindparam("of")).order_by(finding.c.id)
_ROW = attrgetter(
    *("id", "regime", "period", "unit", "status", "received_at", "sha256", "filename", "on_time", "supersedes_id"),
    "receipt_number",
)


@dataclass(frozen=True)
class SubmissionDetail:
    """Everything that is kept about a submission beside its cells and findings."""

    submission: Submission
    channel: str
    size: int
    """bytes"""
    decided_at: datetime | None
    reason: str | None
    """Why it was quarantined: a word for the program, or what the office wrote."""
    marked_sha256: str | None
    """The marked-up workbook that went back to the unit."""
    form_versions: Mapping[str, str]
    info: Mapping[str, Any]
    nil_forms: Mapping[str, str]
    file_time: datetime | None
    """The time the file itself carries."""
    waiting_since: datetime | None
    """Since when it waits for the office to say who sent it; None: it does not."""
    circumstances: Mapping[str, Any]
    """What its answer depended on beside the bytes; empty before it is decided."""


@dataclass(frozen=True)
class Arrived:
    """What is written down the moment something is seen. `unit` and `period` are empty while nobody knows them."""

    channel: str
    filename: str
    sha256: str
    size: int
    """bytes"""
    received_at: datetime
    """When we saw it."""
    arrival: str | None = None
    """At most 64 characters: the same for this very arrival only, however often it is met; None: never met again."""
    regime: str = ""
    period: str = ""
    unit: str = ""
    file_time: datetime | None = None
    info: Mapping[str, Any] | None = None
    form_versions: Mapping[str, str] | None = None
    nil_forms: Mapping[str, str] | None = None


def receive(conn: Connection, what: Arrived) -> tuple[Submission, bool]:
    """Write down an arrival (RECEIVED). False: this very arrival was written down before; its row is returned, whatever
    became of it. The same bytes in another arrival are another row.

    Of two processes that hold the same arrival exactly one gets True.
    """
    row: dict[str, Any] = {
        "regime": what.regime,
        "period": what.period,
        "unit": what.unit,
        "status": Status.RECEIVED.value,
        "channel": what.channel,
        "filename": what.filename,
        "sha256": what.sha256,
        "size": what.size,
        "received_at": what.received_at,
        "arrival": what.arrival,
        "file_time": what.file_time,
    }
    optional = {"form_versions": what.form_versions, "info": what.info, "nil_forms": what.nil_forms}
    row |= {name: dict(value) for name, value in optional.items() if value is not None}
    new_id = insert_once(conn, submission, row, ("arrival",))
    if new_id is not None:
        seen = what.received_at.astimezone(UTC)  # as it is read back
        new = (what.regime, what.period, what.unit, Status.RECEIVED, seen, what.sha256, what.filename)
        return Submission(int(new_id), *new, on_time=None, supersedes_id=None, receipt_number=None), True
    known = conn.execute(_OF_ARRIVAL, {"of": what.arrival}).scalar_one()
    return submission_of(conn, int(known)), False


def is_kept(conn: Connection, regime: str, period: str, unit: str, sha256: str) -> bool:
    """Whether these bytes stand there for this unit and period."""
    c = submission.c
    same = select(c.id).where(c.regime == regime, c.period == period, c.unit == unit, c.sha256 == sha256)
    return conn.execute(same.limit(1)).first() is not None


def identify(
    conn: Connection,
    id: int,
    *,
    regime: str,
    period: str,
    unit: str,
    form_versions: Mapping[str, str] | None = None,
    info: Mapping[str, Any] | None = None,
) -> Submission:
    """Write down whose a RECEIVED file is and for which period; `info` is added to what is there.

    Raises StaleStatus when it is decided already.
    """
    values: dict[str, Any] = {"regime": regime, "period": period, "unit": unit}
    if form_versions is not None:
        values["form_versions"] = dict(form_versions)
    if info:
        values["info"] = {**detail(conn, id).info, **info}
    return _submission(moved(conn, submission, id, Status.RECEIVED, Status.RECEIVED, **values))


def hold(conn: Connection, id: int, *, since: datetime, info: Mapping[str, Any]) -> None:
    """Let a RECEIVED file wait for the office to say who sent it. Raises StaleStatus when it is decided already."""
    known = {**detail(conn, id).info, **info}
    move(conn, submission, id, Status.RECEIVED, Status.RECEIVED, waiting_since=since, info=known)


def attribute(conn: Connection, id: int, unit: str) -> None:
    """The office says who sent a waiting file. Raises StaleStatus when it does not wait (any more)."""
    found = detail(conn, id)
    if found.waiting_since is None:
        raise StaleStatus(f"Tệp số {id}: không ở trạng thái chờ xác định người gửi")
    info = {**found.info, "sender_hint": unit}
    move(conn, submission, id, Status.RECEIVED, Status.RECEIVED, waiting_since=None, info=info)


def accept(
    conn: Connection,
    id: int,
    *,
    decided_at: datetime,
    on_time: bool,
    receipt_number: str,
    marked_sha256: str | None = None,
    circumstances: Mapping[str, Any] | None = None,
) -> Submission:
    """RECEIVED -> ACCEPTED. It supersedes the unit's accepted submission received just before it, if there is one: the
    store finds it, for files may be decided in another order than they arrived. The last received stays official.

    Raises StaleStatus when the submission is decided already or the receipt number is taken.
    """
    # Before the question what it replaces: a decision about a sibling must have been committed by then.
    lock_siblings(conn, id)
    replaced = conn.execute(query(conn, "submissions", "replaced"), {"id": id}).scalar()
    try:
        row = moved(
            conn,
            submission,
            id,
            Status.RECEIVED,
            Status.ACCEPTED,
            decided_at=decided_at,
            on_time=on_time,
            receipt_number=receipt_number,
            supersedes_id=_free(conn, replaced),
            marked_sha256=marked_sha256,
            circumstances=circumstances,
        )
    except IntegrityError as error:
        raise StaleStatus(f"Báo cáo gửi lên số {id}: số tiếp nhận {receipt_number} đã được cấp") from error
    return _submission(row)


def return_(
    conn: Connection,
    id: int,
    *,
    decided_at: datetime,
    on_time: bool | None = None,
    marked_sha256: str | None = None,
    circumstances: Mapping[str, Any] | None = None,
) -> Submission:
    """RECEIVED -> RETURNED, with the marked-up workbook that goes back. Raises StaleStatus when decided already."""
    row = moved(
        conn,
        submission,
        id,
        Status.RECEIVED,
        Status.RETURNED,
        decided_at=decided_at,
        on_time=on_time,
        marked_sha256=marked_sha256,
        circumstances=circumstances,
    )
    return _submission(row)


def quarantine(
    conn: Connection, id: int, *, decided_at: datetime, reason: str, circumstances: Mapping[str, Any] | None = None
) -> Submission:
    """RECEIVED -> QUARANTINED: kept, not read. Raises StaleStatus when decided already."""
    move(
        conn,
        submission,
        id,
        Status.RECEIVED,
        Status.QUARANTINED,
        decided_at=decided_at,
        reason=reason,
        waiting_since=None,
        circumstances=circumstances,
    )
    return submission_of(conn, id)


def repeat(conn: Connection, id: int, *, decided_at: datetime, of: int) -> Submission:
    """RECEIVED -> DUPLICATE of the submission `of`, whose answer stands. Raises StaleStatus when decided already."""
    info = {**detail(conn, id).info, "repeats": of}
    move(conn, submission, id, Status.RECEIVED, Status.DUPLICATE, decided_at=decided_at, info=info)
    return submission_of(conn, id)


def keep_as_comments(conn: Connection, id: int, *, decided_at: datetime) -> None:
    """RECEIVED -> COMMENTS: no report of a unit. Raises StaleStatus when decided already."""
    move(conn, submission, id, Status.RECEIVED, Status.COMMENTS, decided_at=decided_at)


def earlier(conn: Connection, own: Submission) -> SubmissionDetail | None:
    """The last decision about the same bytes of the same unit and period, beside the submission `own`."""
    same = {"r": own.regime, "p": own.period, "u": own.unit, "bytes": own.sha256, "own": own.id}
    row = conn.execute(_SAME_BYTES, same).one_or_none()
    return None if row is None else _detail(row)


def submission_of(conn: Connection, id: int) -> Submission:
    """The row with this id. Raises StoreError when there is none."""
    return detail(conn, id).submission


def detail(conn: Connection, id: int) -> SubmissionDetail:
    """Everything kept about a submission. Raises StoreError when there is none with this id."""
    row = conn.execute(_BY_ID, {"of": id}).one_or_none()
    if row is None:
        raise StoreError(f"Báo cáo gửi lên số {id}: không có trong sổ")
    return _detail(row)


def _detail(row: Any) -> SubmissionDetail:
    return SubmissionDetail(
        submission=_submission(row),
        channel=row.channel,
        size=row.size,
        decided_at=row.decided_at,
        reason=row.reason,
        marked_sha256=row.marked_sha256,
        form_versions=row.form_versions or {},
        info=row.info or {},
        nil_forms=row.nil_forms or {},
        file_time=row.file_time,
        waiting_since=row.waiting_since,
        circumstances=row.circumstances or {},
    )


def accepted(conn: Connection, regime: str, period: str) -> list[Submission]:
    """The official submission of every unit that has one, by unit code."""
    found = _several(conn, query(conn, "submissions", "official"), regime=regime, period=period)
    return sorted(found, key=lambda s: s.unit)


def official_ids(conn: Connection, regime: str, period: str, *, most: int) -> list[tuple[int, str]]:
    """(id, unit) of the official submissions of the period, in the order they arrived: the first `most` of them."""
    wanted = {"regime": regime, "period": period, "most": most}
    return [(id, unit) for id, unit in conn.execute(query(conn, "submissions", "official_ids"), wanted)]


def timeliness(conn: Connection, regime: str, period: str) -> dict[str, Timeliness]:
    """Whether each unit with an accepted report kept its deadline, by unit code."""
    chains: dict[str, list[Submission]] = {}
    back = given_back.of_period(conn, regime, period)
    for sent in of_period(conn, regime, period):
        if sent.status is Status.ACCEPTED:
            chains.setdefault(sent.unit, []).append(sent)
    kept = {unit: _kept(chain, back) for unit, chain in sorted(chains.items())}
    return {unit: timeliness_of(chain) for unit, chain in kept.items() if chain}


def unit_timeliness(conn: Connection, regime: str, period: str, unit: str) -> Timeliness:
    """Whether one unit kept its deadline; LATE while it has no accepted report."""
    sent = _several(conn, _ACCEPTED_OF_UNIT, r=regime, p=period, u=unit)
    chain = _kept(sent, given_back.of_period(conn, regime, period, unit)) if sent else []
    return timeliness_of(chain) if chain else Timeliness.LATE


def _kept(chain: list[Submission], back: Mapping[int, GivenBack]) -> list[Submission]:
    """Of the accepted ones those that say whether the deadline was kept; none while nothing is in force.

    What the office returned had come all the same: it counts. What was withdrawn is as if it had never been sent.
    """
    if all(s.id in back for s in chain):
        return []
    return [s for s in chain if s.id not in back or back[s.id].kind is GivenBackKind.RETURNED]


def official(conn: Connection, regime: str, period: str, unit: str) -> Submission | None:
    """The official submission of one unit."""
    if not unit:
        return None
    found = _several(conn, query(conn, "submissions", "official_of_unit"), regime=regime, period=period, unit=unit)
    return found[0] if found else None


def pending(conn: Connection) -> list[Submission]:
    """Received and never decided, oldest first: where to go on after a crash. Not what waits for the office."""
    return _several(conn, query(conn, "submissions", "pending"))


def waiting(conn: Connection) -> list[SubmissionDetail]:
    """What waits for the office to say who sent it, oldest first."""
    c = submission.c
    rows = conn.execute(select(c.id).where(c.waiting_since.is_not(None)).order_by(c.received_at, c.id)).scalars()
    return [detail(conn, int(id)) for id in rows.all()]


def of_period(conn: Connection, regime: str, period: str) -> list[Submission]:
    """Everything a period received, oldest first."""
    return _several(conn, query(conn, "submissions", "of_period"), regime=regime, period=period)


def insert_findings(conn: Connection, submission_id: int, findings: Iterable[Finding]) -> int:
    """Keep what was found, in the order given; returns how many."""
    rows = [
        {
            "submission_id": submission_id,
            "rule": f.rule,
            "severity": f.severity.value,
            **{name: getattr(f, name) for name in _FINDING_TEXTS},
        }
        for f in findings
    ]
    if rows:
        conn.execute(insert(finding), rows)
    return len(rows)


def findings(conn: Connection, submission_id: int) -> list[Finding]:
    """What was found in a submission, in the order it was kept."""
    rows = conn.execute(_FINDINGS, {"of": submission_id})
    return [
        Finding(
            rule=row.rule,
            severity=Severity(row.severity),
            **{name: row._mapping[name] for name in _FINDING_TEXTS},
        )
        for row in rows
    ]


_FINDING_TEXTS = ("sheet", "a1", "item", "name", "message", "expected", "actual", "suggestion", "key", "explanation")


def lock_siblings(conn: Connection, id: int) -> None:
    """`lock_unit` for the unit and the period of a submission."""
    if conn.dialect.name == "sqlite":
        return
    own = conn.execute(_BY_ID, {"of": id}).one_or_none()
    if own is not None:
        lock_unit(conn, own.regime, own.period, own.unit)


def lock_unit(conn: Connection, regime: str, period: str, unit: str) -> None:
    """Decisions about one unit's submissions of a period are taken one after the other, to the end of the transaction
    (SQLite has one writer anyway). The rows themselves could not be locked: the other decision's is not known yet."""
    if conn.dialect.name == "sqlite":
        return
    name = hashlib.sha256("\n".join(("baocao unit", regime, period, unit)).encode()).digest()[:8]
    conn.execute(_LOCK, {"name": int.from_bytes(name, "big", signed=True)})


def _free(conn: Connection, id: int | None) -> int | None:
    """The id, unless another submission supersedes it: then a late decision about an older file breaks no chain."""
    taken = conn.execute(select(submission.c.id).where(submission.c.supersedes_id == id)).first() if id else None
    return None if taken else id


def _several(conn: Connection, statement: Executable, **parameters: str) -> list[Submission]:
    return [_submission(row) for row in conn.execute(statement, parameters)]


def _submission(row: Any) -> Submission:
    id, regime, period, unit, status, received_at, sha256, filename, on_time, replaces, receipt = _ROW(row)
    return Submission(
        id, regime, period, unit, Status(status), received_at, sha256, filename, on_time, replaces, receipt
    )


def seconds_to_verdict(conn: Connection, after: datetime, until: datetime) -> dict[str, list[float]]:
    """Channel -> seconds from a file's arrival to its verdict, of those decided after `after` and by `until`."""
    statement = select(_C.channel, _C.received_at, _C.decided_at).order_by(_C.channel)
    own = _C.decided_at > after, _C.decided_at <= until, _C.channel != "baseline"
    found: dict[str, list[float]] = {}
    for channel, received_at, decided_at in conn.execute(statement.where(*own)):
        found.setdefault(channel, []).append(max(0.0, (decided_at - received_at).total_seconds()))
    return found
