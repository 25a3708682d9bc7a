"""A list in the workbook: what is written, and that every filled row is read back, wherever it was typed."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.child import ReaderProcess
from baocao.forms.reading.read import type_workbook
from baocao.model.form import Form
from baocao.model.pack_views import for_period
from baocao.model.submission import Answer, Problem, Workbook
from builders.packs.lists import HELD, ISSUED, filled, first_quarter, lists_pack, read

HELD_LIST, ISSUED_LIST = ("CCHC", "DSHN"), ("VB", "DSVB")
FIRST = 12
"""Row of the first case as Excel counts it."""


def edited(data: bytes, sheet: str, **cells: object) -> bytes:
    book = load_workbook(io.BytesIO(data))
    for a1, value in cells.items():
        book[sheet][a1] = value
    return saved(book)


def saved(book: object) -> bytes:
    out = io.BytesIO()
    book.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def values(book: Workbook, name: tuple[str, str] = HELD_LIST) -> list[dict[str, object]]:
    return [{c: cell.value for c, cell in row.cells.items() if cell.value is not None} for row in book.lists[name]]


def test_written_lists_read_back_with_type_and_place() -> None:
    book = read(filled())
    assert values(book) == [dict(row) for row in HELD]
    assert values(book, ISSUED_LIST) == [dict(row) for row in ISSUED]
    second = book.lists[HELD_LIST][1]
    assert (second.number, second.line) == (2, FIRST + 1)
    cell = second.cells["NGAY"]
    assert (str(cell.key), cell.sheet, cell.a1) == ("CCHC/DSHN#2/NGAY", "DS hội nghị", f"D{FIRST + 1}")
    assert not book.problems and not book.nil_lists


def test_money_in_the_columns_unit_becomes_dong() -> None:
    sheet = load_workbook(io.BytesIO(filled()))["DS hội nghị"]
    assert sheet["G9"].value == "Kinh phí (triệu đồng)" and sheet[f"G{FIRST}"].value == 1.5
    assert read(edited(filled(), "DS hội nghị", G13="2,25")).lists[HELD_LIST][1].cells["KP"].value == 2_250_000
    wrong = read(edited(filled(), "DS hội nghị", G13="0,0000005")).lists[HELD_LIST][1].cells["KP"]
    assert wrong.problem is Problem.NOT_WHOLE


def test_a_blank_has_ample_rows_and_drop_downs() -> None:
    pack, period = lists_pack(), first_quarter()
    book = load_workbook(io.BytesIO(write_blank(for_period(pack, period), pack.units[0], period)))
    assert book.sheetnames == ["Hướng dẫn", "Thông tin", "Cải cách hành chính", "DS hội nghị", "DS văn bản", "_meta"]
    sheet: Worksheet = book["DS hội nghị"]
    prepared = [sheet.cell(row, 2) for row in range(FIRST, FIRST + 15)]
    assert all(not c.protection.locked and c.border.left.style for c in prepared)
    lists = {v.formula1: str(v.sqref) for v in sheet.data_validations.dataValidation if v.type == "list"}
    assert lists['"Trực tiếp,Trực tuyến,NP"'] == f"E{FIRST}:E{FIRST + 14}"
    assert sheet.protection.insertRows is False, "rows may be inserted in a protected list"
    guide = [c.value for row in book["Hướng dẫn"].iter_rows() for c in row]
    assert "DS hội nghị" in guide and "Văn bản" not in guide, "a form of lists alone has no sheet of its own"


def test_added_rows_are_read_and_empty_ones_skipped() -> None:
    book = load_workbook(io.BytesIO(filled()))
    sheet = book["DS hội nghị"]
    for merged in [m for m in sheet.merged_cells.ranges if m.min_row > FIRST]:
        sheet.unmerge_cells(str(merged))  # Excel moves them with the rows, this library does not
    sheet.insert_rows(FIRST + 1)
    for column, value in zip("BCDEF", ("03/KH", "Hội thảo", date(2027, 3, 1), "Trực tiếp", 5), strict=True):
        sheet[f"{column}{FIRST + 1}"] = value
    below = next(r for r in range(FIRST, 80) if sheet.cell(r, 1).value == "§HET") + 1
    sheet.cell(below, 2).value = "04/KH"
    read_back = read(saved(book))
    assert [row.cells["SO"].value for row in read_back.lists[HELD_LIST]] == ["01/KH", "03/KH", "02/KH", "04/KH"]
    assert [row.line for row in read_back.lists[HELD_LIST]] == [FIRST, FIRST + 1, FIRST + 2, below]
    assert all(p.kind != "note_beside" for p in read_back.problems)


def test_without_an_end_mark_lists_end_before_notes() -> None:
    book = load_workbook(io.BytesIO(filled()))
    sheet = book["DS hội nghị"]
    end = next(r for r in range(FIRST, 80) if sheet.cell(r, 1).value == "§HET")
    sheet.cell(end, 1).value = None
    sheet.cell(end, 2).value = "09/KH"
    rows = read(saved(book)).lists[HELD_LIST]
    assert [row.cells["SO"].value for row in rows] == ["01/KH", "02/KH", "09/KH"]


@pytest.mark.parametrize("how", ["reason", "np"])
def test_an_empty_list_is_stated(how: str) -> None:
    if how == "reason":
        book = read(filled(held=(), nil={HELD_LIST: "Không phát sinh"}))
        assert book.nil_lists == {HELD_LIST: ("Không phát sinh", "DS hội nghị", "G7")}
    else:
        book = read(edited(filled(held=()), "DS hội nghị", B12="np"))
        assert book.nil_lists == {HELD_LIST: ("Không phát sinh", "DS hội nghị", "B12")}
    assert book.lists[HELD_LIST] == ()


def test_unreadable_list_cells_are_named_with_their_reason() -> None:
    data = edited(filled(), "DS hội nghị", D12="tháng hai", E13="Qua điện thoại", F13=-3)
    first, second = read(data).lists[HELD_LIST]
    assert first.cells["NGAY"].problem is Problem.NOT_A_DATE
    assert second.cells["HT"].problem is Problem.NOT_AN_OPTION
    assert second.cells["SN"].problem is Problem.NEGATIVE and second.cells["SN"].a1 == "F13"
    assert second.cells["KP"].answer is Answer.BLANK


def test_a_deleted_sheet_or_column_is_a_problem() -> None:
    book = load_workbook(io.BytesIO(filled()))
    del book["DS văn bản"]
    book["DS hội nghị"].delete_cols(4)
    found = {(p.kind, p.name) for p in read(saved(book)).problems}
    assert {("missing_list", "DSVB"), ("missing_column", "NGAY")} <= found


def test_the_reader_process_hands_lists_over_whole() -> None:
    data = filled()
    with ReaderProcess() as reader:
        raw = reader.read(data)
    assert type_workbook(raw, for_period(lists_pack(), first_quarter())).lists == read(data).lists


def test_a_form_without_lists_keeps_its_fingerprint() -> None:
    form = lists_pack().form("CCHC")
    plain = Form.model_validate({**form.model_dump(), "lists": ()})
    assert plain.fingerprint != form.fingerprint
    assert plain.fingerprint == form.with_tables(form.tables, ()).fingerprint == "ad37887794"
