"""What people decide about a frozen report, and its dispatch: each bound to the hash of the content they saw."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from baocao.model.report import Decision, Report, ReportStatus, Role, Signature
from baocao.store.database import ContentMismatch, StaleStatus, StepNotAllowed
from baocao.store.inserts import insert_once
from baocao.store.moves import move
from baocao.store.queries import query
from baocao.store.reports.reports import report_of
from baocao.store.tables import approval, dispatch, report, revocation

_MOVES: dict[tuple[Role, Decision], tuple[ReportStatus | set[ReportStatus], ReportStatus]] = {
    (Role.STANDING_OFFICE, Decision.APPROVE): (ReportStatus.FROZEN, ReportStatus.APPROVED),
    # The office may still say no after its own yes: of two answers at once the "no" is never lost.
    (Role.STANDING_OFFICE, Decision.RETURN): ({ReportStatus.FROZEN, ReportStatus.APPROVED}, ReportStatus.RETURNED),
    (Role.PEOPLES_COMMITTEE, Decision.SIGN): (ReportStatus.APPROVED, ReportStatus.SIGNED),
    (Role.PEOPLES_COMMITTEE, Decision.RETURN): (ReportStatus.APPROVED, ReportStatus.RETURNED),
}


@dataclass(frozen=True, slots=True)
class Approval:
    """A decision a person took about a report."""

    report_id: int
    role: Role
    decision: Decision
    content_sha256: str
    by: str
    at: datetime
    note: str
    signature: Signature | None
    round: int = 1
    """counts the signatures, the ones taken back included"""


@dataclass(frozen=True, slots=True)
class Revoked:
    """A signature that was taken back before anything was dispatched."""

    report_id: int
    round: int
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Dispatched:
    """One recipient got the package."""

    report_id: int
    recipient: str
    name: str
    address: str
    content_sha256: str
    package_sha256: str
    outbox_id: int | None
    dispatched_at: datetime
    receipt: str | None
    accepted_by_ministry_at: datetime | None
    handed_over_at: datetime | None
    """when the letter left us: the mail server took it, or the recipient confirmed to have the report"""
    confirmed_on: str | None
    confirmed_by: str | None
    confirmation_name: str | None
    confirmation_sha256: str | None


def decide(
    conn: Connection,
    report_id: int,
    *,
    role: Role,
    decision: Decision,
    content_sha256: str,
    by: str,
    at: datetime,
    note: str = "",
    signature: Signature | None = None,
) -> Report:
    """Record one decision and move the report: approve, sign or return.

    Raises ContentMismatch when `content_sha256` is not the report's; StepNotAllowed when the role may not decide this,
    a return has no reason, a signature is missing, incomplete or too long, or a later version is frozen; StaleStatus
    when the report is not waiting for this decision. Nothing is written then.
    """
    role, decision = Role(role), Decision(decision)
    current = report_of(conn, report_id)
    _require_allowed(role, decision, by, note, signature)
    if current.content_sha256 != content_sha256:
        raise ContentMismatch(
            f"Báo cáo tổng hợp số {report_id}: mã băm {content_sha256} không phải của bản đang có "
            f"({current.content_sha256 or 'chưa chốt'}); hãy mở lại bản đang có rồi quyết định"
        )
    later = conn.execute(query(conn, "reports", "overtaken"), {"id": report_id}).scalar()
    if later is not None:
        raise StepNotAllowed(f"Báo cáo tổng hợp số {report_id}: đã có phiên bản {later} thay thế; hãy xem phiên bản đó")
    expected, new = _MOVES[role, decision]
    # First: it locks the row, and of two decisions at once the second finds another status.
    move(conn, report, report_id, expected, new)
    row: dict[str, Any] = {"role": role.value, "decision": decision.value, "content_sha256": content_sha256, "at": at}
    row |= {"report_id": report_id, "by": by.strip(), "note": note.strip()} | _signature_columns(signature)
    row["round"] = 1 + len(revocations(conn, report_id))
    try:
        conn.execute(insert(approval).values(**row))
    except IntegrityError as error:
        raise StaleStatus(f"Báo cáo tổng hợp số {report_id}: {role} đã quyết định trước đó") from error
    return report_of(conn, report_id)


def approvals(conn: Connection, report_id: int) -> list[Approval]:
    """The decisions about a report, in the order they were taken."""
    rows = conn.execute(select(approval).where(approval.c.report_id == report_id).order_by(approval.c.id))
    return [
        Approval(
            report_id=row.report_id,
            role=Role(row.role),
            decision=Decision(row.decision),
            content_sha256=row.content_sha256,
            by=row.by,
            at=row.at,
            note=row.note,
            signature=None
            if row.decision != Decision.SIGN
            else Signature(
                row.document_number,
                row.document_symbol,
                date.fromisoformat(row.signed_on),
                row.signer,
                row.signer_title or "",
            ),
            round=row.round,
        )
        for row in rows
    ]


def signed(conn: Connection, report_id: int) -> Approval | None:
    """The signature of the People's Committee that stands; None while there is none."""
    back = {r.round for r in revocations(conn, report_id)}
    return next((a for a in approvals(conn, report_id) if a.decision is Decision.SIGN and a.round not in back), None)


