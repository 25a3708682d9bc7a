"""Rows held to the trail: the event of the transaction that writes a row carries the digest of what the row says.

Whoever writes to one of the `HELD` tables calls `note` in the same transaction; the digests go into the payload of the
next event of it (`rows: {table: {id: digest}}`), or into one of their own where no other follows. `audit verify`
compares every row with the last digest that was noted of it (`workflow.auditing.rows`). The tables that have events
of their own with everything in them (submissions, decisions, waivers, corrections) are compared with those.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, func, select

from baocao.store import tables as t

ROWS = "baocao_rows"
"""Under which name a connection knows what its transaction wrote: `{"at": instant, "rows": {table: {id: digest}}}`."""
BEGUN = "rows_begun"
"""The event of an upgrade: rows with these numbers and below are from before digests were noted."""
SINCE = "0012"
"""Databases that stood at an earlier migration have such rows."""
SENT = "outbox_sent"
"""Not a table: of a letter that has left, to whom and when."""
GONE = ""
"""The digest of a row that was taken back."""


def _all(name: str) -> tuple[str, ...]:
    return tuple(c.name for c in t.metadata.tables[name].columns if c.name != "id")


HELD: Mapping[str, tuple[str, ...]] = {
    "window": ("regime", "period", "opened_at", "pack_sha256"),
    "special_period": ("regime", "code", "kind", "spec", "created_by", "reason", "created_at"),
    "obligation": (
        "regime", "period", "unit", "unit_name", "is_lead_body", "due_at", "locked_after", "blank_sha256", "added_at",
    ),
    "outbox": (
        "regime", "period", "unit", "step", "subject", "text", "html", "attachments", "message_id", "created_at",
    ),
    "inspection_plan": ("regime", "year", "decision", "decided_on", "file_sha256", "recorded_at", "recorded_by"),
    "inspection": _all("inspection"),
    "lead_slice": ("regime", "period", "unit", "content_sha256", "input_sha256", "file_sha256", "shared_at"),
    "lead_comment": _all("lead_comment"),
    "source_decision": ("regime", "period", "form", "row", "stands", "reason", "by", "at"),
    "gate": (
        "regime", "period", "ran_at", "input_sha256", "agrees", "evaluated", "failed", "result_sha256", "page_sha256",
        "disagreements",
    ),
    "dispatch": _all("dispatch"),
    "submission_given_back": _all("submission_given_back"),
}  # fmt: skip
"""Table -> the columns that are held. Left out are those that only say how far a letter's sending has got (its leaving
is noted apart, `SENT`) and those that follow from others."""
OWN_ALARM = "operator"
"""Letters to ourselves are not held: they must be written when the trail cannot be (a lost key)."""


def note(conn: Connection, table: Table, ids: Iterable[int], at: datetime | None = None) -> None:
    """Note what these rows say now: it goes into the trail with the transaction, or not at all.

    `at` is the business time of the event that is written where the transaction has no other behind this.
    """
    wanted = sorted(ids)
    if not wanted:
        return
    _keep(conn, table.name, {str(id): digest for id, digest in digests(conn, table.name, wanted).items()}, at)


def note_new(conn: Connection, table: Table, id: int, row: Mapping[str, Any], at: datetime) -> None:
    """The same of a row that was just inserted: no table held to the trail has a default, so that it says what it was
    given."""
    if table is not t.outbox or row["unit"] != OWN_ALARM:
        _keep(conn, table.name, {str(id): _digest([_plain(row.get(name)) for name in HELD[table.name]])}, at)


def note_gone(conn: Connection, table: Table, id: int, at: datetime | None = None) -> None:
    """Note that a row was taken back."""
    _keep(conn, table.name, {str(id): GONE}, at)


def note_sent(conn: Connection, id: int, recipient: str, at: datetime) -> None:
    """Note that a letter has left for `recipient`."""
    _keep(conn, SENT, {str(id): sent_digest(recipient, at)}, at)


def note_to_send_again(conn: Connection, id: int) -> None:
    """Note that a letter is to leave again."""
    _keep(conn, SENT, {str(id): GONE}, None)


def sent_digest(recipient: str, at: datetime) -> str:
    """The digest of a delivery: to whom, and the instant."""
    return _digest([recipient, _plain(at)])


def digests(conn: Connection, name: str, ids: Iterable[int] | None = None) -> dict[int, str]:
    """Number -> digest of the rows of a held table, of all or of these."""
    wanted = None if ids is None else {"ids": list(ids)}
    rows = conn.execute(_held(name, of_some=ids is not None), wanted)
    return {row[0]: _digest([_plain(value) for value in row[1:]]) for row in rows}


@cache
def _held(name: str, *, of_some: bool) -> Select[Any]:
    """The statement, made once: making it costs more than running it."""
    table = t.metadata.tables[name]
    statement = select(table.c.id, *(table.c[column] for column in HELD[name])).order_by(table.c.id)
    if of_some:
        statement = statement.where(table.c.id.in_(bindparam("ids", expanding=True)))
    return statement.where(table.c.unit != OWN_ALARM) if name == "outbox" else statement


def newest(conn: Connection) -> dict[str, int]:
    """Held table -> its highest number; what is below was written before digests were noted."""
    found = {name: conn.execute(select(func.max(t.metadata.tables[name].c.id))).scalar() or 0 for name in HELD}
    return {**found, SENT: found["outbox"]}


def _keep(conn: Connection, name: str, found: Mapping[str, str], at: datetime | None) -> None:
    if found:
        kept = conn.info.setdefault(ROWS, {"at": at, "rows": {}})
        kept["at"] = kept["at"] or at
        kept["rows"].setdefault(name, {}).update(found)


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def _digest(values: list[Any]) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
