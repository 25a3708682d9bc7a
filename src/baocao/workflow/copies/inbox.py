"""A PDF or a picture in a unit's folder of the inbox: the signed copy of one of its reports, or a file like any other.

The folder says whose it is; the period's code in the file's name, or in a folder above it, says of which report. Where
only one report of the unit is being collected the name need not say it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from baocao.intake.copies import kind_of, period_named
from baocao.intake.folder import Arrival
from baocao.model.signed_copy import UnitCopyRule
from baocao.model.submission import Rejection, Screening
from baocao.store import waivers, windows
from baocao.workflow.arrivals.received import packs, sender_of
from baocao.workflow.arrivals.scanning import Infected
from baocao.workflow.copies.units import receive_signed_copy
from baocao.workflow.installation import Installation, Refused

TAKEN = "signed_copies"
"""The outcome of a file that was kept as a signed copy."""


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A report of the unit that a copy can belong to."""

    regime: str
    period: str
    is_open: bool
    """its last day has not passed"""


def take_copy(
    place: Installation, found: Arrival, as_of: datetime, *, channel: str = "folder"
) -> str | Rejection | None:
    """TAKEN when the file is kept as a signed copy; None when it is no such file and is taken as every file; a
    Rejection, with a sentence for the sender, when it looks like a copy and cannot be taken."""
    # By its first bytes: an ending proves nothing.
    if kind_of(found.data) is None:
        return None
    sender = sender_of(place, found.sender_hint)
    awaited = _awaited(place, sender, as_of) if sender else []
    # Nobody awaits a copy of this unit: the file is answered as every file that is no workbook.
    if not awaited:
        return None
    chosen = _chosen(found, awaited)
    if isinstance(chosen, Rejection):
        return chosen
    try:
        receive_signed_copy(
            place,
            chosen.regime,
            chosen.period,
            sender,
            filename=found.filename,
            data=found.data,
            size=found.size,
            channel=channel,
            as_of=as_of,
            arrival=found.key,
        )
    # Before Refused, which it is one of: its sender is told of the virus.
    except Infected as error:
        return Rejection(Screening.MALWARE, str(error))
    except Refused as error:
        return Rejection(Screening.UNREADABLE, str(error))
    return TAKEN


def awaits_copy(place: Installation, unit: str, as_of: datetime) -> bool:
    """Whether a signed copy of a report of this unit is awaited."""
    return bool(_awaited(place, unit, as_of))


def _awaited(place: Installation, sender: str, as_of: datetime) -> list[_Awaited]:
    found = []
    with place.store.read() as conn:
        for pack in packs(place, sender):
            if pack.regime.unit_copy is not UnitCopyRule.NONE and pack.unit(sender) is not None:
                found += _owed(conn, pack.code, sender, as_of)
    return found


def _owed(conn: Connection, regime: str, unit: str, as_of: datetime) -> list[_Awaited]:
    owed = []
    for window in windows.open_windows(conn, regime):
        own = waivers.deadline_of(conn, regime, window.period, unit, as_of)
        if own is not None and window.opened_at <= as_of:
            owed.append(_Awaited(regime, window.period, as_of <= own.locked_after))
    return owed


def _chosen(found: Arrival, awaited: list[_Awaited]) -> _Awaited | Rejection:
    """The report a copy belongs to, by the period and the regime named in its path; a Rejection when that is not
    one."""
    code = period_named(found.below, sorted({a.period for a in awaited}))
    of_name = [a for a in awaited if a.period == code]
    # The same period in two regimes: the name has to say the regime as well.
    if len(of_name) > 1:
        of_name = [a for a in of_name if period_named(found.below, [a.regime])]
    candidates = of_name if code else [a for a in awaited if a.is_open]
    if len(candidates) == 1:
        return candidates[0]
    codes = ", ".join(sorted({a.period for a in awaited}))
    regimes = sorted({a.regime for a in awaited})
    also = f"; đơn vị báo cáo theo nhiều chế độ thì thêm mã chế độ ({', '.join(regimes)})" if len(regimes) > 1 else ""
    return Rejection(
        Screening.UNKNOWN_PERIOD,
        f"Không rõ bản ký này là của báo cáo kỳ nào. Hãy đặt tên tệp có mã kỳ (một trong: {codes}){also}, ví dụ "
        f"ban-ky_{awaited[-1].period}.pdf, rồi gửi lại.",
    )
