"""Nhật ký: the append-only trail of who did what, each row carrying the hash of the one before.

`event_head` holds the number and hash of the last row: it makes a cut-off tail visible and serialises the writers.
A hash chain shows that something was changed; it does not stop somebody who can rewrite the whole trail. For that,
hashes are also written outside the database (receipts, manifests) and given to `verify` as anchors.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from baocao.store.tables import event, event_head

GENESIS = "0" * 64
"""What the first row names as the hash before it."""


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The verdict on the trail: sound as a whole, or the first place where it is not."""

    ok: bool
    count: int
    first_bad_seq: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the trail."""

    seq: int
    at: datetime
    actor: str
    action: str
    regime: str
    period: str
    subject: str
    payload: Mapping[str, Any]
    previous_hash: str
    hash: str


def append(
    conn: Connection,
    *,
    at: datetime,
    actor: str,
    action: str,
    regime: str,
    period: str,
    subject: str,
    payload: Mapping[str, Any],
) -> str:
    """Add a row and return its hash (64 hex digits).

    From here to the end of the transaction other writers wait: let it be the last statement of a verb.
    `payload` is plain JSON (texts, whole numbers, lists, mappings with text keys); anything else raises TypeError.
    """
    _require_plain(payload, "payload")
    seq, previous_hash = conn.execute(select(event_head.c.seq, event_head.c.hash).with_for_update()).one()
    row = {
        "seq": seq + 1,
        "at": at,
        "actor": actor,
        "action": action,
        "regime": regime,
        "period": period,
        "subject": subject,
        "payload": payload,
        "previous_hash": previous_hash,
    }
    digest = _digest(row)
    conn.execute(insert(event).values(**row, hash=digest))
    conn.execute(update(event_head).values(seq=seq + 1, hash=digest))
    return digest


def head(conn: Connection) -> tuple[int, str]:
    """Number and hash of the last row: what a receipt or a manifest may carry as an anchor."""
    seq, digest = conn.execute(select(event_head.c.seq, event_head.c.hash)).one()
    return int(seq), str(digest)


def events(
    conn: Connection, *, regime: str | None = None, period: str | None = None, subject: str | None = None
) -> list[Event]:
    """The rows in order, cut down to a regime, a period, a subject."""
    statement = select(event).order_by(event.c.seq)
    for column, wanted in ((event.c.regime, regime), (event.c.period, period), (event.c.subject, subject)):
        if wanted is not None:
            statement = statement.where(column == wanted)
    return [Event(**row._mapping) for row in conn.execute(statement)]


def verify(conn: Connection, anchors: Mapping[int, str] | None = None) -> AuditResult:
    """Recompute the whole chain; find the first altered, removed or inserted row.

    `anchors` (number -> hash) are hashes kept outside the database.
    """
    last_seq, last_hash = head(conn)
    open_anchors = dict(anchors or {})
    expected_seq, previous = 0, GENESIS
    for row in conn.execute(select(event).order_by(event.c.seq)):
        expected_seq += 1
        reason = _fault(row, expected_seq, previous, open_anchors.pop(expected_seq, None))
        if reason:
            return AuditResult(False, expected_seq - 1, expected_seq, reason)
        previous = row.hash
    if expected_seq < last_seq:
        return AuditResult(False, expected_seq, expected_seq + 1, "dòng đã bị xóa khỏi cuối nhật ký")
    if expected_seq > last_seq:
        return AuditResult(False, last_seq, last_seq + 1, "dòng được chèn thêm vào cuối nhật ký")
    if previous != last_hash:
        return AuditResult(False, expected_seq, max(expected_seq, 1), "dòng cuối không khớp mã băm đã chốt")
    if open_anchors:
        return AuditResult(False, expected_seq, min(open_anchors), "nhật ký ngắn hơn bằng chứng lưu bên ngoài")
    return AuditResult(True, expected_seq)


def _fault(row: Row[Any], expected_seq: int, previous: str, anchor: str | None) -> str:
    if row.seq > expected_seq:
        return "thiếu dòng: đã bị xóa"
    if row.seq < expected_seq:
        return "dòng thừa: số thứ tự trước 1"
    if row.previous_hash != previous:
        return "mã băm của dòng trước không khớp"
    try:
        digest = _digest({k: v for k, v in row._mapping.items() if k != "hash"})
    except (TypeError, ValueError, AttributeError):
        return "nội dung không đọc được"
    if digest != row.hash:
        return "nội dung đã bị sửa"
    if anchor is not None and anchor != row.hash:
        return "không khớp bằng chứng lưu bên ngoài"
    return ""


def _digest(row: Mapping[str, Any]) -> str:
    content = {**row, "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _require_plain(value: object, where: str) -> None:
    """Only what JSON gives back unchanged: no floats, no dates, no keys that are not text."""
    if value is None or isinstance(value, str | bool | int):
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{where}: key {key!r} is not a text")
            _require_plain(item, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            _require_plain(item, f"{where}[{number}]")
    else:
        raise TypeError(f"{where}: {type(value).__name__} cannot stand in an event; turn it into text first")
