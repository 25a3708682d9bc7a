"""Files, written once under the SHA-256 of their bytes: `ab/cd/<sha256>`.

A local folder by default, any fsspec address (`s3://bucket/prefix`) in production. What is read is verified.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from baocao.settings import ConfigurationError

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FileProblem(Exception):  # noqa: N818
    """A stored file cannot be used; the message names it and the cure."""


class FileMissing(FileProblem):
    """Nothing is stored under this hash."""


class FileCorrupted(FileProblem):
    """What is stored under this hash has another one."""


class _Place(Protocol):
    def read(self, name: str) -> bytes | None: ...
    def write_if_absent(self, name: str, data: bytes) -> None: ...
    def exists(self, name: str) -> bool: ...
    def where(self, name: str) -> str: ...
    def names(self) -> list[str]: ...


class FileStore:
    """Bytes by hash. Nothing is ever changed or removed through it."""

    def __init__(self, url: str) -> None:
        self._place: _Place = _place(url)

    def put(self, data: bytes) -> str:
        """Keep the bytes and return their SHA-256; keeping the same bytes again changes nothing.

        The file appears whole or not at all, also when the process dies meanwhile. Raises FileCorrupted when something
        else stands under this name.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        name = _name(sha256)
        self._place.write_if_absent(name, data)
        if self._place.read(name) != data:
            raise self._corrupted(sha256)
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes with this hash. Raises FileMissing or FileCorrupted."""
        data = self._place.read(_name(sha256))
        if data is None:
            raise FileMissing(
                f"{self.where(sha256)}: kho tệp không có tệp này; hãy kiểm tra BAOCAO_FILES_URL hoặc khôi phục từ bản "
                "sao lưu"
            )
        if hashlib.sha256(data).hexdigest() != sha256:
            raise self._corrupted(sha256)
        return data

    def exists(self, sha256: str) -> bool:
        """Whether something is stored under this hash (not read, not verified)."""
        return self._place.exists(_name(sha256))

    def misnamed_files(self) -> list[str]:
        """What stands in the store and is not what its name says, one sentence each: files put there by hand, files
        changed. Reads everything."""
        wrong = []
        for name in self._place.names():
            sha256 = name.rpartition("/")[2]
            if not _SHA256.fullmatch(sha256) or name != _name(sha256):
                wrong.append(f"{self._place.where(name)}: tệp lạ trong kho tệp, không mang tên theo mã băm")
                continue
            data = self._place.read(name)
            if data is not None and hashlib.sha256(data).hexdigest() != sha256:
                wrong.append(str(self._corrupted(sha256)))
        return wrong

    def where(self, sha256: str) -> str:
        """Where the file lies, for people: a path or an address."""
        return self._place.where(_name(sha256))

    def _corrupted(self, sha256: str) -> FileCorrupted:
        return FileCorrupted(
            f"{self.where(sha256)}: nội dung tệp không còn khớp mã băm; hãy giữ lại tệp hỏng để điều tra rồi khôi phục "
            "tệp gốc từ bản sao lưu"
        )


def _name(sha256: str) -> str:
    if not _SHA256.fullmatch(sha256):
        raise ValueError(f"not a SHA-256 in lower-case hex: {sha256!r}")
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def _place(url: str) -> _Place:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return _Folder(Path(unquote(parts.path)))
    if not parts.scheme:
        raise ConfigurationError(f"BAOCAO_FILES_URL: {url!r} thiếu giao thức; hãy ghi file:///… hoặc s3://…")
    return _ObjectStore(url)


class _Folder:
    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, name: str) -> bytes | None:
        try:
            return (self._root / name).read_bytes()
        except FileNotFoundError:
            return None

    def write_if_absent(self, name: str, data: bytes) -> None:
        target = self._root / name
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with temporary.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            # Whoever can write the folder meets a file that is read-only (docs/security.md).
            temporary.chmod(0o444)
            temporary.rename(target)
        finally:
            temporary.unlink(missing_ok=True)
        # A rename survives a power cut only once its folder is on disk too.
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def exists(self, name: str) -> bool:
        return (self._root / name).is_file()

    def names(self) -> list[str]:
        # What is being written, or was left by a process that died meanwhile, is hidden.
        files = (p for p in self._root.rglob("*") if p.is_file() and not p.name.startswith("."))
        return sorted(p.relative_to(self._root).as_posix() for p in files)

    def where(self, name: str) -> str:
        return str(self._root / name)


class _ObjectStore:
    """A whole object appears at once on every object store, so no temporary name is needed."""

    def __init__(self, url: str) -> None:
        import fsspec

        try:
            filesystem, root = fsspec.core.url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise ConfigurationError(f"BAOCAO_FILES_URL: {url!r}: {error}") from error
        self._fs: Any = filesystem
        self._root: str = str(root).rstrip("/")

    def read(self, name: str) -> bytes | None:
        try:
            return bytes(self._fs.cat_file(self.where(name)))
        except FileNotFoundError:
            return None

    def write_if_absent(self, name: str, data: bytes) -> None:
        # Saves the transfer; that nothing is overwritten is held by `create` below.
        if self.exists(name):
            return
        try:
            self._fs.pipe_file(self.where(name), data, mode="create")
        except FileExistsError:
            return  # another process was faster with the same bytes; `put` reads them back

    def exists(self, name: str) -> bool:
        return bool(self._fs.exists(self.where(name)))

    def names(self) -> list[str]:
        start = len(self._root) + 1
        return sorted(str(path)[start:] for path in self._fs.find(self._root))

    def where(self, name: str) -> str:
        return f"{self._root}/{name}"
