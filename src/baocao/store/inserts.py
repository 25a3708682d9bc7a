"""Writing a row: its statement made once a table, and the row noted for the trail where its table is held to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from baocao.store.trail.rows import note_new


def insert_row(conn: Connection, table: Table, row: Mapping[str, Any], held_at: datetime | None = None) -> int:
    """Append a row; its number. `held_at`: of a table that is held to the trail, the business time of the row."""
    new = int(conn.execute(_statement(conn.dialect.name, table, None), dict(row)).scalar_one())
    if held_at is not None:
        note_new(conn, table, new, row, held_at)
    return new


def insert_once(
    conn: Connection, table: Table, row: Mapping[str, Any], elements: Sequence[str], held_at: datetime | None = None
) -> int | None:
    """The same; None, and nothing is written, where a row with the same `elements` is there already, whoever was
    first."""
    new: int | None = conn.execute(_statement(conn.dialect.name, table, tuple(elements)), dict(row)).scalar()
    if new is not None and held_at is not None:
        note_new(conn, table, new, row, held_at)
    return new


@cache
def _statement(dialect: str, table: Table, elements: tuple[str, ...] | None) -> Any:
    """Made once: making it costs more than running it. RETURNING says whether a row was new: PostgreSQL gives no row
    count for such an INSERT here."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    once = insert if elements is None else insert.on_conflict_do_nothing(index_elements=elements)
    return once.returning(table.c.id)
