"""Dispatch: the signed report, and nothing else, to exactly the recipients of its kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from baocao.delivery import dispatch_package, outbox
from baocao.intake.copies import kind_of
from baocao.media_types import media_type_of
from baocao.model.report import DeliveryState, Report, ReportStatus, Signature
from baocao.model.signed_copy import CopyKind, SignedCopyRule
from baocao.store.reports import corrections, deliveries, report_copies, reports, signoff
from baocao.store.reports.report_copies import SignedCopy
from baocao.store.trail import events
from baocao.text import day_text
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush, settle
from baocao.workflow.reports.attaching import require_signed_copy, said_of
from baocao.workflow.reports.building import Names
from baocao.workflow.reports.issuing import IssuedFiles, issued_files, require_pdf, signed_report, stem_of
from baocao.workflow.reports.versions import newest_report
from baocao.workflow.sign_off.newer import newer_than
from baocao.workflow.sign_off.outgoing import Outgoing


def dispatch(place: Installation, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Write the package, enqueue one cover mail a recipient, record each, then send. The report is dispatched when
    every recipient was handed its letter; until then it stays signed, and the answer's `open` says who waits and why.

    The frozen content is rebuilt from the report's own inputs first, and must be byte for byte what was signed. What
    goes out is the signed document (what was attached, else our PDF) and the recipients' own workbook. Idempotent: a
    second call sends nothing again. Raises Refused for an unsigned, returned or changed report, without the signed copy
    the pack wants, and without a PDF where there must be one.
    """
    sending = signed_report(place, report_id)
    # A correction is not late: the report it replaces was in its time.
    late = as_of > sending.period.province.due_at and sending.replaced is None
    # Rebuilt and compared before anything is written (ADR 0004); a second try must write the package of the first.
    made = _as_begun(place, sending.report, issued_files(place, sending, as_of))
    require_pdf(place, sending, made.pdf)
    with place.store.read() as conn:
        # Of this round: a copy of a signature that was taken back is none of this report.
        copy = report_copies.attached(conn, report_id, made.round)
    if sending.report.status is not ReportStatus.DISPATCHED:
        require_signed_copy(sending, copy)
    manifest, files = made.manifest, _files(place, sending, made, copy)
    metadata = sending.metadata
    # Package, then letters and rows: killed in between, the next try finds the same package and goes on. The other way
    # round a letter could name the checksum of a package that does not exist.
    written = dispatch_package.write_package(
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
        outbox.Attachment(name, place.store.files.put(data), media_type_of(name))
        for name, data in [*sorted(files.items()), ("metadata.xml", metadata.to_xml())]
    ]
    _record(place, sending, written, attachments, as_of, late=late)
    # Behind the commit; who was handed the letter, and whether all were, is settled in there (ADR 0026).
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
        "signed_copy": None if copy is None else said_of(copy),
        "files": sorted(files),
        "warnings": _warnings(made, copy),
        **flushed,
    }


def still_open(delivery: deliveries.Delivery) -> str:
    """Who has not got the report, and why, in one line."""
    why = f": {delivery.error}" if delivery.error else ""
    what = "bị từ chối" if delivery.state is DeliveryState.REFUSED else "chưa gửi được"
    return f"{delivery.recipient} <{delivery.address}> {what}{why} (thư số {delivery.mail})"


