"""The connection to our own database: SQLite when nothing is configured, PostgreSQL in production.

Two kinds of transaction, and no other way to reach the data:

* `Store.begin()` writes. On SQLite it takes the write lock at once (`BEGIN IMMEDIATE`), so two processes never deadlock
  on upgrading a read lock: the second waits. On PostgreSQL it is READ COMMITTED.
* `Store.read()` reads one consistent snapshot and cannot write.
"""

from __future__ import annotations

import math
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, PoolProxiedConnection, create_engine, event, exc, inspect, make_url, text

from baocao.settings import ConfigurationError, Settings
from baocao.store.files import FileStore
from baocao.store.trail import anchors
from baocao.store.trail.events import HEAD, KEYS_OPTION, append_rows, begin_keys, begin_rows
from baocao.store.trail.keys import AuditKeys
from baocao.store.trail.roles import grant_application
from baocao.store.trail.rows import ROWS, SINCE

BUSY_SECONDS = 60
"""How long a writer waits for another one on SQLite before it gives up."""
PING_SECONDS = 1.0
"""For so long a connection to PostgreSQL that answered is taken to be open still."""
_READ_ONLY, _MIGRATING = "baocao_read_only", "baocao_migrating"
"""Marks on a connection for the transaction that begins next (`_begin_sqlite`)."""
_SQL_FOLDER = "baocao_sql"


class StoreError(Exception):
    """Our own records refuse what was asked; the message says what and why."""


class StaleStatus(StoreError):  # noqa: N818
    """The row is no longer in the status the caller saw: somebody else was faster, or the step was done before."""


class StepNotAllowed(StoreError):  # noqa: N818
    """The step is not allowed for this row, whatever its status."""


class ContentMismatch(StepNotAllowed):
    """What was approved, signed or sent is not what is in hand: the hashes differ."""


class Store:
    """One installation's records and files."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.engine: Engine = _engine(settings)
        self._checked = False

    @cached_property
    def files(self) -> FileStore:
        """The write-once file store."""
        return FileStore(self.settings.files_url)

    @property
    def is_embedded(self) -> bool:
        """SQLite in a file of this machine; else PostgreSQL."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One writing transaction: everything inside is stored together, or nothing when an exception leaves it.

        Raises ConfigurationError when the schema is not the one this program needs.
        """
        self._check_schema()
        with self.engine.begin() as conn:
            # `info` stays with the pooled connection: what a transaction that failed has left there belongs to no
            # other.
            for name in (HEAD, ROWS):
                conn.info.pop(name, None)
            yield conn
            append_rows(conn)
            written = conn.info.pop(HEAD, None)
        # After the commit: an anchor of a row that was rolled back would look like a trail that was cut off.
        if written is not None:
            anchors.add(self.settings.anchors, *written)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot for reading: what other processes commit meanwhile is not seen; writing fails."""
        self._check_schema()
        with self.engine.connect() as conn:
            if self.is_embedded:
                conn.info[_READ_ONLY] = True
            else:
                conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with conn.begin():
                yield conn

    def version(self) -> str | None:
        """The migration the database stands at; None for an empty database."""
        with self.engine.connect() as conn:
            return _version(conn)

    def migrate(self) -> bool:
        """Bring the schema to the newest migration; False when it was there. Safe when several start at once."""
        if self.version() == self.head:
            self._grant()
            return False
        _upgrade(self.engine, self.settings.sql / "migrations")
        self._checked = False
        self._grant()
        with self.begin() as conn:
            begin_keys(conn, datetime.now(UTC))
        return True

    def _grant(self) -> None:
        """Give the application's role its rights, where one is named."""
        if self.settings.database_app_role and not self.is_embedded:
            with self.engine.begin() as conn:
                grant_application(conn, self.settings.database_app_role)

    @cached_property
    def head(self) -> str:
        """The newest migration, as `sql/migrations/HEAD` names it (so that a start needs no Alembic)."""
        path = self.settings.sql / "migrations" / "HEAD"
        try:
            return path.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise ConfigurationError(
                f"{path}: không có tệp này; hãy trỏ BAOCAO_ROOT tới thư mục gốc của dự án"
            ) from None

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()

    def _check_schema(self) -> None:
        if self._checked:
            return
        try:
            found = self.version()
        except exc.OperationalError as error:
            raise ConfigurationError(
                f"BAOCAO_DATABASE_URL: không kết nối được {self.engine.url.render_as_string(hide_password=True)}: "
                f"{error.orig}; hãy kiểm tra địa chỉ, tài khoản và máy chủ cơ sở dữ liệu"
            ) from error
        if found != self.head:
            raise ConfigurationError(
                f"BAOCAO_DATABASE_URL: lược đồ cơ sở dữ liệu đang ở phiên bản {found or 'trống'}, chương trình cần "
                f"{self.head}; hãy chạy `baocao migrate` bằng đúng phiên bản chương trình này"
            )
        self._checked = True


def open_store(settings: Settings) -> Store:
    """Open the records; the embedded SQLite is created and migrated on the way, PostgreSQL only by `Store.migrate()`.

    Raises ConfigurationError for an unusable address.
    """
    for folder in (settings.data, settings.inbox, settings.outbox, settings.dispatch):
        folder.mkdir(parents=True, exist_ok=True)
    store = Store(settings)
    if store.is_embedded:
        store.migrate()
    return store


