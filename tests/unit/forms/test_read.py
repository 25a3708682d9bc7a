"""Workbooks as they come back: moved, renamed, damaged, converted. Each reads right or is named right."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest
from openpyxl import Workbook as OpenpyxlWorkbook
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.raw import RawWorkbook, Unreadable, from_wire, to_wire
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import CellKey
from baocao.model.submission import Answer, Cell, Problem, Screening, StructureProblem, Workbook
from builders.files.workbook import COMMUNE_UNIT, fill, period, places, small_pack, small_values

PACK = small_pack()
SHEET = "B04 Cơ sở"


def cell(name: str) -> CellKey:
    return CellKey.parse(name)


FILLED = write_blank(PACK, COMMUNE_UNIT, period(), values=small_values(), info={"signer_name": "Đại diện đơn vị"})


def read(data: bytes) -> Workbook:
    return type_workbook(read_workbook(data), PACK)


def edited(change: Callable[[OpenpyxlWorkbook], object], data: bytes = FILLED) -> bytes:
    book = load_workbook(io.BytesIO(data))
    change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def typed_into(name: str, value: object, **more: object) -> Cell:
    """The cell as read after `value` was typed there."""
    return read(fill(FILLED, {cell(name): value})).cells[cell(name)]


def entries(book: Workbook) -> dict[CellKey, object]:
    return {key: found.value for key, found in book.cells.items() if key in small_values()}


def coordinate(data: bytes, name: str) -> str:
    _, row, column = places(load_workbook(io.BytesIO(data)))[cell(name)]
    return f"{get_column_letter(column)}{row}"


EXPECTED = entries(read(FILLED))


def test_entries_are_read_back_with_their_addresses() -> None:
    book = read(FILLED)
    given = {key: (None if value == "NP" else value) for key, value in small_values().items()}
    assert given == EXPECTED
    where = places(load_workbook(io.BytesIO(FILLED)))
    for key, found in book.cells.items():
        sheet, row, column = where[key]
        assert (found.sheet, found.a1) == (sheet, f"{get_column_letter(column)}{row}")
        assert sheet == PACK.form(key.form).short


def insert_rows(book: OpenpyxlWorkbook) -> None:
    book[SHEET].insert_rows(3, 2)


def insert_a_row_inside_the_table(book: OpenpyxlWorkbook) -> None:
    _, row, _ = places(book)[cell("B04/B04.15/TH")]
    book[SHEET].insert_rows(row)


def insert_a_column_in_front(book: OpenpyxlWorkbook) -> None:
    book[SHEET].insert_cols(1)


def insert_a_column_between(book: OpenpyxlWorkbook) -> None:
    _, _, column = places(book)[cell("B04/B04.11a/TH")]
    book[SHEET].insert_cols(column)


def move_sheets(book: OpenpyxlWorkbook) -> None:
    book.move_sheet(SHEET, offset=2)
    book.move_sheet("_meta", offset=-4)


def rename_sheets(book: OpenpyxlWorkbook) -> None:
    for sheet in book.worksheets:
        sheet.title = f"Trang {book.index(sheet)}"


def add_a_sheet_of_ones_own(book: OpenpyxlWorkbook) -> None:
    book.create_sheet("Nháp", 0)["A1"] = "§ không phải mã"


def decompose_everything(book: OpenpyxlWorkbook) -> None:
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for c in row:
                if isinstance(c.value, str) and not c.value.startswith("="):
                    c.value = unicodedata.normalize("NFD", c.value)


def leave_trailing_blanks(book: OpenpyxlWorkbook) -> None:
    for sheet in book.worksheets[:-1]:
        sheet.cell(sheet.max_row + 40, 30, "   ")
        for row in sheet.iter_rows():
            for c in row:
                if isinstance(c.value, str) and c.value and not c.value.startswith("="):
                    c.value = f"{c.value}  "


@pytest.mark.parametrize(
    "change",
    [
        insert_rows,
        insert_a_row_inside_the_table,
        insert_a_column_in_front,
        insert_a_column_between,
        move_sheets,
        rename_sheets,
        add_a_sheet_of_ones_own,
        decompose_everything,
        leave_trailing_blanks,
    ],
)
def test_a_rearranged_workbook_reads_with_its_new_addresses(
    change: Callable[[OpenpyxlWorkbook], object],
) -> None:
    data = edited(change)
    book = read(data)
    assert book.problems == ()
    assert entries(book) == EXPECTED
    assert book.unit == "90001" and book.period == "2026-H1"
    where = places(load_workbook(io.BytesIO(data))) if change is not leave_trailing_blanks else {}
    for key, (sheet, row, column) in where.items():
        if key in book.cells:
            assert (book.cells[key].sheet, book.cells[key].a1) == (sheet, f"{get_column_letter(column)}{row}")


@pytest.mark.parametrize("text", ["1.234", "1 234", " 1.234 ", "1.234,00"])
def test_a_vietnamese_number_typed_as_text_is_read(text: str) -> None:
    found = typed_into("B04/B04.11a/TH", text)
    assert (found.answer, found.value) == (Answer.VALUE, 1234)


def test_a_decimal_comma_in_an_area_is_read() -> None:
    assert str(typed_into("B04/B04.24b/TH", "1.234,5").value) == "1234.5"


@pytest.mark.parametrize(
    ("name", "typed", "problem", "raw"),
    [
        ("B04/B04.11a/TH", "1,234", Problem.AMBIGUOUS_NUMBER, "1,234"),
        ("B04/B04.11a/TH", "NA", Problem.NOT_A_NUMBER, "NA"),
        ("B04/B04.11a/TH", "12 lớp", Problem.NOT_A_NUMBER, "12 lớp"),
        ("B04/B04.11a/TH", 2.5, Problem.NOT_WHOLE, "2.5"),
        ("B04/B04.11a/TH", -2, Problem.NEGATIVE, "-2"),
        ("B04/B04.11a/TH", date(2026, 2, 1), Problem.NOT_A_NUMBER, "01/02/2026"),
        ("B04/B04.11a/TH", "#REF!", Problem.ERROR_VALUE, "#REF!"),
        ("B04/B04.25a/TH", "Loại IV", Problem.NOT_AN_OPTION, "Loại IV"),
        ("B04/B04.25c/TH", "tháng 3", Problem.NOT_A_DATE, "tháng 3"),
        ("B04/B04.26/TH", "có lẽ", Problem.NOT_AN_OPTION, "có lẽ"),
    ],
)
def test_unreadable_cells_are_named_with_their_content(name: str, typed: object, problem: Problem, raw: str) -> None:
    found = typed_into(name, typed)
    assert (found.answer, found.problem, found.raw, found.value) == (Answer.INVALID, problem, raw, None)
    assert found.a1 == coordinate(FILLED, name)


@pytest.mark.parametrize("typed", ["05/03/2026", "5/3/2026", datetime(2026, 3, 5), "2026-03-05"])
def test_a_date_is_read_however_it_was_typed(typed: object) -> None:
    assert typed_into("B04/B04.25c/TH", typed).value == date(2026, 3, 5)


def test_escaped_line_ends_spoil_neither_number_nor_text() -> None:
    assert typed_into("B04/B04.11a/TH", "12_x000D_").value == 12
    assert typed_into("PL04/I/ND", "Một_x000D_\nhai").value == "Một\nhai"


@pytest.mark.parametrize("typed", ["NP", "np ", "Không phát sinh", "không thuộc phạm vi"])
def test_a_declared_nil_is_an_answer(typed: str) -> None:
    found = typed_into("B04/B04.11a/TH", typed)
    assert (found.answer, found.value) == (Answer.NIL, None)


def test_explanations_are_found_by_row() -> None:
    assert read(FILLED).row_explanations == {("B04", "B04.15"): "Bốn người đi làm ăn xa"}


# What the fast reader hides ---------------------------------------------------------------------------------------


def with_part(data: bytes, change: Callable[[str, str], str]) -> bytes:
    """The package with each XML part run through `change(name, text)`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            content = source.read(info)
            if info.filename.endswith((".xml", ".rels")):
                content = change(info.filename, content.decode()).encode()
            target.writestr(info.filename, content)
    return buffer.getvalue()


