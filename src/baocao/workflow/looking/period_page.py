"""Where a period stands, for its page: counts, rates, a page of units, who is late, the map, the curve of arrivals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from baocao.documents.charts.arrivals import Curve, arrivals
from baocao.documents.charts.picture import Picture
from baocao.documents.charts.unit_map import Place, unit_map
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.store import reports, windows
from baocao.store.browse import forms, standings
from baocao.store.browse.standings import UnitLine, Wanted
from baocao.store.standing import Standing
from baocao.workflow.workplace import Workplace

_EARLIER = 3
"""Earlier periods of the kind in the curve of arrivals."""


@dataclass(frozen=True, slots=True)
class PeriodView:
    """The head of the period page."""

    opened_at: datetime | None
    counts: Mapping[Standing, int]
    report: Any
    """the newest version (`Report`), or None"""

    @property
    def obligations(self) -> int:
        return sum(self.counts.values())

    @property
    def expected(self) -> int:
        return self.obligations - self.counts[Standing.WAIVED]

    @property
    def accepted(self) -> int:
        return self.counts[Standing.ACCEPTED] + self.counts[Standing.LATE]

    @property
    def open(self) -> int:
        """Units that owe and have nothing accepted."""
        return self.expected - self.accepted

    @property
    def reporting_rate(self) -> float | None:
        """Percent of those who owe; None where nobody does."""
        return 100 * self.accepted / self.expected if self.expected else None

    @property
    def on_time_rate(self) -> float | None:
        return 100 * self.counts[Standing.ACCEPTED] / self.expected if self.expected else None


def period_view(place: Workplace, regime: str, period: str) -> PeriodView:
    with place.store.read() as conn:
        window = windows.window_of(conn, regime, period)
        return PeriodView(
            window.opened_at if window else None,
            standings.counts(conn, regime, period),
            reports.latest(conn, regime, period),
        )


def unit_line(place: Workplace, regime: str, period: str, unit: str) -> UnitLine | None:
    """One unit; None when it owes nothing in the period."""
    with place.store.read() as conn:
        return standings.one(conn, regime, period, unit)


@dataclass(frozen=True, slots=True)
class FormState:
    """One form of one unit's report."""

    answered: int
    nil: int
    blank: int
    blocking: int
    explain: int

    @property
    def is_there(self) -> bool:
        return bool(self.answered or self.nil or self.blank)

    @property
    def is_nil(self) -> bool:
        return not self.answered and self.nil > 0


@dataclass(frozen=True, slots=True)
class Matrix:
    """A page of units x forms."""

    lines: tuple[UnitLine, ...]
    total: int
    states: Mapping[tuple[str, str], FormState]
    """(unit, form code)"""


def matrix(place: Workplace, regime: str, period: str, wanted: Wanted) -> Matrix:
    """The units of one page, and what each form of their official (else last) report holds."""
    with place.store.read() as conn:
        lines, total = standings.page(conn, regime, period, wanted)
        found = forms.of_units(conn, regime, period, [line.unit for line in lines])
    return Matrix(tuple(lines), total, {key: FormState(*numbers) for key, numbers in found.items()})


def late_list(place: Workplace, regime: str, period: str, wanted: Wanted) -> tuple[list[tuple[UnitLine, Any]], int]:
    """A page of the units with nothing accepted, each with the last letter to it."""
    with place.store.read() as conn:
        lines, total = standings.page(conn, regime, period, wanted)
        letters = standings.last_letters(conn, regime, period, [line.unit for line in lines])
    return [(line, letters.get(line.unit)) for line in lines], total


# pictures -----------------------------------------------------------------------------------------------------------
_KINDS: Mapping[Standing, str] = {
    Standing.ACCEPTED: "Đã nhận",
    Standing.LATE: "Đã nhận, trễ hạn",
    Standing.RETURNED: "Đang sửa, đang kiểm tra",
    Standing.PENDING: "Đang sửa, đang kiểm tra",
    Standing.MISSING: "Chưa có báo cáo",
    Standing.WAIVED: "Đã nhận",
}
_ORDER = ("Đã nhận", "Đã nhận, trễ hạn", "Đang sửa, đang kiểm tra", "Chưa có báo cáo")


def period_map(place: Workplace, regime: str, period: str, address: Callable[[str], str] | None) -> Picture | None:
    """The units at their places by where they stand; None where fewer than three have a place. Waived units are left
    out. `address` gives the page of a unit, for a map whose signs are links."""
    pack, _ = place.at(regime, period)
    with place.store.read() as conn:
        states = standings.every(conn, regime, period)
    signs = []
    for code, standing in sorted(states.items()):
        unit = pack.unit(code)
        if unit is None or unit.latitude is None or unit.longitude is None or standing is Standing.WAIVED:
            continue
        signs.append(
            (unit.full_name, unit.latitude, unit.longitude, _KINDS[standing], address(code) if address else "")
        )
    if len(signs) < 3:
        return None
    return _drawn(tuple(signs))


@lru_cache(maxsize=16)
def _drawn(signs: tuple[tuple[str, float, float, str, str], ...]) -> Picture:
    """Drawn once for each state of the period."""
    counted = Counter(kind for *_, kind, _address in signs)
    said = "; ".join(f"{kind.lower()}: {counted[kind]}" for kind in _ORDER if counted[kind])
    return unit_map(
        [Place(*sign) for sign in signs], _ORDER, f"Sơ đồ các đơn vị, không phải bản đồ hành chính: {said}."
    )


def arrival_picture(place: Workplace, pack: Pack, period: Period) -> Picture | None:
    """How this period's reports came in, against up to three earlier ones of its kind; None before the first."""
    earlier = [p for p in place.calendar(pack.code) if p.kind == period.kind and p.opens_at < period.opens_at]
    curves = []
    with place.store.read() as conn:
        for one in (period, *reversed(earlier[-_EARLIER:])):
            moments = standings.first_arrivals(conn, pack.code, one.code)
            owing = sum(standings.counts(conn, pack.code, one.code).values())
            if moments and owing:
                curves.append((one.name, one.unit.due_at, tuple(moments), owing))
    if not curves or curves[0][0] != period.name:
        return None
    return _curves(tuple(curves))


@lru_cache(maxsize=32)
def _curves(found: Sequence[tuple[str, datetime, tuple[datetime, ...], int]]) -> Picture:
    drawn = []
    for name, due, moments, owing in found:
        days = Counter(round((m - due).total_seconds() / 86400, 1) for m in moments)
        points, so_far = [], 0
        for day in sorted(days):
            so_far += days[day]
            points.append((day, 100 * so_far / owing))
        drawn.append(Curve(name, tuple(points)))
    said = "; ".join(f"{c.name}: {c.points[-1][1]:.0f} % đơn vị có báo cáo" for c in drawn)
    return arrivals(drawn, f"Nhịp nhận báo cáo theo ngày trước hạn: {said}.")
