"""Trả lại, rút: an accepted report that counts no more, or a file that waits and shall not be judged.

A submission never changes: that it counts no more is a row of its own. What a report was made of stays in that report;
whoever decides about it is told.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery.contexts.common import addressee_of
from baocao.delivery.contexts.versions import SubmissionGivenBack
from baocao.model.deadline import UnitDeadline, WaiverKind, end_of_day, refuse_extension
from baocao.model.report import ReportStatus
from baocao.model.submission import GivenBackKind, Status, Submission
from baocao.model.unit import Unit
from baocao.store import waivers
from baocao.store.reports import reports
from baocao.store.submissions import given_back, submissions
from baocao.store.trail import events
from baocao.text import moment_text
from baocao.workflow.consolidating.holding import too_far
from baocao.workflow.installation import Installation, Refused, require_decided, require_readable
from baocao.workflow.mail.letters import PeriodMail
from baocao.workflow.mail.mailing import flush
from baocao.workflow.sign_off.newer import tell_gone

WITHDRAWN = "withdrawn"
"""Why a file that was never judged is kept and not read."""
_TOO_LATE = {
    ReportStatus.SIGNED: "đã ký, chưa gửi: thu hồi chữ ký (`baocao revoke`) trước, hoặc gửi rồi mở đính chính",
    ReportStatus.DISPATCHED: "đã gửi: mở đính chính (`baocao correct`) trước",
}


def give_back(
    place: Installation,
    regime: str,
    period: str,
    unit: str,
    *,
    reason: str,
    by: str,
    as_of: datetime,
    until: date | None = None,
) -> dict[str, Any]:
    """Return the unit's accepted report: nothing of it counts, the unit owes again and is told why by letter.

    `until`: it may send until the end of that day (an extension); needed once the period is locked for it. A version
    that is consolidated keeps its figures; whoever approves or signs it must know. Raises Refused without an accepted
    report, a reason or a name; for an excused unit; once the report is signed, or sent and not opened for correction.
    """
    _require(reason, by)
    pack, when = place.at(regime, period)
    zone = place.zone(regime)
    period_mail = PeriodMail(place, pack, when)
    end = end_of_day(until, zone) if until else None
    with place.store.begin() as conn:
        # From here to the commit no file of this unit is decided; what is to be returned is read behind the lock.
        submissions.lock_unit(conn, regime, period, unit)
        official = submissions.official(conn, regime, period, unit)
        who = pack.unit(unit)
        own = waivers.deadline_of(conn, regime, period, unit, as_of)
        if official is None or who is None or own is None:
            raise Refused(f"Đơn vị mã {unit} không có báo cáo nào đang có hiệu lực trong kỳ {period}")
        _require_open(conn, regime, period, "trả lại báo cáo của đơn vị")
        own = _granted(conn, own.in_zone(zone), regime, period, end, reason=reason, by=by, at=as_of).in_zone(zone)
        back = given_back.of_period(conn, regime, period, unit)
        # All of them and not the official one alone: else the accepted report before it would count again, which is
        # what withdrawing means and returning does not.
        gone = [
            s
            for s in submissions.of_period(conn, regime, period)
            if s.unit == unit and s.status is Status.ACCEPTED and s.id not in back
        ]
        for row in gone:
            # A row of its own: a submission never changes, and versions made with it must replay.
            given_back.record(conn, row.id, GivenBackKind.RETURNED, reason=reason, by=by, at=as_of)
        _tell(conn, period_mail, who, official, own, GivenBackKind.RETURNED, reason=reason, earlier="", at=as_of)
        # In the same transaction: a version that lost an input and the letters about it are one fact.
        tell_gone(conn, period_mail, who, official, as_of)
        _note(conn, official, "submission_given_back", by, as_of, reason, [s.id for s in gone])
    flush(place, as_of)
    return {
        "unit": unit,
        "period": period,
        "submission_id": official.id,
        "receipt_number": official.receipt_number,
        "due_at": own.due_at,
        "locked_after": own.locked_after,
        "warnings": _warnings(place, regime, period, official.id),
    }


def withdraw(
    place: Installation, id: int, *, reason: str, by: str, as_of: datetime, regime: str = "", period: str = ""
) -> dict[str, Any]:
    """Withdraw one sending, as if it had not been sent: an accepted report, or a file that is not judged yet. The
    accepted report before it counts again, where there is one.

    `by`: a person of the office, or `unit:00001` for the unit itself, which may do so until its period is locked.
    `regime` and `period`, when given, must be the sending's own. Raises Refused as `give_back`, and for a sending that
    counts for nothing anyway; StaleStatus when it was decided meanwhile.
    """
    _require(reason, by)
    with place.store.read() as conn:
        found = submissions.detail(conn, id).submission
    if (regime or found.regime, period or found.period) != (found.regime, found.period):
        raise Refused(f"Lần gửi số {id} thuộc kỳ khác; hãy xem lại số")
    if found.status is Status.RECEIVED:
        return _not_judged(place, found, reason=reason, by=by, as_of=as_of)
    if found.status is not Status.ACCEPTED or not found.period:
        raise Refused(f"Lần gửi số {id} không có hiệu lực nên không có gì để rút")
    period_mail = PeriodMail(place, *place.at(found.regime, found.period))
    who = period_mail.pack.unit(found.unit)
    with place.store.begin() as conn:
        submissions.lock_siblings(conn, id)
        own = waivers.deadline_of(conn, found.regime, found.period, found.unit, as_of)
        if who is None or own is None:
            raise Refused(f"Đơn vị {found.unit} không có nghĩa vụ báo cáo trong kỳ {found.period}")
        # After the lock nothing could take its place: the unit would silently be without a report.
        if by.startswith("unit:") and as_of > own.locked_after:
            raise Refused("Kỳ báo cáo đã ngừng tiếp nhận: đơn vị không tự rút được nữa; hãy gọi cho cơ quan tổng hợp")
        _require_open(conn, found.regime, found.period, "rút báo cáo")
        was_official = submissions.official(conn, found.regime, found.period, found.unit)
        given_back.record(conn, id, GivenBackKind.WITHDRAWN, reason=reason, by=by, at=as_of)
        again = submissions.official(conn, found.regime, found.period, found.unit)
        counts = again.receipt_number or "" if again is not None else ""
        own = own.in_zone(place.zone(found.regime))
        _tell(conn, period_mail, who, found, own, GivenBackKind.WITHDRAWN, reason=reason, earlier=counts, at=as_of)
        # An older sending that counted for nothing is in no version: nobody need hear of it.
        if was_official is not None and was_official.id == id:
            tell_gone(conn, period_mail, who, found, as_of)
        _note(conn, found, "submission_withdrawn", by, as_of, reason, [id])
    flush(place, as_of)
    return {
        "unit": found.unit,
        "period": found.period,
        "submission_id": id,
        "counts_again": counts,
        "warnings": _warnings(place, found.regime, found.period, id),
    }


def _not_judged(place: Installation, found: Submission, *, reason: str, by: str, as_of: datetime) -> dict[str, Any]:
    """A file that waits, or is about to be judged: kept, and not judged any more."""
    with place.store.begin() as conn:
        # No letter: the sender has just said so itself, or the office has, and the file was never answered.
        submissions.quarantine(conn, found.id, decided_at=as_of, reason=WITHDRAWN)
        payload = {"reason": WITHDRAWN, "said": reason, "sha256": found.sha256, "unit": found.unit}
        events.append(conn, as_of, by, "submission_quarantined", found, f"submission/{found.id}", payload)
    return {
        "unit": found.unit,
        "period": found.period,
        "submission_id": found.id,
        "counts_again": "",
        "warnings": [],
    }


def _require(reason: str, by: str) -> None:
    require_decided(reason, by, "Trả lại hoặc rút báo cáo phải ghi rõ lý do (--reason) và người quyết định (--by)")
    require_readable("Lý do", reason)


def _require_open(conn: Connection, regime: str, period: str, doing: str) -> None:
    """Raises Refused with the way out once the report was signed, unless a correction of the sent one is open."""
    newest = too_far(conn, regime, period, _TOO_LATE)
    if newest is not None:
        raise Refused(f"Chưa {doing}: báo cáo tổng hợp phiên bản {newest.version} {_TOO_LATE[newest.status]}")


def _granted(
    conn: Connection,
    own: UnitDeadline,
    regime: str,
    period: str,
    end: datetime | None,
    *,
    reason: str,
    by: str,
    at: datetime,
) -> UnitDeadline:
    """The unit's deadline from now on. Raises Refused when it could not send any more."""
    if not own.owes:
        raise Refused(
            "Đơn vị đang được miễn báo cáo kỳ này: thu hồi việc miễn trước nếu muốn đơn vị nộp lại, hoặc rút báo cáo"
        )
    if end is None and at > own.locked_after:
        raise Refused(
            f"Kỳ báo cáo đã khóa với đơn vị từ {moment_text(own.locked_after)}: trả lại phải kèm hạn nộp lại (--until)"
        )
    # No row for what is so already: the ladder of reminders would start anew under the same day.
    if end is None or end == own.due_at:
        return own
    if refused := refuse_extension(own, end, at):
        raise Refused(refused)
    why = f"Trả lại báo cáo: {reason.strip()}"
    waivers.grant(
        conn,
        regime=regime,
        period=period,
        unit=own.unit,
        kind=WaiverKind.EXTENSION,
        until=end,
        reason=why,
        granted_by=by,
        granted_at=at,
    )
    payload = {"until": end.isoformat(), "reason": why, "warnings": []}
    events.append(conn, at, by, "extension_granted", (regime, period), f"unit/{own.unit}", payload)
    found = waivers.deadline_of(conn, regime, period, own.unit, at)
    assert found is not None
    return found


