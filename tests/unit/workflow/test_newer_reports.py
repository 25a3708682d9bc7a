"""Reports that a version lacks: which they are, what is said of them, and what may still be decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from baocao.model.report import Decision, Report, ReportStatus, Role
from baocao.model.submission import GivenBackKind
from baocao.store.reports import corrections, reports
from baocao.store.submissions import given_back, submissions
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import list_mails
from baocao.workflow.sign_off.newer import (
    Newer,
    newer_than,
    receipt_note,
    require_known,
    sentence,
    tell_gone,
    tell_newer,
    way_out,
)
from builders.packs.quarterly import CODE
from builders.sites.store import CONTENT, accepted, decide, dispatched, minute, sha

Q1 = "2027-Q1"


def report(place: Installation, inside: Sequence[tuple[str, int]] = (), *, frozen: bool = True) -> Report:
    with place.store.begin() as conn:
        made = reports.draft(
            conn, regime=CODE, period=Q1, created_at=minute(9), as_of=minute(9), input_sha256=sha("inputs")
        )
        reports.insert_inputs(conn, made.id, inside)
        if frozen:
            return reports.freeze(conn, made.id, content_sha256=CONTENT, manifest={"files": {"a.xlsx": CONTENT}})
    return made


def sent(place: Installation, unit: str, content: str = "", at: int = 1) -> int:
    with place.store.begin() as conn:
        return accepted(conn, unit, content, at, regime=CODE, period=Q1).id


def found(place: Installation, version: Report) -> list[tuple[str, int, bool, bool]]:
    with place.store.read() as conn:
        return [(n.unit, n.submission_id, n.replaces, n.gone) for n in newer_than(place, conn, version)]


def taken_out(place: Installation, id: int) -> None:
    with place.store.begin() as conn:
        given_back.record(conn, id, GivenBackKind.WITHDRAWN, reason="Nhầm", by="van-thu", at=minute(20))


def test_a_version_with_every_report_lacks_none(office: Installation) -> None:
    one, two = sent(office, "00001"), sent(office, "00002")
    assert found(office, report(office, [("00001", one), ("00002", two)])) == []


def test_first_reports_and_corrections_are_told_apart(office: Installation) -> None:
    version = report(office, [("00002", sent(office, "00002"))])
    first, corrected = sent(office, "00001", at=10), sent(office, "00002", "sửa", 11)
    assert found(office, version) == [("00001", first, False, False), ("00002", corrected, True, False)]


def test_a_report_that_counts_no_more_is_gone(office: Installation) -> None:
    one, two, three = (sent(office, f"0000{n}") for n in (1, 2, 3))
    version = report(office, [("00001", one), ("00002", two), ("00003", three)])
    taken_out(office, one)
    taken_out(office, two)
    again = sent(office, "00002", "sửa", 21)
    assert found(office, version) == [("00002", again, True, False), ("00001", one, True, True)]


def test_reports_gone_before_the_version_are_not_newer(office: Installation) -> None:
    taken_out(office, sent(office, "00001"))
    assert found(office, report(office)) == []


def newer(n: int, *, replaces: bool = False, gone: bool = False) -> Newer:
    return Newer(f"{n}", f"Xã {n}", n, minute(n), replaces, gone)


def test_a_sentence_counts_names_and_says_why() -> None:
    assert sentence((), 1) == ""
    assert sentence([newer(1), newer(2, replaces=True), newer(3, replaces=True, gone=True)], 4) == (
        "02 báo cáo được tiếp nhận sau khi lập phiên bản 4, chưa có trong phiên bản này: Xã 1 (báo cáo lần đầu), "
        "Xã 2 (đính chính); 01 báo cáo có trong phiên bản 4 đã được trả lại hoặc rút sau khi lập: Xã 3"
    )
    assert newer(1, gone=True).said == "Xã 1 (đã trả lại hoặc rút)"
    assert sentence([newer(n) for n in range(12)], 1).endswith("Xã 11 (báo cáo lần đầu)")
    assert sentence([newer(n) for n in range(14)], 1).endswith("Xã 11 (báo cáo lần đầu) và 2 đơn vị khác")


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (ReportStatus.FROZEN, "`baocao approve --period 2027-Q1 --return --note …`"),
        (ReportStatus.APPROVED, "`baocao sign --period 2027-Q1 --return --note …`"),
        (ReportStatus.SIGNED, "phát hành rồi mở đính chính"),
        (ReportStatus.DISPATCHED, "Báo cáo đã gửi thiếu các báo cáo này"),
    ],
)
def test_the_way_out_depends_on_the_reports_status(office: Installation, status: ReportStatus, words: str) -> None:
    assert words in way_out(replace(report(office), status=status))


def test_deciding_on_an_older_version_must_be_deliberate(office: Installation) -> None:
    version = report(office)
    with office.store.read() as conn:
        assert require_known(office, conn, version, "duyệt", knowingly=False) == ""
    sent(office, "00001", at=10)
    with office.store.read() as conn:
        with pytest.raises(Refused, match=r"Chưa duyệt phiên bản 1: 01 báo cáo được tiếp nhận.*Có hai cách"):
            require_known(office, conn, version, "duyệt", knowingly=False)
        known = require_known(office, conn, version, "duyệt", knowingly=True)
    assert known.startswith("Đã biết: 01 báo cáo được tiếp nhận sau khi lập phiên bản 1")


@pytest.mark.parametrize(
    ("frozen", "words"),
    [
        (None, "lập sau thời điểm"),
        (False, "lập sau thời điểm"),
        (True, "mới hơn phiên bản 1 của báo cáo tổng hợp (đang chờ duyệt)"),
    ],
)
def test_a_receipt_says_which_version_has_the_figures(office: Installation, frozen: bool | None, words: str) -> None:
    if frozen is not None:
        report(office, frozen=frozen)
    with office.store.begin() as conn:
        accepted(conn, "00001", regime=CODE, period=Q1)
        assert words in receipt_note(conn, reports.latest(conn, CODE, Q1))


# ------------------------------------------------------------------------------------------------------- who is told


def moved_on(place: Installation, version: Report, status: ReportStatus) -> None:
    """The frozen version, so far on its way."""
    order = [ReportStatus.FROZEN, ReportStatus.APPROVED, ReportStatus.SIGNED, ReportStatus.DISPATCHED]
    far = order.index(status)
    with place.store.begin() as conn:
        if far >= 1:
            version = decide(conn, version, Role.STANDING_OFFICE, Decision.APPROVE)
        if far >= 2:
            version = decide(conn, version, Role.PEOPLES_COMMITTEE, Decision.SIGN)
        if far >= 3:
            dispatched(conn, version)


def told(place: Installation, id: int, *, gone: bool = False) -> list[str]:
    """Who has a letter waiting after that submission was accepted, or counts no more."""
    pack, when = place.at(CODE, Q1)
    with place.store.begin() as conn:
        row = submissions.submission_of(conn, id)
        unit = pack.unit(row.unit)
        assert unit is not None
        period_mail = PeriodMail(place, pack, when)
        if gone:
            tell_gone(conn, period_mail, unit, row, minute(30))
        else:
            tell_newer(conn, period_mail, unit, row, reports.latest(conn, CODE, Q1), minute(30))
    steps = [m["step"] for m in list_mails(place, None, None, unit=None, statuses=[])]
    return sorted("alarm" if s.startswith("alarm") else s.rpartition("-")[2] for s in steps if "dispatch" not in s)


@pytest.mark.parametrize(
    ("status", "who"),
    [
        (ReportStatus.FROZEN, ["office"]),
        (ReportStatus.APPROVED, ["office", "signer"]),
        (ReportStatus.SIGNED, ["alarm", "office"]),
        (ReportStatus.DISPATCHED, ["alarm", "office"]),
    ],
)
def test_newer_reports_are_told_to_whoever_acts_next(
    office: Installation, status: ReportStatus, who: list[str]
) -> None:
    moved_on(office, report(office), status)
    assert told(office, sent(office, "00001", at=10)) == who


@pytest.mark.parametrize("frozen", [None, False, True])
def test_nobody_is_told_of_what_no_version_lacks(office: Installation, frozen: bool | None) -> None:
    id = sent(office, "00001")
    if frozen is not None:
        report(office, [("00001", id)], frozen=frozen)
    assert told(office, id) == []


@pytest.mark.parametrize(
    ("status", "who"),
    [(ReportStatus.FROZEN, ["office"]), (ReportStatus.APPROVED, ["office", "signer"]), (ReportStatus.SIGNED, [])],
)
def test_removed_reports_are_told_while_return_is_possible(
    office: Installation, status: ReportStatus, who: list[str]
) -> None:
    id, other = sent(office, "00001"), sent(office, "00002")
    moved_on(office, report(office, [("00001", id)]), status)
    taken_out(office, id)
    assert told(office, other, gone=True) == [], "it was not in the version"
    assert told(office, id, gone=True) == who


def test_without_a_version_nobody_misses_what_is_gone(office: Installation) -> None:
    assert told(office, sent(office, "00001"), gone=True) == []


def test_an_open_correction_is_where_newer_reports_go(office: Installation) -> None:
    version = report(office)
    moved_on(office, version, ReportStatus.DISPATCHED)
    with office.store.begin() as conn:
        row = accepted(conn, "00001", at=10, regime=CODE, period=Q1)
        assert "báo cáo đã gửi không có số liệu này" in receipt_note(conn, reports.latest(conn, CODE, Q1))
        official = corrections.last_dispatched(conn, CODE, Q1)
        assert official is not None
        corrections.open_correction(conn, official, reason="Báo thiếu", by="an", at=minute(300), kind="figures")
        assert "được đưa vào báo cáo đính chính đang lập" in receipt_note(conn, reports.latest(conn, CODE, Q1))
    assert told(office, row.id) == []
