"""A workbook last saved by LibreOffice reads as before: the real program, a real conversion."""

from __future__ import annotations

import os
import shutil
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter

from baocao.forms.blank_workbook import entry_rules
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.intake.screen import screen
from baocao.model.form import CellKey, ValueType
from baocao.model.submission import Answer, Problem
from builders.files.workbook import COMMUNE_UNIT, fill, period, places, small_pack, small_values

SOFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(SOFFICE is None and os.environ.get("CI") != "true", reason="LibreOffice is not installed"),
]
PACK = small_pack()


def cell(name: str) -> CellKey:
    return CellKey.parse(name)


def saved_by_libreoffice(data: bytes, folder: Path) -> bytes:
    """Opened, computed and saved as xlsx by soffice with a profile of its own."""
    assert SOFFICE, "LibreOffice must be installed where CI=true"
    (folder / "in").mkdir()
    source = folder / "in" / "bao-cao.xlsx"
    source.write_bytes(data)
    subprocess.run(
        [
            SOFFICE,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--convert-to",
            "xlsx:Calc MS Excel 2007 XML",
            "--outdir",
            str(folder / "out"),
            str(source),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return (folder / "out" / "bao-cao.xlsx").read_bytes()


def test_workbook_saved_in_libreoffice_reads_the_same(
    tmp_path: Path,
) -> None:
    blank = write_blank(PACK, COMMUNE_UNIT, period(), {cell("B04/NGHIEN/CK"): 9, cell("B04/B04.11a/TH"): 4})
    typed = small_values() | {cell("B04/B04.11a/TH"): "1.234", cell("B04/B04.11b/LKN"): "=1/0"}
    ours = type_workbook(read_workbook(write_blank(PACK, COMMUNE_UNIT, period(), values=small_values())), PACK)
    data = saved_by_libreoffice(
        fill(blank, typed, nil_forms={"PL04": "Không phát sinh"}, info={"phone": "0900"}), tmp_path
    )
    assert screen(data, "bao-cao.xlsx") is None
    book = type_workbook(read_workbook(data), PACK)
    assert book.problems == ()
    assert (book.unit, book.unit_name, book.period) == ("90001", "Xã Hòa Bình Minh", "2026-H1")
    assert book.nil_forms == {"PL04": "Không phát sinh"}
    assert book.info["phone"].value == "0900"
    for key, value in small_values().items():
        if key in {cell("B04/B04.11a/TH"), cell("B04/B04.11b/LKN")}:
            continue
        assert book.cells[key].value == (None if value == "NP" else value), key
    assert book.cells[cell("B04/B04.11a/TH")].value == 1234
    for key in (cell("B04/NGHIEN/CK"), cell("B04/B04.15/TL"), cell("PL03/DA4/GN"), cell("PL03/DA4/TL")):
        computed, expected = book.cells[key].value, ours.cells[key].value
        assert computed is not None and expected is not None
        assert abs(float(computed) - float(expected)) < 1e-9, key  # type: ignore[arg-type]


def test_an_error_computed_by_libreoffice_names_its_address(tmp_path: Path) -> None:
    from io import BytesIO

    from openpyxl import load_workbook

    book = load_workbook(BytesIO(write_blank(PACK, COMMUNE_UNIT, period(), values=small_values())))
    sheet, row, column = places(book)[cell("B04/B04.11a/TH")]
    book[sheet].cell(row, column).value = "=1/0"
    buffer = BytesIO()
    book.save(buffer)
    found = type_workbook(read_workbook(saved_by_libreoffice(buffer.getvalue(), tmp_path)), PACK)
    bad = found.cells[cell("B04/B04.11a/TH")]
    assert (bad.answer, bad.problem, bad.raw) == (Answer.INVALID, Problem.ERROR_VALUE, "#DIV/0!")
    assert bad.a1 == f"{get_column_letter(column)}{row}"


@pytest.mark.parametrize("type", [ValueType.COUNT, ValueType.MONEY, ValueType.DECIMAL, ValueType.DATE])
def test_entry_rules_accept_the_right_values_in_libreoffice(type: ValueType, tmp_path: Path) -> None:
    """Validation formulas are evaluated by LibreOffice over sample entries."""
    samples: list[object] = [5, 0, 46178, -1, 2.5, "NP", " np ", "abc", "1.234"]
    book = Workbook()
    for row, sample in enumerate(samples, 1):
        book.active.cell(row, 1, sample)
        book.active.cell(row, 2, entry_rules._formula(type, f"A{row}"))
    buffer = BytesIO()
    book.save(buffer)
    data = saved_by_libreoffice(buffer.getvalue(), tmp_path)
    sheet = load_workbook(BytesIO(data), data_only=True).worksheets[0]
    passed = {str(entry) for entry, passes in sheet.iter_rows(values_only=True) if passes}
    nil = {"NP", " np "}
    numbers = {"5", "0", "46178"} if type is not ValueType.DATE else {"46178"}
    assert passed == nil | numbers | ({"2.5"} if type is ValueType.DECIMAL else set())
