"""Filling the forms in the browser: one page a form, saved as a draft, checked and sent as the workbook it makes."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from baocao.forms.contract import INFO_ROWS
from baocao.model.form import CellKey, Form
from baocao.model.pack_views import entered_by
from baocao.model.submission import Finding
from baocao.store.database import StaleStatus
from baocao.web.common.draft_view import form_values, next_page, overview_values
from baocao.web.common.list_view import form_as_sent
from baocao.web.common.typed import or_404, whole_number
from baocao.web.portal import home
from baocao.web.portal.bodies import Body
from baocao.web.portal.service import Portal, base_of
from baocao.web.portal.taking import answered, kept
from baocao.workflow.installation import Refused
from baocao.workflow.intake.checking import Checked
from baocao.workflow.mail.personal_links import Holder
from baocao.workflow.portal import drafts
from baocao.workflow.portal.drafts import FormDraft
from baocao.workflow.portal.sending import arrival_key
from baocao.workflow.portal.standing import UnitPage

_ELSEWHERE = (
    "CHƯA LƯU: bản nháp vừa được lưu ở một cửa sổ hoặc máy khác. Những gì vừa điền vẫn còn trên trang này; hãy chép "
    "ra, tải lại trang rồi điền tiếp."
)


def routes(portal: Portal) -> list[Route]:
    """The pages on which a unit types its report."""
    return [
        portal.route("/k/{handle}/dien/", overview),
        portal.route("/k/{handle}/dien/", act, ("POST",)),
        portal.route("/k/{handle}/dien/tep", workbook),
        portal.route("/k/{handle}/dien/{form}", form_page),
        portal.route("/k/{handle}/dien/{form}", save_form, ("POST",)),
    ]


async def overview(
    portal: Portal, request: Request, *, said: str = "", checked: Checked | None = None, status: int = 200
) -> Response:
    """All forms and how far each is; the people who sign; check and send."""
    _, standing, draft = await _draft(portal, request)
    forms = entered_by(standing.pack, standing.unit)
    source = request.query_params.get("tu", "")
    return portal.page(
        request,
        "portal/fill.html",
        standing,
        status=status,
        **overview_values(draft, forms, checked.findings if checked else ()),
        said=said,
        checked=checked,
        source=source if source.isdigit() else "",
        request_id=secrets.token_urlsafe(16),
    )


async def act(portal: Portal, request: Request) -> Response:
    """POST: keep the information sheet, and what the button says: save, check, send, begin again, take over a file."""
    holder, _, draft = await _draft(portal, request)
    async with portal.posted(request, holder, is_draft=True) as body:
        step = body.text("step")
    if step == "discard":
        await run_in_threadpool(drafts.discard, portal.place, holder)
        return RedirectResponse(f"{base_of(request)}dien/", 303)
    if step == "take-over":
        return await _take_over(portal, request, holder, body)
    typed = {code.lower(): body.text(f"info-{code.lower()}") for code in INFO_ROWS}
    draft = replace(drafts.with_info(draft, typed), revision=_revision(body))
    try:
        draft = await run_in_threadpool(drafts.save, portal.place, holder, draft, portal.clock.now())
    except StaleStatus:
        return await overview(portal, request, said=_ELSEWHERE, status=409)
    if step == "check":
        return await overview(portal, request, checked=await _check(portal, holder, draft))
    if step == "send":
        name, data = await run_in_threadpool(drafts.workbook_of, portal.place, holder, draft)
        key = arrival_key("draft", holder.link_id, draft.revision, body.text("request_id")[:64])
        return await answered(portal, request, [await kept(portal, holder, data, name, body.received_at, key)])
    return RedirectResponse(f"{base_of(request)}dien/", 303)


async def _take_over(portal: Portal, request: Request, holder: Holder, body: Body) -> Response:
    number = or_404(whole_number(body.text("source"), digits=15))
    at = portal.clock.now()
    try:
        await portal.pool.read(lambda r: drafts.from_sending(portal.place, r, holder, number, at))
    except Refused as error:
        return await overview(portal, request, said=str(error), status=400)
    return RedirectResponse(f"{base_of(request)}dien/", 303)


async def form_page(portal: Portal, request: Request) -> Response:
    """One form, filled as far as the draft is."""
    holder, standing, draft = await _draft(portal, request)
    return await _show(portal, request, holder, standing, draft, _form_of(request, standing))


async def save_form(portal: Portal, request: Request) -> Response:
    """POST: keep the form; then check it, or go on with the next one."""
    holder, standing, draft = await _draft(portal, request)
    form = _form_of(request, standing)
    async with portal.posted(request, holder, is_draft=True) as body:
        step = body.text("step")
        draft = form_as_sent(draft, form, body.text, set(body.form.keys()))
    # The revision of the page, not of the store: only so is a draft noticed that was saved elsewhere meanwhile.
    draft = replace(draft, revision=_revision(body))
    try:
        draft = await run_in_threadpool(drafts.save, portal.place, holder, draft, portal.clock.now())
    except StaleStatus:
        return await _show(portal, request, holder, standing, draft, form, said=_ELSEWHERE, status=409)
    if step == "check":
        found = (await _check(portal, holder, draft)).findings
        return await _show(portal, request, holder, standing, draft, form, findings=found, is_checked=True)
    code, more = next_page(step, form, entered_by(standing.pack, standing.unit))
    saved = "" if step == "next" else f"?luu=1&them={more}#l-{more}" if more else "?luu=1"
    return RedirectResponse(f"{base_of(request)}dien/{code}{saved}", 303)


async def workbook(portal: Portal, request: Request) -> Response:
    """The draft as the workbook it makes."""
    holder, _, draft = await _draft(portal, request)
    name, data = await run_in_threadpool(drafts.workbook_of, portal.place, holder, draft)
    return home.download(name, data)


async def _show(
    portal: Portal,
    request: Request,
    holder: Holder,
    standing: UnitPage,
    draft: FormDraft,
    form: Form,
    *,
    findings: Sequence[Finding] = (),
    is_checked: bool = False,
    said: str = "",
    status: int = 200,
) -> Response:
    figures: dict[CellKey, str] = await run_in_threadpool(drafts.computed, portal.place, holder, draft)
    forms = entered_by(standing.pack, standing.unit)
    return portal.page(
        request,
        "portal/form.html",
        standing,
        status=status,
        **form_values(draft, form, figures, findings, request.query_params.get("them", "")),
        is_checked=is_checked,
        codes=[(f.code, f.short) for f in forms],
        said=said,
        saved=bool(request.query_params.get("luu")),
    )


async def _draft(portal: Portal, request: Request) -> tuple[Holder, UnitPage, FormDraft]:
    holder = await portal.holder(request)
    standing = await portal.standing(holder)
    draft = await portal.pool.read(lambda reader: drafts.draft_of(portal.place, reader, holder))
    return holder, standing, draft


async def _check(portal: Portal, holder: Holder, draft: FormDraft) -> Checked:
    if portal.testing.locked():
        raise HTTPException(503, "Đã lưu. Đang có nhiều lượt kiểm tra; hãy kiểm tra lại sau ít giây.")
    async with portal.testing:
        return await asyncio.shield(run_in_threadpool(drafts.checked, portal.place, holder, draft, portal.clock.now()))


def _form_of(request: Request, standing: UnitPage) -> Form:
    forms = entered_by(standing.pack, standing.unit)
    return or_404(next((f for f in forms if f.code == request.path_params["form"]), None))


def _revision(body: Body) -> int:
    return whole_number(body.text("revision"), digits=9) or 0
