"""All regimes at once: which periods are open, how far each is, the year's calendar, who must do what today, alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.model.report import Report, ReportStatus
from baocao.store import lead_comments, windows
from baocao.store.browse import standings
from baocao.store.mail import outbox_rows
from baocao.store.reports import reports
from baocao.store.standing import Standing
from baocao.workflow.installation import Installation
from baocao.workflow.intake.attributing import waiting_files
from baocao.workflow.looking import alarms_page
from baocao.workflow.looking.alarms_page import Alarm
from baocao.workflow.looking.year_page import Month, year_view
from baocao.workflow.portal.asking import open_requests

_ALARMS = 5
_DAYS_AFTER = timedelta(days=45)
"""How long after the province's deadline a period that is not dispatched stays on the first page."""


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """One period that is being worked on."""

    regime: Regime
    period: Period
    counts: Mapping[Standing, int]
    report: Report | None
    failed_letters: int
    open_objections: int

    @property
    def expected(self) -> int:
        """Units that owe a report: the waived ones do not."""
        return sum(self.counts.values()) - self.counts[Standing.WAIVED]

    @property
    def accepted(self) -> int:
        """Units whose report counts, in time or late."""
        return self.counts[Standing.ACCEPTED] + self.counts[Standing.LATE]

    @property
    def is_done(self) -> bool:
        return self.report is not None and self.report.status is ReportStatus.DISPATCHED


@dataclass(frozen=True, slots=True)
class WaitingTask:
    """Something that waits for somebody."""

    who: str
    """`office`, `signatory`, `operator`"""
    text: str
    regime: str
    period: str
    page: str
    """of the period: `report`, `late`, `mail`, `objections`; `inbox` of the regime"""


@dataclass(frozen=True, slots=True)
class Home:
    """The first page: periods under way, what waits for whom, deadlines ahead, alarms."""

    lines: tuple[PeriodLine, ...]
    tasks: tuple[WaitingTask, ...]
    months: tuple[Month, ...]
    alarms: tuple[Alarm, ...]
    """the newest; the others have a page of their own"""


def home(place: Installation, regimes: Sequence[str], now: datetime, year: int, *, everywhere: bool) -> Home:
    """What the first page shows of these regimes. `everywhere`: whoever looks works in all regimes, and so sees the
    alarms that concern none of them alone."""
    lines = []
    with place.store.read() as conn:
        # Which windows are open is asked once for all regimes, the rest period by period.
        opened = _opened(conn, regimes)
    for code in regimes:
        periods = {p.code: p for p in place.periods(code)}
        with place.store.read() as conn:
            for period_code in opened.get(code, ()):
                if period_code in periods:
                    lines.append(_line(conn, place.pack(code).regime, periods[period_code]))
    shown = tuple(sorted(_shown(lines, now), key=lambda line: line.period.province.due_at))
    with place.store.read() as conn:
        alarms = alarms_page.newest(conn, regimes, everywhere=everywhere, count=_ALARMS)
    return Home(shown, tuple(_tasks(place, shown, regimes, now)), year_view(place, regimes, year), alarms)


