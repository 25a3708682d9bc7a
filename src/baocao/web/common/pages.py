"""Pages from the templates in `include/templates`, which an office may edit: they read what they are given, no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from starlette.requests import Request
from starlette.responses import HTMLResponse

from baocao.delivery.letters import deadline_text, instant_text
from baocao.forms.reading.numbers import format_value
from baocao.model.form import ValueType
from baocao.model.regime import COUNTRY_TIME_ZONE
from baocao.text import day_text, second_text
from baocao.web.common.csrf import Csrf
from baocao.web.common.static import StaticFiles

ZONE = ZoneInfo(COUNTRY_TIME_ZONE)
"""The country's clock, for what belongs to no single regime."""


class Pages:
    """The templates of one service. Every value is escaped; an unknown name stops the page, never leaves a hole.

    Filters: `ngay` (a day), `luc` and `giay` (an instant, to the minute and to the second), `han` (a deadline),
    `count` (a whole number). Instants are shown on the clock of `zone`, a value every page may be given.
    """

    def __init__(self, templates: Path, csrf: Csrf, filters: Mapping[str, Callable[..., str]] | None = None) -> None:
        self.static = StaticFiles(templates / "web" / "static")
        self._csrf = csrf
        # Offices edit these templates (docs/security.md): one may read what it is given and reach nothing else.
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader(templates),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        own: dict[str, Callable[..., str]] = {
            "ngay": day_text,
            "luc": lambda moment, zone=ZONE: instant_text(moment, zone),
            "giay": _second,
            "han": lambda moment, zone=ZONE: deadline_text(moment, zone),
            "tel": lambda text: "".join(c for c in text.partition("(")[0] if c.isdigit() or c == "+"),
            "count": lambda value: format_value(value, ValueType.COUNT),
        }
        self._environment.filters.update({**own, **(filters or {})})

    def compile_all(self, below: str) -> int:
        """Read every template below a folder of `include/templates` before it is needed; how many there are."""
        names = self._environment.list_templates(filter_func=lambda name: name.startswith(f"{below}/"))
        for name in names:
            self._environment.get_template(name)
        return len(names)

    def page(self, request: Request, template: str, /, *, status: int = 200, **values: Any) -> HTMLResponse:
        """The page `template` (a path below `include/templates`) as an answer to `request`. `root` is where the service
        is mounted (`/baocao` in Airflow), empty where it stands alone: every address of ours begins with it."""
        root = str(request.scope.get("root_path", "")).rstrip("/")
        values = {"csrf_token": self._csrf.token(request), "root": root, **values}
        values["static_url"] = lambda name: root + self.static.url(name)
        text = self._environment.get_template(template).render(**values)
        response = HTMLResponse(text, status_code=status)
        self._csrf.remember(request, response)
        return response


def _second(moment: datetime, zone: ZoneInfo = ZONE) -> str:
    return second_text(moment.astimezone(zone))
