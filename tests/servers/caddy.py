"""A Caddy of the tests' own, with the product's own Caddyfile, on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from demo.ports import free_ports
from demo.processes import end

from servers.web import END_SECONDS, START_SECONDS

CADDYFILE = Path(__file__).resolve().parents[2] / "include" / "docker" / "Caddyfile"


@contextmanager
def running_caddy(folder: Path, upstream: str, **settings: str) -> Iterator[tuple[str, Path]]:
    """Its address and the authority of its certificate (PEM), until the block ends."""
    binary = shutil.which("caddy")
    assert binary is not None
    port, health = free_ports(2)
    environment = {
        **os.environ,
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "PORTAL_HOST": "localhost",
        "PORTAL_LISTEN": str(port),
        "PORTAL_HEALTH": str(health),
        "PORTAL_UPSTREAM": upstream,
        **settings,
    }
    command = [binary, "run", "--config", str(CADDYFILE), "--adapter", "caddyfile"]
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
    authority = folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
    try:
        until = time.monotonic() + START_SECONDS
        while not (authority.exists() and _answers(f"http://127.0.0.1:{health}/")):
            assert process.poll() is None and time.monotonic() < until, (folder / "said").read_text(errors="replace")
            time.sleep(0.1)
        yield f"https://localhost:{port}", authority
    finally:
        end(process, END_SECONDS)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False
