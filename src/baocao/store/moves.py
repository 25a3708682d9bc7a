"""Status only moves right: the one way to change the status of a row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, NoReturn

from sqlalchemy import Connection, Row, Table, Update, bindparam, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from baocao.store.database import StaleStatus
from baocao.store.trail.rows import HELD, note

_NOUNS = {
    "submission": "Báo cáo gửi lên",
    "report": "Báo cáo tổng hợp",
    "outbox": "Thư",
    "inspection": "Cuộc kiểm tra",
    "lead_comment": "Ý kiến",
}


@lru_cache(maxsize=256)
def _update(table: Table, columns: tuple[str, ...], statuses: int) -> Update:
    """The statement, made once: making it costs more than running it."""
    # Not `IN`: SQLAlchemy would write its list out anew at every run.
    expected = [table.c.status == bindparam(f"expected_{n}") for n in range(statuses)]
    values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in columns}
    return update(table).where(table.c.id == bindparam("of"), or_(*expected)).values(values)


@lru_cache(maxsize=64)
def _returning(table: Table, statement: Update) -> ReturningUpdate[Any]:
    return statement.returning(table)


def move(
    conn: Connection,
    table: Table,
    id: int,
    expected_status: StrEnum | str | Collection[str],
    new_status: StrEnum | str,
    **values: Any,
) -> None:
    """Move the row `id` from an expected status to a new one, writing `values` with it.

    Raises StaleStatus when the row is not (or no longer) in an expected status: nothing is changed then. Of two
    processes that try the same move exactly one succeeds.
    """
    expected = [expected_status] if isinstance(expected_status, str) else list(expected_status)
    done = conn.execute(*_statement(table, id, expected, new_status, values))
    if done.rowcount == 1:
        if table.name in HELD:
            note(conn, table, (id,))
        return
    _refuse(conn, table, id, expected)


def moved(
    conn: Connection, table: Table, id: int, expected_status: StrEnum | str, new_status: StrEnum | str, **values: Any
) -> Row[Any]:
    """The same of a table that is not held to the trail; the row as it is now."""
    if table.name in HELD:
        raise ValueError(f"{table.name} is held to the trail")
    statement, parameters = _statement(table, id, [expected_status], new_status, values)
    row = conn.execute(_returning(table, statement), parameters).one_or_none()
    if row is None:
        _refuse(conn, table, id, [expected_status])
    return row


def _statement(
    table: Table, id: int, expected: Sequence[StrEnum | str], new_status: StrEnum | str, values: Mapping[str, Any]
) -> tuple[Update, dict[str, Any]]:
    wanted = {f"expected_{n}": str(status) for n, status in enumerate(expected)}
    written = {f"new_{name}": value for name, value in {"status": str(new_status), **values}.items()}
    return _update(table, ("status", *values), len(expected)), {"of": id, **wanted, **written}


def _refuse(conn: Connection, table: Table, id: int, expected: Sequence[StrEnum | str]) -> NoReturn:
    found = conn.execute(select(table.c.status).where(table.c.id == id)).scalar()
    noun = _NOUNS.get(table.name, table.name)
    if found is None:
        raise StaleStatus(f"{noun} số {id}: không có trong sổ")
    raise StaleStatus(
        f"{noun} số {id}: đang là {found}, không phải {' hoặc '.join(map(str, expected))}; không làm lại được"
    )
