"""How far a period is, in one line of numbers and states: what Airflow's grid shows beside a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baocao.model.report import ReportStatus
from baocao.store import standing, windows
from baocao.store.reports import reports, signoff
from baocao.workflow.installation import Installation

_REPORT = {
    ReportStatus.DRAFT: "đang lập",
    ReportStatus.FROZEN: "chờ duyệt",
    ReportStatus.APPROVED: "đã duyệt, chờ ký",
    ReportStatus.SIGNED: "đã ký, chờ gửi",
    ReportStatus.DISPATCHED: "đã gửi",
    ReportStatus.RETURNED: "bị trả lại",
}


def progress(place: Installation, regime: str, period: str) -> dict[str, Any]:
    """Counts of reports and the state of the newest version: `{expected, accepted, late, returned, pending, waived,
    version, report, recipients, delivered}`; no figure of any report. `expected` is None before the window is open."""
    with place.store.read() as conn:
        opened = windows.window_of(conn, regime, period)
        totals = standing.statistics(conn, regime, period)
        newest = reports.latest(conn, regime, period)
        # Of the newest version: while a correction is under way the sent one's letters are not its own.
        sent = signoff.dispatches(conn, newest.id) if newest is not None else []
    return {
        "expected": totals.expected if opened else None,
        "accepted": totals.accepted,
        "late": totals.late,
        "returned": totals.returned,
        "pending": totals.pending,
        "waived": totals.waived,
        "version": newest.version if newest else None,
        "report": newest.status.value if newest else None,
        "recipients": len(sent),
        "delivered": sum(d.handed_over_at is not None for d in sent),
    }


def progress_line(facts: Mapping[str, Any]) -> str:
    """The answer of `progress` in words: "Tiếp nhận 163/166 · trễ hạn 6 · báo cáo bản 1: chờ duyệt"."""
    if facts["expected"] is None:
        return "Kỳ chưa mở"
    parts = [f"Tiếp nhận {facts['accepted']}/{facts['expected']}"]
    for name, said in (("late", "trễ hạn"), ("returned", "phải sửa"), ("pending", "đang xét"), ("waived", "được miễn")):
        if facts[name]:
            parts.append(f"{said} {facts[name]}")
    if facts["report"] is not None:
        state = _REPORT[ReportStatus(facts["report"])]
        if facts["recipients"]:
            state = f"{state} {facts['delivered']}/{facts['recipients']} nơi nhận"
        parts.append(f"báo cáo bản {facts['version']}: {state}")
    return " · ".join(parts)


def accepted_by_regime(place: Installation) -> dict[str, int]:
    """How many submissions were ever accepted, a regime: a number that has grown means that something came in."""
    with place.store.read() as conn:
        # A count that only grows: a sweep compares it with the one before, and that is when the asset "Bài nộp" has an
        # event.
        return standing.accepted_by_regime(conn)
