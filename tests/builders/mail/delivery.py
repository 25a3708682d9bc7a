"""One filled-in context per letter, and small pieces of a regime for the mail tests. No real person, unit or figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

from baocao.delivery import contexts as c
from baocao.delivery.contexts import copies, portal
from baocao.delivery.contexts import inspections as k
from baocao.delivery.contexts import lead_bodies as lead
from baocao.delivery.contexts.mail import Case, MailAnswer
from baocao.delivery.contexts.versions import NewerSubmission, SubmissionGivenBack
from baocao.delivery.letters import Letter
from baocao.delivery.submit_ways import SubmitWay
from baocao.model.inspection import Act
from baocao.model.pack import Pack
from baocao.model.period import Deadline, Level, Period, PeriodKind
from baocao.model.regime import Regime, ReminderStep
from baocao.model.unit import Unit, UnitKind
from baocao.settings import Settings, load_settings
from baocao.store.waivers import Waiver, WaiverKind
from baocao.store.windows import Obligation
from builders.packs.authority import an_authority

TEMPLATES = Path(__file__).parents[3] / "include" / "templates"
VIETNAM = timezone(timedelta(hours=7))
SHA = "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea"


def at(day: int, hour: int = 8, minute: int = 0, *, month: int = 6, second: int = 0) -> datetime:
    """An instant of 2026 on the Vietnamese clock."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=VIETNAM)


DUE = at(19, 23, 59, second=59)
LOCKED = at(24, 23, 59, second=59)


def letterhead(**changes: str) -> c.Letterhead:
    values = {
        "regime": "Báo cáo kết quả thực hiện Chương trình Thử nghiệm",
        "programme": "Chương trình Thử nghiệm",
        "office": "Cơ quan thường trực Chương trình",
        "contact": "Bộ phận tiếp nhận báo cáo, thư điện tử: tiep-nhan@tinh.example",
        "period": "6 tháng đầu năm 2026",
        "period_code": "2026-H1",
        "time_zone": "Asia/Ho_Chi_Minh",
        "anchor": f"41:{SHA}",
        "phone": "0900.000.000 (số ví dụ)",
        "contact_email": "tiep-nhan@tinh.example",
    }
    ways = (
        SubmitWay("mở trang nộp báo cáo của riêng đơn vị", "https://nop.example/a?b=1&c=2"),
        SubmitWay("trả lời thư này"),
    )
    return c.Letterhead(**(values | changes), ways=ways)


def lead_letters(head: c.Letterhead) -> dict[str, c.LetterContext]:
    """The letters to and about a lead body."""
    body: dict[str, Any] = {"head": head, "addressee": "Sở Thử nghiệm"}
    unit: dict[str, Any] = {"head": head, "addressee": "Ủy ban nhân dân xã Thử Nghiệm"}
    about: dict[str, Any] = {"number": "3", "unit": "Xã Thử Nghiệm", "subject": "B06/B06.01/TH"}
    raised = {**about, "lead": "Sở Thử nghiệm", "subject_name": "Số trạm y tế đủ điều kiện"}
    closed = {**about, "lead": "Sở Thử nghiệm"}
    shared: dict[str, Any] = {
        "slice_name": "phan-so-lieu_SO_2026-H1.xlsx",
        "projects": ("6 - Đáp ứng y tế",),
        "comments_until": at(22, 23, 59),
    }
    refused = (lead.RefusedLine("Ý kiến!D9", "Chưa chọn loại ý kiến: nhận xét hoặc phản đối."),)
    came: dict[str, Any] = {"filename": "y-kien.xlsx", "received_at": at(21)}
    return {
        "slice_shared": lead.SliceShared(**body, **shared, again=False),
        "slice_shared:again": lead.SliceShared(**body, **shared, again=True),
        "comments_received": lead.CommentsReceived(**body, **came, taken=("Phản đối số 3",), refused=()),
        "comments_received:part": lead.CommentsReceived(**body, **came, taken=("Phản đối số 3",), refused=refused),
        "comments_received:none": lead.CommentsReceived(**body, **came, taken=(), refused=refused),
        "comments_received:empty": lead.CommentsReceived(**body, **came, taken=(), refused=()),
        "objection_raised": lead.ObjectionRaised(**unit, **raised, to_office=False),
        "objection_raised:office": lead.ObjectionRaised(
            head=head, addressee="Cơ quan thường trực", **raised, to_office=True
        ),
        "objection_closed": lead.ObjectionClosed(**body, **closed, kind="objection", result="OVERRULED", to_lead=True),
        "objection_closed:unit": lead.ObjectionClosed(
            **unit, **closed, kind="objection", result="ANSWERED", to_lead=False
        ),
        "objection_closed:comment": lead.ObjectionClosed(
            **body, **closed, kind="comment", result="WITHDRAWN", to_lead=True
        ),
        "objection_mended": lead.ObjectionMended(**body, **about, received_at=at(22)),
    }


