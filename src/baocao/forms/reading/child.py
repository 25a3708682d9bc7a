"""Working on files from outside in a process that may die.

A hostile workbook can abort the whole process from inside the reading library (measured), eat memory or never end. So
everything that touches such bytes (screening, reading, marking up, comparing) runs in one long-lived child,
bounded for each file in memory and in computing time; it gets no secret from our environment. When a bound or the file
ends it, that file is Unreadable and the next file gets a new child.

The bounds never depend on how busy the machine is. Time on the clock has a bound too, a generous one, for a child that
hangs without computing; it, and a child that somebody else ended, say nothing about the file: that is our trouble
(`ReaderUnavailable`).

The child's own program is `child_program`. It is told which function to run by its name, so that these modules need not
know the stages above them.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from baocao.forms.reading.child_program import DONE, LENGTH, OUT_OF_MEMORY, READY, REFUSED, read_task, write
from baocao.forms.reading.raw import RawWorkbook, Unreadable, from_wire

# Of address space (RLIMIT_AS): the interpreter and the libraries are in it.
MEMORY_BYTES = 1 << 30
CPU_SECONDS = 30
"""Computing time one task may take; the heaviest workbook within the limits takes a third of it."""
WALL_SECONDS = 600.0
"""On the clock, whatever the load; only for a child that hangs without computing."""
SECONDS_TO_START = 60.0

Task = Callable[[bytes, dict[str, Any]], bytes]
"""Works on a file as ordered and answers bytes; raises Unreadable with a sentence for the sender. Defined at the top of
a module, for the child finds it by name."""

# Named one by one: the parent's environment holds database and mail passwords, and the child opens files from outside.
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "SYSTEMROOT", "TMPDIR")
# glibc hands what a file took back to the kernel and asks for it again with the next one, a page at a time: a tenth of
# the work on a file. The bound on memory holds all the same.
_MEMORY_KEPT = {"MALLOC_TRIM_THRESHOLD_": str(64 << 20), "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}
_OWN_FAULT = frozenset(
    {OUT_OF_MEMORY, -signal.SIGXCPU, -signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE}
    | {-signal.SIGXFSZ}
)
"""How a child ends through what it was working on. Anything else (SIGKILL, SIGTERM) came from outside."""

DIED = (
    "Tệp làm chương trình đọc phải dừng (quá nặng hoặc cấu trúc bất thường). Hãy mở tệp biểu mẫu đã nhận, chép số liệu "
    "sang bằng “Dán giá trị” rồi gửi lại tệp đó."
)


class ReaderUnavailable(RuntimeError):  # noqa: N818 (a state, like Unreadable)
    """The child could not be started, hung, or was ended from outside: nothing is known about the file."""


class TaskFailed(RuntimeError):  # noqa: N818 (the same)
    """The task raised something else than a refusal: a fault of ours, with its traceback."""


class ReaderProcess:
    """A context manager around the child. Not for use by two threads at once."""

    def __init__(
        self,
        *,
        memory_bytes: int = MEMORY_BYTES,
        cpu_seconds: int = CPU_SECONDS,
        wall_seconds: float = WALL_SECONDS,
    ) -> None:
        self._memory_bytes = memory_bytes
        self._cpu_seconds = cpu_seconds
        self._wall_seconds = wall_seconds
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
            # SIGKILL, not SIGTERM: a child in the middle of native code runs no handler.
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def kill(self) -> None:
        """End the child in the middle of its work; whoever waits for its answer is told ReaderUnavailable."""
        process = self._process
        if process is not None:
            process.kill()

    def read(self, data: bytes) -> RawWorkbook:
        """The workbook in `data`, a file that was taken in before: read without being screened again.

        Raises what `run` raises.
        """
        return from_wire(self.run(read_task, data))

    def run(self, task: Task, data: bytes, **order: Any) -> bytes:
        """What `task` makes of the file; `order` must be plain data that JSON can hold.

        Raises Unreadable: with the task's own reason, or READER_DIED when the file ended the child or needed more
        memory or computing time than it may. Raises ReaderUnavailable when that is not known, TaskFailed when it is a
        fault of ours.
        """
        process = self._process or self._start()
        what = json.dumps({"task": f"{task.__module__}:{task.__qualname__}", "cpu": self._cpu_seconds, "order": order})
        question = what.encode()
        try:
            assert process.stdin is not None
            descriptor = process.stdin.fileno()
            try:
                # Whole before the answer is awaited: the child reads the file to its end before it starts, so the two
                # cannot block one another.
                write(descriptor, LENGTH.pack(len(question)) + question + LENGTH.pack(len(data)) + data)
            except BrokenPipeError as error:
                raise EOFError from error
            kind, body = self._answer(process, self._wall_seconds)
        except EOFError as error:
            code = process.wait()
            self.close()
            # Only these ends say something of the file. The kernel's OOM killer sends SIGKILL to whichever process is
            # largest, so that one is ours (and the file waits).
            if code in _OWN_FAULT:
                raise Unreadable("reader_died", DIED) from error
            raise ReaderUnavailable(f"the reader process ended from outside (exit code {code})") from error
        except (OSError, TimeoutError) as error:
            self.close()
            raise ReaderUnavailable(f"no answer from the reader process: {error or 'it hangs'}") from error
        except BaseException:
            self.close()  # interrupted between question and answer: the next file must not get this one's
            raise
        if kind == DONE:
            return body
        answer = json.loads(body)
        if kind == REFUSED:
            raise Unreadable(answer["reason"], answer["message"])
        raise TaskFailed(answer["traceback"])

    def _start(self) -> subprocess.Popen[bytes]:
        """Start the child and wait until it says it is ready; ReaderUnavailable, with what it wrote, otherwise."""
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ} | _MEMORY_KEPT
        # The child must import this very source tree, also where the package is not installed.
        source = str(Path(__file__).resolve().parents[3])
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (source, environment.get("PYTHONPATH", ""))))
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the child)
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-m", "baocao.forms.reading.child_program", str(self._memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=environment,
            bufsize=0,
        )
        self._process = process
        try:
            kind, _ = self._answer(process, SECONDS_TO_START)
            if kind != READY:
                raise EOFError
        except (OSError, EOFError, TimeoutError) as error:
            self._errors.seek(0)
            said = self._errors.read(4000).decode("utf-8", "replace").strip()
            self.close()
            raise ReaderUnavailable(f"the reader process does not start: {said or 'no message'}") from error
        return process

    def _answer(self, process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + seconds
        head = self._take(process, 1 + LENGTH.size, deadline)
        (length,) = LENGTH.unpack(head[1:])
        # A length no answer can have: the child's memory was overwritten.
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
