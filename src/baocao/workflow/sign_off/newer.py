"""Reports accepted after a version was consolidated: the version lacks them, and whoever decides about it, runs the
system or sent the report is told so, with the way to bring them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from baocao.delivery.contexts.versions import NewerSubmission
from baocao.model.report import Report, ReportStatus
from baocao.model.submission import Submission
from baocao.model.unit import Unit
from baocao.store.reports import corrections, reports
from baocao.store.submissions import given_back, submissions
from baocao.text import first_few
from baocao.workflow.installation import Installation, Refused
from baocao.workflow.mail.letters import PeriodMail

_SHOWN = 12
"""Names in one sentence; `status` and the letters have them all."""
_STANDS = {
    ReportStatus.FROZEN: "đang chờ duyệt",
    ReportStatus.APPROVED: "đã duyệt, đang chờ ký",
    ReportStatus.SIGNED: "đã ký, chưa gửi",
    ReportStatus.DISPATCHED: "đã gửi",
}


@dataclass(frozen=True, slots=True)
class Newer:
    """An official submission that a version does not contain, or one it contains that is in force no more."""

    unit: str
    name: str
    submission_id: int
    received_at: datetime
    replaces: bool
    """the version contains an earlier report of the unit"""
    gone: bool = False
    """the version contains it, and it was returned or withdrawn since"""

    @property
    def said(self) -> str:
        """`Phường … (đính chính)`"""
        how = "đã trả lại hoặc rút" if self.gone else "đính chính" if self.replaces else "báo cáo lần đầu"
        return f"{self.name} ({how})"

    def as_data(self) -> dict[str, Any]:
        """As a page or an answer tells it."""
        return {
            "unit": self.unit,
            "name": self.name,
            "submission_id": self.submission_id,
            "received_at": self.received_at,
            "replaces": self.replaces,
            "gone": self.gone,
        }


def newer_than(place: Installation, conn: Connection, report: Report) -> tuple[Newer, ...]:
    """What counts for the period by now and is not in the version, by unit code; then what is in it and counts no more
    without anything in its place."""
    inside = dict(reports.inputs(conn, report.id))
    pack = place.pack(report.regime)
    accepted = submissions.accepted(conn, report.regime, report.period)
    gone = set(given_back.of_period(conn, report.regime, report.period)) & set(inside.values())
    in_force = {s.unit for s in accepted}

    newer = [
        Newer(s.unit, pack.unit_name(s.unit), s.id, s.received_at, s.unit in inside)
        for s in accepted
        if inside.get(s.unit) != s.id
    ]
    for code, id in sorted(inside.items()):
        # A returned report that the unit has replaced is told as a correction, not as something missing.
        if id in gone and code not in in_force:
            newer.append(
                Newer(code, pack.unit_name(code), id, submissions.submission_of(conn, id).received_at, True, gone=True)
            )
    return tuple(newer)


def sentence(found: Sequence[Newer], version: int) -> str:
    """`02 báo cáo được tiếp nhận sau khi lập phiên bản 1, chưa có trong phiên bản này: …`; empty for none."""
    said = (
        (f"báo cáo được tiếp nhận sau khi lập phiên bản {version}, chưa có trong phiên bản này", False),
        (f"báo cáo có trong phiên bản {version} đã được trả lại hoặc rút sau khi lập", True),
    )
    parts = []
    for words, gone in said:
        these = [n for n in found if n.gone is gone]
        names = first_few((n.name if gone else n.said for n in these), _SHOWN, "đơn vị")
        parts += [f"{len(these):02} {words}: {names}"] if these else []
    return "; ".join(parts)


def way_out(report: Report) -> str:
    """What can be done about a version that lacks reports, given how far it has come."""
    period = f"--period {report.period}"
    if report.status is ReportStatus.DISPATCHED:
        return f"Báo cáo đã gửi thiếu các báo cáo này: mở đính chính bằng `baocao correct {period} --reason … --by …`"
    if report.status is ReportStatus.SIGNED:
        return (
            f"Báo cáo đã ký: phát hành rồi mở đính chính (`baocao correct {period} --reason … --by …`), nếu cần đưa "
            "các báo cáo này vào"
        )
    verb = "approve" if report.status is ReportStatus.FROZEN else "sign"
    return (
        f"Có hai cách: trả lại (`baocao {verb} {period} --return --note …`) rồi tổng hợp lại để đưa vào phiên bản mới; "
        "hoặc quyết định khi đã biết (`--knowingly`, trên Airflow: đánh dấu «Đã biết có báo cáo mới hơn»), việc này "
        "được ghi lại cùng quyết định"
    )


def require_known(place: Installation, conn: Connection, report: Report, doing: str, *, knowingly: bool) -> str:
    """What is put on record beside the decision when it is taken knowingly; empty when nothing is newer.

    Raises Refused naming the reports the version lacks and the two ways out.
    """
    found = newer_than(place, conn, report)
    if not found:
        return ""
    # Refused first and allowed on the second word: taken silently, nobody could say later whether it was known.
    if not knowingly:
        raise Refused(f"Chưa {doing} phiên bản {report.version}: {sentence(found, report.version)}. {way_out(report)}")
    return f"Đã biết: {sentence(found, report.version)}"


def receipt_note(conn: Connection, report: Report | None) -> str:
    """For the unit's receipt: which version of the report will contain its figures, or which one is older than they.
    `report`: the newest version of the period."""
    if report is None or report.status not in _STANDS:
        return "Số liệu được đưa vào báo cáo tổng hợp lập sau thời điểm tiếp nhận này."
    version = f"phiên bản {report.version} của báo cáo tổng hợp ({_STANDS[report.status]})"
    if report.status is ReportStatus.DISPATCHED:
        if corrections.opened_on(conn, report.id) is not None:
            return f"Số liệu này mới hơn {version}; được đưa vào báo cáo đính chính đang lập."
        return (
            f"Số liệu này mới hơn {version}: báo cáo đã gửi không có số liệu này. Số liệu chỉ được đưa vào khi cơ quan "
            "tổng hợp lập báo cáo đính chính; cơ quan tổng hợp đã được báo."
        )
    return (
        f"Số liệu này mới hơn {version}: phiên bản đó không có số liệu này. Người duyệt, người ký đã được báo; số liệu "
        "được đưa vào nếu báo cáo được trả lại và lập phiên bản mới."
    )


def tell_newer(
    conn: Connection, period_mail: PeriodMail, unit: Unit, row: Submission, report: Report | None, at: datetime
) -> None:
    """After an acceptance: tell the office, the signer while it is their turn, and the operator once it is too late to
    return the version. Nothing while no version waits for anybody, nor while a correction is open: it is expected.
    `report`: the newest version of the period."""
    if report is None or report.status not in _STANDS:
        return
    found = newer_than(period_mail.place, conn, report)
    # An older file that is accepted late does not become official, and so nobody lacks it.
    if row.id not in {n.submission_id for n in found} or corrections.opened_on(conn, report.id) is not None:
        return
    _tell_deciders(conn, period_mail, report, unit, found, row.received_at, step=f"newer-{report.id}-{row.id}", at=at)
    if report.status in {ReportStatus.SIGNED, ReportStatus.DISPATCHED}:
        period_mail.alarm(
            conn,
            subject=f"Báo cáo {report.period} {_STANDS[report.status]} thiếu báo cáo vừa tiếp nhận",
            text=f"{sentence(found, report.version)}. {way_out(report)}. Xem mục «Báo cáo mới hơn bản đang trình» "
            "trong sổ tay vận hành.",
            key=f"newer/{report.id}/{row.id}",
            at=at,
        )


def tell_gone(conn: Connection, period_mail: PeriodMail, unit: Unit, row: Submission, at: datetime) -> None:
    """After a return or a withdrawal: whoever has a version with these figures before them is told so."""
    report = reports.latest(conn, row.regime, row.period)
    # Behind a signature nothing is returned or withdrawn (`giving_back`).
    if report is None or report.status not in {ReportStatus.FROZEN, ReportStatus.APPROVED}:
        return
    if row.id in {id for _, id in reports.inputs(conn, report.id)}:
        found = newer_than(period_mail.place, conn, report)
        step = f"gone-{report.id}-{row.id}"
        _tell_deciders(conn, period_mail, report, unit, found, at, step=step, at=at, gone=True)


def _tell_deciders(
    conn: Connection,
    period_mail: PeriodMail,
    report: Report,
    unit: Unit,
    found: Sequence[Newer],
    when: datetime,
    *,
    step: str,
    at: datetime,
    gone: bool = False,
) -> None:
    """A letter to the office, and to the signer while the report waits for the signature."""
    authority = period_mail.pack.regime.authority
    people = [(authority.standing_email, authority.standing_office, "office")]
    if report.status is ReportStatus.APPROVED:
        people.append((authority.leadership_email, period_mail.pack.regime.authority.issuer_in_sentence, "signer"))
    for address, addressee, who in people:
        context = NewerSubmission(
            head=period_mail.head,
            addressee=addressee,
            version=report.version,
            stands=_STANDS[report.status],
            unit=unit.full_name,
            units=tuple(n.said for n in found),
            way_out=way_out(report),
            received_at=when,
            gone=gone,
        )
        period_mail.post(conn, to=address, key="sign-off", step=f"{step}-{who}", context=context, at=at)
