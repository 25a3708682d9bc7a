"""What a sheet holds besides plain values, told from its bytes: no tree is built of a sheet in the usual spelling.

Excel, LibreOffice, WPS and the libraries write a cell as `<c r="A1" s="4" t="s">` and its formula as its first child.
As long as every cell of a sheet is written so, and nothing in it could hide a cell (comments, CDATA, another prefix,
characters written as numbers), patterns find what a search of the tree finds, at a quarter of the cost. Whatever is
written otherwise, holds an error, lies far out or may come from outside the file is left to the tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from baocao.xlsx.a1 import Area, Position, area_of, position
from baocao.xlsx.book import STRICT, TRANSITIONAL
from baocao.xlsx.outside import may_be_outside
from baocao.xlsx.spelling import is_plain

_ROOT = re.compile(rb'(?:<\?xml[^<>]*\?>\s*)?<worksheet xmlns="([^"]*)"')
_SPACES = (TRANSITIONAL.encode(), STRICT.encode())
_BEGIN = b"<sheetData>"
# At most two letters and four digits: a sheet that fits has no far cell, and no row number that overflows.
_USUAL_CELL = rb' r="([A-Z]{1,2}[0-9]{1,4})"(?: s="[0-9]{1,5}")?(?: t="(s|n|b|str|inlineStr)")?'
_TO_LOOK_AT = re.compile(
    rb"<c(?!" + _USUAL_CELL.replace(b"(s|n", b"(?:s|n").replace(b"([A", b"(?:[A") + rb"(?:/>|>(?!<f[ />])))"
    rb"(?:" + _USUAL_CELL + rb"><f[ />])?"
)
"""In the rows: a cell with a formula, by its address and type; and, without these two, whatever begins like a cell and
is none in the usual spelling, lies far out or holds an error."""
_UNUSUAL_ROW = re.compile(rb'<row(?! r="[0-9]{1,7}"[ />])')
_FORMULA = re.compile(rb"<f(?=[ />])[^<>]*(?:/>|>([^<]*)</f>)(?:(<v>[^<])|(?=</c>|<v/></c>|<v></v></c>))")
"""Its text, and the beginning of its value where it has one."""
_MERGE = re.compile(rb'<mergeCell ref="([^"]*)"/>')
_TEXTS = frozenset({b"str", b"inlineStr"})
_CELL = b'<c r="'
_STYLED = re.compile(rb'([A-Z]+[0-9]+)" s="([0-9]+)"')
"""A cell after its beginning."""


@dataclass(slots=True)
class SheetFacts:
    """Of one worksheet part."""

    faults: dict[Position, str] = field(default_factory=dict)
    """error text, or empty text for a formula whose value was never stored"""
    outside: dict[Position, str] = field(default_factory=dict)
    """formulas that fetch from outside the file: what they call"""
    merges: list[tuple[str, Area | None]] = field(default_factory=list)
    """as written, and the area it means; None for no area"""
    percents: list[Position] = field(default_factory=list)
    """cells with a value whose number format shows a percentage"""
    formulas: set[str] = field(default_factory=set)
    """A1 addresses of the cells whose value a formula gives"""


def facts_in_bytes(content: bytes) -> SheetFacts | None:
    """The facts of a sheet in the usual spelling, percentages not among them; None for every other part.

    Says nothing about whether the part is well-formed.
    """
    rows, rest = _rows_of(content)
    if not rows or _UNUSUAL_ROW.search(rows):
        return None
    found = SheetFacts()
    cells = _TO_LOOK_AT.findall(rows)
    # No name: the first half of the pattern, something that begins like a cell and is not spelled as usual.
    if not all(name for name, _ in cells) or not _add_formulas(found, rows, cells):
        return None
    if b"mergeCell" in rest:
        references = [reference.decode() for reference in _MERGE.findall(rest)]
        # Every element must have been found by the pattern, and none may have a character spelled as an entity.
        if rest.count(b"mergeCell ") != len(references) or any("&" in reference for reference in references):
            return None
        found.merges = [(reference, area_of(reference)) for reference in references]
    return found


def _rows_of(content: bytes) -> tuple[bytes, bytes]:
    """The inside of the one `sheetData` and what follows; nothing where cells could stand or be written elsewhere."""
    root = _ROOT.match(content)
    begin, end = content.find(_BEGIN), content.find(b"</sheetData>")
    if root is None or root[1] not in _SPACES or not 0 < begin < end or content.count(b"sheetData") != 2:
        return b"", b""
    head, rows = content[:begin], content[begin + len(_BEGIN) : end]
    # The namespace has no other name in the rows, and no character is written as a number there (`&#60;`).
    if (
        sum(head.count(space) for space in _SPACES) != 1
        or b"xmlns" in rows
        or b"&#" in head
        or (b"#" in rows and b"&#" in rows)
    ):
        return b"", b""
    return (rows, content[end:]) if is_plain(content) else (b"", b"")


def _add_formulas(found: SheetFacts, rows: bytes, cells: list[tuple[bytes, bytes]]) -> bool:
    """Whether all that begins like a formula is that of one of `cells`, and surely of this file."""
    formulas = _FORMULA.findall(rows) if cells else []
    if not len(cells) == len(formulas) == rows.count(b"<f"):
        return False
    # One formula may give values to several cells; the tree tells which.
    if b"array" in rows or b"dataTable" in rows:
        return False
    if may_be_outside(b"\n".join([text for text, _ in formulas]).decode()):
        return False
    # Cells and formulas were found apart; they belong together because both stand in the order of the sheet.
    lost = [name for (name, kind), (_, value) in zip(cells, formulas, strict=True) if not value and kind not in _TEXTS]
    for name in lost:
        found.faults[position(name.decode()) or (0, 0)] = ""
    found.formulas = set(b" ".join([name for name, _ in cells]).decode().split())
    return True


def filled_in(content: bytes, styles: frozenset[str]) -> list[Position]:
    """The cells with a value in one of these styles, of a sheet whose facts the bytes told."""
    wanted = [style for style in styles if f's="{style}"'.encode() in content]
    if not wanted:
        return []
    pattern = rf'<c r="([A-Z]+[0-9]+)" s="(?:{"|".join(wanted)})"[^<>]*>(?:<f[^<>]*(?:/>|>[^<]*</f>))?<v'
    places = (position(name.decode()) for name in re.findall(pattern.encode(), content))
    return [place for place in places if place is not None]


def same_but_for_styles(was: bytes, now: bytes, formats: Sequence[str]) -> bool:
    """Whether two sheets whose facts the bytes tell hold the same cells and merged areas. A cell may have another style
    of the same number format (`formats`: one for each style). False where the bytes do not show it."""
    (rows, rest), (new_rows, new_rest) = _rows_of(was), _rows_of(now)
    cells, new_cells = (_spelled_alike(text).split(_CELL) for text in (rows, new_rows))
    if not rows or len(cells) != len(new_cells) or _merges_in(rest) != _merges_in(new_rest):
        return False
    changed = [pair for pair in zip(cells, new_cells, strict=True) if pair[0] != pair[1]]
    return all(_differ_in_style_only(cell, new, formats) for cell, new in changed)


def _differ_in_style_only(cell: bytes, new: bytes, formats: Sequence[str]) -> bool:
    old, now = _STYLED.match(cell), _STYLED.match(new)
    if old is None or now is None or old[1] != now[1] or cell[old.end() :] != new[now.end() :]:
        return False
    styles = int(old[2]), int(now[2])
    return max(styles) < len(formats) and formats[styles[0]] == formats[styles[1]]


def _spelled_alike(rows: bytes) -> bytes:
    """The two things that are written otherwise when a sheet is parsed and written again."""
    return rows.replace(b"<v></v>", b"<v/>").replace(b"&quot;", b'"')


def _merges_in(rest: bytes) -> bytes:
    return rest[rest.find(b"<mergeCells") : rest.find(b"</mergeCells>")]
