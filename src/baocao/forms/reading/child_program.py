"""The program of the reader's process (`child.ReaderProcess` is our side of it).

Imports as little as it can, for every child that is started pays for it; and nothing heavy before `main`, for our side
imports it too.

Messages are a length in eight bytes and that many bytes; a question is the order in JSON and then the file; an answer
has one more byte in front: done, or refused (JSON).
"""

from __future__ import annotations

import json
import os
import struct
import sys
import time
from importlib import import_module
from typing import Any

from baocao.forms.reading.raw import Unreadable

LENGTH = struct.Struct(">Q")
READY, DONE, REFUSED, BROKEN = b"R", b"D", b"U", b"X"
OUT_OF_MEMORY = 77
"""Exit code of a child whose task ran out of memory."""


def read_task(data: bytes, order: dict[str, Any]) -> bytes:
    """The task of `ReaderProcess.read`."""
    from baocao.forms.reading.grid import read_workbook
    from baocao.forms.reading.raw import to_wire

    return to_wire(read_workbook(data))


def _limit(memory_bytes: int) -> None:
    """Bound memory, forbid core dumps and files of any size that matters."""
    import resource

    # Hard limits, so that code the file smuggles in cannot raise them again.
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Not 0: the traceback of a fault of ours still goes to the error file.
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))


def _allow_computing(seconds: int) -> None:
    """From now on `seconds` of computing time, then SIGXCPU. The limit counts from the start of the process."""
    import resource

    used = time.process_time()
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 1 + seconds, hard))


def _send(kind: bytes, body: bytes) -> None:
    write(1, kind + LENGTH.pack(len(body)) + body)


def write(descriptor: int, message: bytes) -> None:
    """All of the message, whatever the pipe takes at once."""
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
    import baocao.forms.reading.grid  # noqa: F401 (loaded once, before the first file)

    _limit(int(sys.argv[1]))
    _send(READY, b"")
    while True:
        try:
            what = json.loads(_receive(LENGTH.unpack(_receive(LENGTH.size))[0]))
            data = _receive(LENGTH.unpack(_receive(LENGTH.size))[0])
        except EOFError:
            return
        _allow_computing(what["cpu"])
        _send(*_done(what, data))


def _done(what: dict[str, Any], data: bytes) -> tuple[bytes, bytes]:
    module, _, name = what["task"].partition(":")
    try:
        return DONE, getattr(import_module(module), name)(data, what["order"])
    except MemoryError:
        # At once: unwinding needs memory, and a second MemoryError would hide the first.
        os._exit(OUT_OF_MEMORY)
    except Exception as error:
        if isinstance(error, Unreadable):
            return REFUSED, json.dumps({"reason": error.reason_code, "message": error.message}).encode()
        import traceback

        return BROKEN, json.dumps({"traceback": traceback.format_exc()[-4000:]}).encode()


if __name__ == "__main__":
    main()
