"""The journeys of the office, the signatory and the operator over the desk in a real browser, at a desk or on a phone;
each page held at both sizes to axe, to its width, and to asking nobody else for anything.

`BAOCAO_PICTURES=folder` keeps a picture of every step.
"""

from __future__ import annotations

import email
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from baocao.delivery import outbox
from baocao.delivery.letters import Letter
from baocao.model.report import ReportStatus
from baocao.store import tables
from baocao.store.reports import reports
from baocao.workflow.mail.letters import PeriodMail
from builders.files.signed_pdf import root, sign_pdf, signer
from builders.sites.desk import Browser, asker, serving_desk
from builders.sites.site import PERIOD, REGIME, Site
from servers.chromium import SIZES, chromium, hold_at_every_size, new_context
from servers.needed import needed

pytestmark = [pytest.mark.chromium, pytest.mark.libreoffice, pytest.mark.slow]
SLOW = 120_000
"""Milliseconds for the first start of LibreOffice on a busy machine."""
DESK = "https://bao-cao.tinh.example/baocao"
MISSING, SENT = "14953", "14797"
OFFICE, SIGNER, OPERATOR = (
    asker("Approver", name="Cán bộ thường trực"),
    asker("Signer", name="Lãnh đạo Ủy ban"),
    asker("operator", name="Trực máy"),
)


@pytest.fixture(scope="module")
def frozen(opened_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything accepted but one commune's report, and the report with its PDF waits for its approval."""
    needed("soffice")
    data = tmp_path_factory.mktemp("desk") / "var"
    shutil.copytree(opened_template, data)
    site = Site(trimmed, data)
    site.send_all(but={MISSING})
    site.collect()
    site.consolidate()
    site.place.store.close()
    return data


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@dataclass
class Page:
    """One tab, and everything it asked for and complained about."""

    tab: Any
    url: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    _seen: int = 0

    def open(self, path: str) -> None:
        self.tab.goto(self.url + path)

    def follow(self, link: str, *, exact: bool = True) -> None:
        with self.tab.expect_navigation():
            self.tab.get_by_role("link", name=link, exact=exact).first.click()

    def see(self, name: str) -> None:
        self._seen += 1
        hold_at_every_size(self.tab, f"{self._seen:02}-{name}")

    @property
    def said(self) -> str:
        return str(self.tab.locator(".verdict strong").first.inner_text())


@pytest.fixture
def journey(
    request: pytest.FixtureRequest, frozen: Path, trimmed: Path, tmp_path: Path, engine: Any
) -> Iterator[tuple[Site, Browser, Page]]:
    shutil.copytree(frozen, tmp_path / "var")
    site = Site(trimmed, tmp_path / "var")
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "ca.pem").write_bytes(root().pem)
    site.more |= {"BAOCAO_TRUST_ROOTS": str(tmp_path / "roots"), "BAOCAO_DESK_URL": DESK}
    browser = Browser(site.place, OFFICE, site.report_day)
    with serving_desk(browser) as url:
        context = new_context(engine, SIZES[request.param])
        page = Page(context.new_page(), url)
        page.tab.on("request", lambda asked: page.asked.append(asked.url))
        page.tab.on("console", lambda said: page.complaints.append(said.text))
        page.tab.on("pageerror", lambda error: page.complaints.append(str(error)))
        yield site, browser, page
        context.close()
        assert all(address.startswith(url + "/") for address in page.asked)
        assert page.complaints == []
    site.place.store.close()


def status_of(site: Site) -> ReportStatus:
    with site.place.store.read() as conn:
        newest = reports.latest(conn, REGIME, PERIOD)
    assert newest is not None
    return newest.status


