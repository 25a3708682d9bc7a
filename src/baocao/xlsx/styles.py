"""The style sheet of a workbook: looks are added at the end, what is there stays where it is."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from baocao.xlsx.workbook_edit import WorkbookEdit
from baocao.xlsx.xml import Element, escaped, namespace

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_ORDER = [
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
]
NO_FILL = "-"


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How a cell of our own looks. Colours are six hexadecimal digits, empty for none."""

    font: str = "Times New Roman"
    size: int = 11
    bold: bool = False
    underlined: bool = False
    colour: str = "000000"
    fill: str = ""
    centre: bool = False
    middle: bool = False
    rule: str = ""
    """colour of thin lines on all sides"""
    open: bool = False
    """not locked"""


class StylePart:
    """The part `styles.xml`; made when the workbook has none."""

    def __init__(self, draft: WorkbookEdit) -> None:
        self._draft = draft
        self._part = draft.related(draft.book.main, "styles")
        self._filled: dict[tuple[int, str], int] = {}
        self._looks: dict[CellStyle, int] = {}
        self._made: dict[tuple[str, str], int] = {}
        self._sections: dict[str, Element] = {}

    def fill_of(self, xf: int) -> str:
        """A cell style's fill as one line: `-` for none, `RRGGBB`, `theme:number:tint` or `indexed:number`."""
        if self._part is None:
            return NO_FILL
        root = self._root()
        space = namespace(root)
        xfs = root.findall(f"{{{space}}}cellXfs/{{{space}}}xf")
        fills = root.findall(f"{{{space}}}fills/{{{space}}}fill")
        at = whole_number(xfs[xf].get("fillId")) if 0 <= xf < len(xfs) else 0
        return _text_of(fills[at], space) if 0 <= at < len(fills) else NO_FILL

    def filled_with(self, colours: set[str]) -> set[int]:
        """Cell styles whose fill is one of these."""
        if self._part is None:
            return set()
        root = self._root()
        space = namespace(root)
        fills = root.findall(f"{{{space}}}fills/{{{space}}}fill")
        ours = {i for i, fill in enumerate(fills) if _text_of(fill, space) in colours}
        xfs = root.findall(f"{{{space}}}cellXfs/{{{space}}}xf") if ours else []
        return {i for i, xf in enumerate(xfs) if whole_number(xf.get("fillId")) in ours}

    def with_fill(self, xf: int, fill: str) -> int:
        """The number of a cell style that is `xf` but for its fill."""
        made = self._filled.get((xf, fill))
        if made is None:
            section = self._section("cellXfs")
            base = section[xf] if 0 <= xf < len(section) else section[0]
            copied = deepcopy(base)
            copied.set("fillId", str(self._fill(fill)))
            copied.set("applyFill", "1")
            made = self._filled[xf, fill] = self._append("cellXfs", copied)
        return made

    def look(self, look: CellStyle) -> int:
        """The number of a cell style of our own."""
        made = self._looks.get(look)
        if made is None:
            made = self._looks[look] = self._xf(look)
        return made

    def _xf(self, look: CellStyle) -> int:
        marks = ("<b/>" if look.bold else "") + ("<u/>" if look.underlined else "")
        font = f'<font>{marks}<sz val="{look.size}"/><color rgb="FF{look.colour}"/><name val="{look.font}"/></font>'
        applied = "".join(
            f' apply{name}="1"' for name in ("NumberFormat", "Font", "Fill", "Border", "Alignment", "Protection")
        )
        across = ' horizontal="center"' if look.centre else ""
        # 49 is `@`: what an officer types as an explanation (`01/7`, `=`) stays the text it is.
        return self._number(
            "cellXfs",
            f'<xf numFmtId="49" xfId="0" fontId="{self._number("fonts", font)}" '
            f'fillId="{self._fill(look.fill or NO_FILL)}" borderId="{self._border(look.rule)}"{applied}>'
            f'<alignment wrapText="1" vertical="{"center" if look.middle else "top"}"{across}/>'
            f'<protection locked="{0 if look.open else 1}"/></xf>',
        )

    def _border(self, colour: str) -> int:
        if not colour:
            return 0
        sides = ("left", "right", "top", "bottom")
        lines = "".join(f'<{side} style="thin"><color rgb="FF{colour}"/></{side}>' for side in sides)
        return self._number("borders", f"<border>{lines}<diagonal/></border>")

    def _fill(self, text: str) -> int:
        if text == NO_FILL:
            return 0
        # Where it comes from the index sheet of a marked file, somebody may have changed it.
        text = escaped(text)
        kind, _, value = text.partition(":")
        colour = f'rgb="FF{text}"'
        if kind == "theme":
            number, _, tint = value.partition(":")
            colour = f'theme="{number}"' + (f' tint="{tint}"' if tint not in ("", "0", "0.0") else "")
        elif kind == "indexed":
            colour = f'indexed="{value}"'
        solid = f'<patternFill patternType="solid"><fgColor {colour}/><bgColor indexed="64"/></patternFill>'
        return self._number("fills", f"<fill>{solid}</fill>")

    def _number(self, section: str, text: str) -> int:
        """The number in its list of an entry of our own."""
        made = self._made.get((section, text))
        if made is None:
            made = self._made[section, text] = self._append(section, _element(text, namespace(self._root())))
        return made

    def _append(self, section: str, element: Element) -> int:
        parent = self._section(section)
        parent.append(element)
        parent.set("count", str(len(parent)))
        return len(parent) - 1

    def _root(self) -> Element:
        if self._part is None:
            # openpyxl looks for it under this very name.
            taken = self._draft.find("xl/styles.xml") is not None
            self._part = self._draft.free_name("xl/stylesKQ{}.xml") if taken else "xl/styles.xml"
            root = etree.Element(f"{{{self._draft.space}}}styleSheet", nsmap={None: self._draft.space})
            self._draft.add(self._part, root, _TYPE)
            self._draft.relate(self._draft.book.main, "styles", self._part)
            self._section("cellXfs")
            styles = self._section("cellStyles")
            etree.SubElement(styles, f"{{{self._draft.space}}}cellStyle", name="Normal", xfId="0", builtinId="0")
            styles.set("count", "1")
        return self._draft.tree(self._part)

    def _section(self, name: str) -> Element:
        """The list of fonts, fills and so on, with the first entries every workbook must have."""
        known = self._sections.get(name)
        if known is not None:
            return known
        root = self._root()
        space = namespace(root)
        found = root.find(f"{{{space}}}{name}")
        if found is None:
            found = etree.Element(f"{{{space}}}{name}")
            after = set(_ORDER[_ORDER.index(name) + 1 :])
            at = next((i for i, e in enumerate(root) if etree.QName(e).localname in after), len(root))
            root.insert(at, found)
        # Only where the list is empty: existing numbers are in use by the officer's cells.
        if len(found) == 0 and name in _FIRST:
            for text in _FIRST[name]:
                found.append(_element(text, space))
            found.set("count", str(len(found)))
        if name == "cellXfs":
            # A cell format refers to these by number; Excel does not open a style sheet where number 0 is missing.
            for needed in ("fonts", "fills", "borders", "cellStyleXfs"):
                self._section(needed)
        self._sections[name] = found
        return found


