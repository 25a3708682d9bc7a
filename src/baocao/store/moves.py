"""Status only moves right: the one way to change the status of a row."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Table, Update, bindparam, or_, select, update

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
    expected = [table.c.status == bindparam(f"expected_{n}") for n in range(statuses)]
    values = {name: bindparam(f"new_{name}") for name in columns}
    return update(table).where(table.c.id == bindparam("of"), or_(*expected)).values(values)


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
    statement = _update(table, ("status", *values), len(expected))
    wanted = {f"expected_{n}": str(status) for n, status in enumerate(expected)}
    written = {f"new_{name}": value for name, value in {"status": str(new_status), **values}.items()}
    done = conn.execute(statement, {"of": id, **wanted, **written})
    if done.rowcount == 1:
        if table.name in HELD:
            note(conn, table, (id,))
        return
    found = conn.execute(select(table.c.status).where(table.c.id == id)).scalar()
    noun = _NOUNS.get(table.name, table.name)
    if found is None:
        raise StaleStatus(f"{noun} số {id}: không có trong sổ")
    raise StaleStatus(
        f"{noun} số {id}: đang là {found}, không phải {' hoặc '.join(map(str, expected))}; không làm lại được"
    )
