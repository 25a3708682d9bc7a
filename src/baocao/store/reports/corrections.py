"""Đính chính: a dispatched report is corrected by a new version, opened here with a reason and a name.

The report itself never changes. `report_basis` keeps what a report was compared with when it was made, so that a
correction of an earlier report, or a waiver granted later, changes nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from baocao.model.report import Report, ReportStatus
from baocao.store.database import StepNotAllowed
from baocao.store.reports.reports import report_of, reports
from baocao.store.tables import correction, report_basis
from baocao.store.tables import report as report_table

FIGURES, DOCUMENT = "figures", "document"


@dataclass(frozen=True, slots=True)
class Opened:
    """A row of `correction`."""

    id: int
    regime: str
    period: str
    corrects_id: int
    corrects_version: int
    reason: str
    opened_by: str
    opened_at: datetime
    kind: str = FIGURES

    @property
    def is_of_document(self) -> bool:
        """Whether only number, symbol, day or signer were wrong: the figures may stay as they are."""
        return self.kind == DOCUMENT


def open_correction(
    conn: Connection, report: Report, *, reason: str, by: str, at: datetime, kind: str = FIGURES
) -> Opened:
    """Open the correction of a dispatched report. Raises StepNotAllowed when it is not dispatched, is being corrected
    already, or reason or person is missing."""
    if report.status is not ReportStatus.DISPATCHED:
        raise StepNotAllowed(
            f"Báo cáo tổng hợp số {report.id}: chưa phát hành ({report.status}), không có gì để đính chính"
        )
    if not reason.strip() or not by.strip():
        raise StepNotAllowed("Đính chính báo cáo phải ghi rõ lý do và người đề nghị")
    if opened_on(conn, report.id) is not None:
        raise StepNotAllowed(f"Báo cáo tổng hợp số {report.id}: đã mở đính chính trước đó")
    conn.execute(
        insert(correction).values(
            regime=report.regime,
            period=report.period,
            corrects_id=report.id,
            reason=reason.strip(),
            opened_by=by.strip(),
            opened_at=at,
            kind=kind,
        )
    )
    found = opened_on(conn, report.id)
    assert found is not None
    return found


def opened_on(conn: Connection, report_id: int) -> Opened | None:
    """The correction of exactly this report."""
    return next((o for o in _all(conn, report_table.c.id == report_id)), None)


def of_version(conn: Connection, regime: str, period: str, version: int) -> Opened | None:
    """The correction a version belongs to: of the last report before it that was dispatched. None for a version that
    corrects nothing. A version returned in between is followed by another one of the same correction."""
    where = (report_table.c.regime == regime, report_table.c.period == period, report_table.c.version < version)
    return next((o for o in _all(conn, *where)), None)


def waiting(conn: Connection, regime: str, period: str) -> Opened | None:
    """The correction that is open and not dispatched yet."""
    official = last_dispatched(conn, regime, period)
    return None if official is None else opened_on(conn, official.id)


def last_dispatched(conn: Connection, regime: str, period: str) -> Report | None:
    """The report that is official: the newest dispatched version. None while none was dispatched."""
    sent = [r for r in reports(conn, regime, period) if r.status is ReportStatus.DISPATCHED]
    return sent[-1] if sent else None


def pin(conn: Connection, report_id: int, basis: Mapping[str, Any]) -> None:
    """Keep what a draft was compared with; a draft taken up again is pinned anew. Raises StepNotAllowed once it is
    frozen."""
    if report_of(conn, report_id).status is not ReportStatus.DRAFT:
        raise StepNotAllowed(f"Báo cáo tổng hợp số {report_id}: đã chốt, không ghi lại căn cứ so sánh được")
    conn.execute(delete(report_basis).where(report_basis.c.report_id == report_id))
    conn.execute(insert(report_basis).values(report_id=report_id, basis=dict(basis)))


def pinned(conn: Connection, report_id: int) -> Mapping[str, Any] | None:
    """What `pin` kept; None for a report from before this was kept."""
    found = conn.execute(select(report_basis.c.basis).where(report_basis.c.report_id == report_id)).scalar()
    return None if found is None else dict(found)


def _all(conn: Connection, *where: Any) -> list[Opened]:
    c = correction.c
    rows = conn.execute(
        select(
            c.id,
            c.regime,
            c.period,
            c.corrects_id,
            report_table.c.version.label("corrects_version"),
            c.reason,
            c.opened_by,
            c.opened_at,
            c.kind,
        )
        .join(report_table, report_table.c.id == c.corrects_id)
        .where(*where)
        .order_by(report_table.c.version.desc())
    )
    return [Opened(**row._mapping) for row in rows]
