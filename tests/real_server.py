"""A uvicorn server of a test in a thread of its own, which ends with the test whatever the test left open."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

START_SECONDS, END_SECONDS = 60, 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(server: uvicorn.Server) -> Iterator[str]:
    """Serve until the block ends; gives the address.

    A browser may keep a connection that uvicorn would wait for without an end, and pytest-timeout no longer watches
    over the clearing up after a test that failed: so the waits have limits of their own here, and the thread is one
    that the interpreter does not wait for.
    """
    thread = threading.Thread(target=server.run, daemon=True, name="server of a test")
    thread.start()
    try:
        until = time.monotonic() + START_SECONDS
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.02)
        assert server.started, "the server does not start"
        yield f"http://{server.config.host}:{server.config.port}"
    finally:
        server.should_exit = True
        thread.join(END_SECONDS)
        if thread.is_alive():
            server.force_exit = True
            thread.join(END_SECONDS)
        assert not thread.is_alive(), "the server does not end"