def _record(
    place: Installation,
    sending: Outgoing,
    written: dispatch_package.DispatchPackage,
    attachments: Sequence[outbox.Attachment],
    as_of: datetime,
    *,
    late: bool,
) -> None:
    """Cover mails, one row a recipient and the event, in one transaction."""
    report, names = sending.report, [r.id for r in sending.recipients]
    with place.store.begin() as conn:
        rows = dispatch_package.dispatch_letters(
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
        # Rows are written once a recipient: a second call adds nothing, and so raises no second alarm and no second
        # event.
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
            _warn(PeriodMail(place, sending.pack, sending.period), conn, report, sending.signature, as_of, late=late)
            payload = {
                "recipients": names,
                "package_sha256": written.sha256,
                "content_sha256": report.content_sha256,
                "late": late,
                **({} if sending.replaced is None else {"replaces": sending.replaced.report_id}),
            }
            events.append(conn, as_of, "baocao", "dispatch_started", report, f"report/{report.id}", payload)


def _files(place: Installation, sending: Outgoing, made: IssuedFiles, copy: SignedCopy | None) -> dict[str, bytes]:
    """What goes out beside the letter: the signed document, the recipients' workbook, the Word file only where the pack
    wants it or nothing else can be made."""
    stem, kept = stem_of(sending), place.store.files
    files = {Names.of(sending.report).outgoing: made.workbook}
    if copy is not None and copy.kind is SignedCopyRule.DIGITAL:
        files[f"{stem}_da-ky-so.pdf"] = kept.get(copy.sha256)
    elif copy is not None:
        scan = kept.get(copy.sha256)
        files[f"{stem}_ban-quet.{_ending(scan)}"] = scan
    # A digitally signed PDF is our PDF with signatures in it: both together would be two documents of one number.
    if made.pdf is not None and (copy is None or copy.kind is SignedCopyRule.SCAN):
        files[f"{stem}.pdf"] = made.pdf
    if sending.pack.regime.dispatched.word or made.pdf is None:
        files[f"{stem}.docx"] = made.word
    return files


def _ending(scan: bytes) -> str:
    kind = kind_of(scan)
    return "jpg" if kind is CopyKind.JPEG else "pdf" if kind is None else kind.value


def _as_begun(place: Installation, report: Report, made: IssuedFiles) -> IssuedFiles:
    """A dispatch that began without a PDF goes on without: everybody gets the same files."""
    folder = place.settings.dispatch / report.regime / report.period / f"v{report.version}"
    with place.store.read() as conn:
        begun = bool(signoff.dispatches(conn, report.id))
    # LibreOffice may have been installed since; the recipients of the first try have the Word file.
    return replace(made, pdf=None) if begun and folder.is_dir() and not list(folder.glob("*.pdf")) else made


def _warnings(made: IssuedFiles, copy: SignedCopy | None) -> list[str]:
    """What whoever dispatches must hear."""
    found = []
    if made.pdf is None:
        found.append(
            "Không dựng được PDF (máy này không có LibreOffice): nơi nhận được gửi tệp Word. Máy chủ chính thức nên "
            "đặt BAOCAO_PDF_REQUIRED=true để không phát hành khi thiếu PDF"
        )
    if copy is not None and copy.kind is SignedCopyRule.DIGITAL and not copy.trusted:
        found.append(f"Đã gửi {said_of(copy)}")
    return found


def _warn(
    period_mail: PeriodMail, conn: Any, report: Report, signature: Signature, as_of: datetime, *, late: bool
) -> None:
    """What the operator must know of a dispatch: it went out late, or its number was used before."""
    if late:
        period_mail.alarm(
            conn,
            subject=f"Báo cáo {report.period} phát hành sau thời hạn",
            text="Báo cáo được gửi sau thời hạn. Xem mục «Nguy cơ trễ hạn» trong sổ tay vận hành.",
            key=f"late-dispatch/{report.id}",
            at=as_of,
        )
    # Numbers run through the year and are unique in it (NĐ 30/2020, Điều 15); only the registry can say which is wrong.
    twins = signoff.same_number(conn, report, signature)
    if twins:
        period_mail.alarm(
            conn,
            subject=f"Số văn bản {signature.number}/{signature.symbol} đã dùng trong năm",
            text=f"Báo cáo {report.period} mang cùng số, ký hiệu với báo cáo khác (mã {', '.join(map(str, twins))}). "
            "Hãy kiểm tra lại với văn thư (Nghị định 30/2020/NĐ-CP, Phụ lục VI).",
            key=f"same-number/{report.id}",
            at=as_of,
        )


def acknowledge(
    place: Installation,
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
        raise Refused(f"--on: {day_text(said.on)} ở tương lai; hãy ghi ngày trên văn bản xác nhận")
    # Its bytes before the row that names them.
    kept = replace(said, sha256=place.store.files.put(file)) if file is not None else said
    with place.store.begin() as conn:
        # While a correction is being made, receipts are for the report that was sent.
        report = corrections.last_dispatched(conn, regime, period) or newest
        if newest.status is ReportStatus.SIGNED and signoff.dispatches(conn, newest.id):
            report = newest  # its letters are on their way
        signature = signoff.signed(conn, report.id)
        if signature is not None and signature.signature is not None and said.on < signature.signature.signed_on:
            raise Refused(
                f"--on: {day_text(said.on)} trước ngày ký báo cáo ({day_text(signature.signature.signed_on)})"
            )
        deliveries.record_receipt(conn, report.id, recipient, kept, as_of, accepted=accepted)
        payload = {
            "recipient": recipient,
            "receipt": said.reference,
            "on": said.on.isoformat(),
            "file": kept.filename,
            "sha256": kept.sha256,
            "accepted": accepted,
        }
        events.append(conn, as_of, said.by, "receipt_recorded", (regime, period), f"report/{report.id}", payload)
    # A confirmation may have been the last thing that was open.
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
