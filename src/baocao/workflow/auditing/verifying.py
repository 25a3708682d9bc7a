"""`baocao audit verify`: the chain, the rows against the events, the kept files against their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from baocao.delivery.dispatch_package import verify_package
from baocao.documents.freeze import content_sha256, values_digest
from baocao.model.report import Report, ReportStatus
from baocao.model.submission import Status
from baocao.store import tables as t
from baocao.store.reports import corrections, reports, signoff
from baocao.store.submissions import cells
from baocao.store.trail import anchors, events
from baocao.workflow.auditing.recorded import (
    Trail,
    accepted_hashes,
    cells_that_differ,
    decisions_that_differ,
    file_fault,
)
from baocao.workflow.auditing.rows import rows_that_differ
from baocao.workflow.auditing.signed_copies import copy_faults, copy_files
from baocao.workflow.installation import Installation

_DECIDED = {f"submission_{s.value.lower()}" for s in Status if s is not Status.RECEIVED}
_SHOWN = 50
_FORGED_SHOWN = 5


def verify(place: Installation, more_anchors: Mapping[int, str] | None = None, *, files: bool = True) -> dict[str, Any]:
    """Everything that can be checked, in one snapshot; nothing is changed.

    Answers `{ok, events, first_bad_seq, reason, unkeyed, key_id, problems: [sentence], checked: {what: how many}}`.
    `more_anchors` (number -> hash) are those printed in letters; without `files` the kept files are not read.
    """
    kept = {seq: set(digests) for seq, digests in anchors.read(place.settings.anchors).items()}
    for seq, digest in (more_anchors or {}).items():
        kept.setdefault(seq, set()).add(digest)
    # One snapshot: rows and events are written together, and looked at together agree also while others write.
    with place.store.read() as conn:
        chain = events.verify(conn, kept)
        trail = Trail(conn, events.events(conn))
        problems = [f"nhật ký, dòng {chain.first_bad_seq}: {chain.reason}"] if not chain.ok else []
        problems += _forged(trail)
        checked = {"events": chain.count, "submissions": 0, "reports": 0, "files": 0}
        problems += _submissions(conn, trail, checked)
        problems += _reports(place, conn, trail, checked)
        problems += _corrections(conn, trail)
        problems += _granted(conn, trail)
        problems += rows_that_differ(conn, trail, checked)
        problems += copy_faults(conn, trail)
        named = named_files(conn) if files else {}
    # Outside the snapshot: kept files never change, and all of them are read.
    for sha256, name in sorted(named.items()):
        said = file_fault(place.store.files, sha256)
        problems += [f"{name}: {said}"] if said else []
    if files:
        checked["files"] = len(named)
        # What lies in the store under a hash that is not its own: nobody's row need name it to be a sign of meddling.
        problems += place.store.files.misnamed_files()
    return {
        "ok": not problems,
        "events": chain.count,
        "first_bad_seq": chain.first_bad_seq,
        "reason": chain.reason or (problems[0] if problems else ""),
        "unkeyed": chain.unkeyed,
        "key_id": chain.key_id,
        "anchors": len(kept),
        "problems": problems[:_SHOWN],
        "more_problems": max(0, len(problems) - _SHOWN),
        "checked": checked,
    }


def _forged(trail: Trail) -> list[str]:
    """The first of the events that are not ours: a trail written anew has nothing else."""
    told = [f"nhật ký, dòng {e.seq}: {e.action} của {e.subject} không có khóa đúng" for e in trail.forged]
    more = [f"nhật ký: {len(told) - _FORGED_SHOWN} dòng khác cũng không có khóa đúng"]
    return told if len(told) <= _FORGED_SHOWN + 1 else told[:_FORGED_SHOWN] + more


def _submissions(conn: Connection, trail: Trail, checked: dict[str, int]) -> list[str]:
    """Every decided submission has its event; every event its row; accepted cells are those that were accepted."""
    c = t.submission.c
    rows = conn.execute(
        select(c.id, c.regime, c.period, c.unit, c.status, c.sha256, c.on_time, c.supersedes_id).order_by(c.id)
    ).all()
    checked["submissions"] = len(rows)
    # Accepted without a decision of their own: figures from before go-live, told by one event for all.
    loaded = {id for id in accepted_hashes(trail) if not trail.of(f"submission/{id}", _DECIDED)}
    older = {
        (e.regime, e.period) for rows_ in trail.by_subject.values() for e in rows_ if e.action == "baseline_loaded"
    }
    problems = []
    for row in rows:
        told = trail.of(f"submission/{row.id}", _DECIDED)
        if row.status == Status.RECEIVED:
            problems += [f"bài nộp số {row.id}: nhật ký ghi {told[-1].action}, sổ ghi RECEIVED"] if told else []
        elif told:
            problems += [f"bài nộp số {row.id} (đơn vị {row.unit}): {said}" for said in _row_faults(row, told[-1])]
        elif row.id not in loaded and (row.regime, row.period) not in older:
            problems.append(
                f"bài nộp số {row.id} (đơn vị {row.unit}): sổ ghi {row.status}, nhật ký không có quyết định nào"
            )
    known = {row.id for row in rows}
    problems += [
        f"{subject}: nhật ký có quyết định nhưng sổ không có bài nộp này"
        for subject in trail.by_subject
        if subject.startswith("submission/") and trail.of(subject, _DECIDED) and int(subject[11:]) not in known
    ]
    recorded = accepted_hashes(trail)
    accepted = {row.id: row.unit for row in rows if row.status == Status.ACCEPTED and row.id in recorded}
    now = {id: cells.cells_sha256(conn, id) for id in accepted}
    return problems + cells_that_differ(recorded, now, accepted)


def _row_faults(row: Any, told: events.Event) -> list[str]:
    now = {"unit": row.unit, "sha256": row.sha256, "on_time": row.on_time, "supersedes": row.supersedes_id}
    wrong = [
        f"{key} trong sổ là {value!r}, nhật ký ghi {told.payload[key]!r}"
        for key, value in now.items()
        if key in told.payload and told.payload[key] != value
    ]
    if told.action != f"submission_{row.status.lower()}":
        wrong.append(f"sổ ghi {row.status}, nhật ký ghi {told.action.removeprefix('submission_').upper()}")
    return wrong


def _reports(place: Installation, conn: Connection, trail: Trail, checked: dict[str, int]) -> list[str]:
    """Every frozen report: decisions, content, status and dispatch against the events; drafts are left out."""
    problems: list[str] = []
    for (id,) in conn.execute(select(t.report.c.id).order_by(t.report.c.id)).all():
        report = reports.report_of(conn, id)
        checked["reports"] += 1
        # A draft is made anew with every consolidation; nothing depends on it yet.
        if report.status is ReportStatus.DRAFT:
            continue
        name = f"báo cáo số {report.id} ({report.period}, phiên bản {report.version})"
        problems += decisions_that_differ(conn, trail, report)
        problems += [f"{name}: {said}" for said in _content_faults(conn, trail, report)]
        wanted = _status_by_events(trail, report)
        if wanted is not report.status:
            problems.append(f"{name}: sổ ghi {report.status}, theo nhật ký phải là {wanted}")
        problems += [f"{name}: {said}" for said in _dispatch_faults(place, conn, trail, report)]
    return problems


def _content_faults(conn: Connection, trail: Trail, report: Report) -> list[str]:
    """Content hash, manifest, values and inputs against each other and against the freeze."""
    manifest = reports.manifest(conn, report.id)
    wrong = []
    if content_sha256(manifest) != report.content_sha256:
        wrong.append("bản kê nội dung không khớp mã nội dung")
    frozen = trail.of(f"report/{report.id}", {"report_frozen"})
    if not frozen or frozen[-1].payload.get("content_sha256") != report.content_sha256:
        wrong.append("mã nội dung không phải mã đã chốt trong nhật ký")
    if values_digest(reports.values(conn, report.id).values()) != manifest.get("values_sha256"):
        wrong.append("số tổng hợp trong sổ không phải số đã chốt")
    bound = sorted((i["unit"], i["submission_id"]) for i in manifest.get("inputs", ()))
    if bound != reports.inputs(conn, report.id):
        wrong.append("danh sách bài nộp của báo cáo không phải danh sách đã chốt")
    return wrong


def _status_by_events(trail: Trail, report: Report) -> ReportStatus:
    # What the status must be by the events alone: a status set by hand has no event.
    moves = {
        "report_frozen": ReportStatus.FROZEN,
        "report_approve": ReportStatus.APPROVED,
        "report_revoke": ReportStatus.APPROVED,
        "report_sign": ReportStatus.SIGNED,
        "report_return": ReportStatus.RETURNED,
        "report_dispatched": ReportStatus.DISPATCHED,
    }
    told = trail.of(f"report/{report.id}", moves.keys())
    return moves[told[-1].action] if told else ReportStatus.DRAFT


def _dispatch_faults(place: Installation, conn: Connection, trail: Trail, report: Report) -> list[str]:
    """Recipients and package of a report against the events of its dispatch, and the package on disk."""
    rows = signoff.dispatches(conn, report.id)
    told = trail.of(f"report/{report.id}", {"dispatch_started", "report_dispatched"})
    if not rows:
        return ["nhật ký ghi đã phát hành, sổ không có nơi nhận nào"] if told else []
    if not told:
        return ["sổ có nơi nhận đã gửi, nhật ký không có việc phát hành"]
    wrong = []
    # Over all of them: a dispatch that was taken up again has several, each with the recipients of its time.
    listed = {name for event in told for name in event.payload.get("recipients", ())}
    packages = {event.payload.get("package_sha256") for event in told}
    for row in rows:
        if row.recipient not in listed or row.package_sha256 not in packages:
            wrong.append(f"nơi nhận {row.recipient} hoặc gói đã gửi khác nhật ký")
    folder = place.settings.dispatch / report.regime / report.period / f"v{report.version}"
    wrong += [f"bộ hồ sơ đã phát hành: {said}" for said in verify_package(folder)]
    return wrong


def _corrections(conn: Connection, trail: Trail) -> list[str]:
    wrong = []
    for row in conn.execute(select(t.metadata.tables["correction"])):
        told = trail.of(f"report/{row.corrects_id}", {"correction_opened"})
        opened = corrections.opened_on(conn, row.corrects_id)
        if not told or opened is None:
            wrong.append(f"đính chính của báo cáo số {row.corrects_id}: nhật ký không có việc mở đính chính")
        elif (told[-1].payload["reason"], told[-1].actor) != (opened.reason, opened.opened_by):
            wrong.append(f"đính chính của báo cáo số {row.corrects_id}: lý do hoặc người đề nghị khác nhật ký")
    return wrong


def _granted(conn: Connection, trail: Trail) -> list[str]:
    """Every waiver and extension, and every withdrawal of one, against its event; and the reverse."""
    w, b = t.waiver.c, t.waiver_withdrawal.c
    rows = conn.execute(select(t.waiver)).all()
    now = Counter((r.regime, r.period, r.unit, r.kind, r.until, r.reason, r.granted_by) for r in rows)
    back = select(w.regime, w.period, w.unit, w.kind, b.waiver_id, b.reason, b.withdrawn_by).join_from(
        t.waiver_withdrawal, t.waiver
    )
    now.update(tuple(row) for row in conn.execute(back))
    told: Counter[tuple[Any, ...]] = Counter()
    for event in (e for found in trail.by_subject.values() for e in found):
        kind, _, what = event.action.partition("_")
        said, period = event.payload, (event.regime, event.period)
        if event.action in {"correction_opened", "correction_extended"} and said.get("until"):
            # Units that may send again for a correction are given an extension.
            until, reason = datetime.fromisoformat(said["until"]), f"Đính chính báo cáo: {said['reason']}"
            told.update((*period, unit, "extension", until, reason, event.actor) for unit in said["units"])
        elif kind in {"waiver", "extension"} and what == "granted":
            end = datetime.fromisoformat(said["until"]) if said["until"] else None
            told[*period, event.subject.removeprefix("unit/"), kind, end, said["reason"], event.actor] += 1
        elif kind in {"waiver", "extension"} and what == "withdrawn":
            unit = event.subject.removeprefix("unit/")
            told[*period, unit, kind, said["waiver"], said["reason"], event.actor] += 1
    names = {"waiver": "miễn nộp", "extension": "gia hạn"}
    return [
        f"{names[row[3]]} của đơn vị {row[2]} ({row[1]}): {said}"
        for said, differing in (
            ("sổ có, nhật ký không có việc này", now - told),
            ("nhật ký có, sổ không có việc này", told - now),
        )
        for row in differing
    ]


def named_files(conn: Connection) -> dict[str, str]:
    """Every file that a row names: sha256 -> what it is."""
    found: dict[str, str] = {}
    row: Any
    s, o, g = t.submission.c, t.obligation.c, t.gate.c
    for row in conn.execute(select(s.id, s.unit, s.sha256, s.marked_sha256, s.info)):
        own = (row.info or {}).get("file_sha256")
        # Figures from before go-live: one file of many units.
        found.setdefault(own or row.sha256, f"tệp gốc của bài nộp số {row.id} (đơn vị {row.unit})")
        if scan := (row.info or {}).get("scan_sha256"):
            found.setdefault(scan, f"bản giấy của bài nộp số {row.id} nhập hộ (đơn vị {row.unit})")
        if row.marked_sha256:
            found.setdefault(row.marked_sha256, f"tệp đánh dấu của bài nộp số {row.id}")
    for row in conn.execute(select(o.unit, o.blank_sha256).where(o.blank_sha256.is_not(None))):
        found.setdefault(row.blank_sha256, f"mẫu trống của đơn vị {row.unit}")
    for row in conn.execute(select(g.id, g.result_sha256, g.page_sha256)):
        found.setdefault(row.result_sha256, f"kết quả cổng kiểm tra số {row.id}")
        found.setdefault(row.page_sha256, f"trang kết quả cổng kiểm tra số {row.id}")
    found = {**copy_files(conn), **found}
    for row in conn.execute(select(t.pack_version.c.regime, t.pack_version.c.file_sha256)):
        found.setdefault(row.file_sha256, f"gói chế độ {row.regime} đã lưu")
    for row in conn.execute(select(t.report.c.id, t.report.c.manifest).where(t.report.c.manifest.is_not(None))):
        for entry in row.manifest.get("files", ()):
            found.setdefault(entry["sha256"], f"tệp {entry['name']} đã chốt của báo cáo số {row.id}")
        for name, sha256 in row.manifest.get("reference", {}).items():
            found.setdefault(sha256, f"{name} của báo cáo số {row.id}")
    for row in conn.execute(select(t.outbox.c.id, t.outbox.c.attachments)):
        for attachment in row.attachments:
            found.setdefault(attachment["sha256"], f"tệp đính kèm {attachment['filename']} của thư số {row.id}")
    return found
