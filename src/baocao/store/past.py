"""What was done before: which periods have figures, and what a report was made from."""

from __future__ import annotations

from sqlalchemy import Connection, select

from baocao.model.submission import AcceptedCells, ListAnswers
from baocao.store.queries import query
from baocao.store.reports import inputs
from baocao.store.submissions.cells import cells_of
from baocao.store.submissions.list_rows import lists_of
from baocao.store.submissions.submissions import submission_of
from baocao.store.tables import report
from baocao.store.values import Typed


def accepted_periods(conn: Connection, regime: str, unit: str | None = None) -> set[str]:
    """Codes of the periods for which the unit (any unit, when None) has an accepted submission."""
    name = "accepted_periods" if unit is None else "accepted_periods_of_unit"
    rows = conn.execute(query(conn, "submissions", name), {"regime": regime, "unit": unit})
    return {row[0] for row in rows}


def input_hash_of(conn: Connection, report_id: int) -> str:
    """The hash over everything that went into a report. Raises LookupError when there is no such report."""
    found = conn.execute(select(report.c.input_sha256).where(report.c.id == report_id)).scalar()
    if found is None:
        raise LookupError(f"report {report_id}")
    return str(found)


def report_cells(conn: Connection, report_id: int, typed: Typed) -> list[AcceptedCells]:
    """The cells a report was made from, by unit code: of its own inputs, whatever was accepted since."""
    result = []
    lists = lists_of(conn, [id for _, id in inputs(conn, report_id)], typed)
    for unit, submission_id in inputs(conn, report_id):
        sent = submission_of(conn, submission_id)
        found = cells_of(conn, submission_id, typed)
        said = lists.get(submission_id, ListAnswers({}, {}))
        result.append(AcceptedCells(unit, sent.id, sent.sha256, sent.filename, sent.received_at, found, said))
    return result
