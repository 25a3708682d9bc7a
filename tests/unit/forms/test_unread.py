"""Nothing somebody typed in a data sheet vanishes: what no answer takes up becomes a problem with its cell."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook as OpenpyxlWorkbook
from openpyxl import load_workbook

from baocao.checks.engine import check
from baocao.checks.history import History
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.raw import from_wire, to_wire
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import CellKey
from baocao.model.pack_views import entered_by
from baocao.model.submission import Answer, Finding, Problem, Severity, StructureProblem
from baocao.regimes.load import calendar_of, load_pack, regime_folders
from builders.files.workbook import COMMUNE_UNIT, period, places, small_pack, small_values, write_filled

PACK = small_pack()
INCLUDE = Path(__file__).resolve().parents[3] / "include"
ROW = CellKey.parse("B04/NGHIEN/DK")


def edited(change: Callable[[OpenpyxlWorkbook, dict[CellKey, tuple[str, int, int]]], object]) -> bytes:
    book = load_workbook(io.BytesIO(write_filled(PACK, COMMUNE_UNIT, period(), small_values())))
    change(book, places(book))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def problems(change: Callable[[Any, Any], object]) -> list[StructureProblem]:
    raw = read_workbook(edited(change))
    assert from_wire(to_wire(raw)) == raw
    return list(type_workbook(raw, PACK).problems)


def findings(change: Callable[[Any, Any], object]) -> list[Finding]:
    book = type_workbook(read_workbook(edited(change)), PACK)
    found = check(book, PACK, COMMUNE_UNIT, period(), History(), received_at=period().unit.due_at)
    return [f for f in found if f.rule == "V41"]


def kinds(change: Callable[[Any, Any], object]) -> list[tuple[str, str, str]]:
    return [(p.kind, p.a1, p.detail) for p in problems(change)]


def test_a_filled_blank_has_none() -> None:
    assert problems(lambda book, at: None) == []


@pytest.mark.parametrize("folder", regime_folders(INCLUDE.parent), ids=lambda f: f.name)
def test_shipped_blanks_with_past_figures_have_no_problem(folder: Path) -> None:
    pack = load_pack(folder, INCLUDE / "reference")
    when = calendar_of(pack.regime, INCLUDE / "reference")[0]
    for unit in {u.projects: u for u in pack.units}.values():
        previous = {
            CellKey(form.code, row.code, column.code): 7
            for form in entered_by(pack, unit)
            for table in form.tables
            for row in table.rows
            for column in table.columns
            if table.applies(row, column)
        }
        blank = write_blank(pack, unit, when, previous=previous, previous_name="kỳ trước")
        assert type_workbook(read_workbook(blank), pack).problems == (), unit.code


def test_an_inserted_column_is_reported_once_with_cells() -> None:
    def insert(book: Any, at: Any) -> None:
        sheet, row, column = at[ROW]
        # As a spreadsheet inserts it: openpyxl moves values and leaves the merges where they were.
        for area in list(book[sheet].merged_cells.ranges):
            book[sheet].unmerge_cells(str(area))
        book[sheet].insert_cols(column + 1)
        book[sheet].cell(row, column + 1).value = 40
        book[sheet].cell(row + 1, column + 1).value = "29"

    (finding,) = findings(insert)
    assert finding.severity is Severity.BLOCKS
    assert finding.a1 == "E11" or finding.a1.startswith("E")
    assert "(40)" in finding.message and "(29)" in finding.message and "không được đọc" in finding.message


def test_a_remark_beside_the_table_is_told_gently() -> None:
    def note(book: Any, at: Any) -> None:
        sheet, row, _ = at[ROW]
        book[sheet].cell(row, 30).value = "hỏi lại công an xã"

    (finding,) = findings(note)
    assert (finding.severity, finding.a1[:2]) == (Severity.EXPLAIN, "AD")
    assert "hỏi lại công an xã" in finding.message


def test_figures_beside_tables_block_while_those_below_ask() -> None:
    def beside(book: Any, at: Any) -> None:
        sheet, row, _ = at[ROW]
        book[sheet].cell(row, 30).value = 12

    def below(book: Any, at: Any) -> None:
        sheet = at[ROW][0]
        book[sheet].cell(book[sheet].max_row + 1, 4).value = 33

    assert [(f.severity, f.a1[:2]) for f in findings(beside)] == [(Severity.BLOCKS, "AD")]
    assert [(f.severity, f.a1[0]) for f in findings(below)] == [(Severity.EXPLAIN, "D")]


def test_figures_in_a_row_added_last_are_reported() -> None:
    def insert(book: Any, at: Any) -> None:
        sheet = book[at[ROW][0]]
        end = next(c.row for c in sheet["A"] if c.value == "§HET" and c.row > at[ROW][1])
        for area in list(sheet.merged_cells.ranges):
            sheet.unmerge_cells(str(area))
        sheet.insert_rows(end)
        sheet.cell(end, at[ROW][2]).value = 5

    assert [p.kind for p in problems(insert)] == ["row_without_code"]


def grey(book: Any, at: Any) -> tuple[str, int, int]:
    """A cell of a coded row and a coded column in which nothing is asked."""
    sheet, row, _ = at[CellKey.parse("B04/B04.15/TH")]
    return sheet, row, at[CellKey.parse("B04/B04.11a/LKGD")][2]


@pytest.mark.parametrize(
    ("typed", "kind"), [(80, "figure_in_grey"), ("1.200", "figure_in_grey"), ("xem biểu 5", "note_in_grey")]
)
def test_entries_in_inapplicable_cells_are_reported(typed: object, kind: str) -> None:
    def put(book: Any, at: Any) -> None:
        sheet, row, column = grey(book, at)
        book[sheet].cell(row, column).value = typed

    ((found, _, detail),) = kinds(put)
    assert found == kind and detail == str(typed)


@pytest.mark.parametrize("typed", [0, "NP", "-", "x", "không phát sinh"])
def test_harmless_values_in_a_grey_cell_are_accepted(typed: object) -> None:
    def put(book: Any, at: Any) -> None:
        sheet, row, column = grey(book, at)
        book[sheet].cell(row, column).value = typed

    assert problems(put) == []


def test_figures_under_an_invented_code_are_reported() -> None:
    def own(book: Any, at: Any) -> None:
        sheet, row, _ = at[CellKey.parse("B04/B04.26/TH")]
        book[sheet].cell(row, 1).value = "B04.99"
        book[sheet].cell(row, at[CellKey.parse("B04/B04.15/TH")][2]).value = 4

    assert ("unknown_row", "B04.99") in [(p.kind, p.name) for p in problems(own)]


def test_two_answers_in_one_merged_cell_are_refused() -> None:
    def merge(book: Any, at: Any) -> None:
        sheet, row, column = at[ROW]
        book[sheet].merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)

    book = type_workbook(read_workbook(edited(merge)), PACK)
    for name in ("B04/NGHIEN/DK", "B04/SUDUNG/DK"):
        cell = book.cells[CellKey.parse(name)]
        assert (cell.answer, cell.problem) == (Answer.INVALID, Problem.MERGED)
    (finding,) = findings(merge)
    assert finding.severity is Severity.BLOCKS and "trộn" in finding.message and "(20)" in finding.message
    everything = check(book, PACK, COMMUNE_UNIT, period(), History(), received_at=period().unit.due_at)
    assert not [f for f in everything if f.rule in ("V01", "V02", "V03")], "told as merged, not as blank"


def test_an_answer_merged_into_its_label_is_reported() -> None:
    def merge(book: Any, at: Any) -> None:
        sheet, row, column = at[ROW]
        book[sheet].merge_cells(start_row=row, end_row=row, start_column=column - 1, end_column=column)

    assert [p.kind for p in problems(merge)] == ["merged_cells"]