@pytest.mark.parametrize("journey", ["desk"], indirect=True)
def test_office_goes_from_overview_to_approval(journey: tuple[Site, Browser, Page]) -> None:
    site, _, page = journey
    name = site.unit(MISSING).full_name
    page.open("/")
    page.see("tong-quan")
    page.tab.get_by_role("link", name=site.period.name, exact=True).first.click()
    page.see("ky")
    page.follow("Chưa gửi")
    page.see("chua-gui")
    page.follow(f"Gia hạn cho {name}")
    page.tab.get_by_label("Hạn mới, hết ngày").fill((site.report_day + timedelta(days=3)).date().isoformat())
    page.tab.get_by_label("Lý do").fill("Mất điện do bão, Công an xã đã báo")
    page.tab.get_by_label("Tôi đã kiểm tra và xác nhận").check()
    page.see("gia-han")
    page.tab.get_by_role("button", name="Gia hạn").click()
    assert page.said.startswith("Đã gia hạn tới 23:59")
    page.see("don-vi")
    page.follow("Đơn vị")
    page.tab.get_by_label("Tìm đơn vị").fill("xa")
    page.tab.get_by_role("button", name="Lọc").click()
    page.see("bang-don-vi")
    page.follow("Điểm cần sửa")
    page.see("diem")
    page.follow("Số liệu")
    page.see("so-lieu")
    page.tab.locator('main td a[href*="/cell/"]').first.click()
    page.see("mot-so")
    page.tab.locator('main td a[href*="/cells?"]').first.click()
    assert page.tab.locator("tr.mine").count() == 1
    page.see("o-cua-don-vi")
    page.open(f"/r/{REGIME}/p/{PERIOD}/map")
    page.see("so-do")
    page.tab.get_by_label("Theo chỉ tiêu của").select_option(index=1)
    page.tab.get_by_role("button", name="Xem").click()
    page.see("so-do-chi-tieu")
    page.open(f"/r/{REGIME}/p/{PERIOD}/trend")
    page.see("qua-cac-ky")
    page.open(f"/r/{REGIME}/p/{PERIOD}/report/text/I")
    text = page.tab.locator("#f-text")
    text.fill(f"{text.input_value()}\n\nBan Chỉ đạo tỉnh đã họp giao ban, phân công từng thành viên.")
    page.tab.get_by_label("Tôi đã đọc lại").check()
    page.see("sua-loi-van")
    page.tab.get_by_role("button", name="Ghi lời văn").click()
    assert page.said.startswith("Đã ghi lần sửa 1")
    page.see("loi-van")
    page.open(f"/r/{REGIME}/p/{PERIOD}/report")
    first = page.tab.locator(".pages img").first
    assert first.evaluate("image => image.complete && image.naturalWidth") == 1100
    page.see("bao-cao")
    page.follow("Duyệt, trình ký")
    page.tab.get_by_label("Tôi đã đọc báo cáo và duyệt").check()
    page.see("duyet")
    page.tab.get_by_role("button", name="Duyệt, trình ký").click()
    assert page.said.startswith("Đã duyệt")
    assert status_of(site) is ReportStatus.APPROVED


def link_to_the_signer(site: Site, report_id: int) -> str:
    """The page that the letter asking for the signature leads to."""
    found = next(iter(site.place.settings.outbox.glob(f"*report-{report_id}-approve-*.eml")))
    letter = email.message_from_bytes(found.read_bytes(), policy=default)
    text = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    address = re.search(rf"{re.escape(DESK)}(/r/[\w-]+/p/[\w-]+/report)\s", text)
    assert address is not None, text
    return address[1]


