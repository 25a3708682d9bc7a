"""Filling the forms in the browser."""

from __future__ import annotations

from starlette.routing import Route

from baocao.web.portal.service import Portal


def routes(portal: Portal) -> list[Route]:
    return []
