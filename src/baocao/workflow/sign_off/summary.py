"""What somebody who decides about a report must see first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from baocao.documents.word_report import correction_texts
from baocao.documents.word_report.target_texts import counted
from baocao.model.correction import Correction
from baocao.model.report import Report, TargetVerdict
from baocao.store import lead_comments
from baocao.store.reports import corrections, reports
from baocao.store.reports.reports import report_cells
from baocao.store.values import typed_by
from baocao.text import day_text
from baocao.workflow.consolidating.differences import correction_of
from baocao.workflow.consolidating.drafting import basis_of
from baocao.workflow.consolidating.holding import objection_line
from baocao.workflow.installation import Installation
from baocao.workflow.sign_off.newer import newer_than, sentence, way_out

_SHOWN = 20
"""Changes a decider sees at once; the workbook has all of them."""


def report_summary(place: Installation, report_id: int) -> dict[str, Any]:
    """What the person who decides sees: coverage, who is missing, findings, objections, files with their hashes."""
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
        manifest = reports.manifest(conn, report_id)
        findings = reports.report_findings(conn, report_id)
        newest = reports.latest(conn, report.regime, report.period)
        # Of a version that was followed by another one, what it lacks is what the other one is for.
        newer = newer_than(place, conn, report) if newest is not None and newest.id == report_id else ()
        still_open = lead_comments.open_objections(conn, report.regime, report.period)
        overruled = lead_comments.of_report(conn, report_id)
        pack, when = place.at(report.regime, report.period)
        correction = _what_changes(place, conn, report)
    covered = manifest["coverage"]
    missing = [u.full_name for code in covered["missing"] if (u := pack.unit(code))]
    body = [
        f"**{when.name}**, phiên bản {report.version}. Hạn gửi của {pack.regime.wording.top_short}: "
        f"{day_text(when.province.due_at)}; "
        f"nên gửi chậm nhất {day_text(when.province.safe_on)}.",
        "",
        *([] if correction is None else _changes(correction, pack.regime.authority.issuer_in_sentence)),
        *([f"- **{sentence(newer, report.version)}.** {way_out(report)}."] if newer else []),
        f"- Số đơn vị có số liệu: {covered['counted']}/{covered['expected']}",
        f"- Chưa có báo cáo: {', '.join(missing) if missing else 'không'}",
        *([f"- {target_line(targets)}"] if (targets := target_counts(manifest)) else []),
        f"- Điểm cần lưu ý khi tổng hợp: {len(findings)}",
    ]
    body += [f"  - {f.rule}: {f.message}" for f in findings[:12]]
    if still_open:
        body += [f"- **Đang bị giữ vì {len(still_open)} phản đối chưa giải quyết (chưa duyệt, ký, gửi được):**"]
        body += [f"  - {objection_line(place, c)}" for c in still_open]
    if overruled:
        body += [f"- **Phản đối của đơn vị chủ trì đã bị bác ({len(overruled)}):**"]
        body += [f"  - {objection_line(place, c)}: {_quoted(c.text)} Lý do bác: {_quoted(c.answer)}" for c in overruled]
    body += _office_text(manifest)
    body += ["", "| Tệp | sha256 |", "|---|---|"]
    body += [f"| {name} | `{sha[:16]}…` |" for name, sha in sorted(_files(manifest).items())]
    body += ["", f"Mã nội dung: `{report.content_sha256}`"]
    return {
        "report_id": report_id,
        "subject": f"{when.name}: báo cáo phiên bản {report.version}{'' if correction is None else ' (đính chính)'}",
        "body": "\n".join(body),
        "content_sha256": report.content_sha256,
    }


def _office_text(manifest: Mapping[str, Any]) -> list[str]:
    """Whose text the version has, and the numbers in it that somebody typed."""
    written = manifest.get("narrative")
    if not written or not written["sections"]:
        return ["- Lời văn: bản dự thảo tự động"]
    lines = [f"- Lời văn: {len(written['sections'])} mục do văn phòng sửa (lần {written['revision']}, {written['by']})"]
    return lines + [f"  - Số tự ghi, người sửa đã đối chiếu: {_quoted(line)}" for line in written["typed_numbers"]]


def _quoted(text: str) -> str:
    """Somebody's words inside our Markdown: one line, and nothing in them is a mark."""
    # A reason typed by somebody could otherwise draw a table or a link into the question.
    return "«" + re.sub(r"([\\`*_{}\[\]<>#|!])", r"\\\1", " ".join(text.split()).rstrip(".")) + "»."


def _what_changes(place: Installation, conn: Connection, report: Report) -> Correction | None:
    """What a version corrects, from what is kept of it."""
    opened = corrections.of_version(conn, report.regime, report.period, report.version)
    if opened is None:
        return None
    pack, period = place.at(report.regime, report.period)
    # From the report's own inputs: what has come since is told beside it, as newer.
    accepted = report_cells(conn, report.id, typed_by(pack))
    basis = basis_of(place, conn, pack, period, accepted, of=report)
    return correction_of(conn, opened, pack, pack.rule_of(period.kind), accepted, basis.consolidation)


def _changes(correction: Correction, issuer: str) -> list[str]:
    """Markdown: what is replaced, why, and the first changes; before anything else a decider reads."""
    lines = [
        f"**ĐÍNH CHÍNH.** {correction_texts.replaces(correction, issuer)} {correction_texts.reason(correction)}",
        "",
        *[f"- {line}" for line in correction_texts.extent(correction)],
        "",
        "| Mã | Chỉ tiêu | ĐVT | Đã báo cáo | Đính chính | Tăng, giảm | Nguồn thay đổi |",
        "|---|---|---|---:|---:|---:|---|",
    ]
    order = ("item", "name", "unit", "old", "new", "difference", "units")
    for change in correction.changes[:_SHOWN]:
        row = correction_texts.row(change)
        lines.append("| " + " | ".join(str(row[name]).replace("|", "/") for name in order) + " |")
    rest = len(correction.changes) - _SHOWN
    more = [f"Còn {rest} ô khác: xem trang «Đính chính» của bảng tính tổng hợp.", ""] if rest > 0 else []
    return [*lines, "", *more]


def _files(manifest: Any) -> dict[str, str]:
    return {entry["name"]: entry["sha256"] for entry in manifest.get("files", ())}


def target_counts(manifest: Mapping[str, Any] | None) -> dict[str, int] | None:
    """How many targets have each of the four answers, as frozen; None for a draft, and for a report from before the
    answers were bound to it."""
    if manifest is None or "targets" not in manifest:
        return None
    given = [TargetVerdict(target["verdict"]) for target in manifest["targets"]]
    return {verdict.value: given.count(verdict) for verdict in TargetVerdict}


def target_line(counts: dict[str, int]) -> str:
    """The same as one line."""
    return f"Mục tiêu: {counted({TargetVerdict(name): n for name, n in counts.items()}) or 'không có'}"
