"""What every view of the portal shares, and the way every request goes: counted, answered, logged without secrets."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from baocao.web.common.csrf import FIELD, Csrf
from baocao.web.common.fresh_packs import FreshPacks
from baocao.web.common.pages import Pages
from baocao.web.common.typed import or_404, whole_number
from baocao.web.portal.access import Access
from baocao.web.portal.bodies import Body, body_of
from baocao.web.portal.config import Clock, PortalConfig
from baocao.web.portal.decision_pool import DecisionPool
from baocao.web.portal.letter_sender import LetterSender
from baocao.web.portal.limiting import RequestLimiter
from baocao.web.portal.tests_kept import TriedFiles
from baocao.workflow.installation import Installation
from baocao.workflow.mail.personal_links import Holder
from baocao.workflow.portal.standing import SentFile, UnitPage, sent_by, standing_of

log = logging.getLogger("baocao.portal")
View = Callable[["Portal", Request], Awaitable[Response]]


@dataclass
class Portal:
    """One running portal."""

    place: Installation
    config: PortalConfig
    clock: Clock
    fresh: FreshPacks
    pages: Pages
    csrf: Csrf
    access: Access
    limiter: RequestLimiter
    pool: DecisionPool
    letter_sender: LetterSender
    tried: TriedFiles
    testing: asyncio.Semaphore

    def route(self, path: str, view: View, methods: tuple[str, ...] = ("GET",)) -> Route:
        """A view behind a path."""

        async def answer(request: Request) -> Response:
            start = time.monotonic()
            # The two that cost nothing come first: a flood, or another site's form, must not reach the disk or the
            # database.
            self.limiter.request(address_of(request))
            self.csrf.require_own_site(request)
            await run_in_threadpool(self.fresh.look)
            response = await view(self, request)
            # The view's name stands for the path, which may be a personal link.
            told: dict[str, Any] = {"view": view.__name__, "method": request.method, "status": response.status_code}
            told["ms"] = round((time.monotonic() - start) * 1000)
            if "id" in request.path_params:
                told["submission"] = request.path_params["id"]
            log.info("answered", extra={"told": told})
            return response

        return Route(path, answer, methods=list(methods))

    async def holder(self, request: Request) -> Holder:
        """Whose page is asked for; see `Access.holder`."""
        return await run_in_threadpool(self.access.holder, request)

    async def standing(self, holder: Holder) -> UnitPage:
        return await run_in_threadpool(standing_of, self.place, holder)

    async def sent(self, request: Request, holder: Holder) -> SentFile:
        """The sending whose number is in the address. Raises HTTPException 404 where the unit has no such one."""
        return or_404(await run_in_threadpool(sent_by, self.place, holder, number_in(request)))

    @asynccontextmanager
    async def posted(
        self, request: Request, by: Holder | None = None, *, is_draft: bool = False, most_bytes: int = 0
    ) -> AsyncIterator[Body]:
        """The form a browser sent, its token checked. `by`: counted against what one link and one address may send.
        Raises HTTPException as `body_of` and `RequestLimiter.upload` do, 403 for a form that is not of our page."""
        limits = self.config.limits
        async with (
            self.limiter.upload(by.link_id, address_of(request), is_draft=is_draft) if by else nullcontext(),
            body_of(request, limits, self.clock, most_bytes or limits.form_bytes) as body,
        ):
            self.csrf.require(request, body.form.get(FIELD))
            yield body

    def page(
        self, request: Request, template: str, standing: UnitPage, *, status: int = 200, **values: Any
    ) -> Response:
        """A page of a unit: how it stands, the moment, and where its pages begin are known to every template."""
        known = {"s": standing, "base": base_of(request), "now": self.clock.now()}
        return self.pages.page(request, template, status=status, **known, **values)


def base_of(request: Request) -> str:
    """Where the pages of the link in the address begin."""
    return f"/k/{request.path_params['handle']}/"


def address_of(request: Request) -> str:
    """The address of whoever asks, as the trusted proxy gives it."""
    return request.client.host if request.client is not None else ""


def number_in(request: Request) -> int:
    """The number `id` in the path. Raises HTTPException 404."""
    return or_404(whole_number(request.path_params["id"], digits=15))
