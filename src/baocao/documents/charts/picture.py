"""A picture as PNG (Word, Excel) and as SVG (pages), from one Vega-Lite specification, without a browser.

The only font is Roboto from the package `font-roboto`: fonts of the machine differ, and a report must be rebuilt byte
for byte anywhere (docs/adr, "Pictures without a browser").
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

FONT = "Roboto"
_VEGA_LITE = "6.4"
_VEGA_BASE = "https://vega.github.io/vega-datasets/"
"""What Vega puts before the address of a link; nothing is ever fetched from there."""
# Vega writes what a sign says as aria-label, which browsers do not show on pointing; `title` they do.
_NAMED_SIGN = re.compile(r'(<path aria-label="([^"]+)"[^>]*?)/>')
_SCALE = 2.0
"""Pixels of the PNG for one of the specification: sharp at 200 dots an inch on paper."""

BLACK, DARK, MIDDLE, LIGHT = "#000000", "#3b3b3b", "#8c8c8c", "#d9d9d9"
"""Greys that stay apart on a black and white copier. Colour never carries a meaning alone."""

_CONFIG: dict[str, Any] = {
    "font": FONT,
    "background": "#ffffff",
    "view": {"stroke": None},
    "axis": {"labelFontSize": 13, "titleFontSize": 13, "labelLimit": 0, "titleFontWeight": "normal", "labelPadding": 6},
    "legend": {
        "labelFontSize": 13,
        "labelLimit": 0,
        "orient": "bottom",
        "title": None,
        "symbolSize": 90,
        "columnPadding": 28,
    },
    "text": {"fontSize": 13},
}


@dataclass(frozen=True)
class Picture:
    """One drawing. `alt` says in words what it shows, for whoever cannot see it."""

    spec: dict[str, Any]
    alt: str
    width_mm: float = 160.0

    @cached_property
    def png(self) -> bytes:
        """PNG, deterministic."""
        return _png(json.dumps(self._whole, ensure_ascii=False))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in the specification's own pixels."""
        wide, high = struct.unpack(">II", self.png[16:24])  # of the IHDR chunk, which PNG puts first
        return round(wide / _SCALE), round(high / _SCALE)

    @cached_property
    def svg(self) -> str:
        """SVG text, deterministic; texts stay texts."""
        return str(_converter().vegalite_to_svg(self._whole, vl_version=_VEGA_LITE))

    @cached_property
    def page_svg(self) -> str:
        """SVG for a page: links go where they say, and each sign shows its name under the pointer."""
        own = self.svg.replace('xlink:href="' + _VEGA_BASE, 'xlink:href="')
        return _NAMED_SIGN.sub(r"\1><title>\2</title></path>", own)

    @property
    def _whole(self) -> dict[str, Any]:
        schema = "https://vega.github.io/schema/vega-lite/v6.json"  # a name, never fetched
        return {"$schema": schema, "config": _CONFIG, "padding": 8, **self.spec}


@lru_cache(maxsize=32)
def _png(spec: str) -> bytes:
    """Drawn once a process: the same picture stands in the Word report and in both workbooks."""
    return bytes(_converter().vegalite_to_png(spec, vl_version=_VEGA_LITE, scale=_SCALE))


@cache
def _converter() -> Any:
    """The converter with the font registered. Imported late: it brings a JavaScript engine of 90 MB with it."""
    import vl_convert

    spec = find_spec("font_roboto")
    assert spec is not None and spec.origin is not None
    vl_convert.register_font_directory(str(Path(spec.origin).parent / "files"))
    return vl_convert