def with_cell(data: bytes, name: str, attributes: str, inner: str) -> bytes:
    """The cell's XML replaced."""
    where = coordinate(data, name)

    def change(part: str, text: str) -> str:
        start = text.find(f'<c r="{where}"')
        if part != "xl/worksheets/sheet3.xml" or start < 0:
            return text
        end = text.find("/>", start) + 2
        if "<" in text[start + 1 : end]:
            end = text.find("</c>", start) + 4
        return f'{text[:start]}<c r="{where}"{attributes}>{inner}</c>{text[end:]}'

    return with_part(data, change)


@pytest.mark.parametrize("error", ["#REF!", "#DIV/0!", "#VALUE!", "#N/A", "#NAME?"])
def test_an_error_cell_is_not_taken_for_blank(error: str) -> None:
    data = with_cell(FILLED, "B04/B04.11a/TH", ' t="e"', f"<f>Nháp!A1</f><v>{error}</v>")
    found = read(data).cells[cell("B04/B04.11a/TH")]
    assert (found.answer, found.problem, found.raw) == (Answer.INVALID, Problem.ERROR_VALUE, error)
    assert found.a1 == coordinate(FILLED, "B04/B04.11a/TH")


@pytest.mark.parametrize(
    "inner", ["<f>SUM(Z1:Z9)</f>", "<f>SUM(Z1:Z9)</f><v></v>", "<f>SUM(Z1:Z9)</f><v/>", '<f t="shared" si="0"/>']
)
def test_a_formula_that_was_never_computed_is_named(inner: str) -> None:
    found = read(with_cell(FILLED, "B04/B04.11b/LKN", "", inner)).cells[cell("B04/B04.11b/LKN")]
    assert (found.answer, found.problem) == (Answer.INVALID, Problem.FORMULA_WITHOUT_VALUE)


