"""The end of a server that runs as a process of its own."""

from __future__ import annotations

import signal
import subprocess


def end(process: subprocess.Popen[bytes], patience: float, *, ask: signal.Signals = signal.SIGTERM) -> None:
    """Ask it to end; kill it when it has not after `patience` seconds. Nothing happens to one that has ended."""
    process.send_signal(ask)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
