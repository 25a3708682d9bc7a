"""Dispatch: the signed report, and nothing else, to exactly the recipients of its kind."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from baocao.delivery import outbox, package
from baocao.documents.freeze import changed_since, check_sealed, content_sha256
from baocao.documents.pdf_files.convert import pdf_available, to_pdf
from baocao.documents.word_report.report import build_report
from baocao.model.report import DeliveryState, Report, ReportStatus, Signature
from baocao.store import deliveries, reports, signoff, submissions
from baocao.store.past import report_cells
from baocao.store.report_corrections import corrections
from baocao.store.trail import events
from baocao.store.values import typed_by
from baocao.workflow.auditing.recorded import require_as_signed
from baocao.workflow.mail.letters import Desk
from baocao.workflow.mail.mailing import flush, settle
from baocao.workflow.periods.overview import newest_report
from baocao.workflow.periods.windows import XLSX
from baocao.workflow.reports.building import Names, correction_for, render, report_input
from baocao.workflow.reports.holding import require_no_open_objection
from baocao.workflow.reports.reporting import basis_of
from baocao.workflow.sign_off.newer import newer_than
from baocao.workflow.sign_off.outgoing import Outgoing, outgoing
from baocao.workflow.workplace import Refused, Workplace

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def dispatch(place: Workplace, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Write the package, enqueue one cover mail a recipient, record each, then send. The report is dispatched when
    every recipient was handed its letter; until then it stays signed, and the answer's `open` says who waits and why.

    The frozen content is rebuilt from the report's own inputs first, and must be byte for byte what was signed; only
    then number, day and signer are printed into the Word report. Idempotent: a second call sends nothing again.
    Raises Refused for an unsigned, returned or changed report.
    """
    sending = _signed(place, report_id)
    # A correction is not late: the report it replaces was in its time.
    late = as_of > sending.period.province.due_at and sending.replaced is None
    manifest, files = _issue(place, sending)
    metadata = sending.metadata
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
    _record(place, sending, written, attachments, as_of, late=late)
    flushed = flush(place, as_of)
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
        newer = [n.as_data() for n in newer_than(place, conn, report)]
        stands = deliveries.deliveries(conn, report_id)
    return {
        "report_id": report_id,
        "version": report.version,
        "status": report.status.value,
        "package": str(written.path),
        "package_sha256": written.sha256,
        "recipients": [r.id for r in sending.recipients],
        "open": [still_open(d) for d in stands if d.state.is_open],
        "late": late,
        "newer": newer,
        **flushed,
    }


def still_open(delivery: deliveries.Delivery) -> str:
    """Who has not got the report, and why, in one line."""
    why = f": {delivery.error}" if delivery.error else ""
    what = "bị từ chối" if delivery.state is DeliveryState.REFUSED else "chưa gửi được"
    return f"{delivery.recipient} <{delivery.address}> {what}{why} (thư số {delivery.mail})"


def _signed(place: Workplace, report_id: int) -> Outgoing:
    """The report, if it may go out: nobody objects, signed over the content it has, to recipients its kind allows
    (V57)."""
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
        approval = signoff.signed(conn, report_id)
        if report.status is not ReportStatus.DISPATCHED:
            require_no_open_objection(place, conn, report.regime, report.period, "gửi báo cáo")
        if report.status not in {ReportStatus.SIGNED, ReportStatus.DISPATCHED} or approval is None:
            raise Refused(
                f"Báo cáo {report.period} phiên bản {report.version} đang ở trạng thái {report.status.value}; "
                f"chỉ phát hành báo cáo đã được {place.pack(report.regime).regime.wording.signer} ký"
            )
        if approval.signature is None or approval.content_sha256 != report.content_sha256:
            raise Refused("Nội dung đã ký không phải nội dung đang có; không phát hành, hãy báo bộ phận vận hành")
        if content_sha256(reports.manifest(conn, report.id)) != report.content_sha256:
            raise Refused("Bản kê nội dung đã bị thay đổi sau khi ký; không phát hành, hãy báo bộ phận vận hành")
        require_as_signed(place, conn, report)
        sending = outgoing(place, conn, report, approval.signature)
    if sending.period.is_rehearsal:
        raise Refused(f"{sending.period.name}: báo cáo diễn tập không bao giờ được phát hành")
    return sending