def sql_folder(conn: Connection) -> Path:
    """The `sql/` folder of the installation the connection belongs to."""
    folder: Path = conn.get_execution_options()[_SQL_FOLDER]
    return folder


def _engine(settings: Settings) -> Engine:
    try:
        url = make_url(settings.database_url)
    except exc.ArgumentError as error:
        raise ConfigurationError(f"BAOCAO_DATABASE_URL: {error}") from None
    keys = AuditKeys(settings.audit_key_file or settings.data / "audit.key", make=settings.audit_key_file is None)
    # The connection that was used last is taken first: it still knows what it has read of the database, and which key
    # wrote the last row of the trail.
    options: dict[str, Any] = {
        "execution_options": {_SQL_FOLDER: settings.sql, KEYS_OPTION: keys},
        "pool_use_lifo": True,
    }
    if url.get_backend_name() == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ConfigurationError(
                "BAOCAO_DATABASE_URL: SQLite phải là một tệp, ví dụ sqlite:////srv/baocao/baocao.db"
            )
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, **options)
        event.listen(engine, "connect", _prepare_sqlite)
        # Not as an event of the engine: with one of them SQLAlchemy looks for listeners at every statement.
        engine.dialect.do_begin = _begin_sqlite  # type: ignore[method-assign]
    elif url.get_backend_name() == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
        # Writers queue at locks and must see then what the one before has committed; under REPEATABLE READ they would
        # fail. The ping replaces connections that a restarted server has closed.
        engine = create_engine(url, pool_pre_ping=True, isolation_level="READ COMMITTED", **options)
        engine.dialect.do_ping = _ping_now_and_then(engine.dialect.do_ping)  # type: ignore[method-assign, assignment]
    else:
        raise ConfigurationError(
            f"BAOCAO_DATABASE_URL: không hỗ trợ {url.get_backend_name()}; hãy dùng sqlite:/// hoặc postgresql://"
        )
    event.listen(engine, "connect", _remember_process)
    event.listen(engine, "checkout", _refuse_inherited)
    return engine


def _prepare_sqlite(dbapi: sqlite3.Connection, _record: object) -> None:
    # The driver must not begin transactions by itself: `_begin_sqlite` does.
    dbapi.isolation_level = None
    _use_write_ahead_log(dbapi)
    dbapi.execute("PRAGMA synchronous = FULL")  # a receipt that was given survives a power cut
    # SQLite holds none unless each connection asks for it.
    dbapi.execute("PRAGMA foreign_keys = ON")


def _use_write_ahead_log(dbapi: sqlite3.Connection) -> None:
    """Readers go on while one process writes."""
    # For this one statement SQLite does not wait by itself (the connection's `timeout`): several processes that are
    # the first to open a database switch it at once.
    give_up_at = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            dbapi.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
            time.sleep(0.02)


def _begin_sqlite(dbapi_connection: PoolProxiedConnection) -> None:
    # Taken away: the pool gives the same connection to readers and to writers.
    read_only, migrating = (dbapi_connection.info.pop(mark, False) for mark in (_READ_ONLY, _MIGRATING))
    driver: Any = dbapi_connection.driver_connection
    driver.execute(f"PRAGMA query_only = {int(read_only)}")
    # A migration may have to build a table anew; foreign keys can only be switched before a transaction.
    driver.execute(f"PRAGMA foreign_keys = {int(not migrating)}")
    driver.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _ping_now_and_then(ping: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Not each time a connection is taken: a decision takes several, and each ping is a round trip."""
    last: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    def do_ping(dbapi_connection: Any) -> bool:
        now = time.monotonic()
        if now - last.get(dbapi_connection, -math.inf) >= PING_SECONDS:
            ping(dbapi_connection)
            last[dbapi_connection] = now
        return True

    return do_ping


def _remember_process(_dbapi: object, record: Any) -> None:
    record.info["pid"] = os.getpid()


def _refuse_inherited(_dbapi: object, record: Any, proxy: Any) -> None:
    """A forked child must not use its parent's connection: it is dropped and a new one opened."""
    if record.info["pid"] != os.getpid():
        record.dbapi_connection = proxy.dbapi_connection = None
        raise exc.DisconnectionError("connection belongs to another process")


def _version(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _upgrade(engine: Engine, folder: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    # Alembic takes a single % for the beginning of an interpolation.
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    with engine.connect() as conn:
        conn.info[_MIGRATING] = True
        with conn.begin():
            if engine.dialect.name == "postgresql":
                conn.execute(text("SELECT pg_advisory_xact_lock(hashtext('baocao migrate'))"))
            config.attributes["connection"] = conn
            before = _version(conn)
            command.upgrade(config, "head")
            # Numbers of four digits, so that they order as text.
            if before is not None and before < SINCE:
                begin_rows(conn, datetime.now(UTC))
            # Foreign keys were off while tables were built anew (`_begin_sqlite`).
            if engine.dialect.name == "sqlite" and (broken := conn.exec_driver_sql("PRAGMA foreign_key_check").all()):
                raise StoreError(
                    f"nâng cấp cơ sở dữ liệu dừng lại, không đổi gì: {len(broken)} dòng mất dòng mà nó trỏ tới"
                )
