"""The blank workbook: what is in it, what is locked, what it prefills, what it never does."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook as OpenpyxlWorkbook

from baocao.forms.blank_workbook import template
from baocao.forms.blank_workbook.workbook import blank_filename, write_blank
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import CellKey, Column, ColumnRole, Derive, Form, Ratio, Row, Table, ValueType
from baocao.model.pack_views import entered_by
from baocao.model.submission import Answer
from builders.files.workbook import COMMUNE_UNIT, period, places, small_forms, small_pack, small_values

PACK = small_pack()


def blank(**more: object) -> bytes:
    return write_blank(PACK, COMMUNE_UNIT, period(), **more)  # type: ignore[arg-type]


def opened(data: bytes) -> OpenpyxlWorkbook:
    return load_workbook(io.BytesIO(data))


def cell(name: str) -> CellKey:
    return CellKey.parse(name)


def at(book: OpenpyxlWorkbook, name: str) -> Any:
    sheet, row, column = places(book)[cell(name)]
    return book[sheet].cell(row, column)


def test_blanks_written_twice_have_the_same_bytes() -> None:
    assert blank() == blank()


def test_dates_in_the_file_come_from_the_period() -> None:
    core = parts(blank())["docProps/core.xml"]
    assert core.count("2025-12-15T00:00:00Z") == 2  # created, modified
    with zipfile.ZipFile(io.BytesIO(blank())) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_sheets_follow_the_contract_with_meta_hidden() -> None:
    book = opened(blank())
    assert book.sheetnames == ["Hướng dẫn", "Thông tin", *(f.short for f in small_forms()), "_meta"]
    assert book["_meta"].sheet_state == "hidden"


def test_meta_names_the_unit_and_its_forms() -> None:
    form = entered_by(PACK, COMMUNE_UNIT)[0]
    meta = read_workbook(blank()).meta
    assert {k: meta[k] for k in ("layout", "regime", "period", "unit", "unit_name")} == {
        "layout": "1",
        "regime": "che-do-thu",
        "period": "2026-H1",
        "unit": "90001",
        "unit_name": "Xã Hòa Bình Minh",
    }
    assert meta["form.B04"] == "2025.1"
    assert meta["fingerprint.B04"] == form.fingerprint


def test_a_blank_reads_as_blank_everywhere() -> None:
    book = type_workbook(read_workbook(blank()), PACK)
    assert book.problems == ()
    assert {c.answer for c in book.cells.values()} == {Answer.BLANK}
    assert set(book.cells) == {key for form in entered_by(PACK, COMMUNE_UNIT) for key in form.cells}


def test_code_rows_are_hidden_and_only_entries_unlocked() -> None:
    book = opened(blank())
    unlocked = {
        (sheet.title, c.row, c.column)
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for c in row
        if not c.protection.locked
    }
    for form in small_forms():
        sheet = book[form.short]
        assert sheet.protection.sheet and not sheet.protection.password
        marks = [c.row for row in sheet.iter_rows() for c in row if str(c.value or "").startswith("§")]
        assert marks and all(sheet.row_dimensions[row].hidden for row in marks)
        for key, (table, row, column) in form.cells.items():
            assert (places(book)[key] in unlocked) == table.is_entered(row, column), key
    assert book["_meta"].protection.sheet


def test_derived_cells_hold_formulas_over_their_parts() -> None:
    book = opened(blank())
    opening = at(book, "B04/NGHIEN/DK").coordinate
    formula = at(book, "B04/NGHIEN/CK").value
    assert formula.startswith("=IF(COUNT(") and opening in formula and "-SUM(" in formula
    first, last = at(book, "PL03/DA4.NSTW_SN/LKN").coordinate, at(book, "PL03/DA4.NSDP_SN/LKN").coordinate
    assert f"SUM({first}:{last})" in at(book, "PL03/DA4/LKN").value


def test_ratios_between_forms_refer_to_the_other_sheet() -> None:
    money = small_forms()[1]
    frame = Form(
        code="PL01",
        version="2025.1",
        title="Chỉ số",
        short="PL01 O'Chỉ số",
        official="Phụ lục số 01",
        assumed=False,
        tables=(
            Table(
                code="A",
                columns=(Column(code="TH", title="Thực hiện", role=ColumnRole.ACTUAL),),
                rows=(
                    Row(code="CT01", item="CT01", name="Số người", levels=small_forms()[0].tables[0].rows[0].levels),
                    Row(
                        code="CT30",
                        item="CT30",
                        name="Tỷ lệ giải ngân",
                        type=ValueType.RATIO,
                        derive=Derive(ratio=Ratio(numerator=("PL03/DA4/LKN",), denominator=("PL03/DA4/KH",))),
                    ),
                ),
            ),
        ),
    )
    pack = small_pack((frame, money))
    values = {cell("PL03/DA4.NSTW_SN/KH"): 400, cell("PL03/DA4.NSTW_SN/LKN"): 100}
    data = write_blank(pack, COMMUNE_UNIT, period(), values=values)
    book = opened(data)
    assert f"'{money.short}'!{at(book, 'PL03/DA4/LKN').coordinate}" in at(book, "PL01/CT30/TH").value
    assert type_workbook(read_workbook(data), pack).cells[cell("PL01/CT30/TH")].value == 25


def test_last_periods_figures_are_shown_but_never_read() -> None:
    previous = {cell("B04/B04.11a/TH"): 7, cell("B04/B04.11a/LKGD"): 19, cell("PL03/DA4.NSTW_SN/GN"): 5_000_000}
    data = blank(previous=previous)
    shown = [c.value for row in opened(data)["B04 Cơ sở"].iter_rows() for c in row]
    assert 7 in shown and 19 in shown
    assert {c.answer for c in type_workbook(read_workbook(data), PACK).cells.values()} == {Answer.BLANK}


def test_without_a_past_there_is_no_past_column() -> None:
    def width(previous: dict[CellKey, int]) -> int:
        return max(c for sheet, _, c in places(opened(blank(previous=previous))).values() if sheet == "PL03 Nguồn lực")

    assert width({cell("PL03/DA4.NSTW_SN/GN"): 5}) == width({}) + 1


def test_opening_figures_are_prefilled_from_last_closing_figures() -> None:
    data = blank(previous={cell("B04/NGHIEN/CK"): 31, cell("B04/SUDUNG/CK"): 0})
    cells = type_workbook(read_workbook(data), PACK).cells
    assert cells[cell("B04/NGHIEN/DK")].value == 31
    assert cells[cell("B04/SUDUNG/DK")].value == 0
    assert cells[cell("B04/NGHIEN/CK")].value == 31  # the formula's value, as the spreadsheet would show it


def test_unfilled_optional_forms_come_declared_as_nil() -> None:
    pack = small_pack(default_nil={"PL03": "Không thuộc phạm vi"})
    untouched = write_blank(pack, COMMUNE_UNIT, period())
    used = write_blank(pack, COMMUNE_UNIT, period(), values={cell("PL03/DA4.NSTW_SN/KH"): 1})
    assert type_workbook(read_workbook(untouched), pack).nil_forms == {"PL03": "Không thuộc phạm vi"}
    assert type_workbook(read_workbook(used), pack).nil_forms == {}


@pytest.mark.parametrize("text", ["=1+1", "+84 lần", "-5 người", "@sum", '=HYPERLINK("http://x")', "http://a.example"])
def test_text_that_looks_like_a_formula_stays_text(text: str) -> None:
    data = blank(values={cell("PL04/I/ND"): text, cell("B04/B04.15/GT"): text}, info={"signer_name": text})
    for name, part in parts(data).items():
        if name.startswith("xl/worksheets/"):
            formulas = [f for f in part.split("<f>")[1:] if not f.startswith("IF(")]
            assert formulas == []
    book = type_workbook(read_workbook(data), PACK)
    assert book.cells[cell("PL04/I/ND")].value == text
    assert book.info["signer_name"].value == text


def parts(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")}


def test_every_entry_rule_has_a_vietnamese_prompt() -> None:
    book = opened(blank())
    for form in small_forms():
        rules = book[form.short].data_validations.dataValidation
        for key, (table, row, column) in form.cells.items():
            type = table.type_of(row, column)
            if not table.is_entered(row, column) or type is ValueType.TEXT:
                continue
            sheet, r, c = places(book)[key]
            coordinate = book[sheet].cell(r, c).coordinate
            found = [rule for rule in rules if coordinate in rule.sqref]
            assert len(found) == 1, key
            assert found[0].prompt and found[0].error and len(found[0].prompt) <= 255
            assert found[0].type == ("list" if type in {ValueType.BOOL, ValueType.CHOICE} else "custom")


def test_long_options_come_from_the_hidden_sheet() -> None:
    options = tuple(f"Lựa chọn số {i}, có dấu phẩy" for i in range(12))
    table = Table(
        code="A",
        columns=(Column(code="TH", title="Thực hiện", role=ColumnRole.ACTUAL),),
        rows=(
            Row(
                code="C1",
                item="1",
                name="Chọn",
                type=ValueType.CHOICE,
                options=options,
                levels=small_forms()[0].tables[0].rows[0].levels,
            ),
        ),
    )
    form = Form(
        code="F1", version="2025.1", title="Chọn", short="Chọn", official="Biểu", assumed=False, tables=(table,)
    )
    pack = small_pack((form,))
    data = write_blank(pack, COMMUNE_UNIT, period(), values={cell("F1/C1/TH"): options[3]})
    rule = next(r for r in opened(data)["Chọn"].data_validations.dataValidation if "$" in r.formula1)
    assert "_meta" in rule.formula1
    assert type_workbook(read_workbook(data), pack).cells[cell("F1/C1/TH")].value == options[3]


def test_forms_print_one_a4_page_wide_with_headings() -> None:
    sheet = opened(blank())["B04 Cơ sở"]
    assert int(sheet.page_setup.paperSize) == 9
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToWidth in (None, 1) and sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows and sheet.freeze_panes
    assert "90001" in sheet.oddFooter.left.text and "B04" in sheet.oddFooter.right.text


def test_the_sheet_says_that_its_layout_is_assumed() -> None:
    texts = [str(c.value) for row in opened(blank())["B04 Cơ sở"].iter_rows() for c in row if c.value]
    assert any("giả định" in text for text in texts)
    assert "Phụ lục số 02, Biểu số 04" in texts and "Đơn vị báo cáo: Xã Hòa Bình Minh" in texts


def test_the_guide_tells_deadline_cut_off_and_nil() -> None:
    text = "\n".join(str(c.value) for row in opened(blank())["Hướng dẫn"].iter_rows() for c in row if c.value)
    for needed in (
        "giả định",
        "23 giờ 59",
        "19/06/2026",
        "14/06/2026",
        "NP",
        "Cơ quan thường trực Chương trình",
        "mật khẩu",
        "hoặc chọn NIL",
    ):
        assert needed in text


def test_a_filled_workbook_carries_its_computed_values() -> None:
    book = type_workbook(read_workbook(blank(values=small_values(), info={"phone": "0900"})), PACK)
    assert book.cells[cell("B04/NGHIEN/CK")].value == 22
    assert book.cells[cell("B04/B04.TONG/TH")].value == 62
    assert book.cells[cell("PL03/DA4/TL")].value == 40
    assert book.cells[cell("B04/B04.25c/TH")].value == date(2026, 3, 5)
    assert book.info["phone"].value == "0900"


def test_a_long_narrative_gets_a_higher_row() -> None:
    short, long = (opened(blank(values={cell("PL04/I/ND"): "Đã triển khai. " * n}))["PL04 Lời văn"] for n in (1, 200))
    row = next(c.row for c in short["A"] if c.value == "I")
    assert long.row_dimensions[row].height > 2 * short.row_dimensions[row].height


def test_the_file_name_holds_codes_only() -> None:
    assert blank_filename(COMMUNE_UNIT, period()) == "90001_2026-H1.xlsx"


def test_annual_and_half_year_reports_open_alike() -> None:
    half_year = {cell("B04/NGHIEN/DK"): 28, cell("B04/NGHIEN/CK"): 31}
    data = blank(previous={cell("B04/NGHIEN/CK"): 31, cell("B04/SUDUNG/CK"): 4}, same_year=half_year)
    cells = type_workbook(read_workbook(data), PACK).cells
    assert cells[cell("B04/NGHIEN/DK")].value == 28  # both began on the same day
    assert cells[cell("B04/SUDUNG/DK")].value == 4  # not in the half-year's report: the last closing figure
    assert cells[cell("B04/NGHIEN/CK")].value == 28


def test_a_filled_pattern_equals_a_workbook_written_fully(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = type_workbook(read_workbook(blank(values=small_values())), PACK).cells
    figures = {key: c.value for key, c in typed.items() if c.value is not None and not isinstance(c.value, date)}
    few = dict(list(figures.items())[::2])
    written = [write_blank(PACK, unit, period(), past) for unit in PACK.units for past in (figures, few, None)]
    assert any(isinstance(value, bool) for value in figures.values()), "a text among the values of the pattern"
    monkeypatch.setattr(template, "fits", lambda content: False)
    in_full = [write_blank(PACK, unit, period(), past) for unit in PACK.units for past in (figures, few, None)]
    for pattern, whole in zip(written, in_full, strict=True):
        assert told(pattern) == told(whole)


def told(data: bytes) -> dict[str, str]:
    """The parts with every shared string in the place where it is used: its number says nothing."""
    found = parts(data)
    strings = re.findall(r"<si><t[^>]*>([^<]*)</t></si>", found.pop("xl/sharedStrings.xml"))
    assert len(strings) == len(set(strings))
    return {
        name: re.sub(r't="s"><v>([0-9]+)</v>', lambda used: f't="s"><v>{strings[int(used[1])]}</v>', text)
        for name, text in found.items()
    }
