"""What lead bodies say: raised once, closed once, fixed in the report that tells of it. On both databases."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from baocao.model.form import CellKey
from baocao.model.lead import CommentKind, CommentStatus, LeadComment
from baocao.store import lead_comments, lead_slices
from baocao.store.database import StaleStatus, StepNotAllowed, Store
from baocao.store.lead_slices import LeadSlice
from baocao.store.reports import reports
from builders.sites.store import CONTENT, PERIOD, REGIME, a_draft, minute, sha

CELL = CellKey("B06", "B06.01", "TH")


def raised(conn: Connection, words: str = "Số liệu chưa khớp", **changes: Any) -> tuple[LeadComment, bool]:
    values: dict[str, Any] = {
        "regime": REGIME,
        "period": PERIOD,
        "lead": "38-SYT",
        "kind": CommentKind.OBJECTION,
        "unit": "14797",
        "project": "6",
        "cell": CELL,
        "text": words,
        "raised_at": minute(5),
        "raised_by": "38-SYT",
    }
    return lead_comments.raise_comment(conn, **(values | changes))


def closed(conn: Connection, found: LeadComment, status: CommentStatus, answer: str = "Đã đối chiếu") -> LeadComment:
    return lead_comments.close(conn, found.id, status, answered_by="PC04", answered_at=minute(9), answer=answer)


def test_an_objection_is_open_until_answered(store: Store) -> None:
    with store.begin() as conn:
        found, new = raised(conn)
        assert (new, found.status, found.cell, found.answer) == (True, CommentStatus.OPEN, CELL, "")
        assert [c.id for c in lead_comments.open_objections(conn, REGIME, PERIOD)] == [found.id]
        done = closed(conn, found, CommentStatus.ANSWERED)
        assert (done.status, done.answered_by, done.answer) == (CommentStatus.ANSWERED, "PC04", "Đã đối chiếu")
        assert done.answered_at == minute(9)
        assert lead_comments.open_objections(conn, REGIME, PERIOD) == []


def test_equal_words_on_one_subject_are_one_comment(store: Store) -> None:
    with store.begin() as conn:
        first, _ = raised(conn)
        again, new = raised(conn, raised_at=minute(8), source_sha256=sha("tệp khác"))
        other, other_new = raised(conn, cell=None)
        assert (again.id, new) == (first.id, False)
        assert other_new and other.subject == "dự án 6"


def test_an_old_workbook_does_not_revive_an_objection(store: Store) -> None:
    with store.begin() as conn:
        first, _ = raised(conn)
        closed(conn, first, CommentStatus.WITHDRAWN)
        again, new = raised(conn)
        assert (new, again.status) == (False, CommentStatus.WITHDRAWN)


def test_a_comment_holds_nothing_and_cannot_be_overruled(store: Store) -> None:
    with store.begin() as conn:
        found, _ = raised(conn, kind=CommentKind.COMMENT)
        assert lead_comments.open_objections(conn, REGIME, PERIOD) == []
        with pytest.raises(StepNotAllowed, match="nhận xét"):
            closed(conn, found, CommentStatus.OVERRULED)


def test_nothing_is_closed_twice_or_without_a_reason(store: Store) -> None:
    with store.begin() as conn:
        found, _ = raised(conn)
        with pytest.raises(StepNotAllowed, match="lý do"):
            closed(conn, found, CommentStatus.OVERRULED, "  ")
        closed(conn, found, CommentStatus.OVERRULED)
        with pytest.raises(StaleStatus, match="OVERRULED"):
            closed(conn, found, CommentStatus.WITHDRAWN)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lead_comment SET text = 'khác'",
        "UPDATE lead_comment SET unit = '14800'",
        "DELETE FROM lead_comment",
        "UPDATE lead_comment SET status = 'ANSWERED'",
        "UPDATE lead_comment SET status = 'OVERRULED', answer = '', answered_by = 'x', answered_at = 'y'",
    ],
)
def test_the_database_refuses_to_change_a_comment(store: Store, statement: str) -> None:
    with store.begin() as conn:
        raised(conn)
    with pytest.raises(DatabaseError), store.begin() as conn:
        conn.execute(text(statement))


def test_the_database_refuses_to_reopen_a_comment(store: Store) -> None:
    with store.begin() as conn:
        closed(conn, raised(conn)[0], CommentStatus.ANSWERED)
    with pytest.raises(DatabaseError), store.begin() as conn:
        conn.execute(text("UPDATE lead_comment SET status='OPEN', answer=NULL, answered_by=NULL, answered_at=NULL"))


def test_a_frozen_report_keeps_its_objections(store: Store) -> None:
    with store.begin() as conn:
        told = closed(conn, raised(conn)[0], CommentStatus.OVERRULED)
        draft = a_draft(conn)
        lead_comments.list_in_report(conn, draft.id, [told])
        lead_comments.list_in_report(conn, draft.id, [told])
        reports.freeze(conn, draft.id, content_sha256=CONTENT, manifest={"files": []})
        late = closed(conn, raised(conn, "Ý kiến sau khi chốt")[0], CommentStatus.OVERRULED)
        assert [c.id for c in lead_comments.of_report(conn, draft.id)] == [told.id]
        assert [c.id for c in lead_comments.overruled(conn, REGIME, PERIOD)] == [told.id, late.id]
    with pytest.raises(DatabaseError), store.begin() as conn:
        lead_comments.list_in_report(conn, draft.id, [late])


def test_a_content_is_shown_to_a_body_once(store: Store) -> None:
    first, again, second = (
        LeadSlice("38-SYT", sha(content), sha("i"), sha("f"), minute(at))
        for content, at in (("a", 1), ("a", 2), ("b", 3))
    )
    with store.begin() as conn:
        assert lead_slices.record(conn, REGIME, PERIOD, first)
        assert not lead_slices.record(conn, REGIME, PERIOD, again)
        assert lead_slices.record(conn, REGIME, PERIOD, second)
        assert lead_slices.latest(conn, REGIME, PERIOD)["38-SYT"].content_sha256 == sha("b")
        assert len(lead_slices.of_period(conn, REGIME, PERIOD)) == 2
    with pytest.raises(DatabaseError), store.begin() as conn:
        conn.execute(text("DELETE FROM lead_slice"))
