"""A uvicorn server of a test in a thread of its own, which ends with the test whatever the test left open."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

START_SECONDS, END_SECONDS = 300, 60


def bound_socket() -> socket.socket:
    """On a free port of loopback. It is kept until the server listens on it: nobody takes the port in between."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held


@contextmanager
def running(server: uvicorn.Server, on: socket.socket) -> Iterator[str]:
    """Serve on that socket until the block ends, which closes it; gives the address.

    A browser may keep a connection that uvicorn would wait for without an end, and pytest-timeout no longer watches
    over the clearing up after a test that failed: so the waits have limits of their own here, and the thread is one
    that the interpreter does not wait for.
    """
    thread = threading.Thread(target=server.run, args=([on],), daemon=True, name="server of a test")
    thread.start()
    try:
        until = time.monotonic() + START_SECONDS
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.02)
        assert server.started, "the server does not start"
        yield f"http://127.0.0.1:{on.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(END_SECONDS)
        if thread.is_alive():
            server.force_exit = True
            thread.join(END_SECONDS)
        on.close()
        assert not thread.is_alive(), "the server does not end"
