"""Values stored beside formulas: openpyxl drops them on saving, previews on telephones then show empty cells."""

from __future__ import annotations

import io
import re
import zipfile
from xml.sax.saxutils import unescape

_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_CELL = re.compile(rb"<c\b((?:[^>/]|/(?!>))*)>((?:(?!</c>).)*?<f\b.*?)</c>", re.DOTALL)
_VALUE = re.compile(rb"<v\b[^>]*>([^<]*)</v>")
_REFERENCE = re.compile(rb'\br="([A-Z]+\d+)"')
_TYPE = re.compile(rb'\bt="(\w+)"')
_EMPTY_VALUE = re.compile(rb"<v\s*/>|<v></v>")


def _parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Sheet name -> part of the package."""
    attributes = lambda tag: dict(_ATTRIBUTE.findall(tag))  # noqa: E731
    relations = package.read("xl/_rels/workbook.xml.rels").decode("utf-8")
    targets = {a["Id"]: a["Target"] for a in map(attributes, _RELATION.findall(relations))}
    result = {}
    for sheet in map(attributes, _SHEET.findall(package.read("xl/workbook.xml").decode("utf-8"))):
        target = targets.get(sheet.get("r:id", ""), "")
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in package.namelist():
            result[unescape(sheet.get("name", ""), {"&quot;": '"', "&apos;": "'"})] = path
    return result


def _cached(xml: bytes) -> dict[bytes, tuple[bytes, bytes]]:
    """Reference -> (cell type, value as written) of every formula cell with a value."""
    result = {}
    for attributes, body in _CELL.findall(xml):
        reference, value, kind = _REFERENCE.search(attributes), _VALUE.search(body), _TYPE.search(attributes)
        if reference and value and value.group(1):
            result[reference.group(1)] = (kind.group(1) if kind else b"", value.group(1))
    return result


def with_cached_values(original: bytes, saved: bytes) -> dict[str, bytes]:
    """Sheet parts of `saved` with the values that `original` had cached beside its formulas: part -> new content.

    Both are xlsx packages of the same workbook. Only formula cells are touched, and only those without a value.
    """
    with zipfile.ZipFile(io.BytesIO(original)) as before, zipfile.ZipFile(io.BytesIO(saved)) as after:
        old_parts = _parts(before)
        result = {}
        for name, part in _parts(after).items():
            if name not in old_parts:
                continue
            cached = _cached(before.read(old_parts[name]))
            if cached:
                result[part] = _CELL.sub(lambda m, c=cached: _filled(m, c), after.read(part))  # type: ignore[misc]
    return result


def _filled(match: re.Match[bytes], cached: dict[bytes, tuple[bytes, bytes]]) -> bytes:
    attributes, body = match.group(1), match.group(2)
    reference = _REFERENCE.search(attributes)
    if reference is None or reference.group(1) not in cached or not _EMPTY_VALUE.search(body):
        return match.group(0)
    kind, value = cached[reference.group(1)]
    attributes = _TYPE.sub(b"", attributes).rstrip()
    if kind:
        attributes += b' t="' + kind + b'"'
    return b"<c" + attributes + b">" + _EMPTY_VALUE.sub(lambda _: b"<v>" + value + b"</v>", body) + b"</c>"