def _record(
    place: Workplace,
    sending: Outgoing,
    written: package.Package,
    attachments: Sequence[outbox.Attachment],
    as_of: datetime,
    *,
    late: bool,
) -> None:
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
            signoff.record_dispatch(
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
            _warn(Desk(place, sending.pack, sending.period), conn, report, sending.signature, as_of, late=late)
            events.append(
                conn,
                at=as_of,
                actor="baocao",
                action="dispatch_started",
                regime=report.regime,
                period=report.period,
                subject=f"report/{report.id}",
                payload={
                    "recipients": names,
                    "package_sha256": written.sha256,
                    "content_sha256": report.content_sha256,
                    "late": late,
                    **({} if sending.replaced is None else {"replaces": sending.replaced.report_id}),
                },
            )


def _issue(place: Workplace, sending: Outgoing) -> tuple[Mapping[str, Any], dict[str, bytes]]:
    """The manifest as signed, and the files that go out: the frozen workbook, and the Word report with its signature.

    Raises Refused when the manifest does not have the signed hash, a stored file is not the one it names, or the report
    cannot be rebuilt to the same bytes.
    """
    report, signature, pack, period = sending.report, sending.signature, sending.pack, sending.period
    names = Names.of(report)
    with place.store.read() as conn:
        manifest = dict(reports.manifest(conn, report.id))
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
            since = " và ".join(changed_since(manifest, place.settings.templates / "word"))
            why = f"từ khi chốt đã đổi: {since}" if since else "số liệu đã bị thay đổi sau khi chốt"
            raise Refused(
                f"Tệp {name} dựng lại không trùng bản đã ký ({why}); không phát hành. Xem mục «Không gửi được báo cáo» "
                "trong sổ tay vận hành"
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
            text="Báo cáo được gửi sau thời hạn. Xem mục «Nguy cơ trễ hạn» trong sổ tay vận hành.",
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
    place: Workplace,
    regime: str,
    period: str,
    recipient: str,
    said: deliveries.Confirmation,
    as_of: datetime,
    *,
    accepted: bool,
    file: bytes | None = None,
) -> dict[str, Any]:
    """Record what a recipient says about the report: reference, date, and its file where there is one; with `accepted`
    also that it took the report as it is. Who confirms has the report, whatever became of our letter.

    Raises Refused for a confirmation without reference or person, or dated after today or before the signature.
    """
    newest = newest_report(place, regime, period)
    if not said.reference.strip() or not said.by.strip():
        raise Refused("Xác nhận phải có số hoặc nội dung (--receipt) và người ghi (--by)")
    if said.on > place.day(regime, as_of):
        raise Refused(f"--on: {said.on:%d/%m/%Y} ở tương lai; hãy ghi ngày trên văn bản xác nhận")
    kept = replace(said, sha256=place.store.files.put(file)) if file is not None else said
    with place.store.begin() as conn:
        # While a correction is being made, receipts are for the report that was sent.
        report = corrections.last_dispatched(conn, regime, period) or newest
        if newest.status is ReportStatus.SIGNED and signoff.dispatches(conn, newest.id):
            report = newest  # its letters are on their way
        signature = signoff.signed(conn, report.id)
        if signature is not None and signature.signature is not None and said.on < signature.signature.signed_on:
            raise Refused(f"--on: {said.on:%d/%m/%Y} trước ngày ký báo cáo ({signature.signature.signed_on:%d/%m/%Y})")
        deliveries.record_receipt(conn, report.id, recipient, kept, as_of, accepted=accepted)
        events.append(
            conn,
            at=as_of,
            actor=said.by,
            action="receipt_recorded",
            regime=regime,
            period=period,
            subject=f"report/{report.id}",
            payload={
                "recipient": recipient,
                "receipt": said.reference,
                "on": said.on.isoformat(),
                "file": kept.filename,
                "sha256": kept.sha256,
                "accepted": accepted,
            },
        )
    settle(place, as_of)
    with place.store.read() as conn:
        status = reports.report_of(conn, report.id).status.value
    return {
        "report_id": report.id,
        "status": status,
        "recipient": recipient,
        "receipt": said.reference,
        "on": said.on,
        "accepted": accepted,
    }
