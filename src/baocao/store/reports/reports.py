"""Consolidated reports: a draft, its inputs and values, and the freeze. What people decide is in `signoff`.

DRAFT -> FROZEN -> APPROVED -> SIGNED -> DISPATCHED, or RETURNED. A correction is a new version.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from baocao.model.form import CellKey
from baocao.model.report import Contribution, Coverage, ProvinceValue, Report, ReportFinding, ReportStatus
from baocao.model.submission import AcceptedCells
from baocao.store.database import StepNotAllowed, StoreError
from baocao.store.inserts import insert_row
from baocao.store.locks import queue_up
from baocao.store.moves import move
from baocao.store.queries import query
from baocao.store.submissions.cells import cells_of, with_lists
from baocao.store.submissions.submissions import submission_of
from baocao.store.tables import report, report_input, report_value
from baocao.store.values import Typed, number_as_text, number_from_text


def draft(
    conn: Connection,
    *,
    regime: str,
    period: str,
    created_at: datetime,
    as_of: datetime,
    input_sha256: str,
    gate_id: int | None = None,
) -> Report:
    """Begin the next version. A draft that was left unfinished is taken up again, emptied: there is one at most.

    `input_sha256` is the hash over the submissions that go in. From version 2 on the row names the version it follows.
    """
    # Two processes that begin a version.
    queue_up(conn, "baocao report", regime, period)
    newest = latest(conn, regime, period)
    row = {"created_at": created_at, "as_of": as_of, "input_sha256": input_sha256, "gate_id": gate_id}
    if newest is not None and newest.status is ReportStatus.DRAFT:
        for table in (report_value, report_input):
            conn.execute(delete(table).where(table.c.report_id == newest.id))
        conn.execute(update(report).where(report.c.id == newest.id).values(**row))
        return report_of(conn, newest.id)
    version, before = (1, None) if newest is None else (newest.version + 1, newest.id)
    row |= {"regime": regime, "period": period, "version": version, "supersedes_id": before}
    return report_of(conn, insert_row(conn, report, {**row, "status": ReportStatus.DRAFT.value}))


def freeze(
    conn: Connection,
    id: int,
    *,
    content_sha256: str,
    manifest: Mapping[str, Any],
    findings: Sequence[ReportFinding] = (),
) -> Report:
    """DRAFT -> FROZEN: from here on the content has a hash and never changes. Raises StaleStatus otherwise."""
    move(
        conn,
        report,
        id,
        ReportStatus.DRAFT,
        ReportStatus.FROZEN,
        content_sha256=content_sha256,
        manifest=dict(manifest),
        findings=[asdict(f) for f in findings],
    )
    return report_of(conn, id)


def report_of(conn: Connection, id: int) -> Report:
    """The report with this id. Raises StoreError when there is none."""
    c = report.c
    row = conn.execute(
        select(c.id, c.regime, c.period, c.version, c.status, c.content_sha256, c.created_at, c.as_of).where(c.id == id)
    ).one_or_none()
    if row is None:
        raise StoreError(f"Báo cáo tổng hợp số {id}: không có trong sổ")
    return _report(row)


def latest(conn: Connection, regime: str, period: str) -> Report | None:
    """The newest version of a period's report, whatever its status."""
    row = conn.execute(query(conn, "reports", "latest"), {"regime": regime, "period": period}).one_or_none()
    return None if row is None else _report(row)


def reports(conn: Connection, regime: str, period: str) -> list[Report]:
    """All versions of a period's report, oldest first."""
    rows = conn.execute(query(conn, "reports", "of_period"), {"regime": regime, "period": period})
    return [_report(row) for row in rows]


def of_version(conn: Connection, regime: str, period: str, version: int) -> Report | None:
    """One version of a period's report; None where there is none of that number."""
    return next((r for r in reports(conn, regime, period) if r.version == version), None)


def sealed(conn: Connection, id: int) -> Mapping[str, Any] | None:
    """What the freeze bound together; None while the report is a draft."""
    found = conn.execute(select(report.c.manifest).where(report.c.id == id)).scalar()
    return None if found is None else dict(found)


def manifest(conn: Connection, id: int) -> Mapping[str, Any]:
    """The same. Raises StoreError while there is none."""
    found = sealed(conn, id)
    if found is None:
        raise StoreError(f"Báo cáo tổng hợp số {id}: chưa chốt, chưa có bản kê")
    return found


