"""Kiểm tra: the yearly plan, the written notice, the inspection, its conclusion."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from baocao.calendar.inspection_days import conclusion_due_on, duration, last_day, may_start_from
from baocao.delivery import contexts, outbox
from baocao.delivery.contexts.common import addressee_of
from baocao.documents.word_report.notice_letter import notice_symbol
from baocao.media_types import DOCX, PDF
from baocao.model.inspection import InspectionStatus
from baocao.model.report import Signature
from baocao.store import inspection_register as register
from baocao.workflow.inspections.case import (
    answer,
    cancelled_letter,
    case_of,
    given,
    local_day,
    not_after,
    notice_of,
    planned_letter,
    record_event,
    register_transaction,
    require_no_overlap,
    rules_of,
)
from baocao.workflow.inspections.plan_file import read_plan, span_faults
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.mailing import flush

_CONCLUSIONS = {".pdf": (PDF, b"%PDF"), ".docx": (DOCX, b"PK\x03\x04")}
MAX_CONCLUSION_BYTES = 20_000_000


def plan_inspections(
    place: Installation,
    regime: str,
    data: bytes,
    filename: str,
    *,
    year: int,
    decision: str,
    decided_on: date,
    by: str,
    as_of: datetime,
) -> dict[str, Any]:
    """Take over a plan and tell every body in it. `decision` is its number and symbol. Idempotent by the file.

    Raises PlanFaults naming every fault of the file; Refused when the decision is there with another file.
    """
    pack, rules = rules_of(place, regime)
    today = local_day(pack, as_of)
    decision = given("số kế hoạch", decision, 64)
    not_after(decided_on, today, "Ngày ban hành kế hoạch")
    with register_transaction(place) as conn:
        # Known by its bytes: the same plan taken over twice is one plan, another file under its number is a mistake.
        sha256 = place.store.files.put(data)
        known = register.plan_file(conn, regime, year, decision)
        if known not in (None, sha256):
            raise Refused(
                f"Kế hoạch {decision} năm {year} đã có trong sổ với nội dung khác; hãy bổ sung bằng một kế hoạch "
                "có số mới"
            )
        new: list[int] = []
        if known is None:
            rows = read_plan(
                data,
                filename,
                pack=pack,
                rules=rules,
                days=place.working_days,
                year=year,
                register=register.inspections(conn, regime),
            )
            new = register.add_plan(
                conn,
                regime=regime,
                year=year,
                decision=decision,
                decided_on=decided_on,
                file_sha256=sha256,
                recorded_at=as_of,
                recorded_by=given("người lập", by),
                rows=rows,
            )
            for id in new:
                case = case_of(place, conn, pack, rules, id, as_of)
                # What lies in the past was told by other means: the plan is only entered now.
                if case.found.planned_to >= today:
                    case.tell(planned_letter(case), "planned", as_of)
            payload = {"year": year, "decision": decision, "sha256": sha256, "inspections": len(new)}
            record_event(conn, regime, f"inspection_plan/{year}/{decision}", "inspections_planned", by, as_of, payload)
    mails = flush(place, as_of)
    return {"regime": regime, "year": year, "decision": decision, "new": len(new), "ids": new, **mails}


def draft_notice(
    place: Installation, regime: str, id: int, as_of: datetime, *, announced: tuple[date, date] | None = None
) -> tuple[str, bytes]:
    """File name and bytes of the notice as a draft for the lead body to sign. Records nothing."""
    pack, rules = rules_of(place, regime)
    with place.store.read() as conn:
        case = case_of(place, conn, pack, rules, id, as_of)
    return f"du-thao-thong-bao-kiem-tra_{case.unit.code}_{id}.docx", notice_of(place, case, None, announced)


def notify_inspection(
    place: Installation,
    regime: str,
    id: int,
    *,
    number: str,
    signed_on: date,
    signer: str,
    signer_title: str,
    by: str,
    as_of: datetime,
    symbol: str = "",
    announced: tuple[date, date] | None = None,
) -> dict[str, Any]:
    """Send the signed notice to the body that will be inspected.

    `announced` are its days when they are not the plan's. Raises Refused when there are not enough working days left
    before the first of them, or another inspection of the body takes these days.
    """
    pack, rules = rules_of(place, regime)
    with register_transaction(place) as conn:
        case = case_of(place, conn, pack, rules, id, as_of)
        first, last = announced or (case.found.planned_from, case.found.planned_to)
        # The notice binds, not the plan (ADR 0013): its days are held to the five working days of KH, III.2 as well.
        for fault in span_faults(first, last, rules, place.working_days):
            raise Refused(f"Thời gian kiểm tra trong thông báo: {fault}")
        earliest = may_start_from(case.today, rules, place.working_days)
        if first < earliest:
            raise Refused(
                f"Thông báo phải trước ít nhất {rules.notice_working_days} ngày làm việc: gửi ngày {case.today} thì "
                f"sớm nhất kiểm tra từ {earliest}; hãy ghi ngày khác bằng --from và --to"
            )
        require_no_overlap(case, first, last)
        signature = Signature(
            # 11 and 30 characters: the lengths of number and symbol in NĐ 30/2020, Phụ lục VI.
            number=given("số thông báo", number, 11),
            symbol=given("ký hiệu", symbol or notice_symbol(pack, case.lead), 30),
            signed_on=not_after(signed_on, case.today, "Ngày ký thông báo"),
            signer=given("người ký", signer),
            signer_title=given("chức vụ người ký", signer_title),
        )
        sha256 = place.store.files.put(notice_of(place, case, signature, (first, last)))
        full = f"{signature.number}/{signature.symbol}"
        register.notify(conn, id, at=as_of, number=full, sha256=sha256, announced=(first, last))
        name = f"thong-bao-kiem-tra_{case.unit.code}_{id}.docx"
        context = contexts.InspectionNotice(
            head=case.period_mail.head,
            addressee=addressee_of(case.unit),
            lead=case.lead.full_name,
            number=full,
            signed_on=signature.signed_on,
            planned_from=first,
            planned_to=last,
            notice_name=name,
        )
        case.tell(context, "notice", as_of, outbox.Attachment(name, sha256, DOCX))
        payload = {"number": full, "sha256": sha256, "from": first.isoformat(), "to": last.isoformat()}
        record_event(conn, regime, f"inspection/{id}", "inspection_notified", by, as_of, payload)
    mails = flush(place, as_of)
    return {**answer(id, InspectionStatus.NOTIFIED), "number": full, "from": first, "to": last, **mails}


def start(place: Installation, regime: str, id: int, *, on: date, by: str, as_of: datetime) -> dict[str, Any]:
    """Record that an inspection began. Raises Refused without a notice, before its day, beside another one."""
    pack, rules = rules_of(place, regime)
    with register_transaction(place) as conn:
        case = case_of(place, conn, pack, rules, id, as_of)
        if case.found.notified_at is None or case.found.notice_from is None:
            raise Refused(
                f"Cuộc kiểm tra số {id} chưa có văn bản thông báo; hãy gửi thông báo (baocao inspection notify) trước"
            )
        not_after(on, case.today, "Ngày bắt đầu")
        if on < case.found.notice_from:
            raise Refused(f"Thông báo ghi kiểm tra từ {case.found.notice_from}; không bắt đầu sớm hơn, ngày {on}")
        limit = last_day(on, rules, place.working_days)
        # Only what really began: the plan of another inspection is no reason to refuse what has happened.
        require_no_overlap(case, on, on, begun_only=True)
        register.start(conn, id, on=on)
        payload = {"on": on.isoformat(), "last_day": limit.isoformat()}
        record_event(conn, regime, f"inspection/{id}", "inspection_started", by, as_of, payload)
    return {**answer(id, InspectionStatus.STARTED), "started_on": on, "last_day": limit}


def finish(
    place: Installation,
    regime: str,
    id: int,
    *,
    on: date,
    by: str,
    as_of: datetime,
    record_on: date | None = None,
    note: str = "",
) -> dict[str, Any]:
    """Record the last day and the record (biên bản). Raises Refused when it took too long and no note says why."""
    pack, rules = rules_of(place, regime)
    with register_transaction(place) as conn:
        case = case_of(place, conn, pack, rules, id, as_of)
        began = case.found.started_on
        if began is None:
            raise Refused(f"Cuộc kiểm tra số {id} chưa ghi ngày bắt đầu; hãy ghi (baocao inspection start) trước")
        not_after(on, case.today, "Ngày kết thúc")
        recorded = not_after(record_on or on, case.today, "Ngày lập biên bản")
        if on < began or recorded < began:
            raise Refused(f"Ngày kết thúc và ngày lập biên bản không thể trước ngày bắt đầu {began}")
        require_no_overlap(case, began, on, begun_only=True)
        taken = duration(began, on, place.working_days)
        over = taken > rules.max_working_days
        if over and not note.strip():
            raise Refused(
                f"Kiểm tra {taken} ngày làm việc, quá {rules.max_working_days} ngày cho một đối tượng; hãy ghi lý do "
                " bằng --note"
            )
        # The count is stored with it: a later change of the holiday file must not turn an inspection into an over-run.
        register.finish(conn, id, on=on, record_on=recorded, working_days=taken, over_run=over, note=note.strip())
        payload = {"on": on.isoformat(), "working_days": taken, "over_run": over, "note": note.strip()}
        record_event(conn, regime, f"inspection/{id}", "inspection_finished", by, as_of, payload)
    due = conclusion_due_on(on, rules, place.working_days)
    return {
        **answer(id, InspectionStatus.FINISHED),
        "working_days": taken,
        "over_run": over,
        "conclusion_due_on": due,
    }


def conclude(
    place: Installation,
    regime: str,
    id: int,
    *,
    number: str,
    on: date,
    data: bytes,
    filename: str,
    by: str,
    as_of: datetime,
) -> dict[str, Any]:
    """Record the conclusion (number with symbol, day, file) and send it to the inspected body."""
    pack, rules = rules_of(place, regime)
    suffix = next((s for s in _CONCLUSIONS if filename.lower().endswith(s)), "")
    mime, magic = _CONCLUSIONS.get(suffix, ("", b""))
    # Name and first bytes must agree: the body gets this file from us.
    if not suffix or not data.startswith(magic) or len(data) > MAX_CONCLUSION_BYTES:
        raise Refused(f"{filename}: kết luận phải là tệp PDF hoặc DOCX, không quá {MAX_CONCLUSION_BYTES // 10**6} MB")
    with register_transaction(place) as conn:
        case = case_of(place, conn, pack, rules, id, as_of)
        ended, began = case.found.ended_on, case.found.started_on
        if ended is None or began is None:
            raise Refused(f"Cuộc kiểm tra số {id} chưa ghi ngày kết thúc; hãy ghi (baocao inspection finish) trước")
        if not_after(on, case.today, "Ngày kết luận") < ended:
            raise Refused(f"Ngày kết luận {on} trước ngày kết thúc kiểm tra {ended}")
        number = given("số kết luận", number, 64)
        sha256 = place.store.files.put(data)
        register.conclude(conn, id, number=number, on=on, sha256=sha256)
        name = f"ket-luan-kiem-tra_{case.unit.code}_{id}{suffix}"
        context = contexts.InspectionConcluded(
            head=case.period_mail.head,
            addressee=addressee_of(case.unit),
            lead=case.lead.full_name,
            started_on=began,
            ended_on=ended,
            number=number,
            concluded_on=on,
            conclusion_name=name,
        )
        case.tell(context, "conclusion", as_of, outbox.Attachment(name, sha256, mime))
        late = on > conclusion_due_on(ended, rules, place.working_days)
        payload = {"number": number, "on": on.isoformat(), "sha256": sha256, "late": late}
        record_event(conn, regime, f"inspection/{id}", "inspection_concluded", by, as_of, payload)
    mails = flush(place, as_of)
    return {**answer(id, InspectionStatus.CONCLUDED), "number": number, "late": late, **mails}


def cancel(place: Installation, regime: str, id: int, *, reason: str, by: str, as_of: datetime) -> dict[str, Any]:
    """Cancel what is not concluded, with a reason; the body is told unless the inspection had begun."""
    pack, rules = rules_of(place, regime)
    with register_transaction(place) as conn:
        case = case_of(place, conn, pack, rules, id, as_of)
        reason = given("lý do hủy", reason)
        register.cancel(conn, id, at=as_of, reason=reason)
        if case.found.started_on is None:
            case.tell(cancelled_letter(case), "cancelled", as_of)
        payload = {"reason": reason, "was": case.found.status.value}
        record_event(conn, regime, f"inspection/{id}", "inspection_cancelled", by, as_of, payload)
    mails = flush(place, as_of)
    return {**answer(id, InspectionStatus.CANCELLED), **mails}
