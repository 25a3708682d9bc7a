"""Who is asking: the holder of a personal link, in this browser.

A link is opened once; from then on its word stands in a cookie that only goes to the pages of that link, so no address
of any page carries it. Pages are named by a handle, which opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from baocao.web.portal.config import Clock, PortalConfig
from baocao.workflow.installation import Installation
from baocao.workflow.mail.personal_links import Holder, LinkRefused, LinkTrouble, holder_of

COOKIE = "baocao_link"
CODE_COOKIE = "baocao_code"
# Only how long the browser keeps it: every request asks again whether the link still opens (`holder_of`).
KEPT_SECONDS = 120 * 86400
_SALT = "baocao portal code 1"


class WrongUnit(Exception):  # noqa: N818 (an answer)
    """The proxy has identified somebody else than the unit of the link, or nobody."""


class CodeNeeded(Exception):  # noqa: N818 (an answer)
    """The link is good, this browser has not shown the code yet."""

    def __init__(self, holder: Holder) -> None:
        super().__init__()
        self.holder = holder


@dataclass(frozen=True)
class Access:
    """Holders of links, by browser."""

    place: Installation
    config: PortalConfig
    clock: Clock

    def open(self, request: Request, word: str) -> tuple[str, Holder]:
        """A link as it stands in a letter: its handle and holder. Raises LinkRefused, WrongUnit."""
        holder = holder_of(self.place, word, self.clock.now())
        self._require_identified(request, holder)
        return handle_of(word), holder

    def remember(self, request: Request, response: Response, word: str) -> None:
        """Give the browser the link's cookie."""
        self._set(request, response, COOKIE, word, handle_of(word))

    def holder(self, request: Request, *, without_code: bool = False) -> Holder:
        """Whose page is asked for. Raises LinkRefused, WrongUnit, CodeNeeded."""
        handle, word = request.path_params["handle"], request.cookies.get(COOKIE, "")
        # A browser sends the cookie to this path only; whoever sends another link's cookie here gets no page.
        if not word or not hmac.compare_digest(handle_of(word).encode(), handle.encode()):
            raise LinkRefused(LinkTrouble.UNKNOWN)
        holder = holder_of(self.place, word, self.clock.now())
        self._require_identified(request, holder)
        if self.config.wants_code and not without_code and not self._has_code(request, holder):
            raise CodeNeeded(holder)
        return holder

    def passed(self, request: Request, response: Response, holder: Holder) -> None:
        """The code was right: this browser is known from now on."""
        signed = str(self._signer().dumps(holder.link_id))
        self._set(request, response, CODE_COOKIE, signed, request.path_params["handle"])

    def _has_code(self, request: Request, holder: Holder) -> bool:
        try:
            return bool(self._signer().loads(request.cookies.get(CODE_COOKIE, "")) == holder.link_id)
        except BadSignature:
            return False

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer([key.secret for key in self.place.web_keys.known], salt=_SALT)

    def _require_identified(self, request: Request, holder: Holder) -> None:
        """Where a proxy names the unit it has identified, that must be the link's."""
        header = self.config.unit_header
        if header and not hmac.compare_digest(request.headers.get(header, "").encode(), holder.unit.encode()):
            raise WrongUnit

    @staticmethod
    def _set(request: Request, response: Response, name: str, value: str, handle: str) -> None:
        # Lax: the first request comes from a mail program, and Strict would not survive the redirect after it.
        response.set_cookie(
            name,
            value,
            max_age=KEPT_SECONDS,
            path=f"/k/{handle}/",
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )


def handle_of(word: str) -> str:
    """What names the pages of a link: nothing can be opened or guessed from it."""
    return hashlib.sha256(b"baocao handle " + word.encode()).hexdigest()[:16]
