"""Nhật ký: the append-only trail of who did what, each row carrying the hash of the one before.

`event_head` holds the number and hash of the last row: it makes a cut-off tail visible and serialises the writers.
Hashes are keyed (HMAC-SHA256 with a key from a file, `store.trail.keys`): who can only write the database cannot write
a row that holds, nor rewrite the trail. What is cut off or replaced whole is found by anchors outside the database
(`store.trail.anchors`, and the letters that print the head of the chain). Rows from before there were keys stay as they
are; the first keyed row says how many there were and which hash they ended with.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from baocao.settings import ConfigurationError
from baocao.store.tables import event, event_head
from baocao.store.trail import rows
from baocao.store.trail.keys import UNKEYED, AuditKeys, Key
from baocao.text import canonical_json

KEYS_OPTION, HEAD, KEY_OF = "baocao_audit_keys", "baocao_audit_head", "baocao_audit_key_of"
"""Under which names a connection knows the keys, the head after what it wrote, and hash -> key id of the row it wrote
last."""
KEYED = "audit_chain_keyed"
"""The event that stands between the rows without a key and the first keyed one."""
GENESIS = "0" * 64
"""What the first row names as the hash before it."""


@dataclass(frozen=True, slots=True)
class AuditResult:
    """The verdict on the trail: sound as a whole, or the first place where it is not."""

    ok: bool
    count: int
    first_bad_seq: int | None = None
    reason: str = ""
    unkeyed: int = 0
    """rows from before there were keys: chained by plain hashes, sealed by the first keyed row"""
    key_id: str = ""
    """the key of the last row"""


# Run for every row of the trail: made once, for making a statement costs more than running it.
_HEAD = select(event_head.c.seq, event_head.c.hash)
_HEAD_FOR_UPDATE = _HEAD.with_for_update()
_KEY_OF = select(event.c.key_id).where(event.c.seq == bindparam("of"))
_INSERT = insert(event)
_MOVE_HEAD = update(event_head).values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))


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
    key_id: str = UNKEYED


class OfPeriod(Protocol):
    """Whatever belongs to a period of a regime."""

    @property
    def regime(self) -> str: ...
    @property
    def period(self) -> str: ...


Of = OfPeriod | tuple[str, str] | None
"""The regime and period an event belongs to, or what belongs to them; None: the installation as a whole."""


def append(
    conn: Connection, at: datetime, actor: str, action: str, of: Of, subject: str, payload: Mapping[str, Any]
) -> str:
    """Add a row and return its hash (64 hex digits).

    From here to the end of the transaction other writers wait: let it be the last statement of a verb.
    `payload` is plain JSON (texts, whole numbers, lists, mappings with text keys); anything else raises TypeError. The
    digests of the rows that the transaction has written (`store.rows`) go into it.
    """
    written = conn.info.pop(rows.ROWS, None)
    if written is not None:
        payload = {**payload, "rows": written["rows"]}
    _require_plain(payload, "payload")
    # Read with the lock: before it, another writer could still move the head.
    seq, previous_hash = conn.execute(_HEAD_FOR_UPDATE).one()
    keys = _keys(conn)
    key = keys.current
    seq, previous_hash = _begin_keys(conn, keys, key, seq, previous_hash, at)
    return _write(conn, key, seq, previous_hash, _row(at, actor, action, of, subject, payload))


def _row(at: datetime, actor: str, action: str, of: Of, subject: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    regime, period = of if isinstance(of, tuple) else ("", "") if of is None else (of.regime, of.period)
    row = {"at": at, "actor": actor, "action": action, "subject": subject, "payload": payload}
    return {**row, "regime": regime, "period": period}


def append_rows(conn: Connection) -> None:
    """What was written since the last event of the transaction gets one of its own; the last statement of all."""
    written = conn.info.get(rows.ROWS)
    if written is not None:
        append(conn, written["at"] or datetime.now(UTC), "baocao", "rows_written", None, "rows", {})


def begin_rows(conn: Connection, at: datetime) -> None:
    """Say which rows are from before digests were noted: called by the upgrade that brings an older database here."""
    if head(conn)[0]:
        upto = {"upto": rows.newest(conn)}
        append(conn, at, "baocao", rows.BEGUN, None, "rows", upto)


def unwritable(conn: Connection) -> str:
    """Why nothing can be added to the trail now; empty when it can."""
    keys = _keys(conn)
    try:
        seq = head(conn)[0]
        last = conn.execute(select(event.c.key_id).where(event.c.seq == seq)).scalar() if seq else None
        if last in {None, UNKEYED}:
            _ = keys.current
        elif not keys.exist or last not in {k.id for k in keys.known}:
            _missing(keys, last)
    except ConfigurationError as error:
        return str(error)
    return ""


def begin_keys(conn: Connection, at: datetime) -> None:
    """Seal the rows from before there were keys with a keyed one. Changes nothing where that is done, or no row is."""
    seq, previous_hash = conn.execute(select(event_head.c.seq, event_head.c.hash).with_for_update()).one()
    if seq:
        keys = _keys(conn)
        _begin_keys(conn, keys, keys.current, seq, previous_hash, at)


def rotate(conn: Connection, at: datetime, by: str) -> str:
    """Go on with a new key; the id of it. The old one stays in the file for the rows it wrote.

    A key that was put into the file and is not announced yet is taken; else one is added. Raises ConfigurationError
    where the file cannot be written.
    """
    keys = _keys(conn)
    new = keys.current
    told = select(event.c.payload).where(event.c.action == "audit_key_rotated").order_by(event.c.seq.desc()).limit(1)
    announced = (conn.execute(told).scalar() or {}).get("to", keys.known[0].id)
    if new.id == announced:
        new = keys.add()
    append(conn, at, by, "audit_key_rotated", None, "audit", {"from": announced, "to": new.id})
    return new.id


def _begin_keys(
    conn: Connection, keys: AuditKeys, key: Key, seq: int, previous_hash: str, at: datetime
) -> tuple[int, str]:
    # The same hash is the same row, whatever became of the transaction that wrote it.
    known = {GENESIS: key.id, **conn.info.get(KEY_OF, {})}
    last = known.get(previous_hash) or conn.execute(_KEY_OF, {"of": seq}).scalar()
    if last == UNKEYED:
        sealed = {"unkeyed": seq, "head": previous_hash, "key": key.id}
        row = _row(at, "baocao", KEYED, None, "audit", sealed)
        return seq + 1, _write(conn, key, seq, previous_hash, row)
    if last not in {None, *(k.id for k in keys.known)}:
        _missing(keys, last)
    return seq, previous_hash


def _missing(keys: AuditKeys, key_id: str | None) -> NoReturn:
    raise ConfigurationError(
        f"BAOCAO_AUDIT_KEY_FILE: {keys.file} không có khóa {key_id} đã dùng cho dòng nhật ký cuối; hãy khôi phục tệp "
        "khóa từ bản sao lưu (xem mục «Mất khóa nhật ký» trong sổ tay vận hành)"
    )


def _write(conn: Connection, key: Key, seq: int, previous_hash: str, row: Mapping[str, Any]) -> str:
    whole = {**row, "seq": seq + 1, "previous_hash": previous_hash, "key_id": key.id}
    digest = _digest(whole, key)
    conn.execute(_INSERT, {**whole, "hash": digest})
    conn.execute(_MOVE_HEAD, {"new_seq": seq + 1, "new_hash": digest})
    conn.info[HEAD], conn.info[KEY_OF] = (seq + 1, digest), {digest: key.id}
    return digest


def _keys(conn: Connection) -> AuditKeys:
    keys: AuditKeys = conn.get_execution_options()[KEYS_OPTION]
    return keys


def head(conn: Connection) -> tuple[int, str]:
    """Number and hash of the last row: what a receipt or a manifest may carry as an anchor."""
    seq, digest = conn.execute(_HEAD).one()
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


def authentic(conn: Connection, found: Event) -> bool:
    """Whether a row is as it was written, by its own key. Says nothing about the rows around it."""
    keys = {k.id: k for k in _keys(conn).known}
    row = {name: getattr(found, name) for name in _HASHED}
    if found.key_id == UNKEYED:
        # Only rows before the first keyed one may be without a key.
        first = conn.execute(
            select(event.c.seq).where(event.c.key_id != UNKEYED).order_by(event.c.seq).limit(1)
        ).scalar()
        return (first is None or found.seq < first) and hmac.compare_digest(_digest(row, None), found.hash)
    key = keys.get(found.key_id)
    return key is not None and hmac.compare_digest(_digest(row, key), found.hash)


def verify(conn: Connection, anchors: Mapping[int, str | Collection[str]] | None = None) -> AuditResult:
    """Recompute the whole chain; find the first altered, removed or inserted row.

    `anchors` (number -> hash, or the hashes written for it) are kept outside the database.
    """
    last_seq, last_hash = head(conn)
    keys = _keys(conn)
    open_anchors = {seq: {h} if isinstance(h, str) else set(h) for seq, h in (anchors or {}).items()}
    chain = _Chain(keys.known)
    for row in conn.execute(select(event).order_by(event.c.seq)):
        reason = chain.fault(row, open_anchors.pop(chain.seq + 1, None))
        if reason:
            return AuditResult(False, chain.seq, chain.seq + 1, reason, chain.unkeyed, chain.key_id)
        chain.take(row)
    seq, reason = chain.seq, ""
    if seq < last_seq:
        seq, reason = seq + 1, "dòng đã bị xóa khỏi cuối nhật ký"
    elif seq > last_seq:
        seq, reason = last_seq + 1, "dòng được chèn thêm vào cuối nhật ký"
    elif chain.previous != last_hash:
        seq, reason = max(seq, 1), "dòng cuối không khớp mã băm đã chốt"
    elif open_anchors:
        seq, reason = min(open_anchors), "nhật ký ngắn hơn bằng chứng lưu bên ngoài"
    elif chain.unkeyed and chain.unkeyed == chain.seq and keys.exist:
        seq, reason = 1, "đã có tệp khóa nhưng không dòng nào có khóa: cả nhật ký có thể đã bị viết lại"
    count = min(chain.seq, last_seq) if reason else chain.seq
    return AuditResult(not reason, count, seq if reason else None, reason, chain.unkeyed, chain.key_id)


class _Chain:
    """The rows read so far."""

    def __init__(self, keys: Collection[Key]) -> None:
        self._keys = {k.id: (age, k) for age, k in enumerate(keys)}
        self.seq, self.previous, self.unkeyed, self.key_id = 0, GENESIS, 0, ""

    def take(self, row: Row[Any]) -> None:
        self.seq, self.previous, self.key_id = self.seq + 1, row.hash, row.key_id
        self.unkeyed += row.key_id == UNKEYED

    def fault(self, row: Row[Any], anchors: Collection[str] | None) -> str:
        expected = self.seq + 1
        if row.seq > expected:
            return "thiếu dòng: đã bị xóa"
        if row.seq < expected:
            return "dòng thừa: số thứ tự trước 1"
        if row.previous_hash != self.previous:
            return "mã băm của dòng trước không khớp"
        if reason := self._key_fault(row):
            return reason
        try:
            key = None if row.key_id == UNKEYED else self._keys[row.key_id][1]
            digest = _digest({name: row._mapping[name] for name in _HASHED}, key)
        except (TypeError, ValueError, AttributeError):
            return "nội dung không đọc được"
        if not hmac.compare_digest(digest, row.hash):
            return "nội dung đã bị sửa, hoặc không do hệ thống này ghi"
        if anchors is not None and set(anchors) != {row.hash}:
            return "không khớp bằng chứng lưu bên ngoài"
        return ""

    def _key_fault(self, row: Row[Any]) -> str:
        if row.key_id == UNKEYED:
            return "" if self.key_id in {"", UNKEYED} else "dòng không có khóa nằm sau dòng có khóa"
        if row.key_id not in self._keys:
            return f"dòng ghi bằng khóa {row.key_id} không có trong tệp khóa; hãy khôi phục tệp khóa rồi kiểm tra lại"
        if self.key_id == UNKEYED:
            sealed = {"unkeyed": self.seq, "head": self.previous, "key": row.key_id}
            return "" if row.action == KEYED and row.payload == sealed else "phần không có khóa chưa được chốt"
        older = self.key_id and self._keys[row.key_id][0] < self._keys[self.key_id][0]
        return "dòng ghi bằng khóa cũ nằm sau dòng ghi bằng khóa mới" if older else ""


_HASHED = ("seq", "at", "actor", "action", "regime", "period", "subject", "payload", "previous_hash", "key_id")


def _digest(row: Mapping[str, Any], key: Key | None) -> str:
    content = {**row, "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")}
    if key is None:
        # As rows were hashed before there were keys.
        del content["key_id"]
    text = canonical_json(content)
    if key is None:
        return hashlib.sha256(text.encode()).hexdigest()
    return hmac.new(key.secret, text.encode(), hashlib.sha256).hexdigest()


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
