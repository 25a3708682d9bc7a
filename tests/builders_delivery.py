"""One filled-in context per letter, and small pieces of a regime for the mail tests. No real person, unit or figure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from baocao.delivery import context as c

TEMPLATES = Path(__file__).parents[1] / "include" / "templates"
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
        "submit_via": "trả lời thư này và đính kèm tệp đã điền",
    }
    return c.Letterhead(**(values | changes))


def contexts() -> dict[str, c.LetterContext]:
    """One context for every letter, and further ones (`outcome:variant`) for the branches of the templates."""
    head = letterhead()
    unit = {"head": head, "addressee": "Ủy ban nhân dân xã Thử Nghiệm"}
    came = {"filename": "90001_2026-H1.xlsx", "received_at": at(17, 14, 5)}
    office = {"head": head, "addressee": "Cơ quan thường trực Chương trình"}
    accepted = c.Accepted(
        **unit,
        **came,
        receipt_number="2026-H1-0042",
        sha256=SHA,
        on_time=True,
        to_explain=0,
        marked_name="",
        replaces=False,
    )
    returned = c.Returned(
        **unit,
        **came,
        blocking=9,
        to_explain=3,
        marked_name="90001_2026-H1_can-sua.xlsx",
        due_at=DUE,
        locked_after=LOCKED,
        keeps_accepted=False,
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
    report = {"version": 2, "due_at": at(24, 23, 59), "safe_on": date(2026, 6, 24), "where": "https://ban.example/duyet"}
    approval = {**report, "content_sha256": SHA, "counted": 163, "expected": 166}
    duplicate = {**unit, "filename": came["filename"], "first_received_at": came["received_at"], "due_at": DUE}
    return {
        "window_opened": c.WindowOpened(
            **unit,
            covers_from=date(2025, 12, 15),
            cutoff_on=date(2026, 6, 14),
            due_at=DUE,
            locked_after=LOCKED,
            blank_name="90001_2026-H1.xlsx",
        ),
        "accepted": accepted,
        "accepted:late": c.Accepted(
            **unit,
            **came,
            receipt_number="2026-H1-0043",
            sha256=SHA,
            on_time=False,
            to_explain=4,
            marked_name="90001_2026-H1_giai-trinh.xlsx",
            replaces=True,
        ),
        "returned": returned,
        "returned:again": c.Returned(
            **unit,
            **came,
            blocking=1,
            to_explain=0,
            marked_name="90001_2026-H1_can-sua.xlsx",
            due_at=DUE,
            locked_after=LOCKED,
            keeps_accepted=True,
        ),
        "quarantined": c.Quarantined(**unit, **came, reason="encrypted", message="Tệp được đặt mật khẩu mở."),
        "quarantined:other": c.Quarantined(**unit, **came, reason="zip_limits", message="Tệp nén bất thường."),
        "duplicate": c.Duplicate(**duplicate, status="ACCEPTED", receipt_number="2026-H1-0042"),
        "duplicate:returned": c.Duplicate(**duplicate, status="RETURNED", receipt_number=""),
        "duplicate:received": c.Duplicate(**duplicate, status="RECEIVED", receipt_number=""),
        "wrong_period": c.WrongPeriod(**unit, **came, found="năm 2025", due_at=DUE),
        "misaddressed": c.Misaddressed(**unit, **came, belongs_to="Phường Ví Dụ", due_at=DUE),
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
        "digest_overdue": c.DigestOverdue(
            head=head, addressee="Lãnh đạo Cơ quan thường trực", units=late, expected=172, as_of=at(22)
        ),
        "waiver_granted": c.WaiverGranted(**unit, kind="extension", until=at(23, 17)),
        "waiver_granted:waiver": c.WaiverGranted(**unit, kind="waiver", until=None),
        "approval_requested": c.ApprovalRequested(**office, **approval, role="police_office"),
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
        "operator_alarm": c.OperatorAlarm(
            head=head,
            addressee="Bộ phận vận hành",
            subject="Đơn vị 90001 không có địa chỉ thư",
            paragraphs=("Thư nhắc t-3 không gửi được vì đơn vị chưa có địa chỉ.", "Bổ sung địa chỉ trong units.csv."),
            at=datetime(2026, 6, 16, 1, 0, tzinfo=UTC),
        ),
    }
