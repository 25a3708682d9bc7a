"""When a file of the folder channel counts as received: when a sweep saw it, in doubt in favour of the unit.

A file that lies there now and did not at the sweep before came in between, nobody can say when (what the file says of
its own time is the sender's clock). Deadlines end with a day: where midnight lies in between, it counts as of the last
second of the day before. That is honest for a gap of minutes; behind a longer one nothing is known, so it counts as
seen, and an alarm tells the operator that the deadline passed unwatched.

Channels that know the moment (a page, a mailbox) state it themselves and are not concerned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from baocao.model.regime import COUNTRY_TIME_ZONE
from baocao.settings import ConfigurationError
from baocao.store import windows
from baocao.workflow.installation import Installation

DOUBT = timedelta(minutes=30)
"""So long after midnight a sweep still gives the unit the benefit of the doubt: twice the pause between two sweeps."""
_LOOKED = "last-look"


@dataclass(frozen=True, slots=True)
class InboxVisit:
    """One look into the inbox."""

    at: datetime
    before: datetime | None
    """The look before; None where there was none."""

    @property
    def counts_as(self) -> datetime:
        """When what is seen now, and was not there before, counts as received."""
        midnight = self.at.replace(hour=0, minute=0, second=0, microsecond=0)
        came_between = self.before is not None and self.before < midnight <= self.at <= midnight + DOUBT
        return midnight - timedelta(seconds=1) if came_between else self.at


def begin_look(place: Installation, as_of: datetime) -> InboxVisit:
    """A look at `as_of`, on the country's clock."""
    try:
        before = datetime.fromisoformat(_file(place).read_text(encoding="utf-8").strip())
    # A first sweep, or a file cut off by a power failure: nothing is known about the time before.
    except (FileNotFoundError, ValueError):
        before = None
    return InboxVisit(as_of.astimezone(ZoneInfo(COUNTRY_TIME_ZONE)), before)


def end_look(place: Installation, look: InboxVisit) -> None:
    """Everything that lay there has been met: note it for the next look."""
    _file(place).write_text(look.at.isoformat(), encoding="utf-8")


def unwatched(place: Installation, look: InboxVisit) -> list[str]:
    """The periods whose deadline or lock passed since the look before, longer ago than `DOUBT`: `regime/period`."""
    if look.before is None or look.at - look.before <= DOUBT:
        return []
    found = []
    with place.store.read() as conn:
        opened = windows.open_windows(conn)
    for window in opened:
        try:
            limits = place.period(window.regime, window.period).unit
        except ConfigurationError:
            continue  # its own alarm tells of the pack
        # Within DOUBT the unit had the benefit already (`counts_as`).
        if any(look.before < end < look.at - DOUBT for end in (limits.due_at, limits.locked_after)):
            found.append(f"{window.regime}/{window.period}")
    return found


def _file(place: Installation) -> Path:
    return place.settings.data / _LOOKED
