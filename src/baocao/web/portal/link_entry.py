"""The way in: a link from a letter, the code by e-mail where the office wants one, and what is told when it fails."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from baocao.web.portal.access import CodeNeeded, WrongUnit
from baocao.web.portal.service import Portal, address_of, base_of
from baocao.workflow.installation import Refused
from baocao.workflow.mail.personal_links import LinkRefused, LinkTrouble
from baocao.workflow.portal import codes


async def start(portal: Portal, request: Request) -> Response:
    """The bare address: there is no list of units and nothing to log in to."""
    return portal.pages.page(request, "portal/link.html", trouble="none", contact="", phone="")


async def enter(portal: Portal, request: Request) -> Response:
    """A link as it stands in a letter: from here on the browser has it, and no address carries it."""
    word = request.path_params["word"]
    # Asked without counting, so that genuine links behind one office's address never use up the guesses.
    if not portal.limiter.guesses_left(address_of(request)):
        portal.limiter.unknown_link(address_of(request))
    handle, _ = await run_in_threadpool(portal.access.open, request, word)
    response = RedirectResponse(f"/k/{handle}/", status_code=303)
    portal.access.remember(request, response, word)
    return response


async def ask_code(portal: Portal, request: Request) -> Response:
    """POST: send a code to the unit's registered address."""
    holder = await run_in_threadpool(portal.access.holder, request, without_code=True)
    async with portal.posted(request):
        pass
    try:
        await run_in_threadpool(codes.send, portal.place, holder, portal.clock.now())
    except Refused as error:
        return await code_page(portal, request, CodeNeeded(holder), said=str(error), status=429)
    return await code_page(portal, request, CodeNeeded(holder), sent=True)


async def give_code(portal: Portal, request: Request) -> Response:
    """POST: the code from the letter."""
    holder = await run_in_threadpool(portal.access.holder, request, without_code=True)
    async with portal.posted(request) as body:
        code = body.text("code")
    if not await run_in_threadpool(codes.is_right, portal.place, holder, code, portal.clock.now()):
        said = "Mã không đúng, đã dùng hoặc đã hết giá trị. Hãy nhập lại, hoặc nhận mã mới."
        return await code_page(portal, request, CodeNeeded(holder), said=said, sent=True, status=403)
    response = RedirectResponse(base_of(request), status_code=303)
    portal.access.passed(request, response, holder)
    return response


async def health(portal: Portal, request: Request) -> Response:
    """Whether the database answers and how many arrivals wait to be decided. Nothing of any unit."""

    def asked() -> str | None:
        return portal.place.store.version()

    try:
        version = await run_in_threadpool(asked)
    except Exception:
        return JSONResponse({"status": "down", "database": "unreachable"}, status_code=503)
    return JSONResponse({"status": "ok", "database": version, "waiting": portal.pool.waiting})


async def code_page(
    portal: Portal, request: Request, error: CodeNeeded, *, said: str = "", sent: bool = False, status: int = 200
) -> Response:
    """Where the code is typed. `sent`: a letter with one is on its way; `said`: why the last try failed."""
    standing = await portal.standing(error.holder)
    masked = codes.masked(standing.unit.email)
    return portal.page(
        request,
        "portal/code.html",
        standing,
        status=status,
        address=masked,
        said=said,
        sent=sent,
    )


async def no_way_in(portal: Portal, request: Request, error: Exception) -> Response:
    """A link that opens nothing. Who is not its holder learns no more than that; who was one is told whom to ask."""
    if isinstance(error, WrongUnit):
        return portal.pages.page(request, "portal/link.html", status=403, trouble="identity", contact="", phone="")
    assert isinstance(error, LinkRefused)
    try:
        portal.limiter.unknown_link(address_of(request))
    except HTTPException as slow:
        return portal.pages.page(
            request,
            "web/common/error.html",
            status=429,
            title="Gửi quá nhiều lần trong thời gian ngắn",
            said=slow.detail,
            number="",
        )
    contact = phone = ""
    if error.trouble is not LinkTrouble.UNKNOWN:
        authority = portal.place.pack(error.regime).regime.authority
        contact, phone = authority.contact, authority.phone
    status = 404 if error.trouble is LinkTrouble.UNKNOWN else 410
    return portal.pages.page(
        request, "portal/link.html", status=status, trouble=error.trouble.value, contact=contact, phone=phone
    )
