"""What the portal refuses, and what it never tells: hostile files, texts, links, requests; limits; the log."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import re
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from baocao.forms.reading import child
from baocao.intake.opening import open_arrival
from baocao.model.form import CellKey
from baocao.model.submission import Status
from baocao.settings import ConfigurationError
from baocao.store.portal import drafts
from baocao.store.tables import link_code, outbox
from baocao.web.portal.config import PortalConfig, load_config
from baocao.web.portal.server import JsonLines
from baocao.workflow.mail.reply_addresses import addressed, reply_address
from baocao.workflow.portal import link_decisions
from baocao.workflow.portal.sending import plain_name
from builders.files.hostile import (
    encrypted_entry,
    far_cells,
    inflating,
    lying_about_size,
    many_empty_rows,
    many_sheets,
    merged_over_everything,
    ole,
    overflowing_row,
    with_sheet_data,
    xlsx,
    zip_of,
)
from builders.sites.portal import PATIENT, XLSX, Browser, arrivals, link_of, portal_over, serving
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

UNIT, OTHER = COMMUNES[:2]
WRONG = {CellKey.parse("PL01/CT10/TH"): 1000}
SCRIPT = "<script>alert(1)</script>\"onfocus=\"x\" {{7*7}} '=cmd|'/c calc'!A1"


def stranger(http: TestClient) -> None:
    http.cookies.clear()


# links ---------------------------------------------------------------------------------------------------------------


def test_a_link_that_is_not_ours_tells_nothing(opened: Site, http: TestClient) -> None:
    word = link_of(opened, UNIT).rpartition("/")[2]
    payload, _, signature = word.partition(".")
    said = set()
    for tried in (word[:-2] + "xx", payload, f"{payload}.{signature[::-1]}", "a", "%00", "a" * 3000):
        answer = http.get(f"/v/{tried}")
        assert answer.status_code == 404
        said.add(re.sub(r'value="[^"]*"', "", answer.text))
        for secret in (opened.unit(UNIT).name, opened.pack.regime.authority.contact, REGIME):
            assert secret not in answer.text
    assert len(said) == 1, "all are answered alike"


def test_ended_link_shows_the_contact_and_no_state(opened: Site, browser: Browser) -> None:
    browser.upload(("a.xlsx", opened.workbook(UNIT)))
    link_decisions.revoke(opened.place, REGIME, PERIOD, UNIT, reason="Chuyển nhầm", by="can-bo", as_of=opened.in_time)
    for page in (browser.home, f"{browser.home}dien/", f"{browser.home}bieu-trang", f"{browser.home}lan/13"):
        browser.get(page)
        assert browser.status == 410
        assert opened.pack.regime.authority.contact in browser.words
        assert "ĐÃ NỘP" not in browser.page and opened.unit(UNIT).name not in browser.page


def test_cookie_is_hidden_from_scripts_and_other_pages(opened: Site, http: TestClient) -> None:
    answer = http.get(link_of(opened, UNIT), follow_redirects=False)
    assert answer.status_code == 303
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("baocao_link="))
    assert "HttpOnly" in cookie and "samesite=lax" in cookie.lower()
    assert re.search(r"Path=/k/[0-9a-f]{16}/;", cookie)
    assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"


def test_a_unit_never_learns_anothers_state(opened: Site, browser: Browser) -> None:
    other = Browser(browser.http)
    other.enter(link_of(opened, OTHER))
    other.upload(("bi-mat-cua-don-vi-khac.xlsx", opened.workbook(OTHER, WRONG)))
    (theirs,) = arrivals(opened)
    number = theirs.submission.id
    for path in (f"lan/{number}", f"lan/{number}/ket-qua", f"lan/{number}/tep", "lan/999999", "lan/0", "lan/-1"):
        answer = browser.http.get(browser.home + path)
        assert answer.status_code == 404, path
        assert "bi-mat" not in answer.text
    browser.get(browser.home)
    assert "bi-mat" not in browser.page and browser.verdict.startswith("CHƯA NỘP")
    action = f"{browser.home}lan/{number}/giai-trinh"
    token = browser.form(f"{browser.home}gui")["csrf_token"]
    assert browser.http.post(action, data={"csrf_token": token, "explain-0": "đã kiểm tra lại"}).status_code == 404
    take = {"csrf_token": token, "step": "take-over", "source": str(number)}
    assert browser.http.post(f"{browser.home}dien/", data=take).status_code == 400
    with opened.place.store.read() as conn:
        assert drafts.draft_of(conn, REGIME, PERIOD, UNIT) is None
    # The pages of the other link, without its cookie.
    foreign = httpx.Cookies()
    for cookie in browser.http.cookies.jar:
        if cookie.path == browser.home:
            foreign.set(cookie.name, cookie.value or "", path=other.home)
    stranger(browser.http)
    assert browser.http.get(other.home, cookies=foreign).status_code == 404


def test_another_units_workbook_reveals_no_further_findings(opened: Site, browser: Browser) -> None:
    browser.upload(("a.xlsx", opened.workbook(OTHER, WRONG)))
    assert browser.verdict == "CHƯA ĐẠT: có 1 điểm phải sửa." and "[V04]" in browser.words
    assert "CT10" not in browser.words


def test_every_secret_is_compared_in_constant_time(opened: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong is found by the comparison that takes as long wherever the difference is, and by no other."""
    compared: list[tuple[bytes, bytes]] = []
    really = hmac.compare_digest

    def watched(a: Any, b: Any) -> bool:
        compared.append(tuple(x.encode() if isinstance(x, str) else bytes(x) for x in (a, b)))  # type: ignore[arg-type]
        return really(a, b)

    def told(secret: str) -> bool:
        """Whether this was compared since the last question."""
        found = any(secret.encode() in pair for pair in compared)
        compared.clear()
        return found

    with portal_over(opened, PortalConfig(proxies=("testclient",), unit_header="x-unit", wants_code=True)) as http:
        link = link_of(opened, UNIT)
        monkeypatch.setattr(hmac, "compare_digest", watched)
        monkeypatch.setattr(secrets, "compare_digest", watched)
        http.headers["x-unit"] = UNIT
        wrong = link[:-2] + ("A" if link[-2] != "A" else "B") + link[-1]
        signature = wrong.rpartition(".")[2]
        assert http.get(wrong).status_code == 404
        given = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
        assert any(given in pair for pair in compared), "the link"
        browser = Browser(http)
        browser.enter(link)
        compared.clear()
        browser.get(browser.home)
        assert told(browser.home.split("/")[2]), "the page's handle"
        browser.get(browser.home)
        assert told(UNIT), "the header of the proxy"
        browser.post(f"{browser.home}ma")
        assert told(http.cookies["baocao_form"]), "the form's word"
        browser.post(f"{browser.home}nhap-ma", {"code": "000000"})
        with opened.place.store.read() as conn:
            (kept,) = conn.execute(select(link_code.c.code_hash)).scalars()
        assert told(kept), "the code by e-mail"
    opened.more |= {"BAOCAO_IMAP_URL": "imap://a:b@127.0.0.1/INBOX", "BAOCAO_MAIL_ADDRESS": "bao-cao@tinh.example"}
    opened.__dict__.pop("place")
    right = reply_address(opened.place, REGIME, PERIOD, UNIT)
    compared.clear()
    with opened.place.store.read() as conn:
        assert addressed(opened.place, conn, [right.replace("@", "x@", 1)]) is None
    assert told(right.partition("@")[0].partition("+")[2]), "the reply address"


