"""The portal in the demonstration: deliveries go through the real portal, over real HTTP, at their business time."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable
from datetime import datetime
from html import unescape
from types import TracebackType
from typing import Self

import httpx

from baocao.web.portal.config import Clock, PortalConfig, PortalLimits
from baocao.web.portal.server import server
from baocao.workflow.installation import Installation
from baocao.workflow.mail.personal_links import personal_link
from demo.ports import free_port
from demo.simulate import DroppedFile

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FOLDER_EVERY = 5
"""Every so many units send by the folder; the others by the portal."""


class PlayedClock(Clock):
    """Shows the business time of the delivery being sent."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        """The moment that is played."""
        return self.at


class Uploads:
    """A portal of its own while the period is played; a context manager."""

    def __init__(self, place: Installation, regime: str, period: str, at: datetime) -> None:
        self._place, self._regime, self._period = place, regime, period
        self._clock = PlayedClock(at)
        self._port = free_port()
        # One machine sends for everybody here, one delivery after the other.
        limits = PortalLimits(uploads_per_address="100000 per minute", requests_per_address="100000 per minute")
        config = PortalConfig(limits=limits)
        self._server = server(place, config, self._clock, "127.0.0.1", self._port)
        self._thread = threading.Thread(target=self._server.run, name="portal")

    def __enter__(self) -> Self:
        self._thread.start()
        # uvicorn says that it listens by this flag alone; a thread that has ended will never set it.
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.05)
        if not self._server.started:
            raise RuntimeError("the portal of the demonstration does not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join()

    def send(self, deliveries: Iterable[DroppedFile]) -> int:
        """Upload each at its own moment, by its unit's personal link; how many."""
        count = 0
        for delivery in deliveries:
            self._clock.at = delivery.at
            self._upload(delivery)
            count += 1
        return count

    def _upload(self, delivery: DroppedFile) -> None:
        with self._place.store.begin() as conn:
            link = personal_link(self._place, conn, self._regime, self._period, delivery.unit, at=delivery.at)
        if link is None:
            raise RuntimeError(f"no link for {delivery.unit}: is BAOCAO_PORTAL_URL set?")
        address = f"http://127.0.0.1:{self._port}"
        with httpx.Client(base_url=address, follow_redirects=True, timeout=120) as http:
            page = http.get(f"{address}/v/{link.rpartition('/')[2]}")
            page.raise_for_status()
            # The form's own hidden fields, as a browser sends them: without the token the portal refuses.
            found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
            fields = {name: unescape(value) for name, value in found}
            answer = http.post(
                f"{page.url.path}gui",
                data={**fields, "mode": "send"},
                files={"file": (delivery.filename, delivery.data, XLSX)},
            )
            answer.raise_for_status()


def by_folder(delivery: DroppedFile) -> bool:
    """Whether the unit sends by the folder: the same units every time."""
    return sum(map(ord, delivery.unit)) % FOLDER_EVERY == 0
