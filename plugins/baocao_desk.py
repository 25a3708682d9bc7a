"""Bàn làm việc trong Airflow: the desk as a page of Airflow's own server, behind Airflow's login.

Nothing of it is loaded before the server asks for it: this module is read by every process of Airflow.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote

log = logging.getLogger(__name__)

# Airflow refuses a prefix that merely begins like one of its own (/ui, /auth, /api/v2); only its log says so.
PREFIX = "/baocao"
VIEWS = [
    {
        "name": "Báo cáo",
        "href": f"{PREFIX}/",
        "destination": "nav",
        "url_route": "baocao",
        "nav_top_level": True,
    },
    {
        "name": "Kỳ báo cáo",
        "href": f"{PREFIX}/run/{{DAG_ID}}/{{RUN_ID}}",
        "destination": "dag_run",
        "url_route": "baocao-period",
    },
    {
        # Beside the log of a task, where whoever reads it stands; Airflow's own link to the desk is under Details.
        "name": "Kỳ báo cáo",
        "href": f"{PREFIX}/run/{{DAG_ID}}/{{RUN_ID}}",
        "destination": "task_instance",
        "url_route": "baocao-task",
    },
    {
        "name": "Chế độ báo cáo",
        "href": f"{PREFIX}/run/{{DAG_ID}}/-",
        "destination": "dag",
        "url_route": "baocao-regime",
    },
]
_SECONDS_BETWEEN_LOOKS = 15
_SECONDS_TO_SETTLE = 60


class WhenServed:
    """`fastapi_apps` of the plugin: made when the API server reads it."""

    _apps: list[dict[str, Any]] | None = None

    def __get__(self, plugin: object, owner: type) -> list[dict[str, Any]]:
        if self._apps is None:
            WhenServed._apps = [{"name": "baocao", "url_prefix": PREFIX, "app": _mounted()}]
        assert self._apps is not None
        return self._apps


def _mounted() -> Any:
    from fastapi import FastAPI

    @contextlib.asynccontextmanager
    async def looking(app: FastAPI) -> AsyncIterator[None]:
        """While the server runs, it does what a task may not: all of it needs Airflow's database."""
        tasks = [asyncio.create_task(_look_for_ever()), asyncio.create_task(_make_ready(desk))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    desk = FirstUse(_desk)
    # What a plugin mounts is open to anybody: Airflow asks for no login there. The desk asks; FastAPI's own pages would
    # not.
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=looking)
    app.mount("/", desk)
    return app


async def _make_ready(desk: FirstUse) -> None:
    """The desk and its first pages, before anybody asks for them; once the server itself has settled."""
    await asyncio.sleep(_SECONDS_TO_SETTLE)
    try:
        await asyncio.to_thread(desk.make)
    except Exception:
        log.exception("Chưa mở sẵn được bàn làm việc; lần đầu có người mở sẽ thử lại")


async def _look_for_ever() -> None:
    """Pools of new regimes, decisions that were recorded elsewhere (the command line), the notes of the runs: one that
    fails is logged and tried again, and holds back no other."""
    from baocao_notes import NoteKeeper
    from baocao_open_questions import answer_decided
    from baocao_period_runs import ask_about_the_newest
    from baocao_pools import make_missing_pools

    duties: dict[str, Callable[[], object]] = {
        "lập pool cho chế độ mới": make_missing_pools,
        "báo cho Airflow các quyết định đã ghi": answer_decided,
        "hỏi lại theo phiên bản mới nhất": ask_about_the_newest,
        "ghi chú của các lượt chạy": NoteKeeper().look,
    }
    while True:
        for said, duty in duties.items():
            try:
                await asyncio.to_thread(duty)
            except Exception:
                log.exception("Chưa làm được: %s; sẽ thử lại", said)
        await asyncio.sleep(_SECONDS_BETWEEN_LOOKS)


class FirstUse:
    """An ASGI application that is made at the first request."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make, self._app, self._lock = make, None, threading.Lock()

    async def __call__(self, scope: Mapping[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if self._app is None:
            await asyncio.to_thread(self.make)
        assert self._app is not None
        await self._app(scope, receive, send)

    def make(self) -> None:
        """Once, whoever comes first."""
        with self._lock:
            if self._app is None:
                self._app = self._make()


def _desk() -> Any:
    from baocao_open_questions import AirflowOpenQuestions
    from baocao_period_runs import AirflowRuns

    from baocao.web.desk.app import Desk, build_app
    from baocao.workflow.process import installation

    place = installation()
    desk = Desk(place, identify_in(place), login=login, questions=AirflowOpenQuestions(), runs=AirflowRuns(_base_url()))
    # Airflow runs no lifespan of what is mounted in its own.
    desk.warm_up(PREFIX)
    return build_app(desk)


def identify_in(place: Any) -> Callable[[Any], Awaitable[Any]]:
    """Who Airflow says is asking, with the roles Airflow and the list of people give."""
    from baocao.web.desk.who import asker_of

    async def identify(request: Any) -> Any:
        user = await airflow_user(request)
        if user is None:
            return None
        id, name = str(user.get_id()), user.get_name()
        file = place.settings.people_file
        return asker_of(file, name, f"airflow:{id}", roles_of(user), lambda person: person.airflow_id == id)

    return identify


async def airflow_user(request: Any) -> Any:
    """The user of a bearer token or of Airflow's own session cookie; None for nobody, an expired or a foreign one."""
    from airflow.api_fastapi.core_api.security import bearer_scheme, get_user
    from fastapi import HTTPException

    try:
        # Called, not declared as a dependency: Airflow would answer 401 in JSON, and the desk leads to the login
        # instead.
        return await get_user(request, None, await bearer_scheme(request))
    except HTTPException:
        return None


def roles_of(user: Any) -> set[str]:
    """Names of the user's roles: those of FAB, or the one role of the simple auth manager."""
    roles = getattr(user, "roles", None)
    if roles is not None:
        return {role.name for role in roles}
    role = getattr(user, "role", None) or getattr(user, "get_role", lambda: None)()
    return {str(getattr(role, "value", role))} if role else set()


def login(request: Any) -> str:
    """Airflow's login, and back to this page."""
    from airflow.api_fastapi.app import get_auth_manager

    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = get_auth_manager().get_url_login()
    return f"{address}{'&' if '?' in address else '?'}next={quote(asked, safe='')}"


def _base_url() -> str:
    from airflow.configuration import conf

    return str(conf.get("api", "base_url", fallback="")).rstrip("/")


def desk_address() -> str:
    """Where the desk is, without a slash at the end: `BAOCAO_DESK_URL` where it is offered under another address than
    Airflow's own."""
    import os

    return os.environ.get("BAOCAO_DESK_URL", "").rstrip("/") or f"{_base_url()}{PREFIX}"


def report_address(regime: str, period: str) -> str:
    """The report's page on the desk, for a question put to a person."""
    return f"{desk_address()}/r/{quote(regime)}/p/{quote(period)}/report"
