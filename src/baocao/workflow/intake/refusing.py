"""Files that are kept and answered, but not judged: unreadable, for a period that is not open, of nobody we know."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from baocao.delivery import contexts
from baocao.delivery.contexts.common import addressee_of
from baocao.intake.identify import Identity
from baocao.model.deadline import UnitDeadline
from baocao.model.submission import GivenBack, Rejection, Status
from baocao.model.unit import Unit
from baocao.store import windows
from baocao.store.submissions import receiving, submissions
from baocao.store.trail import events
from baocao.text import day_text, moment_text
from baocao.workflow.arrivals.received import ReceivedFile, packs
from baocao.workflow.installation import Installation
from baocao.workflow.intake.checking import Identified
from baocao.workflow.intake.identity import write_identity
from baocao.workflow.intake.repeating import Circumstances, repeat, standing_answer
from baocao.workflow.mail.alarms import alarm
from baocao.workflow.mail.letters import PeriodMail

RETURNED_BEFORE = "returned_before"
QUARANTINED, WAITING = Status.QUARANTINED.value.lower(), "waiting"


def wait_for_sender(place: Installation, file: ReceivedFile, says: dict[str, str], as_of: datetime) -> str:
    """A file nobody can be named for: it waits for the office to say whose it is, and counts for nothing meanwhile.

    `says` is what stands in it (`regime`, `period`, `unit`, or `problem`).
    """
    with place.store.begin() as conn:
        says = {**file.about, **says}
        about = ", ".join(f"{name} {value}" for name, value in says.items())
        where = (
            "đến bằng thư không chắc chắn là của một đơn vị"
            if file.about
            else ("không nằm trong thư mục mang mã của một đơn vị nào")
        )
        # It stays RECEIVED: the day it came counts once the office has named its unit.
        receiving.hold(conn, file.id, since=as_of, info={"says": says})
        alarm(
            place,
            conn,
            subject="Tệp gửi đến không rõ người gửi, chờ cơ quan xác định",
            text=f"Tệp {file.filename} (số {file.id}) {where} nên chưa được "
            f"xử lý, dù trong tệp ghi gì: {about}.\n\nHỏi lại người gửi rồi ghi: `baocao inbox attribute {file.id} "
            f"MÃ-ĐƠN-VỊ --by … --reason …`, hoặc `baocao inbox refuse {file.id} --by … --reason …`. Xem mục «Tệp không "
            "rõ người gửi» trong sổ tay vận hành.",
            key=f"unknown-sender/{file.id}",
            at=as_of,
        )
        payload = {"sha256": file.sha256, "says": says}
        events.append(conn, as_of, "baocao", "submission_waiting", None, f"submission/{file.id}", payload)
    return WAITING


def reject(
    place: Installation, file: ReceivedFile, rejection: Rejection, as_of: datetime, *, says: Identity | None = None
) -> str:
    """QUARANTINED, and an answer to whoever sent it, each time. Raises StaleStatus when it is decided already.

    `says` is what a file that can be read says of itself: of a workbook of another regime its owner is told.
    """
    # Nothing in an unreadable file says for which regime it was: only its sender can be written to.
    period_mail, who = _address(place, file.sender)
    if period_mail is not None:
        period_mail.answering(file.sender, file.thread)
    now = Circumstances(sender=file.sender, refused=f"{rejection.reason.value}: {rejection.message}")
    with place.store.begin() as conn:
        row = receiving.identify(
            conn, file.id, regime=period_mail.pack.code if period_mail else "", period="", unit=file.sender
        )
        # A broken file sent again unchanged is a repeat like any other.
        stands = standing_answer(conn, row, now)
        if stands is not None and period_mail is not None and who is not None:
            return repeat(period_mail, conn, who, file, stands, rejection.message, as_of)
        _quarantine(conn, file, rejection.reason.value, now, as_of)
        if period_mail is not None and who is not None:
            _tell_refused(period_mail, conn, who, file, rejection.reason.value, rejection.message, as_of)
        else:
            alarm(
                place,
                conn,
                subject="Không trả lời được người gửi một tệp",
                text=f"Tệp {file.filename}: {rejection.message}\n\nĐơn vị mã {file.sender} có nhiều địa chỉ khác nhau "
                "ở các "
                "chế độ báo cáo; hãy trả lời đơn vị, hoặc ghi cùng một địa chỉ trong units.csv của các gói. "
                "Xem mục «Đơn vị có nhiều địa chỉ» trong sổ tay vận hành.",
                key=f"no-one-address/{file.id}",
                at=as_of,
            )
        if says is not None and says.unit.code != file.sender:
            _tell_owner(place, conn, says, file, who.full_name if who else file.sender, as_of)
    return QUARANTINED


def _tell_owner(
    place: Installation, conn: Connection, says: Identity, file: ReceivedFile, sender: str, as_of: datetime
) -> None:
    """Tell the unit whose workbook it is that another unit has sent it; its own record is not touched."""
    period_mail = PeriodMail(place, *place.at(says.regime, says.period.code))
    period_mail.to_unit(
        conn,
        says.unit,
        context=contexts.SentByAnother(
            head=period_mail.head,
            addressee=addressee_of(says.unit),
            filename=file.filename,
            received_at=file.received_at,
            sender=sender,
        ),
        step=f"sent-by-another-{file.id}",
        at=as_of,
    )


def _address(place: Installation, sender: str) -> tuple[PeriodMail | None, Unit | None]:
    """Whom to write to when the file does not say for which regime: an office that reports in several is one sender
    when it is written to at one address."""
    found = [(pack, unit) for pack in packs(place, sender) if (unit := pack.unit(sender)) is not None]
    # Several addresses may be several offices that share a code: a guess would tell one about the other's file.
    if len({unit.email for _, unit in found}) != 1:
        return None, None
    return PeriodMail(place, found[0][0], None), found[0][1]


def quarantine_out_of_window(
    place: Installation,
    period_mail: PeriodMail,
    file: ReceivedFile,
    known: Identified,
    own: UnitDeadline | None,
    as_of: datetime,
) -> str:
    """A period that is not open for this unit, or is locked: kept, answered, not judged.

    Raises StaleStatus when it is decided already.
    """
    reason, answer = _why_not(place, known, own, as_of)
    now = replace(
        Circumstances(sender=file.sender, pack=known.pack.sha256, refused=reason).at(own, file.received_at),
        # Where nothing is owed the sentence itself is compared: a period that opens meanwhile changes the answer.
        refused=reason if own is not None else f"{reason}: {answer}",
    )
    with place.store.begin() as conn:
        stands = standing_answer(conn, write_identity(conn, file, known), now)
        if stands is not None:
            return repeat(period_mail, conn, known.unit, file, stands, answer, as_of)
        _quarantine(conn, file, reason, now, as_of)
        if own is None:
            _tell_refused(period_mail, conn, known.unit, file, reason, answer, as_of)
        else:
            period_mail.to_unit(
                conn,
                known.unit,
                context=contexts.Locked(
                    head=period_mail.head,
                    addressee=addressee_of(known.unit),
                    filename=file.filename,
                    received_at=file.received_at,
                    due_at=own.due_at,
                    locked_after=own.locked_after,
                ),
                step=f"{reason}-{file.id}",
                at=as_of,
            )
    return QUARANTINED


def quarantine_returned_before(
    place: Installation,
    period_mail: PeriodMail,
    file: ReceivedFile,
    known: Identified,
    returned: GivenBack,
    as_of: datetime,
) -> str:
    """The very file that the office has returned: kept, answered, not judged again. Raises StaleStatus."""
    when = returned.at.astimezone(place.zone(known.pack.code))
    answer = (
        f"Tệp trùng hoàn toàn với báo cáo đã bị trả lại ngày {day_text(when)} ({returned.reason}); hãy sửa theo lý do "
        "đó rồi gửi lại."
    )
    now = Circumstances(file.sender, known.pack.sha256, refused=f"{RETURNED_BEFORE}: {answer}")
    with place.store.begin() as conn:
        # The unit is named also of a file that is not judged: it is not one that has sent nothing.
        write_identity(conn, file, known)
        _quarantine(conn, file, RETURNED_BEFORE, now, as_of)
        _tell_refused(period_mail, conn, known.unit, file, RETURNED_BEFORE, answer, as_of)
    return QUARANTINED


def _why_not(place: Installation, known: Identified, own: UnitDeadline | None, as_of: datetime) -> tuple[str, str]:
    """A word for the program, and the sentence for the unit."""
    period, name = known.period, known.period.name
    if own is not None:
        until = own.in_zone(period.unit.due_at.tzinfo).locked_after
        return "locked", f"Kỳ báo cáo {name} đã ngừng tiếp nhận sau {moment_text(until)}."
    with place.store.read() as conn:
        opened = windows.window_of(conn, known.pack.code, period.code) is not None
    if opened:
        return "not_owed", f"{known.unit.full_name} không thuộc danh sách đơn vị phải báo cáo kỳ {name}."
    if as_of > period.unit.locked_after:
        return "past", f"Tệp là biểu mẫu của kỳ {name}; kỳ này đã qua và không thu báo cáo ở đây."
    when = f"mở từ ngày {day_text(period.opens_at)}" if as_of < period.opens_at else "chưa có thư mở kỳ"
    return "not_open", f"Kỳ báo cáo {name} chưa mở ({when}). Tệp được lưu giữ nhưng chưa tính là báo cáo đã nộp."


def _quarantine(conn: Connection, file: ReceivedFile, reason: str, now: Circumstances, as_of: datetime) -> None:
    row = submissions.quarantine(conn, file.id, decided_at=as_of, reason=reason, circumstances=now.as_json())
    payload = {"reason": reason, "sha256": file.sha256, "unit": row.unit}
    events.append(conn, as_of, "baocao", "submission_quarantined", row, f"submission/{row.id}", payload)


def _tell_refused(
    period_mail: PeriodMail,
    conn: Connection,
    unit: Unit,
    file: ReceivedFile,
    reason: str,
    message: str,
    as_of: datetime,
) -> None:
    """The sender's letter: the file is kept and not judged, and why."""
    period_mail.to_unit(
        conn,
        unit,
        context=contexts.Quarantined(
            head=period_mail.head,
            addressee=addressee_of(unit),
            reason=reason,
            message=message,
            filename=file.filename,
            received_at=file.received_at,
        ),
        step=f"quarantined-{file.id}",
        at=as_of,
    )


def refuse_by_office(place: Installation, file_id: int, *, reason: str, by: str, as_of: datetime) -> None:
    """The office will not have a file that waits or is stuck. Raises StaleStatus when it is decided already."""
    with place.store.begin() as conn:
        found = submissions.detail(conn, file_id)
        row = found.submission
        sender = str(found.info.get("sender_hint", ""))
        submissions.quarantine(conn, file_id, decided_at=as_of, reason="refused")
        period_mail, who = _address(place, sender)
        if period_mail is not None and who is not None:
            # Without the bytes: the letter speaks of the file by its name alone.
            file = ReceivedFile(row.id, b"", row.filename, row.sha256, row.received_at, sender)
            _tell_refused(period_mail, conn, who, file, "refused", reason, as_of)
        payload = {"reason": "refused", "said": reason, "sha256": row.sha256, "sender": sender}
        events.append(conn, as_of, by, "submission_quarantined", row, f"submission/{file_id}", payload)
