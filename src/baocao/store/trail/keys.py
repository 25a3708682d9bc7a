"""Keys in files outside the database: who can only write the database can forge neither an event nor a personal link.

One key a line, 64 hexadecimal digits, the newest last; `#` begins a comment. Older keys stay, so that older rows can be
checked. The embedded installation makes its file when it first needs a key (0600); a file that is configured must
be there.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from baocao.settings import ConfigurationError

UNKEYED = "unkeyed"
"""The key id of a row from before there were keys."""
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Key:
    """One key. Its id tells which it is and nothing else of it."""

    secret: bytes

    @cached_property
    def id(self) -> str:
        """16 hex digits, written beside every row that was sealed with it."""
        return hashlib.sha256(b"baocao audit key " + self.secret).hexdigest()[:16]


class KeyFile:
    """The keys of one file, read when first needed."""

    variable: ClassVar[str]
    """The setting that names the file."""
    use: ClassVar[str]
    """What the keys are for, in a few words."""
    cure: ClassVar[str]
    """How another key is added where the program cannot write the file."""

    def __init__(self, file: Path, *, make: bool) -> None:
        self.file, self._make = file, make
        self._stamp: tuple[int, int] | None = None
        self._known: tuple[Key, ...] = ()

    @property
    def exist(self) -> bool:
        """Whether the file is there; it may hold no key yet."""
        return self.file.is_file()

    @property
    def known(self) -> tuple[Key, ...]:
        """All keys, the oldest first; none while there is no file. Raises ConfigurationError for a damaged file."""
        try:
            found = self.file.stat()
        except FileNotFoundError:
            return ()
        # Looked at each time: a server that runs for weeks takes a key that was added meanwhile.
        if self._stamp != (found.st_mtime_ns, found.st_size):
            self._known = _read(self.file, self.variable)
            self._stamp = (found.st_mtime_ns, found.st_size)
        return self._known

    @property
    def current(self) -> Key:
        """The key new rows are written with; made on the way where the installation keeps its own."""
        if not self.exist:
            if not self._make:
                raise ConfigurationError(
                    f"{self.variable}: không có tệp {self.file}; hãy khôi phục tệp khóa {self.use}"
                )
            text = f"# Khóa {self.use} của baocao: giữ kín, sao lưu riêng.\n{secrets.token_bytes(32).hex()}\n"
            make_secret_file(self.file, text.encode())
        return self.known[-1]

    def add(self) -> Key:
        """A new key behind the others: from now on rows are written with it. Raises ConfigurationError where the file
        cannot be written, as a mounted secret."""
        _ = self.current
        key = Key(secrets.token_bytes(32))
        try:
            # A file made by another program may end without the end of its line.
            ends = self.file.read_bytes().endswith(b"\n")
            with self.file.open("a", encoding="utf-8") as file:
                file.write(("" if ends else "\n") + key.secret.hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise ConfigurationError(
                f"{self.variable}: không ghi được {self.file} ({error.strerror}), chưa đổi khóa. {self.cure}"
            ) from error
        return key


class AuditKeys(KeyFile):
    """The keys of the audit trail. No line of the file may go: older rows are checked with older keys."""

    variable = "BAOCAO_AUDIT_KEY_FILE"
    use = "nhật ký"
    cure = (
        "Hãy thêm một dòng khóa mới vào cuối tệp ở nơi giữ nó (với docker compose: `python3 "
        "include/docker/make_secrets.py --new-audit-key` trên máy chủ), rồi chạy lại `baocao audit rotate-key`"
    )


class WebKeys(KeyFile):
    """The keys of personal links and of the forms of our pages. Taking a line out ends all links signed with it."""

    variable = "BAOCAO_WEB_KEY_FILE"
    use = "liên kết và biểu mẫu web"
    cure = "Hãy thêm một dòng khóa mới (64 chữ số thập lục phân) vào cuối tệp ở nơi giữ nó"


def make_secret_file(file: Path, content: bytes) -> None:
    """Make a file that only its owner may read (0600): whole or not at all, and one only however many processes begin
    at once. One that is there stays."""
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        # A link fails where another process was first; a rename would replace the key it has written with.
        os.link(aside, file)
    except FileExistsError:
        pass
    finally:
        aside.unlink(missing_ok=True)


def _read(file: Path, variable: str) -> tuple[Key, ...]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{variable}: không đọc được {file}: {error}") from error
    keys = []
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if text and not _KEY.fullmatch(text):
            raise ConfigurationError(
                f"{variable}: {file}, dòng {number}: không phải khóa (64 chữ số thập lục phân thường)"
            )
        if text:
            keys.append(Key(bytes.fromhex(text)))
    if not keys:
        raise ConfigurationError(f"{variable}: {file} không có khóa nào; hãy khôi phục tệp khóa")
    return tuple(keys)
