"""The unit's journeys in a real browser, at a desk or on a phone, each page held to axe at both sizes.

`BAOCAO_PICTURES=folder` keeps a picture of every step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest

from baocao.model.form import CellKey
from baocao.model.pack_views import entered_by
from baocao.model.submission import Status
from baocao.workflow.sweeps import reminding
from builders.sites.portal import XLSX, FixedClock, arrivals, link_of, serving, typed
from builders.sites.site import COMMUNES, Site
from servers.chromium import SIZES, chromium, hold_at_every_size, keep_picture, new_context

pytestmark = [pytest.mark.chromium, pytest.mark.slow]
UNIT = COMMUNES[0]
BAD = {CellKey.parse("PL01/CT10/TH"): 1000, CellKey.parse("B04/B04.12b/LKGD"): 1200}
ODD = {CellKey.parse("B04/B04.12b/LKGD"): 1200}


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@dataclass
class Page:
    """One tab, with everything it asked for and complained about."""

    tab: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _seen: int = 0

    def see(self, name: str) -> None:
        """Hold the page to axe and to its width."""
        self._seen += 1
        hold_at_every_size(self.tab, f"{self._seen:02}-{name}", full_page=True)

    @property
    def verdict(self) -> str:
        return str(self.tab.locator(".verdict strong").first.inner_text())

    def choose(self, name: str, data: bytes) -> None:
        self.tab.set_input_files("#file", [{"name": name, "mimeType": XLSX, "buffer": data}])

    def press(self, button: str) -> None:
        self.tab.get_by_role("button", name=button, exact=True).click()
        self.tab.wait_for_load_state("networkidle")


@pytest.fixture
def page(request: pytest.FixtureRequest, opened: Site, engine: Any) -> Iterator[Page]:
    with serving(opened) as url:
        context = new_context(engine, SIZES[request.param], accept_downloads=True)
        found = Page(context.new_page())
        found.tab.on("request", lambda asked: found.asked.append(asked.url))
        found.tab.on("console", lambda said: found.complaints.append(said.text))
        found.tab.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.tab.goto(link_of(opened, UNIT, url))
        yield found
        context.close()
        assert all(address.startswith((url + "/", "blob:", "about:blank")) for address in found.asked)
        assert [c for c in found.complaints if "400" not in c and "409" not in c] == []


def _by_letter(opened: Site, page: Page) -> None:
    """The unit's reminder on the screen, and a click on the link in it."""
    reminding.remind(opened.place, opened.in_time - timedelta(hours=12))
    letters = [
        message_from_bytes(f.read_bytes(), policy=policy.default) for f in opened.place.settings.outbox.glob("*")
    ]
    newest = max((m for m in letters if m["To"] == opened.unit(UNIT).email), key=lambda m: m["Date"].datetime)
    html = newest.get_body(("html",))
    assert html is not None
    page.tab.goto("about:blank")
    page.tab.set_content(html.get_content())
    keep_picture(page.tab, "00-thu", full_page=True)
    page.tab.locator("a[href*='/v/']").click()
    page.tab.wait_for_url(re.compile(r"/k/[0-9a-f]{16}/$"))


@pytest.mark.parametrize("page", ["phone"], indirect=True)
def test_unit_uploads_corrects_and_gets_its_receipt(opened: Site, page: Page) -> None:
    _by_letter(opened, page)
    page.see("mo-lien-ket")
    assert page.verdict == "CHƯA NỘP: còn 2 ngày."
    page.choose("bao-cao.xlsx", opened.workbook(UNIT, BAD))
    page.press("Kiểm tra thử, chưa nộp")
    page.tab.get_by_role("heading", name="Kết quả kiểm tra thử").wait_for()
    page.see("kiem-tra-thu")
    page.tab.get_by_role("link", name="Quay lại để nộp").click()
    page.choose("bao-cao.xlsx", opened.workbook(UNIT, BAD))
    page.press("Nộp báo cáo")
    page.tab.wait_for_url(re.compile(r"/lan/\d+$"))
    assert page.verdict == "CHƯA ĐẠT: có 2 điểm phải sửa và 1 điểm đề nghị giải trình."
    assert "E21" in page.tab.inner_text("main")
    page.see("chua-dat")
    with page.tab.expect_download() as marked:
        page.tab.get_by_role("link", name="Tải tệp đã đánh dấu (.xlsx)").click()
    assert marked.value.suggested_filename.startswith(f"ket-qua_{UNIT}_")
    page.tab.get_by_role("link", name="Nộp tệp đã sửa").click()
    page.choose("bao-cao-da-sua.xlsx", opened.workbook(UNIT, ODD))
    page.press("Nộp báo cáo")
    page.tab.wait_for_url(re.compile(r"/lan/\d+$"))
    assert page.verdict == "ĐẠT: báo cáo được tiếp nhận. Còn 1 điểm đề nghị giải trình."
    page.see("con-giai-trinh")
    page.tab.get_by_label("Giải trình").fill("Khoản hỗ trợ lẻ, đúng 1.200 đồng theo sổ chi")
    page.press("Gửi giải trình")
    page.tab.get_by_text("điểm đã giải trình").first.wait_for()
    assert page.verdict == "ĐẠT: báo cáo được tiếp nhận."
    page.see("bien-nhan")
    page.tab.get_by_role("link", name="← Báo cáo của đơn vị").click()
    assert page.verdict.startswith("ĐÃ NỘP")
    page.see("da-nop")
    assert [d.submission.status for d in arrivals(opened)] == [Status.RETURNED, Status.ACCEPTED, Status.ACCEPTED]


