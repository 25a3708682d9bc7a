"""Where a unit stands: what it owes, until when, what it has sent and what became of each. Changes nothing.

Everything is asked for the holder of a link, and nothing is answered about anybody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from baocao.model.deadline import UnitDeadline, time_left
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.signed_copy import UnitCopy, UnitCopyRule
from baocao.model.submission import Finding, GivenBack, Severity, Status
from baocao.model.unit import Unit
from baocao.store.browse import sendings
from baocao.store.submissions import given_back, submissions, unit_copies, waiting_copies
from baocao.store.submissions.submission_findings import findings_of
from baocao.store.submissions.submissions import SubmissionDetail
from baocao.workflow.copies.units import copies_of
from baocao.workflow.installation import Installation
from baocao.workflow.mail.personal_links import Holder

_CHANNELS = {
    "portal": "trang nộp báo cáo",
    "folder": "thư mục nhận",
    "mail": "thư điện tử",
    "office": "cơ quan tổng hợp nhập hộ",
}
_NOT_JUDGED = {
    "locked": "Kỳ báo cáo đã ngừng tiếp nhận khi tệp đến.",
    "not_owed": "Đơn vị không thuộc danh sách phải báo cáo kỳ này.",
    "refused": "Cơ quan tổng hợp không nhận tệp này.",
    "withdrawn": "Tệp đã được rút trước khi kiểm tra.",
}


@dataclass(frozen=True)
class SentFile:
    """One thing a unit has sent, and its answer."""

    id: int
    filename: str
    channel: str
    """for people: `trang nộp báo cáo`"""
    received_at: datetime
    decided_at: datetime | None
    status: Status
    on_time: bool | None
    sha256: str
    receipt_number: str
    findings: tuple[Finding, ...]
    answer: str
    """Why it was not taken, where no points say so; else empty."""
    marked_sha256: str | None
    repeats: int | None
    """the sending whose answer stands, of a repetition"""
    is_official: bool
    """whether its figures are the ones that count now"""
    elsewhere: str
    """the code of another period it was made out for and judged under; else empty"""
    back: GivenBack | None = None
    """that it was returned or withdrawn after its acceptance"""

    @property
    def may_be_withdrawn(self) -> bool:
        """It counts or waits, and is of this period."""
        return self.back is None and not self.elsewhere and self.status in {Status.ACCEPTED, Status.RECEIVED}

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The points to correct."""
        return tuple(f for f in self.findings if f.severity is Severity.BLOCKS)

    @property
    def to_explain(self) -> tuple[Finding, ...]:
        """The points that still want a word of explanation."""
        return tuple(f for f in self.findings if f.severity is Severity.EXPLAIN and not f.explanation)

    @property
    def explained(self) -> tuple[Finding, ...]:
        return tuple(f for f in self.findings if f.severity is Severity.EXPLAIN and f.explanation)


@dataclass(frozen=True)
class UnitPage:
    """Everything the unit's page says."""

    pack: Pack
    period: Period
    unit: Unit
    deadline: UnitDeadline
    """on the regime's clock"""
    sent: tuple[SentFile, ...]
    """the newest first"""
    zone: tzinfo
    copy: UnitCopy | None
    """the signed copy that belongs to the accepted report, or came before any"""

    copy_waits_since: datetime | None = None
    """when a signed copy came that nobody could scan yet"""

    @property
    def lacks_copy(self) -> bool:
        """The regime asks for the signed copy, the report is accepted and the copy is not there."""
        return self.asks_copy and self.official is not None and self.copy is None

    @property
    def asks_copy(self) -> bool:
        return self.pack.regime.unit_copy is not UnitCopyRule.NONE

    @property
    def official(self) -> SentFile | None:
        """The accepted report that counts."""
        return next((s for s in self.sent if s.is_official), None)

    @property
    def last(self) -> SentFile | None:
        """The newest sending that is no mere repetition."""
        return next((s for s in self.sent if s.status is not Status.DUPLICATE), None)

    def is_locked(self, at: datetime) -> bool:
        """Whether the unit can no longer send at that moment."""
        return at > self.deadline.locked_after

    def is_late(self, at: datetime) -> bool:
        """Whether a report that comes at that moment is late."""
        return at > self.deadline.due_at

    def time_left(self, at: datetime) -> str:
        """`còn 3 ngày 4 giờ`, `đã quá hạn 2 ngày`"""
        return time_left(self.deadline.due_at, at)


