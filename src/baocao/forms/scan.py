"""What the fast reader hides: error cells and formulas without a computed value both come back as empty.

One pass of two byte patterns over each inflated sheet names them with their addresses. Cells are matched with or
without a namespace prefix; a cell that carries no address of its own is counted from its neighbours.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from functools import lru_cache
from html import unescape
from io import BytesIO
from posixpath import normpath
from typing import NamedTuple

Position = tuple[int, int]

_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.ASCII)
_ROOT = re.compile(rb"<(?:(\w+):)?worksheet[\s>]")
_STRING_TYPE = re.compile(rb"\st=[\"']str[\"']")
_ADDRESS = re.compile(rb"\sr=[\"']([A-Z]{1,3})([0-9]{1,7})[\"']")


class _Patterns(NamedTuple):
    error: re.Pattern[bytes]
    formula_without_value: re.Pattern[bytes]
    value: re.Pattern[bytes]
    cell_start: bytes
    row_start: bytes


@lru_cache(maxsize=16)
def _patterns(prefix: bytes) -> _Patterns:
    p = re.escape(prefix)
    empty = rb"(?:<" + p + rb"v\s*+/>|<" + p + rb"v(?:\s[^>]*+)?+></" + p + rb"v>)?+\s*+"
    # Possessive: nothing is tried twice, or every formula with a value would be.
    formula = rb"<" + p + rb"f(?:\s[^>]*+)?+(?:(?<=/)>|/>|>[^<]*+</" + p + rb"f>)\s*+"
    return _Patterns(
        re.compile(rb"t=[\"']e[\"']"),
        re.compile(formula + empty + rb"</" + p + rb"c>"),
        re.compile(rb"<" + p + rb"v(?:\s[^>]*)?>([^<]*)<"),
        b"<" + prefix + b"c",
        b"<" + prefix + b"row",
    )


def attributes(text: bytes) -> dict[str, str]:
    """The attributes of one start tag, entities resolved."""
    found = {}
    for name, double, single in _ATTRIBUTE.findall(text.decode("utf-8", "replace")):
        value = double or single
        found[name] = unescape(value) if "&" in value else value
    return found


class Package:
    """The parts of one file, by name. `ZipFile.read` does the same and takes half as long again."""

    def __init__(self, data: bytes) -> None:
        """Raises zipfile.BadZipFile."""
        self._data = data
        with zipfile.ZipFile(BytesIO(data)) as archive:
            self._infos = {info.filename: info for info in archive.infolist()}

    @property
    def names(self) -> list[str]:
        """Part names as written in the directory."""
        return list(self._infos)

    def read(self, name: str) -> bytes:
        """The part, no further than its declared size.

        Raises zipfile.BadZipFile when it is damaged: the fast reader does not look at checksums.
        """
        info = self._infos[name]
        begin = info.header_offset + _LOCAL_HEADER.size
        *_, name_length, extra_length = _LOCAL_HEADER.unpack(self._data[info.header_offset : begin])
        begin += name_length + extra_length
        content = self._data[begin : begin + info.compress_size]
        if info.compress_type != zipfile.ZIP_STORED:
            content = zlib.decompressobj(-15).decompress(content, max(info.file_size, 1))
        if zlib.crc32(content) != info.CRC:
            raise zipfile.BadZipFile(name)
        return content


def sheet_parts(package: Package) -> list[tuple[str, str]]:
    """(sheet name, part name) in workbook order. Parts the relations do not lead to are left out."""
    targets: dict[str, str] = {}
    names = {name.lower(): name for name in package.names}
    root = _main_part(package, names)
    folder, _, leaf = root.rpartition("/")
    relations = names.get(f"{folder}/_rels/{leaf}.rels".lower().lstrip("/"))
    if relations is None:
        return []
    for match in _RELATION.finditer(package.read(relations)):
        found = attributes(match.group(1))
        target = found.get("Target", "")
        path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
        targets[found.get("Id", "")] = normpath(path) if "./" in path or not folder else path
    result = []
    for match in _SHEET.finditer(package.read(root)):
        found = attributes(match.group(1))
        relation = next((v for k, v in found.items() if k.endswith(":id")), "")
        part = names.get(targets.get(relation, "").lower())
        if part is not None:
            result.append((found.get("name", ""), part))
    return result


def _main_part(package: Package, names: dict[str, str]) -> str:
    """`xl/workbook.xml`, or whatever the package relations call the office document."""
    if "xl/workbook.xml" in names:
        return names["xl/workbook.xml"]
    for match in _RELATION.finditer(package.read(names["_rels/.rels"])):
        found = attributes(match.group(1))
        if found.get("Type", "").endswith("/officeDocument"):
            return names[found.get("Target", "").lstrip("/").lower()]
    raise KeyError("officeDocument")


def hidden_faults(data: bytes) -> dict[str, dict[Position, str]]:
    """Per sheet name: zero-based (row, column) -> error text, or empty text for a formula without a value.

    Raises zipfile.BadZipFile or KeyError when the package is broken.
    """
    package = Package(data)
    found = {}
    for name, part in sheet_parts(package):
        faults = sheet_faults(package.read(part))
        if faults:
            found[name] = faults
    return found


def sheet_faults(xml: bytes) -> dict[Position, str]:
    """Error cells and formulas without a value of one sheet part."""
    root = _ROOT.search(xml, 0, 4096)
    prefix = root.group(1) + b":" if root and root.group(1) else b""
    patterns = _patterns(prefix)
    faults: dict[Position, str] = {}
    for match in patterns.error.finditer(xml):
        start = xml.rfind(patterns.cell_start, 0, match.start())
        tag_end = xml.find(b">", match.start())
        if start < 0 or xml.find(b">", start) != tag_end:
            continue
        value = patterns.value.search(xml, tag_end, tag_end + 4096)
        text = value.group(1).decode("utf-8", "replace") if value else ""
        faults[_position(xml, start, tag_end, patterns)] = text or "#N/A"
    for match in patterns.formula_without_value.finditer(xml):
        tag_end = match.start()
        start = xml.rfind(patterns.cell_start, 0, tag_end)
        if start < 0 or (b"str" in xml[start:tag_end] and _STRING_TYPE.search(xml, start, tag_end)):
            continue
        faults.setdefault(_position(xml, start, tag_end, patterns), "")
    return faults


def _position(xml: bytes, start: int, tag_end: int, patterns: _Patterns) -> Position:
    named = _ADDRESS.search(xml, start, tag_end)
    if named is None:
        return _counted(xml, start, patterns)
    letters, digits = named.groups()
    return int(digits) - 1, column_index(letters)


@lru_cache(maxsize=1024)
def column_index(letters: bytes) -> int:
    """Zero-based column of its letters: `A` is 0."""
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index - 1


def _counted(xml: bytes, start: int, patterns: _Patterns) -> Position:
    """The place of a cell without an address: counted on from the last address before it, as a spreadsheet does."""
    row_tag = re.compile(re.escape(patterns.row_start) + rb"(\s[^>]*)?>")
    cell_tag = re.compile(re.escape(patterns.cell_start) + rb"(\s[^>]*)?/?>")
    row, row_at = -1, 0
    for match in row_tag.finditer(xml, 0, start):
        number = attributes(match.group(1) or b"").get("r", "")
        row = int(number) - 1 if number.isdigit() else row + 1
        row_at = match.end()
    column = -1
    for match in cell_tag.finditer(xml, row_at, start):
        named = _ADDRESS.search(match.group(1) or b"")
        column = column_index(named.group(1)) if named else column + 1
    return row, column + 1
