"""Sign-off: two people decide, bound to the content they saw. Airflow rings the bell; our row is the fact."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from baocao.checks.signature import not_a_name, not_a_title
from baocao.delivery import context as contexts
from baocao.delivery.context import issuer_of
from baocao.model.report import Decision, Report, ReportStatus, Role, Signature
from baocao.store import corrections, events, reports, signoff, standing
from baocao.store.database import ContentMismatch, StaleStatus
from baocao.store.database import Refused as StoreRefused
from baocao.workflow.differences import replaced as replaced_by
from baocao.workflow.holding import require_no_open_objection, require_overruled_are_told
from baocao.workflow.letters import Desk
from baocao.workflow.mailing import flush
from baocao.workflow.sign_off.newer import newer_than, require_known, sentence
from baocao.workflow.sign_off.sources import require_sources_decided
from baocao.workflow.workplace import Refused, Workplace, require_readable

_REHEARSED = "DT"
"""How the number of a rehearsed report begins: the registry's real numbers stay free."""
_DONE = {
    (Role.POLICE_OFFICE, Decision.APPROVE): {ReportStatus.APPROVED, ReportStatus.SIGNED, ReportStatus.DISPATCHED},
    (Role.PEOPLES_COMMITTEE, Decision.SIGN): {ReportStatus.SIGNED, ReportStatus.DISPATCHED},
}


def approve(
    place: Workplace,
    report_id: int,
    content_sha256: str,
    decision: str,
    *,
    by: str,
    as_of: datetime,
    note: str = "",
    knowingly: bool = False,
) -> dict[str, Any]:
    """The police office approves a frozen report, or returns it with a note.

    Idempotent for the same decision. Raises Refused when the report is not the one that was shown, has been superseded,
    or is returned without a reason; and when reports were accepted that the version lacks, unless it is approved
    `knowingly`, which is put on record.
    """
    role, chosen = Role.POLICE_OFFICE, Decision(decision)
    return _decide(place, report_id, role, chosen, content_sha256, by, as_of, note, None, knowingly=knowingly)


def sign(
    place: Workplace,
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
    knowingly: bool = False,
) -> dict[str, Any]:
    """The People's Committee signs (number, date and signer are required; the symbol and title default to the pack's),
    or returns with a note. A number is given by the registry: it is never made up here. `knowingly` as in `approve`.
    """
    chosen = Decision(decision)
    signature = None
    if chosen is Decision.SIGN:
        report = _report(place, report_id)
        pack = place.pack(report.regime)
        missing = [name for name, value in (("số", number), ("ngày ký", signed_on), ("người ký", signer)) if not value]
        if missing:
            raise Refused(f"Chưa thể ghi nhận việc ký: thiếu {', '.join(missing)}; hãy nhập đủ rồi ký lại")
        try:
            day = signed_on if isinstance(signed_on, date) else date.fromisoformat(str(signed_on))
        except ValueError:
            raise Refused(f"Ngày ký {signed_on!r} không đúng; hãy nhập dạng NĂM-THÁNG-NGÀY, ví dụ 2026-06-24") from None
        if place.period(report.regime, report.period).is_rehearsal and not str(number).strip().startswith(_REHEARSED):
            raise Refused(f"Báo cáo diễn tập không dùng số thật: số văn bản phải bắt đầu bằng {_REHEARSED}")
        signature = _written(
            Signature(
                number=str(number).strip(),
                symbol=(symbol or pack.regime.authority.symbol).strip(),
                signed_on=day,
                signer=str(signer).strip(),
                signer_title=(signer_title or pack.regime.authority.signer_block[-1]).strip(),
            )
        )
    role = Role.PEOPLES_COMMITTEE
    return _decide(place, report_id, role, chosen, content_sha256, by, as_of, note, signature, knowingly=knowingly)


def _written(signature: Signature) -> Signature:
    """The signature, when what is to be printed under the report is no placeholder. Raises Refused."""
    require_readable("Số văn bản", signature.number)
    require_readable("Ký hiệu", signature.symbol)
    said = not_a_name(signature.signer) or not_a_title(signature.signer_title)
    if said:
        raise Refused(said)
    require_readable("Người ký", signature.signer)
    require_readable("Chức vụ người ký", signature.signer_title)
    return signature


def _report(place: Workplace, report_id: int) -> Report:
    with place.store.read() as conn:
        return reports.report_of(conn, report_id)


