"""What is done on the desk beside the sign-off: inspections, what lead bodies said, the province's own text."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from baocao.store import lead_comments
from baocao.store.browse import standings
from baocao.store.standing import Standing, standing_of
from baocao.store.submissions import receiving, submissions
from baocao.store.trail import events
from baocao.workflow.auditing.verifying import verify
from baocao.workflow.installation import Refused
from baocao.workflow.intake import giving_back
from baocao.workflow.lead_bodies.objecting import objections
from baocao.workflow.reports import narrating, replaying
from baocao.workflow.sweeps import collecting
from builders.sites.cli import Cli
from builders.sites.correction import NARRATIVE, NEW_TEXT, changed
from builders.sites.desk import Browser, asker
from builders.sites.register import FIRST, HEADER, LEAD
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

OFFICE, VIEWER = asker("Approver", name="pho-phong"), asker("viewer")
HERE, REGISTER = f"/r/{REGIME}/p/{PERIOD}", f"/r/{REGIME}/inspections"
PDF = b"%PDF-1.4 ket luan"


@pytest.fixture(scope="module")
def site(collected_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Everything was accepted, nothing is consolidated."""
    data = tmp_path_factory.mktemp("acts") / "var"
    shutil.copytree(collected_template, data)
    found = Site(trimmed, data)
    yield found
    found.place.store.close()


@pytest.fixture
def browser(site: Site) -> Browser:
    return Browser(site.place, OFFICE, site.report_day)


def last_event(site: Site, action: str) -> tuple[str, str]:
    """Who did it, and to what."""
    with site.place.store.read() as conn:
        found = [e for e in events.events(conn, regime=REGIME) if e.action == action][-1]
    return found.actor, found.subject


def test_inspection_is_planned_and_concluded_on_the_desk(site: Site, browser: Browser) -> None:
    browser.at = datetime.fromisoformat("2026-02-02T08:00+07:00")
    plan = {"year": "2026", "decision": "12/KH-UBND", "decided_on": "2026-01-15"}
    lines = f"{HEADER}{FIRST},{LEAD},2026-03-09,2026-03-13,Cai nghiện tại cộng đồng,"
    wrong = browser.send(f"{REGISTER}/plan", plan, file=("ke-hoach.csv", lines.replace(FIRST, "99999").encode()))
    assert wrong.status_code == 409 and "99999" in wrong.text and "12/KH-UBND" in wrong.text
    said = browser.followed(browser.send(f"{REGISTER}/plan", plan, file=("ke-hoach.csv", lines.encode())))
    assert "Đã ghi 1 cuộc kiểm tra" in said and "trong kế hoạch" in said
    more = {**plan, "decision": "20/KH-UBND", "unit": COMMUNES[1], "lead": LEAD, "content": "Công tác hồ sơ"}
    more |= {"planned_from": "2026-04-06", "planned_to": "2026-04-08"}
    assert "Công tác hồ sơ" in browser.followed(browser.send(f"{REGISTER}/add", more))
    assert browser.get(f"{REGISTER}/1/draft").content.startswith(b"PK")
    browser.at = datetime.fromisoformat("2026-03-03T08:00+07:00")
    notice = {"number": "31", "signed_on": "2026-03-02", "signer": "Người ký (thử)", "signer_title": "Phó Giám đốc"}
    assert "Đã gửi thông báo số 31/" in browser.followed(browser.send(f"{REGISTER}/1/notify", notice))
    browser.at = datetime.fromisoformat("2026-03-20T08:00+07:00")
    assert "chậm nhất kết thúc" in browser.followed(browser.send(f"{REGISTER}/1/start", {"on": "2026-03-09"}))
    too_long = browser.send(f"{REGISTER}/1/finish", {"on": "2026-03-17"})
    assert too_long.status_code == 409 and "quá 5 ngày" in too_long.text
    finished = browser.send(f"{REGISTER}/1/finish", {"on": "2026-03-17", "note": "Mưa lũ, đi lại khó khăn"})
    assert "quá số ngày cho phép" in browser.followed(finished)
    ended = {"number": "44/KL-CAT", "on": "2026-03-20"}
    assert browser.send(f"{REGISTER}/1/conclude", ended, file=("kl.exe", PDF)).status_code == 409
    assert "44/KL-CAT" in browser.followed(browser.send(f"{REGISTER}/1/conclude", ended, file=("kl.pdf", PDF)))
    assert browser.get(f"{REGISTER}/1/files/conclusion").content == PDF
    assert "Đã hủy" in browser.followed(browser.send(f"{REGISTER}/2/cancel", {"reason": "Trùng kế hoạch của Bộ"}))
    assert last_event(site, "inspection_concluded") == (OFFICE.name, "inspection/1")
    browser.who = VIEWER
    assert "đã kết luận" in browser.get(REGISTER).text and "Nạp kế hoạch" not in browser.get(REGISTER).text
    assert browser.get(f"{REGISTER}/99/files/notice").status_code == 404
    assert browser.get(f"{REGISTER}/99/start").status_code == 403


