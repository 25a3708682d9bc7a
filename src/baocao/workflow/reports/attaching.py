"""The signed document of a report: the PDF signed digitally, held against our own, or a scan that says it is one."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery.signature_rules import is_visible
from baocao.documents.pdf_files.signed import NotOurDocumentError, examine_signed_pdf
from baocao.intake.copies import NotACopyError, require_copy
from baocao.model.report import Report, ReportStatus
from baocao.model.signed_copy import CopyKind, SignedCopyRule
from baocao.store.reports import report_copies, reports, signoff
from baocao.store.reports.report_copies import SignedCopy
from baocao.store.trail import events
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.reports.issuing import issued_files, signed_report
from baocao.workflow.sign_off.outgoing import Outgoing
from baocao.workflow.verb_answers import plain

_NAMES = {SignedCopyRule.SCAN: "bản quét", SignedCopyRule.DIGITAL: "PDF ký số"}


def attach_signed(
    place: Installation, report_id: int, data: bytes, filename: str, *, by: str, as_of: datetime, scan: bool = False
) -> dict[str, Any]:
    """Attach the signed document of a signed report, before it is dispatched; the last one attached holds.

    Without `scan` the file must be our own PDF of this very signature with nothing but digital signatures added; whose
    certificates they are and whether they lead to a trust root is recorded as found. A `scan` is taken as it is, under
    the name of who attached it, and is called a scan everywhere. Idempotent for the same file. Raises Refused with a
    sentence for the person who attached it.
    """
    if not is_visible(by):
        raise Refused("Gắn bản ký phải ghi rõ người gắn (--by): tên có chữ, không có ký tự ẩn hay xuống dòng")
    try:
        kind = require_copy(data)
    except NotACopyError as error:
        raise Refused(str(error)) from error
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
        # Asked before the examination, which takes seconds, and again in the transaction.
        _require_not_sent(conn, report)
    sending = signed_report(place, report_id)
    found = [] if scan else _examined(place, sending, data, kind, as_of)
    sha256 = place.store.files.put(data)
    with place.store.begin() as conn:
        _require_not_sent(conn, report)
        standing = signoff.signed(conn, report_id)
        # The examined PDF carries number and signer of one signature: another one has another document.
        if standing is None or standing.signature != sending.signature:
            raise Refused("Chữ ký của báo cáo vừa bị thu hồi hoặc thay đổi; hãy xem lại rồi gắn bản ký của lần ký mới")
        before = report_copies.attached(conn, report_id, standing.round)
        wanted = SignedCopyRule.SCAN if scan else SignedCopyRule.DIGITAL
        if before is not None and (before.sha256, before.kind) == (sha256, wanted):
            return _answer(sending, before, repeated=True)
        document = report_copies.issued(conn, report_id, standing.round)
        kept = report_copies.attach(
            conn,
            report_id=report_id,
            round=standing.round,
            kind=wanted,
            filename=filename,
            sha256=sha256,
            size=len(data),
            pdf_sha256=None if scan or document is None else document.pdf_sha256,
            signatures=found,
            by=by.strip(),
            at=as_of,
        )
        _record(conn, report, kept)
    return _answer(sending, kept, repeated=False)


def _examined(
    place: Installation, sending: Outgoing, data: bytes, kind: CopyKind, as_of: datetime
) -> list[dict[str, Any]]:
    """The signatures found in it. Raises Refused when it is not our PDF with signatures added."""
    if kind is not CopyKind.PDF:
        raise Refused("Ảnh không mang chữ ký số. Nếu đây là bản quét của văn bản đã ký giấy, hãy thêm --scan")
    # Held against the kept bytes: a signature added to a PDF appends to it and changes nothing before (ADR 0031).
    ours = issued_files(place, sending, as_of).pdf
    if ours is None:
        raise Refused(
            "Chưa có bản PDF của báo cáo để đối chiếu (máy này không có LibreOffice); hãy cài LibreOffice rồi ký bản "
            "PDF do `baocao issue` ghi ra, hoặc gắn bản quét bằng --scan"
        )
    roots = place.settings.trusted_certificates()
    try:
        found = examine_signed_pdf(ours, data, roots)
    except NotOurDocumentError as error:
        raise Refused(str(error)) from error
    return [plain(asdict(one)) for one in found.signatures]


def require_signed_copy(sending: Outgoing, copy: SignedCopy | None) -> None:
    """Raises Refused when the pack wants a signed document that is not attached, or not good enough."""
    if why := insufficient(sending, copy):
        raise Refused(f"Không phát hành: {why}")


def insufficient(sending: Outgoing, copy: SignedCopy | None) -> str:
    """Why what is attached is not what the pack wants; empty when it is."""
    wanted = sending.pack.regime.dispatched.signed_copy
    if wanted is SignedCopyRule.NONE:
        return ""
    how = f"hãy gắn bằng `baocao attach-signed {sending.report.id} TỆP --by …`"
    if copy is None:
        return f"chế độ báo cáo này yêu cầu bản đã ký ({_NAMES[wanted]}) mà chưa gắn; {how}"
    if wanted is SignedCopyRule.SCAN:
        return ""
    if copy.kind is not SignedCopyRule.DIGITAL:
        return f"chế độ báo cáo này yêu cầu PDF ký số, bản đang gắn là {_NAMES[copy.kind]}; {how}"
    if not copy.trusted:
        why = "; ".join(dict.fromkeys(str(one["why_not"]) for one in copy.signatures))
        return f"chữ ký số của bản đang gắn chưa được tin cậy ({why}); {how}"
    return ""


def said_of(copy: SignedCopy) -> str:
    """One line for people: what is attached, whose signatures, whether they are trusted."""
    if copy.kind is SignedCopyRule.SCAN:
        return f"bản quét {copy.filename}, do {copy.by} gắn (không kiểm tra được chữ ký)"
    signers = "; ".join(
        f"{one['signer'] or 'không rõ tên'}"
        + (f", {one['organisation']}" if one["organisation"] else "")
        + (" (chứng thư tin cậy)" if one["trusted"] else f" (CHƯA TIN CẬY: {one['why_not']})")
        for one in copy.signatures
    )
    return f"PDF ký số {copy.filename}, do {copy.by} gắn; chữ ký: {signers}"


def _require_not_sent(conn: Connection, report: Report) -> None:
    if report.status is ReportStatus.DISPATCHED or signoff.dispatches(conn, report.id):
        raise Refused(
            f"Báo cáo {report.period} phiên bản {report.version} đã bắt đầu gửi đi, không gắn bản ký nữa; văn bản sai "
            "thì mở đính chính (`baocao correct --document`)"
        )


def _record(conn: Connection, report: Report, kept: SignedCopy) -> None:
    payload = {
        "report_id": report.id,
        "round": kept.round,
        "kind": kept.kind.value,
        "filename": kept.filename,
        "sha256": kept.sha256,
        "size": kept.size,
        "signatures": [dict(one) for one in kept.signatures],
    }
    events.append(conn, kept.at, kept.by, "signed_copy_attached", report, f"signed_copy/{kept.id}", payload)


def _answer(sending: Outgoing, kept: SignedCopy, *, repeated: bool) -> dict[str, Any]:
    return {
        "report_id": kept.report_id,
        "copy_id": kept.id,
        "kind": kept.kind.value,
        "filename": kept.filename,
        "sha256": kept.sha256,
        "signatures": [dict(one) for one in kept.signatures],
        "said": said_of(kept),
        "missing": insufficient(sending, kept),
        "repeated": repeated,
    }


def signed_copy_state(place: Installation, report_id: int) -> dict[str, Any]:
    """Whether the report may go out as far as its signed document is concerned: `{ready, why, said}`."""
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
        standing = signoff.signed(conn, report_id)
        copy = None if standing is None else report_copies.attached(conn, report_id, standing.round)
    if report.status is ReportStatus.DISPATCHED:
        return {"ready": True, "why": "", "said": "" if copy is None else said_of(copy)}
    why = insufficient(signed_report(place, report_id), copy)
    return {"ready": not why, "why": why, "said": "" if copy is None else said_of(copy)}
