"""What the portal allows and how it is reached."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from baocao.settings import ConfigurationError

MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class PortalLimits:
    """Bounds of one request and of many. Sizes in bytes, times in seconds."""

    upload_bytes: int = 60 * MEGABYTE
    """one request with all its files; a workbook may have 20 MB (`xlsx.limits`), scans of the signed copy the rest"""
    drained_bytes: int = 120 * MEGABYTE
    """so much of a request that is too large is still taken and thrown away, so that the browser shows our answer"""
    files: int = 8
    form_bytes: int = 4 * MEGABYTE
    """a request without files: the figures of all forms typed in the browser"""
    form_fields: int = 20_000
    field_bytes: int = 64 << 10
    in_memory_bytes: int = 64 << 10
    """of a file on its way; the rest goes to disk"""
    idle_seconds: float = 30.0
    """between two pieces of a body"""
    body_seconds: float = 900.0
    """for a whole body: 60 MB at 0.6 Mbit/s"""
    head_seconds: float = 20.0
    """from the connection to the end of the first request's head"""
    uploads_at_once: int = 200
    uploads_at_once_per_link: int = 3
    uploads_at_once_per_address: int = 60
    """a province's offices may share one address"""
    uploads_per_link: str = "40 per 10 minutes"
    saves_per_link: str = "600 per 10 minutes"
    """forms of the draft, one after the other"""
    uploads_per_address: str = "600 per minute"
    requests_per_address: str = "3000 per minute"
    unknown_links_per_address: str = "60 per minute"
    """links that open nothing"""
    tests_at_once: int = 2
    patience_seconds: float = 2.5
    """so long an upload waits for its verdict; then the page says that the file is received and looks again"""
    connections: int = 1000
    check_packs_seconds: float = 5.0
    """between two looks whether the files of a pack have changed"""
    deciding_threads: int = 2
    letters_after_seconds: float = 5.0
    """letters go when nothing has been sent or judged for so long"""
    letters_within_seconds: float = 60.0
    """and at the latest so long after the first of them was written"""
    close_seconds: float = 20.0
    """so long the end of the service waits for its letters"""


@dataclass(frozen=True, slots=True)
class PortalConfig:
    """The portal's own settings, beside those of the installation."""

    limits: PortalLimits = field(default_factory=PortalLimits)
    proxies: tuple[str, ...] = ()
    """Addresses or networks of reverse proxies whose word is taken for the client's address, TLS and identity."""
    wants_code: bool = False
    """A code by e-mail on the first visit of a browser."""
    unit_header: str = ""
    """A header in which a trusted proxy names the unit it has identified (single sign-on, client certificate)."""


def load_config(env: Mapping[str, str] | None = None) -> PortalConfig:
    """Read the `BAOCAO_PORTAL_*` variables. Raises ConfigurationError naming the variable and the cure."""
    env = os.environ if env is None else env
    proxies = tuple(part.strip() for part in env.get("BAOCAO_PORTAL_PROXIES", "").split(",") if part.strip())
    code = (env.get("BAOCAO_PORTAL_CODE") or "no").lower()
    if code not in {"yes", "no"}:
        raise ConfigurationError(f"BAOCAO_PORTAL_CODE: {code!r} không đúng; hãy ghi yes hoặc no")
    header = (env.get("BAOCAO_PORTAL_UNIT_HEADER") or "").strip().lower()
    # Without a proxy that takes away what a client sends under that name, anybody could claim to be any unit.
    if header and not proxies:
        raise ConfigurationError(
            "BAOCAO_PORTAL_UNIT_HEADER: chỉ dùng sau máy chủ trung gian; hãy ghi địa chỉ máy đó vào "
            "BAOCAO_PORTAL_PROXIES"
        )
    if header and not header.replace("-", "").isalnum():
        raise ConfigurationError(f"BAOCAO_PORTAL_UNIT_HEADER: {header!r} không phải tên tiêu đề HTTP")
    return PortalConfig(proxies=proxies, wants_code=code == "yes", unit_header=header)


class Clock:
    """The time that counts. Started at another moment it goes on from there: for a demonstration of a past period."""

    def __init__(self, start: datetime | None = None) -> None:
        self._ahead = (start - datetime.now(UTC)) if start is not None else timedelta(0)

    def now(self) -> datetime:
        """The moment in UTC: the machine's, or as far from it as the start was."""
        return datetime.now(UTC) + self._ahead
