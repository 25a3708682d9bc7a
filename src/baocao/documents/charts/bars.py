"""Horizontal bars with their printed figure at the end: targets, disbursement, changes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from baocao.documents.charts.picture import BLACK, DARK, LIGHT, MIDDLE, Picture

_LABEL_WIDTH = 40
"""Characters of a name in one line."""
# Vega-Lite makes no room for marks of text beyond the scale: without it the longest bar's figure is cut off.
_TEXT = 0.42
"""Room for the printed figure, as a share of the longest bar."""
_ROW = 40
"""Height of a bar's row in the picture's own pixels."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its length on the axis, the text printed at its end, and which shade it has."""

    name: str
    value: float
    text: str
    shade: str = DARK
    mark: float | None = None
    """where the wanted value stands on the same axis, drawn as an upright stroke"""


def bars(rows: Sequence[Bar], axis: str, alt: str, *, whole: float | None = None) -> Picture:
    """Bars from zero in the given order, those below zero to the left. `whole` draws a pale bar up to that value
    behind each (the year's plan, 100 %)."""
    values = [
        {"n": i, "name": _lines(row.name), "value": row.value, "text": row.text, "shade": row.shade, "mark": row.mark}
        for i, row in enumerate(rows)
    ]
    ends = [row.value for row in rows] + [row.mark for row in rows if row.mark is not None]
    low, high = min([0.0, *ends]), max([whole or 0.0, *ends])
    room = (high - low or 1.0) * _TEXT
    x = {
        "type": "quantitative",
        "title": axis,
        "scale": {"domain": [low, high + room], "nice": False},
        "axis": {"grid": False, "labels": False, "ticks": False, "domain": False},
    }
    y = {
        "field": "n",
        "type": "ordinal",
        "title": None,
        "sort": None,
        # The position is the label's key: two rows of one name would otherwise be drawn as one.
        "axis": {"domain": False, "ticks": False, "labelExpr": "data('names')[datum.value].name"},
    }
    layers: list[dict[str, Any]] = []
    if whole is not None:
        layers.append({"mark": {"type": "bar", "color": LIGHT, "height": 18}, "encoding": {"x": {"datum": whole, **x}}})
    layers.append(
        {
            "mark": {"type": "bar", "height": 12, "stroke": BLACK, "strokeWidth": 0.5},
            "encoding": {"x": {"field": "value", **x}, "color": {"field": "shade", "type": "nominal", "scale": None}},
        }
    )
    layers.append(
        {
            "transform": [{"filter": "datum.mark != null"}],
            "mark": {"type": "tick", "color": BLACK, "thickness": 3, "height": 24},
            "encoding": {"x": {"field": "mark", **x}},
        }
    )
    # A bar to the left has its figure on the right of zero: on the left stand the names.
    end = "max(0, datum.value, datum.mark == null ? 0 : datum.mark)"
    layers.append(
        {
            "transform": [{"calculate": end, "as": "end"}],
            "mark": {"type": "text", "align": "left", "dx": 6, "color": BLACK},
            "encoding": {"x": {"field": "end", **x}, "text": {"field": "text"}},
        }
    )
    if low < 0:
        layers.append({"mark": {"type": "rule", "color": MIDDLE}, "encoding": {"x": {"datum": 0, **x}, "y": None}})
    spec = {
        "width": 430,
        "height": {"step": _ROW},
        "datasets": {"names": values},
        "data": {"name": "names"},
        "encoding": {"y": y},
        "layer": layers,
    }
    return Picture(spec, alt)


def _lines(name: str) -> list[str]:
    """A long name on at most two lines; what does not fit ends in an ellipsis."""
    lines = textwrap.wrap(name, _LABEL_WIDTH)
    return (
        lines if len(lines) <= 2 else [lines[0], textwrap.shorten(" ".join(lines[1:]), _LABEL_WIDTH, placeholder=" …")]
    )
