"""How reports came in: the share of the units whose report was there, day by day before the deadline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from baocao.documents.charts.picture import BLACK, DARK, MIDDLE, Picture

_DASHES = ((1, 0), (6, 3), (2, 2), (8, 3, 2, 3))


@dataclass(frozen=True, slots=True)
class Curve:
    """One period. `points`: (days from the deadline, share in percent of those that owed), in order."""

    name: str
    points: tuple[tuple[float, float], ...]


def arrivals(curves: Sequence[Curve], alt: str) -> Picture:
    """The curves over one another, the first one bold; lines differ by their dashes as well."""
    names = [curve.name for curve in curves]
    values = [{"day": day, "share": share, "period": c.name} for c in curves for day, share in c.points]
    width = {name: 3 if place == 0 else 1.5 for place, name in enumerate(names)}
    encoding: dict[str, Any] = {
        "x": {"field": "day", "type": "quantitative", "title": "Ngày so với hạn (0: hạn của đơn vị)"},
        "y": {"field": "share", "type": "quantitative", "title": "% đơn vị", "scale": {"domain": [0, 100]}},
        "strokeDash": {
            "field": "period",
            "type": "nominal",
            "scale": {"domain": names, "range": [list(_DASHES[i % len(_DASHES)]) for i in range(len(names))]},
        },
        "strokeWidth": {
            "field": "period",
            "type": "nominal",
            "legend": None,
            "scale": {"domain": names, "range": [width[name] for name in names]},
        },
        "color": {
            "field": "period",
            "type": "nominal",
            "scale": {"domain": names, "range": [DARK if i == 0 else MIDDLE for i in range(len(names))]},
        },
    }
    # Steps: between two arrivals the share does not rise.
    line = {"mark": {"type": "line", "interpolate": "step-after"}, "encoding": encoding}
    due = {"data": {"values": [{"day": 0}]}, "mark": {"type": "rule", "color": BLACK, "strokeDash": [3, 3]}}
    due["encoding"] = {"x": {"field": "day", "type": "quantitative"}}
    spec = {"width": 560, "height": 180, "data": {"values": values}, "layer": [line, due]}
    return Picture(spec, alt)
