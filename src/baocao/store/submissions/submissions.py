"""Submissions: what a unit sent, and the one decision about it (before that: `receiving`).

RECEIVED becomes ACCEPTED, RETURNED, QUARANTINED, DUPLICATE or COMMENTS, once. A correction is a new submission, and so
is the same file sent again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, select
from sqlalchemy.exc import IntegrityError

from baocao.model.submission import Status, Submission
from baocao.store.database import StaleStatus, StoreError
from baocao.store.locks import queue_up
from baocao.store.moves import move, moved
from baocao.store.queries import query
from baocao.store.tables import submission

_C = submission.c
_COLUMNS = (
    *("id", "regime", "period", "unit", "status", "received_at", "sha256", "filename", "on_time", "supersedes_id"),
    "receipt_number",
)
_BY_ID = select(submission).where(_C.id == bindparam("of"))
# Asked for every file that is decided: made once, for making a statement costs more than running it.
_SAME_BYTES = (
    select(submission)
    .where(_C.regime == bindparam("r"), _C.period == bindparam("p"), _C.unit == bindparam("u"))
    .where(_C.sha256 == bindparam("bytes"), _C.id != bindparam("own"))
    # Not DUPLICATE: its answer is that of another row, which is found here itself.
    .where(_C.status.in_([Status.ACCEPTED.value, Status.RETURNED.value, Status.QUARANTINED.value]))
    .order_by(_C.id.desc())
    .limit(1)
)
_OF_UNIT = (
    select(*(_C[name] for name in _COLUMNS))
    .where(_C.regime == bindparam("r"), _C.period == bindparam("p"), _C.unit == bindparam("u"))
    .order_by(_C.received_at, _C.id)
)
_ROW = attrgetter(*_COLUMNS)


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


def accept(
    conn: Connection,
    own: Submission,
    *,
    receipt_number: str,
    before: Sequence[Submission] | None = None,
    **decision: Any,
) -> Submission:
    """RECEIVED -> ACCEPTED. It supersedes the unit's accepted submission received just before it, if there is one: the
    store finds it, for files may be decided in another order than they arrived. The last received stays official.

    `own` says whose it is and for which period, which is written with it; `before` are those of its unit that were
    ever accepted, asked under its lock; `decision` as of `return_`. Raises StaleStatus when the submission is decided
    already or the receipt number is taken.
    """
    if before is None:
        # Before the question what it replaces: a decision about a sibling must have been committed by then.
        lock_unit(conn, own.regime, own.period, own.unit)
        before = ever_accepted(of_unit(conn, own.regime, own.period, own.unit))
    replaced = [s.id for s in before if (s.received_at, s.id) < (own.received_at, own.id)]
    decision |= {"receipt_number": receipt_number, "supersedes_id": _free(conn, replaced[-1] if replaced else None)}
    try:
        return _decided(conn, own, Status.ACCEPTED, **decision)
    except IntegrityError as error:
        raise StaleStatus(f"Báo cáo gửi lên số {own.id}: số tiếp nhận {receipt_number} đã được cấp") from error


def return_(conn: Connection, own: Submission, **decision: Any) -> Submission:
    """RECEIVED -> RETURNED, with the marked-up workbook that goes back. `own` says whose it is and for which period.
    Raises StaleStatus when decided already."""
    return _decided(conn, own, Status.RETURNED, **decision)


def _decided(
    conn: Connection,
    own: Submission,
    status: Status,
    *,
    decided_at: datetime,
    on_time: bool | None = None,
    marked_sha256: str | None = None,
    circumstances: Mapping[str, Any] | None = None,
    **more: Any,
) -> Submission:
    """`more`: other columns that are written in the same statement."""
    row = moved(
        conn,
        submission,
        own.id,
        Status.RECEIVED,
        status,
        regime=own.regime,
        period=own.period,
        unit=own.unit,
        decided_at=decided_at,
        on_time=on_time,
        marked_sha256=marked_sha256,
        circumstances=circumstances,
        **more,
    )
    return read_submission(row)


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
    return None if row is None else read_detail(row)


def submission_of(conn: Connection, id: int) -> Submission:
    """The row with this id. Raises StoreError when there is none."""
    return detail(conn, id).submission


def detail(conn: Connection, id: int) -> SubmissionDetail:
    """Everything kept about a submission. Raises StoreError when there is none with this id."""
    row = conn.execute(_BY_ID, {"of": id}).one_or_none()
    if row is None:
        raise StoreError(f"Báo cáo gửi lên số {id}: không có trong sổ")
    return read_detail(row)


def read_detail(row: Any) -> SubmissionDetail:
    """A whole row of `submission`."""
    return SubmissionDetail(
        submission=read_submission(row),
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
    found = read_several(conn, query(conn, "submissions", "official"), regime=regime, period=period)
    return sorted(found, key=lambda s: s.unit)


def official_ids(conn: Connection, regime: str, period: str, *, most: int) -> list[tuple[int, str]]:
    """(id, unit) of the official submissions of the period, in the order they arrived: the first `most` of them."""
    wanted = {"regime": regime, "period": period, "most": most}
    return [(id, unit) for id, unit in conn.execute(query(conn, "submissions", "official_ids"), wanted).all()]


def official(conn: Connection, regime: str, period: str, unit: str) -> Submission | None:
    """The official submission of one unit."""
    if not unit:
        return None
    found = read_several(conn, query(conn, "submissions", "official_of_unit"), regime=regime, period=period, unit=unit)
    return found[0] if found else None


def of_unit(conn: Connection, regime: str, period: str, unit: str) -> list[Submission]:
    """Everything one unit sent for the period, oldest first, whatever became of it."""
    return read_several(conn, _OF_UNIT, r=regime, p=period, u=unit)


def ever_accepted(sent: Iterable[Submission]) -> list[Submission]:
    """Those of them that were accepted, given back or not."""
    return [s for s in sent if s.status is Status.ACCEPTED]


def of_period(conn: Connection, regime: str, period: str) -> list[Submission]:
    """Everything a period received, oldest first."""
    return read_several(conn, query(conn, "submissions", "of_period"), regime=regime, period=period)


def accepted_periods(conn: Connection, regime: str, unit: str | None = None) -> set[str]:
    """Codes of the periods for which the unit (any unit, when None) has an accepted submission."""
    name = "accepted_periods" if unit is None else "accepted_periods_of_unit"
    rows = conn.execute(query(conn, "submissions", name), {"regime": regime, "unit": unit})
    return {row[0] for row in rows}


def lock_siblings(conn: Connection, id: int) -> None:
    """`lock_unit` for the unit and the period of a submission."""
    if conn.dialect.name == "sqlite":
        return
    own = conn.execute(_BY_ID, {"of": id}).one_or_none()
    if own is not None:
        lock_unit(conn, own.regime, own.period, own.unit)


def lock_unit(conn: Connection, regime: str, period: str, unit: str) -> None:
    """Decisions about one unit's submissions of a period are taken one after the other, to the end of the transaction.
    The rows themselves could not be locked: the other decision's is not known yet."""
    queue_up(conn, "baocao unit", regime, period, unit)


def _free(conn: Connection, id: int | None) -> int | None:
    """The id, unless another submission supersedes it: then a late decision about an older file breaks no chain."""
    taken = conn.execute(select(submission.c.id).where(submission.c.supersedes_id == id)).first() if id else None
    return None if taken else id


def read_several(conn: Connection, statement: Executable, **parameters: str) -> list[Submission]:
    """The rows of a statement that has the columns of a Submission."""
    return [read_submission(row) for row in conn.execute(statement, parameters)]


def read_submission(row: Any) -> Submission:
    """A row that has the columns of a Submission."""
    id, regime, period, unit, status, received_at, sha256, filename, on_time, replaces, receipt = _ROW(row)
    return Submission(
        id, regime, period, unit, Status(status), received_at, sha256, filename, on_time, replaces, receipt
    )
