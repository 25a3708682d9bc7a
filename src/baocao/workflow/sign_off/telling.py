"""Who must know of a decision: the signer that it is their turn, the office that it came back or was signed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from baocao.delivery import contexts, outbox
from baocao.delivery.contexts.common import issuer_of
from baocao.model.report import Decision, Report, Role, Signature
from baocao.store import reports, signoff, standing
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.sign_off.newer import newer_than, sentence

_MIME = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_PARTS = ("to-trinh_", "bao-cao_", "tong-hop_")
"""What a decider reads, in this order: the submission note, the report, its tables."""


def to_decide_on(conn: Connection, report: Report) -> list[outbox.Attachment]:
    """The frozen files a decision is about; of the report the PDF where there is one, else the Word file."""
    bound = {entry["name"]: entry["sha256"] for entry in (reports.manifest(conn, report.id) or {}).get("files", ())}
    chosen = [next((n for n in sorted(bound, reverse=True) if n.startswith(part)), None) for part in _PARTS]
    return [outbox.Attachment(n, bound[n], _MIME[n.rpartition(".")[2]]) for n in chosen if n is not None]


def tell(
    period_mail: PeriodMail,
    conn: Connection,
    report: Report,
    role: Role,
    decision: Decision,
    signature: Signature | None,
    as_of: datetime,
) -> None:
    """One letter about a decision that was just recorded."""
    authority, period = period_mail.pack.regime.authority, period_mail.period
    assert period is not None
    # The first round keeps the step it always had: a letter is written once a step.
    again = len(signoff.revocations(conn, report.id))
    step = f"report-{report.id}-{decision.value}-{role.told}" + (f"-{again + 1}" if again else "")
    office = authority.standing_office
    context: contexts.LetterContext
    attached: list[outbox.Attachment] = []
    if decision is Decision.RETURN:
        context = contexts.ReportReturned(
            head=period_mail.head,
            addressee=office,
            role=role.value,
            version=report.version,
            due_at=period.province.due_at,
            safe_on=period.province.safe_on,
            where=where_to_look(period_mail, "nhật ký sự kiện và phiếu trả lại trên trang Airflow"),
        )
        to = authority.standing_email
    elif decision is Decision.APPROVE:
        attached = to_decide_on(conn, report)
        totals = standing.statistics(conn, report.regime, report.period)
        context = contexts.ApprovalRequested(
            head=period_mail.head,
            addressee=issuer_of(period_mail.pack.regime),
            role=Role.PEOPLES_COMMITTEE.value,
            version=report.version,
            content_sha256=report.content_sha256 or "",
            counted=len(reports.inputs(conn, report.id)),
            expected=totals.expected,
            due_at=period.province.due_at,
            safe_on=period.province.safe_on,
            where=where_to_look(
                period_mail,
                f"trang trình ký của hệ thống báo cáo; không dùng trang này thì báo quyết định cho {office} ghi nhận",
            ),
            newer=sentence(newer_than(period_mail.place, conn, report), report.version),
            files=tuple(file.filename for file in attached),
        )
        to = authority.leadership_email
    else:
        assert signature is not None
        context = contexts.Signed(
            head=period_mail.head,
            addressee=office,
            version=report.version,
            document_number=signature.number,
            document_symbol=signature.symbol,
            signed_on=signature.signed_on,
            content_sha256=report.content_sha256 or "",
            due_at=period.province.due_at,
        )
        to = authority.standing_email
    period_mail.post(conn, to=to, key="sign-off", step=step, context=context, at=as_of, attachments=attached)


def where_to_look(period_mail: PeriodMail, otherwise: str) -> str:
    """The address of the report's page on the desk, where the installation says where that is (`BAOCAO_DESK_URL`)."""
    base, period = period_mail.place.settings.desk_url, period_mail.period
    return f"{base}/r/{period_mail.pack.code}/p/{period.code}/report" if base and period is not None else otherwise


def tell_revoked(
    period_mail: PeriodMail, conn: Connection, report: Report, signature: Signature, round: int, at: datetime
) -> int:
    """To everybody who was told of the signature: the office, the signer, the operator. How many letters."""
    authority, period = period_mail.pack.regime.authority, period_mail.period
    assert period is not None
    told = (
        (authority.standing_email, authority.standing_office, "office"),
        (authority.leadership_email, issuer_of(period_mail.pack.regime), "signer"),
        (period_mail.place.settings.operator_email, "Bộ phận vận hành", "operator"),
    )
    for to, addressee, who in told:
        context = contexts.SignatureRevoked(
            head=period_mail.head,
            addressee=addressee,
            version=report.version,
            document_number=signature.number,
            document_symbol=signature.symbol,
            signed_on=signature.signed_on,
            content_sha256=report.content_sha256 or "",
            due_at=period.province.due_at,
        )
        step = f"report-{report.id}-revoked-{round}-{who}"
        period_mail.post(conn, to=to, key="sign-off", step=step, context=context, at=at)
    return len(told)
