"""Looking at a file before any parser opens it: size, type, what the package declares, what its parts contain.

Nothing here trusts the file's name or what it says about itself. A rejected file is kept, never read, and answered
with a sentence its sender understands.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from baocao.forms.scan import attributes, column_index
from baocao.intake import refusals
from baocao.intake.limits import DEFAULT, MEGABYTE, Limits
from baocao.intake.package import Encrypted, Oversized, Package
from baocao.intake.refusals import refuse
from baocao.model.submission import Rejection, Screening

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_MAGIC = (
    (b"%PDF", "pdf"),
    (b"\x89PNG", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"GIF8", "image"),
    (b"BM", "image"),
    (b"II*\x00", "image"),
    (b"MM\x00*", "image"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"{\\rtf", "word"),
)
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_XML_PART = re.compile(r"\.(xml|rels|vml)$", re.IGNORECASE)
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_FAR = re.compile(rb"r=[\"'](?:[A-Z]{3,}[0-9]+|[A-Z]+[0-9]{5,}|[A-Z]{2}[0-9]{4})[\"']")
_FILLED = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Z]+)([0-9]+)[\"'][^>]*(?<!/)>(?=\s*<(?:\w+:)?(?:f|v|is)[\s>/])")
_MERGE = re.compile(rb"mergeCell\s[^>]*?ref=[\"']([A-Z]+)([0-9]+):([A-Z]+)([0-9]+)[\"']")
_DOCTYPE = (b"<!DOCTYPE", b"<!ENTITY")


def screen(data: bytes, filename: str, limits: Limits = DEFAULT) -> Rejection | None:
    """None when the file may be read; otherwise why not, in a sentence for its sender.

    `filename` only helps to word the answer about a wrong type. Costs about two milliseconds on a filled workbook;
    bounded by `limits` on any other.
    """
    if not data.strip(b"\x00 \r\n\t"):
        return refuse(Screening.EMPTY, refusals.EMPTY)
    if len(data) > limits.file_bytes:
        size, limit = len(data) / MEGABYTE, limits.file_bytes // MEGABYTE
        return refuse(Screening.TOO_LARGE, refusals.TOO_LARGE, size=f"{size:.1f}".replace(".", ","), limit=limit)
    if data.startswith(_OLE):
        return _ole(data)
    if not data.startswith(_ZIP):
        return refuse(Screening.NOT_XLSX, refusals.WRONG_TYPE[_kind(data, filename)])
    try:
        return _screen_package(Package(data, limits), limits)
    except Encrypted:
        return refuse(Screening.ENCRYPTED, refusals.ENCRYPTED)
    except Oversized:
        return refuse(Screening.ZIP_LIMITS, refusals.ZIP_LIMITS)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, OSError):
        return refusals.broken()


def _ole(data: bytes) -> Rejection:
    """The old container: a password-protected workbook, or a file of the old Office."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return refuse(Screening.ENCRYPTED, refusals.ENCRYPTED)
    kind = "xls"
    for name, found in (("WordDocument", "word"), ("PowerPoint Document", "powerpoint")):
        if name.encode("utf-16-le") in data:
            kind = found
    return refuse(Screening.NOT_XLSX, refusals.WRONG_TYPE[kind])


def _kind(data: bytes, filename: str) -> str:
    """What a file that is no zip seems to be."""
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image"
    if data[4:12] in (b"ftypheic", b"ftypmif1", b"ftypheix"):
        return "image"
    if b"\x00" not in data[:4096]:
        return "text"
    return "unknown"


def _screen_package(package: Package, limits: Limits) -> Rejection | None:
    names = {name.lower(): name for name in package.names}
    wrong = _wrong_package(package, names)
    if wrong is not None:
        return wrong
    types = package.read(names["[content_types].xml"])
    if b"macroEnabled" in types or any(_is_active(name) for name in names):
        return refuse(Screening.MACROS, refusals.MACROS)
    if any(name.startswith(("xl/externallinks/", "xl/querytables/")) or name == "xl/connections.xml" for name in names):
        return refuse(Screening.EXTERNAL_LINKS, refusals.EXTERNAL_LINKS)
    parts = {name: types if name == "[Content_Types].xml" else package.read(name) for name in package.names}
    for name, content in parts.items():
        if _XML_PART.search(name):
            found = _screen_part(name.lower(), content, limits)
            if found is not None:
                return found
    return _screen_sheets(parts, limits)


def _wrong_package(package: Package, names: dict[str, str]) -> Rejection | None:
    kind = None
    if "[content_types].xml" not in names:
        if "mimetype" in names and b"spreadsheet" in package.read(names["mimetype"]):
            kind = "ods"
        else:
            kind = "word" if "mimetype" in names else "archive"
    elif any(n.startswith("word/") for n in names):
        kind = "word"
    elif any(n.startswith("ppt/") for n in names):
        kind = "powerpoint"
    elif "xl/workbook.bin" in names:
        kind = "xlsb"
    elif not any(n.startswith("xl/") or n.endswith("workbook.xml") for n in names):
        kind = "unknown"
    return refuse(Screening.NOT_XLSX, refusals.WRONG_TYPE[kind]) if kind else None


