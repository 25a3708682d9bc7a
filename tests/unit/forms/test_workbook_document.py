"""docs/workbook.md is true: its examples run, its codes are the code's."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
from pathlib import Path

from baocao.forms import contract
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.intake.catalogue import as_markdown, sentences
from baocao.model.form import CellKey
from baocao.model.submission import Answer, Screening
from builders_workbook import COMMUNE_UNIT, period, small_pack, small_values

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


def test_the_filling_example_fills_every_entry_cell_and_nothing_else(tmp_path: Path) -> None:
    blank, filled = tmp_path / "blank.xlsx", tmp_path / "filled.xlsx"
    blank.write_bytes(write_blank(PACK, COMMUNE_UNIT, period(), {CellKey("B04", "NGHIEN", "CK"): 31}))
    example("fill", tmp_path, str(blank), str(filled))
    book = type_workbook(read_workbook(filled.read_bytes()), PACK)
    assert book.problems == () and book.nil_forms == {}
    assert book.info["signing_form"].value == "TM."
    for form in PACK.entered_by(COMMUNE_UNIT):
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
    named = [
        f"Layout version: `{contract.LAYOUT}`",
        *(f"`{key}`" for key in contract.META_KEYS),
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