def _opened(conn: Connection, regimes: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in windows.open_windows(conn):
        if one.regime in regimes:
            found.setdefault(one.regime, []).append(one.period)
    return found


def _shown(lines: Sequence[PeriodLine], now: datetime) -> list[PeriodLine]:
    """What is being worked on; of a regime where nothing is, the period that was opened last."""
    open_work = [line for line in lines if _matters(line, now)]
    newest = {line.regime.code: line for line in sorted(lines, key=lambda line: line.period.opens_at)}
    busy = {line.regime.code for line in open_work}
    # Between two periods an office would otherwise find an empty page and think that nothing is there.
    return [*open_work, *(line for code, line in newest.items() if code not in busy)]


def _matters(line: PeriodLine, now: datetime) -> bool:
    """Open work, and for some weeks what has just been done."""
    if not line.is_done and (line.report is not None or now <= line.period.unit.locked_after + _DAYS_AFTER):
        return True
    return line.is_done and now <= line.period.province.due_at + _DAYS_AFTER


def _line(conn: Connection, regime: Regime, period: Period) -> PeriodLine:
    return PeriodLine(
        regime,
        period,
        standings.counts(conn, regime.code, period.code),
        reports.latest(conn, regime.code, period.code),
        outbox_rows.count_by_status(conn, regime=regime.code, period=period.code).get("FAILED", 0),
        len(lead_comments.open_objections(conn, regime.code, period.code)),
    )


def _tasks(
    place: Installation, lines: Sequence[PeriodLine], regimes: Sequence[str], now: datetime
) -> list[WaitingTask]:
    """What waits for the office, the signatory and the operator, period by period; then requests and files."""
    found = []
    for line in lines:
        at = (line.regime.code, line.period.code)
        status = line.report.status if line.report else None
        name = line.period.name
        if line.open_objections and not line.is_done:
            found.append(
                WaitingTask("office", f"{line.open_objections} phản đối chưa giải quyết: {name}", *at, "objections")
            )
        if status is ReportStatus.FROZEN:
            found.append(WaitingTask("office", f"Duyệt báo cáo {name}", *at, "report"))
        if status is ReportStatus.APPROVED:
            found.append(WaitingTask("signatory", f"Ký báo cáo {name}", *at, "report"))
        if status is ReportStatus.RETURNED:
            found.append(WaitingTask("office", f"Báo cáo {name} bị trả lại: sửa và tổng hợp lại", *at, "report"))
        if status is ReportStatus.SIGNED:
            found.append(WaitingTask("operator", f"Báo cáo {name} đã ký, chưa gửi tới mọi nơi nhận", *at, "report"))
        # Only while no report was made: afterwards whoever is missing is named there, and a correction is the way.
        missing = line.expected - line.accepted
        if missing and line.report is None and now > line.period.unit.due_at:
            found.append(WaitingTask("office", f"{missing} đơn vị quá hạn: {name}", *at, "late"))
        if line.failed_letters:
            found.append(WaitingTask("operator", f"{line.failed_letters} thư không gửi được: {name}", *at, "mail"))
    for asked in open_requests(place):
        if asked["regime"] in regimes:
            text = f"{place.pack(asked['regime']).unit_name(asked['unit'])} xin gia hạn"
            found.append(WaitingTask("office", text, asked["regime"], asked["period"], f"u/{asked['unit']}"))
    for file in waiting_files(place):
        if (code := file["says"].get("regime", "")) in regimes:
            found.append(WaitingTask("operator", f"Tệp chưa rõ người gửi: {file['filename']}", code, "", "inbox"))
    return found


@dataclass(frozen=True, slots=True)
class RegimeView:
    """One regime's periods."""

    periods: tuple[tuple[Period, bool, Report | None], ...]
    """newest first: the period, whether its window is open, its newest report"""


def regime_view(place: Installation, code: str, now: datetime) -> RegimeView:
    """The periods of the calendar and beside it that have opened, and the next few."""
    periods = sorted(place.periods(code), key=lambda p: p.opens_at, reverse=True)
    upcoming = [p for p in periods if p.opens_at > now][-6:]
    with place.store.read() as conn:
        opened = {w.period for w in windows.open_windows(conn, code)}
        # Opened also ahead of its day, when a period is played.
        past = [p for p in periods if p.opens_at <= now or p.code in opened]
        shown = [*upcoming, *(p for p in past if p not in upcoming)]
        return RegimeView(tuple((p, p.code in opened, reports.latest(conn, code, p.code)) for p in shown))


def waiting_for(place: Installation, regime: str, everywhere: bool) -> list[dict[str, Any]]:
    """The files that wait for somebody to say who sent them, as far as an office may see them: those that say they are
    of this regime; those that say nothing of a regime only for somebody who works in all of them: a file of another
    office is not shown on a guess."""
    found = []
    for file in waiting_files(place):
        said = file["says"].get("regime", "")
        if said == regime or (not said and everywhere):
            found.append(file)
    return found
