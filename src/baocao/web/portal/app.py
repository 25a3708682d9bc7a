"""The portal as an ASGI application."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from baocao.web.common.csrf import Csrf
from baocao.web.common.errors import error_handlers
from baocao.web.common.fresh_packs import FreshPacks
from baocao.web.common.metrics import metrics_route
from baocao.web.common.pages import Pages
from baocao.web.common.response_headers import SecureHeaders
from baocao.web.portal import filling, home, link_entry, taking
from baocao.web.portal.access import Access, CodeNeeded, WrongUnit
from baocao.web.portal.config import Clock, PortalConfig
from baocao.web.portal.decision_pool import DecisionPool
from baocao.web.portal.letter_sender import LetterSender
from baocao.web.portal.limiting import RequestLimiter
from baocao.web.portal.proxies import TrustedProxies
from baocao.web.portal.service import Portal
from baocao.web.portal.tests_kept import TriedFiles
from baocao.workflow.installation import Installation
from baocao.workflow.mail.personal_links import LinkRefused

log = logging.getLogger("baocao.portal")


def portal_app(place: Installation, config: PortalConfig, clock: Clock) -> ASGIApp:
    """Everything opened and ready to answer; its decision pool starts and ends with it.

    Raises ConfigurationError when the database, the key or no pack can be used.
    """
    portal = _portal(place, config, clock)

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        left = portal.pool.resume()
        log.info("started", extra={"told": {"left_undecided": left}})
        yield
        # In this order: the last verdicts still write letters, which the letter sender then sends.
        portal.pool.close()
        await run_in_threadpool(portal.letter_sender.close)
        portal.tried.close()

    async def no_way_in(request: Request, error: Exception) -> Response:
        return await link_entry.no_way_in(portal, request, error)

    async def code_needed(request: Request, error: Exception) -> Response:
        assert isinstance(error, CodeNeeded)
        return await link_entry.code_page(portal, request, error)

    app = Starlette(
        lifespan=running,
        routes=[
            portal.route("/", link_entry.start),
            portal.route("/health", link_entry.health),
            portal.route("/v/{word}", link_entry.enter),
            portal.route("/k/{handle}/", home.page),
            portal.route("/k/{handle}/ma", link_entry.ask_code, ("POST",)),
            portal.route("/k/{handle}/nhap-ma", link_entry.give_code, ("POST",)),
            portal.route("/k/{handle}/bieu-trang", home.blank),
            portal.route("/k/{handle}/gui", taking.upload, ("POST",)),
            portal.route("/k/{handle}/thu/{name}", home.tried),
            portal.route("/k/{handle}/lan/{id}", home.sending),
            portal.route("/k/{handle}/lan/{id}/ket-qua", home.marked),
            portal.route("/k/{handle}/lan/{id}/tep", home.original),
            portal.route("/k/{handle}/lan/{id}/giai-trinh", taking.explain, ("POST",)),
            portal.route("/k/{handle}/lan/{id}/rut", taking.withdraw_own, ("POST",)),
            portal.route("/k/{handle}/gia-han", taking.more_time, ("POST",)),
            *filling.routes(portal),
            portal.pages.static.route,
            metrics_route(place, clock.now),
        ],
        exception_handlers={
            **error_handlers(portal.pages),
            LinkRefused: no_way_in,
            WrongUnit: no_way_in,
            CodeNeeded: code_needed,
        },
    )
    # The proxy's word first: whether HSTS goes out depends on the scheme that it announces.
    return TrustedProxies(SecureHeaders(app), config)


def _portal(place: Installation, config: PortalConfig, clock: Clock) -> Portal:
    # Asked for now, so that a key, store or pack that cannot be used stops the start and not the first unit's request.
    _ = place.web_keys.current
    _ = place.store.files
    for code in place.folders:
        if code not in place.broken_packs():
            place.pack(code)
    csrf = Csrf(lambda: [key.secret for key in place.web_keys.known], salt="portal")
    letter_sender = LetterSender(place, clock, config.limits, lambda: pool.waiting > 0)
    pool = DecisionPool(place, clock, config.limits.deciding_threads, letter_sender.wake)

    def read_again(code: str) -> None:
        if why := place.reload(code):
            log.error("pack does not load", extra={"told": {"regime": code, "why": why}})

    return Portal(
        place=place,
        config=config,
        clock=clock,
        fresh=FreshPacks(place, read_again, config.limits.check_packs_seconds),
        pages=Pages(place.settings.templates, csrf),
        csrf=csrf,
        access=Access(place, config, clock),
        limiter=RequestLimiter(config.limits),
        pool=pool,
        letter_sender=letter_sender,
        tried=TriedFiles(place.settings.data / "portal-tests"),
        testing=asyncio.Semaphore(config.limits.tests_at_once),
    )
