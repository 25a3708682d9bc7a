"""The desk as an ASGI application: who asks, may they, and then the page.

Anonymous is refused by default: a request passes `_answer` before any page's code runs, whatever the page.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from baocao.settings import ConfigurationError
from baocao.store.database import StoreError
from baocao.store.trail.keys import make_secret_file
from baocao.web.common.csrf import FIELD, Csrf
from baocao.web.common.errors import error_handlers
from baocao.web.common.fresh_packs import FreshPacks
from baocao.web.common.pages import Pages
from baocao.web.common.response_headers import SecureHeaders
from baocao.web.desk.access import Permission
from baocao.web.desk.ask import Ask
from baocao.web.desk.filters import FILTERS
from baocao.web.desk.notices import Notices
from baocao.web.desk.open_questions import NoOpenQuestions, OpenQuestions
from baocao.web.desk.route_rules import RouteRule
from baocao.web.desk.routes import RULES
from baocao.web.desk.runs import Runs
from baocao.web.desk.who import Identify, LocalLogin
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.looking.warming import warm

log = logging.getLogger(__name__)
MOST_BYTES = 30 * 1024 * 1024
"""Of one form with its file: a scanned and signed report."""


_MOST_FIELDS = 5000
"""Of one form: a unit's largest form, typed by the office, has some hundreds."""


class Desk:
    """One desk over one installation. `identify` says who asks; `login` where somebody unknown goes (None: refused);
    `runs` are Airflow's, where it consolidates (None: the desk does)."""

    def __init__(
        self,
        place: Installation,
        identify: Identify,
        *,
        login: Callable[[Request], str] | None = None,
        questions: OpenQuestions | None = None,
        runs: Runs | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.place, self._identify, self._login = place, identify, login
        self._questions, self._clock = questions or NoOpenQuestions(), clock
        self._runs = runs
        key = _signing_key(place.settings.data)
        # A key beside the data: several processes of one desk accept each other's forms, and a restart loses none.
        self._csrf = Csrf(lambda: [key], salt="desk")
        self._notices = Notices(lambda: [key])
        self.pages = Pages(place.settings.templates, self._csrf, FILTERS)
        self._fresh = FreshPacks(place, place.forget)

    def warm_up(self, root: str = "") -> threading.Event:
        """Work out what the first pages need, behind the answers; setting the event ends it. `root`: where the desk is
        mounted."""
        stop = threading.Event()

        def work() -> None:
            self.pages.compile_all("web/common")
            self.pages.compile_all("web/desk")
            done = warm(self.place, root, self._clock(), stop.is_set)
            log.info("đã chuẩn bị trang đầu", extra={"told": {"things": done}})

        # The end of a server does not wait for it.
        threading.Thread(target=work, name="warm up the desk", daemon=True).start()
        return stop

    def endpoint(self, rule: RouteRule) -> Callable[[Request], Awaitable[Response]]:
        """The page behind a route: who asks, whether they may, then the answer."""

        async def answer(request: Request) -> Response:
            return await self._answer(rule, request)

        return answer

    async def _answer(self, rule: RouteRule, request: Request) -> Response:
        asker = await self._identify(request)
        if asker is None:
            # Only pages: a form sent after the session's end would lose what was typed on the way through the login.
            if self._login is not None and request.method == "GET":
                return RedirectResponse(self._login(request), status_code=303)
            raise HTTPException(401, "Chưa đăng nhập hoặc phiên đã hết; hãy đăng nhập lại rồi mở trang này.")
        await run_in_threadpool(self._fresh.look)
        ask = Ask(request, self.place, asker, self._clock(), self.pages, self._notices, self._questions, self._runs)
        # Before the body is read: whoever may not do it must not make the desk take 30 MB.
        await run_in_threadpool(_require, rule, ask)
        if rule.method == "POST":
            self._csrf.require_own_site(request)
            ask.form = await self._form(request)
            self._csrf.require(request, ask.form.get(FIELD))
        return await run_in_threadpool(_page, rule, ask)

    async def _form(self, request: Request) -> FormData:
        length = request.headers.get("content-length", "")
        # A body without a stated length is refused as well: `request.form()` has no bound on the whole.
        if not length.isdigit() or int(length) > MOST_BYTES:
            raise HTTPException(413, f"Biểu mẫu và tệp kèm theo không được quá {MOST_BYTES // 1024 // 1024} MB.")
        return await request.form(max_files=2, max_fields=_MOST_FIELDS)


def _require(rule: RouteRule, ask: Ask) -> None:
    """Raises HTTPException: 404 for a regime this person does not know of, 403 for what they may not do in it."""
    if rule.permission is Permission.KNOWN:
        return
    if ask.code not in ask.regimes:
        # 404 and not 403: whoever has no role in a regime does not learn that it exists.
        raise HTTPException(404)
    if not ask.may(rule.permission):
        raise HTTPException(403, f"Vai của {ask.asker.name} trong chế độ này không được làm việc này.")


def _page(rule: RouteRule, ask: Ask) -> Response:
    try:
        return rule.handler(ask)
    except (Refused, StoreError, ConfigurationError) as error:
        return ask.page("refused.html", status=409, said=str(error))


def routes_of(desk: Desk, local: LocalLogin | None = None) -> list[Route]:
    """The routes of `RULES`, the static files, and the one-time login where the desk runs for one user."""
    routes = [
        Route(rule.path, desk.endpoint(rule), methods=[rule.method], name=f"{rule.method} {rule.path}")
        for rule in RULES
    ]
    routes.append(desk.pages.static.route)
    if local is not None:

        async def login(request: Request) -> Response:
            found = local.open(request, request.path_params["word"])
            if found is None:
                raise HTTPException(403, "Liên kết đăng nhập này đã dùng hoặc không đúng; hãy chạy lại `baocao desk`.")
            return found

        routes.append(Route("/login/{word}", login, methods=["GET"], name="login"))
    return routes


def build_app(desk: Desk, local: LocalLogin | None = None) -> ASGIApp:
    """The desk to serve or to mount; its pages may stand in a frame of Airflow's own site."""

    @asynccontextmanager
    async def running(_: Starlette) -> AsyncIterator[None]:
        stop = desk.warm_up()
        yield
        stop.set()

    app = Starlette(lifespan=running, routes=routes_of(desk, local), exception_handlers=error_handlers(desk.pages))
    # Around the application, not among its middleware: Starlette answers an unforeseen error outside of these.
    return SecureHeaders(app, framed_by_own_site=True)


def _signing_key(data: Path) -> bytes:
    """The secret that signs form tokens and notices, made when first needed; two processes that start at once end up
    with the same one."""
    file = data / "desk.key"
    if not file.exists():
        make_secret_file(file, secrets.token_bytes(32))
    return file.read_bytes()
