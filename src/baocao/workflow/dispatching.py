"""Dispatch: the signed report, and nothing else, to exactly the recipients of its kind."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from baocao.consolidation.recipients import check_recipients
from baocao.delivery import outbox, package
from baocao.delivery.metadata import document_metadata
from baocao.documents.freeze import check_sealed, content_sha256
from baocao.documents.pdf import pdf_available, to_pdf
from baocao.documents.word import build_report
from baocao.model.correction import Replaced
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.regime import Recipient
from baocao.model.report import Report, ReportStatus, Signature, subject_of
from baocao.model.submission import Severity
from baocao.store import corrections, events, reports, signoff, submissions
from baocao.store.past import report_cells
from baocao.store.values import typed_by
from baocao.workflow.building import Names, correction_for, render, report_input
from baocao.workflow.differences import also_to
from baocao.workflow.differences import replaced as replaced_by
from baocao.workflow.holding import require_no_open_objection
from baocao.workflow.letters import Desk
from baocao.workflow.mailing import flush
from baocao.workflow.overview import newest_report
from baocao.workflow.reporting import basis_of
from baocao.workflow.sign_off.newer import newer_than
from baocao.workflow.windows import XLSX
from baocao.workflow.workplace import Refused, Workplace

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class _Sending:
    """A signed report on its way out."""

    report: Report
    signature: Signature
    pack: Pack
    period: Period
    recipients: tuple[Recipient, ...]
    late: bool
    replaced: Replaced | None
    """the dispatched report this one corrects"""

    @property
    def subject(self) -> str:
        """Trích yếu."""
        mark = "" if self.replaced is None else " (đính chính)"
        regime = self.pack.regime
        return f"{subject_of(regime.report.subject, regime.programme, self.period)}{mark}"


def dispatch(place: Workplace, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Write the package, enqueue one cover mail a recipient, record each, then send.

    The frozen content is rebuilt from the report's own inputs first, and must be byte for byte what was signed; only
    then number, day and signer are printed into the Word report. Idempotent: a second call sends nothing again.
    Raises Refused for an unsigned, returned or changed report.
    """
    sending = _signed(place, report_id, as_of)
    manifest, files = _issue(place, sending.report, sending.signature)
    metadata = document_metadata(
        sending.pack.regime,
        sending.period,
        sending.signature,
        sending.recipients,
        subject=sending.subject,
        replaced=sending.replaced,
    )
    written = package.write_package(
        place.settings.dispatch,
        report=sending.report,
        manifest=manifest,
        files=files,
        recipients=sending.recipients,
        signature=sending.signature,
        metadata=metadata,
        replaced=sending.replaced,
    )
    attachments = [
        outbox.Attachment(name, place.store.files.put(data), _mime(name))
        for name, data in [*sorted(files.items()), ("metadata.xml", metadata.to_xml())]
    ]
    report = _record(place, sending, written, attachments, as_of)
    with place.store.read() as conn:
        newer = [n.as_data() for n in newer_than(place, conn, report)]
    return {
        "report_id": report_id,
        "version": report.version,
        "status": report.status.value,
        "package": str(written.path),
        "package_sha256": written.sha256,
        "recipients": [r.id for r in sending.recipients],
        "late": sending.late,
        "newer": newer,
        **flush(place, as_of),
    }


def _signed(place: Workplace, report_id: int, as_of: datetime) -> _Sending:
    """The report, if it may go out: nobody objects, signed over the content it has, to recipients its kind allows
    (V57)."""
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
        approval = signoff.signed(conn, report_id)
        if report.status is not ReportStatus.DISPATCHED:
            require_no_open_objection(place, conn, report.regime, report.period, "gửi báo cáo")
        opened = corrections.of_version(conn, report.regime, report.period, report.version)
        replaced = None if opened is None else replaced_by(conn, opened)
        before = [] if opened is None else signoff.dispatches(conn, opened.corrects_id)
    if report.status not in {ReportStatus.SIGNED, ReportStatus.DISPATCHED} or approval is None:
        raise Refused(
            f"Báo cáo {report.period} phiên bản {report.version} đang ở trạng thái {report.status.value}; "
            f"chỉ phát hành báo cáo đã được {place.pack(report.regime).regime.wording.signer} ký"
        )
    if approval.signature is None or approval.content_sha256 != report.content_sha256:
        raise Refused("Nội dung đã ký không phải nội dung đang có; không phát hành, hãy báo bộ phận vận hành")
    pack, period = place.at(report.regime, report.period)
    if period.is_rehearsal:
        raise Refused(f"{period.name}: báo cáo diễn tập không bao giờ được phát hành")
    wrong = [f for f in check_recipients(pack, period.kind) if f.severity == Severity.BLOCKS]
    if wrong:
        raise Refused(f"Quy tắc V57: {wrong[0].message}")
    allowed = pack.rule_of(period.kind).recipients
    # A correction goes to whoever got the report it replaces as well, and is not late: that report was in its time.
    recipients = tuple(r for r in pack.regime.recipients if r.id in allowed) + also_to(before, pack, allowed)
    late = as_of > period.province.due_at and replaced is None
    return _Sending(report, approval.signature, pack, period, recipients, late, replaced)


