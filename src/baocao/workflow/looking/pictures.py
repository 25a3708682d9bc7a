"""Pictures of a period: the schematic map by state or by an indicator, and the curve of arrivals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from baocao.documents.charts.arrivals import Curve, arrivals
from baocao.documents.charts.picture import Picture
from baocao.documents.charts.unit_map import MapPoint, unit_map
from baocao.documents.word_report.numerals import plain_figure
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.store.browse import standings
from baocao.store.standing import Standing
from baocao.text import lowered, vietnamese_order
from baocao.workflow.installation import Installation
from baocao.workflow.looking.units_figures import Class, UnitFigure, classes_of, of_units

_EARLIER = 3
"""Earlier periods of the kind in the curve of arrivals."""
_KINDS: Mapping[Standing, str] = {
    Standing.ACCEPTED: "Đã nhận",
    Standing.LATE: "Đã nhận, trễ hạn",
    Standing.RETURNED: "Đang sửa, đang kiểm tra",
    Standing.PENDING: "Đang sửa, đang kiểm tra",
    Standing.MISSING: "Chưa có báo cáo",
    Standing.WAIVED: "Đã nhận",
}
_ORDER = ("Đã nhận", "Đã nhận, trễ hạn", "Đang sửa, đang kiểm tra", "Chưa có báo cáo")


@dataclass(frozen=True, slots=True)
class IndicatorMap:
    """An indicator over the units."""

    picture: Picture | None
    """None where fewer than three units have a place"""
    ranked: tuple[UnitFigure, ...]
    """the largest first"""
    names: Mapping[str, str]
    """full names of all units that owe, and of those ranked"""
    without: tuple[str, ...]
    """codes of the units that owe and have no such figure, in the order of their names"""


Address = Callable[[str], str]


def period_map(place: Installation, regime: str, period: str, address: Address | None) -> Picture | None:
    """The units at their places by where they stand; None where fewer than three have a place. Waived units are left
    out. `address` gives the page of a unit, for a map whose signs are links."""
    pack, _ = place.at(regime, period)
    with place.store.read() as conn:
        states = standings.every(conn, regime, period)
    kinds = {code: _KINDS[state] for code, state in states.items() if state is not Standing.WAIVED}
    return _map(pack, kinds, _ORDER, address, "theo tình trạng báo cáo")


def indicator_map(
    place: Installation, regime: str, period: str, key: CellKey, name: str, address: Address | None
) -> IndicatorMap:
    """The units in at most three classes by one figure of theirs, told apart by shape and shade; those without it
    apart. `name` is what the figure is called."""
    pack, _ = place.at(regime, period)
    with place.store.read() as conn:
        ranked = of_units(conn, pack, period, key)
        states = standings.every(conn, regime, period)
    classes = classes_of(ranked)
    kinds = {unit: _said(one) for one in classes for unit in one.units}
    have = {one.unit for one in ranked}
    names = {code: pack.unit_name(code) for code in (*states, *have)}
    owing = [code for code in states if code not in have and states[code] is not Standing.WAIVED]
    without = sorted(owing, key=lambda code: vietnamese_order(names[code]))
    kinds |= dict.fromkeys(without, _NONE)
    picture = _map(pack, kinds, (*(_said(one) for one in classes), _NONE), address, f"theo chỉ tiêu «{name}»")
    return IndicatorMap(picture, tuple(ranked), names, tuple(without))


_NONE = "Chưa có số liệu"


def _said(one: Class) -> str:
    return (
        plain_figure(one.least) if one.least == one.most else f"{plain_figure(one.least)} đến {plain_figure(one.most)}"
    )


def _map(
    pack: Pack, kinds: Mapping[str, str], order: Sequence[str], address: Address | None, by: str
) -> Picture | None:
    signs = []
    for code, kind in sorted(kinds.items()):
        unit = pack.unit(code)
        # The two columns are optional in units.csv: whoever has no place is in the table, not on the map.
        if unit is None or unit.latitude is None or unit.longitude is None:
            continue
        signs.append((unit.full_name, unit.latitude, unit.longitude, kind, address(code) if address else ""))
    return _drawn(tuple(signs), tuple(order), by) if len(signs) >= 3 else None


# Drawing takes longer than the rest of the page; the arguments are plain values, so that equal states are one picture.
@lru_cache(maxsize=32)
def _drawn(signs: tuple[tuple[str, float, float, str, str], ...], order: tuple[str, ...], by: str) -> Picture:
    """Drawn once for each state of the period."""
    counted = Counter(kind for *_, kind, _address in signs)
    said = "; ".join(f"{lowered(kind)}: {counted[kind]}" for kind in order if counted[kind])
    alt = f"Sơ đồ các đơn vị {by}, không phải bản đồ hành chính: {said}."
    return unit_map([MapPoint(*sign) for sign in signs], order, alt)


def arrival_picture(place: Installation, pack: Pack, period: Period) -> Picture | None:
    """How this period's reports came in, against up to three earlier ones of its kind; None before the first."""
    earlier = [p for p in place.calendar(pack.code) if p.kind == period.kind and p.opens_at < period.opens_at]
    curves = []
    with place.store.read() as conn:
        for one in (period, *reversed(earlier[-_EARLIER:])):
            moments = standings.first_arrivals(conn, pack.code, one.code)
            owing = sum(standings.counts(conn, pack.code, one.code).values())
            if moments and owing:
                curves.append((one.name, one.unit.due_at, tuple(moments), owing))
    # Earlier curves alone would be taken for this period's.
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
