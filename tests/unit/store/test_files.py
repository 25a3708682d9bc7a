"""The write-once file store, on a local folder and on an object store."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import uuid
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.settings import ConfigurationError
from baocao.store.files import FileCorrupted, FileMissing, FileStore


@pytest.fixture(params=["folder", "object store"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "folder":
        return FileStore((tmp_path / "kho tệp").as_uri())
    return FileStore(f"memory://bucket-{uuid.uuid4().hex}/prefix")


@given(data=st.binary())
def test_what_was_put_comes_back_under_its_hash(data: bytes) -> None:
    files = FileStore("memory://round-trip")
    sha256 = files.put(data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert files.get(sha256) == data


def test_the_same_bytes_twice_are_one_file(files: FileStore) -> None:
    assert files.put(b"abc") == files.put(b"abc")
    assert files.exists(hashlib.sha256(b"abc").hexdigest())
    assert not files.exists(hashlib.sha256(b"other").hexdigest())


def test_a_missing_file_is_named_with_the_cure(files: FileStore) -> None:
    missing = hashlib.sha256(b"never").hexdigest()
    with pytest.raises(FileMissing, match=missing) as caught:
        files.get(missing)
    assert "BAOCAO_FILES_URL" in str(caught.value)


def test_a_malformed_hash_never_reaches_the_disk(files: FileStore) -> None:
    for name in ("../../etc/passwd", "", "A" * 64, "a" * 63):
        with pytest.raises(ValueError, match="SHA-256"):
            files.get(name)


def test_a_changed_file_is_reported_as_corrupted(tmp_path: Path) -> None:
    files = FileStore(tmp_path.as_uri())
    sha256 = files.put(b"the truth")
    path = Path(files.where(sha256))
    path.chmod(0o644)
    path.write_bytes(b"the truth!")
    with pytest.raises(FileCorrupted, match=sha256):
        files.get(sha256)
    with pytest.raises(FileCorrupted, match=sha256):
        files.put(b"the truth")


def test_a_stored_file_is_read_only(tmp_path: Path) -> None:
    files = FileStore(tmp_path.as_uri())
    sha256 = files.put(b"abc")
    path = tmp_path / sha256[:2] / sha256[2:4] / sha256
    assert path.read_bytes() == b"abc"
    assert path.stat().st_mode & 0o777 == 0o444


def test_concurrent_writers_leave_one_whole_file(tmp_path: Path) -> None:
    files = FileStore(tmp_path.as_uri())
    data = os.urandom(300_000)
    failures: list[BaseException] = []

    def write() -> None:
        try:
            files.put(data)
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [hashlib.sha256(data).hexdigest()]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_space(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space"):
        FileStore(tmp_path.as_uri()).put(b"abc")
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_killed_writer_leaves_no_partial_file(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from baocao.store.files import FileStore\n"
        "Path.rename = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "FileStore(sys.argv[1]).put(b'half')\n"
    )
    child = subprocess.run([sys.executable, "-c", program, tmp_path.as_uri()], check=False)
    assert child.returncode == -signal.SIGKILL
    files = FileStore(tmp_path.as_uri())
    sha256 = hashlib.sha256(b"half").hexdigest()
    assert not files.exists(sha256)
    assert files.put(b"half") == sha256
    assert files.get(sha256) == b"half"


@pytest.mark.parametrize("url", ["var/files", "no-such-protocol://x"])
def test_an_unusable_storage_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="BAOCAO_FILES_URL"):
        FileStore(url)
