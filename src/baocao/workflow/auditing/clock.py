"""Whether a business time can be true: a clock that is ahead once overtakes every reminder step and locks units out.

A time in the past is always believed (a period is played again), and so is any time while nothing is going on. Refused
is a time later than the machine's own clock, and one far from the last recorded activity while a period was running
then, or that has jumped over the opening of the next one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from baocao.model.period import Period
from baocao.settings import ConfigurationError
from baocao.store import windows
from baocao.store.reports import corrections
from baocao.store.tables import event
from baocao.text import day_text, short_moment_text
from baocao.workflow.installation import Installation, Refused

AHEAD = timedelta(days=1)
"""How far a business time may lie ahead of the machine's clock."""
SILENCE = timedelta(days=35)
"""So long may nothing happen in a running period: longer than any unit has from the opening to its deadline."""
_SWEPT = "last-sweep"


class ImplausibleTime(Refused):
    """The business time cannot be true; `--yes` on the command line goes on all the same."""


def require_plausible_time(place: Installation, as_of: datetime, now: datetime) -> None:
    """Raises ImplausibleTime with the reason. A time that is believed is kept as the latest activity."""
    # The cheap question first; the other reads the database.
    why = _ahead_of_the_clock(as_of, now) or _far_from_all_that_is_known(place, as_of)
    if why:
        raise ImplausibleTime(
            f"{why} Chưa gửi thư, chưa ghi gì. Kiểm tra đồng hồ của máy (`date`) hoặc --as-of; nếu thời điểm này đúng, "
            "chạy lại lệnh với --yes. Xem mục «Thời điểm không hợp lý» trong sổ tay vận hành."
        )
    record_sweep_time(place, as_of)


def record_sweep_time(place: Installation, as_of: datetime) -> None:
    """Note that a sweep ran at `as_of`: a quiet period is no jump of the clock. An earlier time changes nothing."""
    # A file: sweeps that find nothing write no event, and a row only for this would be one a quarter of an hour.
    file = place.settings.data / _SWEPT
    last = _last_sweep(place)
    if last is None or as_of > last:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(as_of.isoformat(), encoding="utf-8")


def _ahead_of_the_clock(as_of: datetime, now: datetime) -> str:
    if as_of <= now + AHEAD:
        return ""
    return f"Thời điểm {short_moment_text(as_of)} sau hôm nay ({day_text(now)}) {(as_of - now).days} ngày."


def _far_from_all_that_is_known(place: Installation, as_of: datetime) -> str:
    """Why a time too long after the last recorded activity is not believed; empty when it is."""
    with place.store.read() as conn:
        # By its time and not by its number: a played period writes events of long ago behind those of today.
        last_event = conn.execute(select(func.max(event.c.at))).scalar()
    known = [t for t in (last_event, _last_sweep(place)) if t is not None]
    if not known or as_of <= max(known) + SILENCE:
        return ""
    last = max(known)
    # A long silence alone is no fault: between two periods nothing happens for months.
    at_stake = _running(place, last) or _jumped_over(place, last, as_of)
    if not at_stake:
        return ""
    return (
        f"Thời điểm {short_moment_text(as_of)} cách việc gần nhất trong sổ ({day_text(last.astimezone(as_of.tzinfo))}) "
        f"{(as_of - last).days} ngày, mà {at_stake}."
    )


def _running(place: Installation, last: datetime) -> str:
    """A period that was open at the last recorded activity, its deadline still ahead and its report not sent."""
    with place.store.read() as conn:
        for window in windows.open_windows(conn):
            period = _period(place, window)
            if period is None or period.province.due_at < last:
                continue
            if corrections.last_dispatched(conn, window.regime, window.period) is None:
                return f"lúc đó kỳ {window.period} của {window.regime} đang chạy"
    return ""


def _jumped_over(place: Installation, last: datetime, as_of: datetime) -> str:
    """An opening since then, long ago, of a regime that is in use here; its window was never opened."""
    with place.store.read() as conn:
        opened = windows.open_windows(conn)
    have = {(w.regime, w.period) for w in opened}
    for regime in sorted({w.regime for w in opened}):
        try:
            calendar = place.calendar(regime)
        except ConfigurationError:
            continue  # its own alarm tells of the pack
        for period in calendar:
            if last < period.opens_at < as_of - SILENCE and (regime, period.code) not in have:
                return f"kỳ {period.code} của {regime} lẽ ra mở ngày {day_text(period.opens_at)} thì chưa mở"
    return ""


def _period(place: Installation, window: windows.Window) -> Period | None:
    try:
        return place.period(window.regime, window.period)
    except ConfigurationError:
        return None


def _last_sweep(place: Installation) -> datetime | None:
    file = place.settings.data / _SWEPT
    try:
        return datetime.fromisoformat(file.read_text(encoding="utf-8").strip())
    except (FileNotFoundError, ValueError):
        return None
