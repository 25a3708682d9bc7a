"""`/metrics` for the office's own Prometheus, never for whoever comes through the reverse proxy."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from baocao.workflow.installation import Installation
from baocao.workflow.status.metrics import CONTENT_TYPE, metrics_text


def metrics_route(place: Installation, now: Callable[[], datetime]) -> Route:
    """The route `/metrics`, which answers as `baocao metrics` prints.

    What a proxy has forwarded gets 404: the figures are the office's, and Prometheus asks the service itself.
    """

    async def answer(request: Request) -> Response:
        # By the header and not by the address: the proxy middleware has put the client's in place of the proxy's by
        # now.
        if any(name in request.headers for name in ("x-forwarded-for", "forwarded")):
            return Response(status_code=404)
        return Response(await run_in_threadpool(metrics_text, place, now()), headers={"content-type": CONTENT_TYPE})

    return Route("/metrics", answer)