_FIRST = {
    "fonts": ('<font><sz val="11"/><name val="Calibri"/></font>',),
    # Excel paints fills 0 and 1 as these two whatever the file says, so a fill of ours must come after them.
    "fills": ('<fill><patternFill patternType="none"/></fill>', '<fill><patternFill patternType="gray125"/></fill>'),
    "borders": ("<border><left/><right/><top/><bottom/><diagonal/></border>",),
    "cellStyleXfs": ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0"></xf>',),
    "cellXfs": ('<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"></xf>',),
}


def _element(text: str, space: str) -> Element:
    return etree.fromstring(text.replace(">", f' xmlns="{escaped(space)}">', 1))


def _text_of(fill: Element, space: str) -> str:
    pattern = fill.find(f"{{{space}}}patternFill")
    if pattern is None or pattern.get("patternType") != "solid":
        return NO_FILL
    colour = pattern.find(f"{{{space}}}fgColor")
    if colour is None:
        return NO_FILL
    if colour.get("rgb"):
        # `AARRGGBB`: programs write the alpha as FF or 00, and no spreadsheet heeds it.
        return str(colour.get("rgb"))[-6:].upper()
    if colour.get("theme"):
        return f"theme:{colour.get('theme')}:{colour.get('tint', '0.0')}"
    return f"indexed:{colour.get('indexed')}" if colour.get("indexed") else NO_FILL


def whole_number(text: str | None) -> int:
    """A number of the style sheet as written in an attribute; 0 for anything else."""
    return int(text) if text and text.isdigit() else 0
