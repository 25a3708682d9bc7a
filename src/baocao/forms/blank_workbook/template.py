"""One workbook written as a pattern, then filled for each unit of the same shape: hundreds of communes get the same
sheets with other names and figures, and writing a sheet cell by cell is nine tenths of a blank's cost.

The pattern is written by `workbook` itself for a unit that has no name and no figure yet, so what it looks like is
decided there alone. What differs is put into the parts as text: the unit's name and code, and the values of entry
cells, of computed cells and of last period's figures. A filled pattern holds what a workbook written in full holds;
only the order of the shared strings is another.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple
from xml.sax.saxutils import escape, unescape

from baocao.forms.blank_workbook.content import Content
from baocao.forms.blank_workbook.layout import FormPlace
from baocao.forms.contract import address
from baocao.forms.reading.numbers import format_value
from baocao.model.form import CellKey, ValueType
from baocao.xlsx.packing import USUAL, deflated, parts_of, zip_of

NAME, CODE = "\ue000\ue001", "\ue002\ue003"
"""What stands in the pattern for the unit's name and code: no text of ours has these letters."""
_LONGEST_NAME = 100
"""Longer ones are written in full: a footer ends at 255 characters."""
_STRINGS = "xl/sharedStrings.xml"
_SHEET = "xl/worksheets/sheet{}.xml"
# Of XlsxWriter's own spelling alone: the pattern is our own file. A test holds a filled pattern to a
# workbook written in full.
_CELL = re.compile(r'<c r="([A-Z]+[0-9]+)" s="[0-9]+"(?:(/>)|><f>[^<]*</f><v>()</v></c>)')
_STRING = re.compile(r"<si><t[^>]*>([^<]*)</t></si>")
_COUNTS = re.compile(r' count="([0-9]+)" uniqueCount="([0-9]+)"')


class _Slot(NamedTuple):
    """A cell whose value is the unit's own."""

    source: str
    """the field of `Content` that holds it"""
    key: CellKey
    type: ValueType


@dataclass(frozen=True)
class _PartPattern:
    """One part of the package: fixed texts with a slot between each two of them."""

    name: str
    texts: tuple[str, ...]
    slots: tuple[_Slot, ...]
    is_named: bool
    """whether it says who the unit is"""


def fits(content: Content) -> bool:
    """Whether the workbook of this content can be filled in a pattern: the rare rest is written in full."""
    unit = content.unit
    # Such letters would need escaping in one place and doubling in another (footer, sheet reference).
    plain = all(_is_plain(text) and not set(text) & set("&<>\"'") for text in (unit.full_name, unit.code))
    known = (*content.entered.values(), *content.previous.values())
    return (
        plain
        and len(unit.full_name) + len(unit.code) <= _LONGEST_NAME
        and not (content.info or content.origin or content.notes or content.lists or content.nil_lists)
        and all(value is None or isinstance(value, int | float | Decimal) for value in content.entered.values())
        and all(_is_plain(value) for value in known)
    )


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return value.isprintable() and value == value.strip()
    return value is None or isinstance(value, int | float | Decimal)


class Template:
    """The pattern of one shape."""

    def __init__(self, written: bytes, places: Mapping[int, FormPlace]) -> None:
        """`written`: the workbook of `NAME` and `CODE`, with no value in it. `places`: sheet number, counted from 1, ->
        the form whose tables stand there."""
        slots = {_SHEET.format(number): _slots_of(place) for number, place in places.items()}
        parts = {name: content.decode() for name, content in parts_of(written).items()}
        self._parts = tuple(_part(name, text, slots.get(name, {})) for name, text in parts.items())
        shared = _STRING.findall(parts[_STRINGS])
        self._strings = {unescape(text): number for number, text in enumerate(shared)}

    def filled(self, content: Content) -> bytes:
        """The workbook of one unit."""
        strings = _Strings(self._strings)
        texts = {part.name: _filled(part, content, strings) for part in self._parts}
        texts[_STRINGS] = strings.told_in(texts[_STRINGS])
        return zip_of((name, deflated(text.encode(), USUAL)) for name, text in texts.items())


class _Strings:
    """The shared strings of one workbook: those of the pattern, and what its own values add behind them."""

    def __init__(self, known: Mapping[str, int]) -> None:
        self._known, self._added, self._used = known, dict[str, int](), 0

    def number_of(self, text: str) -> int:
        # `count` of the part is how often strings are used, `uniqueCount` how many there are.
        self._used += 1
        known = self._known.get(text)
        return self._added.setdefault(text, len(self._known) + len(self._added)) if known is None else known

    def told_in(self, part: str) -> str:
        """The part `sharedStrings.xml` with the added ones in it."""
        if not self._used:
            return part
        counts = _COUNTS.search(part)
        assert counts is not None
        told = f' count="{int(counts[1]) + self._used}" uniqueCount="{int(counts[2]) + len(self._added)}"'
        more = "".join(f"<si><t>{escape(text)}</t></si>" for text in self._added)
        end = part.rindex("</sst>")
        return part[: counts.start()] + told + part[counts.end() : end] + more + part[end:]


def _slots_of(place: FormPlace) -> dict[str, _Slot]:
    """Address -> what goes there, of one sheet."""
    found = {}
    for table in place.tables:
        for row in table.table.rows:
            for column in table.table.columns:
                if table.table.applies(row, column):
                    key = CellKey(place.form.code, row.code, column.code)
                    source = "entered" if table.table.is_entered(row, column) else "derived"
                    at = address(table.rows[row.code], table.columns[column.code])
                    found[at] = _Slot(source, key, table.table.type_of(row, column))
            for code, index in table.previous.items():
                if not row.heading:
                    key = CellKey(place.form.code, row.code, code)
                    type = table.table.type_of(row, table.table.column(code))
                    found[address(table.rows[row.code], index)] = _Slot("previous", key, type)
    return found


def _part(name: str, text: str, wanted: Mapping[str, _Slot]) -> _PartPattern:
    texts, slots, begin = [], [], 0
    for cell in _CELL.finditer(text) if wanted else ():
        slot = wanted.get(cell[1])
        # A computed cell without a formula (`… tính` of the level above) keeps what the pattern says.
        if slot is None or (slot.source == "derived") is not (cell[2] is None):
            continue
        # A computed cell has its value behind the formula, every other one in place of the closing stroke.
        cut = cell.start(3) if cell[2] is None else cell.start(2)
        texts.append(text[begin:cut])
        slots.append(slot)
        begin = cut if cell[2] is None else cell.end(2)
    texts.append(text[begin:])
    return _PartPattern(name, tuple(texts), tuple(slots), NAME in text or CODE in text)


def _filled(part: _PartPattern, content: Content, strings: _Strings) -> str:
    pieces = [part.texts[0]]
    for slot, following in zip(part.slots, part.texts[1:], strict=True):
        value = getattr(content, slot.source).get(slot.key)
        if slot.source == "derived":
            pieces.append("" if value is None else str(value if isinstance(value, int) else float(value)))
        elif value is None or value == "":
            pieces.append("/>")
        elif isinstance(value, bool | str):
            said = format_value(value, slot.type) if isinstance(value, bool) else value
            pieces.append(f' t="s"><v>{strings.number_of(said)}</v></c>')
        else:
            # `.16G` is how XlsxWriter prints a number: the filled pattern then holds the very same text.
            pieces.append(f"><v>{float(value) if isinstance(value, Decimal) else value:.16G}</v></c>")
        pieces.append(following)
    text = "".join(pieces)
    return text.replace(NAME, content.unit.full_name).replace(CODE, content.unit.code) if part.is_named else text