@pytest.mark.parametrize("journey", ["phone"], indirect=True)
def test_report_is_signed_sent_and_its_receipt_filed(
    journey: tuple[Site, Browser, Page],
) -> None:
    site, browser, page = journey
    with site.place.store.read() as conn:
        newest = reports.latest(conn, REGIME, PERIOD)
    assert newest is not None
    site.approve({"report_id": newest.id, "content_sha256": newest.content_sha256})
    browser.who = SIGNER
    page.open(link_to_the_signer(site, newest.id))
    page.see("bao-cao-cho-ky")
    page.follow("đọc dạng chữ")
    page.see("dang-chu")
    page.open(f"/r/{REGIME}/p/{PERIOD}/report")
    page.follow("Ký ban hành")
    page.tab.get_by_label("Số văn bản").fill("151")
    page.tab.get_by_label("Ngày ký").fill(site.place.day(REGIME, site.report_day).isoformat())
    page.tab.get_by_label("Họ và tên người ký").fill("Người ký (thử nghiệm)")
    page.tab.get_by_label("Tôi đã đọc báo cáo và ký").check()
    page.see("ky")
    page.tab.get_by_role("button", name="Ký ban hành").click()
    assert page.said.startswith("Đã ghi chữ ký, số 151")
    assert status_of(site) is ReportStatus.SIGNED
    with page.tab.expect_download(timeout=SLOW) as to_sign:
        page.tab.get_by_role("link", name="Tải PDF để ký số").click(timeout=SLOW)
    page.follow("Gắn bản đã ký")
    pdf = {"name": "ban-ky.pdf", "mimeType": "application/pdf", "buffer": Path(to_sign.value.path()).read_bytes()}
    page.tab.set_input_files("#f-file", [pdf])
    page.tab.get_by_label("Tôi đã kiểm tra và xác nhận").check()
    page.see("gan-ban-ky")
    page.tab.get_by_role("button", name="Gắn bản ký").click()
    assert "bản PDF chưa ký" in page.tab.locator(".verdict.bad").inner_text()
    # In a thread: the signing library runs a loop of its own, and the browser's runs in this one.
    with ThreadPoolExecutor(1) as aside:
        signed = aside.submit(sign_pdf, pdf["buffer"], signer()).result(60)
    page.tab.set_input_files("#f-file", [{**pdf, "name": "da-ky-so.pdf", "buffer": signed}])
    page.tab.get_by_label("Tôi đã kiểm tra và xác nhận").check()
    page.tab.get_by_role("button", name="Gắn bản ký").click()
    assert "Người ký thử nghiệm" in page.said and "chứng thư tin cậy" in page.said, page.said
    page.see("da-gan-ban-ky-so")
    page.complaints[:] = [said for said in page.complaints if "409" not in said]
    browser.who = OFFICE
    page.open(f"/r/{REGIME}/p/{PERIOD}/do/dispatch")
    page.tab.get_by_label("Tôi đã kiểm tra và xác nhận").check()
    page.tab.get_by_role("button", name="Gửi", exact=True).click()
    page.see("da-gui")
    assert status_of(site) is ReportStatus.DISPATCHED
    page.tab.get_by_role("link", name="Ghi xác nhận").first.click()
    page.tab.get_by_label("Số, nội dung xác nhận").fill("1234/XN-C04")
    page.tab.get_by_label("Tôi đã kiểm tra và xác nhận").check()
    page.see("xac-nhan")
    page.tab.get_by_role("button", name="Ghi xác nhận").click()
    assert "1234/XN-C04" in page.tab.inner_text("main")
    page.see("da-xac-nhan")


def gave_up(site: Site) -> int:
    """A letter to a unit that could not be sent, with its alarm, as the sweep leaves them."""
    at = site.report_day
    mail = PeriodMail(site.place, *site.place.at(REGIME, PERIOD))
    with site.place.store.begin() as conn:
        letter = Letter("Nhắc gửi báo cáo", "Đề nghị gửi báo cáo.", "")
        id = outbox.enqueue(
            conn, regime=REGIME, period=PERIOD, unit=MISSING, step="remind:t+1:thu", recipient="cu@xa.example",
            letter=letter, created_at=at,
        )  # fmt: skip
        assert id is not None
        gone = {"status": "FAILED", "attempts": 8, "error": "550 không có hộp thư này"}
        conn.execute(update(tables.outbox).where(tables.outbox.c.id == id).values(**gone))
        said = (
            f"Thư số {id} «remind:t+1» gửi cu@xa.example không gửi được sau 8 lần. Lần cuối: 550\n\nSửa địa chỉ, hoặc "
            f"`baocao mail readdress {id} ĐỊA-CHỈ --by …`; địa chỉ đúng thì `baocao mail retry {id}`. "
            "Xem mục «Một thư không gửi được» trong sổ tay vận hành."
        )
        mail.alarm(
            conn, subject=f"Không gửi được thư «remind:t+1» tới đơn vị {MISSING}", text=said,
            key=f"mail-failed/{id}/8", at=at,
        )  # fmt: skip
    return id


