"""Forms that only our own pages can send.

Each browser gets a random word in a cookie that scripts cannot read and other sites cannot make it send (SameSite);
each form carries the same word signed. Where the browser says from which site a request comes (Sec-Fetch-Site,
Origin), that must be ours as well.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

FIELD = "csrf_token"
"""The name of the hidden field."""
COOKIE = "baocao_form"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
REFUSED = "Biểu mẫu này đã cũ hoặc không do trang này gửi. Hãy tải lại trang rồi gửi lại."


class Csrf:
    """`keys` gives the signing secrets, the newest last; `salt` keeps the forms of one service apart from another's."""

    def __init__(self, keys: Callable[[], Sequence[bytes]], *, salt: str) -> None:
        self._keys, self._salt = keys, f"baocao form {salt}"

    def token(self, request: Request) -> str:
        """The word for the forms of this browser's page."""
        # A page may have several forms: without the state each would get a word of its own on a browser's first visit.
        word: str | None = getattr(request.state, "form_word", None) or request.cookies.get(COOKIE)
        # The cookie is whatever the client sends; ours has 32 characters.
        if not word or len(word) > 64:
            word = secrets.token_urlsafe(24)
        request.state.form_word = word
        return str(self._serializer().dumps(word))

    def remember(self, request: Request, response: Response) -> None:
        """Give the browser its word, where it has none yet."""
        word: str | None = getattr(request.state, "form_word", None)
        if word and request.cookies.get(COOKIE) != word:
            secure = request.url.scheme == "https"
            response.set_cookie(COOKIE, word, httponly=True, samesite="strict", secure=secure, path="/")

    def require_own_site(self, request: Request) -> None:
        """Before the body is read. Raises HTTPException 403 when the browser says that another site sent it."""
        if request.method in _SAFE:
            return
        site = request.headers.get("sec-fetch-site")
        origin = request.headers.get("origin")
        if site is not None:
            # "none" is the person's own act (an address typed, a bookmark); "same-site" is another host of our domain,
            # not us.
            foreign = site not in {"same-origin", "none"}
        else:
            # Under our `Referrer-Policy: no-referrer` a browser says `Origin: null` of our own forms, too.
            foreign = origin not in {None, "null"} and urlsplit(origin or "").netloc != request.headers.get("host", "")
        if foreign:
            raise HTTPException(403, REFUSED)

    def require(self, request: Request, token: object) -> None:
        """The field of a form against the browser's cookie. Raises HTTPException 403."""
        self.require_own_site(request)
        word = request.cookies.get(COOKIE, "")
        try:
            signed = self._serializer().loads(token if isinstance(token, str) else "")
        except BadSignature:
            signed = None
        # As bytes: compare_digest raises TypeError for a str that is not ASCII, and a client may send one.
        if not word or not isinstance(signed, str) or not secrets.compare_digest(signed.encode(), word.encode()):
            raise HTTPException(403, REFUSED)

    def _serializer(self) -> URLSafeSerializer:
        # The order of the keys counts: the last one signs, all of them verify, so a form opened before a rotation still
        # works.
        return URLSafeSerializer(list(self._keys()), salt=self._salt)
