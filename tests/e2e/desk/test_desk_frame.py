"""A link that leads out of the desk, clicked in the frame in which Airflow shows the desk, opens in the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from servers.needed import needed

pytestmark = pytest.mark.chromium
SCRIPT = Path(__file__).resolve().parents[3] / "include" / "templates" / "web" / "static" / "frame.js"
SITE = "http://airflow.example"
PAGES = {
    # The sandbox of Airflow 3.3's frame.
    "/plugin/baocao": '<iframe sandbox="allow-scripts allow-same-origin allow-forms" src="/baocao/r/x"></iframe>',
    "/baocao/r/x": '<a href="/dags/x/runs/y">Lượt chạy</a> <a href="/baocao/r/x/units">Đơn vị</a>'
    '<script src="/baocao/frame.js" data-root="/baocao/"></script>',
    "/baocao/r/x/units": "Đơn vị",
    "/dags/x/runs/y": "Lượt chạy",
}


def _answer(route: Any) -> None:
    path = route.request.url.removeprefix(SITE)
    if path == "/baocao/frame.js":
        route.fulfill(body=SCRIPT.read_text(encoding="utf-8"), content_type="text/javascript")
    else:
        route.fulfill(body=f"<!doctype html><meta charset=utf-8>{PAGES[path]}", content_type="text/html")


def test_only_links_leaving_the_desk_leave_the_frame() -> None:
    from playwright.sync_api import sync_playwright

    executable = needed("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            page = browser.new_page()
            page.route("**/*", _answer)
            page.goto(f"{SITE}/plugin/baocao")
            page.frames[1].get_by_text("Đơn vị").click()
            page.frames[1].wait_for_url("**/units")
            assert page.url == f"{SITE}/plugin/baocao"
            page.goto(f"{SITE}/plugin/baocao")
            page.frames[1].get_by_text("Lượt chạy").click()
            page.wait_for_url(f"{SITE}/dags/x/runs/y")
            assert len(page.frames) == 1
        finally:
            browser.close()
