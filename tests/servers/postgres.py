"""A PostgreSQL server of the tests' own: on loopback, on a free port, in a temporary folder, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from demo.ports import free_port
from demo.processes import end

PATIENCE_SECONDS = 300
BOTH_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
"""Parameters of a test that runs once on each."""


def find_binaries() -> Path | None:
    """The folder that holds `initdb` and `postgres`: the newest of Debian's, else the one on PATH."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    found = shutil.which("initdb")
    for folder in [*debian, *([Path(found).resolve().parent] if found else [])]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    return None


class PostgresServer:
    """A running server. `new_database()` gives the URL of an empty database."""

    def __init__(self, port: int) -> None:
        self.port = port

    def new_database(self, template: str | None = None) -> str:
        """The URL of a new database: empty, or a copy of the one behind the URL `template`."""
        name = f"test_{uuid.uuid4().hex}"
        source = template.rsplit("/", 1)[1] if template else "template1"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as conn:
            conn.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
        return f"postgresql+psycopg://baocao@127.0.0.1:{self.port}/{name}"

    def drop(self, url: str) -> None:
        name = url.rsplit("/", 1)[1]
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as conn:
            conn.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _dsn(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=baocao dbname={database} connect_timeout=60"


@contextmanager
def running_server(folder: Path, binaries: Path) -> Iterator[PostgresServer]:
    """Create a cluster in `folder` and serve it until the block ends."""
    identity = _identity(folder)
    data = folder / "data"
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "baocao", "-A", "trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"],
        check=True,
        stdout=subprocess.DEVNULL,
        **identity,
    )
    port = free_port()
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",
        "deadlock_timeout": "200ms",
        "max_connections": "60",
        # No statistics, ever: a plan that is only good once they have been gathered fails here each time, and not in
        # an installation on its first day only.
        "autovacuum": "off",
        "statement_timeout": "120s",
    }
    options = [text for key, value in settings.items() for text in ("-c", f"{key}={value}")]
    log = folder / "log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [binaries / "postgres", "-D", data, *options], stdout=stream, stderr=stream, **identity
        )
        try:
            _wait_until_it_answers(process, port, log)
            yield PostgresServer(port)
        finally:
            end(process, PATIENCE_SECONDS, ask=signal.SIGINT)  # fast shutdown: open sessions are cut


def _identity(folder: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: it runs as the unprivileged user that Debian creates for it."""
    if os.getuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": folder}
    raise RuntimeError("no unprivileged user to run PostgreSQL as")


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    last_moment = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=baocao dbname=postgres connect_timeout=2").close()
            return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > last_moment:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}") from None
            time.sleep(0.05)
