"""Looking, without changing anything: where a period stands, and what a decider must see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from baocao.delivery import outbox as outbox_letters
from baocao.delivery.contexts.common import issuer_of
from baocao.documents.word_report import correction_texts
from baocao.documents.word_report.target_texts import counted
from baocao.model.copies import UnitCopyRule
from baocao.model.correction import Correction
from baocao.model.pack import Pack
from baocao.model.report import DeliveryState, Report, ReportStatus, TargetVerdict
from baocao.store import deliveries, reports, signoff, standing, submissions, waivers, windows
from baocao.store.lead_bodies import lead_comments
from baocao.store.past import report_cells
from baocao.store.report_corrections import corrections
from baocao.store.signed_copies import report_copies
from baocao.store.tables import outbox, reminder
from baocao.store.values import typed_by
from baocao.workflow.copies.attaching import said_of
from baocao.workflow.copies.units import without_copy
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports.differences import correction_of, replaced
from baocao.workflow.reports.holding import said
from baocao.workflow.reports.narrating import said as said_of_text
from baocao.workflow.reports.narrating import whose_text
from baocao.workflow.reports.reporting import basis_of
from baocao.workflow.sign_off.newer import newer_than, sentence, way_out

_NAMES_WHAT_IT_LACKS = set(ReportStatus) - {ReportStatus.DRAFT, ReportStatus.RETURNED}
_SHOWN = 20
"""Changes a decider sees at once; the workbook has all of them."""


def newest_report(place: Installation, regime: str, period: str) -> Report:
    """The newest version of the period's report. Raises Refused when there is none."""
    with place.store.read() as conn:
        report = reports.latest(conn, regime, period)
    if report is None:
        raise Refused(f"Kỳ {period} chưa có báo cáo tổng hợp; hãy chạy `baocao consolidate --period {period}`")
    return report


def report_of_version(place: Installation, regime: str, period: str, version: int | None) -> Report:
    """One version of the period's report, the newest for None. Raises Refused when it does not exist."""
    if version is None:
        return newest_report(place, regime, period)
    with place.store.read() as conn:
        versions = reports.reports(conn, regime, period)
    found = next((r for r in versions if r.version == version), None)
    if found is None:
        known = ", ".join(str(r.version) for r in versions) or "chưa có"
        raise Refused(f"Kỳ {period} không có báo cáo phiên bản {version}; các phiên bản: {known}")
    return found


def status(place: Installation, regime: str, period: str, as_of: datetime) -> dict[str, Any]:
    """Everything an operator asks first: window, units, mails, report, signature, dispatch."""
    pack, when = place.at(regime, period)
    with place.store.read() as conn:
        opened = windows.window_of(conn, regime, period)
        totals = standing.statistics(conn, regime, period, as_of)
        report = reports.latest(conn, regime, period)
        newer = newer_than(place, conn, report) if report and report.status in _NAMES_WHAT_IT_LACKS else ()
        data: dict[str, Any] = {
            "regime": regime,
            "period": period,
            "name": when.name,
            "as_of": as_of,
            "opened_at": opened.opened_at if opened else None,
            "unit_due_at": when.unit.due_at,
            "province_due_at": when.province.due_at,
            "top": place.pack(regime).regime.wording.top_short,
            "province_safe_on": when.province.safe_on,
            "units_expected": totals.expected,
            "accepted": totals.accepted,
            "late": totals.late,
            "corrected_late": list(totals.corrected_late),
            "corrected_late_names": [u.full_name for code in totals.corrected_late if (u := pack.unit(code))],
            "returned": totals.returned,
            "pending": totals.pending,
            "waived": totals.waived,
            "receipts": {s.unit: s.receipt_number for s in submissions.accepted(conn, regime, period)},
            "missing": list(totals.missing),
            "missing_names": [unit.full_name for code in totals.missing if (unit := pack.unit(code))],
            "submissions": {s.value: n for s, n in totals.submissions.items()},
            "mails": _mails(conn, regime, period),
            "mails_failed": _given_up(conn, regime, period),
            "mail_trouble": _mail_trouble(conn),
            "broken_packs": place.broken_packs(),
            "reminders_sent": _reminders(conn, regime, period),
            **_copies(conn, pack, period),
            "exceptions": _exceptions(conn, pack, period, as_of),
            "objections": [said(place, c) for c in lead_comments.open_objections(conn, regime, period)],
            "report": _report(conn, report) if report else None,
            "narrative": whose_text(conn, pack, period, pack.narrative_of(pack.rule_of(when.kind))),
            "newer_than_report": [n.as_data() for n in newer],
            "newer_said": f"{sentence(newer, report.version)}. {way_out(report)}" if report and newer else "",
            **_correction(conn, regime, period),
        }
    return data