def alarm_card(page: Page, subject: str) -> Any:
    return page.tab.locator("li.card").filter(has=page.tab.locator("p.strong").filter(has_text=subject)).first


@pytest.mark.parametrize("journey", ["phone"], indirect=True)
def test_operator_goes_from_alarm_to_cure(journey: tuple[Site, Browser, Page]) -> None:
    site, browser, page = journey
    id = gave_up(site)
    nobody = site.place.settings.inbox / "khong-ro-ai" / "bao-cao.xlsx"
    nobody.parent.mkdir(parents=True)
    nobody.write_bytes(site.workbook(MISSING))
    site.collect(site.report_day)
    browser.who = OPERATOR
    page.open("/")
    page.see("tong-quan-van-hanh")
    page.follow("Mọi báo động")
    page.tab.get_by_label("Tìm").fill("khong gui duoc thu")
    page.tab.get_by_role("button", name="Lọc").click()
    page.see("bao-dong")
    assert "baocao " not in page.tab.inner_text("main")
    assert f"Thư số {id} «remind:t+1» gửi cu@xa.example" in alarm_card(page, "Không gửi được thư").inner_text()
    page.follow("Cách xử lý: Một thư không gửi được")
    page.see("so-tay")
    page.tab.go_back()
    alarm_card(page, "Không gửi được thư").get_by_role("link", name="«Gửi tới địa chỉ khác»").click()
    page.tab.get_by_label("Địa chỉ mới").fill("cong-an-xa@xa.example")
    page.tab.get_by_label("Tôi đã kiểm tra và xác nhận").check()
    page.see("dia-chi-khac")
    page.tab.get_by_role("button", name="Gửi tới địa chỉ này").click()
    assert page.said == f"Thư số {id} gửi tới cong-an-xa@xa.example: đã gửi."
    page.see("thu")
    page.tab.get_by_role("link", name="Nhắc gửi báo cáo").first.click()
    page.see("mot-thu")

    page.open("/")
    page.tab.get_by_role("link", name="Tệp chưa rõ người gửi").first.click()
    page.see("tep-chua-ro")
    page.follow("Ghi người gửi")
    page.tab.get_by_label("Mã đơn vị đã gửi").fill(MISSING)
    page.tab.get_by_label("Căn cứ").fill("Công an xã xác nhận qua điện thoại")
    page.tab.get_by_label("Tôi đã kiểm tra và xác nhận").check()
    page.see("ghi-nguoi-gui")
    page.tab.get_by_role("button", name="Ghi người gửi").click()
    assert "kết quả kiểm tra tệp: tiếp nhận" in page.said
    page.follow("Báo động")
    for subject in ("Không gửi được thư", "không rõ người gửi"):
        assert alarm_card(page, subject).get_by_text("đã xử lý").count() == 1, subject
    page.see("bao-dong-da-xu-ly")

    page.open(f"/r/{REGIME}/audit")
    page.follow("Kiểm tra nhật ký")
    page.tab.get_by_label("Tôi đã kiểm tra và xác nhận").check()
    page.tab.get_by_role("button", name="Kiểm tra").click()
    assert "không thấy gì sai" in page.said
    page.see("nhat-ky")
    browser.who = OFFICE
    for name, path in (
        ("so-kiem-tra", f"/r/{REGIME}/inspections"),
        ("tien-do", f"/r/{REGIME}/p/{PERIOD}/work"),
        ("nhap-ho", f"/r/{REGIME}/p/{PERIOD}/u/{MISSING}/entry"),
        ("nhap-ho-bieu", f"/r/{REGIME}/p/{PERIOD}/u/{MISSING}/entry/PL01"),
        ("tra-lai", f"/r/{REGIME}/p/{PERIOD}/u/{SENT}/do/give-back"),
    ):
        page.open(path)
        page.see(name)
    page.open(f"/r/{REGIME}/pack")
    page.see("che-do")
