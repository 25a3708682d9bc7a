"""A clamd of the tests' own, on loopback, with one signature of our own: nothing of it is a virus."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.ports import free_port
from demo.processes import end

PATIENCE_SECONDS = 300
MARK = b"BAOCAO-TEST-SIGNATURE-2026"
NAME = "Baocao.Test"


def find_clamd() -> str | None:
    return shutil.which("clamd") or ("/usr/sbin/clamd" if Path("/usr/sbin/clamd").exists() else None)


@contextmanager
def running_clamd() -> Iterator[str]:
    """The address of the daemon (`tcp://127.0.0.1:…`), until the block ends."""
    binary = find_clamd()
    assert binary is not None
    folder = Path(tempfile.mkdtemp(prefix="clamd-"))
    port = free_port()
    try:
        folder.chmod(0o755)
        (folder / "db").mkdir()
        (folder / "db" / "test.ndb").write_text(f"{NAME}:0:*:{MARK.hex()}\n")
        lines = [
            f"TCPSocket {port}",
            "TCPAddr 127.0.0.1",
            f"DatabaseDirectory {folder / 'db'}",
            "Foreground yes",
            "MaxThreads 2",
            "StreamMaxLength 60M",
            *(["User root"] if os.getuid() == 0 else []),
        ]
        (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
        with (folder / "said").open("wb") as said:
            process = subprocess.Popen([binary, "-c", folder / "clamd.conf"], stdout=said, stderr=said)
        try:
            _wait(process, port, folder)
            yield f"tcp://127.0.0.1:{port}"
        finally:
            end(process, PATIENCE_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), 5) as connection:
                connection.sendall(b"zPING\0")
                if connection.recv(5) == b"PONG\0":
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"clamd did not start: {(folder / 'said').read_text()}")
