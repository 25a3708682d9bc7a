"""Ý kiến của đơn vị chủ trì: raised, answered, overruled, withdrawn; who must know is told in the same transaction."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.checks.texts.privacy import number_of_a_person
from baocao.delivery.contexts.common import addressee_of
from baocao.delivery.contexts.lead_bodies import ObjectionClosed, ObjectionMended, ObjectionRaised
from baocao.intake.lead_comments import LONGEST, CommentLine, subject_of
from baocao.model.lead import CommentKind, CommentStatus, LeadComment
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by
from baocao.model.period import Period
from baocao.model.report import ReportStatus
from baocao.model.submission import Submission
from baocao.model.unit import Unit
from baocao.store import lead_comments, lead_slices, windows
from baocao.store.reports import reports
from baocao.store.submissions import submissions
from baocao.store.trail import events
from baocao.text import short_moment_text
from baocao.workflow.installation import Installation, Refused, require_readable
from baocao.workflow.lead_bodies.sharing import lead_body
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush


def comment(
    place: Installation,
    regime: str,
    period: str,
    lead: str,
    *,
    kind: str,
    unit: str,
    subject: str,
    text: str,
    by: str,
    as_of: datetime,
) -> dict[str, Any]:
    """Record a comment or an objection given otherwise than in the workbook; `subject` is `FORM/ROW/COLUMN`, or
    `DA` and a project's code.

    Idempotent: the same words on the same subject are one comment. Raises Refused for a subject the body does not lead,
    and for an objection that could hold nothing (no accepted report, or the report has been sent).
    """
    pack, when = place.at(regime, period)
    who = lead_body(pack, lead)
    target, words = subject_of(pack, who, subject), pack.regime.wording
    if target is None:
        raise Refused(
            f"{subject!r} không phải ô thuộc {words.project} do {who.full_name} chủ trì; hãy ghi BIỂU/DÒNG/CỘT, hoặc "
            f"{words.project_mark} và mã {words.project}"
        )
    remark = CommentLine("", unit, *target, CommentKind(kind), text.strip())
    with place.store.begin() as conn:
        said, new = record(conn, PeriodMail(place, pack, when), who, remark, by=by, as_of=as_of)
        if new:
            note_raised(conn, [said], as_of)
    flush(place, as_of)
    return {**summary(place, said), "repeated": not new}


def record(
    conn: Connection, period_mail: PeriodMail, lead: Unit, remark: CommentLine, *, by: str, as_of: datetime,
    source_sha256: str = "", slice_sha256: str = "",
) -> tuple[LeadComment, bool]:  # fmt: skip
    """Write one remark down and tell those an objection concerns; the caller adds the event. Raises Refused."""
    pack, period = period_mail.pack, _period(period_mail)
    unit = _require_recordable(conn, pack, period, remark)
    if not slice_sha256:
        # Which figures the body had before it when it spoke, also where it spoke on the telephone.
        shown = lead_slices.latest(conn, pack.code, period.code).get(lead.code)
        slice_sha256 = shown.content_sha256 if shown else ""
    said, new = lead_comments.raise_comment(
        conn,
        regime=pack.code,
        period=period.code,
        lead=lead.code,
        kind=remark.kind,
        unit=unit.code,
        project=remark.project,
        cell=remark.cell,
        text=remark.text,
        raised_at=as_of,
        raised_by=by,
        source_sha256=source_sha256,
        slice_sha256=slice_sha256,
    )
    # A comment asks nothing of the unit: it is read in the next slice.
    if new and said.kind is CommentKind.OBJECTION:
        _tell_raised(conn, period_mail, said, lead, unit, as_of)
    return said, new


def note_raised(conn: Connection, said: list[LeadComment], as_of: datetime) -> None:
    """One event row a comment; the last statements of their transaction."""
    for found in said:
        payload = {
            "lead": found.lead,
            "unit": found.unit,
            "subject": found.subject,
            "text_sha256": hashlib.sha256(found.text.encode()).hexdigest(),
            "source_sha256": found.source_sha256,
            "slice_sha256": found.slice_sha256,
        }
        events.append(
            conn, as_of, found.raised_by, f"lead_{found.kind.value}_raised", found, f"comment/{found.id}", payload
        )


def _require_recordable(conn: Connection, pack: Pack, period: Period, remark: CommentLine) -> Unit:
    """The unit spoken of. Raises Refused with what to do instead."""
    unit = pack.unit(remark.unit)
    owed = {o.unit for o in windows.obligations(conn, pack.code, period.code)}
    if unit is None or unit.code not in owed:
        raise Refused(f"Đơn vị {remark.unit!r} không có nghĩa vụ báo cáo trong kỳ {period.code}; hãy chọn đơn vị khác")
    if remark.cell is not None and all(remark.cell not in form.cells for form in entered_by(pack, unit)):
        raise Refused(f"{unit.full_name} không nhập ô {remark.cell}; hãy chọn đơn vị có nhập ô đó, hoặc ô khác")
    # Mails about an objection carry none of its words, workbooks do: what names a person is kept out of both.
    _require_sayable(remark.text)
    if remark.kind is CommentKind.OBJECTION:
        # An objection holds the whole report: it must be about a figure that is in it.
        if submissions.official(conn, pack.code, period.code, unit.code) is None:
            raise Refused(f"{unit.full_name} chưa có báo cáo được tiếp nhận nên chưa phản đối được; hãy ghi nhận xét")
        newest = reports.latest(conn, pack.code, period.code)
        if newest is not None and newest.status is ReportStatus.DISPATCHED:
            top = pack.regime.wording.top_short
            raise Refused(f"Báo cáo của {top} đã gửi nên không giữ lại được; hãy ghi nhận xét, hoặc đề nghị đính chính")
    return unit


def _require_sayable(text: str) -> None:
    if len(text) > LONGEST:
        raise Refused(f"Nội dung dài quá {LONGEST} ký tự; hãy rút gọn")
    require_readable("Nội dung", text)
    if number_of_a_person(text) is not None:
        raise Refused("Nội dung có số định danh hoặc số điện thoại; hãy bỏ thông tin cá nhân rồi ghi lại")


def close(
    place: Installation, id: int, status: CommentStatus, *, by: str, text: str, as_of: datetime, regime: str = "",
    period: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Answer, overrule (the standing office, objections only) or withdraw (the lead body) an open comment.

    `regime` and `period`, when given, must be the comment's own. Raises Refused without a reason or a name, and
    StaleStatus when it was closed before.
    """
    _require_sayable(text)
    with place.store.begin() as conn:
        found = lead_comments.comment_of(conn, id)
        if (regime or found.regime, period or found.period) != (found.regime, found.period):
            raise Refused(f"Ý kiến số {id} thuộc kỳ {found.period} của chế độ {found.regime}; hãy xem lại số")
        period_mail = PeriodMail(place, *place.at(found.regime, found.period))
        # The status moves once: of an answer and a withdrawal at the same moment the second is refused by the store.
        found = lead_comments.close(conn, id, status, answered_by=by, answered_at=as_of, answer=text)
        _tell_closed(conn, period_mail, found, as_of)
        # The words stand in the row; the event binds them by their hash.
        payload = {"answer_sha256": hashlib.sha256(found.answer.encode()).hexdigest()}
        events.append(
            conn, as_of, by.strip(), f"lead_{found.kind.value}_{status.value.lower()}", found, f"comment/{id}", payload
        )
    flush(place, as_of)
    return summary(place, found)


