"""`baocao backup` and `baocao restore`: everything an installation is, as one file, checked when written and when read.

A backup is a zip of: the rows of the database in one snapshot, every file of the store that a row names, the dispatch
packages, the packs that are in force, the anchors, and the fingerprints of the audit keys (the keys themselves only
when asked for). `index.json` has the sha256 of every part. Other processes may write meanwhile: what is in the snapshot
has its files, for a file is stored before the row that names it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select, update

from baocao.file_lock import lock
from baocao.regimes.pack_file import archived
from baocao.store.files import FileProblem
from baocao.store.tables import Instant, event_head, metadata
from baocao.store.trail import anchors, events
from baocao.store.trail.events import KEYS_OPTION
from baocao.store.trail.keys import AuditKeys
from baocao.workflow.auditing.verifying import named_files, verify
from baocao.workflow.installation import Installation, Refused

log = logging.getLogger(__name__)

FORMAT = "baocao-backup/1"
_BATCH = 5000


def backup(
    place: Installation, target: Path, as_of: datetime, *, with_keys: bool = False, by: str = ""
) -> dict[str, Any]:
    """Write a backup to `target`, which must not exist; whole or not at all, and read back before it counts.

    Raises Refused when the target is there already, or a file that a row names is missing or changed (the backup of a
    damaged installation would hide the damage).
    """
    if target.exists():
        raise Refused(f"{target}: đã có tệp này; hãy chọn tên khác, bản sao lưu không ghi đè bản cũ")
    target.parent.mkdir(parents=True, exist_ok=True)
    # Before anything is written: what a dead backup has left may be what fills the disk.
    cleared = _clear_abandoned(target.parent)
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    try:
        # Nobody else may read it, from the first byte: it holds every report, and the keys where they were asked for.
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        # Held as long as this process lives: what nobody holds was left by one that died.
        held = os.dup(handle)
        lock(held)
        with os.fdopen(handle, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as zipped:
            index = _write(place, zipped, as_of, with_keys=with_keys)
        # Read back before it gets its name: a backup that cannot be restored is found on the day it is made.
        found = check_backup(partial)
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(target)
        os.close(held)
    finally:
        partial.unlink(missing_ok=True)
    # The event of a backup is not in it: it is told when the file stands.
    with place.store.begin() as conn:
        payload = {"file": target.name, "head": index["head"], "parts": len(index["parts"]), "keys": with_keys}
        events.append(conn, as_of, by or "baocao", "backup_made", None, "backup", payload)
    return {"file": str(target), "bytes": target.stat().st_size, "cleared": cleared, **found}


def _clear_abandoned(folder: Path) -> list[str]:
    """Remove what backups that died have left half written beside this one; their names."""
    cleared = []
    for left in sorted(folder.glob(".*.partial")):
        with contextlib.suppress(FileNotFoundError), left.open("rb") as handle:
            if not lock(handle, wait=False):
                continue  # another backup is writing it
            left.unlink()
            cleared.append(left.name)
            log.warning("Đã xóa bản sao lưu dở dang %s của một lần sao lưu bị ngắt", left)
    return cleared


def check_backup(file: Path) -> dict[str, Any]:
    """Read a backup and hold every part to its hash. Answers what is in it; raises Refused naming what is wrong."""
    try:
        with zipfile.ZipFile(file) as zipped:
            index = json.loads(zipped.read("index.json"))
            if index.get("format") != FORMAT:
                raise Refused(f"{file}: không phải bản sao lưu của baocao (thiếu {FORMAT})")
            names = set(zipped.namelist()) - {"index.json"}
            if names != set(index["parts"]):
                raise Refused(f"{file}: thiếu hoặc thừa phần: {sorted(names ^ set(index['parts']))[:3]}")
            for name, digest in index["parts"].items():
                if hashlib.sha256(zipped.read(name)).hexdigest() != digest:
                    raise Refused(f"{file}: phần {name} đã bị hỏng hoặc bị sửa; hãy dùng bản sao lưu khác")
    except FileNotFoundError:
        raise Refused(f"{file}: không có tệp này") from None
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Refused(f"{file}: không đọc được như một bản sao lưu: {error}") from error
    return {
        "schema": index["schema"],
        "head": index["head"],
        "rows": index["rows"],
        "parts": len(index["parts"]),
        "key_ids": index["key_ids"],
        "with_keys": index["with_keys"],
        "packs": index["packs"],
    }


def restore(place: Installation, file: Path, *, key_file: Path | None = None) -> dict[str, Any]:
    """Put a backup into an empty installation, then verify it as a whole (`audit verify`).

    `key_file` is the file of audit keys, kept apart; not needed when the backup has the keys or they are in place.
    Raises Refused, with nothing written, for a damaged backup, an installation that is not empty, another version of
    the schema, and without the right keys.
    """
    found = check_backup(file)
    # An empty database of PostgreSQL has no schema yet; the embedded one was migrated when it was opened.
    if place.store.version() is None:
        place.store.migrate()
    if found["schema"] != place.store.head:
        raise Refused(
            f"{file}: lược đồ {found['schema']}, chương trình này cần {place.store.head}; hãy khôi phục bằng phiên bản "
            "đã tạo bản sao lưu rồi nâng cấp"
        )
    with place.store.read() as conn:
        keys: AuditKeys = conn.get_execution_options()[KEYS_OPTION]
        if events.head(conn)[0] or any(conn.execute(select(t).limit(1)).first() for t in _tables()):
            raise Refused("Cơ sở dữ liệu không trống; hãy khôi phục vào BAOCAO_DATA và BAOCAO_DATABASE_URL mới")
    with zipfile.ZipFile(file) as zipped:
        _restore_keys(zipped, keys, key_file, found)
        for name in zipped.namelist():
            part = PurePosixPath(name)
            if part.parts[0] == "files":
                # Files before rows, as everywhere: a restore that dies half-way has named nothing that is not there.
                place.store.files.put(zipped.read(name))
            elif part.parts[0] == "dispatch":
                _put(place.settings.dispatch.joinpath(*part.parts[1:]), zipped.read(name))
        with place.store.begin() as conn, _without_triggers(conn):
            for table in (*_tables(), event_head):
                _fill(conn, zipped, table)
        for line in zipped.read("anchors").decode("ascii").splitlines():
            seq, _, digest = line.partition(" ")
            # After the commit: an anchor without its row looks like a trail that was cut off.
            anchors.add(place.settings.anchors, int(seq), digest)
    # Not only the parts against their hashes: the restored rows against their events, with the keys that are here.
    answer = verify(place)
    return {**found, "verified": answer["ok"], "problems": answer["problems"]}


def _tables() -> list[Table]:
    """All of them in the order their rows can be put back; the head of the trail has its row from the beginning."""
    return [t for t in metadata.sorted_tables if t.name != event_head.name]


def _write(place: Installation, zipped: zipfile.ZipFile, as_of: datetime, *, with_keys: bool) -> dict[str, Any]:
    """Every part, and the index behind them."""
    parts: dict[str, str] = {}

    def put(name: str, data: bytes) -> None:
        zipped.writestr(name, data)
        parts[name] = hashlib.sha256(data).hexdigest()

    with place.store.read() as conn:
        keys: AuditKeys = conn.get_execution_options()[KEYS_OPTION]
        head, counted = events.head(conn), {}
        for table in (*_tables(), event_head):
            lines = [_line(row) for row in conn.execute(select(table).order_by(*table.primary_key))]
            counted[table.name] = len(lines)
            put(f"rows/{table.name}.jsonl", "\n".join(lines).encode())
        named, sent = named_files(conn), _sent(conn)
    # Behind the snapshot: files never change, and reading them takes far longer than the rows.
    for sha256 in sorted(named):
        try:
            put(f"files/{sha256}", place.store.files.get(sha256))
        except FileProblem as error:
            raise Refused(f"{named[sha256]}: {error}; chưa sao lưu") from error
    for path in sorted(p for folder in sent for p in (place.settings.dispatch / folder).glob("*")):
        put(f"dispatch/{path.relative_to(place.settings.dispatch).as_posix()}", path.read_bytes())
    packs = {code: place.pack(code).sha256 for code in sorted(place.folders)}
    for code, folder in sorted(place.folders.items()):
        put(f"packs/{code}.zip", archived(folder))
    kept = anchors.read(place.settings.anchors)
    # Only up to the head of the snapshot: later anchors would speak of events that this backup does not have.
    told = [f"{seq} {digest}" for seq, found in sorted(kept.items()) if seq <= head[0] for digest in sorted(found)]
    put("anchors", ("\n".join(told) + "\n").encode("ascii"))
    if with_keys:
        put("audit.key", keys.file.read_bytes())
    index = {
        "format": FORMAT,
        "made_at": as_of.isoformat(),
        "schema": place.store.head,
        "head": list(head),
        "rows": counted,
        "key_ids": [k.id for k in keys.known],
        "with_keys": with_keys,
        "packs": packs,
        "parts": parts,
    }
    zipped.writestr("index.json", json.dumps(index, ensure_ascii=False, indent=1, sort_keys=True))
    return index


def _sent(conn: Connection) -> list[str]:
    """Folders of the packages that a row speaks of."""
    reports = metadata.tables["report"]
    ids = select(metadata.tables["dispatch"].c.report_id)
    rows = conn.execute(select(reports.c.regime, reports.c.period, reports.c.version).where(reports.c.id.in_(ids)))
    return [f"{row.regime}/{row.period}/v{row.version}" for row in rows]


def _line(row: Row[Any]) -> str:
    values = {
        name: value.isoformat(timespec="microseconds") if isinstance(value, datetime) else value
        for name, value in row._mapping.items()
    }
    return json.dumps(values, ensure_ascii=False)


def _fill(conn: Connection, zipped: zipfile.ZipFile, table: Table) -> None:
    """Put the rows of one table back under their own ids; of the head of the trail, update the one row there is."""
    rows = [_values(table, line) for line in zipped.read(f"rows/{table.name}.jsonl").decode().split("\n") if line]
    if table.name == event_head.name:
        conn.execute(update(event_head).values(seq=rows[0]["seq"], hash=rows[0]["hash"]))
        return
    # A row may name a later one of its own table: those columns are filled when all rows stand.
    own = [c.name for c in table.columns if any(k.column.table is table for k in c.foreign_keys)]
    for start in range(0, len(rows), _BATCH):
        batch = rows[start : start + _BATCH]
        # One by one in groups of the same columns: what is empty must stay empty, not become the JSON `null`.
        for row in batch:
            conn.execute(insert(table).values({k: v for k, v in row.items() if v is not None and k not in own}))
    for name in own:
        for row in rows:
            if row[name] is not None:
                conn.execute(update(table).where(table.c.id == row["id"]).values({name: row[name]}))
    if conn.dialect.name == "postgresql" and "id" in table.c and rows:
        newest = max(row["id"] for row in rows)
        # Rows were put back under their own ids, which moves no sequence: the next insert would take an id that is
        # there.
        sequence = conn.execute(func.pg_get_serial_sequence(f'"{table.name}"', "id").select()).scalar()
        if sequence:
            conn.execute(select(func.setval(sequence, newest)))


def _values(table: Table, line: str) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(line)
    return {
        name: datetime.fromisoformat(value) if value is not None and isinstance(table.c[name].type, Instant) else value
        for name, value in values.items()
    }


@contextmanager
def _without_triggers(conn: Connection) -> Iterator[None]:
    """Rows are put back as they were, final ones too: the guards are off within this transaction."""
    if conn.dialect.name == "sqlite":
        # SQLite cannot switch a trigger off; its DDL is part of the transaction, so a restore that fails leaves them in
        # place.
        made = conn.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
        for name, _ in made:
            conn.exec_driver_sql(f'DROP TRIGGER "{name}"')
        yield
        for _, statement in made:
            conn.exec_driver_sql(statement)
        return
    # USER leaves the triggers behind foreign keys on: a row that names nothing is refused also now.
    for switch in ("DISABLE", "ENABLE"):
        for table in metadata.sorted_tables:
            conn.exec_driver_sql(f'ALTER TABLE "{table.name}" {switch} TRIGGER USER')
        if switch == "DISABLE":
            yield


def _restore_keys(zipped: zipfile.ZipFile, keys: AuditKeys, key_file: Path | None, found: dict[str, Any]) -> None:
    """The right keys in place. Raises Refused when they are not to be had."""
    if not keys.exist and key_file is not None:
        data = key_file.read_bytes()
    elif not keys.exist and found["with_keys"]:
        data = zipped.read("audit.key")
    else:
        data = None
    if data is not None:
        _put(keys.file, data)
        keys.file.chmod(0o600)
    missing = set(found["key_ids"]) - {k.id for k in keys.known}
    if missing:
        raise Refused(
            f"Chưa có khóa nhật ký {', '.join(sorted(missing))} của bản sao lưu; hãy đưa tệp khóa cất riêng vào bằng "
            f"--key-file, hoặc đặt vào {keys.file}"
        )


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
