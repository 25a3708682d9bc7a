"""The keys and the anchors of the audit trail: what somebody who can write the database cannot do."""

from __future__ import annotations

import errno
import hashlib
import json
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from baocao.settings import ConfigurationError, Settings, load_settings
from baocao.store.database import Store
from baocao.store.tables import event, event_head
from baocao.store.trail import anchors, events
from baocao.store.trail.keys import UNKEYED, AuditKeys
from builders.sites.store import an_event, minute


def drop_guards(conn: Connection) -> None:
    """What a forger does first."""
    for table in ("event", "event_head"):
        for operation in ("update", "delete"):
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS guard_{table}_{operation}")
            else:
                conn.exec_driver_sql(f"DROP FUNCTION IF EXISTS guard_{table}_{operation} CASCADE")


def plain_hash(row: dict[str, Any]) -> str:
    """The hash as rows had it before there were keys."""
    content = {k: v for k, v in row.items() if k not in {"hash", "key_id"}}
    content["at"] = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def chain_anew(conn: Connection, *, without: int = 0, key_id: str | None = None) -> None:
    """Re-chain all rows but one with hashes that anybody can compute."""
    drop_guards(conn)
    rows = [dict(r._mapping) for r in conn.execute(select(event).order_by(event.c.seq)) if r.seq != without]
    conn.execute(delete(event))
    previous = events.GENESIS
    for seq, row in enumerate(rows, start=1):
        row |= {"seq": seq, "previous_hash": previous} | ({} if key_id is None else {"key_id": key_id})
        previous = row["hash"] = plain_hash(row)
        conn.execute(insert(event).values(**row))
    conn.execute(update(event_head).values(seq=len(rows), hash=previous))


def filled(store: Store, rows: int = 4) -> None:
    for number in range(rows):
        with store.begin() as conn:
            an_event(conn, at=number, subject=f"submission/{number}")


def verdict(store: Store, **more: Any) -> events.AuditResult:
    with store.read() as conn:
        return events.verify(conn, **more)


def test_a_deletion_hidden_by_rechaining_is_found(store: Store) -> None:
    filled(store)
    with store.begin() as conn:
        chain_anew(conn, without=2)
    found = verdict(store)
    assert (found.ok, found.first_bad_seq) == (False, 1)
    assert "không do hệ thống này ghi" in found.reason


def test_a_trail_rewritten_without_keys_is_found(store: Store) -> None:
    filled(store)
    with store.begin() as conn:
        chain_anew(conn, without=2, key_id=UNKEYED)
    assert "đã có tệp khóa nhưng không dòng nào có khóa" in verdict(store).reason


def test_the_key_is_private_and_outside_the_database(store: Store) -> None:
    filled(store, 1)
    file = store.settings.data / "audit.key"
    assert file.stat().st_mode & 0o777 == 0o600
    with store.read() as conn:
        row = conn.execute(select(event)).one()
    (key,) = AuditKeys(file, make=False).known
    assert row.key_id == key.id
    assert key.secret.hex() not in str(row)


def test_an_old_trail_without_keys_is_sealed(store: Store) -> None:
    filled(store, 3)
    with store.begin() as conn:
        chain_anew(conn, key_id=UNKEYED)
    (store.settings.data / "audit.key").unlink()
    before = verdict(store)
    assert (before.ok, before.count, before.unkeyed) == (True, 3, 3)
    store.engine.dispose()
    upgraded = Store(store.settings)
    with upgraded.begin() as conn:
        an_event(conn, at=9)
    after = verdict(upgraded)
    assert (after.ok, after.count, after.unkeyed) == (True, 5, 3)
    with upgraded.read() as conn:
        sealed = events.events(conn)[3]
    assert (sealed.action, sealed.payload["unkeyed"]) == (events.KEYED, 3)
    with upgraded.begin() as conn:
        drop_guards(conn)
        conn.execute(update(event).where(event.c.seq == 2).values(actor="người khác"))
    assert verdict(upgraded).first_bad_seq == 2
    upgraded.close()