# forms and headers ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["gui", "gia-han", "dien/", "dien/PL01", "lan/1/giai-trinh"])
def test_every_change_needs_our_own_forms_token(opened: Site, browser: Browser, path: str) -> None:
    browser.upload(("a.xlsx", opened.workbook(UNIT, WRONG)))
    (row,) = arrivals(opened)
    action = browser.home + path.replace("lan/1", f"lan/{row.submission.id}")
    files = {"file": ("b.xlsx", opened.workbook(UNIT), XLSX)} if path == "gui" else None
    fields = {"until": "2026-06-21", "reason": "Mưa lũ kéo dài", "asked_by": "Văn phòng", "step": "save"}
    assert browser.http.post(action, data=fields, files=files).status_code == 403
    assert browser.http.post(action, data={**fields, "csrf_token": "x.y"}, files=files).status_code == 403
    token = Browser(browser.http)
    token.get(browser.home)
    right = token.form(f"{browser.home}gui")["csrf_token"]
    elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    data = {**fields, "csrf_token": right}
    assert browser.http.post(action, data=data, files=files, headers=elsewhere).status_code == 403
    assert len(arrivals(opened)) == 1
    with opened.place.store.read() as conn:
        assert drafts.draft_of(conn, REGIME, PERIOD, UNIT) is None


