"""The portal over a small installation: in process for most tests, on a real socket where that matters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from typing import Any

import httpx
from starlette.testclient import TestClient

from baocao.forms.reading.numbers import format_value
from baocao.model.form import CellKey, Form
from baocao.model.pack_views import entered_by
from baocao.model.submission import Status, Value
from baocao.store.submissions import submissions
from baocao.store.submissions.submissions import SubmissionDetail
from baocao.web.portal.app import portal_app
from baocao.web.portal.config import Clock, PortalConfig, PortalLimits
from baocao.web.portal.server import server
from baocao.workflow.mail.personal_links import personal_link
from builders.sites.site import REGIME, Site
from servers.web import bound_socket, running

PORTAL = "http://testserver"
_LONG = 300.0
PATIENT = PortalConfig(
    limits=PortalLimits(
        patience_seconds=_LONG,
        idle_seconds=_LONG,
        head_seconds=_LONG,
        letters_after_seconds=_LONG,
        letters_within_seconds=_LONG,
        close_seconds=_LONG,
    )
)
"""However busy the machine is: an upload is answered with its verdict, and letters leave when the portal ends, never in
the middle of a test."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FixedClock(Clock):
    """Stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at


def link_of(site: Site, unit: str, url: str = PORTAL) -> str:
    """The personal link of a unit, as a letter carries it."""
    site.more["BAOCAO_PORTAL_URL"] = url
    site.__dict__.pop("place", None)
    with site.place.store.begin() as conn:
        found = personal_link(site.place, conn, REGIME, site.code, unit, at=site.opens)
    assert found is not None
    return found


@dataclass
class Browser:
    """One browser of one unit, without script: follows links, keeps cookies, sends forms with their hidden fields."""

    http: httpx.Client
    home: str = ""
    page: str = ""
    status: int = 0
    headers: Any = field(default_factory=dict)

    def get(self, path: str) -> str:
        return self._saw(self.http.get(path))

    def enter(self, link: str) -> str:
        """Open a personal link; where one is then is home."""
        answer = self.http.get(link)
        self.home = answer.url.path
        return self._saw(answer)

    def form(self, action: str) -> dict[str, str]:
        """The hidden fields of the form on the page that goes to `action`."""
        found = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', self.page, re.S)
        assert found, f"no form to {action} on this page: {self.page[:2000]}"
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[1])
        return {name: unescape(value) for name, value in hidden}

    def post(self, action: str, fields: dict[str, Any] | None = None, files: Any = None) -> str:
        data = {**self.form(action), **(fields or {})}
        return self._saw(self.http.post(action, data=data, files=files))

    def upload(self, *files: tuple[str, bytes], mode: str = "send") -> str:
        """Choose files on the unit's page and press the button."""
        self.get(self.home)
        sent = [("file", (name, data, XLSX)) for name, data in files]
        return self.post(f"{self.home}gui", {"mode": mode}, sent)

    @property
    def words(self) -> str:
        """What a reader of the page sees."""
        text = re.sub(r"<(script|style|head).*?</\1>", " ", self.page, flags=re.S)
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())

    @property
    def verdict(self) -> str:
        """The overall answer: the first line of the page's box."""
        found = re.search(r'<div class="verdict[^"]*"[^>]*>\s*<strong>(.*?)</strong>', self.page, re.S)
        return unescape(found[1]) if found else ""

    def _saw(self, answer: httpx.Response) -> str:
        self.page, self.status, self.headers = answer.text, answer.status_code, answer.headers
        return self.page


@contextmanager
def portal_over(site: Site, config: PortalConfig | None = None, clock: Clock | None = None) -> Iterator[TestClient]:
    """The application in this process."""
    site.more.setdefault("BAOCAO_PORTAL_URL", PORTAL)
    site.__dict__.pop("place", None)
    app = portal_app(site.place, config or PATIENT, clock or FixedClock(site.in_time))
    with TestClient(app, follow_redirects=True, raise_server_exceptions=False) as client:
        yield client


@contextmanager
def serving(site: Site, config: PortalConfig | None = None, clock: Clock | None = None) -> Iterator[str]:
    """The real server on a free port of loopback; gives its address."""
    held = bound_socket()
    port = held.getsockname()[1]
    site.more["BAOCAO_PORTAL_URL"] = f"http://127.0.0.1:{port}"
    site.__dict__.pop("place", None)
    ready = server(site.place, config or PATIENT, clock or FixedClock(site.in_time), "127.0.0.1", port)
    with running(ready, held) as url:
        yield url


def arrivals(site: Site, *statuses: Status) -> list[SubmissionDetail]:
    """Everything that came, the oldest first; of these statuses only, where some are named."""
    with site.place.store.read() as conn:
        rows = submissions.of_period(conn, REGIME, site.code)
        found = [submissions.detail(conn, row.id) for row in rows]
    return [d for d in found if not statuses or d.submission.status in statuses]


def typed(site: Site, unit: str) -> dict[CellKey, str]:
    """What an officer types: the unit's figures as they are written in Viet Nam."""
    return typed_figures(entered_by(site.pack, site.unit(unit)), site.filled(unit).values)


def typed_figures(forms: Iterable[Form], values: Mapping[CellKey, Value | str | None]) -> dict[CellKey, str]:
    """The same for any regime's forms."""
    texts = {}
    for form in forms:
        for key, (table, row, column) in form.cells.items():
            value = values.get(key)
            if value is not None and table.is_entered(row, column):
                texts[key] = value if isinstance(value, str) else format_value(value, table.type_of(row, column))
    return texts
