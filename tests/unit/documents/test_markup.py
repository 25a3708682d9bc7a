"""The marked-up workbook is the unit's own file: marks on top, everything else as it was."""

import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.workbook.workbook import Workbook

from baocao.documents.marking.markup import AMBER, RED, mark_up
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.submission import Finding
from builders.files.documents import finding, unit_workbook
from builders.files.workbook import period, small_pack, small_values, write_filled

HEAD = {
    "unit_name": "Phường Mẫu",
    "period_name": "6 tháng đầu năm 2026",
    "verdict_line": "CHƯA ĐƯỢC NHẬN: còn 1 điểm phải sửa",
    "deadline_text": "Hạn gửi: trước ngày 20/6/2026.",
}


def marked(*findings: Finding, original: bytes | None = None, **more: object) -> Workbook:
    return load_workbook(io.BytesIO(mark(*findings, original=original, **more)))


def mark(*findings: Finding, original: bytes | None = None, **more: object) -> bytes:
    return mark_up(original or unit_workbook(), findings, **(HEAD | more))


def index_rows(book: Workbook) -> list[dict[str, str]]:
    """Rows of §KQ.A by printed heading, as a program that knows the contract finds them."""
    sheet = book["Kết quả kiểm tra"]
    rows = [[c.value for c in row] for row in sheet.iter_rows()]
    code_row = next(i for i, row in enumerate(rows) if "§KQ.A" in row)
    titles, codes = rows[code_row - 1], rows[code_row]
    names = [code if code in ("§KHOA", "§GT") else title for code, title in zip(codes, titles, strict=True)]
    return [dict(zip(names, row, strict=True)) for row in rows[code_row + 1 :] if row[codes.index("§KQ.A")]]


def fill_of(book: Workbook, a1: str, sheet: str = "Biểu 01") -> str:
    return str(book[sheet][a1].fill.fgColor.rgb)[-6:]


def test_index_is_first_sheet_with_the_verdict() -> None:
    book = marked(finding())
    assert book.sheetnames == ["Kết quả kiểm tra", "Biểu 01", "Biểu 02", "_meta"]
    assert book.active.title == "Kết quả kiểm tra"
    assert [s.title for s in book if s.sheet_view.tabSelected] == ["Kết quả kiểm tra"]
    assert [book.active.cell(r, 1).value for r in (1, 2, 3)] == [
        "CHƯA ĐƯỢC NHẬN: còn 1 điểm phải sửa",
        "Phường Mẫu - Báo cáo 6 tháng đầu năm 2026",
        "Hạn gửi: trước ngày 20/6/2026.",
    ]


def test_an_index_row_tells_place_fault_and_cure() -> None:
    (row,) = index_rows(marked(finding(key="V11|B01/B01.01/CK")))
    assert row["STT"] == "1"
    assert row["Mức độ"] == "Phải sửa"
    assert (row["Biểu"], row["Ô"], row["Mã"], row["Chỉ tiêu"]) == ("Biểu 01", "D5", "B01.01", "Chỉ tiêu thứ 1")
    assert row["Vấn đề và cách sửa"].startswith("Cuối kỳ phải bằng đầu kỳ")
    assert (row["Giá trị đúng/\nYêu cầu"], row["Đang ghi"], row["Gợi ý sửa"]) == ("34", "35", "34")
    assert row["§KHOA"] == "V11|B01/B01.01/CK"
    assert row["§GT"] is None


def test_blocking_findings_come_first_then_by_place() -> None:
    rows = index_rows(
        marked(
            finding("D5", blocks=False),
            finding("C6", sheet="Biểu 02"),
            finding("D7"),
            finding("C7"),
            finding("", sheet="Biểu 09"),
        )
    )
    assert [(r["Mức độ"], r["Biểu"], r["Ô"]) for r in rows] == [
        ("Phải sửa", "Biểu 09", None),
        ("Phải sửa", "Biểu 01", "C7"),
        ("Phải sửa", "Biểu 01", "D7"),
        ("Phải sửa", "Biểu 02", "C6"),
        ("Cần giải trình", "Biểu 01", "D5"),
    ]


def test_index_links_to_cells_and_hides_its_keys() -> None:
    book = marked(finding("D7", sheet="Biểu 02"))
    sheet = book.active
    links = [c.hyperlink.location for row in sheet.iter_rows() for c in row if c.hyperlink]
    assert links == ["'Biểu 02'!D7"]
    code_row = next(c.row for row in sheet.iter_rows() for c in row if c.value == "§KQ.A")
    assert sheet.row_dimensions[code_row].hidden
    key_column = next(c.column_letter for c in sheet[code_row] if c.value == "§KHOA")
    assert sheet.column_dimensions[key_column].hidden


def test_the_worst_finding_decides_the_cell_colour() -> None:
    book = marked(finding("D5"), finding("D5", blocks=False, rule="V35"), finding("D6", blocks=False), finding("C8"))
    assert (fill_of(book, "D5"), fill_of(book, "D6"), fill_of(book, "C8")) == (RED, AMBER, RED)
    assert fill_of(book, "C5") == "FFF2CC"


