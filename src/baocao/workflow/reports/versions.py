"""Which version of a period's report is meant."""

from __future__ import annotations

from sqlalchemy import Connection

from baocao.model.report import Report
from baocao.store.reports import reports
from baocao.workflow.installation import Installation, Refused


def newest_report(place: Installation, regime: str, period: str) -> Report:
    """The newest version of the period's report. Raises Refused when there is none."""
    with place.store.read() as conn:
        return latest_report(conn, regime, period)


def latest_report(conn: Connection, regime: str, period: str) -> Report:
    """The same in a transaction that is open."""
    report = reports.latest(conn, regime, period)
    if report is None:
        raise Refused(f"Kỳ {period} chưa có báo cáo tổng hợp; hãy chạy `baocao consolidate --period {period}`")
    return report


def report_of_version(place: Installation, regime: str, period: str, version: int | None) -> Report:
    """One version of the period's report, the newest for None. Raises Refused when it does not exist."""
    if version is None:
        return newest_report(place, regime, period)
    with place.store.read() as conn:
        versions = reports.reports(conn, regime, period)
    found = next((r for r in versions if r.version == version), None)
    if found is None:
        known = ", ".join(str(r.version) for r in versions) or "chưa có"
        raise Refused(f"Kỳ {period} không có báo cáo phiên bản {version}; các phiên bản: {known}")
    return found