def notify_objectors_of_correction(
    conn: Connection, period_mail: PeriodMail, unit: Unit, row: Submission, as_of: datetime
) -> None:
    """A correction was accepted: the bodies that object to the unit's report look again; nothing closes by itself."""
    for objection in lead_comments.open_objections(conn, period_mail.pack.code, _period(period_mail).code):
        lead = period_mail.pack.unit(objection.lead)
        # Nothing closes by itself: whether the corrected figure is right is for the body to say (ADR 0014).
        if objection.unit != unit.code or lead is None:
            continue
        context = ObjectionMended(
            head=period_mail.head,
            addressee=addressee_of(lead),
            number=str(objection.id),
            unit=unit.full_name,
            subject=objection.told(period_mail.pack.regime.wording.project),
            received_at=row.received_at,
        )
        period_mail.to_unit(conn, lead, context=context, step=f"mended-{objection.id}-{row.id}", at=as_of)


def objections(place: Installation, regime: str, period: str) -> dict[str, Any]:
    """Everything the lead bodies said about a period, in the order it was raised."""
    with place.store.read() as conn:
        said = lead_comments.of_period(conn, regime, period)
    held = sum(c.kind is CommentKind.OBJECTION and c.status is CommentStatus.OPEN for c in said)
    return {"regime": regime, "period": period, "open": held, "comments": [summary(place, c) for c in said]}


