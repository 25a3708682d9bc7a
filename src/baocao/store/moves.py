"""Status only moves right: the one way to change the status of a row."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Table, select, update

from baocao.store.database import StaleStatus
from baocao.store.trail.rows import HELD, note

_NOUNS = {
    "submission": "Báo cáo gửi lên",
    "report": "Báo cáo tổng hợp",
    "outbox": "Thư",
    "inspection": "Cuộc kiểm tra",
    "lead_comment": "Ý kiến",
}


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
    done = conn.execute(
        update(table)
        .where(table.c.id == id, table.c.status.in_([str(s) for s in expected]))
        .values(status=str(new_status), **values)
    )
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