def report_findings(conn: Connection, id: int) -> list[ReportFinding]:
    """What the province-level rules found, as frozen."""
    found = conn.execute(select(report.c.findings).where(report.c.id == id)).scalar()
    return [ReportFinding(**f) for f in found or ()]


def insert_inputs(conn: Connection, report_id: int, submissions: Iterable[tuple[str, int]]) -> int:
    """Which submissions go in: (unit, submission id). Raises StepNotAllowed once the report is frozen."""
    _require_draft(conn, report_id)
    rows = [{"report_id": report_id, "unit": unit, "submission_id": id} for unit, id in submissions]
    if rows:
        conn.execute(insert(report_input), rows)
    return len(rows)


def inputs(conn: Connection, report_id: int) -> list[tuple[str, int]]:
    """(unit, submission id) of everything that went in, by unit code."""
    c = report_input.c
    rows = conn.execute(select(c.unit, c.submission_id).where(c.report_id == report_id))
    # Not by the database: PostgreSQL orders text by its locale, SQLite by its bytes.
    return sorted((row.unit, row.submission_id) for row in rows)


def input_hash_of(conn: Connection, report_id: int) -> str:
    """The hash over everything that went into a report. Raises LookupError when there is no such report."""
    found = conn.execute(select(report.c.input_sha256).where(report.c.id == report_id)).scalar()
    if found is None:
        raise LookupError(f"report {report_id}")
    return str(found)


def report_cells(conn: Connection, report_id: int, typed: Typed) -> list[AcceptedCells]:
    """The cells a report was made from, by unit code: of its own inputs, whatever was accepted since."""
    ids = [id for _, id in inputs(conn, report_id)]
    return with_lists(conn, [AcceptedCells.of(submission_of(conn, id), cells_of(conn, id, typed)) for id in ids], typed)


def insert_values(conn: Connection, report_id: int, values: Iterable[ProvinceValue]) -> int:
    """Keep the province values, exactly. Raises StepNotAllowed once the report is frozen."""
    _require_draft(conn, report_id)
    rows = [
        {
            "report_id": report_id,
            "form": v.key.form,
            "row": v.key.row,
            "col": v.key.column,
            "nil": v.nil,
            "counted": v.coverage.counted,
            "expected": v.coverage.expected,
            "missing": list(v.coverage.missing),
            "classes": [list(c) for c in v.classes],
            **{name: None if n is None else number_as_text(n) for name, n in _numbers(v).items()},
        }
        for v in values
    ]
    if rows:
        conn.execute(insert(report_value), rows)
    return len(rows)


def values(conn: Connection, report_id: int) -> dict[CellKey, ProvinceValue]:
    """The province values of a report, by name; every number of the type it had."""
    found = map(value_of, conn.execute(select(report_value).where(report_value.c.report_id == report_id)))
    result = {value.key: value for value in found}
    return dict(sorted(result.items()))


def value_of(row: Row[Any]) -> ProvinceValue:
    """A whole row of `report_value` as the value it is."""
    numbers: dict[str, Any] = {
        name: None if row._mapping[name] is None else number_from_text(row._mapping[name])
        for name in ("value", "communes", "provincial", "previous")
    }
    return ProvinceValue(
        key=CellKey(row.form, row.row, row.col),
        nil=row.nil,
        coverage=Coverage(row.counted, row.expected, tuple(row.missing)),
        classes=tuple((name, count) for name, count in row.classes or ()),
        **numbers,
    )


def contributions(conn: Connection, report_id: int, key: CellKey, unit_names: Mapping[str, str]) -> list[Contribution]:
    """Lineage of one province value: the cell of every submission that went in, by unit code."""
    parameters = {"report_id": report_id, "form": key.form, "row": key.row, "col": key.column}
    found = [
        Contribution(
            **{**row._mapping, "key": key, "value": row.value or "", "unit_name": unit_names.get(row.unit, row.unit)}
        )
        for row in conn.execute(query(conn, "reports", "contributions"), parameters)
    ]
    return sorted(found, key=lambda c: c.unit)


def _numbers(v: ProvinceValue) -> dict[str, Any]:
    return {"value": v.value, "communes": v.communes, "provincial": v.provincial, "previous": v.previous}


def _require_draft(conn: Connection, id: int) -> None:
    found = report_of(conn, id)
    if found.status is not ReportStatus.DRAFT:
        raise StepNotAllowed(
            f"Báo cáo tổng hợp số {id}: đã chốt ({found.status}), không ghi thêm được; hãy lập phiên bản mới"
        )


def _report(row: Any) -> Report:
    return Report(**{**row._mapping, "status": ReportStatus(row.status)})
