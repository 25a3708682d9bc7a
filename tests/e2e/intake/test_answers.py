"""Answers through the verb: what an officer typed, and what the finding says in the words of the form."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from baocao.model.form import CellKey
from baocao.model.pack_views import entered_by
from baocao.model.submission import Finding, Severity, Status
from baocao.workflow.intake.checking import check_file
from builders.files.workbook import fill, places
from builders.sites.site import COMMUNES, PERIOD, Site

UNIT = COMMUNES[0]
FLOW, STOCK, PLAN = "B04/B04.13c/TH", "PL01/CT01/TH", "B04/B04.13c/KHN"
AREA, MONEY = "B04/B04.24c/TH", "B04/B04.12b/TH"
IN_THE_PERIOD = "0 là có theo dõi và trong kỳ không có người nào"
AT_THE_CUT_OFF = "0 là có theo dõi và đến ngày chốt 14/06/2026 không có người nào"


@pytest.fixture(scope="module")
def site(trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(trimmed, tmp_path_factory.mktemp("answers") / "var")
    site.load_baseline()
    site.open()
    yield site
    site.place.store.close()


def _judge(site: Site, data: bytes) -> tuple[Status, list[Finding]]:
    checked = check_file(site.place, data, "bao-cao.xlsx", received_at=site.in_time, period=PERIOD, marked=False)
    return checked.status, list(checked.findings)


def _typed(site: Site, *answers: tuple[str, object]) -> list[Finding]:
    """The findings on a workbook in which these cells were typed over."""
    return _judge(site, site.workbook(UNIT, {CellKey.parse(name): value for name, value in answers}))[1]


def _at(found: list[Finding], cell: str) -> Finding:
    return next(f for f in found if f.cells and f.cells[0] == cell)


def _edited(
    site: Site, edit: Callable[[Any, dict[CellKey, tuple[str, int, int]]], None], unit: str = UNIT
) -> list[Finding]:
    book = load_workbook(io.BytesIO(site.workbook(unit)))
    edit(book, places(book))
    buffer = io.BytesIO()
    book.save(buffer)
    return _judge(site, buffer.getvalue())[1]


NOTHING = {
    FLOW: (IN_THE_PERIOD, "NP là không phát sinh hoặc việc này không thuộc phạm vi"),
    STOCK: (AT_THE_CUT_OFF, "NP là việc này không thuộc phạm vi"),
    PLAN: ("0 là có kế hoạch và kế hoạch là 0 người", "NP là không được giao kế hoạch"),
    MONEY: ("0 là được giao, theo dõi khoản này và số tiền bằng 0", "NP là đơn vị không có khoản này"),
    "B04/NGHIEN/DK": ("0 là có theo dõi và đầu kỳ không có người nào", "không thuộc phạm vi"),
}
"""Cell -> what 0 and what NP mean in it."""


@pytest.mark.parametrize(
    "word",
    ["-", "–", "không", "Không có", "ko", "KPS", "k", "nil", "N/A", "không PS", "--", "(không)", "không áp dụng"],
)
def test_word_for_nothing_offers_0_or_np(site: Site, word: str) -> None:
    found = _typed(site, *((cell, word) for cell in NOTHING))
    for cell, (zero, nil) in NOTHING.items():
        finding = _at(found, cell)
        assert (finding.rule, finding.severity, finding.suggestion) == ("V02", Severity.BLOCKS, "0 hoặc NP")
        assert f"«{word}»" in finding.message and zero in finding.message and nil in finding.message, cell


@pytest.mark.parametrize(
    "words", ["chưa có số liệu", "Chưa có", "đang cập nhật", "chưa thống kê", "?", "???", ".....", "chờ số liệu"]
)
def test_not_yet_known_is_neither_0_nor_np(site: Site, words: str) -> None:
    finding = _at(_typed(site, (FLOW, words)), FLOW)
    assert "chưa biết, không phải 0 cũng không phải NP" in finding.message
    assert (finding.rule, finding.suggestion) == ("V02", "")


@pytest.mark.parametrize("mark", ["x", "X", "v", "√", "có", "đạt"])
def test_a_tick_does_not_say_how_many(site: Site, mark: str) -> None:
    finding = _at(_typed(site, (FLOW, mark)), FLOW)
    assert "là đánh dấu" in finding.message and IN_THE_PERIOD in finding.message and finding.suggestion == ""


@pytest.mark.parametrize("text", ["0 (không phát sinh)", "0 - không có", "0 vụ"])
def test_zero_with_words_must_choose(site: Site, text: str) -> None:
    finding = _at(_typed(site, (FLOW, text)), FLOW)
    assert "Hãy chỉ gõ 0, hoặc chỉ gõ NP" in finding.message and finding.suggestion == "0 hoặc NP"


def test_a_blank_cell_is_told_the_same(site: Site) -> None:
    finding = _at(_typed(site, (FLOW, None)), FLOW)
    assert finding.rule == "V03" and "còn trống" in finding.message and IN_THE_PERIOD in finding.message


@pytest.mark.parametrize(
    ("cell", "text", "said"),
    [
        (FLOW, "l2", "Nếu là 12 thì gõ 12"),
        (FLOW, "O", "Nếu là 0 thì gõ 0"),
        (FLOW, "1O", "Nếu là 10 thì gõ 10"),
        (FLOW, "(3)", "số âm 3"),
        (FLOW, "12 vụ", "Nếu số đúng là 12"),
        (FLOW, "khoảng 12", "Nếu số đúng là 12"),
        (FLOW, "> 12", "Nếu số đúng là 12"),
        (FLOW, "12-15", "có hai số"),
        (FLOW, "12+3", "có hai số"),
        (FLOW, "12/15", "tử số và mẫu số"),
        (FLOW, "50%", "là tỷ lệ"),
        (FLOW, "12²", "U+00B2"),
        (FLOW, "١٢", "U+0661"),
        (MONEY, "1,5 triệu", "nếu đúng là 1.500.000 đồng"),
        (MONEY, "250 nghìn đồng", "nếu đúng là 250.000 đồng"),
        (MONEY, "2 tỷ", "nếu đúng là 2.000.000.000 đồng"),
        (AREA, "1,234", "Nếu là số nguyên thì gõ 1234; nếu dấu phẩy ngăn phần lẻ thì gõ 1,2340"),
    ],
)
def test_ambiguous_number_is_returned_without_a_suggestion(site: Site, cell: str, text: str, said: str) -> None:
    finding = _at(_typed(site, (cell, text)), cell)
    assert (finding.rule, finding.severity, finding.suggestion) == ("V02", Severity.BLOCKS, "")
    assert said in finding.message


@pytest.mark.parametrize(
    ("cell", "text", "suggestion"),
    [
        (FLOW, "12 người", "12"),
        (FLOW, "1,234", "1.234"),
        (FLOW, "1,234,567", "1.234.567"),
        (MONEY, "1.500.000 đ", "1.500.000"),
        (MONEY, "1.500.000 đồng", "1.500.000"),
    ],
)
def test_one_number_whoever_reads_it_is_offered(site: Site, cell: str, text: str, suggestion: str) -> None:
    assert _at(_typed(site, (cell, text)), cell).suggestion == suggestion


@pytest.mark.parametrize(
    "shape",
    ["{}\u200b", "\ufeff{}", "{}\u00ad", "\u00a0{}\u202f", "\u200e{}", "{}\u2060"],
    ids=["zero-width", "byte-order mark", "soft hyphen", "no-break space", "direction", "joiner"],
)
def test_signs_nobody_sees_do_not_matter(site: Site, shape: str) -> None:
    figure = str(site.filled(UNIT).values[CellKey.parse(STOCK)])
    assert _typed(site, (STOCK, shape.format(figure))) == []
    assert _typed(site, (STOCK, "".join(chr(ord(digit) + 0xFEE0) for digit in figure))) == []


def test_invisible_characters_do_not_hide_np_or_blanks(site: Site) -> None:
    assert _typed(site, ("PL04/I/ND", "N\u200bP")) == []
    assert _at(_typed(site, (FLOW, "\u200b")), FLOW).actual == "(trống)"


def test_a_fraction_is_shown_with_a_comma(site: Site) -> None:
    finding = _at(_typed(site, (FLOW, 12.5)), FLOW)
    assert (finding.actual, "«12,5» có phần lẻ" in finding.message) == ("12,5", True)


def test_np_in_opening_stock_blames_only_its_cell(site: Site) -> None:
    (finding,) = _typed(site, ("B04/NGHIEN/DK", "NP"))
    assert (finding.rule, finding.cells, finding.actual) == ("V31", ("B04/NGHIEN/DK",), "NP")
    assert "không thể là NP" in finding.message and finding.suggestion


@pytest.mark.parametrize(("cell", "rule"), [(STOCK, "V21"), ("B04/B04.15/MS", "V13")])
def test_np_in_stock_or_denominator_is_refused_there(site: Site, cell: str, rule: str) -> None:
    (finding,) = _typed(site, (cell, "NP"))
    assert (finding.rule, finding.cells, finding.actual) == (rule, (cell,), "NP")
    assert "nên ô này không thể là NP" in finding.message


@pytest.mark.parametrize(
    ("reason", "said"), [("chưa có số liệu", "không có trong danh sách"), (None, "vẫn có số liệu")]
)
def test_a_wrong_nil_reason_names_its_cell(site: Site, reason: str | None, said: str) -> None:
    form = next(f for f in entered_by(site.pack, site.unit(UNIT)) if f.nil_allowed and f.nil_reasons)
    data = fill(site.workbook(UNIT), {}, nil_forms={form.code: reason or form.nil_reasons[0]})
    finding = next(f for f in _judge(site, data)[1] if f.rule == "V03")
    assert finding.sheet == form.short and finding.a1 and said in finding.message


def test_overwritten_formula_is_answered_with_the_formula(site: Site) -> None:
    def over(book: Any, where: dict[CellKey, tuple[str, int, int]]) -> None:
        for name in ("B04/NGHIEN/CK", "PL03/DA4/KH"):
            sheet, row, column = where[CellKey.parse(name)]
            book[sheet].cell(row, column).value = 99

    found = _edited(site, over)
    closing, whole = _at(found, "B04/NGHIEN/CK"), _at(found, "PL03/DA4/KH")
    assert (closing.rule, whole.rule) == ("V11", "V25")
    assert "khôi phục công thức" in closing.message
    row = closing.a1[1:]
    assert f"=SUM(D{row}:G{row})-SUM(H{row}:K{row})" in closing.message
    assert "=SUM(" in whole.message


def test_deleted_code_row_is_reported_by_its_place(site: Site) -> None:
    def delete(book: Any, where: dict[CellKey, tuple[str, int, int]]) -> None:
        sheet = book["PL01 Chỉ số"]
        row = next(c.row for cells in sheet.iter_rows() for c in cells if c.value == "§PL01.A")
        for cell in sheet[row]:
            if not type(cell).__name__.startswith("Merged"):
                cell.value = None

    found = _edited(site, delete)
    finding = next(f for f in found if f.rule == "V41")
    assert (finding.sheet, finding.a1, finding.item) == ("PL01 Chỉ số", "A8", "PL01")
    assert "dòng 8" in finding.message and "không có trong tệp" not in finding.message
    assert not [f for f in found if f.sheet == "PL01 Chỉ số" and f is not finding]


def test_sheet_copied_twice_is_reported_with_every_copy(site: Site) -> None:
    def copy(book: Any, where: dict[CellKey, tuple[str, int, int]]) -> None:
        for _ in range(2):
            book.copy_worksheet(book["PL01 Chỉ số"])

    (finding,) = _edited(site, copy)
    assert finding.rule == "V41"
    for name in ("«PL01 Chỉ số»", "«PL01 Chỉ số Copy»", "«PL01 Chỉ số Copy1»"):
        assert name in finding.message
    book = load_workbook(io.BytesIO(site.workbook(UNIT)))
    row = int(finding.a1.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    assert finding.sheet == "PL01 Chỉ số Copy" and not book["PL01 Chỉ số"].row_dimensions[row].hidden


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [("0%", 8, "đang hiện 800%"), ("0.00%", 0.08, "đang hiện 8%"), ('#,##0.0" "%', 8, "đang hiện 800%")],
)
def test_figure_shown_as_percentage_needs_explanation(site: Site, code: str, value: float, shown: str) -> None:
    def typed(book: Any, where: dict[CellKey, tuple[str, int, int]]) -> None:
        sheet, row, column = where[CellKey.parse(AREA)]
        book[sheet].cell(row, column).value = value
        book[sheet].cell(row, column).number_format = code

    finding = next(f for f in _edited(site, typed) if "phần trăm" in f.message)
    assert (finding.rule, finding.severity) == ("V41", Severity.EXPLAIN)
    assert f"{finding.a1} {shown}, số lưu trong ô là {str(value).replace('.', ',')}" in finding.message


def test_merely_printed_percent_sign_needs_no_explanation(site: Site) -> None:
    def typed(book: Any, where: dict[CellKey, tuple[str, int, int]]) -> None:
        sheet, row, column = where[CellKey.parse(AREA)]
        book[sheet].cell(row, column).number_format = '0"%"'

    assert not [f for f in _edited(site, typed) if "phần trăm" in f.message]


def _disguise(sheet: Any) -> None:
    """Renamed, and its hidden codes gone."""
    for cells in sheet.iter_rows():
        for cell in cells:
            if isinstance(cell.value, str) and cell.value.startswith("§"):
                cell.value = None
    sheet.title = "Số liệu của xã"


def test_sheet_without_codes_is_named_as_unknown(site: Site) -> None:
    found = _edited(site, lambda book, _: _disguise(book["PL01 Chỉ số"]))
    finding = next(f for f in found if f.rule == "V41" and "không có trong tệp" in f.message)
    assert "trang «Số liệu của xã» không thuộc biểu nào" in finding.message


def test_strange_sheet_is_asked_about_before_nil(site: Site) -> None:
    silent = site.pack.regime.default_nil
    unit, form = next((u, f) for u in site.units for f in entered_by(site.pack, u) if f.code in silent)
    found = _edited(site, lambda book, _: _disguise(book[form.short]), unit.code)
    (finding,) = [f for f in found if f.rule == "V41" and f.item == form.code]
    assert finding.severity is Severity.BLOCKS and "«Số liệu của xã»" in finding.message
    assert f"Nếu biểu này đúng là «{silent[form.code]}» thì xóa trang lạ" in finding.message
    found = _edited(site, lambda book, _: book.remove(book[form.short]), unit.code)
    assert not [f for f in found if f.rule == "V41"], "gone, and nothing there that could be it: nil, as the pack says"