def _is_active(name: str) -> bool:
    return (
        name.endswith("vbaproject.bin")
        or name.startswith(("xl/activex/", "xl/embeddings/", "xl/macrosheets/", "xl/dialogsheets/", "customui/"))
    )  # fmt: skip


def _screen_part(name: str, content: bytes, limits: Limits) -> Rejection | None:
    if (
        b"\x00" in content[:200]
    ):  # UTF-16 or no XML at all: no spreadsheet program writes that, and our scans read bytes
        return refusals.broken()
    if any(mark in content for mark in _DOCTYPE):
        return refuse(Screening.DTD, refusals.DTD)
    if name.endswith(".rels"):
        for match in _RELATION.finditer(content):
            found = attributes(match.group(1))
            if found.get("TargetMode") == "External" and not found.get("Type", "").endswith("/hyperlink"):
                return refuse(Screening.EXTERNAL_LINKS, refusals.EXTERNAL_LINKS)
    elif name.endswith("styles.xml") and content.count(b"<xf ") > limits.styles:
        return refuse(Screening.DIMENSION, refusals.HEAVY, what="kiểu định dạng")
    elif name.endswith("workbook.xml"):
        if content.count(b"definedName ") > limits.names:
            return refuse(Screening.DIMENSION, refusals.HEAVY, what="tên vùng")
        count = len(_SHEET.findall(content))
        if count > limits.sheets:
            return refuse(Screening.TOO_MANY_SHEETS, refusals.TOO_MANY_SHEETS, count=count, limit=limits.sheets)
    return None


def _screen_sheets(parts: dict[str, bytes], limits: Limits) -> Rejection | None:
    """Cells, rows and merges so far out or so many that a parser would walk for minutes."""
    for name, content in parts.items():
        if b"sheetData" not in content:
            continue
        where = _too_far(content, limits)
        if where:
            sheet = _sheet_name(parts, name)
            return refuse(Screening.DIMENSION, refusals.FAR_CELLS, sheet=sheet, where=where)
    return None


def _too_far(content: bytes, limits: Limits) -> str:
    """The place, in words, of what is too far or too much in a sheet; empty when nothing is."""
    rows = content.count(b"<row") + content.count(b":row ")
    if rows > limits.rows:
        return f"{rows} dòng"
    cells = content.count(b"<c ") + content.count(b":c ")
    if cells > limits.cells:
        return f"{cells} ô"
    if _FAR.search(content):
        last_row = last_column = 0
        farthest = ""
        for letters, digits in _FILLED.findall(content):
            if len(letters) > 3 or len(digits) > 7:
                return f"{letters.decode()[:4]}{digits.decode()[:12]}"
            row, column = int(digits), column_index(letters) + 1
            if row > last_row or column > last_column:
                farthest = (letters + digits).decode()
            last_row, last_column = max(last_row, row), max(last_column, column)
            if last_row * last_column > limits.area:
                return farthest
    return next(_far_merges(content, limits), "")


def _far_merges(content: bytes, limits: Limits) -> Iterator[str]:
    start = content.find(b"mergeCells")
    merges = _MERGE.findall(content, start) if start >= 0 else []
    if len(merges) > limits.merges:
        yield f"{len(merges)} vùng trộn ô"
    area = 0
    for left, top, right, bottom in merges:
        if max(len(left), len(right)) > 3 or max(len(top), len(bottom)) > 7:
            yield "vùng trộn ô"
            return
        area += (column_index(right) - column_index(left) + 1) * (int(bottom) - int(top) + 1)
        if area > limits.merged_area:
            yield f"vùng trộn ô {left.decode()}{top.decode()}:{right.decode()}{bottom.decode()}"
            return


def _sheet_name(parts: dict[str, bytes], part: str) -> str:
    """The sheet as its sender knows it; the part's own name when the relations do not tell."""
    workbook = next((c for n, c in parts.items() if n.lower() == "xl/workbook.xml"), b"")
    relations = next((c for n, c in parts.items() if n.lower() == "xl/_rels/workbook.xml.rels"), b"")
    leaf = part.rsplit("/", 1)[-1]
    for match in _RELATION.finditer(relations):
        relation = attributes(match.group(1))
        if not relation.get("Target", "").endswith(leaf):
            continue
        for match in _SHEET.finditer(workbook):
            sheet = attributes(match.group(1))
            if relation.get("Id") in sheet.values():
                return sheet.get("name", leaf)
    return leaf
