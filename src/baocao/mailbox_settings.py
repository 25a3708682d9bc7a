"""Where the mailbox is that units write to, read from the environment and checked at start."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

_PORTS = {"imap": 143, "imap+starttls": 143, "imaps": 993}
_OPTIONS = {"timeout", "password_file", "ca_file"}
_ADDRESS = re.compile(r"[A-Za-z0-9._-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_FOLDER = re.compile(r"[A-Za-z0-9 ._/-]+")


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mailbox that units send to."""

    host: str
    port: int
    mode: str
    """`imap`, `imap+starttls` or `imaps`"""
    user: str
    password: str = field(repr=False)
    folder: str
    """Where new mail lies: `INBOX`."""
    timeout: float
    """Seconds."""
    ca_file: str | None
    address: str
    """The address units write to, small letters; the part before `@` gets `+token` for each unit and period."""
    relay: str
    """The name our own relay gives itself in Authentication-Results; empty: its word is not asked for."""

    @property
    def name(self) -> str:
        """What tells this folder from every other."""
        return f"{self.user}@{self.host}/{self.folder}"


def mailbox_of(env: Mapping[str, str], url: str | None) -> Mailbox | None:
    """The mailbox behind `BAOCAO_IMAP_URL`; None where there is none.

    Raises ValueError naming the variable, what is wrong with it and what to put there; never the password.
    """
    others = [name for name in ("BAOCAO_MAIL_ADDRESS", "BAOCAO_MAIL_RELAY") if env.get(name)]
    if not url:
        if others:
            raise ValueError(f"{others[0]}: chỉ dùng khi có BAOCAO_IMAP_URL; hãy ghi biến đó hoặc bỏ biến này")
        return None
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname or not parts.username:
        raise ValueError("BAOCAO_IMAP_URL: cần dạng imaps://tên:mật-khẩu@máy-chủ/INBOX, hoặc imap+starttls://…")
    options = parse_qs(parts.query)
    if unknown := set(options) - _OPTIONS:
        raise ValueError(
            f"BAOCAO_IMAP_URL: tham số lạ {', '.join(sorted(unknown))}; chỉ dùng {', '.join(sorted(_OPTIONS))}"
        )
    try:
        port, timeout = parts.port or _PORTS[parts.scheme], float(options.get("timeout", ["30"])[0])
    except ValueError:
        raise ValueError("BAOCAO_IMAP_URL: cổng và timeout phải là số; hãy sửa biến này") from None
    if parts.scheme == "imap" and not _is_loopback(parts.hostname):
        raise ValueError(
            "BAOCAO_IMAP_URL: imap:// không mã hóa chỉ dùng được trên chính máy này; hãy dùng imaps:// hoặc imap+starttls://"
        )
    # Quoted in the address, because a password may hold `@`, `/` or `:`.
    password = unquote(parts.password or "")
    if "password_file" in options:
        password = _file(options["password_file"][0], "password_file").read_text(encoding="utf-8").strip()
    if not password:
        raise ValueError("BAOCAO_IMAP_URL: chưa có mật khẩu; hãy ghi trong địa chỉ hoặc password_file=…")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    if not _FOLDER.fullmatch(folder):
        raise ValueError(f"BAOCAO_IMAP_URL: tên thư mục {folder!r} chỉ được gồm chữ không dấu, số, dấu . _ - /")
    address = env.get("BAOCAO_MAIL_ADDRESS", "").strip().lower()
    if not _ADDRESS.fullmatch(address):
        raise ValueError(
            f"BAOCAO_MAIL_ADDRESS: {address!r} không phải địa chỉ; hãy ghi địa chỉ mà đơn vị gửi tới, không có dấu +, "
            "ví dụ bao-cao@tinh.example"
        )
    ca_file = options.get("ca_file", [None])[0]
    if ca_file is not None:
        _file(ca_file, "ca_file")
    return Mailbox(
        host=parts.hostname,
        port=port,
        mode=parts.scheme,
        user=unquote(parts.username),
        password=password,
        folder=folder,
        timeout=timeout,
        ca_file=ca_file,
        address=address,
        relay=env.get("BAOCAO_MAIL_RELAY", "").strip().lower(),
    )


def _file(text: str, option: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"BAOCAO_IMAP_URL: {option}: không có tệp {path}; hãy tạo tệp này")
    return path


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
