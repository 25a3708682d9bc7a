"""How much one link and one address may do at once and in a while.

Kept in the memory of each process: with several, each allows so much. Nothing that is kept or decided depends on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.exceptions import HTTPException

from baocao.web.portal.config import PortalLimits

_SLOW_DOWN = "Đã gửi quá nhiều lần trong thời gian ngắn. Những gì đã nhận vẫn được giữ; hãy chờ ít phút rồi thử lại."
_BUSY = "Đang có quá nhiều lượt gửi cùng lúc. Tệp này chưa được nhận; hãy gửi lại sau ít giây."


class RequestLimiter:
    """Raises HTTPException 429 (this one too often) or 503 (too many at once); nothing was taken then."""

    def __init__(self, limits: PortalLimits) -> None:
        self._limits = limits
        self._rates = MovingWindowRateLimiter(MemoryStorage())
        self._per_link = parse(limits.uploads_per_link)
        self._saves = parse(limits.saves_per_link)
        self._per_address = parse(limits.uploads_per_address)
        self._requests = parse(limits.requests_per_address)
        self._unknown_links = parse(limits.unknown_links_per_address)
        self._now: Counter[str] = Counter()

    def request(self, address: str) -> None:
        """Any request of an address."""
        if not self._rates.hit(self._requests, "request", address):
            raise HTTPException(429, _SLOW_DOWN, {"retry-after": "60"})

    def unknown_link(self, address: str) -> None:
        """A link that opened nothing."""
        if not self._rates.hit(self._unknown_links, "unknown link", address):
            raise HTTPException(429, _SLOW_DOWN, {"retry-after": "60"})

    def guesses_left(self, address: str) -> bool:
        """Whether an address may still try a link that nobody has."""
        return self._rates.test(self._unknown_links, "unknown link", address)

    @asynccontextmanager
    async def upload(self, link: int, address: str, *, is_draft: bool = False) -> AsyncIterator[None]:
        """While a body is taken in; `is_draft`: a form is only saved."""
        per_link = self._saves if is_draft else self._per_link
        bounds = {
            "all": self._limits.uploads_at_once,
            f"link {link}": self._limits.uploads_at_once_per_link,
            f"address {address}": self._limits.uploads_at_once_per_address,
        }
        # Before the rates: a sending that is turned away as busy must not count against them.
        if any(self._now[name] >= most for name, most in bounds.items()):
            raise HTTPException(503, _BUSY, {"retry-after": "5"})
        if not self._rates.hit(per_link, "draft" if is_draft else "link", str(link)) or not self._rates.hit(
            self._per_address, "address", address
        ):
            raise HTTPException(429, _SLOW_DOWN, {"retry-after": "60"})
        self._now.update(bounds.keys())
        try:
            yield
        finally:
            for name in bounds:
                self._now[name] -= 1
                # Otherwise the counter keeps a key for every address that ever sent, for the months the service runs.
                if not self._now[name]:
                    del self._now[name]
