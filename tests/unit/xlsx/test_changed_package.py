"""A package that is changed: what is copied as it lies, and which sheets then need not be read again."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest

from baocao.xlsx.book import Book
from baocao.xlsx.package import ZipPackage
from baocao.xlsx.packing import DEFLATED, Packed, deflated, stored, zip_of
from baocao.xlsx.sameness import sheets_left_alone
from builders.files.hostile import part, rebuilt, replaced, with_sheet_data, xlsx

DATA = xlsx({"A": [["a", 1], ["b", 2]], "B": [["c", 3]]})
SHEET_B = "xl/worksheets/sheet2.xml"


def test_any_zip_reader_reads_the_written_package() -> None:
    parts = {"một.xml": b"<a/>" * 500, "b/leer": b"", "c": b"\x00\xff"}
    data = zip_of([("một.xml", deflated(parts["một.xml"])), ("b/leer", deflated(b"")), ("c", stored(parts["c"]))])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == parts
        assert [info.compress_type for info in archive.infolist()] == [8, 8, 0]
    package = ZipPackage(data)
    assert {name: package.read(name) for name in package.names} == parts


def test_a_part_is_copied_as_it_lies() -> None:
    packer = zlib.compressobj(0, zlib.DEFLATED, -15)
    raw = packer.compress(b"<a/>" * 500) + packer.flush()
    lying = Packed(DEFLATED, zlib.crc32(b"<a/>" * 500), 2000, raw)
    assert ZipPackage(zip_of([("a", lying)])).packed("a") == lying != deflated(b"<a/>" * 500)


def test_bytes_behind_a_parts_content_are_not_copied() -> None:
    content = b"<a/>" * 500
    good = deflated(content)
    data = zip_of([("a", good._replace(raw=good.raw + b"something hidden"))])
    assert ZipPackage(data).read("a") == content
    assert ZipPackage(data).packed("a") == good


def test_identical_parts_are_not_unpacked_again() -> None:
    first, again = ZipPackage(DATA), ZipPackage(DATA)
    damaged = ZipPackage(_with_wrong_checksum(DATA, SHEET_B))
    content = first.read(SHEET_B)
    again.take_over(first)
    damaged.take_over(first)
    assert again.read(SHEET_B) is content
    with pytest.raises(zipfile.BadZipFile):
        damaged.read(SHEET_B)


def _with_wrong_checksum(data: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        crc = struct.pack("<I", archive.getinfo(name).CRC)
    return data.replace(crc, bytes(b ^ 1 for b in crc))


@pytest.mark.parametrize(
    ("part_name", "old", "new", "same"),
    [
        ("xl/workbook.xml", "<sheets>", "<sheets>", {"A", "B"}),
        (SHEET_B, "<v>3</v>", "<v>4</v>", {"A"}),
        ("xl/workbook.xml", 'name="A"', 'name="C"', {"B"}),
        ("xl/sharedStrings.xml", "<t>c</t>", "<t>d</t>", set()),
        ("xl/workbook.xml", "<workbookPr ", '<workbookPr date1904="1" ', set()),
        ("xl/styles.xml", "</cellXfs>", '<xf numFmtId="14"/></cellXfs>', {"A", "B"}),
        ("xl/styles.xml", "<cellXfs", '<numFmts count="1"><numFmt numFmtId="164" formatCode="0%"/></numFmts><cellXfs',
         set()),
    ],
)  # fmt: skip
def test_sheets_with_unchanged_values_are_not_read_again(part_name: str, old: str, new: str, same: set[str]) -> None:
    after = replaced(DATA, part_name, old, new)
    assert sheets_left_alone(Book(ZipPackage(DATA)), Book(ZipPackage(after))) == same


STYLED = "".join(
    f'<row r="{n}"><c r="A{n}" s="1"><f>IF(B{n}="","",1)</f><v></v></c><c r="B{n}" s="1"><v>7</v></c></row>'
    for n in (1, 2)
)
LOOKS = '<xf numFmtId="1"/><xf numFmtId="1"/><xf numFmtId="14"/></cellXfs>'
FORMATTED = replaced(with_sheet_data(STYLED, '<mergeCells count="1"><mergeCell ref="A1:A2"/></mergeCells>'),
                     "xl/styles.xml", "</cellXfs>", LOOKS)  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('<c r="B2" s="1">', '<c r="B2" s="2">', True),
        ('="","",1)</f><v></v>', "=&quot;&quot;,&quot;&quot;,1)</f><v/>", True),
        ('<c r="B2" s="1">', '<c r="B2" s="3">', False),
        ('<c r="B2" s="1">', '<c r="B2" s="4">', False),
        ('<c r="B2" s="1">', '<c r="B2">', False),
        ('<c r="B2" s="1"><v>7</v></c>', '<c r="B2" s="2"><v>8</v></c>', False),
        ('<c r="B2" s="1"><v>7</v></c>', '<c r="B2" s="2"/>', False),
        ('<c r="B2" s="1">', '<c r="C2" s="1">', False),
        ('<row r="2">', '<row r="3">', False),
        ("</row></sheetData>", '<c r="C2" s="1"/></row></sheetData>', False),
        ('ref="A1:A2"', 'ref="A1:B2"', False),
    ],
)
def test_marks_are_told_from_changed_cells(old: str, new: str, *, same: bool) -> None:
    before = part(FORMATTED, "xl/worksheets/sheet1.xml").decode()
    marked = before.replace("<sheetData>", "<sheetPr/><sheetData>").replace(old, new)
    assert marked.count(new) >= 1
    after = rebuilt(FORMATTED, {"xl/worksheets/sheet1.xml": marked.encode()})
    found = sheets_left_alone(Book(ZipPackage(FORMATTED)), Book(ZipPackage(after)))
    assert found == ({s.name for s in Book(ZipPackage(FORMATTED)).sheets} if same else set())


def test_a_changed_style_format_may_change_any_value() -> None:
    styles = part(DATA, "xl/styles.xml").decode()
    head, _, rest = styles.partition("<cellXfs")
    changed = head + "<cellXfs" + rest.replace('numFmtId="0"', 'numFmtId="14"', 1)
    after = rebuilt(DATA, {"xl/styles.xml": changed.encode()})
    assert sheets_left_alone(Book(ZipPackage(DATA)), Book(ZipPackage(after))) == set()
