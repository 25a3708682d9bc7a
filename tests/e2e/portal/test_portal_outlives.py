"""The portal as production runs it: its own process on PostgreSQL, killed without warning in the middle of the work."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from demo.ports import free_port
from demo.processes import end

from baocao.model.form import CellKey
from baocao.model.submission import Status
from builders.sites.portal import Browser, arrivals, link_of
from builders.sites.site import COMMUNES, Site
from servers.postgres import PostgresServer
from servers.web import START_SECONDS

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def site(trimmed: Path, tmp_path: Path, postgres_server: PostgresServer) -> Iterator[Site]:
    url = postgres_server.new_database()
    site = Site(trimmed, tmp_path / "var", database_url=url)
    site.place.store.migrate()
    site.load_baseline()
    site.open()
    yield site
    site.place.store.close()
    postgres_server.drop(url)


@contextmanager
def process(site: Site) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """`baocao-portal`, at a moment when the period is being collected."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "baocao.web.portal.server", "--port", str(port)]
    command += ["--as-of", site.in_time.isoformat()]
    running = subprocess.Popen(
        command, env={**os.environ, **site.env, "BAOCAO_PORTAL_URL": url}, stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + START_SECONDS
    try:
        while True:
            assert running.poll() is None and time.monotonic() < until, "the portal does not start"
            try:
                if httpx.get(f"{url}/health").json()["status"] == "ok":
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url, running
    finally:
        end(running, 300)


def test_next_process_decides_what_a_killed_one_received(site: Site) -> None:
    units = COMMUNES[:4]
    files = {unit: site.workbook(unit) for unit in units}
    with process(site) as (url, running):
        received = []
        with httpx.Client(base_url=url, timeout=120) as http:
            for unit in units:
                browser = Browser(http)
                page = http.get(link_of(site, unit, url).removeprefix(url), follow_redirects=True)
                browser.home, browser.page = page.url.path, page.text
                fields = browser.form(f"{browser.home}gui")
                answer = http.post(f"{browser.home}gui", data=fields, files={"file": (f"{unit}.xlsx", files[unit])})
                assert answer.status_code == 303
                received.append(int(answer.headers["location"].rpartition("/")[2]))
            running.send_signal(signal.SIGKILL)
            running.wait()
    assert [d.submission.id for d in arrivals(site)] == received, "every answer given stands for a row"
    with (
        process(site) as (url, _),
        process(site) as (beside, _),
        httpx.Client(base_url=url, follow_redirects=True, timeout=120) as http,
    ):
        for unit, number in zip(units, received, strict=True):
            browser = Browser(http)
            browser.enter(link_of(site, unit, url))
            browser.get(f"{browser.home}lan/{number}")
            while browser.verdict.startswith("ĐÃ NHẬN"):
                time.sleep(0.3)
                browser.get(f"{browser.home}lan/{number}")
            assert browser.verdict == "ĐẠT: báo cáo được tiếp nhận."
        # The rest of the way on this database: a draft, more time.
        browser.get(f"{browser.home}dien/PL01")
        browser.post(f"{browser.home}dien/PL01", {"c:PL01/CT10/MS": "5", "step": "save"})
        assert 'value="5"' in browser.page
        _the_other_process_knows(site, browser, beside)
        browser.get(browser.home)
        asked = {"until": "2026-06-21", "reason": "Mưa lũ, mất điện ba ngày", "asked_by": "Văn phòng"}
        browser.post(f"{browser.home}gia-han", asked)
        assert "Đang chờ trả lời" in browser.words
        browser.upload(("sai.xlsx", site.workbook(units[-1], {CellKey.parse("PL01/CT10/TH"): 1000})))
        assert browser.verdict.startswith(("CHƯA ĐẠT", "ĐÃ NHẬN"))
    assert sorted(d.submission.unit for d in arrivals(site, Status.ACCEPTED)) == sorted(units)


def _the_other_process_knows(site: Site, browser: Browser, beside: str) -> None:
    """Two processes are one portal: the same browser goes on at either, drafts do not overwrite each other unseen."""
    address = f"{browser.home}dien/PL01"
    stale = browser.form(address)
    there = Browser(browser.http)
    there.get(f"{beside}{address}")
    assert 'value="5"' in there.page
    fields = {**there.form(address), "c:PL01/CT10/MS": "6", "step": "save"}
    assert browser.http.post(f"{beside}{address}", data=fields).status_code == 200
    answer = browser.http.post(address, data={**stale, "c:PL01/CT10/MS": "7", "step": "save"})
    assert answer.status_code == 409 and "CHƯA LƯU" in answer.text
    browser.upload(("thu.xlsx", site.workbook(COMMUNES[3], {CellKey.parse("PL01/CT10/TH"): 1000})), mode="try")
    copy = re.search(r'href="([^"]+/thu/[0-9a-f]+)"', browser.page)
    assert copy and browser.http.get(f"{beside}{copy[1]}").content[:2] == b"PK"
