"""Files that mean harm, or were made by mistake: each small or made on the fly, each a known attack on a parser."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

from xlsxwriter import Workbook

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def xlsx(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """A plain workbook."""
    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for index, row in enumerate(rows):
            sheet.write_row(index, 0, row)
    book.close()
    return buffer.getvalue()


def rebuilt(data: bytes, changes: Mapping[str, bytes | None], added: Mapping[str, bytes] | None = None) -> bytes:
    """The package with parts replaced (None: left out) and added."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = changes.get(name, source.read(name))
            if content is not None:
                target.writestr(name, content)
        for name, content in (added or {}).items():
            target.writestr(name, content)
    return buffer.getvalue()


def part(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read(name)


def replaced(data: bytes, name: str, old: str, new: str) -> bytes:
    """One text in one part replaced; the text must be there."""
    content = part(data, name).decode()
    assert old in content, (name, old)
    return rebuilt(data, {name: content.replace(old, new, 1).encode()})


def with_sheet_data(inner: str, after: str = "") -> bytes:
    """A workbook whose only sheet holds this XML."""
    good = xlsx({"Biểu 1": [["x"]]})
    xml = f'<worksheet xmlns="{SPREADSHEET}"><sheetData>{inner}</sheetData>{after}</worksheet>'
    return rebuilt(good, {"xl/worksheets/sheet1.xml": xml.encode()})


def far_cells() -> bytes:
    """Only the two farthest corners are filled: a parser that makes a rectangle of them needs 17 billion cells."""
    return with_sheet_data(
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    )


def overflowing_row() -> bytes:
    return with_sheet_data('<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>')


def many_empty_rows(count: int) -> bytes:
    """Formatted rows with nothing in them, as an office program writes when a whole column was formatted row by row."""
    return with_sheet_data("".join(f'<row r="{i}" s="1" customFormat="1"/>' for i in range(1, count + 1)))


def merged_over_everything() -> bytes:
    return with_sheet_data(
        '<row r="1"><c r="A1"><v>1</v></c></row>', '<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'
    )


def many_sheets(count: int) -> bytes:
    return xlsx({f"Trang {i}": [["x"]] for i in range(count)})


def inflating(size: int) -> bytes:
    """A sheet that inflates to `size` bytes of blanks."""
    return rebuilt(xlsx({"A": [["x"]]}), {"xl/worksheets/sheet1.xml": b" " * size})


def lying_about_size(declared: int, real: int) -> bytes:
    """The directory and the local header declare `declared` bytes; the part inflates to `real`."""
    content = b" " * real
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(content) + packed.flush()
    name = b"xl/worksheets/sheet9.xml"
    buffer = io.BytesIO(xlsx({"A": [["x"]]}))
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr(name.decode(), b" " * declared)
    data = bytearray(buffer.getvalue())
    # Put our packed body where the honest one is, and fix the sizes in both headers.
    start = data.index(b"PK\x03\x04", data.rindex(b"PK\x03\x04"))
    honest = struct.unpack_from("<I", data, start + 18)[0]
    begin = start + 30 + len(name)
    data[begin : begin + honest] = body
    shift = len(body) - honest
    central = data.rindex(b"PK\x01\x02")
    for offset in (start + 18, central + 20):
        struct.pack_into("<I", data, offset, len(body))
    end = data.rindex(b"PK\x05\x06")
    struct.pack_into("<I", data, end + 16, struct.unpack_from("<I", data, end + 16)[0] + shift)
    return bytes(data)


def encrypted_entry(data: bytes) -> bytes:
    """The zip's own encryption flag set on every part."""
    changed = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = changed.find(signature)
        while at >= 0:
            changed[at + offset] |= 1
            at = changed.find(signature, at + 4)
    return bytes(changed)


def ole(*streams: str) -> bytes:
    """The old container, with stream names as its directory spells them."""
    return (
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + b"".join(s.encode("utf-16-le") for s in streams) + bytes(512)
    )


def zip_of(parts: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