def revoke(conn: Connection, report_id: int, *, by: str, reason: str, at: datetime) -> Revoked:
    """Take the standing signature back: SIGNED -> APPROVED, over the same content, to be signed again.

    Raises StepNotAllowed without a name or a reason, when nothing is signed, and once anything was handed to dispatch.
    """
    if not by.strip() or not reason.strip():
        raise StepNotAllowed("Thu hồi chữ ký phải ghi rõ người thu hồi và lý do")
    standing = signed(conn, report_id)
    current = report_of(conn, report_id)
    if standing is None or current.status is not ReportStatus.SIGNED:
        raise StepNotAllowed(
            f"Báo cáo tổng hợp số {report_id}: đang là {current.status}, không có chữ ký nào để thu hồi"
        )
    if dispatches(conn, report_id):
        raise StepNotAllowed(
            f"Báo cáo tổng hợp số {report_id}: đã bắt đầu gửi đi, không thu hồi chữ ký được; hãy phát hành xong rồi "
            "mở đính chính (`baocao correct --document`)"
        )
    row = {"report_id": report_id, "round": standing.round, "reason": reason.strip(), "by": by.strip(), "at": at}
    # In this order: the database takes a revocation of a SIGNED report only, and lets that go back with the row alone.
    conn.execute(insert(revocation).values(**row))
    move(conn, report, report_id, ReportStatus.SIGNED, ReportStatus.APPROVED)
    return Revoked(**row)  # type: ignore[arg-type]


def revocations(conn: Connection, report_id: int) -> list[Revoked]:
    """The signatures of a report that were taken back, in that order."""
    c = revocation.c
    rows = conn.execute(
        select(c.report_id, c.round, c.reason, c.by, c.at).where(c.report_id == report_id).order_by(c.round)
    )
    return [Revoked(**row._mapping) for row in rows]