def copy_letters(head: c.Letterhead) -> dict[str, c.LetterContext]:
    """The letters about the signed copy of a unit's report."""
    unit: dict[str, Any] = {"head": head, "addressee": "Ủy ban nhân dân xã Thử Nghiệm"}
    came: dict[str, Any] = {
        **unit, "filename": "ban-ky_2026-H1.pdf", "size": "1,2 MB", "sha256": SHA, "received_at": at(17, 14, 5),
    }  # fmt: skip
    missing: dict[str, Any] = {**unit, "receipt_number": "2026-H1-0042", "accepted_at": at(17, 14, 5), "due_at": DUE}
    return {
        "signed_copy_received": copies.UnitCopyReceived(**came, receipt_number="2026-H1-0042"),
        "signed_copy_received:alone": copies.UnitCopyReceived(**came, receipt_number=""),
        "signed_copy_missing": copies.UnitCopyMissing(**missing, overdue=False),
        "signed_copy_missing:overdue": copies.UnitCopyMissing(**missing, overdue=True),
    }


def contexts(head: c.Letterhead | None = None) -> dict[str, c.LetterContext]:
    """One context for every letter, and further ones (`outcome:variant`) for the branches of the templates."""
    head = head or letterhead()
    unit = {"head": head, "addressee": "Ủy ban nhân dân xã Thử Nghiệm"}
    came = {"filename": "90001_2026-H1.xlsx", "received_at": at(17, 14, 5)}
    office = {"head": head, "addressee": "Cơ quan thường trực Chương trình"}
    accepted = c.Accepted(
        **unit,
        **came,
        receipt_number="TN-2026H1-90001-1",
        sha256=SHA,
        size=43_210,
        forms=(c.ReceivedForm("Phụ lục số 01", "Chỉ số, khung kết quả", 58, False),),
        on_time=True,
        first_on_time=True,
        report_note="Số liệu được đưa vào báo cáo tổng hợp lập sau thời điểm tiếp nhận này.",
        to_explain=0,
        marked_name="",
        is_own_file=True,
        replaces=False,
    )
    returned = c.Returned(
        **unit,
        **came,
        blocking=9,
        to_explain=3,
        marked_name="90001_2026-H1_can-sua.xlsx",
        is_own_file=True,
        due_at=DUE,
        locked_after=LOCKED,
        overdue=False,
        keeps_accepted=False,
        places=(("PL01 Chỉ số: E21", "CT10 Số vụ <phát hiện>"), ("B04 Người nghiện: D7", "I Tổng số")),
        more_places=7,
    )
    before = {"due_at": DUE, "safe_on": date(2026, 6, 19), "locked_after": LOCKED}
    overdue = {"unit": "Xã Thử Nghiệm", "due_at": DUE, "locked_after": LOCKED}
    late = tuple(
        c.LateUnit(f"9000{n}", name, DUE, state)
        for n, (name, state) in enumerate(
            [("Xã Thử Nghiệm", "none"), ("Phường Ví Dụ <Nam>", "returned"), ("Xã Mẫu & Bắc", "received")], 1
        )
    )
    document = {"document_number": "05", "document_symbol": "BC-UBND", "signed_on": date(2026, 6, 24)}
    dispatched = (c.DispatchedFile("bao-cao.docx", SHA), c.DispatchedFile("bieu-tong-hop.xlsx", SHA[::-1]))
    report = {
        "version": 2,
        "due_at": at(24, 23, 59),
        "safe_on": date(2026, 6, 24),
        "where": "https://ban.example/duyet",
    }
    approval = {
        **report,
        "content_sha256": SHA,
        "counted": 163,
        "expected": 166,
        "files": ("to-trinh.docx", "bao-cao.pdf"),
    }
    duplicate = {
        **unit,
        **came,
        "first_received_at": came["received_at"],
        "blocking": 0,
        "answer": "",
        "marked_name": "",
    }
    given_back = {
        **came,
        "receipt_number": "TN-2026-H1-0002",
        "reason": "Biên bản giao ban chưa có chữ ký",
        "due_at": DUE,
        "locked_after": LOCKED,
        "overdue": True,
        "owes": True,
    }
    return {
        "window_opened": c.WindowOpened(
            **unit,
            covers_from=date(2025, 12, 15),
            cutoff_on=date(2026, 6, 14),
            due_at=DUE,
            locked_after=LOCKED,
            blank_name="90001_2026-H1.xlsx",
            state="open",
        ),
        "window_opened:late": c.WindowOpened(
            **unit,
            covers_from=date(2025, 12, 15),
            cutoff_on=date(2026, 6, 14),
            due_at=DUE,
            locked_after=LOCKED,
            blank_name="90001_2026-H1.xlsx",
            state="late",
        ),
        "window_opened:locked": c.WindowOpened(
            **unit,
            covers_from=date(2025, 12, 15),
            cutoff_on=date(2026, 6, 14),
            due_at=DUE,
            locked_after=LOCKED,
            blank_name="90001_2026-H1.xlsx",
            state="locked",
        ),
        "accepted": accepted,
        "accepted:late": c.Accepted(
            **unit,
            **came,
            receipt_number="TN-2026H1-90001-2",
            sha256=SHA,
            size=2_400_000,
            forms=(c.ReceivedForm("Biểu số 01", "Đấu tranh <tội phạm>", 12, True),),
            on_time=False,
            first_on_time=False,
            report_note="Số liệu này mới hơn phiên bản 1 của báo cáo tổng hợp (đang chờ duyệt).",
            to_explain=4,
            marked_name="90001_2026-H1_giai-trinh.xlsx",
            is_own_file=False,
            replaces=True,
            copy_note="Báo cáo CHƯA ĐỦ BẢN KÝ. Đề nghị quý đơn vị gửi thêm bản quét báo cáo đã ký.",
        ),
        **copy_letters(head),
        "returned": returned,
        "returned:again": c.Returned(
            **unit,
            **came,
            blocking=1,
            to_explain=0,
            marked_name="danh-sach-diem_90001_2026-H1_8.xlsx",
            is_own_file=False,
            due_at=DUE,
            locked_after=LOCKED,
            overdue=True,
            keeps_accepted=True,
        ),
        "quarantined": c.Quarantined(**unit, **came, reason="encrypted", message="Tệp được đặt mật khẩu mở."),
        "quarantined:other": c.Quarantined(**unit, **came, reason="zip_limits", message="Tệp nén bất thường."),
        "duplicate": c.Duplicate(**duplicate, status="ACCEPTED", receipt_number="TN-2026H1-90001-1"),
        "duplicate:returned": c.Duplicate(
            **{**duplicate, "blocking": 3, "marked_name": "ket-qua_90001_2026-H1_7.xlsx"},
            status="RETURNED",
            receipt_number="",
        ),
        "duplicate:quarantined": c.Duplicate(
            **{**duplicate, "answer": "Tệp có đặt mật khẩu nên không mở được."}, status="QUARANTINED", receipt_number=""
        ),
        "misaddressed": c.Misaddressed(**unit, **came, belongs_to="Phường Ví Dụ", keeps_accepted=True),
        "sent_by_another": c.SentByAnother(**unit, **came, sender="Phường Ví Dụ"),
        "extension_asked": portal.ExtensionAsked(
            **office,
            number="3",
            unit="Xã Thử Nghiệm",
            unit_code="90001",
            until=date(2026, 6, 21),
            due_at=DUE,
            reason="Mất điện kéo dài do mưa lũ",
        ),
        "extension_declined": portal.ExtensionDeclined(
            **unit, until=date(2026, 6, 21), due_at=DUE, reason="Không còn thời gian tổng hợp"
        ),
        "link_changed": portal.LinkChanged(**unit, is_renewed=True, takes_reports=True, reason="Thư bị chuyển nhầm"),
        "link_changed:revoked": portal.LinkChanged(
            **unit, is_renewed=False, takes_reports=True, reason="Hộp thư bị lộ"
        ),
        "portal_code": portal.PortalCode(**unit, code="482913", valid_until=at(17, 14, 35)),
        "locked": c.Locked(**unit, **came, due_at=DUE, locked_after=LOCKED),
        "reminder_before": c.ReminderBefore(**unit, **before, today=date(2026, 6, 16), days_left=3, state="none"),
        "reminder_before:today": c.ReminderBefore(
            **unit, **before, today=date(2026, 6, 19), days_left=0, state="returned"
        ),
        "reminder_before:past": c.ReminderBefore(
            **unit, **before, today=date(2026, 6, 20), days_left=-1, state="received"
        ),
        "reminder_overdue_head": c.ReminderOverdueHead(
            head=head, addressee="Lãnh đạo Ủy ban nhân dân xã Thử Nghiệm", **overdue, state="none"
        ),
        "reminder_overdue_lead": c.ReminderOverdueLead(**office, **overdue, unit_code="90001", state="returned"),
        **{
            f"mail_answer:{case}": MailAnswer(
                **unit, case=case, subject="Báo cáo", files=("a.xlsx",), received_at=at(17), limit="50 MB"
            )
            for case in get_args(Case)
        },
        "digest_overdue": c.DigestOverdue(
            head=head, addressee="Lãnh đạo Cơ quan thường trực", units=late, expected=172, as_of=at(22)
        ),
        "waiver_granted": c.WaiverGranted(**unit, kind="extension", until=at(23, 17)),
        "waiver_granted:waiver": c.WaiverGranted(**unit, kind="waiver", until=None, counted=True),
        "waiver_withdrawn": c.WaiverWithdrawn(
            **unit, kind="extension", owes=True, due_at=at(19), locked_after=at(29), overdue=False
        ),
        "waiver_withdrawn:waiver": c.WaiverWithdrawn(
            **unit, kind="waiver", owes=True, due_at=at(19), locked_after=at(29), overdue=True
        ),
        "approval_requested": c.ApprovalRequested(**office, **approval, role="standing_office"),
        "approval_requested:committee": c.ApprovalRequested(
            head=head, addressee="Lãnh đạo Ủy ban nhân dân tỉnh", **approval, role="peoples_committee"
        ),
        "report_returned": c.ReportReturned(**office, **report, role="peoples_committee"),
        "signed": c.Signed(**office, **document, version=2, content_sha256=SHA, due_at=at(24, 23, 59)),
        "dispatch": c.Dispatch(
            head=head,
            addressee="Bộ Thử nghiệm (qua Cục Ví dụ)",
            issuer="Ủy ban nhân dân tỉnh",
            title="Kết quả thực hiện Chương trình Thử nghiệm 6 tháng đầu năm 2026",
            **document,
            files=dispatched,
            package_sha256=SHA,
        ),
        "signature_revoked": c.SignatureRevoked(
            **office, **document, version=2, content_sha256=SHA, due_at=at(24, 23, 59)
        ),
        **_inspection_contexts(unit, head),
        **lead_letters(head),
        "dispatch_correction": c.DispatchCorrection(
            head=head,
            addressee="Bộ Thử nghiệm (qua Cục Ví dụ)",
            issuer="Ủy ban nhân dân tỉnh",
            title="Kết quả thực hiện Chương trình Thử nghiệm 6 tháng đầu năm 2026 (đính chính)",
            **document,
            files=dispatched,
            package_sha256=SHA,
            replaced_number="03",
            replaced_symbol="BC-UBND",
            replaced_on=date(2026, 6, 22),
            annex="VI",
        ),
        "newer_submission": NewerSubmission(
            **office,
            version=1,
            stands="đang chờ duyệt",
            unit="Xã Thử Nghiệm",
            units=("Xã Thử Nghiệm (đính chính)", "Phường Ví Dụ <Nam> (báo cáo lần đầu)"),
            way_out="Có hai cách: trả lại, hoặc quyết định khi đã biết",
            received_at=at(22),
        ),
        "newer_submission:gone": NewerSubmission(
            **office,
            version=1,
            stands="đang chờ duyệt",
            unit="Xã Thử Nghiệm",
            units=("Xã Thử Nghiệm (đã trả lại hoặc rút)",),
            way_out="Có hai cách: trả lại, hoặc quyết định khi đã biết",
            received_at=at(22),
            gone=True,
        ),
        "submission_given_back": SubmissionGivenBack(**unit, kind="returned", counts_again="", **given_back),
        "submission_given_back:withdrawn": SubmissionGivenBack(
            **unit, kind="withdrawn", counts_again="TN-2026-H1-0001", **given_back
        ),
        "correction_opened": c.CorrectionOpened(**unit, until=at(30, 23, 59)),
        "operator_alarm": c.OperatorAlarm(
            head=head,
            addressee="Bộ phận vận hành",
            subject="Đơn vị 90001 không có địa chỉ thư",
            paragraphs=("Thư nhắc t-3 không gửi được vì đơn vị chưa có địa chỉ.", "Bổ sung địa chỉ trong units.csv."),
            at=datetime(2026, 6, 16, 1, 0, tzinfo=UTC),
        ),
    }


