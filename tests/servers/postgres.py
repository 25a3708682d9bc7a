"""A PostgreSQL server of the tests' own: on loopback, on a free port, in a temporary folder, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator, Mapping
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


_OURS = "relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace, 'pg_toast'::regnamespace)"
_SHAPE = f"""
SELECT md5(string_agg(thing, '|' ORDER BY thing)) FROM (
    SELECT format('%s %s %s %s', oid, relname, relnatts, relacl) AS thing FROM pg_class WHERE {_OURS}
    UNION ALL SELECT format('%s %s', oid, tgenabled) FROM pg_trigger
    UNION ALL SELECT format('%s %s', oid, convalidated) FROM pg_constraint
    UNION ALL SELECT format('%s %s', oid, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s', nspname, nspacl) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'
) things
"""
"""Relations, triggers, constraints, functions and rights: what a test in a lent database may not change."""


def _shape(conn: psycopg.Connection) -> str:
    [(shape,)] = conn.execute(_SHAPE).fetchall()
    return shape


def _rows(conn: psycopg.Connection, table: str) -> bytes:
    with conn.cursor().copy(f"COPY {table} TO STDOUT") as copy:
        return b"".join(copy)


def _empty(conn: psycopg.Connection, rows: Mapping[str, bytes]) -> None:
    """Nobody else is connected and the tables hold `rows` and nothing else."""
    conn.execute(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    conn.execute("SET session_replication_role = replica")  # the trail's triggers forbid what is done here
    for table in _with_rows(conn):
        if table not in rows or _rows(conn, table) != rows[table]:
            conn.execute(f"DELETE FROM {table}")
    for table in rows.keys() - set(_with_rows(conn)):
        with conn.cursor().copy(f"COPY {table} FROM STDIN") as copy:
            copy.write(rows[table])
    for (sequence,) in conn.execute(
        "SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences WHERE last_value IS NOT NULL"
    ).fetchall():
        conn.execute(f"ALTER SEQUENCE {sequence} RESTART")


def _with_rows(conn: psycopg.Connection) -> list[str]:
    """The tables that have rows, by their quoted names."""
    tables = [
        name
        for (name,) in conn.execute(
            f"SELECT format('%I.%I', relnamespace::regnamespace, relname) FROM pg_class "
            f"WHERE relkind IN ('r', 'p') AND {_OURS} ORDER BY 1"
        )
    ]
    if not tables:
        return []
    asked = ", ".join(f"EXISTS (SELECT FROM {table})" for table in tables)
    [answers] = conn.execute(f"SELECT {asked}").fetchall()
    return [table for table, has in zip(tables, answers, strict=True) if has]


class PostgresServer:
    """A running server. `new_database()` gives the URL of an empty database."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._idle: list[str] = []
        self._templates: dict[str, tuple[str, dict[str, bytes]]] = {}

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

    @contextmanager
    def lent(self, template: str) -> Iterator[str]:
        """The URL of a database like the one behind the URL `template`, emptied afterwards for whoever is next.

        Making a database costs a copy of every file of its catalogue, dropping it a checkpoint: many times what a
        short test does in it. A test that changed a table, a trigger or a right has its database dropped.
        """
        if template not in self._templates:
            with self._connected(template) as conn:
                self._templates[template] = _shape(conn), {table: _rows(conn, table) for table in _with_rows(conn)}
        shape, rows = self._templates[template]
        url = self._idle.pop() if self._idle else self.new_database(template)
        yield url
        with self._connected(url) as conn:
            _empty(conn, rows)
            as_before = _shape(conn) == shape
        if as_before:
            self._idle.append(url)
        else:
            self.drop(url)

    def _connected(self, url: str) -> psycopg.Connection:
        return psycopg.connect(self._dsn(url.rsplit("/", 1)[1]), autocommit=True)

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
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
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