def test_time_left_counts_down_by_servers_clock(opened: Site, engine: Any) -> None:
    """This machine's own clock is years ahead; without script the page says the time it was made for."""
    clock = FixedClock(opened.period.unit.due_at - timedelta(seconds=90))
    with serving(opened, clock=clock) as url:
        link = link_of(opened, UNIT, url)
        for motion, scripted, first, then in (
            ("no-preference", True, "còn 1 phút 30 giây", "còn 0 phút 50 giây"),
            ("reduce", True, "còn 1 phút", "còn 1 phút"),
            ("reduce", False, "còn 1 phút", "còn 1 phút"),
        ):
            context = new_context(engine, SIZES["desk"], java_script_enabled=scripted)
            try:
                tab = context.new_page()
                tab.emulate_media(reduced_motion=motion)
                tab.clock.install(time=datetime(2031, 1, 1, tzinfo=UTC))
                tab.clock.pause_at(datetime(2031, 1, 2, tzinfo=UTC))
                tab.goto(link)
                left = tab.locator("#countdown")
                assert left.inner_text() == first
                if scripted:
                    tab.clock.run_for(40_000)
                assert left.inner_text() == then
                if scripted:
                    tab.clock.run_for(80_000)
                    assert left.inner_text() == "đã quá hạn 0 phút"
            finally:
                context.close()


@pytest.mark.parametrize("page", ["desk"], indirect=True)
def test_unit_fills_pastes_corrects_and_sends_forms(opened: Site, page: Page) -> None:
    page.tab.get_by_role("link", name="Điền trên trang", exact=True).click()
    page.see("dien-cac-bieu")
    texts, filled = typed(opened, UNIT), opened.filled(UNIT)
    for form in entered_by(opened.pack, opened.unit(UNIT)):
        page.tab.get_by_role("link", name=form.short, exact=True).click()
        page.tab.wait_for_selector(f"#fill[action$='/{form.code}']")
        mine = {str(key): text for key, text in texts.items() if key.form == form.code}
        if form.code == "PL01":
            mine["PL01/CT10/TH"] = "1000"
            _paste_a_column(page)
        _type(page, mine, filled.nil_forms.get(form.code, ""))
        if form.code == "PL01":
            page.press("Lưu và kiểm tra")
            assert page.tab.get_attribute('[id="c:PL01/CT10/TH"]', "aria-invalid") == "true"
            page.see("dien-bieu-sai")
            page.tab.fill('[id="c:PL01/CT10/TH"]', texts[CellKey.parse("PL01/CT10/TH")])
        page.press("Lưu")
        page.tab.get_by_role("link", name="← Các biểu").click()
    for code, text in filled.info.items():
        box = page.tab.locator(f"#info-{code}")
        if box.evaluate("e => e.tagName") == "SELECT":
            box.select_option(text)
        else:
            box.fill(text)
    page.press("Lưu và kiểm tra tất cả")
    assert page.verdict == "ĐẠT: báo cáo được tiếp nhận."
    page.see("dien-dat")
    page.press("Nộp báo cáo")
    page.tab.wait_for_url(re.compile(r"/lan/\d+$"))
    assert page.verdict == "ĐẠT: báo cáo được tiếp nhận."
    (sent,) = arrivals(opened)
    assert opened.place.store.files.get(sent.submission.sha256) == opened.workbook(UNIT)


def _paste_a_column(page: Page) -> None:
    """As copied from a spreadsheet: one line a row, a tab between columns."""
    before = page.tab.evaluate(
        """() => {
          const first = document.querySelector('input[data-row]');
          const data = new DataTransfer();
          data.setData('text/plain', '11\\t12\\r\\n21\\r\\n31\\r\\n');
          first.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
          const column = first.dataset.column;
          const rows = [...new Set([...document.querySelectorAll('[data-row]')].map((f) => f.dataset.row))];
          const at = (row, c) => document.querySelector(`[data-row="${row}"][data-column="${c}"]`);
          return [at(rows[0], column), at(rows[1], column), at(rows[2], column), at(rows[0], Number(column) + 1)]
            .map((f) => f && f.value);
        }"""
    )
    assert before[:3] == ["11", "21", "31"] and before[3] in ("12", None)


def _type(page: Page, texts: dict[str, str], nil: str) -> None:
    """All fields of a form at once: typing two thousand cells key by key proves nothing more."""
    missing = page.tab.evaluate(
        """([texts, nil]) => {
          for (const field of document.querySelectorAll('[data-row]')) field.value = '';
          const missing = [];
          for (const [cell, text] of Object.entries(texts)) {
            const field = document.getElementById(`c:${cell}`);
            if (field) field.value = text; else missing.push(cell);
          }
          const box = document.getElementById('nil');
          if (box) box.value = nil;
          return missing;
        }""",
        [texts, nil],
    )
    assert missing == []
