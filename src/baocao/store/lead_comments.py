"""What the lead bodies say about the units' reports: raised once, closed once, never deleted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from baocao.model.form import CellKey
from baocao.model.lead import CommentKind, CommentStatus, LeadComment
from baocao.store.database import StepNotAllowed, StoreError
from baocao.store.inserts import insert_row
from baocao.store.moves import move
from baocao.store.tables import lead_comment, report_objection


def raise_comment(
    conn: Connection,
    *,
    regime: str,
    period: str,
    lead: str,
    kind: CommentKind,
    unit: str,
    project: str,
    cell: CellKey | None,
    text: str,
    raised_at: datetime,
    raised_by: str,
    source_sha256: str = "",
    slice_sha256: str = "",
) -> tuple[LeadComment, bool]:
    """Write a comment down (OPEN), or find the one that says the same (then False).

    The same body, kind, unit, subject and words are the same comment, whatever became of it: a workbook that is sent
    again with one line more raises one line. Raises StepNotAllowed when the words or the name are missing.
    """
    if not text.strip() or not raised_by.strip():
        raise StepNotAllowed("Ý kiến phải có nội dung và người nêu")
    words = {"text": text.strip(), "project": project}
    place = dict(zip(("form", "row", "col"), cell or ("", "", ""), strict=True))
    known = {"regime": regime, "period": period, "lead": lead, "kind": CommentKind(kind).value, "unit": unit}
    c = lead_comment.c
    same = select(lead_comment).order_by(c.id).limit(1)
    for name, value in (known | place | words).items():
        same = same.where(c[name] == value)
    found = conn.execute(same).one_or_none()
    if found is not None:
        return _comment(found), False
    row = {**known, **place, **words, "raised_at": raised_at, "raised_by": raised_by.strip()}
    row |= {"source_sha256": source_sha256, "slice_sha256": slice_sha256, "status": CommentStatus.OPEN.value}
    return comment_of(conn, insert_row(conn, lead_comment, row, raised_at)), True


def close(
    conn: Connection, id: int, status: CommentStatus, *, answered_by: str, answered_at: datetime, answer: str
) -> LeadComment:
    """OPEN -> ANSWERED, OVERRULED or WITHDRAWN. Raises StaleStatus when it was closed before, StepNotAllowed without a
    reason or a name, for a status that closes nothing, and for overruling what is no objection."""
    found = comment_of(conn, id)
    if status is CommentStatus.OPEN:
        raise StepNotAllowed("Ý kiến đã nêu không mở lại được; hãy nêu ý kiến mới")
    if not answer.strip() or not answered_by.strip():
        raise StepNotAllowed("Phải ghi rõ nội dung trả lời (lý do) và người trả lời")
    if status is CommentStatus.OVERRULED and found.kind is not CommentKind.OBJECTION:
        raise StepNotAllowed(f"Ý kiến số {id} là nhận xét, không phải phản đối; chỉ phản đối mới bị bác")
    move(
        conn,
        lead_comment,
        id,
        CommentStatus.OPEN,
        status,
        answered_by=answered_by.strip(),
        answered_at=answered_at,
        answer=answer.strip(),
    )
    return comment_of(conn, id)


def comment_of(conn: Connection, id: int) -> LeadComment:
    """The comment with this id. Raises StoreError when there is none."""
    row = conn.execute(select(lead_comment).where(lead_comment.c.id == id)).one_or_none()
    if row is None:
        raise StoreError(f"Ý kiến số {id}: không có trong sổ")
    return _comment(row)


def of_period(
    conn: Connection,
    regime: str,
    period: str,
    *,
    kind: CommentKind | None = None,
    status: CommentStatus | None = None,
) -> list[LeadComment]:
    """Everything said about a period, in the order it was raised; cut down to a kind, a status."""
    c = lead_comment.c
    statement = select(lead_comment).where(c.regime == regime, c.period == period).order_by(c.id)
    if kind is not None:
        statement = statement.where(c.kind == kind.value)
    if status is not None:
        statement = statement.where(c.status == status.value)
    return [_comment(row) for row in conn.execute(statement)]


def open_objections(conn: Connection, regime: str, period: str) -> list[LeadComment]:
    """What holds the consolidation."""
    return of_period(conn, regime, period, kind=CommentKind.OBJECTION, status=CommentStatus.OPEN)


def overruled(conn: Connection, regime: str, period: str) -> list[LeadComment]:
    """What every signer must know of."""
    return of_period(conn, regime, period, kind=CommentKind.OBJECTION, status=CommentStatus.OVERRULED)


def list_in_report(conn: Connection, report_id: int, comments: Iterable[LeadComment]) -> None:
    """Fix which overruled objections a draft tells of, in place of those an unfinished draft had."""
    conn.execute(report_objection.delete().where(report_objection.c.report_id == report_id))
    rows = [{"report_id": report_id, "comment_id": c.id} for c in comments]
    if rows:
        conn.execute(insert(report_objection), rows)


def of_report(conn: Connection, report_id: int) -> list[LeadComment]:
    """The overruled objections a report tells of, whatever was raised since. They never change any more."""
    c = lead_comment.c
    rows = conn.execute(
        select(lead_comment)
        .join(report_objection, report_objection.c.comment_id == c.id)
        .where(report_objection.c.report_id == report_id)
        .order_by(c.id)
    )
    return [_comment(row) for row in rows]


def _comment(row: Any) -> LeadComment:
    plain = {name: value for name, value in row._mapping.items() if name not in {"form", "row", "col"}}
    cell = CellKey(row.form, row.row, row.col) if row.form else None
    kinds = {"kind": CommentKind(row.kind), "status": CommentStatus(row.status)}
    answer = {"answered_by": row.answered_by or "", "answer": row.answer or ""}
    return LeadComment(**{**plain, **kinds, **answer, "cell": cell})
