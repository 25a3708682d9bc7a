"""A desk for tests: somebody who asks, a clock that stands, and a browser that keeps its cookies and form words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import uvicorn
from httpx import Response
from starlette.requests import Request
from starlette.testclient import TestClient

from baocao.web.desk.access import Asker
from baocao.web.desk.app import Desk, build_app
from baocao.web.desk.open_questions import OpenQuestions
from baocao.workflow.installation import Installation
from servers.web import bound_socket, running

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


def asker(*roles: str, name: str = "can-bo", regimes: frozenset[str] | None = None, **more: object) -> Asker:
    return Asker(name, f"airflow:{name}", frozenset(roles), regimes, **more)  # type: ignore[arg-type]


@dataclass
class RememberedDecisions:
    """Remembers which decisions it was told of."""

    told: list[tuple[str, str, int, str]] = field(default_factory=list)

    def decided(self, regime: str, period: str, report_id: int, role: str) -> None:
        self.told.append((regime, period, report_id, role))


class Browser:
    """`who` may be changed between two requests; None is somebody unknown."""

    def __init__(
        self, place: Installation, who: Asker | None, at: datetime, questions: OpenQuestions | None = None
    ) -> None:
        self.who, self.at = who, at

        async def identify(request: Request) -> Asker | None:
            return self.who

        self.desk = Desk(place, identify, questions=questions, clock=lambda: self.at)
        self.app = build_app(self.desk)
        self.http = TestClient(self.app, follow_redirects=False)

    def get(self, path: str) -> Response:
        return self.http.get(path)  # type: ignore[no-any-return]

    def send(
        self,
        path: str,
        values: Mapping[str, str] | None = None,
        *,
        file: tuple[str, bytes] | None = None,
        scan: tuple[str, bytes] | None = None,
        confirmed: bool = True,
    ) -> Response:
        """Open the form, fill it in as a person would (`file`: name and bytes), and send it."""
        form = self.http.get(path)
        assert form.status_code == 200, (form.status_code, form.text[:500])
        hidden = dict(_HIDDEN.findall(form.text))
        sent = {**hidden, **(values or {}), **({"confirmed": "1"} if confirmed else {})}
        files = {"file": file} if file is not None else {}
        files |= {"scan": scan} if scan is not None else {}
        return self.http.post(path.partition("?")[0], data=sent, files=files or None)  # type: ignore[no-any-return]

    def followed(self, answer: Response) -> str:
        """The page after a step."""
        assert answer.status_code == 303, (answer.status_code, answer.text[:1500])
        return self.http.get(answer.headers["location"]).text  # type: ignore[no-any-return]


@contextmanager
def serving_desk(browser: Browser) -> Iterator[str]:
    """The desk of a test browser on a free port of loopback, for a real one; gives its address."""
    config = uvicorn.Config(
        browser.app,
        host="127.0.0.1",
        log_level="warning",
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    with running(uvicorn.Server(config), bound_socket()) as url:
        yield url
