"""The unit's page and the files behind it: the blank, what was sent, what came back marked."""

from __future__ import annotations

import secrets
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from baocao.media_types import BYTES, XLSX
from baocao.model.pack_views import entered_by
from baocao.model.submission import Status
from baocao.web.portal.service import Portal
from baocao.workflow.periods.windows import blank_for
from baocao.workflow.portal.asking import requests_of


async def page(portal: Portal, request: Request, *, said: str = "", status: int = 200) -> Response:
    """Everything on one page."""
    holder = await portal.holder(request)
    standing = await portal.standing(holder)
    asked = await run_in_threadpool(requests_of, portal.place, holder)
    return portal.page(
        request,
        "portal/home.html",
        standing,
        status=status,
        forms=entered_by(standing.pack, standing.unit),
        limits=portal.config.limits,
        request_id=secrets.token_urlsafe(16),
        asked=asked,
        said=said,
        done=request.query_params.get("xong", ""),
    )


async def sending(portal: Portal, request: Request, *, said: str = "", status: int = 200) -> Response:
    """One sending and its verdict. While it waits for that the page looks again by itself."""
    holder = await portal.holder(request)
    found = await portal.sent(request, holder)
    standing = await portal.standing(holder)
    return portal.page(
        request,
        "portal/sending.html",
        standing,
        status=status,
        x=found,
        waits=found.status is Status.RECEIVED,
        request_id=secrets.token_urlsafe(16),
        said=said,
    )


async def blank(portal: Portal, request: Request) -> Response:
    """The unit's workbook, as it went out with the opening letter."""
    holder = await portal.holder(request)
    name, data = await run_in_threadpool(blank_for, portal.place, holder.regime, holder.period, holder.unit)
    return download(name, data)


async def marked(portal: Portal, request: Request) -> Response:
    """The marked-up workbook of one sending."""
    holder = await portal.holder(request)
    found = await portal.sent(request, holder)
    if found.marked_sha256 is None:
        raise HTTPException(404)
    data = await run_in_threadpool(portal.place.store.files.get, found.marked_sha256)
    return download(f"ket-qua_{holder.unit}_{holder.period}_{found.id}.xlsx", data)


async def original(portal: Portal, request: Request) -> Response:
    """The file as it was sent."""
    holder = await portal.holder(request)
    found = await portal.sent(request, holder)
    data = await run_in_threadpool(portal.place.store.files.get, found.sha256)
    # Not by its ending: these are bytes from outside under a name their sender chose.
    return download(found.filename, data, kind=BYTES)


async def tried(portal: Portal, request: Request) -> Response:
    """The marked-up copy of a test."""
    holder = await portal.holder(request)
    data = await run_in_threadpool(portal.tried.get, holder.link_id, request.path_params["name"])
    if data is None:
        raise HTTPException(404, "Kết quả kiểm tra thử chỉ được giữ 15 phút. Hãy kiểm tra thử lại.")
    return download(f"kiem-tra-thu_{holder.unit}_{holder.period}.xlsx", data)


def download(name: str, data: bytes, kind: str = XLSX) -> Response:
    """A file to keep, never shown inside the browser; its name goes out in one form every browser reads."""
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    return Response(data, media_type=kind, headers={"content-disposition": disposition})