def test_every_answer_has_the_security_headers(opened: Site, browser: Browser) -> None:
    browser.upload(("a.xlsx", opened.workbook(UNIT, WRONG)))
    number = arrivals(opened)[0].submission.id
    pages = ["", "dien/", "dien/PL01", "dien/PL04", f"lan/{number}", f"lan/{number}/ket-qua", "bieu-trang", "lan/77"]
    for path in ["/", "/health", "/v/x", "/nowhere", *(browser.home + p for p in pages)]:
        answer = browser.http.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        if answer.headers["content-type"].startswith("text/html"):
            assert not re.findall(r'(?:src|href|action)="(?:https?:)?//', answer.text), path
            assert not re.search(r"<script(?![^>]*src=)|\son[a-z]+=|\sstyle=", answer.text), path


def test_health_tells_nothing_of_any_unit(opened: Site, http: TestClient) -> None:
    answer = http.get("/health")
    assert answer.json() == {"status": "ok", "database": opened.place.store.head, "waiting": 0}


# what a unit can send -------------------------------------------------------------------------------------------------


TRIED = {"empty", "bomb", "far cells", "html"}
"""Sent as tests as well: the way is the same."""


def corpus(site: Site) -> dict[str, bytes]:
    good = site.workbook(UNIT)
    return {
        "empty": b"",
        "pdf.xlsx": b"MZ\x90\x00" + b"\x00" * 400,
        "ole": ole("Workbook"),
        "encrypted": ole("EncryptedPackage"),
        "encrypted entry": encrypted_entry(good),
        "far cells": far_cells(),
        "overflowing row": overflowing_row(),
        "many empty rows": many_empty_rows(2_000_000),
        "merged over everything": merged_over_everything(),
        "many sheets": many_sheets(400),
        "bomb": inflating(300 << 20),
        "lying": lying_about_size(100, 1 << 20),
        "entities": with_sheet_data("<!DOCTYPE x [<!ENTITY a 'b'>]>"),
        "other zip": zip_of({"word/document.xml": b"<x/>"}),
        "strangers workbook": xlsx({"Sheet1": [["a", 1], [SCRIPT, "=1+1"]]}),
        "cut off": good[: len(good) // 2],
        "polyglot": b"GIF89a" + good,
        "html": b"<html><script>alert(1)</script></html>",
    }


def test_hostile_files_are_answered_without_stopping_good_ones(opened: Site, browser: Browser) -> None:
    for name, data in corpus(opened).items():
        browser.upload((f"{name}.xlsx", data))
        assert browser.status == 200, name
        assert browser.verdict.startswith(("KHÔNG NHẬN ĐƯỢC", "CHƯA ĐẠT")), (name, browser.verdict)
        assert "<script>alert" not in browser.page
        if name not in TRIED:
            continue
        browser.upload((f"{name}.xlsx", data), mode="try")
        assert browser.status == 200 and "CHƯA NỘP, hệ thống không ghi lại gì" in browser.words, name
    browser.upload(("good.xlsx", opened.workbook(UNIT)))
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."


def test_killed_reader_process_costs_only_its_file(
    opened: Site, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = child.ReaderProcess.run

    def deadly(self: child.ReaderProcess, task: Any, data: bytes, **order: Any) -> bytes:
        if task is open_arrival and order["filename"] == "deadly.xlsx":
            self._start() if self._process is None else None
            assert self._process is not None
            self._process.kill()
        return run(self, task, data, **order)

    monkeypatch.setattr(child.ReaderProcess, "run", deadly)
    browser.upload(("deadly.xlsx", opened.workbook(UNIT, WRONG)))
    assert browser.verdict.startswith("ĐÃ NHẬN lúc"), "ended from outside: nothing is known about the file"
    browser.upload(("good.xlsx", opened.workbook(UNIT)))
    assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."
    assert [d.submission.status for d in arrivals(opened)] == [Status.RECEIVED, Status.ACCEPTED]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\báo cáo.xlsx", "báo cáo.xlsx"),
        ("..", "khong-ten"),
        ("", "khong-ten"),
        ("/", "khong-ten"),
        ("a\x00b.xlsx", "ab.xlsx"),
        ("a\r\nSet-Cookie: x=1.xlsx", "a��Set-Cookie: x=1.xlsx"),
        ("\u202egnp.xlsx", "�gnp.xlsx"),
    ],
)
def test_a_files_name_is_only_a_name(sent: str, kept: str) -> None:
    assert plain_name(sent) == kept
    assert len(plain_name("ế" * 4000 + ".xlsx").encode()) < 255


