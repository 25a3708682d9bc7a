"""What is told of a torn workbook, of an empty cell and of what could not be read: the place, and the words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from baocao.model.submission import Problem, Severity, StructureProblem
from builders.packs.checks import BLANK, NIL, PACK, Broken, findings, workbook


@pytest.mark.parametrize(
    ("kind", "name", "sheet", "told_at", "item", "said"),
    [
        ("missing_codes", "PL02 cũ", "PL02 cũ", "PL02 cũ", "B04", "Trang «PL02 cũ» còn trong tệp nhưng dòng mã ẩn"),
        ("missing_codes", "B04", "", "PL02 Biểu 04", "B04", "(dòng 20, ngay dưới dòng đánh số cột)"),
        ("missing_table", "B", "Trang 2", "Trang 2", "B", "mất dòng mã ẩn của bảng B (đúng ra ở dòng 20)"),
        ("missing_row", "B04.13a", "", "PL02 Biểu 04", "B04.13a", "Trang «PL02 Biểu 04» thiếu dòng mã B04.13a"),
        ("missing_list", "DS", "", "", "DS", "Danh sách «DS vụ» không có trong tệp"),
        ("missing_list", "DS", "Trang 3", "Trang 3", "DS", "Danh sách «DS vụ» không có trong tệp"),
        ("duplicate_sheet", "A, B", "A", "A", "B04", "Biểu «PL02 Biểu 04» có nhiều bản trong tệp: A, B"),
        ("duplicate_column", "TH", "A", "A", "TH", "Mã cột TH đứng hai lần trên trang «A»"),
        ("unknown_row", "X", "A", "A", "X", "Dòng mã X trên trang «A» không phải là dòng của biểu"),
    ],
)
def test_what_is_torn_is_told_where_it_is(kind: str, name: str, sheet: str, told_at: str, item: str, said: str) -> None:
    book = workbook(problems=(StructureProblem(kind, "B04", name, sheet, "C20", "DS vụ"),))
    (finding,) = findings(book)
    assert (finding.rule, finding.severity) == ("V41", Severity.BLOCKS)
    assert (finding.sheet, finding.a1, finding.item) == (told_at, "C20", item)
    assert said in finding.message


@pytest.mark.parametrize("kind", ["missing_sheet", "missing_codes"])
def test_cells_of_a_form_that_is_not_there_are_not_asked_for(kind: str) -> None:
    book = workbook(problems=(StructureProblem(kind, "B04", "PL02 Biểu 04"),))
    (finding,) = findings(replace(book, cells={k: c for k, c in book.cells.items() if k.form != "B04"}))
    gone = kind == "missing_sheet"
    assert (finding.rule, finding.key) == ("V41", "V41|B04" if gone else "V41|B04|missing_codes.PL02 Biểu 04")
    assert finding.sheet == ("" if gone else "PL02 Biểu 04")
    assert ("không có trong tệp. " in finding.message and "lấy lại tệp mẫu" in finding.message) is gone


@pytest.mark.parametrize(
    ("cell", "said", "expected"),
    [
        ("PL01/CT08/TH", "Hãy nhập Có hoặc Không; không thuộc phạm vi thì nhập NP.", "Có hoặc Không"),
        (
            "PL01/CT09/TH",
            "Hãy nhập một trong: Không; Loại III; Loại II; Loại I; không thuộc",
            "một trong: Không; Loại III; Loại II; Loại I",
        ),
        ("PL01/CT10/MS", "Hãy nhập số. ", "một số nguyên từ 0 trở lên"),
        ("PL01/CT08.QD/TH", "Hãy viết nội dung; không có thì nhập NP.", "nội dung bằng chữ"),
    ],
)
def test_an_empty_cell_is_asked_for_in_its_own_words(cell: str, said: str, expected: str) -> None:
    form = PACK.form("PL01")
    (table,) = form.tables
    rows = tuple(r.model_copy(update={"required": r.required or r.code == "CT08.QD"}) for r in table.rows)
    asked = form.model_copy(update={"tables": (table.model_copy(update={"rows": rows}),)})
    pack = replace(PACK, forms=tuple(asked if f.code == "PL01" else f for f in PACK.forms))
    (finding,) = findings(workbook({"PL01/CT08.QD/TH": NIL, cell: BLANK}, pack=pack), pack=pack)
    assert (finding.rule, finding.cells, finding.expected) == ("V03", (cell,), expected)
    assert said in finding.message


AREA, COUNT = "B04/B04.24c/TH", "PL01/CT10/MS"


@pytest.mark.parametrize(
    ("cell", "raw", "problem", "said"),
    [
        # A stored number is shown as it is written here; what somebody typed stays as it was typed.
        (COUNT, "12.5", Problem.NOT_WHOLE, "«12,5» có phần lẻ"),
        (COUNT, "-12.5", Problem.NEGATIVE, "«-12,5» là số âm"),
        (COUNT, "1.234,5", Problem.NOT_WHOLE, "«1.234,5» có phần lẻ"),
        (COUNT, "12.345", Problem.AMBIGUOUS_NUMBER, "«12.345» có thể hiểu hai nghĩa"),
        (
            AREA,
            "1,234",
            Problem.AMBIGUOUS_NUMBER,
            "Nếu là số nguyên thì gõ 1234; nếu dấu phẩy ngăn phần lẻ thì gõ 1,2340.",
        ),
        (AREA, "1,234.5", Problem.AMBIGUOUS_NUMBER, "dấu chấm ngăn hàng nghìn, dấu phẩy ngăn phần lẻ"),
        (COUNT, "1,234", Problem.AMBIGUOUS_NUMBER, "dấu chấm ngăn hàng nghìn, dấu phẩy ngăn phần lẻ"),
        (COUNT, "", Problem.FORMULA_WITHOUT_VALUE, "có công thức nhưng tệp không lưu kết quả"),
        (COUNT, "#REF!", Problem.ERROR_VALUE, "Ô này báo lỗi #REF! vì công thức hỏng"),
        (
            "PL01/CT09/TH",
            "Loại V",
            Problem.NOT_AN_OPTION,
            "«Loại V» không có trong danh sách. Hãy chọn một trong: Không;",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_its_cure(cell: str, raw: str, problem: Problem, said: str) -> None:
    (finding,) = [f for f in findings(workbook({cell: Broken(raw, problem)})) if f.cells[0] == cell]
    assert said in finding.message and finding.severity is Severity.BLOCKS


@pytest.mark.parametrize(("raw", "suggestion"), [("1,234", "1.234"), ("1,2,3", "")])
def test_a_number_is_suggested_where_only_one_can_be_meant(raw: str, suggestion: str) -> None:
    (finding,) = findings(workbook({COUNT: Broken(raw, Problem.AMBIGUOUS_NUMBER)}))
    assert finding.suggestion == suggestion
    assert ("Nếu đúng là số ở mục gợi ý" in finding.message) is bool(suggestion)


def test_the_plan_of_a_row_of_money_is_asked_for_as_well() -> None:
    """Elsewhere a plan may be left out of a row begun."""
    (finding,) = findings(workbook({"PL03/DA4.NSDP_SN/KH": BLANK}))
    assert (finding.rule, finding.cells[0]) == ("V03", "PL03/DA4.NSDP_SN/KH")
    assert findings(workbook({"PL01/CT13/KHN": BLANK, "B01/B01.02/KHN": BLANK})) == ()