def test_a_formula_with_its_value_is_that_value() -> None:
    found = read(with_cell(FILLED, "B04/B04.11b/LKN", "", "<f>30+31</f><v>61</v>")).cells[cell("B04/B04.11b/LKN")]
    assert (found.answer, found.value) == (Answer.VALUE, 61)


def test_a_formula_that_comes_to_nothing_is_blank() -> None:
    data = with_cell(FILLED, "B04/B04.11b/LKN", ' t="str"', '<f>IF(1,"","")</f><v></v>')
    assert read(data).cells[cell("B04/B04.11b/LKN")].answer is Answer.BLANK


def test_a_derived_cell_without_cached_value_is_fine() -> None:
    found = read(fill(FILLED, {})).cells  # openpyxl drops all cached values
    assert found[cell("B04/NGHIEN/CK")].answer is Answer.BLANK
    assert not [key for key, c in found.items() if c.answer is Answer.INVALID]


def test_a_negative_closing_figure_is_kept_for_comparison() -> None:
    data = write_blank(PACK, COMMUNE_UNIT, period(), values=small_values() | {cell("B04/NGHIEN/G1"): 50})
    assert read(data).cells[cell("B04/NGHIEN/CK")].value == -26


def test_a_derived_cell_with_an_error_becomes_blank() -> None:
    data = with_cell(FILLED, "B04/NGHIEN/CK", ' t="e"', "<f>1/0</f><v>#DIV/0!</v>")
    assert read(data).cells[cell("B04/NGHIEN/CK")].answer is Answer.BLANK


def test_cells_without_addresses_or_with_prefixes_are_placed() -> None:
    where = coordinate(FILLED, "B04/B04.11a/TH")
    data = with_cell(FILLED, "B04/B04.11a/TH", ' t="e"', "<v>#REF!</v>")

    def prefix(name: str, text: str) -> str:
        if not name.startswith("xl/worksheets/sheet3"):
            return text
        text = text.replace(f'r="{where}" t="e"', 't="e"')
        head, _, body = text.partition("<worksheet")
        body = ("<worksheet" + body).replace("</", "</x:").replace("<", "<x:").replace("<x:/x:", "</x:")
        return head + body.replace('xmlns="http://schemas.openxmlformats', 'xmlns:x="http://schemas.openxmlformats', 1)

    data = with_part(data, prefix)
    found = read(data).cells[cell("B04/B04.11a/TH")]
    assert (found.answer, found.raw, found.a1) == (Answer.INVALID, "#REF!", where)
    assert entries(read(data)) == EXPECTED | {cell("B04/B04.11a/TH"): None}


