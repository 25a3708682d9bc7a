"""What was done before: which periods have figures, and what a report was made from."""

from __future__ import annotations

from sqlalchemy import Connection, select

from baocao.store.queries import query
from baocao.store.tables import report


def accepted_periods(conn: Connection, regime: str, unit: str | None = None) -> set[str]:
    """Codes of the periods for which the unit (any unit, when None) has an accepted submission."""
    rows = conn.execute(query(conn, "submissions", "accepted_periods"), {"regime": regime, "unit": unit or ""})
    return {row[0] for row in rows}


def input_hash_of(conn: Connection, report_id: int) -> str:
    """The hash over everything that went into a report. Raises LookupError when there is no such report."""
    found = conn.execute(select(report.c.input_sha256).where(report.c.id == report_id)).scalar()
    if found is None:
        raise LookupError(f"report {report_id}")
    return str(found)