def test_the_note_adds_findings_and_keeps_the_hint() -> None:
    note = marked(finding("D5"), finding("D5", blocks=False, rule="V35", message="Tăng nhiều"))["Biểu 01"]["D5"].comment
    assert "PHẢI SỬA (V11): Cuối kỳ" in note.text
    assert "Gợi ý sửa: 34" in note.text
    assert "CẦN GIẢI TRÌNH (V35): Tăng nhiều" in note.text
    assert note.text.endswith("Kỳ trước: 12")


def test_only_the_explanation_column_can_be_edited() -> None:
    sheet = marked(finding(), finding("D6", blocks=False)).active
    assert sheet.protection.sheet
    code_row = next(c.row for row in sheet.iter_rows() for c in row if c.value == "§KQ.A")
    open_cells = {(c.column_letter) for row in sheet.iter_rows() for c in row if not c.protection.locked}
    explanation = next(c.column_letter for c in sheet[code_row] if c.value == "§GT")
    assert open_cells == {explanation}


def test_marking_keeps_everything_in_the_units_sheets() -> None:
    before, after = load_workbook(io.BytesIO(unit_workbook())), marked(finding("D5"), finding("D6"))
    for sheet in before:
        other = after[sheet.title]
        assert other.sheet_state == sheet.sheet_state
        assert other.protection.sheet == sheet.protection.sheet
        assert len(other.data_validations.dataValidation) == len(sheet.data_validations.dataValidation)
        for row in sheet.iter_rows():
            for cell in row:
                twin = other[cell.coordinate]
                assert twin.value == cell.value
                assert (twin.number_format, twin.protection.locked) == (cell.number_format, cell.protection.locked)
                assert twin.border.left.style == cell.border.left.style


def test_cached_formula_values_survive_for_previews() -> None:
    values = load_workbook(io.BytesIO(mark(finding())), data_only=True)["Biểu 01"]
    assert [values[f"E{row}"].value for row in range(5, 9)] == [170, 175, 180, 185]


def test_marking_again_replaces_marks_but_keeps_explanations() -> None:
    first = marked(finding("D5", key="V11|a"), finding("D6", blocks=False, rule="V35", key="V35|b"))
    index = first.active
    place = next(c for row in index.iter_rows() for c in row if c.value == "§GT")
    row = next(c.row for line in index.iter_rows() for c in line if c.value == "V35|b")
    index.cell(row, place.column).value = "Do tiếp nhận hồ sơ từ xã khác"
    data = io.BytesIO()
    first.save(data)

    second = marked(finding("D6", blocks=False, rule="V35", key="V35|b"), original=data.getvalue())
    assert second.sheetnames.count("Kết quả kiểm tra") == 1
    assert fill_of(second, "D5") == "FFF2CC"
    assert second["Biểu 01"]["D5"].comment.text == "Kỳ trước: 12"
    assert fill_of(second, "D6") == AMBER
    assert second["Biểu 01"]["D6"].comment.text.count("CẦN GIẢI TRÌNH") == 1
    assert [(r["§KHOA"], r["§GT"]) for r in index_rows(second)] == [("V35|b", "Do tiếp nhận hồ sơ từ xã khác")]


def test_an_explanation_outlives_its_finding() -> None:
    first = mark(finding("D6", blocks=False, rule="V35", key="V35|b", explanation="Đúng như vậy"))
    rows = index_rows(marked(finding("D5", key="V11|a"), original=first))
    assert [(r["§KHOA"], r["Mức độ"], r["§GT"]) for r in rows] == [
        ("V11|a", "Phải sửa", None),
        ("V35|b", "Đã giải trình", "Đúng như vậy"),
    ]


def test_old_marks_come_off_an_edited_copy() -> None:
    first = marked(finding("D6"))
    del first["Kết quả kiểm tra"]
    first["Biểu 01"].insert_rows(5)
    data = io.BytesIO()
    first.save(data)
    second = marked(original=data.getvalue())
    colours = {fill_of(second, cell.coordinate) for row in second["Biểu 01"].iter_rows() for cell in row}
    assert RED not in colours


def test_text_of_a_unit_never_becomes_a_formula() -> None:
    data = mark(finding(actual="=HYPERLINK(1)", message="@SUM(A1) không phải số", explanation="+1", name="-x"))
    book = load_workbook(io.BytesIO(data))
    cells = [c for row in book.active.iter_rows() for c in row if c.value is not None]
    assert [c.coordinate for c in cells if c.data_type == "f"] == []
    assert [c.value for c in cells if str(c.value)[0] in "=+-@"] == []
    assert index_rows(book)[0]["Đang ghi"] == " =HYPERLINK(1)"


def test_control_characters_in_a_text_are_left_out() -> None:
    assert index_rows(marked(finding(actual="12\x0b\x01")))[0]["Đang ghi"] == "12"


