"""The keys of the audit trail, in a file outside the database: who can only write the database cannot forge an event.

One key a line, 64 hexadecimal digits, the newest last; `#` begins a comment. Older keys stay, so that older rows can be
checked. The embedded installation makes its file when the first event is written (0600); a file that is configured must
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
        return hashlib.sha256(b"baocao audit key " + self.secret).hexdigest()[:16]


class AuditKeys:
    """The keys of one installation, read when first needed."""

    def __init__(self, file: Path, *, make: bool) -> None:
        self.file, self._make = file, make
        self._stamp: tuple[int, int] | None = None
        self._known: tuple[Key, ...] = ()

    @property
    def exist(self) -> bool:
        return self.file.is_file()

    @property
    def known(self) -> tuple[Key, ...]:
        """All keys, the oldest first; none while there is no file. Raises ConfigurationError for a damaged file."""
        try:
            found = self.file.stat()
        except FileNotFoundError:
            return ()
        if self._stamp != (found.st_mtime_ns, found.st_size):
            self._known = _read(self.file)
            self._stamp = (found.st_mtime_ns, found.st_size)
        return self._known

    @property
    def current(self) -> Key:
        """The key new rows are written with; made on the way where the installation keeps its own."""
        if not self.exist:
            if not self._make:
                raise ConfigurationError(
                    f"BAOCAO_AUDIT_KEY_FILE: không có tệp {self.file}; hãy khôi phục tệp khóa của nhật ký"
                )
            self._create()
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
                f"BAOCAO_AUDIT_KEY_FILE: không ghi được {self.file} ({error.strerror}), chưa đổi khóa. Hãy thêm một "
                "dòng khóa mới vào cuối tệp ở nơi giữ nó (với docker compose: `python3 include/docker/make_secrets.py "
                "--new-audit-key` trên máy chủ), rồi chạy lại `baocao audit rotate-key`"
            ) from error
        return key

    def _create(self) -> None:
        """Whole or not at all, and one file only however many processes begin at once."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        aside = self.file.with_name(f".{self.file.name}.{secrets.token_hex(8)}")
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write("# Khóa nhật ký của baocao: giữ kín, sao lưu riêng, không xóa dòng nào.\n")
                file.write(secrets.token_bytes(32).hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.link(aside, self.file)
        except FileExistsError:
            pass
        finally:
            aside.unlink(missing_ok=True)


def _read(file: Path) -> tuple[Key, ...]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"BAOCAO_AUDIT_KEY_FILE: không đọc được {file}: {error}") from error
    keys = []
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if text and not _KEY.fullmatch(text):
            raise ConfigurationError(
                f"BAOCAO_AUDIT_KEY_FILE: {file}, dòng {number}: không phải khóa (64 chữ số thập lục phân thường)"
            )
        if text:
            keys.append(Key(bytes.fromhex(text)))
    if not keys:
        raise ConfigurationError(f"BAOCAO_AUDIT_KEY_FILE: {file} không có khóa nào; hãy khôi phục tệp khóa")
    return tuple(keys)
