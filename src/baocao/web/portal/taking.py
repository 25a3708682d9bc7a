"""Taking in what a unit sends: files, a test of a file, explanations, a request for more time."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from datetime import date, datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from baocao.intake.antivirus import ScannerAway
from baocao.store.database import StaleStatus
from baocao.store.files import FileProblem
from baocao.web.portal import home
from baocao.web.portal.decision_pool import tried
from baocao.web.portal.service import Portal, base_of, number_in
from baocao.workflow.installation import Refused
from baocao.workflow.intake.giving_back import withdraw
from baocao.workflow.mail.personal_links import Holder
from baocao.workflow.portal.asking import ask_extension
from baocao.workflow.portal.sending import Taken, arrival_key, is_signed_copy, plain_name, take_copy, take_in

log = logging.getLogger("baocao.portal")
_NOT_KEPT = "Kho tệp đang không nhận. Tệp chưa được nhận; hãy gửi lại sau ít phút hoặc gọi cho cơ quan tổng hợp."
_NOT_SCANNED = (
    "Chương trình diệt virus tạm không trả lời nên chưa kiểm tra thử được. Tệp nộp thật vẫn được nhận, tính giờ lúc "
    "đến và chờ quét."
)
_NOTHING = "Chưa chọn tệp nào. Hãy chọn tệp Excel đã điền rồi gửi."


async def upload(portal: Portal, request: Request) -> Response:
    """POST: files. They are safe before anything is answered; the verdict is waited for a moment only."""
    holder = await portal.holder(request)
    async with portal.posted(request, holder, most_bytes=portal.config.limits.upload_bytes) as body:
        if not body.files:
            return await home.page(portal, request, said=_NOTHING, status=400)
        if body.text("mode") == "try":
            return await _test(portal, request, holder, body.files[0], body.received_at)
        # From the page, the same when the browser sends the form twice: with the content it makes one arrival of both.
        word = body.text("request_id")[:64]
        taken: list[Taken] = []
        refused: list[str] = []
        for number, file in enumerate(body.files):
            data = await file.read()
            digest = hashlib.sha256(data).hexdigest()
            key = arrival_key("upload", holder.link_id, word, number, digest)
            name = file.filename or ""
            if await run_in_threadpool(is_signed_copy, portal.place, holder, data):
                refused += await _copied(portal, holder, data, name, body.received_at, key)
                portal.letter_sender.wake()
            else:
                taken.append(await kept(portal, holder, data, name, body.received_at, key))
    # What was taken in is decided all the same; only the answer is about the files that were refused.
    if refused:
        for one in taken:
            portal.pool.submit(one.id)
        return await home.page(portal, request, said=" ".join(refused), status=400)
    if not taken:
        return RedirectResponse(f"{base_of(request)}?xong=ban-ky", 303)
    return await answered(portal, request, taken)


async def _copied(portal: Portal, holder: Holder, data: bytes, name: str, received_at: datetime, key: str) -> list[str]:
    """Keep a signed copy; why it is not one, if so."""
    try:
        await run_in_threadpool(take_copy, portal.place, holder, data, name, received_at, key)
    except Refused as error:
        return [f"{plain_name(name)}: {error}."]
    except (FileProblem, OSError):
        log.exception("a signed copy could not be kept")
        raise HTTPException(503, _NOT_KEPT, {"retry-after": "60"}) from None
    return []


async def kept(portal: Portal, holder: Holder, data: bytes, name: str, received_at: datetime, key: str) -> Taken:
    """Write the file down before anything opens it. Raises HTTPException 503 when the store takes none."""
    try:
        return await run_in_threadpool(take_in, portal.place, holder, data, name, received_at, key)
    except (FileProblem, OSError):
        log.exception("an upload could not be kept")
        raise HTTPException(503, _NOT_KEPT, {"retry-after": "60"}) from None


async def answered(portal: Portal, request: Request, taken: list[Taken]) -> Response:
    """To the page of the verdict, or of several. Whoever goes away meanwhile has sent it all the same."""
    verdicts = [asyncio.wrap_future(portal.pool.submit(t.id)) for t in taken]
    # wait() and not wait_for(): at the time limit it leaves the judging alone instead of cancelling it.
    await asyncio.wait(verdicts, timeout=portal.config.limits.patience_seconds)
    base = base_of(request)
    return RedirectResponse(f"{base}lan/{taken[0].id}" if len(taken) == 1 else f"{base}?xong={len(taken)}", 303)


async def _test(portal: Portal, request: Request, holder: Holder, file: UploadFile, at: datetime) -> Response:
    """What would be answered; records nothing."""
    # Refused instead of queued: waiting tests would hold their places in the limiter, which real sendings need.
    if portal.testing.locked():
        raise HTTPException(503, "Đang có nhiều lượt kiểm tra thử. Hãy thử lại sau ít giây.", {"retry-after": "5"})
    async with portal.testing:
        data = await file.read()
        name = file.filename or ""
        try:
            checked = await run_in_threadpool(tried, portal.place, holder, data, name, at)
        except ScannerAway as error:
            log.warning("a test was not made: %s", error)
            raise HTTPException(503, _NOT_SCANNED, {"retry-after": "300"}) from None
    kept = portal.tried.keep(holder.link_id, checked.marked) if checked.marked is not None else ""
    return portal.page(
        request,
        "portal/tried.html",
        await portal.standing(holder),
        checked=checked,
        blocking=[f for f in checked.findings if f.severity == "blocks"],
        to_explain=[f for f in checked.findings if f.severity == "explain" and not f.explanation],
        marked=kept,
    )


async def explain(portal: Portal, request: Request) -> Response:
    """POST: explanations of points, typed on the page; they go out as a workbook of their own."""
    holder = await portal.holder(request)
    number = number_in(request)
    found = await portal.sent(request, holder)
    async with portal.posted(request, holder) as body:
        said = {f.key: body.text(f"explain-{n}") for n, f in enumerate(found.to_explain)}
        key = arrival_key("explain", holder.link_id, number, body.text("request_id")[:64])
        try:
            writing = portal.pool.explain(holder, number, said, body.received_at, key)
            taken = await asyncio.wrap_future(writing)
        except Refused as error:
            return await home.sending(portal, request, said=str(error), status=400)
        except (FileProblem, OSError):
            log.exception("explanations could not be kept")
            raise HTTPException(503, _NOT_KEPT, {"retry-after": "60"}) from None
    return await answered(portal, request, [taken])


async def withdraw_own(portal: Portal, request: Request) -> Response:
    """POST: the unit takes back what it has sent, with a reason."""
    holder = await portal.holder(request)
    number = number_in(request)
    found = await portal.sent(request, holder)
    if not found.may_be_withdrawn:
        raise HTTPException(404)
    async with portal.posted(request) as body:
        reason, sure = body.text("reason"), body.text("confirmed")
    if not sure:
        return await home.sending(portal, request, said="Hãy đánh dấu vào ô xác nhận rút báo cáo.", status=400)
    try:
        await run_in_threadpool(
            lambda: withdraw(portal.place, number, reason=reason, by=f"unit:{holder.unit}", as_of=portal.clock.now())
        )
    except (Refused, StaleStatus) as error:
        return await home.sending(portal, request, said=str(error), status=400)
    return RedirectResponse(f"{base_of(request)}lan/{number}", 303)


async def more_time(portal: Portal, request: Request) -> Response:
    """POST: a request for more time, which the office decides."""
    holder = await portal.holder(request)
    async with portal.posted(request) as body:
        try:
            until = date.fromisoformat(body.text("until"))
        except ValueError:
            return await home.page(portal, request, said="Hãy chọn ngày đề nghị gia hạn đến.", status=400)
        reason, by = body.text("reason"), body.text("asked_by")
    try:
        await run_in_threadpool(
            lambda: ask_extension(portal.place, holder, until=until, reason=reason, asked_by=by, at=portal.clock.now())
        )
    except Refused as error:
        return await home.page(portal, request, said=str(error), status=400)
    portal.letter_sender.wake()
    return RedirectResponse(f"{base_of(request)}?xong=gia-han#gia-han", 303)
