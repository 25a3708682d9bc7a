"""Rows of the tables that are held to the trail by their digests (`store.rows`), each compared with what was noted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from baocao.store import tables as t
from baocao.store.trail import rows
from baocao.store.trail.events import Event
from baocao.workflow.auditing.recorded import Trail

NAMES = {
    "window": "kỳ đã mở",
    "special_period": "kỳ ngoài lịch",
    "obligation": "nghĩa vụ báo cáo",
    "outbox": "thư",
    "inspection_plan": "kế hoạch kiểm tra",
    "inspection": "cuộc kiểm tra",
    "lead_slice": "phần số liệu gửi đơn vị chủ trì",
    "lead_comment": "ý kiến của đơn vị chủ trì",
    "source_decision": "quyết định chọn nguồn số liệu",
    "gate": "kết quả cổng kiểm tra",
    "dispatch": "nơi nhận báo cáo",
    "submission_given_back": "việc trả lại hoặc rút báo cáo đã tiếp nhận",
    rows.SENT: "việc gửi thư",
}
_WHOSE = {
    "unit": "đơn vị", "lead": "đơn vị chủ trì", "recipient": "nơi nhận", "period": "kỳ", "code": "mã", "step": "bước",
}  # fmt: skip


def rows_that_differ(conn: Connection, trail: Trail, checked: dict[str, int]) -> list[str]:
    """One sentence for every row that says something else than when it was written, that nobody wrote, or is gone."""
    noted, upto = _noted(trail)
    wrong = []
    for name in rows.HELD:
        now = rows.digests(conn, name)
        checked[name] = len(now)
        wrong += _compare(conn, name, now, noted.get(name, {}), upto.get(name, 0))
    return wrong + _compare(conn, rows.SENT, _sent(conn), noted.get(rows.SENT, {}), upto.get(rows.SENT, 0))


def _noted(trail: Trail) -> tuple[dict[str, dict[int, tuple[str, int]]], Mapping[str, int]]:
    """Table -> number -> its last digest with the line of the trail; and up to which number rows are older."""
    found: dict[str, dict[int, tuple[str, int]]] = {}
    upto: Mapping[str, int] = {}
    for event in _in_order(trail):
        if event.action == rows.BEGUN:
            upto = event.payload["upto"]
        for name, noted in event.payload.get("rows", {}).items():
            found.setdefault(name, {}).update({int(id): (digest, event.seq) for id, digest in noted.items()})
    return found, upto


def _in_order(trail: Trail) -> Iterable[Event]:
    # A row may be noted several times, by events of different subjects: the last one holds.
    return sorted((e for found in trail.by_subject.values() for e in found), key=lambda e: e.seq)


def _compare(
    conn: Connection, name: str, now: Mapping[int, str], noted: Mapping[int, tuple[str, int]], upto: int
) -> list[str]:
    """Rows of one table against the digests noted for them; `upto`: rows up to this id are older than digests."""
    wrong = []
    for id, digest in now.items():
        told, seq = noted.get(id, (rows.GONE, 0))
        # Rows from before digests were kept have none: up to where is said in the trail itself (`rows.BEGUN`).
        if told == digest or (not seq and id <= upto):
            continue
        said = f"khác lúc ghi (nhật ký, dòng {seq})" if told else "sổ có, nhật ký không có: không do hệ thống này ghi"
        wrong.append(f"{_named(conn, name, id)}: {said}")
    lost = [(id, seq) for id, (told, seq) in noted.items() if told and id not in now]
    return wrong + [f"{NAMES[name]} số {id}: nhật ký có (dòng {seq}), sổ không còn" for id, seq in lost]


def _sent(conn: Connection) -> dict[int, str]:
    """Letters that have left: to whom and when, as a digest."""
    c = t.outbox.c
    # Alarms leave also while the trail cannot be written (its key is lost), so their leaving is noted nowhere.
    left = select(c.id, c.recipient, c.sent_at).where(c.status == "SENT", c.unit != rows.OWN_ALARM).order_by(c.id)
    return {row.id: rows.sent_digest(row.recipient, row.sent_at) for row in conn.execute(left)}


def _named(conn: Connection, name: str, id: int) -> str:
    table = t.metadata.tables["outbox" if name == rows.SENT else name]
    row: Any = conn.execute(select(table).where(table.c.id == id)).one()._mapping
    whose = ", ".join(f"{label} {row[column]}" for column, label in _WHOSE.items() if row.get(column))
    return f"{NAMES[name]} số {id}{f' ({whose})' if whose else ''}"