def _decide(
    place: Workplace,
    report_id: int,
    role: Role,
    decision: Decision,
    content_sha256: str,
    by: str,
    as_of: datetime,
    note: str,
    signature: Signature | None,
    *,
    knowingly: bool,
) -> dict[str, Any]:
    report = _report(place, report_id)
    pack, period = place.at(report.regime, report.period)
    desk = Desk(place, pack, period)
    if decision is Decision.RETURN and not note.strip():
        raise Refused("Trả lại báo cáo phải ghi lý do: hãy nêu điều cần sửa")
    require_readable("Ghi chú", note)
    if report.status in _DONE.get((role, decision), set()) and report.content_sha256 == content_sha256:
        return _answer(place, report, role, decision, repeated=True)
    if report.status is ReportStatus.RETURNED and decision is Decision.RETURN:
        return _answer(place, report, role, decision, repeated=True)
    try:
        with place.store.begin() as conn:
            newest = reports.latest(conn, report.regime, report.period)
            if newest is not None and newest.id != report.id:
                raise Refused(
                    f"Đã có phiên bản {newest.version} mới hơn; không {_verb(decision)} phiên bản {report.version} nữa"
                )
            if decision is not Decision.RETURN:
                require_no_open_objection(place, conn, report.regime, report.period, _verb(decision))
                require_overruled_are_told(conn, report, _verb(decision))
                if decision is Decision.APPROVE:
                    require_sources_decided(conn, pack, report)
                known = require_known(place, conn, report, _verb(decision), knowingly=knowingly)
                note = f"{note.strip()} {known}.".strip() if known else note
            _require_own_number(conn, report, signature)
            signoff.decide(
                conn,
                report_id,
                role=role,
                decision=decision,
                content_sha256=content_sha256,
                by=by,
                at=as_of,
                note=note.strip(),
                signature=signature,
            )
            events.append(
                conn,
                at=as_of,
                actor=by,
                action=f"report_{decision.value}",
                regime=report.regime,
                period=report.period,
                subject=f"report/{report_id}",
                payload={
                    "role": role.value,
                    "content_sha256": content_sha256,
                    "note": note.strip(),
                    "newer": [n.submission_id for n in newer_than(place, conn, report)],
                    "number": signature.number if signature else "",
                    "symbol": signature.symbol if signature else "",
                },
            )
            _tell(desk, conn, report, role, decision, signature, as_of)
    except ContentMismatch as error:
        raise Refused(f"{error} Hãy mở lại bản mới nhất và xem trước khi quyết định.") from error
    except (StaleStatus, StoreRefused) as error:
        raise Refused(str(error)) from error
    flush(place, as_of)
    return _answer(place, _report(place, report_id), role, decision, repeated=False)


def _require_own_number(conn: Connection, report: Report, signature: Signature | None) -> None:
    """A correction is a document of its own. Raises Refused for the number, or a day before that, of the report it
    replaces."""
    opened = corrections.of_version(conn, report.regime, report.period, report.version)
    if opened is None or signature is None:
        return
    replaced = replaced_by(conn, opened)
    named = f"{replaced.number}/{replaced.symbol} ngày {replaced.signed_on:%d/%m/%Y}"
    if signature.signed_on < replaced.signed_on:
        raise Refused(f"Ngày ký báo cáo đính chính không thể trước báo cáo được thay thế (số {named})")
    same = (signature.number.lstrip("0"), signature.symbol) == (replaced.number.lstrip("0"), replaced.symbol)
    if same and signature.signed_on.year == replaced.signed_on.year:
        raise Refused(f"Báo cáo đính chính phải mang số mới: số {named} là của báo cáo được thay thế; hãy hỏi văn thư")


def _verb(decision: Decision) -> str:
    return {Decision.APPROVE: "duyệt", Decision.SIGN: "ký", Decision.RETURN: "trả lại"}[decision]


def _answer(place: Workplace, report: Report, role: Role, decision: Decision, *, repeated: bool) -> dict[str, Any]:
    with place.store.read() as conn:
        newer = [n.as_data() for n in newer_than(place, conn, report)]
    return {
        "report_id": report.id,
        "version": report.version,
        "status": report.status.value,
        "role": role.value,
        "decision": decision.value,
        "content_sha256": report.content_sha256,
        "newer": newer,
        "repeated": repeated,
    }


def _tell(
    desk: Desk,
    conn: Any,
    report: Report,
    role: Role,
    decision: Decision,
    signature: Signature | None,
    as_of: datetime,
) -> None:
    """Who must know: the signer that it is their turn, the office that it came back or was signed."""
    authority, period = desk.pack.regime.authority, desk.period
    assert period is not None
    where = "mục «Required Actions» trên trang Airflow, hoặc lệnh `baocao approve`/`baocao sign`"
    step = f"report-{report.id}-{decision.value}-{role.value}"
    office = authority.police_office
    context: contexts.LetterContext
    if decision is Decision.RETURN:
        context = contexts.ReportReturned(
            head=desk.head,
            addressee=office,
            role=role.value,
            version=report.version,
            due_at=period.province.due_at,
            safe_on=period.province.safe_on,
            where="nhật ký sự kiện và phiếu trả lại trên trang Airflow",
        )
        to = authority.police_email
    elif decision is Decision.APPROVE:
        totals = standing.statistics(conn, report.regime, report.period)
        context = contexts.ApprovalRequested(
            head=desk.head,
            addressee=issuer_of(desk.pack.regime),
            role=Role.PEOPLES_COMMITTEE.value,
            version=report.version,
            content_sha256=report.content_sha256 or "",
            counted=len(reports.inputs(conn, report.id)),
            expected=totals.expected,
            due_at=period.province.due_at,
            safe_on=period.province.safe_on,
            where=where,
            newer=sentence(newer_than(desk.place, conn, report), report.version),
        )
        to = authority.leadership_email
    else:
        assert signature is not None
        context = contexts.Signed(
            head=desk.head,
            addressee=office,
            version=report.version,
            document_number=signature.number,
            document_symbol=signature.symbol,
            signed_on=signature.signed_on,
            content_sha256=report.content_sha256 or "",
            due_at=period.province.due_at,
        )
        to = authority.police_email
    desk.post(conn, to=to, key="sign-off", step=step, context=context, at=as_of)