def _copies(conn: Connection, pack: Pack, period: str) -> dict[str, Any]:
    """Which accepted reports lack their signed copy; None where the pack asks for none."""
    rule = pack.regime.unit_copy
    lacking = without_copy(conn, pack, period)
    return {
        "unit_copy": rule.value,
        "without_copy": None if rule is UnitCopyRule.NONE else list(lacking),
        "without_copy_names": [u.full_name for code in lacking if (u := pack.unit(code))],
    }


def _exceptions(conn: Connection, pack: Pack, period: str, as_of: datetime) -> list[dict[str, Any]]:
    """Waivers and extensions in force, by unit."""
    return [
        {
            "unit": code,
            "name": pack.unit_name(code),
            "kind": own.because.kind.value,
            "until": own.because.until,
            "reason": own.because.reason,
            "by": own.because.granted_by,
        }
        for code, own in waivers.deadlines(conn, pack.code, period, as_of).items()
        if own.because is not None
    ]


def _correction(conn: Connection, regime: str, period: str) -> dict[str, Any]:
    """The correction that is open and which dispatched report stays official meanwhile; None when none is open."""
    opened = corrections.waiting(conn, regime, period)
    if opened is None:
        return {"correction": None}
    official = replaced(conn, opened)
    return {
        "correction": {
            "corrects_version": official.version,
            "number": official.number,
            "symbol": official.symbol,
            "signed_on": official.signed_on,
            "reason": opened.reason,
            "by": opened.opened_by,
            "at": opened.opened_at,
        }
    }


def _mails(conn: Connection, regime: str, period: str) -> dict[str, int]:
    rows = conn.execute(
        select(outbox.c.status, func.count())
        .where(outbox.c.regime == regime, outbox.c.period == period)
        .group_by(outbox.c.status)
    )
    return {row[0].lower(): row[1] for row in rows}


def _given_up(conn: Connection, regime: str, period: str) -> list[dict[str, Any]]:
    """The letters that go no further without somebody's help."""
    return [
        {"id": m.id, "unit": m.unit, "step": m.step, "recipient": m.recipient, "error": m.error}
        for m in outbox_letters.mails(conn, regime=regime, period=period, statuses=["FAILED"])
        if not m.error.startswith(deliveries.CONFIRMED_OTHERWISE)
    ]


def _mail_trouble(conn: Connection) -> str:
    """Why mail itself does not leave, as the last sweep found; empty when the newest attempt went well."""
    alarms = outbox_letters.mails(conn, unit=outbox_letters.OPERATOR, statuses=["PENDING", "FAILED"])
    waiting = [m for m in alarms if m.step.startswith("alarm:mail-server")]
    return waiting[-1].error or waiting[-1].text.partition("\n\n")[0] if waiting else ""


def _reminders(conn: Connection, regime: str, period: str) -> int:
    return conn.execute(
        select(func.count())
        .select_from(reminder)
        .where(reminder.c.regime == regime, reminder.c.period == period, reminder.c.outcome == "SENT")
    ).scalar_one()


