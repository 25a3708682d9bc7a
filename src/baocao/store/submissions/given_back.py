"""Rows of `submission_given_back`: an accepted submission that counts no more, why, and by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.exc import IntegrityError

from baocao.model.submission import GivenBack, GivenBackKind
from baocao.store.database import StaleStatus
from baocao.store.inserts import insert_row
from baocao.store.tables import submission, submission_given_back


def record(conn: Connection, submission_id: int, kind: GivenBackKind, *, reason: str, by: str, at: datetime) -> None:
    """Take an accepted submission out of force. Raises StaleStatus when it was before."""
    row = {"submission_id": submission_id, "kind": kind.value, "reason": reason, "by": by, "at": at}
    try:
        insert_row(conn, submission_given_back, row, at)
    except IntegrityError as error:
        raise StaleStatus(f"Báo cáo gửi lên số {submission_id} đã được trả lại hoặc rút trước đó") from error


_S, _G = submission.c, submission_given_back.c
_OF_PERIOD = (
    select(_G.submission_id, _G.kind, _G.reason, _G.by, _G.at)
    .join_from(submission_given_back, submission)
    .where(_S.regime == bindparam("r"), _S.period == bindparam("p"))
)
_OF_UNIT = _OF_PERIOD.where(_S.unit == bindparam("u"))
_SAME_BYTES_RETURNED = _OF_UNIT.where(_S.sha256 == bindparam("bytes"), _G.kind == GivenBackKind.RETURNED.value)
# Asked for every file that is decided: made once, for making a statement costs more than running it.


def of_period(conn: Connection, regime: str, period: str, unit: str = "") -> dict[int, GivenBack]:
    """Submission -> what became of it, of one unit or (empty) of all."""
    statement = _OF_UNIT if unit else _OF_PERIOD
    rows = conn.execute(statement, {"r": regime, "p": period, "u": unit})
    return {found.submission_id: found for found in map(_given_back, rows)}


def returned_before(conn: Connection, regime: str, period: str, unit: str, sha256: str) -> GivenBack | None:
    """That these very bytes of the unit were returned by the office; None when they were not."""
    rows = conn.execute(_SAME_BYTES_RETURNED, {"r": regime, "p": period, "u": unit, "bytes": sha256})
    row = rows.first()
    return None if row is None else _given_back(row)


def _given_back(row: Any) -> GivenBack:
    return GivenBack(row.submission_id, GivenBackKind(row.kind), row.reason, row.by, row.at)