def test_scripts_in_a_units_texts_never_run(opened: Site, browser: Browser) -> None:
    name = f"{SCRIPT}.xlsx".replace("/", "")
    browser.upload((name, opened.workbook(UNIT, WRONG)))
    pages = [browser.page, browser.get(browser.home)]
    data = browser.http.get(f"{browser.home}lan/{arrivals(opened)[0].submission.id}/tep")
    assert "\n" not in data.headers["content-disposition"] and "<" not in data.headers["content-disposition"]
    assert data.headers["content-type"] == "application/octet-stream"
    area = re.search(r'<textarea id="(c:PL04/[^"]+)"', browser.get(f"{browser.home}dien/PL04"))
    assert area
    browser.post(f"{browser.home}dien/PL04", {area[1]: SCRIPT, "step": "save"})
    pages.append(browser.page)
    browser.get(f"{browser.home}dien/")
    pages.append(browser.post(f"{browser.home}dien/", {"info-signer_name": SCRIPT, "step": "save"}))
    sent = browser.post(f"{browser.home}dien/", {"info-signer_name": SCRIPT, "step": "send"})
    pages.append(sent)
    browser.get(browser.home)
    asked = {"until": "2026-06-21", "reason": f"Mưa lũ {SCRIPT}", "asked_by": f"Văn phòng {SCRIPT}"}
    pages.append(browser.post(f"{browser.home}gia-han", asked))
    for page in pages:
        assert "<script>alert" not in page and '"onfocus="' not in page and "49" not in page.split("{{7*7}}")[0][-3:]
    book = opened.place.store.files.get(arrivals(opened)[-1].submission.sha256)
    assert b"<f>cmd" not in book and b"<script" not in book
    with opened.place.store.read() as conn:
        letters = conn.execute(select(outbox).where(outbox.c.period == PERIOD)).all()
    assert any("extension-asked" in letter.step for letter in letters)
    for letter in letters:
        assert "\n" not in letter.subject and "<script>alert" not in letter.html


# limits ---------------------------------------------------------------------------------------------------------------


def limited(**bounds: Any) -> PortalConfig:
    return PortalConfig(limits=replace(PATIENT.limits, **bounds))


def test_uploads_that_are_too_large_are_refused(opened: Site) -> None:
    with portal_over(opened, limited(upload_bytes=100_000, drained_bytes=300_000)) as http:
        browser = Browser(http)
        browser.enter(link_of(opened, UNIT))
        browser.upload(("a.xlsx", b"x" * 200_000))
        assert browser.status == 413 and "chưa nhận được tệp nào" in browser.words
        token = Browser(http)
        token.get(browser.home)
        fields = token.form(f"{browser.home}gui")

        def endless() -> Iterator[bytes]:
            yield b'--b\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n'
            yield (
                fields["csrf_token"].encode() + b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="a"'
            )
            yield b"\r\n\r\n"
            for _ in range(50):
                yield b"x" * 10_000

        kind = {"content-type": "multipart/form-data; boundary=b"}
        assert http.post(f"{browser.home}gui", content=endless(), headers=kind).status_code == 413
        many = [("file", (f"{n}.xlsx", b"x", XLSX)) for n in range(30)]
        answer = http.post(f"{browser.home}gui", data=fields, files=many)
        assert answer.status_code == 400 and "tối đa 8 tệp" in answer.text
        nameless = b"--b\r\n\r\nx\r\n--b--\r\n"
        for body, wrong in ((nameless, kind), (nameless, {"content-type": "multipart/form-data"}), (b"--c", kind)):
            assert http.post(f"{browser.home}gui", content=body, headers=wrong).status_code == 400
    assert arrivals(opened) == []


