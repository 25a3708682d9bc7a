"""The portal, as a unit without script sees it: link, page, upload, verdict, explanation, history."""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from baocao.model.form import CellKey
from baocao.model.submission import Status
from baocao.store.mail.outbox_rows import mails
from baocao.store.submissions import submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.tables import finding, submission
from baocao.store.trail import events
from baocao.web.portal.config import PortalConfig
from baocao.workflow.sweeps.collecting import collect
from builders.sites.cli import Cli
from builders.sites.correction import changed
from builders.sites.portal import PATIENT, Browser, FixedClock, arrivals, link_of, portal_over
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

UNIT, OTHER = COMMUNES[:2]
WRONG = {CellKey.parse("PL01/CT10/TH"): 1000}
"""Blocks: V12 and V22 at one cell."""
ODD = {CellKey.parse("B04/B04.12b/LKGD"): 1200}
"""Money in a strange unit of measure: to be explained (V06)."""


def test_link_leads_to_page_without_showing_its_secret(opened: Site, browser: Browser) -> None:
    word = link_of(opened, UNIT).rpartition("/")[2]
    assert browser.status == 200
    assert word not in browser.page and word not in browser.home
    assert opened.unit(UNIT).full_name in browser.words
    assert browser.verdict == "CHƯA NỘP: còn 2 ngày."
    assert "hết ngày 19/06/2026 (thứ Sáu)" in browser.words and "11 biểu" in browser.words
    assert opened.pack.regime.authority.contact in browser.words


def test_unit_uploads_corrects_explains_and_gets_receipt(opened: Site, browser: Browser, clock: FixedClock) -> None:
    browser.upload(("bao cao (1).xlsx", opened.workbook(UNIT, {**WRONG, **ODD})))
    assert browser.verdict == "CHƯA ĐẠT: có 2 điểm phải sửa và 1 điểm đề nghị giải trình."
    assert "PL01 Chỉ số" in browser.words and "E21" in browser.words and "[V12]" in browser.words
    assert "Đúng" not in browser.verdict and "còn 2 ngày" in browser.words.lower()
    address = re.search(r'href="([^"]+/ket-qua)"', browser.page)
    assert address
    marked = browser.http.get(address[1])
    assert marked.headers["content-disposition"].startswith("attachment; filename*=UTF-8''ket-qua_")
    assert load_workbook(io.BytesIO(marked.content)).sheetnames[0] == "Kết quả kiểm tra"

    browser.upload(("bao-cao-sua.xlsx", opened.workbook(UNIT, ODD)))
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận. Còn 1 điểm đề nghị giải trình."
    action = re.search(r'action="([^"]+/giai-trinh)"', browser.page)
    assert action
    browser.post(action[1], {"explain-0": "Khoản hỗ trợ lẻ, đúng 1.200 đồng theo sổ chi"})
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."
    assert "1 điểm đã giải trình" in browser.words and "đúng 1.200 đồng theo sổ chi" in browser.words

    bad, good, explained = arrivals(opened)
    assert [d.submission.status for d in (bad, good, explained)] == [Status.RETURNED, Status.ACCEPTED, Status.ACCEPTED]
    assert {d.channel for d in (bad, good, explained)} == {"portal"}
    assert explained.submission.supersedes_id == good.submission.id
    with opened.place.store.read() as conn:
        (kept,) = findings_of(conn, explained.submission.id)
    assert kept.explanation == "Khoản hỗ trợ lẻ, đúng 1.200 đồng theo sổ chi"

    browser.get(browser.home)
    assert browser.verdict == "ĐÃ NỘP: báo cáo được tiếp nhận; còn thiếu bản ký."
    clock.at += timedelta(hours=9)
    browser.upload(("ban ky.pdf", b"%PDF-1.7\n" + b"scan " * 200 + b"\n%%EOF\n"))
    assert browser.verdict == "Đã nhận bản ký của báo cáo."
    browser.get(browser.home)
    assert browser.verdict == "ĐÃ NỘP: báo cáo được tiếp nhận, đơn vị không phải làm gì thêm."
    assert "Bản ký đã nhận lúc 08:59:59 ngày 18/06/2026" in browser.words
    assert explained.submission.receipt_number and explained.submission.receipt_number in browser.words
    told = browser.words.partition("Đã gửi")[2]
    for said in ("bao cao (1).xlsx", "2 điểm phải sửa", "Đã được thay", "trang nộp báo cáo"):
        assert said in told
    assert browser.http.get(f"{browser.home}lan/{bad.submission.id}/tep").content == opened.workbook(
        UNIT, {**WRONG, **ODD}
    )