def standing_of(place: Installation, holder: Holder) -> UnitPage:
    """The page of a link's holder."""
    pack, period = place.at(holder.regime, holder.period)
    unit = holder.unit_in(pack)
    zone = place.zone(holder.regime)
    with place.store.read() as conn:
        official = submissions.official(conn, holder.regime, holder.period, holder.unit)
        back = given_back.of_period(conn, holder.regime, holder.period, holder.unit)
        sent = tuple(
            _sent(conn, detail, official.id if official else None, holder, back) for detail in _details(conn, holder)
        )
        if official is not None:
            copy = copies_of(conn, holder.regime, holder.period, {holder.unit: official}).get(holder.unit)
        else:
            copy = unit_copies.latest(conn, holder.regime, holder.period).get(holder.unit)
        waits = waiting_copies.waiting(conn, holder.regime, holder.period, holder.unit)
    since = waits[-1].received_at if waits else None
    return UnitPage(pack, period, unit, holder.deadline.in_zone(zone), sent, zone, copy, since)


def sent_by(place: Installation, holder: Holder, id: int) -> SentFile | None:
    """One sending of the holder; None for a number that is not one of theirs, whether it exists or not."""
    with place.store.read() as conn:
        official = submissions.official(conn, holder.regime, holder.period, holder.unit)
        back = given_back.of_period(conn, holder.regime, holder.period, holder.unit)
        for detail in _details(conn, holder, id):
            return _sent(conn, detail, official.id if official else None, holder, back)
    return None


def _details(conn: Connection, holder: Holder, id: int | None = None) -> list[SubmissionDetail]:
    """What the unit sent for the period; also what never got as far as a period, and what came by this link."""
    found = []
    for number in sendings.ids_of_unit(conn, holder.unit, id):
        detail = submissions.detail(conn, number)
        row = detail.submission
        if detail.channel == "baseline":
            continue
        # A unit may have sent for several regimes and periods: whoever holds the link of one sees no other's.
        ours = (row.regime, row.period) == (holder.regime, holder.period)
        by_link = detail.info.get("link") == holder.link_id
        unreadable = not row.period and row.regime in {"", holder.regime} and detail.channel != "portal"
        if ours or by_link or unreadable:
            found.append(detail)
    return found


def _sent(
    conn: Connection, detail: SubmissionDetail, official: int | None, holder: Holder, back: Mapping[int, GivenBack]
) -> SentFile:
    row = detail.submission
    repeats = detail.info.get("repeats")
    foreign = row.period not in {"", holder.period} or row.regime not in {"", holder.regime}
    return SentFile(
        id=row.id,
        filename=row.filename,
        channel=_CHANNELS.get(detail.channel, detail.channel),
        received_at=row.received_at,
        decided_at=detail.decided_at,
        status=row.status,
        on_time=row.on_time,
        sha256=row.sha256,
        receipt_number=row.receipt_number or "",
        findings=tuple(findings_of(conn, row.id)),
        answer=_answer(detail),
        marked_sha256=detail.marked_sha256,
        repeats=int(repeats) if repeats is not None else None,
        is_official=row.id == official,
        elsewhere=row.period if foreign else "",
        back=back.get(row.id),
    )


def _answer(detail: SubmissionDetail) -> str:
    """The sentence of a file that was not judged."""
    if detail.submission.status is not Status.QUARANTINED:
        return ""
    if detail.reason in _NOT_JUDGED:
        return _NOT_JUDGED[detail.reason]
    refused = str(detail.circumstances.get("refused", ""))
    return refused.partition(": ")[2] or "Tệp được lưu giữ nhưng không đọc được như một báo cáo."
