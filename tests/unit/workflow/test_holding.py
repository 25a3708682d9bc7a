"""What holds a report back: objections nobody answered, time kept for comments, and one overruled after the freeze."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from baocao.model.form import CellKey
from baocao.model.lead import CommentKind, CommentStatus, LeadComment
from baocao.model.report import Report
from baocao.model.unit import UnitKind
from baocao.store import lead_comments
from baocao.store.reports import reports
from baocao.store.tables import obligation
from baocao.workflow.consolidating.holding import (
    require_comments_awaited,
    require_no_open_objection,
    require_overruled_are_told,
)
from baocao.workflow.installation import Installation, Refused
from builders.packs.quarterly import CODE
from builders.sites.store import CONTENT, minute, sha

Q1 = "2027-Q1"


def objection(place: Installation, words: str = "Số liệu chưa khớp", *, overruled: bool = False) -> LeadComment:
    """Of one unit about another's cell."""
    with place.store.begin() as conn:
        found, _ = lead_comments.raise_comment(
            conn, regime=CODE, period=Q1, lead="00001", kind=CommentKind.OBJECTION, unit="00002", project="",
            cell=CellKey("CCHC", "TT01", "TH"), text=words, raised_at=minute(5), raised_by="an",
        )  # fmt: skip
        if overruled:
            found = lead_comments.close(
                conn, found.id, CommentStatus.OVERRULED, answered_by="van-thu", answered_at=minute(9), answer="Đúng số"
            )
    return found


def frozen(place: Installation) -> Report:
    with place.store.begin() as conn:
        made = reports.draft(conn, regime=CODE, period=Q1, created_at=minute(1), as_of=minute(1), input_sha256=sha("a"))
        return reports.freeze(conn, made.id, content_sha256=CONTENT, manifest={"files": {"a.xlsx": CONTENT}})


def held(place: Installation) -> str:
    with place.store.read() as conn:
        try:
            require_no_open_objection(place, conn, CODE, Q1, "tổng hợp")
        except Refused as error:
            return str(error)
    return ""


def test_an_open_objection_holds_the_report_by_name(office: Installation) -> None:
    assert held(office) == ""
    first = objection(office)
    said = held(office)
    assert said.startswith("Chưa thể tổng hợp kỳ 2027-Q1: Xã An Bình phản đối")
    assert "của Xã An Hòa từ" in said and f"`baocao lead answer {first.id}`" in said
    assert "phản đối khác" not in said
    objection(office, "Ý thứ hai")
    assert "(và 1 phản đối khác)" in held(office)


def test_an_objection_overruled_holds_nothing_any_more(office: Installation) -> None:
    objection(office, overruled=True)
    assert held(office) == ""


def test_an_objection_holds_until_the_report_is_sent(office: Installation) -> None:
    objection(office)
    frozen(office)
    assert held(office)


def test_objections_overruled_after_the_freeze_block_its_approval(office: Installation) -> None:
    report = frozen(office)
    with office.store.read() as conn:
        require_overruled_are_told(conn, report, "duyệt")
    late = objection(office, overruled=True)
    with office.store.read() as conn, pytest.raises(Refused, match=rf"Không duyệt phiên bản 1: phản đối số {late.id}"):
        require_overruled_are_told(conn, report, "duyệt")


@pytest.mark.parametrize("lead", [True, False])
def test_comment_time_applies_only_where_somebody_may_comment(office: Installation, lead: bool) -> None:
    pack, period = office.at(CODE, Q1)
    if lead:
        # The first unit as a body that comments: the row of the store and the pack say so alike.
        with office.store.begin() as conn:
            conn.execute(update(obligation).where(obligation.c.unit == "00001").values(is_lead_body=True))
        units = (replace(pack.units[0], kind=UnitKind.AGENCY, projects=("1",)), *pack.units[1:])
        pack = replace(pack, units=units)
    until = period.unit.due_at + timedelta(days=2)
    waiting = replace(period, comments_until=until)
    with office.store.read() as conn:
        require_comments_awaited(conn, pack, replace(period, comments_until=None), until)
        require_comments_awaited(conn, pack, waiting, until + timedelta(seconds=1))
        if not lead:
            require_comments_awaited(conn, pack, waiting, until)
            return
        with pytest.raises(Refused, match="các đơn vị chủ trì được gửi ý kiến đến"):
            require_comments_awaited(conn, pack, waiting, until)