def test_upload_limit_of_one_link_leaves_others_free(opened: Site) -> None:
    with portal_over(opened, limited(uploads_per_link="2 per 10 minutes")) as http:
        browser = Browser(http)
        browser.enter(link_of(opened, UNIT))
        for _ in range(2):
            browser.upload(("a.xlsx", opened.workbook(UNIT)))
            assert browser.status == 200
        browser.upload(("a.xlsx", opened.workbook(UNIT)))
        assert browser.status == 429 and browser.headers["retry-after"] == "60"
        other = Browser(http)
        other.enter(link_of(opened, OTHER))
        other.upload(("a.xlsx", opened.workbook(OTHER)))
        assert other.verdict == "ĐẠT: báo cáo được tiếp nhận."


def test_guessing_links_is_slowed_down(opened: Site) -> None:
    with portal_over(opened, limited(unknown_links_per_address="5 per minute")) as http:
        answers = [http.get(f"/v/guess{n}").status_code for n in range(8)]
        assert answers == [404] * 5 + [429] * 3


def test_pressing_the_button_twice_sends_once(opened: Site, browser: Browser) -> None:
    browser.get(browser.home)
    fields, data = browser.form(f"{browser.home}gui"), opened.workbook(UNIT)
    for _ in range(2):
        browser.http.post(f"{browser.home}gui", data=fields, files={"file": ("a.xlsx", data, XLSX)})
    assert len(arrivals(opened)) == 1


def test_slow_connections_end_and_others_are_served(opened: Site) -> None:
    """Whoever is served has a patient portal; the short limits are those of portals that only the slow ones meet."""
    with serving(opened) as url:
        hanging = [connection_to(url) for _ in range(3)]
        hanging[1].sendall(b"GET /health HT")
        with httpx.Client(base_url=url, follow_redirects=True, timeout=120) as http:
            browser = Browser(http)
            browser.enter(link_of(opened, UNIT, url))
            cookie = "; ".join(f"{c.name}={c.value}" for c in http.cookies.jar)
            half = (
                f"POST {browser.home}gui HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
                "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000\r\n\r\n--b"
            ).encode()
            hanging[2].sendall(half)
            browser.upload(("a.xlsx", opened.workbook(UNIT)))
            assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."
        for connection in hanging:
            connection.close()
    for bounds, begun, answer in (
        ({"head_seconds": 0.5}, b"", b""),
        ({"head_seconds": 0.5}, b"GET /health HT", b""),
        ({"idle_seconds": 0.5}, half, b"HTTP/1.1 408"),
        ({"body_seconds": 0.5}, half, b"HTTP/1.1 408"),
    ):
        with serving(opened, limited(**bounds)) as url, connection_to(url) as connection:
            connection.sendall(begun)
            said = b""
            while not (answer and said.startswith(answer)) and (piece := connection.recv(4096)):
                said += piece
            assert said.startswith(answer) and bool(said) == bool(answer), (bounds, said[:80])
    assert len(arrivals(opened)) == 1


def connection_to(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=120)


def test_simultaneous_uploads_are_each_decided_once(opened: Site) -> None:
    """Everybody at once, more than there are threads that decide: each is received, each is decided once."""
    units = [u.code for u in opened.units]
    files = {unit: opened.workbook(unit) for unit in units}
    with serving(opened) as url:
        outcomes: dict[str, str] = {}

        def send(unit: str) -> None:
            with httpx.Client(base_url=url, follow_redirects=True, timeout=120) as http:
                browser = Browser(http)
                browser.enter(link_of_unit[unit])
                browser.upload((f"{unit}.xlsx", files[unit]))
                while browser.verdict.startswith("ĐÃ NHẬN"):
                    time.sleep(0.2)
                    browser.get(f"{browser.home}lan/{number_of(browser)}")
                outcomes[unit] = browser.verdict

        link_of_unit = {unit: link_of(opened, unit, url) for unit in units}
        threads = [threading.Thread(target=send, args=(unit,)) for unit in units]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {unit: said.partition(":")[0] for unit, said in outcomes.items()} == dict.fromkeys(units, "ĐẠT")
    assert sorted(d.submission.unit for d in arrivals(opened, Status.ACCEPTED)) == sorted(units)
    assert len(arrivals(opened)) == len(units)


def number_of(browser: Browser) -> str:
    found = re.search(r"<h1>Lần gửi số (\d+)", browser.page)
    assert found
    return found[1]


# the log --------------------------------------------------------------------------------------------------------------


