"""Files that are not let in, and the sentence each sender gets; files that look odd and are let in."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from dataclasses import replace

import pytest

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.intake.screen import screen
from baocao.model.submission import Rejection, Screening
from baocao.xlsx.limits import DEFAULT, MEGABYTE
from baocao.xlsx.package import Oversized, ZipPackage
from builders.files.hostile import (
    encrypted_entry,
    far_cells,
    inflating,
    lying_about_size,
    many_empty_rows,
    many_sheets,
    merged_over_everything,
    ole,
    overflowing_row,
    part,
    rebuilt,
    replaced,
    with_sheet_data,
    xlsx,
    zip_of,
)
from builders.files.workbook import COMMUNE_UNIT, period, small_pack, small_values

GOOD = write_blank(small_pack(), COMMUNE_UNIT, period(), values=small_values())
NAMES = zipfile.ZipFile(io.BytesIO(GOOD)).namelist()
CONTENT_TYPES = part(GOOD, "[Content_Types].xml")


def refused(data: bytes, filename: str = "bao-cao.xlsx") -> Rejection:
    found = screen(data, filename)
    assert found is not None
    assert found.message.endswith(".") and "{" not in found.message and "Hãy" in found.message
    return found


def test_a_filled_blank_is_let_in() -> None:
    assert screen(GOOD, "bao-cao.xlsx") is None


def test_the_name_does_not_matter() -> None:
    assert screen(GOOD, "bao-cao.pdf") is None


@pytest.mark.parametrize("data", [b"", b"\x00" * 100, b"  \r\n"])
def test_an_empty_file_is_named_empty(data: bytes) -> None:
    assert refused(data).reason is Screening.EMPTY


def test_a_file_too_large_is_told_both_sizes() -> None:
    found = screen(GOOD, "x.xlsx", replace(DEFAULT, file_bytes=1024))
    assert found is not None and found.reason is Screening.TOO_LARGE
    assert "quá giới hạn" in found.message


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "hình ảnh"),
        (b"\xff\xd8\xff\xe0....", "hình ảnh"),
        (b"\x00\x00\x00\x18ftypheic....", "hình ảnh"),
        (b"Rar!\x1a\x07....", "tệp nén"),
        (b"7z\xbc\xaf\x27\x1c....", "tệp nén"),
        ("Mã;Thực hiện\nCT01;5\n".encode(), "CSV"),
        (b"<html><table></table></html>", "văn bản"),
        (b"\x01\x02\x00\x03" * 30, "không phải là tệp Excel"),
        (ole("Workbook"), ".xls"),
        (ole("WordDocument"), "Word"),
        (ole("PowerPoint Document"), "trình chiếu"),
        (zip_of({"[Content_Types].xml": CONTENT_TYPES, "word/document.xml": b"<w/>"}), "Word"),
        (zip_of({"[Content_Types].xml": CONTENT_TYPES, "ppt/presentation.xml": b"<p/>"}), "trình chiếu"),
        (zip_of({"[Content_Types].xml": CONTENT_TYPES, "xl/workbook.bin": b"\x00"}), ".xlsb"),
        (zip_of({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<o/>"}), ".ods"),
        (zip_of({"14797_2026-H1.xlsx": GOOD}), "giải nén"),
        (zip_of({"[Content_Types].xml": CONTENT_TYPES, "a.txt": b"a"}), "không phải là tệp Excel"),
    ],
)
def test_another_file_type_is_told_what_to_send(data: bytes, word: str) -> None:
    found = refused(data)
    assert found.reason is Screening.NOT_XLSX
    assert word in found.message


def test_a_workbook_with_a_password_is_named_encrypted() -> None:
    assert refused(ole("EncryptionInfo", "EncryptedPackage")).reason is Screening.ENCRYPTED
    assert refused(encrypted_entry(GOOD)).reason is Screening.ENCRYPTED


@pytest.mark.parametrize(
    "name",
    [
        "xl/vbaProject.bin",
        "xl/embeddings/oleObject1.bin",
        "xl/activeX/activeX1.xml",
        "xl/macrosheets/sheet1.xml",
        "customUI/customUI.xml",
    ],
)
def test_macros_and_embedded_objects_are_not_let_in(name: str) -> None:
    assert refused(rebuilt(GOOD, {}, {name: b"x"})).reason is Screening.MACROS


def test_a_macro_workbook_without_macros_is_still_one() -> None:
    data = replaced(GOOD, "[Content_Types].xml", "sheet.main+xml", "macroEnabled.main+xml")
    assert refused(data).reason is Screening.MACROS


@pytest.mark.parametrize(
    "name", ["xl/externalLinks/externalLink1.xml", "xl/connections.xml", "xl/queryTables/queryTable1.xml"]
)
def test_links_to_other_files_are_not_let_in(name: str) -> None:
    found = refused(rebuilt(GOOD, {}, {name: b"<x/>"}))
    assert found.reason is Screening.EXTERNAL_LINKS and "Break Link" in found.message


def relations(type: str) -> bytes:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="http://x/{type}" Target="http://evil.example/a" TargetMode="External"/>'
        "</Relationships>"
    ).encode()


def test_remote_picture_is_a_link_web_address_not() -> None:
    name = "xl/worksheets/_rels/sheet9.xml.rels"
    assert refused(rebuilt(GOOD, {}, {name: relations("image")})).reason is Screening.EXTERNAL_LINKS
    assert screen(rebuilt(GOOD, {}, {name: relations("hyperlink")}), "x.xlsx") is None


@pytest.mark.parametrize("name", ["xl/workbook.xml", "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_a_dtd_anywhere_is_reason_enough(name: str) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + part(GOOD, name)
    assert refused(rebuilt(GOOD, {name: bomb})).reason is Screening.DTD


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-8-sig"])
def test_a_dtd_in_another_encoding_is_found(encoding: str) -> None:
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-be").removesuffix("-sig")}"?><!DOCTYPE x><x/>'
    bom = b"\xfe\xff" if encoding == "utf-16-be" else b""
    hidden = bom + text.encode(encoding)
    for name in ("xl/sharedStrings.xml", "customXml/item1.xml", "xl/theme/theme1.xml"):
        assert refused(rebuilt(GOOD, {name: hidden} if name in NAMES else {}, {} if name in NAMES else {name: hidden}))


def test_a_utf_16_query_is_not_damage() -> None:
    item = '<?xml version="1.0" encoding="utf-16"?><DataMashup xmlns="http://x/DataMashup">AAAA</DataMashup>'
    assert screen(rebuilt(GOOD, {}, {"customXml/item1.xml": item.encode("utf-16")}), "x.xlsx") is None


def test_words_that_look_like_a_dtd_are_none() -> None:
    drawing = b"<x><!-- <!DOCTYPE a> --><![CDATA[<!DOCTYPE b>]]></x>"
    assert screen(rebuilt(GOOD, {}, {"xl/drawings/drawing1.xml": drawing}), "x.xlsx") is None


def test_a_malformed_sheet_is_named_broken() -> None:
    xml = part(GOOD, "xl/worksheets/sheet3.xml").replace(b"</sheetData>", b"</sheetdata>")
    assert refused(rebuilt(GOOD, {"xl/worksheets/sheet3.xml": xml})).reason is Screening.UNREADABLE


def test_an_ending_alone_makes_no_macro_workbook() -> None:
    """SheetJS declares `.bin` as a macro workbook and writes no such part; printer settings may be one."""
    default = '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    data = replaced(GOOD, "[Content_Types].xml", "<Default", default + "<Default")
    assert screen(data, "x.xlsx") is None
    assert screen(rebuilt(data, {}, {"xl/printerSettings/printerSettings1.bin": b"x"}), "x.xlsx") is None
    assert refused(rebuilt(data, {}, {"xl/vbaProject.bin": b"x"})).reason is Screening.MACROS


@pytest.mark.parametrize("kind", ["vbaProject", "oleObject", "xlMacrosheet", "package"])
def test_active_content_is_recognised_by_its_references(kind: str) -> None:
    rels = f'<Relationships><Relationship Id="r1" Type="http://x/{kind}" Target="../odd/p.dat"/></Relationships>'
    data = rebuilt(GOOD, {}, {"xl/worksheets/_rels/sheet9.xml.rels": rels.encode(), "xl/odd/p.dat": b"x"})
    assert refused(data).reason is Screening.MACROS


@pytest.mark.parametrize(
    ("formula", "called"),
    [
        ('_xlfn.WEBSERVICE("http://x.example/a")', "WEBSERVICE"),
        ('RTD("p",,"t")', "RTD"),
        ('DDE("soffice";"f";"r")', "DDE"),
        ("cmd|'/c calc'!A1", "[...]"),
        ('CUBEVALUE("m","[a]")', "CUBEVALUE"),
        ('IFERROR(__xludf.DUMMYFUNCTION("GOOGLEFINANCE(""X"")"),5)', "GOOGLEFINANCE"),
        ("'C:\\x\\[so.xlsx]S'!A1", "[...]"),
        ("SUM([1]Sheet1!A1:A3)", "[...]"),
        ('INDIRECT("[so.xlsx]S!A1")', "[...]"),
        ('_xlfn.IMAGE("http://x.example/a.png")', "IMAGE"),
    ],
)
def test_a_value_fetched_from_outside_names_its_cell(formula: str, called: str) -> None:
    text = formula.replace("&", "&amp;")
    found = refused(with_sheet_data(f'<row r="3"><c r="B3" t="str"><f>{text}</f><v>5</v></c></row>'))
    assert found.reason is Screening.EXTERNAL_LINKS
    assert "“Biểu 1”, ô B3" in found.message and called in found.message and "Dán giá trị" in found.message


@pytest.mark.parametrize(
    "formula",
    [
        'IF(A1="WEBSERVICE(",1,2)',
        "Bang1[Cot]+Sheet2!A1",
        "SUM([@SL])",
        "'Thu|Chi'!A1",
        "[0]!ten",
        'HYPERLINK("http://x.example","xem")',
        "FILTERXML(A1,&quot;//b&quot;)",
        "MYIMAGE(A1)",
        'IFERROR(__xludf.DUMMYFUNCTION("UNIQUE(A1)"),5)',
    ],
)
def test_a_formula_staying_within_the_file_is_accepted(formula: str) -> None:
    data = with_sheet_data(f'<row r="3"><c r="B3" t="str"><f>{formula}</f><v>5</v></c></row>')
    assert screen(data, "x.xlsx") is None


def test_a_defined_name_fetching_from_outside_is_refused() -> None:
    names = '<definedNames><definedName name="gia">_xlfn.WEBSERVICE("x")</definedName></definedNames>'
    data = replaced(xlsx({"A": [["x"]]}), "xl/workbook.xml", "</sheets>", "</sheets>" + names)
    assert "“gia”" in refused(data).message


def test_a_bomb_is_refused_by_its_declared_size() -> None:
    assert refused(inflating(30 * MEGABYTE)).reason is Screening.ZIP_LIMITS


def test_a_bomb_hiding_its_size_is_stopped_inflating() -> None:
    data = lying_about_size(declared=1000, real=5 * MEGABYTE)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.getinfo("xl/worksheets/sheet9.xml").file_size == 1000
    assert refused(data).reason is Screening.ZIP_LIMITS


def test_a_part_smaller_than_declared_is_refused() -> None:
    assert refused(lying_about_size(declared=5000, real=10)).reason is Screening.ZIP_LIMITS


def test_inflating_stops_at_what_was_declared() -> None:
    package = ZipPackage(lying_about_size(declared=1000, real=5 * MEGABYTE), DEFAULT)
    tracemalloc.start()
    try:
        with pytest.raises(Oversized):
            package.read("xl/worksheets/sheet9.xml")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < MEGABYTE


def test_a_flipped_bit_in_stored_parts_is_found() -> None:
    buffer = io.BytesIO(GOOD)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("xl/note.xml", "<a>một ghi chú</a>")
    data = bytearray(buffer.getvalue())
    assert screen(bytes(data), "x.xlsx") is None
    data[data.index(b"<a>m") + 3] ^= 1
    assert refused(bytes(data)).reason is Screening.UNREADABLE


def test_parts_that_share_their_bytes_are_refused() -> None:
    data = bytearray(GOOD)
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = (10).to_bytes(4, "little")  # its local header "lies" inside the first part
    assert refused(bytes(data)).reason is Screening.ZIP_LIMITS


def test_too_many_or_duplicate_parts_are_refused() -> None:
    crowd = rebuilt(GOOD, {}, {f"xl/media/{i}.txt": b"" for i in range(DEFAULT.entries)})
    assert refused(crowd).reason is Screening.ZIP_LIMITS
    buffer = io.BytesIO(GOOD)
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning):
        archive.writestr("xl/workbook.xml", b"<other/>")
    assert refused(buffer.getvalue()).reason is Screening.ZIP_LIMITS


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_named_broken(cut: float) -> None:
    found = refused(GOOD[: int(len(GOOD) * cut)])
    assert found.reason is Screening.UNREADABLE and "hỏng" in found.message


def test_a_file_with_flipped_bits_is_named_broken() -> None:
    damaged = bytearray(GOOD)
    damaged[GOOD.index(b"xl/worksheets/sheet3.xml") + 60] ^= 0xFF
    assert refused(bytes(damaged)).reason is Screening.UNREADABLE


def test_too_many_sheets_hear_how_many() -> None:
    found = refused(many_sheets(DEFAULT.sheets + 1))
    assert found.reason is Screening.TOO_MANY_SHEETS and str(DEFAULT.sheets + 1) in found.message


@pytest.mark.parametrize(
    ("data", "where"),
    [
        (far_cells(), "XFD1048576"),
        (overflowing_row(), "A99999999999"),
        (many_empty_rows(DEFAULT.rows + 1), "20001 dòng"),
        (merged_over_everything(), "A1:XFD1048576"),
    ],
)
def test_a_sheet_reaching_too_far_names_the_place(data: bytes, where: str) -> None:
    found = refused(data)
    assert found.reason is Screening.DIMENSION
    assert "“Biểu 1”" in found.message and where in found.message


def test_a_far_sheet_is_found_in_any_part() -> None:
    data = rebuilt(GOOD, {}, {"xl/elsewhere/s.xml": part(far_cells(), "xl/worksheets/sheet1.xml")})
    assert refused(data).reason is Screening.DIMENSION


def test_a_far_cell_with_only_formatting_is_accepted() -> None:
    data = with_sheet_data('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row><row r="1048576"/>')
    assert screen(data, "x.xlsx") is None


def test_a_declared_dimension_that_lies_is_let_in() -> None:
    data = replaced(GOOD, "xl/worksheets/sheet3.xml", '<dimension ref="', '<dimension ref="A1:XFD1048576" x="')
    assert screen(data, "x.xlsx") is None


def test_harmless_text_that_looks_like_markup_is_accepted() -> None:
    assert screen(xlsx({"A": [["<!DOCTYPE x>", "=cmd|' /c calc'!A1", "§B04.A", 't="e"']]}), "x.xlsx") is None


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("xl/styles.xml", b"<styleSheet>" + b'<xf x="1"/>' * (DEFAULT.styles + 1) + b"</styleSheet>", "kiểu định dạng"),
        ("xl/workbook.xml", b"<workbook>" + b'<definedName n="a"/>' * (DEFAULT.names + 1) + b"</workbook>", "tên vùng"),
    ],
)
def test_styles_and_names_by_the_thousand_are_refused(name: str, content: bytes, what: str) -> None:
    found = refused(rebuilt(GOOD, {name: content}))
    assert found.reason is Screening.DIMENSION and what in found.message
