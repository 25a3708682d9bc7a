"""Reporting windows and the obligations in them: who owes a report for which period, and until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from baocao.store.database import StoreError
from baocao.store.inserts import insert_once
from baocao.store.tables import obligation, window
from baocao.store.trail.rows import note
from baocao.text import search_key, vietnamese_order


@dataclass(frozen=True, slots=True)
class Window:
    """A period that is open, and the regime pack it was opened with."""

    regime: str
    period: str
    opened_at: datetime
    pack_sha256: str


@dataclass(frozen=True, slots=True)
class Obligation:
    """One unit owes one workbook for one period (Nghĩa vụ báo cáo)."""

    unit: str
    unit_name: str
    is_lead_body: bool
    due_at: datetime
    """The last instant that is in time."""
    locked_after: datetime
    """After it nothing is taken any more."""
    blank_sha256: str | None = None
    """The blank workbook sent to the unit, in the file store."""
    added_at: datetime | None = None
    """When a unit was enrolled after the window's opening; None: with it."""


_W, _O = window.c, obligation.c
_ALL = select(_W.regime, _W.period, _W.opened_at, _W.pack_sha256)
_WINDOW = _ALL.where(_W.regime == bindparam("r"), _W.period == bindparam("p"))
_WINDOWS = _ALL.order_by(_W.opened_at, _W.id)
_WINDOWS_OF_REGIME = _WINDOWS.where(_W.regime == bindparam("r"))
_OBLIGATIONS = select(
    _O.unit, _O.unit_name, _O.is_lead_body, _O.due_at, _O.locked_after, _O.blank_sha256, _O.added_at
).where(_O.regime == bindparam("r"), _O.period == bindparam("p"))
_OBLIGATION = _OBLIGATIONS.where(_O.unit == bindparam("u"))


def open_window(conn: Connection, regime: str, period: str, at: datetime, pack_sha256: str) -> bool:
    """Open the window; False when it was open already (then nothing changes, whoever was first)."""
    row = {"regime": regime, "period": period, "opened_at": at, "pack_sha256": pack_sha256}
    return insert_once(conn, window, row, ("regime", "period"), at) is not None


def window_of(conn: Connection, regime: str, period: str) -> Window | None:
    """The window of a period; None while it is not open."""
    row = conn.execute(_WINDOW, {"r": regime, "p": period}).one_or_none()
    return None if row is None else Window(*row)


def open_windows(conn: Connection, regime: str | None = None) -> list[Window]:
    """All windows opened so far, oldest first: of one regime, or of all."""
    rows = conn.execute(_WINDOWS) if regime is None else conn.execute(_WINDOWS_OF_REGIME, {"r": regime})
    return [Window(*row) for row in rows]


def add_obligations(conn: Connection, regime: str, period: str, rows: Iterable[Obligation]) -> int:
    """Write down who owes; returns how many were new. A unit that stands there already keeps its row."""
    known = set(
        conn.execute(select(obligation.c.unit).where(obligation.c.regime == regime, obligation.c.period == period))
        .scalars()
        .all()
    )
    new = [
        {
            "regime": regime,
            "period": period,
            **asdict(row),
            "name_search": search_key(f"{row.unit_name} {row.unit}"),
            "name_order": vietnamese_order(row.unit_name),
        }
        for row in rows
        if row.unit not in known
    ]
    if new:
        # Somebody else may have added units since `known` was read.
        insert = (postgresql if conn.dialect.name == "postgresql" else sqlite).insert(obligation)
        conn.execute(insert.on_conflict_do_nothing(index_elements=["regime", "period", "unit"]), new)
        ids = select(obligation.c.id).where(obligation.c.regime == regime, obligation.c.period == period)
        note(conn, obligation, conn.execute(ids.where(obligation.c.unit.in_([r["unit"] for r in new]))).scalars())
    return len(new)


def obligations(conn: Connection, regime: str, period: str, unit: str | None = None) -> list[Obligation]:
    """Who owes a report for the period, by unit code: everybody, or one unit if it does."""
    statement = _OBLIGATIONS if unit is None else _OBLIGATION
    rows = conn.execute(statement, {"r": regime, "p": period, "u": unit})
    # Not by the database: PostgreSQL orders text by its locale.
    return sorted((Obligation(*row) for row in rows), key=lambda o: o.unit)


def set_blank(conn: Connection, regime: str, period: str, unit: str, sha256: str) -> None:
    """Note which blank workbook the unit got. Raises StoreError when the unit owes nothing."""
    done = conn.execute(
        update(obligation)
        .where(obligation.c.regime == regime, obligation.c.period == period, obligation.c.unit == unit)
        .values(blank_sha256=sha256)
        .returning(obligation.c.id)
    ).scalar()
    if done is None:
        raise StoreError(f"{regime} {period}: đơn vị {unit} không có nghĩa vụ báo cáo trong kỳ; hãy mở kỳ trước")
    note(conn, obligation, (done,))