def test_strict_office_open_xml_is_read() -> None:
    def strict(name: str, text: str) -> str:
        return text.replace(
            "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main"
        ).replace(
            "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            "http://purl.oclc.org/ooxml/officeDocument/relationships",
        )

    book = read(with_part(FILLED, strict))
    assert entries(book) == EXPECTED and book.problems == ()


# The workbook itself is damaged -----------------------------------------------------------------------------------


def problems(change: Callable[[OpenpyxlWorkbook], object]) -> list[tuple[str, str, str]]:
    return [(p.kind, p.form, p.name) for p in read(edited(change)).problems]


def row_of(book: OpenpyxlWorkbook, name: str) -> int:
    return places(book)[cell(name)][1]


def test_a_missing_sheet_is_named_only_once() -> None:
    def remove(book: OpenpyxlWorkbook) -> None:
        del book["PL03 Nguồn lực"]

    book = read(edited(remove))
    assert [(p.kind, p.form, p.name) for p in book.problems] == [("missing_sheet", "PL03", "PL03 Nguồn lực")]
    assert not [key for key in book.cells if key.form == "PL03"]


def test_a_deleted_row_is_named_and_others_read() -> None:
    def delete(book: OpenpyxlWorkbook) -> None:
        book[SHEET].delete_rows(row_of(book, "B04/B04.15/TH"))

    assert problems(delete) == [("missing_row", "B04", "B04.15")]


def test_deleting_a_derived_row_loses_nothing() -> None:
    def delete(book: OpenpyxlWorkbook) -> None:
        book[SHEET].delete_rows(row_of(book, "B04/B04.TONG/TH"))

    assert problems(delete) == []


def test_duplicated_rows_are_named_at_their_second_place() -> None:
    def copy(book: OpenpyxlWorkbook) -> None:
        sheet, row = book[SHEET], row_of(book, "B04/B04.26/TH")
        sheet.insert_rows(row + 1)
        for column in range(1, sheet.max_column + 1):
            sheet.cell(row + 1, column).value = sheet.cell(row, column).value

    data = edited(copy)
    found = read(data)
    second = int(coordinate(FILLED, "B04/B04.26/TH")[1:]) + 1
    assert found.problems == (StructureProblem("duplicate_row", "B04", "B04.26", SHEET, f"A{second}"),)
    assert found.cells[cell("B04/B04.26/TH")].value is False


def test_a_column_that_was_deleted_is_named() -> None:
    def delete(book: OpenpyxlWorkbook) -> None:
        book["PL03 Nguồn lực"].delete_cols(places(book)[cell("PL03/DA4.NSTW_SN/GN")][2])

    assert problems(delete) == [("missing_column", "PL03", "GN")]


def test_a_table_without_its_code_row_is_named() -> None:
    def delete(book: OpenpyxlWorkbook) -> None:
        sheet = book[SHEET]
        row = next(c.row for cells in sheet.iter_rows() for c in cells if c.value == "§B04.B")
        sheet.delete_rows(row)

    assert ("missing_table", "B04", "B") in problems(delete)


def test_a_table_without_its_end_mark_still_reads() -> None:
    def delete(book: OpenpyxlWorkbook) -> None:
        for sheet in book.worksheets:
            for area in list(sheet.merged_cells.ranges):  # openpyxl leaves them where they were; a spreadsheet does not
                sheet.unmerge_cells(str(area))
            for row in [c.row for cells in sheet.iter_rows() for c in cells if c.value == "§HET"][::-1]:
                sheet.delete_rows(row)

    book = read(edited(delete))
    assert book.problems == () and entries(book) == EXPECTED


def test_a_sheet_copied_with_its_codes_is_named() -> None:
    def copy(book: OpenpyxlWorkbook) -> None:
        book.copy_worksheet(book["PL03 Nguồn lực"])

    names = "«PL03 Nguồn lực», «PL03 Nguồn lực Copy»"
    assert problems(copy) == [("duplicate_sheet", "PL03", names)]


def test_figures_in_an_inserted_row_are_reported() -> None:
    def insert(book: OpenpyxlWorkbook) -> None:
        sheet, row, column = places(book)[cell("B04/B04.15/TH")]
        book[sheet].insert_rows(row)
        book[sheet].cell(row, column).value = 5

    where = coordinate(FILLED, "B04/B04.15/TH")
    assert read(edited(insert)).problems == (StructureProblem("row_without_code", "B04", "", SHEET, where),)