def record_dispatch(
    conn: Connection,
    report_id: int,
    *,
    recipient: str,
    name: str,
    address: str,
    content_sha256: str,
    package_sha256: str,
    dispatched_at: datetime,
    recipients: Collection[str],
    outbox_id: int | None = None,
) -> Report:
    """Record that the package is on its way to one recipient; the report stays SIGNED until all have it.

    Recording the same again changes nothing. Raises ContentMismatch unless `content_sha256` is the hash that was
    signed; StepNotAllowed for an unsigned report, a recipient who is not one of `recipients`, or another package than
    before.
    """
    current = report_of(conn, report_id)
    signature = signed(conn, report_id)
    if signature is None:
        raise StepNotAllowed(f"Báo cáo tổng hợp số {report_id}: chưa được ký ({current.status}), không được phát hành")
    if not content_sha256 == signature.content_sha256 == current.content_sha256:
        raise ContentMismatch(
            f"Báo cáo tổng hợp số {report_id}: bản định phát hành ({content_sha256}) không phải bản đã ký "
            f"({signature.content_sha256}); không phát hành"
        )
    if recipient not in recipients:
        raise StepNotAllowed(f"Báo cáo tổng hợp số {report_id}: {recipient} không phải nơi nhận của loại báo cáo này")
    row = {
        "report_id": report_id,
        "recipient": recipient,
        "name": name,
        "address": address,
        "content_sha256": content_sha256,
        "package_sha256": package_sha256,
        "dispatched_at": dispatched_at,
        "outbox_id": outbox_id,
    }
    insert_once(conn, dispatch, row, ("report_id", "recipient"), dispatched_at)
    done = {d.recipient: d for d in dispatches(conn, report_id)}
    # What was written stays, whoever was first: a second package for the same recipient must be noticed.
    if done[recipient].package_sha256 != package_sha256:
        raise StepNotAllowed(f"Báo cáo tổng hợp số {report_id}: {recipient} đã được gửi một gói khác trước đó")
    return current


def dispatches(conn: Connection, report_id: int) -> list[Dispatched]:
    """Who was sent the report, in that order."""
    rows = conn.execute(select(dispatch).where(dispatch.c.report_id == report_id).order_by(dispatch.c.id))
    return [Dispatched(**{k: v for k, v in row._mapping.items() if k != "id"}) for row in rows]


def _signature_columns(signature: Signature | None) -> dict[str, str]:
    if signature is None:
        return {}
    return {
        "document_number": signature.number.strip(),
        "document_symbol": signature.symbol.strip(),
        "signed_on": signature.signed_on.isoformat(),
        "signer": signature.signer.strip(),
        "signer_title": signature.signer_title.strip(),
    }


def _require_allowed(role: Role, decision: Decision, by: str, note: str, signature: Signature | None) -> None:
    if (role, decision) not in _MOVES:
        raise StepNotAllowed(f"{role} không có quyền '{decision}': cơ quan tổng hợp duyệt, cơ quan ban hành ký")
    if not by.strip():
        raise StepNotAllowed("Quyết định phải ghi rõ người quyết định")
    if decision is Decision.RETURN and not note.strip():
        raise StepNotAllowed("Trả lại báo cáo phải ghi rõ lý do")
    if (decision is Decision.SIGN) != (signature is not None):
        raise StepNotAllowed("Ký ban hành phải có số, ký hiệu, ngày ký và người ký; các quyết định khác thì không")
    if signature is not None:
        if not (signature.number.strip() and signature.symbol.strip() and signature.signer.strip()):
            raise StepNotAllowed("Ký ban hành phải có đủ số, ký hiệu và người ký")
        if len(signature.number) > 11 or len(signature.symbol) > 30:
            raise StepNotAllowed(
                "Số văn bản dài tối đa 11 ký tự, ký hiệu tối đa 30 ký tự (Nghị định 30/2020/NĐ-CP, Phụ lục VI)"
            )


def same_number(conn: Connection, of: Report, signature: Signature) -> tuple[int, ...]:
    """Other reports of the regime signed in the same year under the same number and symbol: the officer is warned."""
    rows = conn.execute(
        select(approval.c.report_id)
        .join(report, report.c.id == approval.c.report_id)
        .where(
            report.c.regime == of.regime,
            approval.c.report_id != of.id,
            approval.c.decision == "sign",
            approval.c.document_number == signature.number,
            approval.c.document_symbol == signature.symbol,
            approval.c.signed_on.startswith(f"{signature.signed_on.year}-"),
        )
        .order_by(approval.c.report_id)
    )
    return tuple(row.report_id for row in rows)
