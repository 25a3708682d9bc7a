"""What the checks found in a submission: kept with it, for the answer and for every page that shows it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, insert, select

from baocao.model.submission import Finding, Severity
from baocao.store.tables import finding

_FINDINGS = select(finding).where(finding.c.submission_id == bindparam("of")).order_by(finding.c.id)


_FINDING_TEXTS = ("sheet", "a1", "item", "name", "message", "expected", "actual", "suggestion", "key", "explanation")


def insert_findings(conn: Connection, submission_id: int, findings: Iterable[Finding]) -> int:
    """Keep what was found, in the order given; returns how many."""
    rows = [
        {
            "submission_id": submission_id,
            "rule": f.rule,
            "severity": f.severity.value,
            **{name: getattr(f, name) for name in _FINDING_TEXTS},
        }
        for f in findings
    ]
    if rows:
        conn.execute(insert(finding), rows)
    return len(rows)


def findings_of(conn: Connection, submission_id: int) -> list[Finding]:
    """What was found in a submission, in the order it was kept."""
    rows = conn.execute(_FINDINGS, {"of": submission_id})
    return [
        Finding(
            rule=row.rule,
            severity=Severity(row.severity),
            **{name: row._mapping[name] for name in _FINDING_TEXTS},
        )
        for row in rows
    ]
