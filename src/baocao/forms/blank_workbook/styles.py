"""How the workbook looks: one font, one palette, one format object a look."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.format import Format

from baocao.model.form import ValueType

FONT = "Times New Roman"

ENTRY, OPTIONAL, PREFILLED, DERIVED, ABSENT, BEFORE, HEADER = (
    "#FFF8DC",
    "#EAF4FB",
    "#FCE4D0",
    "#E9EFE6",
    "#D5D5D5",
    "#F4F4F4",
    "#DCE6F1",
)
"""Fills: must be filled, may be filled, prefilled (check it), computed, does not apply, last period, heading."""

NUMBER_FORMATS = {
    ValueType.COUNT: "#,##0",
    ValueType.MONEY: "#,##0",
    ValueType.DECIMAL: "#,##0.0#",
    ValueType.RATIO: "0.00",
    ValueType.DATE: "dd/mm/yyyy",
    # Text format: without it Excel turns `1/2` or `05-06` into a date as it is typed.
    ValueType.TEXT: "@",
    ValueType.BOOL: "@",
    ValueType.CHOICE: "@",
}

_LOOKS: dict[str, dict[str, Any]] = {
    "plain": {},
    "bold": {"bold": True},
    "italic": {"italic": True, "font_color": "#404040"},
    "small": {"italic": True, "font_size": 10, "font_color": "#595959", "text_wrap": True, "valign": "top"},
    "right": {"align": "right"},
    "right_bold": {"align": "right", "bold": True},
    "right_italic": {"align": "right", "italic": True},
    "title": {"bold": True, "font_size": 14, "align": "center", "text_wrap": True},
    "subtitle": {"italic": True, "align": "center"},
    "table_title": {"bold": True, "font_size": 12},
    "header": {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": HEADER},
    "header_before": {"italic": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": BEFORE},
    "number_row": {"italic": True, "align": "center", "font_size": 10, "border": 1, "shrink": True},
    "code": {"font_size": 10, "font_color": "#404040", "border": 1, "align": "center", "shrink": True},
    "heading": {"bold": True, "border": 1, "text_wrap": True, "indent": 1, "bg_color": "#F2F6FA"},
    "name": {"border": 1, "text_wrap": True},
    "total_name": {"border": 1, "text_wrap": True, "bold": True},
    "measure": {"border": 1, "align": "center", "text_wrap": True},
    "absent": {"border": 1, "bg_color": ABSENT},
    "nil_label": {"border": 1, "text_wrap": True, "italic": True, "indent": 1},
    "hidden": {"font_color": "#808080", "font_size": 8},
    "sign": {"bold": True, "align": "center"},
    "sign_hint": {"italic": True, "align": "center", "font_size": 10},
    "guide_title": {"bold": True, "font_size": 16, "align": "center"},
    "guide_head": {"bold": True, "font_size": 12, "bottom": 1, "font_color": "#1F3864"},
    "wrap": {"text_wrap": True, "valign": "top"},
    "wrap_bold": {"text_wrap": True, "valign": "top", "bold": True},
    "label": {"border": 1, "bold": True, "text_wrap": True, "indent": 1},
    "fact": {"border": 1, "text_wrap": True, "indent": 1},
    "deadline": {"border": 1, "bold": True, "text_wrap": True, "indent": 1, "font_color": "#C00000"},
    "link": {"indent": 1, "font_color": "#0563C1", "underline": 1, "border": 1},
    "centre": {"border": 1, "align": "center"},
}


class Styles:
    """Format objects, made once a workbook."""

    def __init__(self, book: XlsxWorkbook) -> None:
        self._book = book
        self._made: dict[tuple[Any, ...], Format] = {}

    def _make(self, key: tuple[Any, ...], options: dict[str, Any]) -> Format:
        # Each format object is a style in the file: hundreds of equal ones make a workbook slow and large.
        if key not in self._made:
            base = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
            self._made[key] = self._book.add_format(base | options)
        return self._made[key]

    def look(self, name: str, indent: int = 0) -> Format:
        """A locked cell's look."""
        options = dict(_LOOKS[name])
        if indent:
            options["indent"] = indent
        return self._make((name, indent), options)

    def fill(self, color: str) -> Format:
        """A sample of a fill, for the legend."""
        return self._make(("fill", color), {"bg_color": color, "border": 1})

    def entry(self, type: ValueType, color: str, *, long: bool = False) -> Format:
        """An unlocked cell of this type."""
        options: dict[str, Any] = {
            "locked": False,
            "bg_color": color,
            "border": 1,
            "num_format": NUMBER_FORMATS[type],
        }
        if type.is_number or type is ValueType.RATIO:
            options["align"] = "right"
        elif long or type is ValueType.TEXT:
            options |= {"align": "left", "text_wrap": True, "valign": "top" if long else "vcenter", "indent": 1}
        else:
            options["align"] = "center"
        return self._make(("entry", type, color, long), options)

    def computed(self, type: ValueType, color: str = DERIVED) -> Format:
        """A locked cell that holds a formula, or a figure of the past."""
        options: dict[str, Any] = {"bg_color": color, "border": 1, "num_format": NUMBER_FORMATS[type]}
        options["align"] = "right" if type.is_number or type is ValueType.RATIO else "center"
        if color == BEFORE:
            options |= {"italic": True, "font_color": "#595959", "font_size": 10, "text_wrap": True}
        return self._make(("computed", type, color), options)
