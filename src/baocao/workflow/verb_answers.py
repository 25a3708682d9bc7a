"""What verbs answer with: plain data, ready for JSON and for XCom."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from baocao.model.report import Report
from baocao.model.submission import Finding


def report_answer(report: Report, *, repeated: bool) -> dict[str, Any]:
    """Which version a verb has made or found, and where it stands."""
    return {
        "report_id": report.id,
        "version": report.version,
        "status": report.status.value,
        "content_sha256": report.content_sha256,
        "repeated": repeated,
    }


def plain(value: object) -> Any:
    """JSON-able form of a value: instants in ISO form with offset, exact numbers as text."""
    if isinstance(value, dict):
        # Named one by one: programs of others read this, and a field added to the class must not appear here by itself.
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    # As text: Airflow keeps a Decimal of an XCom as a float, and JSON has no exact number at all.
    if isinstance(value, Decimal | Fraction):
        return str(value)
    return value


def finding(found: Finding) -> dict[str, Any]:
    """The public shape of a finding: rule, severity, sheet, cell, item, name, message, expected, actual, suggestion."""
    data = asdict(found)
    return {
        "rule": data["rule"],
        "severity": str(data["severity"]),
        "sheet": data["sheet"],
        "cell": data["a1"],
        "item": data["item"],
        "name": data["name"],
        "message": data["message"],
        "expected": data["expected"],
        "actual": data["actual"],
        "suggestion": data["suggestion"],
        "key": data["key"],
        "explanation": data["explanation"],
    }
