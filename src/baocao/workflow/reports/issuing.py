"""Ban hành: the report with number, day and signer printed, made once a signature, as Word and as PDF.

The PDF is what the office signs digitally, so its bytes are kept: what comes back is held against them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from baocao.documents.freeze import changed_since, check_sealed, content_sha256
from baocao.documents.pdf_files.convert import pdf_available, to_pdf
from baocao.documents.word_report.report import build_report
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.report import Report, ReportStatus
from baocao.store.reports import report_copies, reports, signoff
from baocao.store.reports.reports import report_cells
from baocao.store.submissions import submissions
from baocao.store.values import typed_by
from baocao.workflow.auditing.recorded import require_as_signed
from baocao.workflow.consolidating.drafting import basis_of
from baocao.workflow.consolidating.holding import require_no_open_objection
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports.building import Names, correction_for, render, report_input
from baocao.workflow.sign_off.coverage import require_coverage
from baocao.workflow.sign_off.outgoing import Outgoing, outgoing


@dataclass(frozen=True)
class IssuedFiles:
    """The signed report as files."""

    manifest: Mapping[str, Any]
    """as signed"""
    workbook: bytes
    """the recipients' own"""
    word: bytes
    pdf: bytes | None
    """None: no LibreOffice on this machine"""
    round: int


def issue(place: Installation, report_id: int, as_of: datetime) -> dict[str, Any]:
    """Make the documents of a signed report, or find them made: names, hashes, and what happens next.

    Idempotent. Raises Refused for a report that is not signed, or not as it was signed; and where this installation
    must have a PDF and cannot make one.
    """
    sending = signed_report(place, report_id)
    made = issued_files(place, sending, as_of)
    require_pdf(place, sending, made.pdf)
    stem = stem_of(sending)
    files = {f"{stem}.docx": made.word, **({} if made.pdf is None else {f"{stem}.pdf": made.pdf})}
    wanted = sending.pack.regime.dispatched.signed_copy
    return {
        "report_id": report_id,
        "number": sending.signature.number,
        "symbol": sending.signature.symbol,
        "signed_on": sending.signature.signed_on,
        "files": {name: place.store.files.put(data) for name, data in files.items()},
        "pdf": made.pdf is not None,
        "signed_copy": wanted.value,
    }


def stem_of(sending: Outgoing) -> str:
    """How the names of the issued files begin."""
    return f"bao-cao_{sending.report.period}_{sending.signature.number}"


def signed_report(place: Installation, report_id: int) -> Outgoing:
    """The report, if it may go out: nobody objects, signed over the content it has, to recipients its kind allows
    Raises Refused."""
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
        approval = signoff.signed(conn, report_id)
        # What has left is held by nothing any more, and a second dispatch only finds it done.
        if report.status is not ReportStatus.DISPATCHED:
            require_no_open_objection(place, conn, report.regime, report.period, "gửi báo cáo")
        if report.status not in {ReportStatus.SIGNED, ReportStatus.DISPATCHED} or approval is None:
            raise Refused(
                f"Báo cáo {report.period} phiên bản {report.version} đang ở trạng thái {report.status.value}; "
                f"chỉ phát hành báo cáo đã được {place.pack(report.regime).regime.wording.signer} ký"
            )
        if approval.signature is None or approval.content_sha256 != report.content_sha256:
            raise Refused("Nội dung đã ký không phải nội dung đang có; không phát hành, hãy báo bộ phận vận hành")
        # The row that is signed names a hash, the manifest stands beside it: either could have been changed alone.
        if content_sha256(reports.manifest(conn, report.id)) != report.content_sha256:
            raise Refused("Bản kê nội dung đã bị thay đổi sau khi ký; không phát hành, hãy báo bộ phận vận hành")
        # And both together: held against the events of the decisions, which are keyed and chained (ADR 0022).
        require_as_signed(place, conn, report)
        sending = outgoing(place, conn, report, approval.signature)
        require_coverage(conn, sending.pack, sending.period.kind, report, "gửi")
    if sending.period.is_rehearsal:
        raise Refused(f"{sending.period.name}: báo cáo diễn tập không bao giờ được phát hành")
    return sending


