"""What holds a report back: an objection of a lead body that nobody has answered, or time still kept for comments."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import datetime

from sqlalchemy import Connection

from baocao.model.lead import LeadComment
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import Report, ReportStatus
from baocao.store import lead_comments, windows
from baocao.store.reports import corrections, reports
from baocao.text import moment_text
from baocao.workflow.installation import Installation, Refused


def require_no_open_objection(place: Installation, conn: Connection, regime: str, period: str, doing: str) -> None:
    """Raises Refused naming who objects, to which cell of which unit, since when, and the two ways out.

    A report that has been dispatched is held by nothing any more.
    """
    newest = reports.latest(conn, regime, period)
    if newest is not None and newest.status is ReportStatus.DISPATCHED:
        return
    found = lead_comments.open_objections(conn, regime, period)
    if not found:
        return
    first = found[0]
    approver = place.pack(regime).regime.wording.approver
    more = f" (và {len(found) - 1} phản đối khác)" if len(found) > 1 else ""
    raise Refused(
        f"Chưa thể {doing} kỳ {period}: {objection_line(place, first)}{more}. Có hai cách: trả lời "
        f"(`baocao lead answer {first.id}`) hoặc đơn vị chủ trì rút (`baocao lead withdraw {first.id}`); hoặc "
        f"{approver} bác, có nêu lý do (`baocao lead overrule {first.id}`). "
        "Xem mục «Đơn vị chủ trì phản đối» trong sổ tay vận hành"
    )


def require_not_decided(conn: Connection, regime: str, period: str, too_late: Mapping[ReportStatus, str]) -> None:
    """Raises Refused with the way out when the newest version of the period's report has come too far, unless its
    correction is open."""
    newest = too_far(conn, regime, period, too_late)
    if newest is not None:
        raise Refused(f"Báo cáo {newest.period} phiên bản {newest.version} {too_late[newest.status]}")


def too_far(conn: Connection, regime: str, period: str, too_late: Container[ReportStatus]) -> Report | None:
    """The newest version where it has one of these states and is not being corrected; else None."""
    newest = reports.latest(conn, regime, period)
    if newest is None or newest.status not in too_late:
        return None
    # The next version is being made: for it everything is open again.
    corrected = newest.status is ReportStatus.DISPATCHED and corrections.opened_on(conn, newest.id) is not None
    return None if corrected else newest


def require_comments_awaited(conn: Connection, pack: Pack, period: Period, as_of: datetime) -> None:
    """Raises Refused while the lead bodies may still comment: they were told that nothing is consolidated before."""
    if period.comments_until is None or as_of > period.comments_until:
        return
    asked = [pack.unit(o.unit) for o in windows.obligations(conn, pack.code, period.code) if o.is_lead_body]
    # A regime without lead bodies need not wait for anybody.
    if any(unit is not None and unit.is_lead_body for unit in asked):
        raise Refused(
            f"Kỳ {period.code}: các đơn vị chủ trì được gửi ý kiến đến {moment_text(period.comments_until)}; "
            "sau thời điểm đó mới tổng hợp. Thời gian này do lead_comment_days trong regime.yaml quy định"
        )


def require_overruled_are_told(conn: Connection, report: Report, doing: str) -> None:
    """Raises Refused when an objection was overruled after the freeze: the decider would not read of it."""
    # Each report keeps its own list: what it was frozen with cannot be read from what is overruled today.
    told = {c.id for c in lead_comments.of_report(conn, report.id)}
    untold = [c for c in lead_comments.overruled(conn, report.regime, report.period) if c.id not in told]
    if untold:
        raise Refused(
            f"Không {doing} phiên bản {report.version}: phản đối số {untold[0].id} bị bác sau khi chốt nên bản "
            "này không ghi. Hãy trả lại (nếu đã duyệt) và tổng hợp lại để bản trình ghi rõ phản đối và lý do bác"
        )


def objection_line(place: Installation, objection: LeadComment) -> str:
    """`Sở Y tế phản đối FORM/ROW/COLUMN của Phường … từ 08:00 ngày 20/06/2026 (phản đối số 3)`."""
    pack = place.pack(objection.regime)
    names = [pack.unit_name(code) for code in (objection.lead, objection.unit)]
    subject = objection.told(pack.regime.wording.project)
    since = objection.raised_at.astimezone(place.zone(objection.regime))
    return f"{names[0]} phản đối {subject} của {names[1]} từ {moment_text(since)} (phản đối số {objection.id})"
