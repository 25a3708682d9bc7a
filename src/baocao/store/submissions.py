"""Submissions: what a unit sent, from its arrival to the one decision about it.

RECEIVED becomes ACCEPTED, RETURNED or QUARANTINED, once. A correction is a new submission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Executable, insert, select
from sqlalchemy.exc import IntegrityError

from baocao.model.submission import Finding, Severity, Status, Submission, Timeliness, timeliness_of
from baocao.store.database import StaleStatus, StoreError
from baocao.store.moves import move
from baocao.store.queries import query
from baocao.store.tables import finding, submission
from baocao.store.windows import insert_new

_ROW = ("id", "regime", "period", "unit", "status", "received_at", "sha256", "filename", "on_time", "supersedes_id")


@dataclass(frozen=True)
class SubmissionDetail:
    """Everything that is kept about a submission beside its cells and findings."""

    submission: Submission
    channel: str
    size: int
    """bytes"""
    decided_at: datetime | None
    reason: str | None
    """Why it was quarantined: a word for the program."""
    marked_sha256: str | None
    """The marked-up workbook that went back to the unit."""
    form_versions: Mapping[str, str]
    info: Mapping[str, Any]
    nil_forms: Mapping[str, str]


def receive(
    conn: Connection,
    *,
    regime: str,
    period: str,
    unit: str,
    channel: str,
    filename: str,
    sha256: str,
    size: int,
    received_at: datetime,
    form_versions: Mapping[str, str] | None = None,
    info: Mapping[str, Any] | None = None,
    nil_forms: Mapping[str, str] | None = None,
) -> tuple[Submission, bool]:
    """Write down an arrival (RECEIVED). False: the same bytes were sent before for this unit and period; the row of
    that time is returned, whatever became of it. `unit` and `period` are empty for a file that cannot be identified.

    Of two processes that hold the same file exactly one gets True.
    """
    row: dict[str, Any] = {
        "regime": regime,
        "period": period,
        "unit": unit,
        "status": Status.RECEIVED.value,
        "channel": channel,
        "filename": filename,
        "sha256": sha256,
        "size": size,
        "received_at": received_at,
    }
    optional = {"form_versions": form_versions, "info": info, "nil_forms": nil_forms}
    row |= {name: dict(value) for name, value in optional.items() if value is not None}
    new_id = conn.execute(
        insert_new(conn, submission)
        .values(**row)
        .on_conflict_do_nothing(index_elements=["regime", "period", "unit", "sha256"])
        .returning(submission.c.id)
    ).scalar()
    if new_id is not None:
        return submission_of(conn, int(new_id)), True
    c = submission.c
    known = conn.execute(
        select(c.id).where(c.regime == regime, c.period == period, c.unit == unit, c.sha256 == sha256)
    ).scalar_one()
    return submission_of(conn, int(known)), False


def accept(
    conn: Connection,
    id: int,
    *,
    decided_at: datetime,
    on_time: bool,
    receipt_number: str,
    marked_sha256: str | None = None,
) -> Submission:
    """RECEIVED -> ACCEPTED. It supersedes the unit's accepted submission received just before it, if there is one: the
    store finds it, for files may be decided in another order than they arrived. The last received stays official.

    Raises StaleStatus when the submission is decided already or the receipt number is taken.
    """
    _lock_siblings(conn, id)
    replaced = conn.execute(query(conn, "submissions", "replaced"), {"id": id}).scalar()
    try:
        move(
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
        )
    except IntegrityError as error:
        raise StaleStatus(f"Báo cáo gửi lên số {id}: số tiếp nhận {receipt_number} đã được cấp") from error
    return submission_of(conn, id)


def return_(
    conn: Connection, id: int, *, decided_at: datetime, on_time: bool | None = None, marked_sha256: str | None = None
) -> Submission:
    """RECEIVED -> RETURNED, with the marked-up workbook that goes back. Raises StaleStatus when decided already."""
    move(
        conn,
        submission,
        id,
        Status.RECEIVED,
        Status.RETURNED,
        decided_at=decided_at,
        on_time=on_time,
        marked_sha256=marked_sha256,
    )
    return submission_of(conn, id)


def quarantine(conn: Connection, id: int, *, decided_at: datetime, reason: str) -> Submission:
    """RECEIVED -> QUARANTINED: kept, not read. Raises StaleStatus when decided already."""
    move(conn, submission, id, Status.RECEIVED, Status.QUARANTINED, decided_at=decided_at, reason=reason)
    return submission_of(conn, id)


def submission_of(conn: Connection, id: int) -> Submission:
    """The row with this id. Raises StoreError when there is none."""
    return detail(conn, id).submission


def detail(conn: Connection, id: int) -> SubmissionDetail:
    """Everything kept about a submission. Raises StoreError when there is none with this id."""
    row = conn.execute(select(submission).where(submission.c.id == id)).one_or_none()
    if row is None:
        raise StoreError(f"Báo cáo gửi lên số {id}: không có trong sổ")
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
    )


def accepted(conn: Connection, regime: str, period: str) -> list[Submission]:
    """The official submission of every unit that has one, by unit code."""
    found = _several(conn, query(conn, "submissions", "official"), regime=regime, period=period, unit="")
    return sorted(found, key=lambda s: s.unit)


def timeliness(conn: Connection, regime: str, period: str) -> dict[str, Timeliness]:
    """Whether each unit with an accepted report kept its deadline, by unit code."""
    chains: dict[str, list[Submission]] = {}
    for sent in of_period(conn, regime, period):
        if sent.status is Status.ACCEPTED:
            chains.setdefault(sent.unit, []).append(sent)
    return {unit: timeliness_of(chain) for unit, chain in sorted(chains.items())}


def official(conn: Connection, regime: str, period: str, unit: str) -> Submission | None:
    """The official submission of one unit."""
    if not unit:
        return None
    found = _several(conn, query(conn, "submissions", "official"), regime=regime, period=period, unit=unit)
    return found[0] if found else None


def pending(conn: Connection) -> list[Submission]:
    """Received and never decided, oldest first: where to go on after a crash."""
    return _several(conn, query(conn, "submissions", "pending"))


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
    rows = conn.execute(select(finding).where(finding.c.submission_id == submission_id).order_by(finding.c.id))
    return [
        Finding(
            rule=row.rule,
            severity=Severity(row.severity),
            **{name: row._mapping[name] for name in _FINDING_TEXTS},
        )
        for row in rows
    ]


_FINDING_TEXTS = ("sheet", "a1", "item", "name", "message", "expected", "actual", "suggestion", "key", "explanation")


def _lock_siblings(conn: Connection, id: int) -> None:
    """Two corrections of one unit are decided one after the other (SQLite has one writer anyway)."""
    own = select(submission.c.regime, submission.c.period, submission.c.unit).where(submission.c.id == id)
    key = conn.execute(own).one_or_none()
    if key is not None:
        c = submission.c
        conn.execute(
            select(c.id)
            .where(c.regime == key.regime, c.period == key.period, c.unit == key.unit)
            .order_by(c.id)
            .with_for_update()
        ).all()


def _free(conn: Connection, id: int | None) -> int | None:
    """The id, unless another submission supersedes it: then a late decision about an older file breaks no chain."""
    taken = conn.execute(select(submission.c.id).where(submission.c.supersedes_id == id)).first() if id else None
    return None if taken else id


def _several(conn: Connection, statement: Executable, **parameters: str) -> list[Submission]:
    return [_submission(row) for row in conn.execute(statement, parameters)]


def _submission(row: Any) -> Submission:
    values = {name: row._mapping[name] for name in _ROW}
    return Submission(**{**values, "status": Status(row.status)}, receipt_number=row.receipt_number)
