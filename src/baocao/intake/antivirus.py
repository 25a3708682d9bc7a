"""An anti-virus daemon (clamd) asked about bytes from outside before anything of ours opens them."""

from __future__ import annotations

import socket
import struct
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

_CHUNK = 1 << 16
_TIMEOUT = 60.0
"""Seconds, for each step of the conversation."""
_LENGTH = struct.Struct(">I")


class ScannerAway(OSError):  # noqa: N818 (a state)
    """The daemon cannot be asked, or gave no verdict: nothing is known about the bytes, and they must wait."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Where clamd listens: `tcp://127.0.0.1:3310` or `unix:///run/clamav/clamd.ctl`."""

    url: str

    def found_in(self, data: bytes) -> str:
        """The name of what was found; empty for bytes that are clean. Raises ScannerAway."""
        try:
            with closing(self._connect()) as connection:
                answer = _asked(connection, data)
        except OSError as error:
            raise ScannerAway(f"không hỏi được chương trình diệt virus {self.url}: {error}") from error
        # Only these two answers are a verdict; `INSTREAM size limit exceeded. ERROR` says nothing about the bytes.
        verdict = answer.rstrip(b"\0\n").decode("utf-8", "replace").removeprefix("stream: ")
        if verdict == "OK":
            return ""
        if verdict.endswith(" FOUND"):
            return verdict.removesuffix(" FOUND")
        raise ScannerAway(f"chương trình diệt virus {self.url} không kết luận: {verdict or '(không trả lời)'}")

    def _connect(self) -> socket.socket:
        parts = urlsplit(self.url)
        if parts.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(_TIMEOUT)
            try:
                connection.connect(parts.path)
            except OSError:
                connection.close()
                raise
            return connection
        return socket.create_connection((parts.hostname, parts.port or 3310), _TIMEOUT)


def _asked(connection: socket.socket, data: bytes) -> bytes:
    """The INSTREAM conversation: the bytes in pieces, each with its length in front; an empty piece ends them."""
    refused = None
    try:
        # `z`: the command and the answer end with NUL, so a name of malware may hold a line end.
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(data), _CHUNK):
            piece = data[start : start + _CHUNK]
            connection.sendall(_LENGTH.pack(len(piece)) + piece)
        connection.sendall(_LENGTH.pack(0))
    except (BrokenPipeError, ConnectionResetError) as error:
        refused = error  # the daemon has enough (its size limit): it may have said why
    answer = b""
    # Bounded: whoever listens there may send without end.
    while len(answer) < 4096 and not answer.endswith(b"\0"):
        part = connection.recv(4096)
        if not part:
            break
        answer += part
    if not answer and refused is not None:
        raise refused
    return answer
