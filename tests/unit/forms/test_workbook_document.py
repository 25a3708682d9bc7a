"""docs/workbook.md is true: its examples run, its codes are the code's."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from baocao.checks.rules.answers import STRUCTURE
from baocao.checks.rules.unread import TEXTS
from baocao.forms import contract
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.intake.catalogue import as_markdown, sentences
from baocao.model.form import CellKey
from baocao.model.pack_views import entered_by
from baocao.model.submission import Answer, Screening, Severity
from builders.files.workbook import COMMUNE_UNIT, period, places, small_pack, small_values

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "workbook.md").read_text(encoding="utf-8")
PACK = small_pack()


def example(name: str, tmp_path: Path, *arguments: str) -> str:
    """Run the example as a stranger would: saved to a file, in a process of its own."""
    found = re.search(rf"```python {name}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    script = tmp_path / f"{name}.py"
    script.write_text(found.group(1), encoding="utf-8")
    done = subprocess.run([sys.executable, str(script), *arguments], capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def test_the_filling_example_fills_exactly_the_entry_cells(tmp_path: Path) -> None:
    blank, filled = tmp_path / "blank.xlsx", tmp_path / "filled.xlsx"
    blank.write_bytes(write_blank(PACK, COMMUNE_UNIT, period(), {CellKey("B04", "NGHIEN", "CK"): 31}))
    example("fill", tmp_path, str(blank), str(filled))
    book = type_workbook(read_workbook(filled.read_bytes()), PACK)
    assert book.problems == () and book.nil_forms == {}
    assert book.info["signing_form"].value == "TM."
    for form in entered_by(PACK, COMMUNE_UNIT):
        for key, (table, row, column) in form.cells.items():
            if not table.is_entered(row, column) or column.code == "GT":
                continue
            expected = Answer.VALUE if key == CellKey("B04", "NGHIEN", "DK") else Answer.NIL
            assert book.cells[key].answer is expected, key


def test_the_reading_example_reads_what_our_reader_reads(tmp_path: Path) -> None:
    data = write_blank(PACK, COMMUNE_UNIT, period(), values=small_values())
    (tmp_path / "filled.xlsx").write_bytes(data)
    rows = list(csv.DictReader(io.StringIO(example("read", tmp_path, str(tmp_path / "filled.xlsx")))))
    book = type_workbook(read_workbook(data), PACK)
    found = {CellKey(r["form"], r["row"], r["column"]): r for r in rows if r["form"] != "TT"}
    answered = {k: c for k, c in book.cells.items() if c.answer is not Answer.BLANK}
    # A formula that comes to nothing is empty for us and for the example alike.
    assert {k for k, r in found.items() if r["value"]} == set(answered)
    for key, cell in answered.items():
        assert (found[key]["sheet"], found[key]["cell"]) == (cell.sheet, cell.a1)
        assert (found[key]["unit"], found[key]["period"]) == ("90001", "2026-H1")
    assert found[CellKey("B04", "NGHIEN", "CK")]["value"] == "22"


def test_the_examples_are_as_short_as_promised() -> None:
    for code in re.findall(r"```python \w+\n(.*?)```", PAGE, re.DOTALL):
        assert len(code.splitlines()) <= 35


def test_the_page_lists_every_refusal_with_its_sentence() -> None:
    assert as_markdown() in PAGE
    assert {reason for reason, _, _ in sentences()} == set(Screening)


def test_the_page_names_the_codes_of_the_contract() -> None:
    meta = read_workbook(write_blank(PACK, COMMUNE_UNIT, period())).meta
    named = [
        f"Layout version: `{contract.LAYOUT}`",
        *(f"`{key}`" for key in meta if "." not in key),
        *(f"`{row}`" for row in contract.INFO_ROWS),
        *(f"`{form}`" for form in contract.SIGNING_FORMS),
        f"`{contract.marker(contract.INFO_FORM, 'A')}`",
        f"`{contract.marker(contract.INDEX_FORM, 'A')}`",
        f"`§{contract.NIL_COLUMN}`",
        f"`§{contract.INDEX_KEY_COLUMN}`",
        f"`{contract.INDEX_SHEET}`",
        f"`{contract.META_SHEET}`",
        f"`{contract.END_MARK}`",
    ]
    for text in named:
        assert text in PAGE, text


def _damages() -> list[str]:
    """The problems of section 7, in the order of the page."""
    section = PAGE.split("## 7. ")[1].split("## 8. ")[0]
    return [
        code
        for line in section.splitlines()
        if line.startswith("|")
        for code in re.findall(r"`([a-z]+_[a-z_]+)`", line)
    ]


def test_the_page_names_every_problem_and_its_severity() -> None:
    known = {"missing_sheet", *STRUCTURE, *TEXTS}
    assert set(_damages()) - {"default_nil"} == known
    section = {line.split("|")[2]: line for line in PAGE.split("## 7. ")[1].splitlines() if line.startswith("|")}
    for kind, (severity, _) in TEXTS.items():
        line = next(text for text in section.values() if f"`{kind}`" in text)
        asks = "mentioned" in line or "asked" in line
        assert asks or severity is Severity.BLOCKS or kind.startswith("note_"), kind


Sheet = Any
Places = dict[CellKey, tuple[str, int, int]]
STOCK = CellKey("B04", "NGHIEN", "T1")


def _coded(sheet: Sheet, text: str) -> Any:
    return next(c for row in sheet.iter_rows() for c in row if c.value == text)


def _set(text: str, value: object) -> Callable[[Any, Sheet, Places], None]:
    def change(book: Any, sheet: Sheet, where: Places) -> None:
        _coded(sheet, text).value = value

    return change


def _uncode(book: Any, sheet: Sheet, where: Places) -> None:
    for cell in [c for row in sheet.iter_rows() for c in row if isinstance(c.value, str) and c.value.startswith("§")]:
        cell.value = None


def _beside(value: object) -> Callable[[Any, Sheet, Places], None]:
    def change(book: Any, sheet: Sheet, where: Places) -> None:
        sheet.cell(where[STOCK][1], sheet.max_column + 2).value = value

    return change


def _grey(value: object) -> Callable[[Any, Sheet, Places], None]:
    def change(book: Any, sheet: Sheet, where: Places) -> None:
        form = next(f for f in entered_by(PACK, COMMUNE_UNIT) if f.code == "B04")
        table, row, column = next(
            (t, r, c) for t in form.tables for r in t.rows for c in t.columns if not r.heading and not t.applies(r, c)
        )
        at = _coded(sheet, row.code).row
        head = _coded(sheet, f"§B04.{table.code}").row
        sheet.cell(at, next(c.column for c in sheet[head] if c.value == f"§{column.code}")).value = value

    return change


def _merge(book: Any, sheet: Sheet, where: Places) -> None:
    _, row, column = where[STOCK]
    sheet.merge_cells(start_row=row, start_column=column, end_row=row, end_column=column + 1)


def _percent(book: Any, sheet: Sheet, where: Places) -> None:
    _, row, column = where[STOCK]
    sheet.cell(row, column).value, sheet.cell(row, column).number_format = 8, "0%"


DAMAGE: dict[str, Callable[[Any, Sheet, Places], None]] = {
    "missing_sheet": lambda book, sheet, where: book.remove(sheet),
    "missing_codes": _uncode,
    "missing_table": _set("§B04.B", None),
    "missing_row": _set("NGHIEN", None),
    "missing_column": _set("§T1", None),
    "duplicate_row": _set("SUDUNG", "NGHIEN"),
    "duplicate_column": _set("§G1", "§T1"),
    "duplicate_table": _set("§B04.B", "§B04.A"),
    "duplicate_sheet": lambda book, sheet, where: book.copy_worksheet(sheet),
    "row_without_code": _set("SUDUNG", None),
    "figure_beside": _beside(12),
    "note_beside": _beside("xem công văn"),
    "figure_in_grey": _grey(12),
    "note_in_grey": _grey("xem công văn"),
    "unknown_row": _set("SUDUNG", "LA1"),
    "unknown_column": _set("§G1", "§LA"),
    "merged_cells": _merge,
    "shown_as_percent": _percent,
    "figure_outside": lambda book, sheet, where: sheet.append([None, None, None, 12]),
}


@pytest.mark.parametrize("kind", [*dict.fromkeys(k for k in _damages() if k not in {"default_nil", "missing_list"})])
def test_a_workbook_damaged_so_is_told_so(kind: str) -> None:
    values = {**small_values(), STOCK: 3, STOCK._replace(row="SUDUNG"): 2, STOCK._replace(row="SUDUNG", column="G1"): 1}
    book = load_workbook(io.BytesIO(write_blank(PACK, COMMUNE_UNIT, period(), values=values)))
    sheet = book[PACK.form("B04").short]
    DAMAGE[kind](book, sheet, places(book))
    buffer = io.BytesIO()
    book.save(buffer)
    problems = type_workbook(read_workbook(buffer.getvalue()), PACK).problems
    assert kind in {p.kind for p in problems if p.form == "B04"}
