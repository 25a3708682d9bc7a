"""Many small curves side by side: each indicator over the periods of the term, on a scale of its own."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from baocao.documents.charts.picture import BLACK, DARK, MIDDLE, Picture

# Vega writes `12,500.5` by itself. Only labels of axes pass here; the figures of a picture are texts made before (ADR
# 0024).
_NUMBER = "replace(replace(replace(format(datum.value, ',~f'), /,/g, ' '), '.', ','), / /g, '.')"
"""A figure on an axis as Vietnamese write it: `12.500`, `0,5`."""
_NAME_WIDTH = 34
"""Characters of a name in its line above the curve."""
_COLUMNS, _WIDTH, _HEIGHT = 3, 200, 70
_DASHES = ((1, 0), (4, 3), (2, 2), (8, 3, 2, 3))


@dataclass(frozen=True, slots=True)
class Point:
    """One period of a panel."""

    period: str
    """as it stands under the axis"""
    kind: str
    """periods of one kind are joined by a line"""
    value: float
    text: str
    """the printed figure"""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """One small chart: its heading and its points, the oldest first."""

    name: str
    points: tuple[Point, ...]


def small_multiples(panels: Sequence[Panel], periods: Sequence[str], kinds: Sequence[str], alt: str) -> Picture:
    """The panels in their order, all over the same periods; kinds of report differ by the dashes of their lines."""
    names = _short([panel.name for panel in panels])
    values = [
        {
            "name": name,
            "period": p.period,
            "kind": p.kind,
            "value": p.value,
            "says": f"{panel.name}, {p.period}: {p.text}",
            **({"address": p.address} if p.address else {}),
        }
        for name, panel in zip(names, panels, strict=True)
        for p in panel.points
    ]
    spec = {
        "data": {"values": values},
        "facet": {
            "field": "name",
            "type": "nominal",
            "title": None,
            "sort": names,
            "header": {"labelFontSize": 11, "labelAnchor": "start", "labelFontWeight": "bold", "labelLimit": _WIDTH},
        },
        "columns": _COLUMNS,
        "padding": {"left": 8, "top": 8, "bottom": 8, "right": 50},
        "align": "all",
        "spec": _panel(periods, kinds, are_links=any("address" in v for v in values)),
        # On one common scale the small indicators would all be flat lines at the bottom.
        "resolve": {"scale": {"y": "independent"}},
    }
    return Picture(spec, alt)


def _panel(periods: Sequence[str], kinds: Sequence[str], *, are_links: bool) -> dict[str, Any]:
    """One panel as Vega-Lite draws it: a line for each kind of report, and its points above it."""
    linked = {"href": {"field": "address", "type": "nominal"}} if are_links else {}
    dashes = {
        "field": "kind",
        "type": "nominal",
        "scale": {"domain": list(kinds), "range": [list(_DASHES[i % len(_DASHES)]) for i in range(len(kinds))]},
        **({} if len(kinds) > 1 else {"legend": None}),
    }
    line = {
        "mark": {"type": "line", "color": MIDDLE},
        "encoding": {"strokeDash": dashes, "detail": {"field": "kind"}},
    }
    point = {
        "mark": {"type": "point", "filled": True, "size": 45, "color": DARK, "stroke": BLACK, "opacity": 1},
        "encoding": {"description": {"field": "says", "type": "nominal"}, **linked},
    }
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "encoding": {
            "x": {
                "field": "period",
                "type": "ordinal",
                "title": None,
                "scale": {"domain": list(periods)},
                "axis": {"labelFontSize": 11, "labelAngle": 0, "labelOverlap": True},
            },
            "y": {
                "field": "value",
                "type": "quantitative",
                "title": None,
                "scale": {"zero": True},
                "axis": {"labelFontSize": 11, "tickCount": 2, "grid": False, "minExtent": 44, "labelExpr": _NUMBER},
            },
        },
        "layer": [line, point],
    }


def _short(names: Sequence[str]) -> list[str]:
    """Names that fit above a panel, each once: panels are told apart by them."""
    found: list[str] = []
    for name in names:
        short, again = textwrap.shorten(name, _NAME_WIDTH, placeholder="…"), 1
        while short in found:
            again += 1
            short = f"{textwrap.shorten(name, _NAME_WIDTH - 4, placeholder='…')} ({again})"
        found.append(short)
    return found
