"""A unit's report entered by the office: typed from paper or uploaded, with the signed scan; the same road behind."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from baocao.model.pack_views import entered_by
from baocao.store.portal import drafts as kept_drafts
from baocao.store.submissions import submissions, unit_copies
from baocao.store.submissions.submissions import SubmissionDetail
from baocao.store.trail import events
from baocao.workflow.auditing.verifying import verify
from baocao.workflow.installation import Refused
from baocao.workflow.portal.office_entry import enter
from builders.sites.desk import Browser, asker
from builders.sites.portal import typed
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

TYPED, FILE = COMMUNES[:2]
SCAN = ("ban-giay.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")
WHY = {"reason": "Xã mất mạng do bão, gửi bản giấy theo công văn 15/UBND"}
REVISION = re.compile(r'name="revision" value="(\d+)"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def browser(opened: Site) -> Browser:
    return Browser(opened.place, asker("Approver", name="pho-phong"), opened.in_time)


def put(browser: Browser, path: str, values: dict[str, str]) -> str:
    """Send a form as its page stands now; the page after it."""
    page = browser.get(path).text
    token, revision = TOKEN.search(page), REVISION.search(page)
    assert token is not None and revision is not None
    sent = {**values, "csrf_token": token[1], "revision": revision[1]}
    answer = browser.http.post(path, data=sent)
    return browser.followed(answer) if answer.status_code == 303 else answer.text


def sent_by(site: Site, unit: str) -> list[SubmissionDetail]:
    with site.place.store.read() as conn:
        return [submissions.detail(conn, s.id) for s in submissions.of_period(conn, REGIME, PERIOD) if s.unit == unit]


def test_typed_paper_report_counts_from_its_arrival_day(opened: Site, browser: Browser) -> None:
    here, filled = f"/r/{REGIME}/p/{PERIOD}/u/{TYPED}", opened.filled(TYPED)
    nothing = browser.http.post(
        f"{here}/do/enter-typed",
        data={**WHY, "confirmed": "1", "csrf_token": TOKEN.search(browser.get(f"{here}/entry").text)[1]},  # type: ignore[index]
        files={"scan": SCAN},
    )
    assert nothing.status_code == 409 and "Chưa điền biểu nào" in nothing.text
    texts = typed(opened, TYPED)
    for form in entered_by(opened.pack, opened.unit(TYPED)):
        fields = {f"c:{key}": text for key, text in texts.items() if key.form == form.code}
        put(
            browser, f"{here}/entry/{form.code}", {**fields, "nil": filled.nil_forms.get(form.code, ""), "step": "save"}
        )
    people = {f"info-{code}": text for code, text in filled.info.items()}
    assert "ĐẠT: báo cáo được tiếp nhận" in put(browser, f"{here}/entry", {**people, "step": "check"})
    with opened.place.store.read() as conn:
        assert kept_drafts.draft_of(conn, REGIME, PERIOD, TYPED) is None, "the unit's own draft is another one"
    assert sent_by(opened, TYPED) == []

    browser.at = opened.period.unit.due_at + timedelta(days=2)
    day = opened.place.day(REGIME, opened.in_time)
    step, given = f"{here}/do/enter-typed", {**WHY, "arrived_on": day.isoformat()}
    assert browser.send(step, given).status_code == 422, "no scan"
    text = browser.send(step, given, scan=("ban-giay.pdf", b"khong phai pdf"))
    assert text.status_code == 409 and "Bản ký của đơn vị" in text.text
    said = browser.followed(browser.send(step, given, scan=SCAN))
    assert "Báo cáo nhập hộ đã được tiếp nhận" in said and "Nhập hộ: pho-phong" in said
    (found,) = sent_by(opened, TYPED)
    assert (found.channel, found.submission.status.value, found.submission.on_time) == ("office", "ACCEPTED", True)
    assert browser.get(f"/r/{REGIME}/s/{found.submission.id}/scan").content == SCAN[1]
    with opened.place.store.read() as conn:
        [told] = [e for e in events.events(conn, regime=REGIME) if e.action == "submission_entered"]
        copies = unit_copies.latest(conn, REGIME, PERIOD)
    assert (told.actor, told.payload["reason"]) == ("pho-phong", WHY["reason"])
    assert (copies[TYPED].channel, copies[TYPED].by) == ("office", "pho-phong")
    assert list(opened.place.settings.outbox.glob(f"*accepted-{found.submission.id}*.eml"))
    assert verify(opened.place)["problems"] == []


def test_workbook_handed_in_is_judged_like_any_other(opened: Site, browser: Browser) -> None:
    here = f"/r/{REGIME}/p/{PERIOD}/u/{FILE}"
    blank = dict.fromkeys(list(opened.filled(FILE).values)[:1])
    wrong = opened.workbook(FILE, blank)
    said = browser.followed(browser.send(f"{here}/do/enter-file", WHY, file=("bao-cao.xlsx", wrong), scan=SCAN))
    assert "CHƯA ĐẠT: 1 điểm phải sửa" in said
    other = opened.workbook(TYPED)
    said = browser.followed(browser.send(f"{here}/do/enter-file", WHY, file=("nham.xlsx", other), scan=SCAN))
    assert "CHƯA ĐẠT" in said
    right = opened.workbook(FILE)
    assert "đã được tiếp nhận" in browser.followed(
        browser.send(f"{here}/do/enter-file", WHY, file=("bao-cao.xlsx", right), scan=SCAN)
    )
    assert [d.submission.status.value for d in sent_by(opened, FILE)] == ["RETURNED", "RETURNED", "ACCEPTED"]
    late = opened.period.unit.locked_after + timedelta(days=1)
    given = {"workbook": ("x.xlsx", right), "scan": SCAN, "reason": WHY["reason"], "as_of": late}
    with pytest.raises(Refused, match="người nhập"):
        enter(opened.place, REGIME, PERIOD, FILE, **given, by="")
    with pytest.raises(Refused, match="không có nghĩa vụ"):
        enter(opened.place, REGIME, PERIOD, "00000", **given, by="pho-phong")
