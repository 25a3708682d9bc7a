"""Hạn của một đơn vị: what one unit owes in one period, until when, locked when, and why.

Everybody asks here: judging, reminders, standings, letters, `status`, what-if. A period has a deadline and a lock; a
waiver (miễn) or an extension (gia hạn) changes them for one unit; both can be taken back (thu hồi).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from baocao.model.period import Period
from baocao.text import moment_text


def time_left(until: datetime, at: datetime) -> str:
    """`còn 3 ngày 4 giờ`, `còn 9 ngày`, `còn 5 giờ 10 phút`, `còn 25 phút`, `đã quá hạn 2 ngày`: for people, wherever a
    deadline is counted down."""
    # Equal is in time: `due_at` is the last instant that counts.
    late = at > until
    seconds = int(abs(until - at) / timedelta(seconds=1))
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        span = f"{days} ngày" + (f" {hours} giờ" if hours and days < 7 else "")
    else:
        span = f"{hours} giờ {minutes} phút" if hours else f"{minutes} phút"
    return f"đã quá hạn {span}" if late else f"còn {span}"


def end_of_day(day: date, zone: tzinfo | None) -> datetime:
    """When a term ends whose last day this is (Bộ luật Dân sự 2015, Điều 148)."""
    # Whole seconds, so that what is printed ("23:59:59 ngày …") is the very instant that is compared.
    return datetime.combine(day, time(23, 59, 59), zone)


class WaiverKind(StrEnum):
    """What was granted to a unit for one period."""

    WAIVER = "waiver"
    """miễn: owes nothing in this period"""
    EXTENSION = "extension"
    """gia hạn: owes until another instant"""


@dataclass(frozen=True, slots=True)
class Waiver:
    """What was granted to one unit, and whether it was taken back."""

    unit: str
    kind: WaiverKind
    until: datetime | None
    """The last instant in time of an extension."""
    reason: str
    granted_by: str
    granted_at: datetime
    id: int = 0
    withdrawn_at: datetime | None = None

    def in_force(self, as_of: datetime | None) -> bool:
        """Whether it holds at `as_of`; None: as recorded so far."""
        if as_of is None:
            return self.withdrawn_at is None
        # Half open, so that of two waivers in a row exactly one holds at the moment of the change.
        return self.granted_at <= as_of and (self.withdrawn_at is None or as_of < self.withdrawn_at)


@dataclass(frozen=True, slots=True)
class UnitDeadline:
    """The answer for one unit."""

    unit: str
    owes: bool
    """False while a waiver is in force. A report that comes all the same is taken."""
    due_at: datetime
    """The last instant that is in time."""
    locked_after: datetime
    """After it nothing is taken any more; never before `due_at`."""
    because: Waiver | None
    """The waiver or extension that decides; None: the period's own deadline."""
    told_at: datetime | None
    """When this answer last changed; None: it is as the window was opened."""

    @property
    def extended(self) -> bool:
        return self.because is not None and self.because.kind is WaiverKind.EXTENSION

    def in_zone(self, zone: tzinfo | None) -> UnitDeadline:
        """The same instants on another clock, for people."""
        return replace(self, due_at=self.due_at.astimezone(zone), locked_after=self.locked_after.astimezone(zone))

    def of_period(self, period: Period) -> Period:
        """The period as this unit sees it: the rules about time look at its own deadline."""
        zone = period.unit.due_at.tzinfo
        own = self.in_zone(zone)
        return replace(period, unit=replace(period.unit, due_at=own.due_at, locked_after=own.locked_after))


def unit_deadline(
    unit: str,
    due_at: datetime,
    locked_after: datetime,
    granted: Iterable[Waiver] = (),
    *,
    as_of: datetime | None = None,
    added_at: datetime | None = None,
) -> UnitDeadline:
    """What `unit` owes at `as_of` (None: by everything recorded so far).

    `due_at` and `locked_after` are those of its obligation, `added_at` when that was written down, where that was after
    the window's opening. A waiver in force outweighs extensions. Of several extensions in force the latest day counts;
    one that is not later than the period's own deadline changes nothing. An extension may run beyond the lock: what was
    granted is taken. Withdrawing gives back what held before.
    """
    theirs = [g for g in granted if g.unit == unit]

    def decisive(moment: datetime | None) -> Waiver | None:
        """Of those in force then the one that decides."""
        held = [g for g in theirs if g.in_force(moment)]
        waived = [g for g in held if g.kind is WaiverKind.WAIVER]
        # A unit that owes nothing has no deadline to extend.
        if waived:
            return waived[-1]
        later = [g for g in held if g.until is not None and g.until > due_at]
        return max(later, key=lambda g: (g.until, g.granted_at), default=None)

    # The answer changes only when something is granted or taken back; what decided just before is compared, because a
    # second, earlier extension changes nothing.
    moments = sorted({m for g in theirs for m in (g.granted_at, g.withdrawn_at) if m is not None})
    told_at, state = added_at, None
    for moment in moments:
        if (as_of is None or moment <= as_of) and (now := decisive(moment)) != state:
            told_at, state = moment, now
    because = decisive(as_of)
    owes = because is None or because.kind is not WaiverKind.WAIVER
    until = because.until if because is not None and because.until is not None else due_at
    # An extension granted beyond the lock would otherwise be refused as locked.
    return UnitDeadline(unit, owes, until, max(locked_after, until), because, told_at)


def refuse_extension(now: UnitDeadline, until: datetime, as_of: datetime) -> str:
    """Why this extension must not be granted, as a sentence; empty when it may. Instants carry the clock of people."""
    # Granting both would leave open which of the two the office meant once the waiver ends.
    if not now.owes:
        return "Đơn vị đang được miễn báo cáo kỳ này; muốn đơn vị nộp, hãy thu hồi việc miễn trước (--withdraw)"
    if until <= now.due_at:
        return (
            f"Gia hạn phải muộn hơn hạn hiện nay của đơn vị ({moment_text(now.due_at)}); muốn rút ngắn hạn đã "
            "gia, hãy thu hồi gia hạn đó (--withdraw)"
        )
    if until < as_of:
        return f"Hạn mới {moment_text(until)} đã qua; hãy nêu một ngày còn ở phía trước"
    return ""
