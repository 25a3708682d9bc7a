"""Where a period stands, in one line and in the lines an operator reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from baocao.model.report import Decision, Role
from baocao.model.unit import MOST_AT_ONCE
from baocao.store.reports import deliveries, reports
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.periods.windows import in_chunks
from baocao.workflow.reports.versions import newest_report, report_of_version
from baocao.workflow.sign_off.summary import target_counts, target_line
from baocao.workflow.status.overview import status
from baocao.workflow.status.progress import progress, progress_line
from baocao.workflow.status.status_text import status_text
from builders.packs.quarterly import CODE
from builders.sites.store import CONTENT, accepted, decide, mail_left, minute, received, send, sha

NOTHING = dict.fromkeys(("accepted", "late", "returned", "pending", "waived", "recipients", "delivered"), 0)
NONE_YET = {**NOTHING, "expected": 5, "version": None, "report": None}


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        ({"expected": None}, "Kỳ chưa mở"),
        ({}, "Tiếp nhận 0/5"),
        (
            {"accepted": 3, "late": 1, "returned": 2, "pending": 4, "waived": 1},
            "Tiếp nhận 3/5 · trễ hạn 1 · phải sửa 2 · đang xét 4 · được miễn 1",
        ),
        ({"version": 2, "report": "FROZEN"}, "Tiếp nhận 0/5 · báo cáo bản 2: chờ duyệt"),
        (
            {"version": 1, "report": "SIGNED", "recipients": 2, "delivered": 1},
            "Tiếp nhận 0/5 · báo cáo bản 1: đã ký, chờ gửi 1/2 nơi nhận",
        ),
    ],
)
def test_progress_is_one_line_of_what_there_is(facts: dict[str, Any], line: str) -> None:
    assert progress_line(NONE_YET | facts) == line


def test_progress_counts_what_the_store_has(office: Installation) -> None:
    with office.store.begin() as conn:
        accepted(conn, "00001", regime=CODE, period="2027-Q1")
        received(conn, "00002", regime=CODE, period="2027-Q1")
    assert progress(office, CODE, "2027-Q1") == {**NONE_YET, "accepted": 1, "pending": 1}
    assert progress(office, CODE, "2027-Q2")["expected"] is None
    with office.store.begin() as conn:
        made = reports.draft(
            conn, regime=CODE, period="2027-Q1", created_at=minute(1), as_of=minute(1), input_sha256=sha("inputs")
        )
    facts = progress(office, CODE, "2027-Q1")
    assert (facts["version"], facts["report"]) == (made.version, "DRAFT")
    with office.store.begin() as conn:
        version = reports.freeze(conn, made.id, content_sha256=CONTENT, manifest={"files": {"a.xlsx": CONTENT}})
        version = decide(conn, version, Role.STANDING_OFFICE, Decision.APPROVE)
        version = decide(conn, version, Role.PEOPLES_COMMITTEE, Decision.SIGN)
        send(conn, version, "bo-cong-an")
        mail_left(conn, version, "bo-cong-an")
        send(conn, version, "bo-tai-chinh")
        deliveries.settle(conn)
    facts = progress(office, CODE, "2027-Q1")
    assert (facts["report"], facts["recipients"], facts["delivered"]) == ("SIGNED", 2, 1)


@pytest.mark.parametrize("number", [0, 1, MOST_AT_ONCE, MOST_AT_ONCE + 1, 3 * MOST_AT_ONCE - 1])
def test_units_are_cut_into_few_even_parts(number: int) -> None:
    units = [f"{n}" for n in range(number)]
    parts = in_chunks(units)
    assert [u for part in parts for u in part] == units
    sizes = {len(part) for part in parts}
    assert len(parts) == -(-number // MOST_AT_ONCE) and (not sizes or max(sizes) - min(sizes) <= 1)


def test_target_verdicts_are_counted_from_the_kept_result() -> None:
    kept = {"targets": [{"verdict": v} for v in ("met", "met", "not_judged")]}
    counts = target_counts(kept)
    assert counts == {"met": 2, "not_met": 0, "still_open": 0, "not_judged": 1}
    assert target_counts(None) is None and target_counts({"files": {}}) is None
    assert target_line(dict.fromkeys(counts or {}, 0)) == "Mục tiêu: không có"


# ----------------------------------------------------------------------------------------------- the lines of `status`


@pytest.fixture
def now(office: Installation) -> dict[str, Any]:
    """What `status` answers of an opened period in which nothing has come in."""
    return status(office, CODE, "2027-Q1", office.period(CODE, "2027-Q1").unit.due_at)


def lines(data: dict[str, Any], **changes: Any) -> list[str]:
    return [line.strip() for line in status_text({**data, **changes}).splitlines()]


def report_with(data: dict[str, Any], **changes: Any) -> dict[str, Any]:
    made = {
        "report_id": 3, "version": 1, "status": "DISPATCHED", "number": "12", "symbol": "BC-UBND", "targets": None,
        "signed_copy": None, "dispatched": [],
    }  # fmt: skip
    return {**data, "report": made | changes}


def test_a_fresh_periods_status_names_all_missing_units(now: dict[str, Any]) -> None:
    said = lines(now)
    assert said[0] == f"Quý I năm 2027 ({CODE})" or said[0].endswith(f"({CODE})")
    assert said[1].startswith("Đơn vị: 0/5 đã tiếp nhận, trong đó 0 trễ hạn, 0 đúng hạn nhưng đính chính sau hạn")
    assert "Chưa có báo cáo: Xã An Bình, Xã An Hòa, Xã An Khánh, Xã An Lạc, Xã An Phú" in said
    assert "Thư: chưa có; đã nhắc 0 lượt" in said and "Báo cáo tổng hợp: chưa lập" in said
    assert not any(line.startswith(("LƯU Ý", "Đang", "GÓI", "THƯ KHÔNG")) for line in said)


def test_status_shows_eight_names_and_counts_the_rest(now: dict[str, Any]) -> None:
    names = [f"Xã {n}" for n in range(10)]
    assert f"Chưa có báo cáo: {', '.join(names[:8])} và 2 đơn vị khác" in lines(now, missing_names=names)
    assert f"Chưa có báo cáo: {', '.join(names[:8])}" in lines(now, missing_names=names[:8])
    assert not any("Chưa có báo cáo" in line for line in lines(now, missing_names=[]))


@pytest.mark.parametrize(("rule", "words"), [("required", "Chưa đủ bản ký"), ("asked", "Chưa gửi bản ký (đề nghị)")])
def test_status_names_accepted_reports_without_a_signed_copy(now: dict[str, Any], rule: str, words: str) -> None:
    assert f"{words}: 1 đơn vị: Xã A" in lines(now, without_copy_names=["Xã A"], unit_copy=rule)


def test_status_tells_exceptions_mail_trouble_and_broken_packs(now: dict[str, Any]) -> None:
    until = datetime(2027, 3, 25, 16, 59, 59, tzinfo=UTC)
    exceptions = [
        {"name": "Xã A", "until": until, "by": "an", "reason": "lũ"},
        {"name": "Xã B", "until": None, "by": "an", "reason": "lũ"},
    ]
    failed = [
        {"id": n, "step": "window_opened", "unit": "00001", "recipient": "a@b.example" if n else "", "error": "hỏng"}
        for n in range(9)
    ]
    said = lines(
        now, exceptions=exceptions, mail_trouble="máy chủ từ chối", mails_failed=failed, mails={"sent": 3, "failed": 9},
        broken_packs={"x": "thiếu khóa"}, objections=["Sở A phản đối"],
    )  # fmt: skip
    assert "Xã A: gia hạn tới 23:59 25/03/2027 (an: lũ)" in said and "Xã B: miễn (an: lũ)" in said
    assert "THƯ KHÔNG GỬI ĐƯỢC: máy chủ từ chối" in said and "Đang bị giữ vì phản đối: Sở A phản đối" in said
    assert "Thư: 9 không gửi được, 3 đã gửi; đã nhắc 0 lượt" in said
    assert "thư số 0 «window_opened» tới 00001 (chưa có địa chỉ): hỏng" in said
    assert "thư số 7 «window_opened» tới 00001 (a@b.example): hỏng" in said
    assert not any("thư khác" in line for line in lines(now, mails_failed=failed[:8]))
    assert "và 1 thư khác; xem `baocao mail list`" in said and not any("thư số 8" in line for line in said)
    assert "GÓI CHẾ ĐỘ HỎNG: x không chạy cho tới khi sửa xong: thiếu khóa" in said


def test_status_tells_the_report_and_each_recipient(now: dict[str, Any]) -> None:
    at = datetime(2027, 3, 28, 2, tzinfo=UTC)
    one = {"recipient": "bo", "at": at, "state": "HANDED_OVER", "error": "", "address": "a@b.example", "mail": 7}
    two = {**one, "recipient": "so", "state": "CONFIRMED", "receipt": "số 5", "confirmed_on": "2027-03-29"}
    three = {**one, "recipient": "ubnd", "at": None, "state": "REFUSED", "error": "550"}
    four = {**three, "recipient": "hdnd", "state": "QUEUED", "error": ""}
    said = lines(report_with(now, dispatched=[one, two, three, four], signed_copy="bản ký", targets={"met": 2}))
    assert "Báo cáo tổng hợp số 3, phiên bản 1: DISPATCHED, số 12/BC-UBND" in said and "Bản đã ký: bản ký" in said
    assert "bo: gửi 09:00 28/03/2027" in said
    assert "so: gửi 09:00 28/03/2027; đã xác nhận: số 5 ngày 29/03/2027" in said
    assert "ubnd: CHƯA GỬI ĐƯỢC, bị từ chối (a@b.example, thư số 7): 550" in said
    assert "hdnd: CHƯA GỬI ĐƯỢC, đang chờ (a@b.example, thư số 7)" in said
    assert any(line.startswith("Mục tiêu: ") for line in said)
    assert any(line.startswith("Lời văn: ") for line in said)
    unsigned = lines(report_with(now, status="FROZEN", number=None))
    assert "Báo cáo tổng hợp số 3, phiên bản 1: FROZEN" in unsigned
    assert not any(line.startswith(("Bản đã ký", "Mục tiêu")) for line in unsigned)


def test_status_tells_newer_reports_and_an_open_correction(now: dict[str, Any]) -> None:
    opened = {
        "number": "12", "symbol": "BC-UBND", "corrects_version": 1, "at": datetime(2027, 4, 1, 20, tzinfo=UTC),
        "by": "an", "reason": "Xã A báo thiếu", "signed_on": date(2027, 3, 28),
    }  # fmt: skip
    said = lines(now, newer_said="01 báo cáo", correction=opened)
    assert "LƯU Ý: 01 báo cáo" in said
    assert any("mở 02/04/2027, người đề nghị: an. Lý do: Xã A báo thiếu" in line for line in said)


def test_status_of_a_frozen_report_keeps_its_content(office: Installation) -> None:
    with office.store.begin() as conn:
        made = reports.draft(
            conn, regime=CODE, period="2027-Q1", created_at=minute(1), as_of=minute(1), input_sha256=sha("inputs")
        )
        reports.freeze(conn, made.id, content_sha256=CONTENT, manifest={"files": {"a.xlsx": CONTENT}, "targets": []})
        accepted(conn, "00001", regime=CODE, period="2027-Q1")
    data = status(office, CODE, "2027-Q1", office.period(CODE, "2027-Q1").unit.due_at)
    assert (data["report"]["status"], data["report"]["targets"]["met"], data["report"]["dispatched"]) == (
        "FROZEN",
        0,
        [],
    )
    assert [n["unit"] for n in data["newer_than_report"]] == ["00001"]
    assert data["newer_said"].startswith("01 báo cáo được tiếp nhận sau khi lập phiên bản 1")
    assert (data["accepted"], data["missing"]) == (1, ["00002", "00003", "00004", "00005"])


def test_a_version_is_found_by_number_or_newest(office: Installation) -> None:
    with pytest.raises(Refused, match="chưa có báo cáo tổng hợp"):
        newest_report(office, CODE, "2027-Q1")
    with pytest.raises(Refused, match="không có báo cáo phiên bản 2; các phiên bản: chưa có"):
        report_of_version(office, CODE, "2027-Q1", 2)
    with office.store.begin() as conn:
        made = reports.draft(
            conn, regime=CODE, period="2027-Q1", created_at=minute(1), as_of=minute(1), input_sha256=sha("inputs")
        )
    for version in (None, 1):
        assert report_of_version(office, CODE, "2027-Q1", version).id == made.id
    with pytest.raises(Refused, match="không có báo cáo phiên bản 2; các phiên bản: 1"):
        report_of_version(office, CODE, "2027-Q1", 2)


def test_a_draft_lacks_nothing_and_names_no_number(office: Installation) -> None:
    with office.store.begin() as conn:
        reports.draft(
            conn, regime=CODE, period="2027-Q1", created_at=minute(1), as_of=minute(1), input_sha256=sha("inputs")
        )
        accepted(conn, "00001", regime=CODE, period="2027-Q1")
    data = status(office, CODE, "2027-Q1", office.period(CODE, "2027-Q1").unit.due_at)
    assert (data["newer_than_report"], data["newer_said"]) == ([], "")
    assert (data["report"]["status"], data["report"]["number"], data["report"]["targets"]) == ("DRAFT", None, None)
    assert data["opened_at"] == office.period(CODE, "2027-Q1").opens_at
    assert data["missing_names"] == ["Xã An Hòa", "Xã An Khánh", "Xã An Lạc", "Xã An Phú"]


def test_a_signed_report_names_number_and_lacks_nothing(office: Installation) -> None:
    with office.store.begin() as conn:
        made = reports.draft(
            conn, regime=CODE, period="2027-Q1", created_at=minute(1), as_of=minute(1), input_sha256=sha("inputs")
        )
        version = reports.freeze(conn, made.id, content_sha256=CONTENT, manifest={"files": {"a.xlsx": CONTENT}})
        version = decide(conn, version, Role.STANDING_OFFICE, Decision.APPROVE)
        decide(conn, version, Role.PEOPLES_COMMITTEE, Decision.SIGN)
    data = status(office, CODE, "2027-Q1", office.period(CODE, "2027-Q1").unit.due_at)
    assert (data["report"]["number"], data["report"]["symbol"], data["newer_said"]) == ("123", "BC-UBND", "")
    assert [a["decision"] for a in data["report"]["approvals"]] == ["approve", "sign"]