def test_objections_are_recorded_answered_withdrawn_and_overruled(site: Site, browser: Browser) -> None:
    lead = next(u for u in site.pack.units if u.is_lead_body)
    values = {"lead": lead.code, "kind": "objection", "unit": COMMUNES[0], "subject": f"DA{lead.projects[0]}"}
    values |= {"text": "Số liệu chưa khớp biên bản giao ban", "by": "Công văn 12/SYT"}
    for number in range(3):
        sent = {**values, "unit": COMMUNES[number]}
        assert "Đã ghi phản đối" in browser.followed(browser.send(f"{HERE}/objections/add", sent))
    ids = [c["id"] for c in objections(site.place, REGIME, PERIOD)["comments"]]
    browser.followed(browser.send(f"{HERE}/objections/{ids[0]}/answer", {"text": "Đã đối chiếu, số đúng"}))
    withdrawn = browser.send(f"{HERE}/objections/{ids[1]}/withdraw", {"reason": "Sở gọi điện rút, 22/6"})
    assert "không còn giữ báo cáo" in browser.followed(withdrawn)
    browser.followed(browser.send(f"{HERE}/objections/{ids[2]}/overrule", {"reason": "Đã quá hạn góp ý"}))
    again = browser.send(f"{HERE}/objections/{ids[1]}/withdraw", {"reason": "lần nữa"})
    assert again.status_code == 409
    with site.place.store.read() as conn:
        kept = [(c.status.value, c.answered_by) for c in lead_comments.of_period(conn, REGIME, PERIOD)]
    assert kept == [(status, OFFICE.name) for status in ("ANSWERED", "WITHDRAWN", "OVERRULED")]
    assert last_event(site, "lead_objection_withdrawn") == (OFFICE.name, f"comment/{ids[1]}")
    foreign = browser.send(f"/r/{REGIME}/p/2026-Y/objections/{ids[0]}/answer", {"text": "x y z"})
    assert foreign.status_code in {404, 409}


@pytest.fixture(scope="module")
def frozen(site: Site, renderings_off: Any) -> Site:
    """The same with its report, which waits for its approval."""
    with renderings_off():
        site.consolidate()
    return site


TEXT = f"{HERE}/report/text"
OWN = "Ban Chỉ đạo tỉnh đã họp giao ban, phân công từng thành viên phụ trách địa bàn."