def test_merged_entry_cells_are_no_answers() -> None:
    def merge(book: OpenpyxlWorkbook) -> None:
        sheet, row, column = places(book)[cell("B04/B04.11a/LKN")]
        book[sheet].merge_cells(start_row=row, end_row=row, start_column=column, end_column=column + 1)

    cells = read(edited(merge)).cells
    for name in ("B04/B04.11a/LKN", "B04/B04.11a/LKGD"):
        assert (cells[cell(name)].answer, cells[cell(name)].problem) == (Answer.INVALID, Problem.MERGED)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("Không phát sinh", "Không phát sinh"),
        ("không thuộc phạm vi ", "Không thuộc phạm vi"),
        ("NP", "Không phát sinh"),
        ("chưa làm", "chưa làm"),
    ],
)
def test_whole_forms_are_declared_nil_with_a_reason(typed: str, reason: str) -> None:
    assert read(fill(FILLED, {}, nil_forms={"PL03": typed})).nil_forms == {"PL03": reason}


def test_the_information_sheet_is_read_by_its_codes() -> None:
    info = read(fill(FILLED, {}, info={"signing_form": "KT.", "reporter": " Cán bộ  tổng hợp "})).info
    assert {k: c.value for k, c in info.items()} == {
        "signing_form": "KT.",
        "signer_title": None,
        "signer_name": "Đại diện đơn vị",
        "reporter": "Cán bộ tổng hợp",
        "doc_number": None,
        "doc_date": None,
        "phone": None,
    }
    assert info["signing_form"].sheet == "Thông tin" and info["signing_form"].a1 == "C9"


def test_index_sheet_explanations_are_read_by_finding_key() -> None:
    def index(book: OpenpyxlWorkbook) -> None:
        sheet = book.create_sheet("Kết quả kiểm tra", 0)
        for column, value in enumerate(["§KQ.A", "§KHOA", "§GT"], 1):
            sheet.cell(4, column, value)
        sheet.append([1, "V35|PL01/CT01/TH", "Tăng do rà soát lại"])
        sheet.append([2, "V36|B04", "  "])

    assert read(edited(index)).explanations == {"V35|PL01/CT01/TH": "Tăng do rà soát lại"}


def test_a_workbook_of_an_unknown_unit_is_refused() -> None:
    raw = read_workbook(FILLED)
    raw.meta["unit"] = "12345"
    with pytest.raises(Unreadable) as refused:
        type_workbook(raw, PACK)
    assert refused.value.reason is Screening.UNKNOWN_UNIT and "12345" in refused.value.message


def test_a_numeric_unit_code_keeps_its_digits() -> None:
    def to_number(book: OpenpyxlWorkbook) -> None:
        for row in book["_meta"].iter_rows():
            if row[0].value == "unit":
                row[1].value = 90001

    assert read(edited(to_number)).unit == "90001"


@pytest.mark.parametrize("data", [b"", b"not a zip", FILLED[: len(FILLED) // 2], b"PK\x03\x04" + b"\0" * 100])
def test_bytes_that_are_no_workbook_are_refused(data: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        read_workbook(data)
    assert refused.value.reason is Screening.UNREADABLE
    assert "hỏng" in refused.value.message


def test_a_figure_changed_in_transit_means_damage() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(FILLED)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as target:
        for info in source.infolist():
            target.writestr(info.filename, source.read(info))
    whole = buffer.getvalue()
    assert entries(read(whole)) == EXPECTED
    sheet = whole.index(b"xl/worksheets/sheet3.xml")
    figure = whole.index(b"<v>", sheet) + len(b"<v>")
    changed = whole[:figure] + bytes([whole[figure] ^ 1]) + whole[figure + 1 :]
    with pytest.raises(Unreadable) as refused:
        read_workbook(changed)
    assert refused.value.reason is Screening.UNREADABLE


def test_a_workbook_goes_over_the_wire_unchanged() -> None:
    raw = read_workbook(with_cell(FILLED, "B04/B04.11a/TH", ' t="e"', "<v>#REF!</v>"))
    assert any(raw_table.errors for raw_table in raw.tables)
    assert isinstance(from_wire(to_wire(raw)), RawWorkbook)
    assert from_wire(to_wire(raw)) == raw