def _report(conn: Connection, report: Report) -> dict[str, Any]:
    signature = signoff.signed(conn, report.id)
    copy = None if signature is None else report_copies.attached(conn, report.id, signature.round)
    return {
        "report_id": report.id,
        "version": report.version,
        "status": report.status.value,
        "content_sha256": report.content_sha256,
        "created_at": report.created_at,
        "targets": target_counts(reports.sealed(conn, report.id)),
        "approvals": [
            {"role": a.role.told, "decision": a.decision.value, "by": a.by, "at": a.at, "note": a.note}
            for a in signoff.approvals(conn, report.id)
        ],
        "number": signature.signature.number if signature and signature.signature else None,
        "symbol": signature.signature.symbol if signature and signature.signature else None,
        "signed_copy": None if copy is None else said_of(copy),
        "dispatched": [
            {
                "recipient": d.recipient,
                "name": d.name,
                "address": d.address,
                "state": d.state.value,
                "at": d.handed_over_at,
                "queued_at": d.queued_at,
                "mail": d.mail,
                "error": d.error,
                "receipt": d.receipt,
                "confirmed_on": d.confirmed_on,
            }
            for d in deliveries.deliveries(conn, report.id)
        ],
    }


def target_counts(manifest: Mapping[str, Any] | None) -> dict[str, int] | None:
    """How many targets have each of the four answers, as frozen; None for a draft, and for a report from before the
    answers were bound to it."""
    if manifest is None or "targets" not in manifest:
        return None
    given = [TargetVerdict(target["verdict"]) for target in manifest["targets"]]
    return {verdict.value: given.count(verdict) for verdict in TargetVerdict}


def _target_line(counts: dict[str, int]) -> str:
    return f"Mục tiêu: {counted({TargetVerdict(name): n for name, n in counts.items()}) or 'không có'}"


def status_text(data: dict[str, Any]) -> str:
    """The same for the eye."""
    zone = data["unit_due_at"].tzinfo
    lines = [
        f"{data['name']} ({data['regime']})",
        f"  Đơn vị: {data['accepted']}/{data['units_expected']} đã tiếp nhận, trong đó {data['late']} trễ hạn, "
        f"{len(data['corrected_late'])} đúng hạn nhưng đính chính sau hạn; "
        f"{data['returned']} đang sửa, {data['pending']} đang kiểm tra, {data['waived']} được miễn",
        f"  Hạn của đơn vị {data['unit_due_at']:%H:%M %d/%m/%Y}, của {data['top']} "
        f"{data['province_due_at']:%H:%M %d/%m/%Y}, "
        f"nên gửi chậm nhất {data['province_safe_on']:%d/%m/%Y}",
    ]
    if data["missing_names"]:
        shown = ", ".join(data["missing_names"][:8])
        more = f" và {len(data['missing_names']) - 8} đơn vị khác" if len(data["missing_names"]) > 8 else ""
        lines.append(f"  Chưa có báo cáo: {shown}{more}")
    if data["without_copy_names"]:
        names = data["without_copy_names"]
        more = f" và {len(names) - 8} đơn vị khác" if len(names) > 8 else ""
        what = "Chưa đủ bản ký" if data["unit_copy"] == UnitCopyRule.REQUIRED else "Chưa gửi bản ký (đề nghị)"
        lines.append(f"  {what}: {len(names)} đơn vị: {', '.join(names[:8])}{more}")
    for granted in data["exceptions"]:
        until = f"gia hạn tới {granted['until'].astimezone(zone):%H:%M %d/%m/%Y}" if granted["until"] else "miễn"
        lines.append(f"  {granted['name']}: {until} ({granted['by']}: {granted['reason']})")
    lines += [
        f"  GÓI CHẾ ĐỘ HỎNG: {code} không chạy cho tới khi sửa xong: {error}"
        for code, error in data["broken_packs"].items()
    ]
    mails = ", ".join(f"{n} {status}" for status, n in sorted(data["mails"].items())) or "chưa có"
    if data["mail_trouble"]:
        lines.append(f"  THƯ KHÔNG GỬI ĐƯỢC: {data['mail_trouble']}")
    lines.append(f"  Thư: {mails}; đã nhắc {data['reminders_sent']} lượt")
    lines += [
        f"    thư số {m['id']} «{m['step']}» tới {m['unit']} ({m['recipient'] or 'chưa có địa chỉ'}): {m['error']}"
        for m in data["mails_failed"][:8]
    ]
    if len(data["mails_failed"]) > 8:
        lines.append(f"    và {len(data['mails_failed']) - 8} thư khác; xem `baocao mail list`")
    if data["objections"]:
        lines.append(f"  Đang bị giữ vì phản đối: {'; '.join(data['objections'])}")
    report = data["report"]
    if report is None:
        lines.append("  Báo cáo tổng hợp: chưa lập")
    else:
        number = f", số {report['number']}/{report['symbol']}" if report["number"] else ""
        lines.append(
            f"  Báo cáo tổng hợp số {report['report_id']}, phiên bản {report['version']}: {report['status']}{number}"
        )
        lines.append(f"    Lời văn: {said_of_text(data['narrative'])}")
        if report["targets"] is not None:
            lines.append(f"    {_target_line(report['targets'])}")
        if report["signed_copy"]:
            lines.append(f"    Bản đã ký: {report['signed_copy']}")
        lines += [f"    {d['recipient']}: {_delivered(d, zone)}" for d in report["dispatched"]]
    if data["newer_said"]:
        lines.append(f"  LƯU Ý: {data['newer_said']}")
    correction = data["correction"]
    if correction is not None:
        lines.append(
            f"  Đang đính chính báo cáo số {correction['number']}/{correction['symbol']} (phiên bản "
            f"{correction['corrects_version']}, vẫn có hiệu lực tới khi bản đính chính được gửi); mở "
            f"{correction['at'].astimezone(zone):%d/%m/%Y}, người đề nghị: {correction['by']}. Lý do: "
            f"{correction['reason']}"
        )
    return "\n".join(lines)


