"""Debian's Chromium without a screen, for tests that look at pages as people do."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from servers.needed import needed

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-component-update",
    "--disable-background-networking",
    "--no-first-run",
)
"""No process of the browser asks the world for anything: a machine without a way out would let it wait."""
CLOSE_SECONDS = 120
SIZES = {"desk": (1280, 900), "phone": (390, 844)}
"""The windows people look through."""


@contextmanager
def chromium() -> Iterator[Any]:
    """A Playwright browser; one that does not close in time is ended with its helpers."""
    from playwright.sync_api import sync_playwright

    executable = needed("chromium")
    before = {child.pid for child in psutil.Process().children()}
    with _ended_after(CLOSE_SECONDS) as end, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=QUIET, timeout=CLOSE_SECONDS * 1000)
        ours = [child for child in psutil.Process().children() if child.pid not in before]
        try:
            yield browser
        finally:
            end(ours)
            browser.close()


@contextmanager
def _ended_after(seconds: float) -> Iterator[Any]:
    """Ends the processes it is given, with their children, when the block has not ended so long after."""
    timers = []

    def end(processes: list[psutil.Process]) -> None:
        timer = threading.Timer(seconds, lambda: [_kill(process) for process in processes])
        timer.daemon = True
        timer.start()
        timers.append(timer)

    try:
        yield end
    finally:
        for timer in timers:
            timer.cancel()


def _kill(process: psutil.Process) -> None:
    for one in [*process.children(recursive=True), process]:
        one.kill()


def new_context(browser: Any, size: tuple[int, int], **more: Any) -> Any:
    """A fresh visitor with a Vietnamese browser and a window of this size. It waits two minutes for anything: a busy
    machine is no fault of a page."""
    width, height = size
    context = browser.new_context(
        viewport={"width": width, "height": height}, locale="vi-VN", reduced_motion="reduce", **more
    )
    context.set_default_timeout(120_000)
    return context


def hold_at_every_size(tab: Any, name: str, **picture: Any) -> None:
    """The page as it is now, at a desk and on a phone: axe has nothing to say, and it is no wider than the window. The
    window is then as before."""
    from axe_playwright_python.sync_playwright import Axe

    own = tab.viewport_size
    for size, (width, height) in SIZES.items():
        tab.set_viewport_size({"width": width, "height": height})
        found = Axe().run(tab)
        assert found.violations_count == 0, f"{name} ({size}): {found.generate_report()}"
        wide = tab.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{name} is {wide} px wider than a {size}"
        keep_picture(tab, f"{size}-{name}", **picture)
    tab.set_viewport_size(own)


def keep_picture(tab: Any, name: str, **how: Any) -> None:
    """A picture of the page where `BAOCAO_PICTURES` names a folder for them."""
    if folder := os.environ.get("BAOCAO_PICTURES"):
        tab.screenshot(path=Path(folder) / f"{name}.png", **how)
