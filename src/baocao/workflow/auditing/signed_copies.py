"""Signed copies against the events that took them in, and the files they name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, select

from baocao.store.tables import issued_document, signed_copy, unit_copy
from baocao.workflow.auditing.recorded import Trail

_TOLD: tuple[tuple[Table, str, str, tuple[str, ...]], ...] = (
    (unit_copy, "unit_copy_received", "bản ký của đơn vị", ("unit", "filename", "sha256", "size", "kind", "channel")),
    (signed_copy, "signed_copy_attached", "bản ký của báo cáo", ("report_id", "filename", "sha256", "size", "kind")),
)


def copy_faults(conn: Connection, trail: Trail) -> list[str]:
    """Every copy has its event and says the same; every event its copy."""
    wrong = []
    for table, action, name, fields in _TOLD:
        rows: dict[str, Any] = {f"{table.name}/{row.id}": row for row in conn.execute(select(table))}
        told = {subject: found[-1] for subject in trail.by_subject if (found := trail.of(subject, {action}))}
        for subject, row in rows.items():
            if subject not in told:
                wrong.append(f"{name} số {row.id}: nhật ký không có việc nhận bản ký này")
                continue
            said = told[subject].payload
            wrong += [
                f"{name} số {row.id}: {field} trong sổ là {row._mapping[field]!r}, nhật ký ghi {said.get(field)!r}"
                for field in fields
                if said.get(field) != row._mapping[field]
            ]
        wrong += [f"{subject}: nhật ký có, sổ không có bản ký này" for subject in told if subject not in rows]
    return wrong


def copy_files(conn: Connection) -> dict[str, str]:
    """Every kept file that a copy or an issued report names: sha256 -> what it is."""
    u, s, i = unit_copy.c, signed_copy.c, issued_document.c
    found: dict[str, str] = {}
    row: Any
    for row in conn.execute(select(u.id, u.unit, u.sha256)):
        found.setdefault(row.sha256, f"bản ký số {row.id} (đơn vị {row.unit})")
    for row in conn.execute(select(s.id, s.report_id, s.sha256)):
        found.setdefault(row.sha256, f"bản ký số {row.id} của báo cáo số {row.report_id}")
    for row in conn.execute(select(i.report_id, i.word_sha256, i.pdf_sha256)):
        found.setdefault(row.word_sha256, f"bản Word đã có số, ngày của báo cáo số {row.report_id}")
        if row.pdf_sha256:
            found.setdefault(row.pdf_sha256, f"bản PDF đã có số, ngày của báo cáo số {row.report_id}")
    return found
