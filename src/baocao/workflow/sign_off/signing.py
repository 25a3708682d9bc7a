"""Sign-off: two people decide, bound to the content they saw. Our row is the decision, Airflow only asks for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from baocao.checks.texts.signatories import not_a_name, not_a_title
from baocao.delivery.signature_rules import SignatureContext, SignatureRefused, TypedSignature, checked_signature
from baocao.model.report import Decision, Report, ReportStatus, Role, Signature
from baocao.store.database import ContentMismatch, StaleStatus
from baocao.store.database import StepNotAllowed as StoreRefused
from baocao.store.reports import corrections, reports, signoff
from baocao.store.trail import events
from baocao.text import day_text
from baocao.workflow.consolidating.holding import require_no_open_objection, require_overruled_are_told
from baocao.workflow.installation import Installation, Refused, require_readable
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.sign_off.attempts import attempted
from baocao.workflow.sign_off.coverage import require_coverage
from baocao.workflow.sign_off.newer import newer_than, require_known
from baocao.workflow.sign_off.outgoing import outgoing
from baocao.workflow.sign_off.people import require_may_decide
from baocao.workflow.sign_off.sources import require_sources_decided
from baocao.workflow.sign_off.telling import tell


@dataclass(frozen=True, slots=True)
class _Decided:
    """What somebody decided about a report, as it was entered."""

    role: Role
    decision: Decision
    content_sha256: str
    by: str
    as_of: datetime
    note: str
    user: str
    knowingly: bool
    given: TypedSignature | None = None

    @property
    def doing(self) -> str:
        return {Decision.APPROVE: "duyệt", Decision.SIGN: "ký", Decision.RETURN: "trả lại"}[self.decision]


# What a repeated answer finds: Airflow runs a task again that died after recording, and it must end green (ADR 0003).
_DONE = {
    (Role.STANDING_OFFICE, Decision.APPROVE): {ReportStatus.APPROVED, ReportStatus.SIGNED, ReportStatus.DISPATCHED},
    (Role.PEOPLES_COMMITTEE, Decision.SIGN): {ReportStatus.SIGNED, ReportStatus.DISPATCHED},
}


def approve(
    place: Installation,
    report_id: int,
    content_sha256: str,
    decision: str,
    *,
    by: str,
    as_of: datetime,
    note: str = "",
    user: str = "",
    knowingly: bool = False,
) -> dict[str, Any]:
    """The standing office approves a frozen report, or returns it with a note.

    `user` is the account that enters the decision (`os:…`, `airflow:…`). The office may still return what it approved
    until it is signed. Idempotent for the same decision. Raises Refused, after writing the attempt down, when this
    person may not decide (`sign_off.people`), the report is not the one that was shown, has been superseded,
    or is returned without a reason; and when reports were accepted that the version lacks, unless it is approved
    `knowingly`, which is put on record.
    """
    role = Role.STANDING_OFFICE
    return _decide(
        place, report_id, _Decided(role, Decision(decision), content_sha256, by, as_of, note, user, knowingly)
    )


def sign(
    place: Installation,
    report_id: int,
    content_sha256: str,
    decision: str,
    *,
    by: str,
    as_of: datetime,
    number: str | None = None,
    symbol: str | None = None,
    signed_on: date | str | None = None,
    signer: str | None = None,
    signer_title: str | None = None,
    note: str = "",
    user: str = "",
    knowingly: bool = False,
) -> dict[str, Any]:
    """The People's Committee signs (number, date and signer are required; the symbol and title default to the pack's),
    or returns with a note. A number is given by the registry: it is never made up here. Whatever dispatch would refuse
    because of the signature is refused here. `warnings` in the answer says what is odd (a day off). Raises Refused as
    `approve`.
    """
    given = TypedSignature(number, symbol, signed_on, signer, signer_title)
    role = Role.PEOPLES_COMMITTEE
    return _decide(
        place, report_id, _Decided(role, Decision(decision), content_sha256, by, as_of, note, user, knowingly, given)
    )


def decision_of(place: Installation, report_id: int, role: Role) -> dict[str, Any] | None:
    """What a role has decided about a report and still stands: `{decision, by, at, status}`; None while it has not."""
    with place.store.read() as conn:
        # A signature that was taken back is no decision any more: the question is asked anew.
        back = {r.round for r in signoff.revocations(conn, report_id)}
        taken = [
            a
            for a in signoff.approvals(conn, report_id)
            if a.role is role and not (a.decision is Decision.SIGN and a.round in back)
        ]
        status = reports.report_of(conn, report_id).status
    if not taken:
        return None
    last = taken[-1]
    return {"decision": last.decision.value, "by": last.by, "at": last.at, "status": status.value}


def newer_version(place: Installation, report_id: int) -> int | None:
    """The version that stands in this report's place by now: frozen or further. None while there is none."""
    with place.store.read() as conn:
        asked = reports.report_of(conn, report_id)
        newest = reports.latest(conn, asked.regime, asked.period)
    if newest is None or newest.id == report_id or newest.status in {ReportStatus.DRAFT, ReportStatus.RETURNED}:
        return None
    return newest.version


