"""Forms filled in the browser: the same figures, the same checks, the same workbook behind them."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from html import unescape

from openpyxl import load_workbook
from starlette.testclient import TestClient

from baocao.model.form import CellKey
from baocao.model.pack_views import entered_by
from baocao.model.submission import Status
from baocao.workflow.intake.checking import check_file
from builders.sites.portal import Browser, arrivals, link_of, typed
from builders.sites.site import COMMUNES, PERIOD, Site

UNIT, OTHER = COMMUNES[:2]


def fill_in(site: Site, browser: Browser, texts: Mapping[CellKey, str], step: str = "next") -> None:
    """Go through all forms and the people who sign, as they follow each other."""
    filled = site.filled(UNIT)
    for form in entered_by(site.pack, site.unit(UNIT)):
        address = f"{browser.home}dien/{form.code}"
        browser.get(address)
        fields = {f"c:{key}": text for key, text in texts.items() if key.form == form.code}
        browser.post(address, {**fields, "nil": filled.nil_forms.get(form.code, ""), "step": step})
        assert browser.status == 200
    browser.get(f"{browser.home}dien/")
    people = {f"info-{code}": text for code, text in filled.info.items()}
    browser.post(f"{browser.home}dien/", {**people, "step": "save"})


def shown(browser: Browser) -> dict[str, str]:
    """What stands in the fields of the page."""
    found = re.findall(r'<input id="(c:[^"]+)"[^>]*value="([^"]*)"', browser.page)
    found += re.findall(r'<textarea id="(c:[^"]+)"[^>]*>([^<]*)</textarea>', browser.page)
    chosen = re.findall(r'<select id="(c:[^"]+)"[^>]*>(?:(?!</select>).)*<option selected>([^<]*)<', browser.page)
    return {unescape(name): unescape(value) for name, value in found + chosen}


def test_report_filled_in_browser_equals_the_workbook(opened: Site, browser: Browser) -> None:
    fill_in(opened, browser, typed(opened, UNIT))
    browser.post(f"{browser.home}dien/", {**sheet(opened), "step": "check"})
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."
    assert arrivals(opened) == [], "a check sends nothing"
    browser.post(f"{browser.home}dien/", {**sheet(opened), "step": "send"})
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."
    (sent,) = arrivals(opened, Status.ACCEPTED)
    assert sent.submission.filename.endswith(".xlsx") and sent.channel == "portal"
    # Byte for byte the workbook that a spreadsheet would have sent: so it is the same file again.
    browser.upload(("excel.xlsx", opened.workbook(UNIT)))
    assert browser.verdict == f"Tệp này trùng với lần gửi số {sent.submission.id}; kết quả giữ nguyên."


def sheet(site: Site) -> dict[str, str]:
    return {f"info-{code}": text for code, text in site.filled(UNIT).info.items()}


def test_form_is_checked_by_the_same_rules(opened: Site, browser: Browser) -> None:
    texts = {
        **typed(opened, UNIT),
        CellKey.parse("PL01/CT10/TH"): "1.000",
        CellKey.parse("PL01/CT11/MS"): "1,234 người",
    }
    fill_in(opened, browser, texts)
    address = f"{browser.home}dien/PL01"
    browser.get(address)
    assert shown(browser)["c:PL01/CT10/TH"] == "1.000"
    browser.post(address, {f"c:{k}": t for k, t in texts.items() if k.form == "PL01"} | {"step": "check"})
    assert browser.verdict.startswith("Biểu này còn") and "điểm phải sửa" in browser.verdict
    for cell, rule in (("PL01/CT10/TH", "V12"), ("PL01/CT11/MS", "V")):
        field = re.search(rf'<input id="c:{cell}"[^>]*>', browser.page)
        assert field and 'aria-invalid="true"' in field[0]
        said = re.search(rf'<ul class="faults bad" id="f:c:{cell}">(.*?)</ul>', browser.page, re.S)
        assert said and f"[{rule}" in said[1]
    assert shown(browser)["c:PL01/CT11/MS"] == "1,234 người", "what was typed stays, right or wrong"
    browser.get(f"{browser.home}dien/tep")
    _, data = browser.headers, browser.http.get(f"{browser.home}dien/tep").content
    told = check_file(opened.place, data, "a.xlsx", received_at=opened.in_time, period=PERIOD, marked=False).findings
    assert {f.cells[0] for f in told} >= {"PL01/CT10/TH", "PL01/CT11/MS"}


def test_totals_and_known_figures_are_filled_in(opened: Site, browser: Browser) -> None:
    browser.get(f"{browser.home}dien/B04")
    assert shown(browser)["c:B04/NGHIEN/DK"], "the opening figure is last year's closing figure"
    texts = {f"c:{k}": t for k, t in typed(opened, UNIT).items() if k.form == "B04"}
    browser.post(f"{browser.home}dien/B04", {**texts, "step": "save"})
    row = re.search(r'id="c:B04/NGHIEN/DK".*?</tr>', browser.page, re.S)
    assert row
    (closing,) = re.findall(r'<td class="calc n"[^>]*>([\d.]*)</td>', row[0])
    figures = [
        int(texts[f"c:B04/NGHIEN/{c}"].replace(".", "")) for c in ("DK", "T1", "T2", "T3", "G1", "G2", "G3", "G4")
    ]
    assert int(closing.replace(".", "")) == sum(figures[:4]) - sum(figures[4:])


def test_whole_form_can_be_declared_nil(opened: Site, browser: Browser) -> None:
    fill_in(opened, browser, typed(opened, UNIT))
    form = next(f for f in entered_by(opened.pack, opened.unit(UNIT)) if f.nil_allowed and f.code == "B08")
    browser.get(f"{browser.home}dien/B08")
    browser.post(f"{browser.home}dien/B08", {"nil": form.nil_reasons[0], "step": "save"})
    assert not any(v for k, v in shown(browser).items())
    browser.get(f"{browser.home}dien/")
    assert form.nil_reasons[0] in browser.words
    browser.post(f"{browser.home}dien/", {**sheet(opened), "step": "send"})
    (sent,) = arrivals(opened)
    book = load_workbook(io.BytesIO(opened.place.store.files.get(sent.submission.sha256)))
    assert any(form.nil_reasons[0] == cell.value for line in book[form.short].iter_rows() for cell in line)


def test_two_windows_do_not_overwrite_each_other_unseen(opened: Site, browser: Browser) -> None:
    address = f"{browser.home}dien/PL01"
    browser.get(address)
    stale = browser.form(address)
    browser.post(address, {"c:PL01/CT10/MS": "5", "step": "save"})
    answer = browser.http.post(address, data={**stale, "c:PL01/CT10/MS": "7", "step": "save"})
    assert answer.status_code == 409 and "CHƯA LƯU" in answer.text and 'value="7"' in answer.text
    browser.get(address)
    assert shown(browser)["c:PL01/CT10/MS"] == "5"


def test_returned_workbook_can_be_corrected_in_browser(opened: Site, browser: Browser) -> None:
    browser.upload(("a.xlsx", opened.workbook(UNIT, {CellKey.parse("PL01/CT10/TH"): 1000})))
    (back,) = arrivals(opened)
    browser.get(f"{browser.home}dien/?tu={back.submission.id}")
    browser.post(f"{browser.home}dien/", {"step": "take-over"})
    browser.get(f"{browser.home}dien/PL01")
    assert shown(browser)["c:PL01/CT10/TH"] == "1.000"
    right = typed(opened, UNIT)
    browser.post(
        f"{browser.home}dien/PL01", {f"c:{k}": t for k, t in right.items() if k.form == "PL01"} | {"step": "next"}
    )
    browser.get(f"{browser.home}dien/")
    browser.post(f"{browser.home}dien/", {**sheet(opened), "step": "send"})
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."


def test_nobody_else_sees_a_draft(opened: Site, browser: Browser) -> None:
    browser.get(f"{browser.home}dien/PL04")
    area = next(iter(k for k in shown(browser)))
    browser.post(f"{browser.home}dien/PL04", {area: "Lời riêng của đơn vị này", "step": "save"})
    assert "Lời riêng của đơn vị này" in browser.page
    assert isinstance(browser.http, TestClient)
    other = Browser(browser.http)
    other.enter(link_of(opened, OTHER))
    other.get(f"{other.home}dien/PL04")
    assert other.status == 200 and "Lời riêng" not in other.page
