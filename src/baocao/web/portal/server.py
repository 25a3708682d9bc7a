"""`baocao-portal`: the portal's own server process."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import click
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from baocao.click_in_vietnamese import translate_click
from baocao.settings import ConfigurationError
from baocao.store.database import StoreError
from baocao.web.common.pages import ZONE
from baocao.web.portal.app import portal_app
from baocao.web.portal.config import Clock, PortalConfig, PortalLimits, load_config
from baocao.workflow.installation import Installation


class BoundedProtocol(H11Protocol):
    """A connection that does not come to the end of a request's head in time is closed (slow loris): the first, and
    every one after it. The server's own time-out ends as soon as one byte has come."""

    head_seconds = PortalLimits().head_seconds
    _head_due: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A new connection has a bounded time to state its request."""
        super().connection_made(transport)
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        """So has every further request on it."""
        if self._has_no_request() and self._head_due is None:
            self._expect_head()
        # The base class makes the cycle as soon as the head is whole, so that is asked after it.
        super().data_received(data)
        if not self._has_no_request():
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _has_no_request(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _expect_head(self) -> None:
        self._head_due = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_waiting(self) -> None:
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None

    def _give_up(self) -> None:
        self._head_due = None
        if self._has_no_request() and not self.transport.is_closing():
            self.transport.close()


def _bounded(limits: PortalLimits) -> type[H11Protocol]:
    return type("_Bounded", (BoundedProtocol,), {"head_seconds": limits.head_seconds})


class JsonLines(logging.Formatter):
    """One JSON object a line. What a record tells stands in `told`; a link's word never does, nor any figure."""

    def format(self, record: logging.LogRecord) -> str:
        """One event as one line of JSON."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "said": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def log_lines() -> None:
    """The log goes to standard output, where the container's engine keeps it."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("baocao.portal").setLevel(logging.INFO)
    logging.getLogger("baocao.workflow.portal").setLevel(logging.INFO)


def server(place: Installation, config: PortalConfig, clock: Clock, host: str, port: int) -> uvicorn.Server:
    """Ready to run. Its own access log stays off: an address may be the link of a letter."""
    return uvicorn.Server(
        uvicorn.Config(
            portal_app(place, config, clock),
            host=host,
            port=port,
            # The h11 protocol, never httptools: the bound on the head is built into it.
            http=_bounded(config.limits),
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            # `TrustedProxies` does it, after it has looked at the real peer.
            proxy_headers=False,
            server_header=False,
            limit_concurrency=config.limits.connections,
            backlog=512,
            timeout_keep_alive=10,
            timeout_graceful_shutdown=30,
            h11_max_incomplete_event_size=16 << 10,
        )
    )


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Địa chỉ lắng nghe.")
@click.option("--port", default=8090, show_default=True, type=click.IntRange(1, 65535), help="Cổng lắng nghe.")
@click.option("--as-of", help="Bắt đầu ở thời điểm nghiệp vụ này thay vì bây giờ (diễn tập): 2026-06-18T08:00.")
def main(host: str, port: int, as_of: str | None) -> None:
    """Chạy trang nộp báo cáo cho các đơn vị."""
    log_lines()
    try:
        start = _moment(as_of)
        place = Installation.open()
        running = server(place, load_config(), Clock(start), host, port)
    except (ConfigurationError, StoreError) as error:
        click.echo(f"Lỗi: {error}", err=True)
        sys.exit(3)
    running.run()
    # uvicorn returns without an error when the start of the application failed; 3 is the code its own command gives.
    if not running.started:
        sys.exit(3)


translate_click(main)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(f"--as-of: {text!r} không đúng; hãy ghi dạng 2026-06-18T08:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZONE)


if __name__ == "__main__":
    main()