def test_unlisted_findings_are_filled_and_counted() -> None:
    original = unit_workbook(rows=60)
    findings = [finding(f"{c}{r}", key=f"{c}{r}") for r in range(5, 65) for c in "CD"]
    book = marked(*findings, original=original, listed=50)
    assert len(index_rows(book)) == 50
    assert "Có 120 điểm; bảng này chỉ liệt kê 50 điểm đầu, 70 điểm còn lại" in str(book.active.cell(5, 1).value)
    assert fill_of(book, "D64") == RED
    assert book["Biểu 01"]["D64"].comment is None


def test_merged_ranges_are_marked_in_their_first_cell() -> None:
    book = load_workbook(io.BytesIO(unit_workbook()))
    book["Biểu 01"].merge_cells("C6:D6")
    data = io.BytesIO()
    book.save(data)
    marked_book = marked(finding("D6"), original=data.getvalue())
    assert fill_of(marked_book, "C6") == RED
    assert index_rows(marked_book)[0]["Ô"] == "C6"


def test_the_same_input_gives_the_same_bytes() -> None:
    # One workbook for both: openpyxl writes into each the second it was saved.
    original = unit_workbook()
    assert mark(finding(), finding("D6"), original=original) == mark(finding("D6"), finding(), original=original)


def test_the_meta_sheet_is_untouched() -> None:
    before = load_workbook(io.BytesIO(unit_workbook()))["_meta"]
    after = marked(finding())["_meta"]
    assert after.sheet_state == "hidden"
    assert [[c.value for c in r] for r in after] == [[c.value for c in r] for r in before]


@pytest.mark.parametrize("a1", ["", "không phải ô", "ZZZZ1", "D5:D9", "$D$5"])
def test_an_odd_address_is_listed_all_the_same(a1: str) -> None:
    assert len(index_rows(marked(finding(a1)))) == 1


def test_an_accepted_file_gets_an_index_without_rows() -> None:
    book = marked(verdict_line="ĐÃ ĐƯỢC NHẬN")
    assert index_rows(book) == []
    assert book.active.cell(1, 1).font.color.rgb.endswith("1F5C2E")


def test_the_package_has_one_time_stamp_only() -> None:
    with zipfile.ZipFile(io.BytesIO(mark(finding()))) as package:
        assert {i.date_time for i in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def a_real_file() -> tuple[Pack, bytes]:
    """A blank of a small pack, filled in by a commune."""
    pack = small_pack()
    return pack, write_filled(pack, pack.units[0], period(), small_values())


def explained(data: bytes, text: str) -> bytes:
    """The unit types `text` beside every finding of the index."""
    book = load_workbook(io.BytesIO(data))
    sheet = book["Kết quả kiểm tra"]
    codes = next(row for row in sheet.iter_rows() if any(c.value == "§KQ.A" for c in row))
    column = next(c.column for c in codes if c.value == "§GT")
    for row in sheet.iter_rows(min_row=codes[0].row + 1):
        if row[0].value:
            sheet.cell(row[0].row, column).value = text
    changed = io.BytesIO()
    book.save(changed)
    return changed.getvalue()


def test_marked_file_reads_with_the_same_cells() -> None:
    pack, data = a_real_file()
    before = type_workbook(read_workbook(data), pack)
    cell = before.cells[CellKey("B04", "B04.15", "TH")]
    point = finding(cell.a1, sheet=cell.sheet, blocks=False, rule="V35", key=f"V35|{cell.key}")
    marked_file = mark(point, original=data)
    sent_back = type_workbook(read_workbook(explained(marked_file, "Do điều chỉnh địa giới")), pack)
    assert sent_back.explanations == {f"V35|{cell.key}": "Do điều chỉnh địa giới"}
    after = type_workbook(read_workbook(marked_file), pack)
    assert {k: (c.answer, c.value, c.a1) for k, c in after.cells.items()} == {
        k: (c.answer, c.value, c.a1) for k, c in before.cells.items()
    }
    assert after.problems == before.problems


@pytest.mark.libreoffice
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_a_file_saved_by_libreoffice_is_marked_again(tmp_path: Path) -> None:
    pack, data = a_real_file()
    cell = type_workbook(read_workbook(data), pack).cells[CellKey("B04", "B04.15", "TH")]
    point = finding(cell.a1, sheet=cell.sheet, rule="V12", key="V12|x")
    (tmp_path / "in.xlsx").write_bytes(explained(mark(point, original=data), "Đã sửa"))
    command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to"]
    command += ["xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path / "out"), str(tmp_path / "in.xlsx")]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    again = mark(original=(tmp_path / "out" / "in.xlsx").read_bytes())
    book, first = load_workbook(io.BytesIO(again)), load_workbook(io.BytesIO(data))
    assert fill_of(book, cell.a1, cell.sheet) == fill_of(first, cell.a1, cell.sheet)
    note, hint = book[cell.sheet][cell.a1].comment, first[cell.sheet][cell.a1].comment
    assert (note.text if note else None) == (hint.text if hint else None)
    assert type_workbook(read_workbook(again), pack).explanations == {"V12|x": "Đã sửa"}
