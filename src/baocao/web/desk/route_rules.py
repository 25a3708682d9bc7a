"""The table of routes: every address with what it asks of whoever calls it. A route cannot exist without a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from baocao.web.desk.access import Permission

if TYPE_CHECKING:
    from baocao.web.desk.ask import Ask

Handler = Callable[["Ask"], Response]


@dataclass(frozen=True, slots=True)
class RouteRule:
    """One address. A path with `{regime}` asks for the permission in that regime; one without lets everybody in who is
    known, and the page shows what is of one's own regimes."""

    method: str
    path: str
    permission: Permission
    handler: Handler

    def __post_init__(self) -> None:
        if "{regime}" not in self.path and self.permission is not Permission.KNOWN:
            raise ValueError(f"{self.path}: {self.permission} is asked for in a regime, and the path names none")
        if "{regime}" in self.path and self.permission is Permission.KNOWN:
            raise ValueError(f"{self.path}: whoever is merely known may see nothing of a regime")
