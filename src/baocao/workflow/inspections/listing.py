"""Where the inspections of a regime stand: one line each, with what is due next. Nothing is decided from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from baocao.calendar.inspection_days import due_on
from baocao.model.inspection import Act, InspectionStatus
from baocao.store import inspection_register as register
from baocao.text import day_text
from baocao.workflow.inspections.case import local_day, rules_of
from baocao.workflow.installation import Installation

_NAMES = {
    InspectionStatus.PLANNED: "trong kế hoạch",
    InspectionStatus.NOTIFIED: "đã thông báo",
    InspectionStatus.STARTED: "đang kiểm tra",
    InspectionStatus.FINISHED: "đã kết thúc",
    InspectionStatus.CONCLUDED: "đã kết luận",
    InspectionStatus.CANCELLED: "đã hủy",
}
_ACTS = {
    Act.NOTIFY: "gửi thông báo",
    Act.START: "bắt đầu",
    Act.FINISH: "kết thúc",
    Act.CONCLUDE: "ban hành kết luận",
}


def inspections(place: Installation, regime: str, as_of: datetime, *, year: int | None = None) -> dict[str, Any]:
    """The register in the order of the planned days.

    Answers `{total, by_status, overdue, over_run, inspections: [{id, year, decision, unit, unit_name, lead, lead_name,
    status, status_name, from, to, working_days, over_run, note, awaits, awaits_name, due_on, overdue, notice,
    conclusion, concluded_on, content, cancelled}]}`.
    """
    pack, rules = rules_of(place, regime)
    today = local_day(pack, as_of)
    with place.store.read() as conn:
        # One statement for all: what is due next is worked out here, for it depends on today and on the office
        # calendar.
        found = register.inspections(conn, regime, year=year)
    rows = []
    for one in found:
        awaited = due_on(one, rules, place.working_days)
        act, due = awaited or (None, None)
        rows.append(
            {
                "id": one.id,
                "year": one.year,
                "decision": one.decision,
                "unit": one.unit,
                "unit_name": pack.unit_name(one.unit),
                "lead": one.lead,
                "lead_name": pack.unit_name(one.lead),
                "status": one.status.value,
                "status_name": _NAMES[one.status],
                # The notice's days where there is one, else the plan's (ADR 0013).
                "from": one.first_day,
                "to": one.ended_on or one.announced_to,
                "working_days": one.working_days,
                "over_run": one.over_run,
                "note": one.note,
                "awaits": act.value if act else None,
                "awaits_name": _ACTS[act] if act else "",
                "due_on": due,
                "overdue": due is not None and due < today,
                "notice": one.notice_number,
                "conclusion": one.conclusion_number,
                "concluded_on": one.concluded_on,
                "content": one.content,
                "cancelled": one.cancel_reason,
            }
        )
    return {
        "regime": regime,
        "total": len(rows),
        "by_status": dict(sorted(Counter(str(r["status"]) for r in rows).items())),
        "overdue": sum(bool(r["overdue"]) for r in rows),
        "over_run": sum(bool(r["over_run"]) for r in rows),
        "inspections": rows,
    }


def inspection_file(place: Installation, regime: str, id: int, what: str) -> tuple[bytes, str] | None:
    """The `notice` as it was sent, or the `conclusion`, with a file name; None where there is none (yet)."""
    with place.store.read() as conn:
        # Through the regime: a number of another regime is as if it were not there.
        one = next((i for i in register.inspections(conn, regime) if i.id == id), None)
        if one is None or what not in {"notice", "conclusion"}:
            return None
        sha256 = one.conclusion_sha256 if what == "conclusion" else register.notice_sha256(conn, id)
    if sha256 is None:
        return None
    data = place.store.files.get(sha256)
    name = "ket-luan-kiem-tra" if what == "conclusion" else "thong-bao-kiem-tra"
    return data, f"{name}_{one.unit}_{id}.{'pdf' if data.startswith(b'%PDF') else 'docx'}"


def inspections_text(data: Mapping[str, Any]) -> str:
    """The same for people."""
    if not data["total"]:
        return "Sổ kiểm tra chưa có cuộc nào; nạp kế hoạch bằng `baocao inspection plan TỆP`."
    count = ", ".join(f"{n} {_NAMES[InspectionStatus(status)]}" for status, n in data["by_status"].items())
    lines = [
        f"{data['total']} cuộc kiểm tra: {count}; {data['overdue']} việc quá hạn, {data['over_run']} cuộc quá ngày"
    ]
    for row in data["inspections"]:
        line = (
            f"{row['id']:>4}  {day_text(row['from'])}-{day_text(row['to'])}  {row['unit_name']} ({row['unit']}), "
            f"{row['lead_name']}: {_NAMES[InspectionStatus(row['status'])]}"
        )
        if row["over_run"]:
            line += f", QUÁ NGÀY: {row['working_days']} ngày làm việc ({row['note']})"
        if row["awaits"]:
            mark = "QUÁ HẠN " if row["overdue"] else "hạn "
            line += f"; {mark}{_ACTS[Act(row['awaits'])]} {day_text(row['due_on'])}"
        lines.append(line)
    return "\n".join(lines)
