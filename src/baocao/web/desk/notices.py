"""What the page after a step says about it: signed, read once, gone with the next page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

NOTICE = "baocao_notice"
_SECONDS = 120
_MOST = 1500
"""Characters of a sentence: a cookie has room for no more."""


class Notices:
    """`keys` gives the signing secrets, the newest last."""

    def __init__(self, keys: Callable[[], Sequence[bytes]]) -> None:
        self._keys = keys

    def write(self, request: Request, response: Response, said: str, tone: str) -> None:
        """Say it on the next page, by a signed cookie; cut to what a cookie holds."""
        text = said if len(said) <= _MOST else f"{said[:_MOST]}…"
        value = self._serializer().dumps({"said": text, "tone": tone})
        secure = request.url.scheme == "https"
        response.set_cookie(
            NOTICE, str(value), max_age=_SECONDS, httponly=True, samesite="strict", secure=secure, path="/"
        )

    def read(self, request: Request) -> dict[str, str] | None:
        """What was to be said, once; None where nothing was, or it is too old."""
        try:
            found = self._serializer().loads(request.cookies.get(NOTICE, ""), max_age=_SECONDS)
        except BadSignature:
            return None
        return {"said": str(found["said"]), "tone": str(found["tone"])}

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(list(self._keys()), salt="baocao desk notice")
