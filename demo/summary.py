"""What the demonstration leaves behind: the finished files in one place, `summary.json`, and a table for the eye."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from baocao.model.submission import Status
from baocao.store import standing
from baocao.store.reports import reports, signoff
from baocao.store.submissions import submissions
from baocao.store.tables import gate, outbox, reminder
from baocao.workflow.installation import Installation

MARKED_EXAMPLES = 6
_DOORS = {"portal": "trang nộp", "mail": "thư điện tử", "folder": "thư mục"}


def summarise(
    out: Path, regime: str, period: str, seconds: dict[str, float], others: list[dict[str, Any]]
) -> dict[str, Any]:
    """Copy the results under `out`, count, and write `summary.json`. `others`: what the other regimes gave."""
    place = Installation.open()
    with place.store.read() as conn:
        facts = _facts(conn, regime, period, place.zone(regime))
        _copy_report(place, conn, facts["report_id"], out)
        _copy_marked(place, conn, regime, period, out / "marked")
        _copy_gate(place, conn, regime, period, out)
        _copy_accepted(place, conn, regime, period, out / "accepted")
    files = {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(_results(out))
    }
    summary = {"regime": regime, "period": period, **facts, "files": files, "seconds": seconds}
    summary["other_regimes"] = others
    (out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return summary


def _facts(conn: Connection, regime: str, period: str, zone: tzinfo) -> dict[str, Any]:
    units = standing.standing_of(conn, regime, period)
    every = submissions.of_period(conn, regime, period)
    sent = {s.unit for s in every}
    report = reports.latest(conn, regime, period)
    signature = signoff.signed(conn, report.id) if report else None
    dispatched = signoff.dispatches(conn, report.id) if report else []
    handed_over = [d.handed_over_at.astimezone(zone) for d in dispatched if d.handed_over_at is not None]
    owing = [u for u in units if u.standing is not standing.Standing.WAIVED]
    return {
        "units_expected": len(owing),
        "received": sum(u.obligation.unit in sent for u in owing),
        "by_door": dict(sorted(Counter(submissions.detail(conn, s.id).channel for s in every).items())),
        "accepted": sum(u.accepted is not None for u in owing),
        "returned": sum(s.status is Status.RETURNED for s in every),
        "quarantined": _quarantined(conn, regime),
        "late": sum(u.accepted is not None and u.accepted.on_time is False for u in owing),
        "missing": [u.obligation.unit for u in owing if u.obligation.unit not in sent],
        "reminders_sent": _count(conn, reminder, regime, period, reminder.c.outcome == "SENT"),
        "mails_sent": conn.execute(
            select(func.count()).select_from(outbox).where(outbox.c.status == "SENT")
        ).scalar_one(),
        "report_id": report.id if report else None,
        "report_version": report.version if report else None,
        "report_status": report.status.value if report else None,
        "content_sha256": report.content_sha256 if report else None,
        "signed": {
            "number": signature.signature.number if signature.signature else "",
            "by": signature.by,
            "at": signature.at.astimezone(zone).isoformat(),
        }
        if signature
        else None,
        # A report is dispatched when its last recipient was handed it, not when the letters were queued.
        "dispatched_at": max(handed_over).isoformat() if dispatched and len(handed_over) == len(dispatched) else None,
        "recipients": [d.recipient for d in dispatched],
    }


def _quarantined(conn: Connection, regime: str) -> int:
    from baocao.store.tables import submission

    wanted = (submission.c.regime == regime) & (submission.c.status == Status.QUARANTINED.value)
    return conn.execute(select(func.count()).select_from(submission).where(wanted)).scalar_one()


def _count(conn: Connection, table: Any, regime: str, period: str, condition: Any) -> int:
    wanted = (table.c.regime == regime) & (table.c.period == period) & condition
    return int(conn.execute(select(func.count()).select_from(table).where(wanted)).scalar_one())


def _copy_report(place: Installation, conn: Connection, report_id: int | None, out: Path) -> None:
    if report_id is None:
        return
    for entry in reports.manifest(conn, report_id)["files"]:
        (out / entry["name"]).write_bytes(place.store.files.get(entry["sha256"]))


def _copy_marked(place: Installation, conn: Connection, regime: str, period: str, folder: Path) -> None:
    """A few of the workbooks that went back to their units, marked up."""
    folder.mkdir(exist_ok=True)
    returned = [s for s in submissions.of_period(conn, regime, period) if s.status is Status.RETURNED]
    for sent in returned[:MARKED_EXAMPLES]:
        sha256 = submissions.detail(conn, sent.id).marked_sha256
        if sha256:
            (folder / f"ket-qua_{sent.unit}_{sent.id}.xlsx").write_bytes(place.store.files.get(sha256))


def _copy_accepted(place: Installation, conn: Connection, regime: str, period: str, folder: Path) -> None:
    """The raw workbooks the report was made from, for whoever wants to add them up independently."""
    folder.mkdir(exist_ok=True)
    for sent in submissions.accepted(conn, regime, period):
        (folder / f"{sent.unit}.xlsx").write_bytes(place.store.files.get(sent.sha256))


def _copy_gate(place: Installation, conn: Connection, regime: str, period: str, out: Path) -> None:
    row = conn.execute(
        select(gate.c.result_sha256, gate.c.page_sha256)
        .where(gate.c.regime == regime, gate.c.period == period)
        .order_by(gate.c.id.desc())
    ).first()
    if row is not None:
        (out / "cong-kiem-tra.json").write_bytes(place.store.files.get(row.result_sha256))
        (out / "cong-kiem-tra.html").write_bytes(place.store.files.get(row.page_sha256))


def _results(out: Path) -> Iterator[Path]:
    yield from (p for p in out.iterdir() if p.is_file() and p.name not in {"summary.json", "env"})
    for folder in ("marked", "dispatch"):
        yield from (p for p in (out / folder).rglob("*") if p.is_file())


def show(summary: dict[str, Any], out: Path) -> None:
    """Where everything is, in one screen."""
    signed = summary["signed"] or {"number": "—"}
    mails = len(list((out / "outbox").glob("*.eml")))
    rows = [
        ("Đơn vị phải báo cáo", summary["units_expected"]),
        ("Đã gửi / đã tiếp nhận", f"{summary['received']} / {summary['accepted']} (trễ hạn {summary['late']})"),
        ("Lượt gửi theo cửa", ", ".join(f"{_DOORS.get(d, d)} {n}" for d, n in summary["by_door"].items())),
        ("Chưa gửi", ", ".join(summary["missing"]) or "không"),
        ("Lượt trả lại, lượt cách ly", f"{summary['returned']}, {summary['quarantined']}"),
        ("Lượt nhắc, thư đã gửi", f"{summary['reminders_sent']}, {summary['mails_sent']} ({mails} tệp .eml)"),
        ("Báo cáo tổng hợp", f"phiên bản {summary['report_version']}, {summary['report_status']}"),
        ("Số văn bản", signed["number"]),
        ("Phát hành lúc", summary["dispatched_at"]),
        ("Nơi nhận", f"{len(summary['recipients'])}: {', '.join(summary['recipients'])}"),
    ]
    rows += [("Tệp", str(out / name)) for name in sorted(summary["files"]) if "/" not in name]
    rows += [
        ("Bài đã đánh dấu lỗi", str(out / "marked")),
        ("Hộp thư đi (.eml)", str(out / "outbox")),
        ("Bộ hồ sơ phát hành", str(out / "dispatch")),
        ("Tệp gốc đã tiếp nhận", str(out / "accepted")),
        ("Tóm tắt", str(out / "summary.json")),
    ]
    rows += [
        (
            f"Chế độ {o['regime']}",
            f"{o['period']}: {o['status']}, {o['accepted']} bài; {out / 'other-regimes' / o['regime']}",
        )
        for o in summary["other_regimes"]
    ]
    rows += [
        ("Thời gian", f"{summary['seconds']['total']} giây"),
        ("Xem tiếp", f"set -a; . {out / 'env'}; set +a; .venv/bin/baocao status --period {summary['period']}"),
    ]
    width = max(len(name) for name, _ in rows)
    print()
    for name, value in rows:
        print(f"  {name:<{width}}  {value}")
