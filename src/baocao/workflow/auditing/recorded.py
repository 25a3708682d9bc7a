"""What the events say of a submission or a report, and where its rows say something else.

An event counts only when its own keyed hash holds: a row made up together with an event is found as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sqlalchemy import Connection

from baocao.model.report import Decision, Report
from baocao.regimes.earlier_schema import EARLIER_ROLES
from baocao.store.files import FileProblem, FileStore
from baocao.store.reports import reports, signoff
from baocao.store.submissions import cells, submissions
from baocao.store.trail import events
from baocao.store.trail.events import Event
from baocao.workflow.installation import Installation, Refused

ACCEPTED, BASELINE = "submission_accepted", "baseline_loaded"
HELP = "không đi tiếp; hãy chạy `baocao audit verify` và xem mục «Sổ sự kiện bị đứt» trong sổ tay vận hành"


class Trail:
    """Events by subject, forged ones left out and named."""

    def __init__(self, conn: Connection, rows: Iterable[Event]) -> None:
        self.forged: list[Event] = []
        self.by_subject: dict[str, list[Event]] = {}
        for row in rows:
            # By its own keyed hash: whoever can write rows can write an event beside them, not its key (ADR 0022).
            if events.authentic(conn, row):
                self.by_subject.setdefault(row.subject, []).append(row)
            else:
                self.forged.append(row)

    def of(self, subject: str, actions: Collection[str]) -> list[Event]:
        """The events about a subject with one of these actions, the oldest first."""
        return [e for e in self.by_subject.get(subject, ()) if e.action in actions]


def accepted_hashes(trail: Trail) -> dict[int, str]:
    """Submission id -> hash of its cells at acceptance; empty where that was not recorded yet (older programs)."""
    found: dict[int, str] = {}
    for rows in trail.by_subject.values():
        for row in rows:
            kept = row.payload.get("cells_sha256", "")
            if row.action == ACCEPTED:
                found[int(row.subject.removeprefix("submission/"))] = str(kept)
            # One event of a baseline stands for all its units.
            elif row.action == BASELINE and isinstance(kept, Mapping):
                found |= {int(id): str(digest) for id, digest in kept.items()}
    return found


def cells_that_differ(recorded: Mapping[int, str], now: Mapping[int, str], who: Mapping[int, str]) -> list[str]:
    """One sentence for every accepted submission whose cells are not those that were accepted."""
    wrong = []
    for id, unit in sorted(who.items()):
        # A row that says ACCEPTED without an event was never judged by this program.
        if id not in recorded:
            wrong.append(f"bài nộp số {id} của đơn vị {unit} ghi là đã tiếp nhận nhưng nhật ký không có việc đó")
        elif recorded[id] and recorded[id] != now.get(id, cells.NO_CELLS):
            wrong.append(f"số liệu của bài nộp số {id} (đơn vị {unit}) không còn là số liệu đã tiếp nhận")
    return wrong


def require_cells_as_accepted(conn: Connection, regime: str, period: str) -> None:
    """Hold the official submissions of a period to what was recorded when they were accepted. Raises Refused."""
    who = {s.id: s.unit for s in submissions.accepted(conn, regime, period)}
    recorded = accepted_hashes(Trail(conn, events.events(conn, regime=regime, period=period)))
    wrong = cells_that_differ(recorded, cells.official_sha256(conn, regime, period), who)
    if wrong:
        raise Refused(f"Kỳ {period}: {wrong[0]}{_more(wrong)}; {HELP}")


def require_as_signed(place: Installation, conn: Connection, report: Report) -> None:
    """Hold a report that is to go out to the events of its decisions, and what it was made from to its hashes: cells
    as accepted, raw files unchanged. Raises Refused with the first thing that is wrong."""
    trail = Trail(conn, events.events(conn, regime=report.regime, period=report.period))
    # Only of this report and what it was made from: the whole installation is `audit verify`'s.
    wrong = decisions_that_differ(conn, trail, report)
    inputs = {id: unit for unit, id in reports.inputs(conn, report.id)}
    now = {id: cells.cells_sha256(conn, id) for id in inputs}
    wrong += cells_that_differ(accepted_hashes(trail), now, inputs)
    for id, unit in sorted(inputs.items()):
        sent = submissions.submission_of(conn, id)
        said = file_fault(place.store.files, sent.sha256)
        wrong += [f"tệp gốc của đơn vị {unit} (bài nộp số {id}): {said}"] if said else []
    if wrong:
        raise Refused(f"Báo cáo {report.period} phiên bản {report.version}: {wrong[0]}{_more(wrong)}; {HELP}")


def file_fault(files: FileStore, sha256: str) -> str:
    """What is wrong with a kept file; empty when it is there and has its hash."""
    try:
        files.get(sha256)
    except FileProblem as error:
        return str(error)
    return ""


def decisions_that_differ(conn: Connection, trail: Trail, report: Report) -> list[str]:
    """Where the rows of decisions say something else than the events, or one is without the other."""
    subject, name = f"report/{report.id}", f"báo cáo số {report.id} ({report.period}, phiên bản {report.version})"
    told = trail.of(subject, {f"report_{d.value}" for d in Decision})
    rows = signoff.approvals(conn, report.id)
    wrong = []
    # Both in the order they were written: an event does not carry the number of its decision.
    for number, row in enumerate(rows):
        what = {"approve": "việc duyệt", "sign": "chữ ký", "return": "việc trả lại"}[row.decision.value]
        if number >= len(told):
            wrong.append(f"{name}: {what} của {row.by} không có trong nhật ký: không do hệ thống này ghi")
            continue
        wrong += [f"{name}: {what}: {said}" for said in _decision_faults(row, told[number])]
    if len(told) > len(rows):
        wrong.append(f"{name}: nhật ký có {len(told)} quyết định, sổ chỉ có {len(rows)}")
    back = trail.of(subject, {"report_revoke"})
    if len(back) != len(signoff.revocations(conn, report.id)):
        wrong.append(f"{name}: số lần thu hồi chữ ký trong sổ và trong nhật ký khác nhau")
    return wrong


def _decision_faults(row: signoff.Approval, told: Event) -> list[str]:
    """What a decision's row says otherwise than its event, one sentence for each field."""
    signature = row.signature
    now: dict[str, Any] = {
        "role": row.role.value,
        "content_sha256": row.content_sha256,
        "note": row.note,
        "number": signature.number if signature else "",
        "symbol": signature.symbol if signature else "",
        "signed_on": signature.signed_on.isoformat() if signature else "",
        "signer": signature.signer if signature else "",
        "signer_title": signature.signer_title if signature else "",
    }
    # Older programs recorded fewer fields: what was not written down cannot be compared.
    kept = {key: told.payload[key] for key in now if key in told.payload}
    if "role" in kept:
        kept["role"] = EARLIER_ROLES.get(kept["role"], kept["role"])
    wrong = [
        f"{_FIELDS[key]} trong sổ là {now[key]!r}, nhật ký ghi {value!r}"
        for key, value in kept.items()
        if now[key] != value
    ]
    if told.action != f"report_{row.decision.value}":
        wrong.append(f"sổ ghi {row.decision.value}, nhật ký ghi {told.action.removeprefix('report_')}")
    # Who and when are columns of the event itself, under its hash as the payload is.
    if told.actor.strip() != row.by or told.at != row.at:
        wrong.append(f"sổ ghi {row.by} lúc {row.at.isoformat()}, nhật ký ghi {told.actor} lúc {told.at.isoformat()}")
    return wrong


_FIELDS = {
    "role": "vai",
    "content_sha256": "mã nội dung",
    "note": "ý kiến",
    "number": "số văn bản",
    "symbol": "ký hiệu",
    "signed_on": "ngày ký",
    "signer": "người ký",
    "signer_title": "chức vụ người ký",
}


def _more(wrong: Collection[str]) -> str:
    return f" (và {len(wrong) - 1} chỗ khác)" if len(wrong) > 1 else ""