def test_a_replaced_key_is_not_accepted_again(store: Store) -> None:
    filled(store, 2)
    keys = AuditKeys(store.settings.data / "audit.key", make=False)
    first = keys.current
    with store.begin() as conn:
        assert events.rotate(conn, minute(5), "quan-tri") != first.id
        an_event(conn, at=6)
    found = verdict(store)
    assert (found.ok, found.count, found.key_id) == (True, 4, keys.current.id)

    with store.begin() as conn:
        seq, previous = events.head(conn)
        row = {**dict(conn.execute(select(event).where(event.c.seq == 1)).one()._mapping)}
        row |= {"seq": seq + 1, "previous_hash": previous, "key_id": first.id}
        row["hash"] = events._digest({k: v for k, v in row.items() if k != "hash"}, first)
        conn.execute(insert(event).values(**row))
        conn.execute(update(event_head).values(seq=seq + 1, hash=row["hash"]))
    assert "khóa cũ nằm sau dòng ghi bằng khóa mới" in verdict(store).reason


_open = Path.open


def _as_mounted_for_reading(path: Path, mode: str = "r", *_: Any, **more: Any) -> Any:
    if set(mode) & set("wa+x"):
        raise OSError(errno.EROFS, "Read-only file system", str(path))
    return _open(path, mode, **more)


def test_unwritable_key_file_is_told_manual_key_taken(store: Store) -> None:
    file = store.settings.data / "audit.key"
    file.write_text("ab" * 32)  # as the secrets of the composition are made: no end of line
    filled(store, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "open", _as_mounted_for_reading)
        with pytest.raises(ConfigurationError, match=r"chưa đổi khóa.*--new-audit-key"), store.begin() as conn:
            events.rotate(conn, minute(5), "quan-tri")
    assert verdict(store).count == 2
    file.write_text("ab" * 32 + "\n" + "cd" * 32)
    with store.begin() as conn:
        new = events.rotate(conn, minute(5), "quan-tri")
    keys = AuditKeys(file, make=False).known
    assert [k.id for k in keys][1:] == [new]
    with store.begin() as conn:  # the end of the line is right: another key goes behind it
        assert events.rotate(conn, minute(6), "quan-tri") not in {k.id for k in keys}
    assert (verdict(store).ok, verdict(store).count) == (True, 4)


def test_nothing_is_written_while_the_key_is_lost(store: Store) -> None:
    filled(store, 2)
    file = store.settings.data / "audit.key"
    file.write_text("ab" * 32 + "\n")
    with pytest.raises(ConfigurationError, match="không có khóa"), store.begin() as conn:
        an_event(conn, at=9)
    found = verdict(store)
    assert (found.ok, found.first_bad_seq) == (False, 1)
    assert "hãy khôi phục tệp khóa" in found.reason


@pytest.mark.parametrize(("content", "said"), [("", "không có khóa nào"), ("abc\n", "dòng 1: không phải khóa")])
def test_a_damaged_key_file_names_file_and_line(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "audit.key"
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=said):
        _ = AuditKeys(file, make=False).current


def test_a_missing_configured_key_stops_the_start(settings: Settings, tmp_path: Path) -> None:
    env = {"BAOCAO_ROOT": str(settings.root), "BAOCAO_DATA": str(tmp_path), "BAOCAO_AUDIT_KEY_FILE": "/nowhere/key"}
    with pytest.raises(ConfigurationError, match="BAOCAO_AUDIT_KEY_FILE: không có tệp /nowhere/key"):
        load_settings(env)


def test_every_commit_anchors_the_head_outside(store: Store) -> None:
    filled(store, 3)
    kept = anchors.read(store.settings.anchors)
    with store.read() as conn:
        assert kept == {e.seq: frozenset([e.hash]) for e in events.events(conn)}
    assert verdict(store, anchors=kept).ok
    with store.begin() as conn:
        drop_guards(conn)
        conn.execute(delete(event).where(event.c.seq == 3))
        seq, digest = conn.execute(select(event.c.seq, event.c.hash).where(event.c.seq == 2)).one()
        conn.execute(update(event_head).values(seq=seq, hash=digest))
    assert verdict(store).ok, "without the anchors a cut tail with its head is a sound trail"
    found = verdict(store, anchors=kept)
    assert (found.ok, found.first_bad_seq) == (False, 3)
    assert "ngắn hơn bằng chứng" in found.reason


def test_an_unwritable_anchor_file_is_named(settings: Settings) -> None:
    settings.data.mkdir(parents=True, exist_ok=True)
    blocked = settings.data / "taken"
    blocked.mkdir()
    with pytest.raises(ConfigurationError, match="BAOCAO_AUDIT_ANCHORS"):
        anchors.add(blocked, 1, "a" * 64)
