"""The portal over an opened period, and a browser whose unit has come by its link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from builders.sites.portal import Browser, FixedClock, link_of, portal_over
from builders.sites.site import COMMUNES, Site


@pytest.fixture
def clock(opened: Site) -> FixedClock:
    return FixedClock(opened.in_time)


@pytest.fixture
def http(opened: Site, clock: FixedClock) -> Iterator[TestClient]:
    with portal_over(opened, clock=clock) as client:
        yield client


@pytest.fixture
def browser(opened: Site, http: TestClient) -> Browser:
    found = Browser(http)
    found.enter(link_of(opened, COMMUNES[0]))
    return found