def test_history_includes_files_sent_by_other_channels(opened: Site, browser: Browser) -> None:
    opened.send(UNIT, opened.workbook(UNIT, WRONG), opened.in_time)
    opened.send(UNIT, b"%PDF-1.7 scan", opened.in_time, "scan.pdf")
    opened.collect()
    browser.get(browser.home)
    assert browser.verdict.startswith(("CHƯA ĐẠT", "CHƯA NỘP"))
    assert browser.words.count("thư mục nhận") == 2 and "scan.pdf" in browser.words


def test_a_test_of_a_file_records_nothing(opened: Site, browser: Browser) -> None:
    def rows() -> list[int]:
        with opened.place.store.read() as conn:
            return [len(conn.execute(table.select()).all()) for table in (submission, finding)] + [
                len(events.events(conn))
            ]

    before, files = rows(), len(list((opened.data / "files").rglob("*")))
    browser.upload(("thu.xlsx", opened.workbook(UNIT, WRONG)), mode="try")
    assert browser.verdict == "CHƯA ĐẠT: có 2 điểm phải sửa."
    assert "CHƯA NỘP, hệ thống không ghi lại gì" in browser.words and "E21" in browser.words
    copy = re.search(r'href="([^"]+/thu/[0-9a-f]+)"', browser.page)
    assert copy and load_workbook(io.BytesIO(browser.http.get(copy[1]).content)).sheetnames[0] == "Kết quả kiểm tra"
    browser.upload(("thu.xlsx", opened.workbook(UNIT)), mode="try")
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."
    browser.upload(("thu.xlsx", opened.workbook(OTHER)), mode="try")
    assert browser.verdict == "CHƯA ĐẠT: có 1 điểm phải sửa." and "[V04]" in browser.words
    assert rows() == before
    assert len(list((opened.data / "files").rglob("*"))) == files


def test_several_files_in_one_go_are_each_answered(opened: Site, browser: Browser) -> None:
    browser.upload(("sai.xlsx", opened.workbook(UNIT, WRONG)), ("dung.xlsx", opened.workbook(UNIT)))
    assert "Đã nhận 2 tệp." in browser.words
    assert [d.submission.status for d in arrivals(opened)] == [Status.RETURNED, Status.ACCEPTED]


def test_time_of_receipt_decides_whether_in_time(opened: Site) -> None:
    due = opened.period.unit.due_at
    clock = FixedClock(due - timedelta(seconds=78))
    with portal_over(opened, clock=clock) as http:
        browser = Browser(http)
        browser.enter(link_of(opened, UNIT))
        browser.upload(("a.xlsx", opened.workbook(UNIT)))
        clock.at = due + timedelta(minutes=5)
        browser.get(browser.home)
        assert "nhận lúc 23:58:41 ngày 19/06/2026" in browser.words
        browser.enter(link_of(opened, OTHER))
        assert browser.verdict == "CHƯA NỘP, đã quá hạn."
        browser.upload(("b.xlsx", opened.workbook(OTHER)))
        assert "trễ hạn" in browser.words
    assert [d.submission.on_time for d in arrivals(opened)] == [True, False]