def _inspection_contexts(unit: Mapping[str, Any], head: c.Letterhead) -> dict[str, c.LetterContext]:
    lead = "Sở Thử nghiệm"
    days = {"planned_from": date(2026, 3, 9), "planned_to": date(2026, 3, 13)}
    plan = {"decision": "12/KH-STN", "decided_on": date(2026, 1, 15)}
    inspected = {**unit, "lead": lead}
    reminder = {"head": head, "addressee": lead, "id": "7", "unit": "Xã Thử Nghiệm", "limit": "05", **days}
    due = date(2026, 3, 4)
    letters: dict[str, c.LetterContext] = {
        "inspection_planned": k.InspectionPlanned(**inspected, **plan, **days, year="2026"),
        "inspection_notice": k.InspectionNotice(
            **inspected, **days, number="31/TB-STN", signed_on=date(2026, 3, 2), notice_name="thong-bao.docx"
        ),
        "inspection_concluded": k.InspectionConcluded(
            **inspected,
            started_on=days["planned_from"],
            ended_on=days["planned_to"],
            number="44/KL-STN",
            concluded_on=date(2026, 3, 27),
            conclusion_name="ket-luan.pdf",
        ),
        "inspection_cancelled": k.InspectionCancelled(**inspected, **plan, **days),
    }
    for act, left in zip(Act, (2, 0, -1, -6), strict=True):
        name = "inspection_reminder" if act is Act.NOTIFY else f"inspection_reminder:{act.value}"
        letters[name] = k.InspectionReminder(**reminder, act=act, due_on=due, today=date(2026, 3, 2), days_left=left)
    return letters


