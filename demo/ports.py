"""Free ports for servers that run as processes of their own, and so cannot be handed a socket that is bound already."""

from __future__ import annotations

import contextlib
import secrets
import socket

_RANGE = range(20_000, 32_000)
"""Below the ports a system hands out by itself (Linux: from 32768): between this look and the server's start, any
connection going out could be given one of those."""


def free_ports(count: int) -> list[int]:
    """Ports of the loopback nobody listens on now, all different."""
    found: list[int] = []
    with contextlib.ExitStack() as held:
        while len(found) < count:
            # Not from `random`: test processes side by side are seeded alike.
            port = secrets.choice(_RANGE)
            probe = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
    return found


def free_port() -> int:
    """One such port."""
    return free_ports(1)[0]