def test_undecided_upload_is_decided_by_the_next_sweep(
    opened: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    from baocao.workflow.portal import sending

    monkeypatch.setattr(sending, "decide", lambda *_: (_ for _ in ()).throw(RuntimeError("a judge died")))
    browser.upload(("a.xlsx", opened.workbook(UNIT)))
    assert browser.verdict == "ĐÃ NHẬN lúc 23:59:59 ngày 17/06/2026."
    assert '<meta http-equiv="refresh" content="3">' in browser.page
    monkeypatch.undo()
    assert collect(opened.place, opened.in_time + timedelta(minutes=15))["accepted"] == 1
    (row,) = arrivals(opened)
    assert row.submission.received_at == opened.in_time, "the moment of its receipt stays"
    browser.get(f"{browser.home}lan/{row.submission.id}")
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."


def test_portal_letters_leave_without_a_sweep(opened: Site) -> None:
    quick = PortalConfig(limits=replace(PATIENT.limits, letters_after_seconds=0))
    with portal_over(opened, quick) as http:
        browser = Browser(http)
        browser.enter(link_of(opened, UNIT))
        browser.upload(("a.xlsx", opened.workbook(UNIT)))
        browser.get(browser.home)
        asked = {"until": "2026-06-21", "reason": "Mưa lũ, mất điện ba ngày", "asked_by": "Văn phòng UBND"}
        browser.post(f"{browser.home}gia-han", asked)
    with opened.place.store.read() as conn:
        written = {m.step: m.status for m in mails(conn, period=PERIOD)}
    kinds = [step for step in written if step.startswith(("accepted", "extension-asked"))]
    assert len(kinds) == 2 and {written[step] for step in kinds} == {"SENT"}


def test_a_start_goes_on_with_what_was_left(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from baocao.workflow.portal import sending

    with monkeypatch.context() as patch, portal_over(opened) as http:
        patch.setattr(sending, "decide", lambda *_: "")
        browser = Browser(http)
        browser.enter(link_of(opened, UNIT))
        browser.upload(("a.xlsx", opened.workbook(UNIT)))
    assert [d.submission.status for d in arrivals(opened)] == [Status.RECEIVED]
    with portal_over(opened):
        pass
    assert [d.submission.status for d in arrivals(opened)] == [Status.ACCEPTED]


def test_upload_after_the_lock_is_kept_and_answered(opened: Site) -> None:
    locked = opened.period.unit.locked_after
    clock = FixedClock(locked - timedelta(minutes=1))
    with portal_over(opened, clock=clock) as http:
        browser = Browser(http)
        browser.enter(link_of(opened, UNIT))
        browser.get(browser.home)
        fields = browser.form(f"{browser.home}gui")
        clock.at = locked + timedelta(seconds=1)
        answer = http.post(f"{browser.home}gui", data=fields, files={"file": ("a.xlsx", opened.workbook(UNIT))})
        assert "đã ngừng tiếp nhận" in answer.text
        browser.get(browser.home)
        assert browser.verdict == "CHƯA NỘP: kỳ báo cáo đã ngừng tiếp nhận."
        assert "Nộp báo cáo</button>" not in browser.page
    (row,) = arrivals(opened)
    assert (row.submission.status, row.reason) == (Status.QUARANTINED, "locked")


def test_request_for_extension_is_answered_by_the_office(
    opened: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = f"{browser.home}gia-han"
    asked = {"until": "2026-06-21", "reason": "Mưa lũ, mất điện ba ngày", "asked_by": "Văn phòng UBND"}
    browser.post(action, {**asked, "until": "2026-06-19"})
    assert "phải sau hạn hiện nay" in browser.verdict
    browser.get(browser.home)
    browser.post(action, {**asked, "reason": "......"})
    assert browser.status == 400
    browser.get(browser.home)
    browser.post(action, asked)
    assert "Đã chuyển đề nghị gia hạn" in browser.verdict and "Đang chờ trả lời" in browser.words
    browser.post(action, asked)
    assert "đang chờ trả lời; không cần gửi thêm" in browser.verdict
    baocao = Cli(opened, monkeypatch)
    at = ("--regime", REGIME, "--as-of", opened.in_time.isoformat())
    (request,) = baocao("extension", "list", "--json", *at).json
    assert (request["unit"], request["until"], request["reason"]) == (UNIT, "2026-06-21", asked["reason"])
    letters = baocao(
        "mail",
        "list",
        "--period",
        PERIOD,
        *(part for one in ("waiting", "sent") for part in ("--status", one)),
        "--json",
        *at,
    ).json
    assert f"extension-asked-{request['id']}" in [m["step"] for m in letters]
    why = ("--by", "Lãnh đạo phòng", "--reason", "Mưa lũ trên diện rộng")
    baocao("waive", UNIT, "--until", "2026-06-21", "--period", PERIOD, *why, *at)
    assert baocao("extension", "list", "--json", *at).json == []
    browser.get(browser.home)
    assert "Đã được giải quyết" in browser.words and "hết ngày 21/06/2026" in browser.words

    browser.post(action, {**asked, "until": "2026-06-22"})
    (again,) = baocao("extension", "list", "--json", *at).json
    assert baocao("extension", "decline", again["id"], *why, "--json", *at).json["decision"] == "declined"
    browser.get(browser.home)
    assert "Không được chấp thuận" in browser.words and "Mưa lũ trên diện rộng" in browser.words
    assert baocao("extension", "decline", again["id"], *why, "--json", *at).code == 3


def test_a_changed_pack_is_seen_without_a_restart(opened: Site, tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    shutil.copytree(opened.root / "include" / "regimes", packs)
    opened.more["BAOCAO_PACKS"] = str(packs)
    with portal_over(opened, PortalConfig(limits=replace(PATIENT.limits, check_packs_seconds=0))) as http:
        browser = Browser(http)
        browser.enter(link_of(opened, UNIT))
        assert "0999 000 999" not in browser.words
        file = packs / REGIME / "regime.yaml"
        text = re.sub(r"phone: .*", 'phone: "0999 000 999"', file.read_text(encoding="utf-8"))
        file.write_text(text, encoding="utf-8")
        browser.get(browser.home)
        assert "điện thoại 0999 000 999" in browser.words
        file.write_text(text + "\nkhong-co-khoa-nay: 1\n", encoding="utf-8")
        browser.get(browser.home)
        assert "điện thoại 0999 000 999" in browser.words, "a pack that does not load changes nothing"


def test_withdrawing_a_report_makes_the_previous_one_count(opened: Site, browser: Browser) -> None:
    browser.upload(("bao-cao.xlsx", opened.workbook(UNIT)))
    (first,) = arrivals(opened, Status.ACCEPTED)
    browser.upload(("sua.xlsx", changed(opened, UNIT)))
    *_, second = arrivals(opened, Status.ACCEPTED)
    assert second.submission.id != first.submission.id
    here = f"{browser.home}lan/{second.submission.id}"
    browser.get(here)
    browser.post(f"{here}/rut", {"reason": "Gửi nhầm tệp của tháng trước"})
    assert browser.status == 400 and "ô xác nhận" in browser.verdict
    browser.post(f"{here}/rut", {"reason": "Gửi nhầm tệp của tháng trước", "confirmed": "1"})
    assert browser.verdict == "Báo cáo này đã được rút, không còn hiệu lực."
    with opened.place.store.read() as conn:
        counts = submissions.official(conn, REGIME, PERIOD, UNIT)
        told = [e for e in events.events(conn, regime=REGIME) if e.action == "submission_withdrawn"]
    assert counts is not None and counts.id == first.submission.id
    assert [e.actor for e in told] == [f"unit:{UNIT}"]
    browser.get(browser.home)
    assert browser.verdict.startswith("ĐÃ NỘP") and "Đã rút" in browser.words
