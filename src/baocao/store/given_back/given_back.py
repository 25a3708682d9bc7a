"""Rows of `submission_given_back`: an accepted submission that counts no more, why, and by whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from baocao.model.submission import GivenBack, GivenBackKind
from baocao.store.database import StaleStatus
from baocao.store.given_back.given_back_tables import submission_given_back
from baocao.store.tables import submission
from baocao.store.trail import rows


def record(conn: Connection, submission_id: int, kind: GivenBackKind, *, reason: str, by: str, at: datetime) -> None:
    """Take an accepted submission out of force. Raises StaleStatus when it was before."""
    statement = insert(submission_given_back).values(
        submission_id=submission_id, kind=kind.value, reason=reason, by=by, at=at
    )
    try:
        new_id = int(conn.execute(statement.returning(submission_given_back.c.id)).scalar_one())
    except IntegrityError as error:
        raise StaleStatus(f"Báo cáo gửi lên số {submission_id} đã được trả lại hoặc rút trước đó") from error
    rows.note(conn, submission_given_back, [new_id], at)


def of_period(conn: Connection, regime: str, period: str, unit: str = "") -> dict[int, GivenBack]:
    """Submission -> what became of it, of one unit or (empty) of all."""
    s, g = submission.c, submission_given_back.c
    statement = (
        select(g.submission_id, g.kind, g.reason, g.by, g.at)
        .join_from(submission_given_back, submission)
        .where(s.regime == regime, s.period == period)
    )
    if unit:
        statement = statement.where(s.unit == unit)
    return {
        r.submission_id: GivenBack(r.submission_id, GivenBackKind(r.kind), r.reason, r.by, r.at)
        for r in conn.execute(statement)
    }


def returned_before(conn: Connection, regime: str, period: str, unit: str, sha256: str) -> GivenBack | None:
    """That these very bytes of the unit were returned by the office; None when they were not."""
    s = submission.c
    same = select(s.id).where(s.regime == regime, s.period == period, s.unit == unit, s.sha256 == sha256)
    ids = set(conn.execute(same).scalars())
    found = [g for g in of_period(conn, regime, period, unit).values() if g.submission_id in ids]
    return next((g for g in found if g.kind is GivenBackKind.RETURNED), None)
