"""Reading strangers' files in a process that may die.

A hostile workbook can abort the whole process from inside the reading library (measured), eat memory or never end. So
the files are read in one long-lived child with a memory limit and a time limit per file; it gets no secret from our
environment; when it dies, that file is Unreadable and the next file gets a new child.

`python -m baocao.forms.child` is the child: it imports the reader and nothing else. Messages are a length in eight
bytes and that many bytes; an answer has one more byte in front: workbook (JSON of `raw.to_wire`) or refusal (JSON).
"""

from __future__ import annotations

import json
import os
import selectors
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from baocao.forms.raw import RawWorkbook, Unreadable, from_wire

MEMORY_BYTES = 1 << 30
SECONDS_PER_FILE = 20.0
SECONDS_TO_START = 60.0

_LENGTH = struct.Struct(">Q")
_READY, _WORKBOOK, _REFUSED = b"R", b"W", b"U"
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT", "TMPDIR")

DIED = (
    "Tệp làm chương trình đọc phải dừng (quá nặng hoặc cấu trúc bất thường). Hãy mở tệp biểu mẫu đã nhận, chép số liệu "
    "sang bằng “Dán giá trị” rồi gửi lại tệp đó."
)


class ReaderProcess:
    """A context manager around the child. Not for use by two threads at once."""

    def __init__(self, *, memory_bytes: int = MEMORY_BYTES, seconds_per_file: float = SECONDS_PER_FILE) -> None:
        self._memory_bytes = memory_bytes
        self._seconds = seconds_per_file
        self._process: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the child, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def read(self, data: bytes) -> RawWorkbook:
        """The workbook in `data`.

        Raises Unreadable: with the reader's own reason, or READER_DIED when the child died, ran out of memory or took
        longer than the limit. Raises RuntimeError when no child can be started: that is our failure, not the file's.
        """
        process = self._process or self._start()
        try:
            assert process.stdin is not None
            _write(process.stdin.fileno(), _LENGTH.pack(len(data)) + data)
            kind, body = self._answer(process, self._seconds)
            answer = from_wire(body) if kind == _WORKBOOK else json.loads(body)
        except (OSError, EOFError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self.close()
            raise Unreadable("reader_died", DIED) from error
        except BaseException:
            self.close()  # interrupted between question and answer: the next file must not get this one's
            raise
        if isinstance(answer, RawWorkbook):
            return answer
        raise Unreadable(answer["reason"], answer["message"])

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        source = str(Path(__file__).resolve().parents[2])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (source, environment.get("PYTHONPATH", ""))))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the child)
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-m", "baocao.forms.child", str(self._memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            bufsize=0,
        )
        self._process = process
        try:
            kind, _ = self._answer(process, SECONDS_TO_START)
            if kind != _READY:
                raise EOFError
        except (OSError, EOFError, TimeoutError) as error:
            self._errors.seek(0)
            said = self._errors.read(4000).decode("utf-8", "replace").strip()
            self.close()
            raise RuntimeError(f"the reader process does not start: {said or 'no message'}") from error
        return process

    def _answer(self, process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + seconds
        head = self._take(process, 1 + _LENGTH.size, deadline)
        (length,) = _LENGTH.unpack(head[1:])
        if length > self._memory_bytes:
            raise EOFError
        return head[:1], self._take(process, length, deadline)

    def _take(self, process: subprocess.Popen[bytes], wanted: int, deadline: float) -> bytes:
        """Exactly `wanted` bytes. Raises EOFError when the child is gone, TimeoutError after the deadline."""
        assert process.stdout is not None
        chunks: list[bytes] = []
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while wanted:
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise TimeoutError
                chunk = os.read(process.stdout.fileno(), min(wanted, 1 << 20))
                if not chunk:
                    raise EOFError
                chunks.append(chunk)
                wanted -= len(chunk)
        return b"".join(chunks)


def _limit(memory_bytes: int) -> None:
    """Bound memory, forbid core dumps and files of any size that matters."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


def _send(kind: bytes, body: bytes) -> None:
    _write(1, kind + _LENGTH.pack(len(body)) + body)


def _write(descriptor: int, message: bytes) -> None:
    view = memoryview(message)
    while view:
        view = view[os.write(descriptor, view) :]


def _receive(wanted: int) -> bytes:
    chunks = []
    while wanted:
        chunk = os.read(0, min(wanted, 1 << 20))
        if not chunk:
            raise EOFError
        chunks.append(chunk)
        wanted -= len(chunk)
    return b"".join(chunks)


def main() -> None:
    """The child: answer files until the parent closes the pipe."""
    from baocao.forms.grid import read_workbook
    from baocao.forms.raw import to_wire

    _limit(int(sys.argv[1]))
    _send(_READY, b"")
    while True:
        try:
            data = _receive(_LENGTH.unpack(_receive(_LENGTH.size))[0])
        except EOFError:
            return
        try:
            answer = _WORKBOOK, to_wire(read_workbook(data))
        except Unreadable as refusal:
            reason = {"reason": refusal.reason_code, "message": refusal.message}
            answer = _REFUSED, json.dumps(reason).encode()
        except MemoryError:
            os._exit(1)
        _send(*answer)


if __name__ == "__main__":
    main()