# A small regime --------------------------------------------------------------------------------------------------

LADDER = (
    {"id": "t-15", "days_from_safe": -15, "to": "unit", "template": "reminder_before"},
    {"id": "t-7", "days_from_safe": -7, "to": "unit", "template": "reminder_before"},
    {"id": "t-3", "working_days_from_safe": -3, "to": "unit", "template": "reminder_before"},
    {"id": "t-1", "working_days_from_safe": -1, "to": "unit", "template": "reminder_before"},
    {"id": "t+0", "days_from_due": 0, "to": "head", "template": "reminder_overdue_head"},
    {"id": "t+1", "days_from_due": 1, "to": "lead", "template": "reminder_overdue_lead"},
    {"id": "t+2", "days_from_due": 2, "to": "leadership", "template": "digest_overdue", "digest": True},
)


def regime(ladder: Sequence[Mapping[str, Any]] = LADDER, **authority: str) -> Regime:
    """A regime with nothing in it but a ladder and an office."""
    return Regime(
        code="che-do-thu",
        name="Báo cáo Chương trình Thử nghiệm",
        programme="Chương trình Thử nghiệm",
        go_live_on=date(2026, 1, 1),
        authority=an_authority(**authority),
        legal_basis=(),
        periods=(),
        recipients=(),
        reminders=tuple(ReminderStep(anchor="thử", **step) for step in ladder),
        projects=(),
        forms={},
    )