def _record(
    place: Workplace,
    sending: _Sending,
    written: package.Package,
    attachments: Sequence[outbox.Attachment],
    as_of: datetime,
) -> Report:
    """Cover mails, one row a recipient and the event, in one transaction."""
    report, names = sending.report, [r.id for r in sending.recipients]
    with place.store.begin() as conn:
        rows = package.dispatch_letters(
            conn,
            place.settings,
            sending.pack,
            sending.period,
            report=report,
            package=written,
            recipients=sending.recipients,
            signature=sending.signature,
            subject=sending.subject,
            attachments=attachments,
            at=as_of,
            replaced=sending.replaced,
        )
        already = {d.recipient for d in signoff.dispatches(conn, report.id)}
        for recipient in sending.recipients:
            report = signoff.record_dispatch(
                conn,
                report.id,
                recipient=recipient.id,
                name=recipient.name,
                address=recipient.email,
                content_sha256=report.content_sha256 or "",
                package_sha256=written.sha256,
                dispatched_at=as_of,
                recipients=names,
                outbox_id=rows[recipient.id],
            )
        if already != set(names):
            _warn(Desk(place, sending.pack, sending.period), conn, report, sending.signature, as_of, late=sending.late)
            events.append(
                conn,
                at=as_of,
                actor="baocao",
                action="report_dispatched",
                regime=report.regime,
                period=report.period,
                subject=f"report/{report.id}",
                payload={
                    "recipients": names,
                    "package_sha256": written.sha256,
                    "content_sha256": report.content_sha256,
                    "late": sending.late,
                    **({} if sending.replaced is None else {"replaces": sending.replaced.report_id}),
                },
            )
    return report


def _issue(place: Workplace, report: Report, signature: Signature) -> tuple[Mapping[str, Any], dict[str, bytes]]:
    """The manifest as signed, and the files that go out: the frozen workbook, and the Word report with its signature.

    Raises Refused when the manifest does not have the signed hash, a stored file is not the one it names, or the report
    cannot be rebuilt to the same bytes.
    """
    pack, period = place.at(report.regime, report.period)
    names = Names.of(report)
    with place.store.read() as conn:
        manifest = dict(reports.manifest(conn, report.id))
        if content_sha256(manifest) != report.content_sha256:
            raise Refused("Bản kê nội dung đã bị thay đổi sau khi ký; không phát hành, hãy báo bộ phận vận hành")
        accepted = report_cells(conn, report.id, typed_by(pack))
        basis = basis_of(place, conn, pack, period, accepted, of=report)
        correction = correction_for(conn, report, basis)
        again = render(place, conn, report, basis)
        sent = {unit: submissions.submission_of(conn, id) for unit, id in reports.inputs(conn, report.id)}
    kept = {entry["name"]: place.store.files.get(entry["sha256"]) for entry in manifest["files"]}
    if changed := check_sealed(manifest, kept):
        raise Refused(f"Quy tắc V58: {changed[0].message}")
    for name, sealed in kept.items():
        if name in again and again[name] != sealed:
            raise Refused(
                f"Tệp {name} dựng lại không trùng bản đã ký (gói chế độ hoặc chương trình đã đổi sau khi chốt); không "
                "phát hành. Xem mục «Không gửi được báo cáo» trong sổ tay vận hành"
            )
    data = report_input(place, report, basis, sent, signature, correction)
    signed = build_report(data, templates=place.settings.templates)
    stem = f"bao-cao_{report.period}_{signature.number}"
    files = {names.workbook: again[names.workbook], f"{stem}.docx": signed}
    if pdf_available():
        pdf = _rendered_once(place, report, signed)
        if pdf is not None:
            files[f"{stem}.pdf"] = pdf
    return manifest, files


def _rendered_once(place: Workplace, report: Report, signed: bytes) -> bytes | None:
    """The PDF of the signed report. A package that was written before keeps the one it has."""
    before = sorted((place.settings.dispatch / report.regime / report.period / f"v{report.version}").glob("*.pdf"))
    return before[0].read_bytes() if before else to_pdf(signed, ".docx")


def _mime(name: str) -> str:
    known = {".docx": DOCX, ".xlsx": XLSX}
    return next((m for end, m in known.items() if name.endswith(end)), None) or (
        mimetypes.guess_type(name)[0] or "application/octet-stream"
    )


def _warn(desk: Desk, conn: Any, report: Report, signature: Signature, as_of: datetime, *, late: bool) -> None:
    """What the operator must know of a dispatch: it went out late, or its number was used before."""
    if late:
        desk.alarm(
            conn,
            subject=f"Báo cáo {report.period} phát hành sau thời hạn",
            text="Báo cáo đã được gửi, nhưng sau thời hạn. Xem mục «Nguy cơ trễ hạn» trong sổ tay vận hành.",
            key=f"late-dispatch/{report.id}",
            at=as_of,
        )
    twins = package.same_number(conn, report, signature)
    if twins:
        desk.alarm(
            conn,
            subject=f"Số văn bản {signature.number}/{signature.symbol} đã dùng trong năm",
            text=f"Báo cáo {report.period} mang cùng số, ký hiệu với báo cáo khác (mã {', '.join(map(str, twins))}). "
            "Hãy kiểm tra lại với văn thư (Nghị định 30/2020/NĐ-CP, Phụ lục VI).",
            key=f"same-number/{report.id}",
            at=as_of,
        )


def acknowledge(
    place: Workplace, regime: str, period: str, recipient: str, receipt: str, as_of: datetime, *, accepted: bool
) -> dict[str, Any]:
    """Record a recipient's receipt; with `accepted` also that the ministry took the report as it is."""
    newest = newest_report(place, regime, period)
    with place.store.begin() as conn:
        # While a correction is being made, receipts are for the report that was sent.
        report = corrections.last_dispatched(conn, regime, period) or newest
        signoff.record_receipt(conn, report.id, recipient, receipt=receipt, accepted_at=as_of if accepted else None)
        events.append(
            conn,
            at=as_of,
            actor="baocao",
            action="receipt_recorded",
            regime=regime,
            period=period,
            subject=f"report/{report.id}",
            payload={"recipient": recipient, "receipt": receipt, "accepted": accepted},
        )
    return {"report_id": report.id, "recipient": recipient, "receipt": receipt, "accepted": accepted}