def _delivered(delivery: dict[str, Any], zone: Any) -> str:
    """Where one recipient stands, as the end of a line."""
    at = delivery["at"]
    left = f"gửi {at.astimezone(zone):%H:%M %d/%m/%Y}" if at else "CHƯA GỬI ĐƯỢC"
    if delivery["state"] == DeliveryState.CONFIRMED:
        on = f" ngày {date.fromisoformat(delivery['confirmed_on']):%d/%m/%Y}" if delivery["confirmed_on"] else ""
        return f"{left}; đã xác nhận: {delivery['receipt']}{on}"
    if delivery["state"] == DeliveryState.HANDED_OVER:
        return left
    why = f": {delivery['error']}" if delivery["error"] else ""
    refused = ", bị từ chối" if delivery["state"] == DeliveryState.REFUSED else ", đang chờ"
    return f"{left}{refused} ({delivery['address']}, thư số {delivery['mail']}){why}"


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
        f"{when.province.due_at:%d/%m/%Y}; "
        f"nên gửi chậm nhất {when.province.safe_on:%d/%m/%Y}.",
        "",
        *([] if correction is None else _changes(correction, issuer_of(pack.regime))),
        *([f"- **{sentence(newer, report.version)}.** {way_out(report)}."] if newer else []),
        f"- Số đơn vị có số liệu: {covered['counted']}/{covered['expected']}",
        f"- Chưa có báo cáo: {', '.join(missing) if missing else 'không'}",
        *([f"- {_target_line(targets)}"] if (targets := target_counts(manifest)) else []),
        f"- Điểm cần lưu ý khi tổng hợp: {len(findings)}",
    ]
    body += [f"  - {f.rule}: {f.message}" for f in findings[:12]]
    if still_open:
        body += [f"- **Đang bị giữ vì {len(still_open)} phản đối chưa giải quyết (chưa duyệt, ký, gửi được):**"]
        body += [f"  - {said(place, c)}" for c in still_open]
    if overruled:
        body += [f"- **Phản đối của đơn vị chủ trì đã bị bác ({len(overruled)}):**"]
        body += [f"  - {said(place, c)}: {_quoted(c.text)} Lý do bác: {_quoted(c.answer)}" for c in overruled]
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
    return "«" + re.sub(r"([\\`*_{}\[\]<>#|!])", r"\\\1", " ".join(text.split()).rstrip(".")) + "»."


def _what_changes(place: Installation, conn: Connection, report: Report) -> Correction | None:
    """What a version corrects, from what is kept of it."""
    opened = corrections.of_version(conn, report.regime, report.period, report.version)
    if opened is None:
        return None
    pack, period = place.at(report.regime, report.period)
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
