"""What marking leaves alone: pictures, charts, shapes, Strict files, files that no office library opens."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from lxml import etree
from openpyxl import load_workbook
from xlsxwriter import Workbook

from baocao.documents.marking import task as markup_task
from baocao.documents.marking.markup import AMBER, RED, mark_up
from baocao.documents.marking.returned import UNMARKED, marked_or_listed, points_alone
from baocao.documents.marking.task import LostError, compare, mark_task
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.grid import read_workbook
from baocao.forms.reading.raw import Unreadable
from baocao.xlsx.book import STRICT, TRANSITIONAL, Book
from baocao.xlsx.package import ZipPackage
from baocao.xlsx.styles import StylePart
from baocao.xlsx.workbook_edit import WorkbookEdit
from builders.files.documents import finding, unit_workbook
from builders.files.hostile import part, rebuilt, replaced, with_sheet_data
from builders.lines import lines_run

HEAD = {
    "unit_name": "Phường Mẫu",
    "period_name": "6 tháng đầu năm 2026",
    "verdict_line": "CHƯA ĐẠT: có 1 điểm phải sửa",
    "deadline_text": "Hạn gửi: trước ngày 20/6/2026.",
}
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360f8cf50000003010100c9fe92ef0000000049454e44ae426082"
)
SHEET1 = "xl/worksheets/sheet1.xml"


def marked(data: bytes, *findings: Any) -> bytes:
    copy = mark_up(data, findings or (finding("D5"), finding("D6", blocks=False)), **HEAD)
    compare(data, copy)
    return copy


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def fill(data: bytes, a1: str, sheet: str = "Biểu 01") -> str:
    return str(load_workbook(io.BytesIO(data))[sheet][a1].fill.fgColor.rgb)[-6:]


def furnished() -> bytes:
    """A workbook with a picture, a chart, a text box, a conditional format, a comment and a protected sheet."""
    data = io.BytesIO()
    book = Workbook(data, {"in_memory": True})
    sheet = book.add_worksheet("Biểu 01")
    for row in range(4, 9):
        sheet.write(row, 3, row)
    sheet.insert_image("F2", "logo.png", {"image_data": io.BytesIO(PIXEL)})
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "='Biểu 01'!$D$5:$D$9"})
    sheet.insert_chart("H2", chart)
    sheet.insert_textbox("H20", "ghi chú của đơn vị")
    sheet.conditional_format("D5:D9", {"type": "cell", "criteria": ">", "value": 6, "format": book.add_format()})
    sheet.merge_range("A12:B13", "trộn")
    sheet.protect("mat-khau")
    other = book.add_worksheet("Khác")
    other.write("A1", "không đụng đến")
    book.define_name("Vung", "='Biểu 01'!$D$5:$D$9")
    book.define_name("'Khác'!Rieng", "='Khác'!$A$1")
    book.close()
    return data.getvalue()


def test_untouched_parts_stay_byte_for_byte() -> None:
    before, after = parts(furnished()), parts(marked(furnished()))
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed == {
        "[Content_Types].xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/styles.xml",
        SHEET1,
        "xl/worksheets/_rels/sheet1.xml.rels",
    }
    sheet = after[SHEET1].decode()
    for kept in ("<drawing ", "<conditionalFormatting", "<sheetProtection", "<mergeCell "):
        assert kept in sheet
    assert sheet.index("<drawing ") < sheet.index("<legacyDrawing ")
    assert {n for n in after if n not in before} == {
        "xl/worksheets/sheetKQ1.xml",
        "xl/commentsKQ1.xml",
        "xl/drawings/vmlDrawingKQ1.vml",
    }


def test_names_bound_to_a_sheet_stay_bound() -> None:
    book = load_workbook(io.BytesIO(marked(furnished())))
    assert "Rieng" in book["Khác"].defined_names and "Vung" in book.defined_names
    assert book["Kết quả kiểm tra"].print_title_rows


def test_a_strict_workbook_is_marked_without_loss() -> None:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    strict = {
        name: content.replace(TRANSITIONAL.encode(), STRICT.encode()).replace(
            office.encode(), b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        )
        for name, content in parts(unit_workbook()).items()
    }
    data = rebuilt(unit_workbook(), strict)
    copy = marked(data)
    book = Book(ZipPackage(copy))
    assert [s.name for s in book.sheets] == ["Kết quả kiểm tra", "Biểu 01", "Biểu 02", "_meta"]
    assert {etree.QName(book.root(s.part)).namespace for s in book.sheets} == {STRICT}
    assert read_workbook(copy).table("KQ", "A") is not None


def without_styles() -> bytes:
    data = rebuilt(unit_workbook(), {"xl/styles.xml": None})
    rels = part(data, "xl/_rels/workbook.xml.rels").decode()
    line = next(x for x in rels.split("/>") if "styles" in x) + "/>"
    data = rebuilt(data, {"xl/_rels/workbook.xml.rels": rels.replace(line, "").encode()})
    xml = part(data, SHEET1).decode()
    return rebuilt(data, {SHEET1: xml.replace(' s="1"', "").encode()})


def core_date_garbage() -> bytes:
    return replaced(unit_workbook(), "docProps/core.xml", "T", "garbage")


def upper_case_parts() -> bytes:
    old = parts(unit_workbook())
    return rebuilt(unit_workbook(), {SHEET1: None}, {"xl/Worksheets/Sheet1.xml": old[SHEET1]})


@pytest.mark.parametrize("make", [without_styles, core_date_garbage, upper_case_parts])
def test_a_file_no_office_library_opens_is_marked(make: Any) -> None:
    copy = marked(make())
    index = read_workbook(copy).table("KQ", "A")
    assert (index is not None and [code for code, _ in index.rows][:2] == ["1", "2"]) or len(index.rows) >= 2


def test_a_workbook_without_styles_gets_them() -> None:
    copy = marked(without_styles())
    assert (fill(copy, "D5"), fill(copy, "D6")) == (RED, AMBER)


def test_a_tampered_fill_of_before_stays_a_text() -> None:
    draft = WorkbookEdit(Book(ZipPackage(unit_workbook())))
    StylePart(draft).with_fill(0, 'theme:1"/><x a="<&')
    fills = draft.tree("xl/styles.xml").find("{*}fills")
    assert fills[-1][0][0].get("theme") == '1"/><x a="<&'
    assert draft.tree("xl/styles.xml").find(".//{*}x") is None


def test_missing_cell_is_made_in_its_style() -> None:
    rows = '<row r="2" s="0" customFormat="1"><c r="A2"><v>1</v></c><c r="D2"><v>1</v></c></row><row r="9"/>'
    copy = marked(with_sheet_data(rows), finding("B2", sheet="Biểu 1"), finding("C5", sheet="Biểu 1"))
    xml = etree.fromstring(part(copy, SHEET1))
    assert [c.get("r") for c in xml.iter("{*}c")] == ["A2", "B2", "D2", "C5"]
    assert [r.get("r") for r in xml.iter("{*}row")] == ["2", "5", "9"]


def test_marks_find_their_cell_in_unnumbered_rows() -> None:
    rows = "<row><c><v>1</v></c></row><row/><row><c><v>2</v></c><c><v>3</v></c></row>"
    copy = marked(with_sheet_data(rows), finding("B3", sheet="Biểu 1"))
    assert fill(copy, "B3", "Biểu 1") == RED


def test_a_prefixed_sheet_is_marked() -> None:
    cells = '<x:row r="3"><x:c r="B3"><x:v>1</x:v></x:c></x:row>'
    xml = f'<x:worksheet xmlns:x="{TRANSITIONAL}"><x:sheetData>{cells}</x:sheetData></x:worksheet>'
    copy = marked(rebuilt(with_sheet_data(""), {SHEET1: xml.encode()}), finding("B3", sheet="Biểu 1"))
    assert fill(copy, "B3", "Biểu 1") == RED


def test_an_officers_note_keeps_its_format_after_marking() -> None:
    runs = (
        '<text><r><rPr><b/><sz val="14"/></rPr><t>Chú ý: </t></r><r><t xml:space="preserve">số liệu ước</t></r></text>'
    )
    xml = part(unit_workbook(), "xl/comments1.xml").decode()
    start, end = xml.index("<text>"), xml.index("</text>") + len("</text>")
    data = rebuilt(unit_workbook(), {"xl/comments1.xml": (xml[:start] + runs + xml[end:]).encode()})
    once = marked(data, finding("D5"))
    note = load_workbook(io.BytesIO(once))["Biểu 01"]["D5"].comment.text
    assert note.startswith("KẾT QUẢ KIỂM TRA") and note.endswith("Chú ý: số liệu ước")
    assert b'<sz val="14"/>' in part(once, "xl/comments1.xml")
    back = part(mark_up(once, (), **HEAD), "xl/comments1.xml").decode()
    assert "PHẢI SỬA" not in back and '<sz val="14"/>' in back and "Chú ý: " in back


def test_marking_again_leaves_no_shape_or_note_behind() -> None:
    once = marked(unit_workbook(), finding("C6"), finding("D5"))
    clean = mark_up(once, (), **HEAD)
    assert part(clean, "xl/comments1.xml").count(b"<comment ") == 1
    assert part(clean, "xl/drawings/vmlDrawing1.vml").count(b"ClientData ObjectType") == 1
    assert load_workbook(io.BytesIO(clean))["Biểu 01"]["D5"].comment.text == "Kỳ trước: 12"


def test_a_broken_drawing_loses_only_the_note() -> None:
    data = rebuilt(unit_workbook(), {"xl/drawings/vmlDrawing1.vml": b"<xml><br></xml>"})
    copy = marked(data, finding("C6"))
    assert fill(copy, "C6") == RED
    assert part(copy, "xl/drawings/vmlDrawing1.vml") == b"<xml><br></xml>"


def test_a_conversation_is_left_alone() -> None:
    data = replaced(unit_workbook(), "xl/comments1.xml", "Kỳ trước: 12", "[Threaded comment] Kỳ trước: 12")
    copy = marked(data, finding("D5"))
    assert fill(copy, "D5") == RED
    assert part(copy, "xl/comments1.xml") == part(data, "xl/comments1.xml") or b"KI" not in part(
        copy, "xl/comments1.xml"
    )


def test_a_formatted_cell_far_out_costs_no_step() -> None:
    near = with_sheet_data('<row r="1"><c r="A1"><v>1</v></c></row>')
    far = with_sheet_data('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>')
    point = finding("A1", sheet="Biểu 1")
    assert lines_run(lambda: marked(far, point)) < 1.1 * lines_run(lambda: marked(near, point)) + 50


def test_twice_the_cells_take_twice_the_steps() -> None:
    def steps(n: int) -> int:
        rows = "".join(f'<row r="{i}"><c r="A{i}" s="0"/><c r="B{i}"><v>1</v></c></row>' for i in range(1, n))
        data = with_sheet_data(rows)
        return lines_run(lambda: marked(data, *(finding(f"B{i}", sheet="Biểu 1") for i in range(1, n, 10))))

    first, second = steps(300), steps(600)
    assert second <= 2.3 * first + 500


def test_a_copy_that_lost_anything_is_refused() -> None:
    data, copy = furnished(), marked(furnished())
    with pytest.raises(LostError):
        compare(data, rebuilt(copy, {"xl/media/image1.png": None}))
    with pytest.raises(LostError):
        compare(data, replaced(copy, "xl/workbook.xml", 'name="Khác"', 'name="Khac"'))
    with pytest.raises(LostError):
        compare(data, replaced(copy, "xl/workbook.xml", 'name="Vung"', 'name="Vùng"'))
    with pytest.raises(LostError):
        compare(unit_workbook(), replaced(marked(unit_workbook()), SHEET1, "<v>20</v>", "<v>21</v>"))


def test_the_child_marks_as_the_parent_would() -> None:
    data = unit_workbook()
    with ReaderProcess() as reader:
        assert marked_or_listed(reader, data, (finding("D5"),), head=HEAD) == (marked(data, finding("D5")), True)


def test_an_unmarkable_file_becomes_a_list_of_findings() -> None:
    with ReaderProcess() as reader:
        data, own = marked_or_listed(reader, b"not a workbook", (finding("D5"), finding("D6", blocks=False)), head=HEAD)
    assert not own
    sheet = load_workbook(io.BytesIO(data)).active
    texts = [str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None]
    assert texts[0] == HEAD["verdict_line"] and UNMARKED in texts
    assert any("Cuối kỳ phải bằng" in t for t in texts)
    assert not [c for row in sheet.iter_rows() for c in row if c.hyperlink]
    assert data == points_alone((finding("D6", blocks=False), finding("D5")), head=HEAD)


def test_a_loss_in_the_child_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def loses(data: bytes, findings: object, **head: object) -> bytes:
        return rebuilt(marked(data), {"xl/worksheets/sheet2.xml": None})

    monkeypatch.setattr(markup_task, "mark_up", loses)
    with pytest.raises(Unreadable):
        mark_task(unit_workbook(), {"findings": [], "head": HEAD})
