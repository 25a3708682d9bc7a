"""Who must know of a decision: the signer that it is their turn, the office that it came back or was signed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery import contexts, outbox
from baocao.media_types import media_type_of
from baocao.model.report import Decision, Report, Role, Signature
from baocao.store import standing
from baocao.store.reports import reports, signoff
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.sign_off.newer import newer_than, sentence

_PARTS = ("to-trinh_", "bao-cao_", "tong-hop_")
"""What a decider reads, in this order: the submission note, the report, its tables."""


def to_decide_on(conn: Connection, report: Report) -> list[outbox.Attachment]:
    """The frozen files a decision is about; of the report the PDF where there is one, else the Word file."""
    bound = {entry["name"]: entry["sha256"] for entry in (reports.manifest(conn, report.id) or {}).get("files", ())}
    chosen = [next((n for n in sorted(bound, reverse=True) if n.startswith(part)), None) for part in _PARTS]
    return [outbox.Attachment(n, bound[n], media_type_of(n)) for n in chosen if n is not None]


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
    if decision is Decision.APPROVE:
        otherwise = (
            "trang trình ký của hệ thống báo cáo; không dùng trang này thì báo quyết định cho "
            f"{authority.standing_office} ghi nhận"
        )
        totals = standing.statistics(conn, report.regime, report.period)
        counted = len(reports.inputs(conn, report.id)), totals.expected
        newer = sentence(newer_than(period_mail.place, conn, report), report.version)
        ask_for_decision(period_mail, conn, report, Role.PEOPLES_COMMITTEE, counted, otherwise, step, as_of, newer)
        return
    context: contexts.LetterContext
    if decision is Decision.RETURN:
        context = contexts.ReportReturned(
            head=period_mail.head,
            addressee=authority.standing_office,
            role=role.value,
            version=report.version,
            due_at=period.province.due_at,
            safe_on=period.province.safe_on,
            where=where_to_look(period_mail, "nhật ký sự kiện và phiếu trả lại của hệ thống báo cáo"),
        )
    else:
        assert signature is not None
        context = contexts.Signed(addressee=authority.standing_office, **_signed(period_mail, report, signature))
    period_mail.post(conn, to=authority.standing_email, key="sign-off", step=step, context=context, at=as_of)


def ask_for_decision(
    period_mail: PeriodMail,
    conn: Connection,
    report: Report,
    role: Role,
    counted: tuple[int, int],
    otherwise: str,
    step: str,
    at: datetime,
    newer: str = "",
) -> None:
    """The letter with the frozen files to whoever decides next. `counted`: units in the report, units that owed;
    `otherwise`: where the decision is made when the desk has no address."""
    authority, period, attached = period_mail.pack.regime.authority, period_mail.period, to_decide_on(conn, report)
    assert period is not None
    of_office = role is Role.STANDING_OFFICE
    context = contexts.ApprovalRequested(
        head=period_mail.head,
        addressee=authority.standing_office if of_office else period_mail.pack.regime.authority.issuer_in_sentence,
        role=role.value,
        version=report.version,
        content_sha256=report.content_sha256 or "",
        counted=counted[0],
        expected=counted[1],
        due_at=period.province.due_at,
        safe_on=period.province.safe_on,
        where=where_to_look(period_mail, otherwise),
        newer=newer,
        files=tuple(file.filename for file in attached),
    )
    to = authority.standing_email if of_office else authority.leadership_email
    period_mail.post(conn, to=to, key="sign-off", step=step, context=context, at=at, attachments=attached)


def _signed(period_mail: PeriodMail, report: Report, signature: Signature) -> dict[str, Any]:
    """What a letter about a signature says of it."""
    assert period_mail.period is not None
    return {
        "head": period_mail.head,
        "version": report.version,
        "document_number": signature.number,
        "document_symbol": signature.symbol,
        "signed_on": signature.signed_on,
        "content_sha256": report.content_sha256 or "",
        "due_at": period_mail.period.province.due_at,
    }


def where_to_look(period_mail: PeriodMail, otherwise: str) -> str:
    """The address of the report's page on the desk, where the installation says where that is (`BAOCAO_DESK_URL`)."""
    base, period = period_mail.place.settings.desk_url, period_mail.period
    return f"{base}/r/{period_mail.pack.code}/p/{period.code}/report" if base and period is not None else otherwise


def tell_revoked(
    period_mail: PeriodMail, conn: Connection, report: Report, signature: Signature, round: int, at: datetime
) -> int:
    """To everybody who was told of the signature: the office, the signer, the operator. How many letters."""
    authority = period_mail.pack.regime.authority
    told = (
        (authority.standing_email, authority.standing_office, "office"),
        (authority.leadership_email, period_mail.pack.regime.authority.issuer_in_sentence, "signer"),
        (period_mail.place.settings.operator_email, "Bộ phận vận hành", "operator"),
    )
    for to, addressee, who in told:
        context = contexts.SignatureRevoked(addressee=addressee, **_signed(period_mail, report, signature))
        step = f"report-{report.id}-revoked-{round}-{who}"
        period_mail.post(conn, to=to, key="sign-off", step=step, context=context, at=at)
    return len(told)