def _tell(
    conn: Connection,
    period_mail: PeriodMail,
    who: Unit,
    row: Submission,
    own: UnitDeadline,
    kind: GivenBackKind,
    *,
    reason: str,
    earlier: str,
    at: datetime,
) -> None:
    """The unit's letter: what counts no more, why, what counts in its place (`earlier`), until when it owes again."""
    context = SubmissionGivenBack(
        head=period_mail.head,
        addressee=addressee_of(who),
        kind=kind.value,
        filename=row.filename,
        received_at=row.received_at,
        receipt_number=row.receipt_number or "",
        reason=reason,
        due_at=own.due_at,
        locked_after=own.locked_after,
        overdue=at > own.due_at,
        owes=own.owes,
        counts_again=earlier,
    )
    period_mail.to_unit(conn, who, context=context, step=f"given-back-{row.id}", at=at)


def _note(
    conn: Connection, row: Submission, action: str, by: str, at: datetime, reason: str, submission_ids: list[int]
) -> None:
    payload = {
        "unit": row.unit,
        "reason": reason,
        "receipt": row.receipt_number or "",
        "submissions": submission_ids,
    }
    events.append(conn, at, by, action, row, f"submission/{row.id}", payload)


def _warnings(place: Installation, regime: str, period: str, submission_id: int) -> list[str]:
    """What whoever did it should know: a version that was made with the figures."""
    with place.store.read() as conn:
        newest = reports.latest(conn, regime, period)
        if newest is None or newest.status in {ReportStatus.DRAFT, ReportStatus.RETURNED}:
            return []
        if submission_id not in {id for _, id in reports.inputs(conn, newest.id)}:
            return []
    return [
        f"Phiên bản {newest.version} của báo cáo tổng hợp đã lập với số liệu này và không đổi; người duyệt, người ký "
        "đã được báo. Muốn bỏ số liệu: trả lại phiên bản đó rồi tổng hợp lại"
    ]
