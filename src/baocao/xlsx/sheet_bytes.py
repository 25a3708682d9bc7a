"""What a sheet holds besides plain values, told from its bytes: no tree is built of a sheet in the usual spelling.

Excel, LibreOffice, WPS and the libraries write a cell as `<c r="A1" s="4" t="s">` and its formula as its first child.
As long as all rows of a sheet are written so, and nothing in it could hide a cell (comments, CDATA, another prefix,
characters written as numbers), patterns find what a search of the tree finds, at a quarter of the cost. The patterns
describe the rows whole, so what fits them is well-formed too. Whatever is written otherwise, is damaged, holds an
error, lies far out or may come from outside the file is left to the tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from baocao.xlsx.a1 import Area, Position, area_of, position
from baocao.xlsx.book import STRICT, TRANSITIONAL
from baocao.xlsx.outside import may_be_outside
from baocao.xlsx.spelling import is_plain
from baocao.xlsx.xml import Forbidden, Malformed, check_well_formed

_ROOT = re.compile(rb'(?:<\?xml[^<>]*\?>\s*)?<worksheet xmlns="([^"]*)"')
_SPACES = (TRANSITIONAL.encode(), STRICT.encode())
_BEGIN = b"<sheetData>"
_CELL = b'<c r="'
_NO_DIGITS = bytes.maketrans(b"123456789", b"000000000")
"""With one digit for all of them, a sheet of thousands of cells has some dozens that differ."""
_ATTRIBUTES = rb'(?: (?:[A-Za-z]+|x00ac:dyDescent)="[^<>&"\x00-\x1f\x80-\xff]*")*'
_TEXT = rb"(?:[^<&\x00-\x08\x0b\x0c\x0e-\x1f]|&(?:amp|lt|gt|quot|apos);)*"
_ROW = rb'<row r="0{1,7}"' + _ATTRIBUTES
_EMPTY_ROWS = rb"(?:" + _ROW + rb"(?:/>|></row>))*"
# At most two letters and four digits: a sheet that fits has no far cell, and no row number that overflows.
_REST_OF_CELL = (
    rb'[A-Z]{1,2}0{1,4}"(?: s="0{1,5}")?(?: t="(?:s|n|b|str|inlineStr)")?(?:/>|>'
    rb"(?:<f" + _ATTRIBUTES + rb"(?:/>|>" + _TEXT + rb"</f>))?(?:<v>" + _TEXT + rb"</v>|<v/>)?"
    rb'(?:<is><t(?: xml:space="preserve")?>' + _TEXT + rb"</t></is>)?</c>)"
)
_PIECES = {
    "only": re.compile(_EMPTY_ROWS),
    "first": re.compile(_EMPTY_ROWS + _ROW + rb">"),
    "between": re.compile(_REST_OF_CELL + rb"(?:</row>" + _EMPTY_ROWS + _ROW + rb">)?"),
    "last": re.compile(_REST_OF_CELL + rb"</row>" + _EMPTY_ROWS),
}
"""What lies before, between and after the beginnings of the cells, digits written as 0."""
_LONGEST_PIECE = 4096
_TAG = re.compile(rb"<(?:row|f) [^<>]*>")
_NAME = re.compile(rb' ([^ =]+)="')
_FORMULA = re.compile(rb"<f(?: [^<>]*)?(?:/>|>([^<]*)</f>)(<v>[^<])?")
"""Its text, and the beginning of its value where it has one."""
_MERGE = re.compile(rb'<mergeCell ref="([A-Z]{1,3}[1-9][0-9]{0,6}(?::[A-Z]{1,3}[1-9][0-9]{0,6})?)"/>')
"""As the fast reader takes it too; at any other spelling (`$A$1:B2`) it must stumble as it always does."""
_OF_TEXT = (b't="str">', b't="inlineStr">')
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

    A sheet with facts is well-formed: the patterns prove it of the rows, the parser of all around them.
    """
    rows, rest = _rows_of(content)
    if not rows or not _is_usual(rows) or not _is_sound(content[: content.find(_BEGIN) + len(_BEGIN)] + rest):
        return None
    found = SheetFacts()
    if not _add_formulas(found, rows):
        return None
    if b"mergeCell" in rest:
        references = [reference.decode() for reference in _MERGE.findall(rest)]
        if rest.count(b"mergeCell ") != len(references):
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
    # The namespace has no other name, which may be written with characters as numbers (`&#60;`).
    if sum(head.count(space) for space in _SPACES) != 1 or b"&#" in head:
        return b"", b""
    return (rows, content[end:]) if is_plain(content) else (b"", b"")


def _is_usual(rows: bytes) -> bool:
    """Whether the rows are well-formed and every row and cell of them is spelled as usual."""
    first, *cells = rows.translate(_NO_DIGITS).split(_CELL)
    if not cells:
        return _fits(first, "only")
    return _fits(first, "first") and all(map(_fits, set(cells[:-1]))) and _fits(cells[-1], "last")


def _is_sound(frame: bytes) -> bool:
    try:
        check_well_formed(frame)
    except (Malformed, Forbidden):
        return False
    return True


@lru_cache(maxsize=1 << 12)
def _fits(piece: bytes, where: str = "between") -> bool:
    """Whether it is one of the `_PIECES`, and what their patterns cannot tell of XML holds as well."""
    if len(piece) > _LONGEST_PIECE or not _PIECES[where].fullmatch(piece) or b"]]>" in piece or b"xmlns" in piece:
        return False
    for tag in _TAG.findall(piece):
        names = _NAME.findall(tag)
        # A name twice in one element is damage. One formula may give values to several cells; the tree tells which.
        if len(set(names)) != len(names) or b"array" in tag or b"dataTable" in tag:
            return False
    try:
        text = piece.decode()
    except UnicodeDecodeError:
        return False
    return "\ufffe" not in text and "\uffff" not in text


def _add_formulas(found: SheetFacts, rows: bytes) -> bool:
    """Whether all formulas are surely of this file."""
    if b"<f" not in rows:
        return True
    texts, names = [], []
    for formula in _FORMULA.finditer(rows):
        begin = formula.start()
        cell = rows[rows.rindex(_CELL, 0, begin) + len(_CELL) : begin]
        name = cell[: cell.index(b'"')]
        names.append(name)
        text, value = formula.groups(b"")
        texts.append(text)
        if not value and not cell.endswith(_OF_TEXT):
            found.faults[position(name.decode()) or (0, 0)] = ""
    found.formulas = set(b" ".join(names).decode().split())
    return not may_be_outside(b"\n".join(texts).decode())


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