def area(page: str) -> str:
    """What stands in the form."""
    found = re.search(r'<textarea id="f-text"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def test_editing_a_section_protects_its_figures(frozen: Site, browser: Browser) -> None:
    pages = {section: browser.get(f"{TEXT}/{section}").text for section in ("I", "II", "III", "IV")}
    figures = {at: re.search(r"\{\{([^|{}]+)\|([^{}]+)\}\}", area(page)) for at, page in pages.items()}
    section, figure = next((at, found) for at, found in figures.items() if found)
    assert f'<mark title="{figure[1]}">{figure[2]}</mark>' in pages[section]
    changed = area(pages[section]).replace(figure[0], f"{{{{{figure[1]}|987.654}}}}")
    wrong = browser.send(f"{TEXT}/{section}", {"text": changed})
    assert wrong.status_code == 409 and "987.654" in wrong.text and f"số của báo cáo là “{figure[2]}”" in wrong.text
    before = area(pages["I"])
    assert browser.send(f"{TEXT}/I", {"text": before}).status_code == 409, "nothing differs"
    typed = {"text": f"{before}\n\n{OWN} Có 37 lượt kiểm tra."}
    asked = browser.send(f"{TEXT}/I", typed)
    assert asked.status_code == 409 and "số 37" in asked.text and OWN in asked.text
    said = browser.followed(browser.send(f"{TEXT}/I", {**typed, "numbers": "1"}))
    assert "Đã ghi lần sửa 1" in said and "văn phòng sửa" in said and OWN in said
    lost = browser.send(f"{TEXT}/II", {"text": OWN, "revision": "0"})
    assert lost.status_code == 409 and "đã có lần sửa 1" in lost.text
    assert last_event(frozen, "narrative_imported")[0] == OFFICE.name
    edited = browser.get(f"{HERE}/report/text-file/md").content
    assert OWN.encode() in edited
    more = edited.replace(OWN.encode(), OWN.replace("giao ban", "thường kỳ").encode())
    taken = browser.send(f"{HERE}/do/text-import", {"numbers": "1"}, file=("loi-van.md", more))
    assert "Đã ghi lần sửa 2" in browser.followed(taken)
    dropped = browser.followed(browser.send(f"{HERE}/do/text-drop", {"section": "I", "reason": "Dùng bản dự thảo"}))
    assert "trở lại bản dự thảo tự động ở 1 mục" in dropped and "Lần 3" in dropped and "Lần 1" in dropped
    assert [r["by"] for r in narrating.history(frozen.place, REGIME, PERIOD)] == [OFFICE.name] * 3
    browser.who = VIEWER
    assert "Sửa mục này" not in browser.get(TEXT).text
    assert browser.get(f"{TEXT}/khac").status_code == 403


def standing(site: Site, unit: str) -> Standing:
    """As the page counts it, held to what the whole list says."""
    with site.place.store.read() as conn:
        line = standings.one(conn, REGIME, PERIOD, unit)
        [whole] = [u for u in standing_of(conn, REGIME, PERIOD) if u.obligation.unit == unit]
    assert line is not None
    assert (line.standing, line.corrected_late) == (whole.standing, whole.corrected_late)
    return line.standing


def official(site: Site, unit: str) -> int | None:
    with site.place.store.read() as conn:
        found = submissions.official(conn, REGIME, PERIOD, unit)
    return found.id if found else None


def decided(site: Site, unit: str, data: bytes, at: datetime, name: str) -> Any:
    """What became of a workbook sent now."""
    site.send(unit, data, at, name=name)
    collecting.collect(site.place, at)
    with site.place.store.read() as conn:
        mine = [s for s in submissions.of_period(conn, REGIME, PERIOD) if (s.unit, s.filename) == (unit, name)]
        return submissions.detail(conn, mine[-1].id)


def test_accepted_report_is_returned_and_its_correction_withdrawn(frozen: Site, browser: Browser) -> None:
    unit, here = COMMUNES[3], f"{HERE}/u/{COMMUNES[3]}"
    first, day = official(frozen, unit), frozen.report_day
    browser.at = day + timedelta(days=60)
    locked = browser.send(f"{here}/do/give-back", {"reason": "Thiếu chữ ký của Chủ tịch"})
    assert locked.status_code == 409 and "phải kèm hạn nộp lại" in locked.text
    browser.at = day
    until = (day + timedelta(days=2)).date().isoformat()
    given = {"reason": "Thiếu chữ ký của Chủ tịch", "until": until}
    said = browser.followed(browser.send(f"{here}/do/give-back", given))
    assert "Đã trả lại; đơn vị được báo" in said and "đã lập với số liệu này" in said
    assert official(frozen, unit) is None and standing(frozen, unit) is Standing.RETURNED
    assert last_event(frozen, "submission_given_back") == (OFFICE.name, f"submission/{first}")
    assert list(frozen.place.settings.outbox.glob(f"*given-back-{first}*.eml"))
    assert "đã được trả lại hoặc rút sau khi lập" in browser.get(f"{HERE}/report").text
    refused = browser.send(f"{HERE}/do/approve")
    assert refused.status_code == 409 and frozen.unit(unit).full_name in refused.text
    assert replaying.replay(frozen.place, REGIME, PERIOD, 1)["identical"]

    same = decided(frozen, unit, frozen.workbook(unit), day + timedelta(hours=1), "gui-lai.xlsx")
    assert (same.submission.status.value, same.reason) == ("QUARANTINED", "returned_before")
    mended = changed(frozen, unit), changed(frozen, unit, {NARRATIVE: f"{NEW_TEXT} Có bổ sung."})
    again, third = (
        decided(frozen, unit, data, day + timedelta(hours=hour), f"{hour}.xlsx").submission
        for hour, data in enumerate(mended, 2)
    )
    assert [s.status.value for s in (again, third)] == ["ACCEPTED", "ACCEPTED"]
    assert official(frozen, unit) == third.id and standing(frozen, unit) is Standing.ACCEPTED
    browser.at = day + timedelta(hours=4)
    foreign = browser.send(f"{HERE}/u/{COMMUNES[4]}/do/withdraw", {"submission": str(third.id), "reason": "Gửi nhầm"})
    assert foreign.status_code == 422
    taken = browser.send(f"{here}/do/withdraw", {"submission": str(third.id), "reason": "Gửi nhầm tệp"})
    assert f"biên nhận {again.receipt_number} có hiệu lực trở lại" in browser.followed(taken)
    assert official(frozen, unit) == again.id
    assert verify(frozen.place)["problems"] == []


def test_withdrawn_waiting_file_is_never_judged(frozen: Site) -> None:
    at = frozen.report_day + timedelta(hours=5)
    sha256 = frozen.place.store.files.put(b"PK nobody knows")
    with frozen.place.store.begin() as conn:
        row, _ = receiving.receive(conn, receiving.Arrived("folder", "x.xlsx", sha256, 15, at))
        receiving.hold(conn, row.id, since=at, info={})
    given = {"reason": "Người gửi xin rút", "by": "truc-ban", "as_of": at}
    assert giving_back.withdraw(frozen.place, row.id, **given)["submission_id"] == row.id
    with frozen.place.store.read() as conn:
        found = submissions.detail(conn, row.id)
    assert (found.submission.status.value, found.reason, found.waiting_since) == ("QUARANTINED", "withdrawn", None)
    with pytest.raises(Refused, match="không có gì để rút"):
        giving_back.withdraw(frozen.place, row.id, **given)
    assert verify(frozen.place)["problems"] == []


def test_nothing_is_returned_or_withdrawn_under_a_signature(on_signed: Cli) -> None:
    when = ("--as-of", "2026-06-23T12:00", "--by", "pho-phong", "--reason", "Thiếu chữ ký", "--period", PERIOD)
    said = on_signed("submission", "return", COMMUNES[0], *when, "--until", "2026-06-25")
    assert said.code != 0 and "đã ký, chưa gửi: thu hồi chữ ký" in said.err
    said = on_signed("submission", "withdraw", official(on_signed.site, COMMUNES[0]), *when)
    assert said.code != 0 and "đã ký, chưa gửi: thu hồi chữ ký" in said.err
