"""A unit that only writes letters: from the reminder to the receipt, over real SMTP and IMAP, read as people read it.

`BAOCAO_PICTURES=folder` keeps a picture of every letter, at a desk and on a phone.
"""

from __future__ import annotations

import io
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from openpyxl import load_workbook

from baocao.model.form import CellKey
from baocao.model.submission import Status
from baocao.store.submissions import submissions
from baocao.store.submissions.submission_findings import findings_of
from baocao.workflow.mail.reply_addresses import reply_address
from baocao.workflow.sweeps import reminding
from builders.mail.mail import message
from builders.sites.mail_site import MailSite
from builders.sites.site import COMMUNES, PERIOD, REGIME
from servers.chromium import chromium, keep_picture, new_context

pytestmark = [pytest.mark.dovecot, pytest.mark.chromium, pytest.mark.slow]
UNIT = COMMUNES[0]
WRONG = {CellKey.parse("PL01/CT10/TH"): 1000}
ODD = {CellKey.parse("B04/B04.12b/LKGD"): 1200}
WORDS = "Khoản hỗ trợ lẻ, đúng 1.200 đồng theo sổ chi"
SAID = {CellKey.parse("B04/B04.12b/GT"): WORDS}
SIZES = {"desk": (1280, 900), "phone": (390, 844)}


class Correspondence:
    """The unit's mailbox, and somebody who reads what comes there."""

    def __init__(self, site: MailSite, browser: Any) -> None:
        self.site, self._browser, self._read = site, browser, 0

    def read(self, name: str) -> tuple[EmailMessage, str]:
        """The newest letter, and what stands on the screen; it fits a desk's and a phone's, and asks nobody."""
        letter = self.site.office.to(self.site.unit(UNIT).email)[-1]
        html = letter.get_body(("html",))
        assert html is not None
        self._read += 1
        asked: list[str] = []
        for size, window in SIZES.items():
            context = new_context(self._browser, window)
            try:
                tab = context.new_page()
                tab.on("request", lambda request: asked.append(request.url))
                tab.set_content(html.get_content())
                wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert wide <= 0, f"{name} is {wide} px wider than a {size}"
                keep_picture(tab, f"thu-{self._read}-{name}-{size}", full_page=True)
                words = " ".join(tab.inner_text("body").split())
            finally:
                context.close()
        assert asked == []
        return letter, words

    def reply(self, to: EmailMessage, values: dict[CellKey, Any]) -> dict[str, int]:
        """Answer a letter with the unit's workbook, in its thread; then the office's sweep."""
        address = self.site.unit(UNIT).email
        headers = {"In-Reply-To": str(to["Message-ID"]), "References": f"{to['References'] or ''} {to['Message-ID']}"}
        sent = message(
            address,
            to=str(to["Reply-To"]),
            subject=f"Re: {to['Subject']}",
            files=[("Báo cáo 6 tháng (bản cuối).xlsx", self.site.workbook(UNIT, values))],
            identity=f"<tra-loi-{self._read}@xa.example>",
            headers=headers,
        )
        self.site.write(sent)
        return self.site.collect(self.site.in_time + timedelta(hours=self._read))


def test_unit_reports_by_mail_from_reminder_to_receipt(site: MailSite) -> None:
    with chromium() as browser:
        unit = Correspondence(site, browser)
        reminding.remind(site.place, site.in_time - timedelta(hours=12))
        asked, words = unit.read("nhac")
        assert asked["Reply-To"] == reply_address(site.place, REGIME, PERIOD, UNIT)
        assert "Nơi nộp" in words and "trả lời thư này và đính kèm tệp" in words.lower()

        assert unit.reply(asked, {**WRONG, **ODD})["returned"] == 1
        back, words = unit.read("chua-dat")
        assert back["In-Reply-To"] == "<tra-loi-1@xa.example>" and str(asked["Message-ID"]) in str(back["References"])
        assert "2 điểm phải sửa" in words and "1 điểm" in words
        assert "Các ô phải sửa: Trang tính: ô Nội dung PL01 Chỉ số: E21 " in words and "1.000" not in words
        assert back["Reply-To"] == asked["Reply-To"]
        (marked,) = back.iter_attachments()
        book = load_workbook(io.BytesIO(marked.get_content()))
        assert book.sheetnames[0] == "Kết quả kiểm tra"
        assert book["PL01 Chỉ số"]["E21"].comment is not None

        assert unit.reply(back, ODD)["accepted"] == 1
        taken, words = unit.read("con-giai-trinh")
        assert "TH-2026H1-" in str(taken["Subject"]) and "giải trình" in words
        assert unit.reply(taken, {**ODD, **SAID})["accepted"] == 1
        receipt, words = unit.read("bien-nhan")
        assert "TH-2026H1-" in str(receipt["Subject"]) and "đề nghị giải trình" not in words
        assert str(asked["Message-ID"]) in str(receipt["References"]), "one thread from the first letter to the last"
    with site.place.store.read() as conn:
        sent = [submissions.detail(conn, s.id) for s in submissions.of_period(conn, REGIME, PERIOD)]
        (point,) = findings_of(conn, sent[-1].submission.id)
    assert [d.submission.status for d in sent] == [Status.RETURNED, Status.ACCEPTED, Status.ACCEPTED]
    assert {d.channel for d in sent} == {"mail"} and point.explanation == WORDS