def unit(code: str, *, email: str | None = None, head_email: str = "") -> Unit:
    return Unit(
        code=code,
        name=f"Thử Nghiệm {code}",
        kind=UnitKind.COMMUNE,
        email=f"xa-{code}@xa.example" if email is None else email,
        head_email=head_email,
    )


def pack(*units: Unit, **changes: Any) -> Pack:
    return Pack(regime=regime(**changes), units=units, forms=(), targets=(), sha256="0" * 64)


PERIOD = Period(
    regime="che-do-thu",
    code="2026-H1",
    kind=PeriodKind.SIX_MONTH,
    year=2026,
    name="6 tháng đầu năm 2026",
    covers_from=date(2025, 12, 15),
    cutoff_on=date(2026, 6, 14),
    opens_at=at(25, month=5),
    unit=Deadline(Level.UNIT, DUE, date(2026, 6, 19), LOCKED),
    province=Deadline(Level.PROVINCE, at(24, 23, 59, second=59), date(2026, 6, 24), at(30)),
)


def owed(code: str) -> Obligation:
    """What a unit owes for the period above."""
    return Obligation(unit=code, unit_name=f"Xã Thử Nghiệm {code}", is_lead_body=False, due_at=DUE, locked_after=LOCKED)


def extension(code: str, until: datetime, granted_at: datetime) -> Waiver:
    return Waiver(code, WaiverKind.EXTENSION, until, "thiên tai", "cơ quan thường trực", granted_at)


def exemption(code: str, granted_at: datetime) -> Waiver:
    return Waiver(code, WaiverKind.WAIVER, None, "giải thể", "cơ quan thường trực", granted_at)


def settings_in(folder: Path) -> Settings:
    """An installation in a folder of its own."""
    return load_settings({"BAOCAO_DATA": str(folder)})


def letter(subject: str = "Nhắc nộp báo cáo") -> Letter:
    return Letter(subject, "Nội dung thư.\n", "<p>Nội dung thư.</p>\n")
