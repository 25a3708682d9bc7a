"""A submission until it is decided: written down, named, and held where nobody can be named for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from baocao.model.submission import Status, Submission
from baocao.store.database import StaleStatus
from baocao.store.inserts import insert_once
from baocao.store.moves import move, moved
from baocao.store.queries import query
from baocao.store.submissions.submissions import (
    SubmissionDetail,
    detail,
    read_detail,
    read_several,
    read_submission,
    submission_of,
)
from baocao.store.tables import submission

_C = submission.c
# Asked for every file that comes: made once, for making a statement costs more than running it.
_OF_ARRIVAL = select(_C.id).where(_C.arrival == bindparam("of"))
_WAITING = select(submission).where(_C.waiting_since.is_not(None)).order_by(_C.received_at, _C.id)


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
    same = select(_C.id).where(_C.regime == regime, _C.period == period, _C.unit == unit, _C.sha256 == sha256)
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
    return read_submission(moved(conn, submission, id, Status.RECEIVED, Status.RECEIVED, **values))


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


def pending(conn: Connection) -> list[Submission]:
    """Received and never decided, oldest first: where to go on after a crash. Not what waits for the office."""
    return read_several(conn, query(conn, "submissions", "pending"))


def waiting(conn: Connection) -> list[SubmissionDetail]:
    """What waits for the office to say who sent it, oldest first."""
    return [read_detail(row) for row in conn.execute(_WAITING)]