def objections_text(data: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"Kỳ {data['period']}: {len(data['comments'])} ý kiến, {data['open']} phản đối đang giữ báo cáo"]
    for c in data["comments"]:
        lines.append(
            f"  {c['id']:>3} {c['kind_name']:<9} {c['status_name']:<11} {c['lead']} -> {c['unit']} {c['unit_name']}, "
            f"{c['subject']} (nêu {short_moment_text(c['raised_at'])}): {_one_line(c['text'])}"
        )
        if c["answer"]:
            lines.append(f"      {_one_line(c['answer'])}")
    return "\n".join(lines)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def summary(place: Installation, said: LeadComment) -> dict[str, Any]:
    """A comment as plain data."""
    pack = place.pack(said.regime)
    zone = place.zone(said.regime)
    return {
        "id": said.id,
        "kind": said.kind.value,
        "kind_name": said.kind.label,
        "lead": said.lead,
        "unit": said.unit,
        "unit_name": pack.unit_name(said.unit),
        "project": said.project,
        "subject": said.told(pack.regime.wording.project),
        "text": said.text,
        "raised_at": said.raised_at.astimezone(zone),
        "raised_by": said.raised_by,
        "status": said.status.value,
        "status_name": said.status.label,
        "answered_by": said.answered_by,
        "answered_at": said.answered_at.astimezone(zone) if said.answered_at else None,
        "answer": said.answer,
    }


def _tell_raised(
    conn: Connection, period_mail: PeriodMail, objection: LeadComment, lead: Unit, unit: Unit, as_of: datetime
) -> None:
    """The unit is asked to explain or to correct; the standing office learns what holds the report."""
    authority = period_mail.pack.regime.authority
    facts: dict[str, Any] = {
        "head": period_mail.head,
        "number": str(objection.id),
        "lead": lead.full_name,
        "unit": unit.full_name,
        "subject": objection.told(period_mail.pack.regime.wording.project),
        "subject_name": _printed(period_mail.pack, objection),
    }
    step = f"objection-{objection.id}"
    asked = ObjectionRaised(addressee=addressee_of(unit), to_office=False, **facts)
    period_mail.to_unit(conn, unit, context=asked, step=step, at=as_of)
    told = ObjectionRaised(addressee=authority.standing_office, to_office=True, **facts)
    period_mail.post(conn, to=authority.standing_email, key="lead-bodies", step=step, context=told, at=as_of)


def _tell_closed(conn: Connection, period_mail: PeriodMail, found: LeadComment, as_of: datetime) -> None:
    """Tell the lead body what became of its comment, and the unit of an objection about it."""
    lead, unit = period_mail.pack.unit(found.lead), period_mail.pack.unit(found.unit)
    if lead is None or unit is None:
        raise Refused(f"Gói chế độ không còn đơn vị {found.lead} hoặc {found.unit}; hãy dùng đúng phiên bản gói")
    # A unit was told of an objection only, so it hears of its end only.
    told = [(lead, True)] if lead == unit or found.kind is CommentKind.COMMENT else [(lead, True), (unit, False)]
    for who, to_lead in told:
        context = ObjectionClosed(
            head=period_mail.head,
            addressee=addressee_of(who),
            number=str(found.id),
            kind=found.kind.value,
            result=found.status.value,  # type: ignore[arg-type]
            lead=lead.full_name,
            unit=unit.full_name,
            subject=found.told(period_mail.pack.regime.wording.project),
            to_lead=to_lead,
        )
        period_mail.to_unit(conn, who, context=context, step=f"comment-{found.id}-closed", at=as_of)


def _printed(pack: Pack, said: LeadComment) -> str:
    """The printed name of what is spoken of."""
    if said.cell is None:
        return next((p.name for p in pack.regime.projects if p.code == said.project), said.project)
    table, row = pack.row(said.cell.form, said.cell.row)
    return f"{row.name}; {table.column(said.cell.column).title}"


def _period(period_mail: PeriodMail) -> Period:
    if period_mail.period is None:
        raise ValueError("comments speak of a period")
    return period_mail.period