def issued_files(place: Installation, sending: Outgoing, as_of: datetime) -> IssuedFiles:
    """The report's files, the frozen content rebuilt and found byte for byte what was signed.

    Raises Refused when the manifest does not have the signed hash, a stored file is not the one it names, or the report
    cannot be rebuilt to the same bytes.
    """
    report, pack, period = sending.report, sending.pack, sending.period
    with place.store.read() as conn:
        manifest = dict(reports.manifest(conn, report.id))
        accepted = report_cells(conn, report.id, typed_by(pack))
        # From its own inputs and everything pinned with it: today's rows would give today's report.
        basis = basis_of(place, conn, pack, period, accepted, of=report)
        correction = correction_for(conn, report, basis)
        again = render(place, conn, report, basis)
        sent = {unit: submissions.submission_of(conn, id) for unit, id in reports.inputs(conn, report.id)}
        approval = signoff.signed(conn, report.id)
        assert approval is not None
        known = report_copies.issued(conn, report.id, approval.round)
    # Before number and signer are printed on it: nothing else may get into the issued document.
    _require_rebuilt(place, pack, manifest, again)
    # Made once a signature: LibreOffice does not promise the same bytes, and these are what is signed digitally
    # (ADR 0031).
    if known is None:
        data = report_input(place, report, basis, sent, sending.signature, correction)
        known = _made(place, report, approval.round, build_report(data, templates=place.settings.templates), as_of)
    files = place.store.files
    pdf = None if known.pdf_sha256 is None else files.get(known.pdf_sha256)
    return IssuedFiles(manifest, again[Names.of(report).outgoing], files.get(known.word_sha256), pdf, approval.round)


def _require_rebuilt(place: Installation, pack: Pack, manifest: Mapping[str, Any], again: Mapping[str, bytes]) -> None:
    """Raises Refused when a stored file is not the sealed one, or was not rebuilt to the same bytes."""
    rule = pack.rules.id_of(RuleKind.SEALED)
    kept = {entry["name"]: place.store.files.get(entry["sha256"]) for entry in manifest["files"]}
    if changed := check_sealed(manifest, kept, rule):
        raise Refused(f"Quy tắc {rule}: {changed[0].message}")
    for name, sealed in kept.items():
        if name in again and again[name] != sealed:
            since = " và ".join(changed_since(manifest, place.settings.templates / "word"))
            why = f"từ khi chốt đã đổi: {since}" if since else "số liệu đã bị thay đổi sau khi chốt"
            raise Refused(
                f"Tệp {name} dựng lại không trùng bản đã ký ({why}); không phát hành. Xem mục «Không gửi được báo cáo» "
                "trong sổ tay vận hành"
            )


def _made(
    place: Installation, report: Report, round: int, word: bytes, as_of: datetime
) -> report_copies.IssuedDocument:
    """Make the PDF and write both down. Without LibreOffice nothing is written down: a later try may have it."""
    pdf = to_pdf(word, ".docx") if pdf_available() else None
    files = place.store.files
    document = report_copies.IssuedDocument(
        report.id, round, files.put(word), None if pdf is None else files.put(pdf), as_of
    )
    if pdf is None:
        return document
    with place.store.begin() as conn:
        # Answers what stands: of two who issue at once, one PDF is the document.
        return report_copies.record_issued(conn, document)


def require_pdf(place: Installation, sending: Outgoing, pdf: bytes | None) -> None:
    """Raises Refused where the report must be a PDF and is none."""
    if pdf is not None or sending.pack.regime.dispatched.word:
        return
    wanted = sending.pack.regime.dispatched.signed_copy
    # Without a PDF there is nothing to sign digitally, whatever the installation allows.
    if place.settings.pdf_required or wanted == "digital":
        raise Refused(
            "Không dựng được PDF của báo cáo đã ký (máy này không có LibreOffice hoặc LibreOffice bị lỗi, xem nhật "
            "ký); không phát hành. Hãy cài LibreOffice rồi chạy lại, hoặc ghi dispatched.word: true trong gói chế độ "
            "nếu nơi nhận chấp nhận tệp Word"
        )
