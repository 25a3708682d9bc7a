"""A schematic map: each unit a sign at its middle point, told apart by shape as well as by shade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians

from baocao.documents.charts.picture import BLACK, DARK, LIGHT, MIDDLE, Picture

_SIDE = 430
"""The longer side in the picture's own pixels."""
SIGNS: tuple[tuple[str, str], ...] = (
    ("circle", DARK),
    ("square", MIDDLE),
    ("diamond", LIGHT),
    ("cross", "#ffffff"),
)
"""Shape and shade of the kinds, in their given order: filled is well, hollow is missing."""


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A unit on the map: degrees north and east, and the kind it belongs to."""

    name: str
    latitude: float
    longitude: float
    kind: str
    address: str = ""
    """of the unit's page, for maps on a screen"""


def unit_map(places: Sequence[MapPoint], kinds: Sequence[str], alt: str) -> Picture:
    """The places in their true relation to one another, without borders. `kinds` are all that can occur: a kind keeps
    its sign where another does not occur.

    A degree east is shortened by the cosine of the middle latitude, so that distances look alike in both directions.
    Raises ValueError for more kinds than there are signs.
    """
    # A fifth kind would need a colour to be told apart, and copies are black and white.
    if len(kinds) > len(SIGNS):
        raise ValueError(f"{len(kinds)} kinds, {len(SIGNS)} signs")
    middle = (min(p.latitude for p in places) + max(p.latitude for p in places)) / 2
    points = [
        {"x": p.longitude * cos(radians(middle)), "y": p.latitude, "kind": p.kind, "says": f"{p.name}: {p.kind}"}
        | ({"address": p.address} if p.address else {})
        for p in places
    ]
    xs, ys = [p["x"] for p in points], [p["y"] for p in points]
    wide, high = _span(xs), _span(ys)
    side = _SIDE / max(wide, high)
    counted = {kind: sum(p.kind == kind for p in places) for kind in kinds}
    named = {kind: f"{kind}: {counted[kind]}" for kind in kinds}
    signs = {named[kind]: sign for kind, sign in zip(kinds, SIGNS, strict=False) if counted[kind]}
    shown = list(signs)
    quiet = {"axis": None, "type": "quantitative"}
    linked = {"href": {"field": "address", "type": "nominal"}} if any(p.address for p in places) else {}
    spec = {
        "width": round(wide * side),
        "height": round(high * side),
        "data": {"values": [{**p, "kind": named[str(p["kind"])]} for p in points]},
        "mark": {"type": "point", "filled": True, "size": 70, "stroke": BLACK, "strokeWidth": 0.8, "opacity": 1},
        "encoding": {
            "x": {"field": "x", "scale": {"domain": _domain(xs), "nice": False}, **quiet},
            "y": {"field": "y", "scale": {"domain": _domain(ys), "nice": False}, **quiet},
            "shape": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": shown, "range": [shape for shape, _ in signs.values()]},
            },
            "fill": {
                "field": "kind",
                "type": "nominal",
                "scale": {"domain": shown, "range": [shade for _, shade in signs.values()]},
            },
            "description": {"field": "says", "type": "nominal"},
            **linked,
        },
    }
    return Picture(spec, alt, width_mm=130.0)


def _span(values: Sequence[object]) -> float:
    low, high = _domain(values)
    return high - low


def _domain(values: Sequence[object]) -> tuple[float, float]:
    """From the lowest to the highest with a margin; a single place gets one too."""
    numbers = [float(v) for v in values]  # type: ignore[arg-type]
    low, high = min(numbers), max(numbers)
    margin = (high - low) * 0.05 or 0.1
    return low - margin, high + margin