def _decide(place: Installation, report_id: int, said: _Decided) -> dict[str, Any]:
    """Take a decision, or answer it again where it stands already. Raises Refused after noting the attempt."""
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
    done = _DONE.get((said.role, said.decision), set())
    if report.status in done and report.content_sha256 == said.content_sha256:
        return _answer(place, report, said, repeated=True)
    if report.status is ReportStatus.RETURNED and said.decision is Decision.RETURN:
        return _answer(place, report, said, repeated=True)
    what = {"role": said.role.value, "decision": said.decision.value}
    what |= {"by": said.by, "user": said.user, "content_sha256": said.content_sha256}
    # Around the transaction: the refusal is written down after it was rolled back.
    with attempted(place, report, what, said.as_of):
        warnings = _record(place, report, said)
    # Behind the commit: the signer's letter must not say what was rolled back.
    flush(place, said.as_of)
    with place.store.read() as conn:
        report = reports.report_of(conn, report_id)
    return {**_answer(place, report, said, repeated=False), "warnings": warnings}


def _record(place: Installation, report: Report, said: _Decided) -> list[str]:
    """One decision, its event and its letter in one transaction; what is odd about it. Raises Refused."""
    period_mail = PeriodMail(place, *place.at(report.regime, report.period))
    # PostgreSQL stores no NUL in a text, SQLite does.
    if "\0" in said.note:
        raise Refused("Ý kiến có ký tự không lưu được (NUL); hãy gõ lại")
    require_readable("Ghi chú", said.note)
    if said.decision is Decision.RETURN and not said.note.strip():
        raise Refused("Trả lại báo cáo phải ghi lý do: hãy nêu điều cần sửa")
    signature, warnings = None, tuple[str, ...]()
    try:
        with place.store.begin() as conn:
            known = _require_decidable(period_mail, conn, report, said)
            note = f"{said.note.strip()} {known}".strip()
            # Before the decision is written: whatever is wrong with number or day is told before anything is signed.
            if said.decision is Decision.SIGN:
                signature, warnings = _signature(place, conn, report, said.given or TypedSignature(), said.as_of)
            signoff.decide(
                conn,
                report.id,
                role=said.role,
                decision=said.decision,
                content_sha256=said.content_sha256,
                by=said.by,
                at=said.as_of,
                note=note,
                signature=signature,
            )
            # In the transaction: a decision without its letter would leave the next person waiting.
            tell(period_mail, conn, report, said.role, said.decision, signature, said.as_of)
            payload = {
                "role": said.role.value,
                "content_sha256": said.content_sha256,
                "note": note,
                "newer": [n.submission_id for n in newer_than(place, conn, report)],
                "number": signature.number if signature else "",
                "symbol": signature.symbol if signature else "",
                "signed_on": signature.signed_on.isoformat() if signature else "",
                "signer": signature.signer if signature else "",
                "signer_title": signature.signer_title if signature else "",
                "user": said.user,
            }
            action = f"report_{said.decision.value}"
            events.append(conn, said.as_of, said.by, action, report, f"report/{report.id}", payload)
    except (ContentMismatch, StaleStatus, StoreRefused) as error:
        raise Refused(str(error)) from error
    return list(warnings)


