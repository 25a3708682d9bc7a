"""The moments of a played period: at each, what has arrived is dropped into the inbox and the sweeps run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from baocao.calendar.workdays import WorkingDays
from baocao.model.period import Period
from demo.simulate import DroppedFile, Plan

OFFICE, COMMITTEE = "office", "committee"
SIGNATURE = {
    "number": "151",
    "signer": "Lãnh đạo Ủy ban nhân dân (diễn tập)",
}


@dataclass(frozen=True)
class Moment:
    """One instant of the story, and what the clock says there."""

    at: datetime
    says: str


def moments(period: Period, days: WorkingDays) -> Iterator[Moment]:
    """From the week before the units' deadline to the day after it; the report follows at `report_at`."""
    safe = period.unit.safe_on
    due = period.unit.due_at
    for back in (10, 7, 3, 1):
        day = days.add(safe, -back)
        if day > period.opens_at.date():
            at = due.replace(year=day.year, month=day.month, day=day.day, hour=17, minute=30, second=0)
            yield Moment(at, f"còn {back} ngày làm việc")
    yield Moment(due.replace(hour=23, minute=59, second=59), "hết hạn của đơn vị")
    for after in (1, 2, 3):
        at = (due + timedelta(days=after)).replace(hour=18, minute=0, second=0)
        yield Moment(at, f"quá hạn {after} ngày")


def report_at(period: Period, days: WorkingDays) -> datetime:
    """The morning of the working day before the province should have sent: the police office consolidates."""
    day = days.add(period.province.safe_on, -1)
    return period.province.due_at.replace(year=day.year, month=day.month, day=day.day, hour=8, minute=0, second=0)


def drop(inbox: Path, deliveries: Iterator[DroppedFile]) -> int:
    """Put files into the inbox, each in its unit's own folder: received at the business time of the next sweep."""
    count = 0
    for count, delivery in enumerate(deliveries, start=1):  # noqa: B007 (the count is the answer)
        folder = inbox / delivery.unit
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / delivery.filename
        number = 1
        # A corrected file must not overwrite the one the sweep has not taken yet.
        while path.exists():
            number += 1
            path = folder / f"{Path(delivery.filename).stem} ({number}).xlsx"
        path.write_bytes(delivery.data)
    return count


__all__ = ["COMMITTEE", "OFFICE", "SIGNATURE", "Moment", "Plan", "drop", "moments", "report_at"]
