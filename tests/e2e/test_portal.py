"""The portal, as a unit without script sees it: link, page, upload, verdict, explanation, history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from baocao.model.submission import Status
from baocao.store.trail import events
from builders_portal import Browser, FixedClock, arrivals, link_of, portal_over
from builders_site import COMMUNES, REGIME, Site

UNIT, OTHER = COMMUNES[:2]


@pytest.fixture
def browser(opened: Site) -> Iterator[Browser]:
    with portal_over(opened) as http:
        found = Browser(http)
        found.enter(link_of(opened, UNIT))
        yield found


def test_a_link_leads_to_the_units_page_and_leaves_no_trace_in_its_address(opened: Site, browser: Browser) -> None:
    link = link_of(opened, UNIT)
    word = link.rpartition("/")[2]
    assert browser.status == 200
    assert word not in browser.page and word not in browser.home
    assert opened.unit(UNIT).full_name in browser.words
    assert browser.verdict.startswith("CHƯA NỘP: còn 2 ngày")
    assert "11 biểu" in browser.words
    print(browser.words)


def test_upload(opened: Site, browser: Browser) -> None:
    browser.upload(("bao-cao.xlsx", opened.workbook(UNIT)))
    print(browser.words)
    assert browser.verdict.startswith("ĐẠT")
