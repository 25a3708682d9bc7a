"""Whose word is taken for the client's address, for TLS and for who the client is: a reverse proxy that is named.

Anybody else's `X-Forwarded-*` is ignored, and a header that identifies a unit is taken away before anybody sees it.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from baocao.web.portal.config import PortalConfig


def is_among(address: str, known: Sequence[str]) -> bool:
    """Whether an address is one of these, or lies in one of these networks (`172.28.90.0/24`)."""
    for name in known:
        if name == address:
            return True
        try:
            # ValueError for a host name, and for the empty address of a Unix socket: neither lies in a network.
            if ip_address(address) in ip_network(name):
                return True
        except ValueError:
            continue
    return False


class TrustedProxies:
    """Goes around everything."""

    def __init__(self, app: ASGIApp, config: PortalConfig) -> None:
        self._header = config.unit_header.encode()
        self._trusted = ProxyHeadersMiddleware(app, trusted_hosts=list(config.proxies))  # type: ignore[arg-type]
        self._names = config.proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        peer = client[0] if client else ""
        # Before the proxy middleware runs: it replaces the peer's address by the one that the peer claims.
        if scope["type"] == "http" and self._header and not is_among(peer, self._names):
            scope = {**scope, "headers": [(k, v) for k, v in scope["headers"] if k.lower() != self._header]}
        await self._trusted(scope, receive, send)  # type: ignore[arg-type]
