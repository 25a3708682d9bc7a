"""Headers of every answer: nothing from elsewhere, nothing inline, nothing framed, nothing remembered.

A page loads style and script from our own `/static/` only. No `style=` attribute, no `onclick=`, no `<script>` with
text in it works under this policy, so text from outside that slipped into a page could not act there either.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "script-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
FRAMED_BY_OWN_SITE = {
    "content-security-policy": CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'"),
    "x-frame-options": "SAMEORIGIN",
}
"""For pages that Airflow shows in a frame of its own page."""
STRICT_TRANSPORT = "max-age=31536000"


class SecureHeaders:
    """Goes around the whole application, so that its last words (500) are covered too.

    An answer that names its own `cache-control` keeps it; any other must not be stored.

    HSTS only goes out over TLS (`scheme` is `https`: uvicorn takes it from the reverse proxy it was told to trust).
    """

    def __init__(self, app: ASGIApp, *, framed_by_own_site: bool = False) -> None:
        self._app = app
        self._headers = {**HEADERS, **FRAMED_BY_OWN_SITE} if framed_by_own_site else HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                # Static files name their own; pages with figures and downloads are not to stay in a browser's cache.
                headers.setdefault("cache-control", "no-store")
                if scope.get("scheme") == "https":
                    headers["strict-transport-security"] = STRICT_TRANSPORT
            await send(message)

        await self._app(scope, receive, with_headers)