def _require_decidable(period_mail: PeriodMail, conn: Connection, report: Report, said: _Decided) -> str:
    """What is put on record beside the note. Raises Refused when this person, or anybody, may not decide this now."""
    place, doing = period_mail.place, said.doing
    require_may_decide(place, conn, report, said.role, said.decision, said.by, said.user)
    # Also for a return: what was replaced is decided by whoever decides about the newer one.
    newest = reports.latest(conn, report.regime, report.period)
    if newest is not None and newest.id != report.id:
        raise Refused(f"Đã có phiên bản {newest.version} mới hơn; không {doing} phiên bản {report.version} nữa")
    # Nothing below holds a return back: it is the way out of all of it (ADR 0014).
    if said.decision is Decision.RETURN:
        return ""
    assert period_mail.period is not None
    require_no_open_objection(place, conn, report.regime, report.period, doing)
    require_overruled_are_told(conn, report, doing)
    known = require_known(place, conn, report, doing, knowingly=said.knowingly)
    require_coverage(conn, period_mail.pack, period_mail.period.kind, report, doing)
    if said.decision is Decision.APPROVE:
        require_sources_decided(conn, period_mail.pack, report)
    return f"{known}." if known else ""


def _signature(
    place: Installation, conn: Connection, report: Report, given: TypedSignature, as_of: datetime
) -> tuple[Signature, tuple[str, ...]]:
    """The signature, if everything that follows from it can follow: files, metadata, cover letters. Raises Refused."""
    authority = place.pack(report.regime).regime.authority
    approved = [a.at for a in signoff.approvals(conn, report.id) if a.decision is Decision.APPROVE]
    circumstances = SignatureContext(
        symbol=authority.symbol,
        title=authority.signer_block[-1],
        today=place.day(report.regime, as_of),
        # The registry's day may lie before today, never before the office had approved what is signed.
        not_before=place.day(report.regime, approved[-1]) if approved else None,
        rehearsal=place.period(report.regime, report.period).is_rehearsal,
        working_days=place.working_days,
    )
    try:
        signature, warnings = checked_signature(given, circumstances)
    except SignatureRefused as error:
        raise Refused(str(error)) from error
    if said := not_a_name(signature.signer) or not_a_title(signature.signer_title):
        raise Refused(said)
    for field, text in (("Người ký", signature.signer), ("Chức vụ người ký", signature.signer_title)):
        require_readable(field, text)
    _require_own_number(conn, report, signature)
    if report.content_sha256 is not None:
        # Everything a dispatch would need is made once and thrown away: what it would refuse is refused now.
        outgoing(place, conn, report, signature)
    return signature, warnings


def _require_own_number(conn: Connection, report: Report, signature: Signature) -> None:
    """A correction is a document of its own. Raises Refused for the number, or a day before that, of the report it
    replaces; where that report's number or day was what was wrong, for a signature that says the same again."""
    opened = corrections.of_version(conn, report.regime, report.period, report.version)
    if opened is None:
        return
    before = signoff.signed(conn, opened.corrects_id)
    assert before is not None
    assert before.signature is not None
    replaced = before.signature
    named = f"{replaced.number}/{replaced.symbol} ngày {day_text(replaced.signed_on)}"
    if opened.is_of_document:
        if signature == replaced:
            raise Refused(f"Đính chính văn bản phải khác văn bản được đính chính (số {named}, {replaced.signer})")
        return
    if signature.signed_on < replaced.signed_on:
        raise Refused(f"Ngày ký báo cáo đính chính không thể trước báo cáo được thay thế (số {named})")
    # 05 and 5 are one number: below ten a zero is written before it (NĐ 30/2020, Phụ lục I). Numbers begin anew each
    # year.
    same = (signature.number.lstrip("0"), signature.symbol) == (replaced.number.lstrip("0"), replaced.symbol)
    if same and signature.signed_on.year == replaced.signed_on.year:
        raise Refused(f"Báo cáo đính chính phải mang số mới: số {named} là của báo cáo được thay thế; hãy hỏi văn thư")


def _answer(place: Installation, report: Report, said: _Decided, *, repeated: bool) -> dict[str, Any]:
    with place.store.read() as conn:
        newer = [n.as_data() for n in newer_than(place, conn, report)]
    return {
        "report_id": report.id,
        "version": report.version,
        "status": report.status.value,
        "role": said.role.told,
        "decision": said.decision.value,
        "content_sha256": report.content_sha256,
        "newer": newer,
        "repeated": repeated,
    }