def test_log_names_submissions_but_no_secret(opened: Site, browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    link = link_of(opened, UNIT)
    word = link.rpartition("/")[2]
    browser.enter(link)
    browser.upload(("ten tep rieng.xlsx", opened.workbook(UNIT, WRONG)))
    browser.http.get(f"/v/{word[:-1]}")
    number = arrivals(opened)[0].submission.id
    browser.get(f"{browser.home}lan/{number}")
    ours = [record for record in caplog.records if record.name.startswith(("baocao", "uvicorn", "starlette"))]
    lines = [JsonLines().format(record) for record in ours]
    told = "\n".join(lines)
    for secret in (
        word,
        word[:-1],
        word.partition(".")[0],
        opened.place.web_keys.current.secret.hex(),
        "csrf",
        "1.000",
    ):
        assert secret not in told
    assert any(json.loads(line).get("submission") == str(number) for line in lines)
    assert any(f"submission {number} decided: returned" in line for line in lines)


# who the proxy says it is; a code by e-mail ---------------------------------------------------------------------------


def test_unit_header_counts_only_from_trusted_proxy(opened: Site) -> None:
    behind = PortalConfig(proxies=("testclient",), unit_header="x-unit")
    with portal_over(opened, behind) as http:
        link = link_of(opened, UNIT)
        assert http.get(link).status_code == 403
        assert http.get(link, headers={"x-unit": OTHER}).status_code == 403
        assert http.get(link, headers={"x-unit": UNIT}).status_code == 200
    with portal_over(opened, replace(behind, proxies=("10.0.0.1",))) as http:
        assert http.get(link, headers={"x-unit": UNIT}).status_code == 403, "anybody else's word counts for nothing"


def test_forwarded_headers_count_only_from_trusted_proxy(opened: Site) -> None:
    forwarded = {"x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.9"}
    with portal_over(opened, PortalConfig(proxies=("testclient",))) as http:
        assert "strict-transport-security" in http.get("/", headers=forwarded).headers
    with portal_over(opened) as http:
        assert "strict-transport-security" not in http.get("/", headers=forwarded).headers


def test_mailed_code_opens_the_page_once(opened: Site) -> None:
    with portal_over(opened, PortalConfig(wants_code=True)) as http:
        browser = Browser(http)
        browser.enter(link_of(opened, UNIT))
        address = opened.unit(UNIT).email
        assert f"{address[0]}***@{address.partition('@')[2]}" in browser.words and address not in browser.page
        assert "CHƯA NỘP" not in browser.page and http.get(f"{browser.home}bieu-trang").headers["content-type"] != XLSX
        browser.post(f"{browser.home}ma")
        letter = max(opened.place.settings.outbox.rglob("*.eml"), key=lambda p: p.stat().st_mtime_ns)
        from email import message_from_bytes, policy

        mail = message_from_bytes(letter.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        assert body is not None and mail["to"] == address
        code = re.search(r"\b(\d{6})\b", body.get_content())
        assert code and code[1] not in str(mail["subject"])
        wrong = f"{(int(code[1]) + 1) % 10**6:06}"
        browser.post(f"{browser.home}nhap-ma", {"code": wrong})
        assert browser.status == 403
        browser.post(f"{browser.home}nhap-ma", {"code": f" {code[1][:3]} {code[1][3:]} "})
        assert browser.verdict.startswith("CHƯA NỘP")
        browser.get(browser.home)
        assert browser.verdict.startswith("CHƯA NỘP"), "this browser is known"
        stranger(http)
        second = Browser(http)
        second.enter(link_of(opened, UNIT))
        second.post(f"{second.home}ma")
        second.post(f"{second.home}nhap-ma", {"code": code[1]})
        assert second.status == 403, "used, and another one was sent since"
        for _ in range(6):
            second.post(f"{second.home}ma")
        assert second.status == 429


def test_a_wrong_setting_is_named() -> None:
    for name, value in (("BAOCAO_PORTAL_CODE", "maybe"), ("BAOCAO_PORTAL_UNIT_HEADER", "X-Unit")):
        with pytest.raises(ConfigurationError, match=name):
            load_config({name: value})
    good = load_config({"BAOCAO_PORTAL_UNIT_HEADER": "X-Unit", "BAOCAO_PORTAL_PROXIES": "10.0.0.2, 10.0.0.3"})
    assert (good.unit_header, good.proxies) == ("x-unit", ("10.0.0.2", "10.0.0.3"))
