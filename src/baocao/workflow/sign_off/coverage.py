"""A report of too few units is not approved and not sent, unless somebody has overruled the pack's bound by name."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection

from baocao.model.pack import Pack
from baocao.model.report import Report, ReportStatus
from baocao.store.reports import reports
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused, require_readable

ACTION = "coverage_overruled"


def require_coverage(conn: Connection, pack: Pack, kind: str, report: Report, doing: str) -> None:
    """Raises Refused naming both figures and the way out when the report has less than the pack's bound."""
    bound = pack.regime.min_coverage.get(kind)
    counted, expected = _coverage(conn, report)
    if bound is None or _reaches(counted, expected, bound) or overruled(conn, report) is not None:
        return
    raise Refused(
        f"Chưa {doing} phiên bản {report.version}: báo cáo chỉ có số liệu của {counted}/{expected} đơn vị, dưới mức "
        f"{bound} % của loại báo cáo này. Hãy đôn đốc các đơn vị rồi tổng hợp lại; nếu vẫn phải gửi, người có thẩm "
        f"quyền chấp nhận bằng `baocao accept-coverage --period {report.period} --by … --reason …`"
    )


def overrule_coverage(
    place: Installation, regime: str, period: str, *, by: str, reason: str, as_of: datetime
) -> dict[str, Any]:
    """Put on record that this version may go on with the units it has; it holds for its content alone.

    Raises Refused without a person or a reason, when nothing is frozen, and when the bound is reached anyway.
    """
    require_readable("Lý do", reason)
    if not by.strip() or not reason.strip():
        raise Refused("Chấp nhận số đơn vị dưới mức phải ghi rõ người quyết định và lý do")
    pack, when = place.at(regime, period)
    with place.store.begin() as conn:
        report = reports.latest(conn, regime, period)
        if report is None or report.status is ReportStatus.DRAFT or report.content_sha256 is None:
            raise Refused(f"Kỳ {period} chưa có báo cáo đã chốt; hãy chạy `baocao consolidate --period {period}`")
        counted, expected = _coverage(conn, report)
        bound = pack.regime.min_coverage.get(when.kind)
        if bound is None or _reaches(counted, expected, bound):
            raise Refused(f"Báo cáo có số liệu của {counted}/{expected} đơn vị, không dưới mức phải đạt")
        payload = {
            "content_sha256": report.content_sha256,
            "reason": reason.strip(),
            "counted": counted,
            "expected": expected,
            "bound": str(bound),
        }
        events.append(conn, as_of, by.strip(), ACTION, (regime, period), f"report/{report.id}", payload)
    return {
        "report_id": report.id,
        "version": report.version,
        "coverage": f"{counted}/{expected}",
        "bound": f"{bound} %",
        "by": by.strip(),
        "reason": reason.strip(),
    }


def too_few(place: Installation, regime: str, period: str, report: Report) -> str:
    """`10/12 đơn vị, dưới mức 90 %` of a version that somebody must accept by name first; empty where nobody must."""
    pack, when = place.at(regime, period)
    bound = pack.regime.min_coverage.get(when.kind)
    with place.store.read() as conn:
        counted, expected = _coverage(conn, report)
        if bound is None or _reaches(counted, expected, bound) or overruled(conn, report) is not None:
            return ""
    return f"{counted}/{expected} đơn vị, dưới mức {bound} %"


def overruled(conn: Connection, report: Report) -> dict[str, str] | None:
    """Who overruled the bound for exactly this content, and why; None when nobody did."""
    for event in reversed(events.events(conn, regime=report.regime, subject=f"report/{report.id}")):
        if event.action == ACTION and event.payload.get("content_sha256") == report.content_sha256:
            return {"by": event.actor, "reason": str(event.payload["reason"])}
    return None


def _coverage(conn: Connection, report: Report) -> tuple[int, int]:
    covered = (reports.sealed(conn, report.id) or {}).get("coverage", {"counted": 0, "expected": 0})
    return int(covered["counted"]), int(covered["expected"])


def _reaches(counted: int, expected: int, bound: Decimal) -> bool:
    # Exactly: 149 of 166 is less than 90 %, and no rounding may say otherwise.
    return not expected or Fraction(100 * counted, expected) >= Fraction(bound)
