"""An independent program, knowing only the documented contracts, must get every figure of the consolidated workbook."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from openpyxl import load_workbook

from baocao.store.reports import reports
from baocao.store.submissions import submissions
from builders.sites.independent import SCRIPT, run
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

DIFFERENCE = re.compile(r"^KHÁC (\S+).*? \[(.+?)\]: ")


@pytest.fixture
def exported(signed: tuple[Site, dict[str, object]], tmp_path: Path) -> tuple[Site, Path, Path]:
    """(the site, a folder with the accepted raw workbooks, the consolidated workbook), as an auditor would get them."""
    site, report = signed
    raw = tmp_path / "raw"
    raw.mkdir()
    with site.place.store.read() as conn:
        for unit in site.units:
            official = submissions.official(conn, REGIME, PERIOD, unit.code)
            assert official is not None
            (raw / f"{official.id}.xlsx").write_bytes(site.place.store.files.get(official.sha256))
        sealed = reports.manifest(conn, int(str(report["report_id"])))
    entry = next(f for f in sealed["files"] if f["name"].startswith("tong-hop_") and f["name"].endswith(".xlsx"))
    consolidated = tmp_path / entry["name"]
    consolidated.write_bytes(site.place.store.files.get(entry["sha256"]))
    return site, raw, consolidated


def test_independent_program_gets_every_consolidated_figure(
    exported: tuple[Site, Path, Path],
) -> None:
    code, differences, compared = run(*exported)
    assert differences == []
    assert code == 0
    assert compared > 10_000


def test_changed_raw_figure_is_named_everywhere_it_counts(
    exported: tuple[Site, Path, Path],
) -> None:
    site, raw, consolidated = exported
    unit = COMMUNES[0]
    path = next(p for p in raw.iterdir() if load_workbook(p, read_only=True)["_meta"]["B4"].value == unit)
    change(path, "PL01", "CT13", "TH", 5)
    code, differences, _ = run(site, raw, consolidated)
    found = {m.groups() for line in differences if (m := DIFFERENCE.match(line))}
    assert code == 1
    assert {name for name, where in found if where == "_values"} == {"PL01/CT13/TH"}
    assert {name for name, _ in found} == {"PL01/CT13/TH", "PL01/CT13#CONG_XA", "tệp"}
    assert sum("communes" in line for line in differences) == 1
    # The provincial body has entered the province's figure without double counts: it stays as it is.
    assert not any(" value " in line or "TOAN_TINH" in line for line in differences)
    assert any(f" {unit} [CT PL01!" in line for line in differences)


def test_changed_flow_is_followed_into_the_closing_stock(
    exported: tuple[Site, Path, Path],
) -> None:
    site, raw, consolidated = exported
    unit = COMMUNES[1]
    path = next(p for p in raw.iterdir() if load_workbook(p, read_only=True)["_meta"]["B4"].value == unit)
    change(path, "B04", "NGHIEN", "G3", 2)
    _, differences, _ = run(site, raw, consolidated)
    found = {m.groups() for line in differences if (m := DIFFERENCE.match(line))}
    assert {name for name, where in found if where == "_values"} == {"B04/NGHIEN/G3", "B04/NGHIEN/CK"}
    closing = next(line for line in differences if line.startswith("KHÁC B04/NGHIEN/CK") and "[PL02 Biểu 04 A!" in line)
    numbers = re.search(r"cộng lại được (\d+), tệp ghi (\d+)", closing)
    assert numbers is not None and int(numbers[2]) - int(numbers[1]) == 2


def test_the_script_imports_nothing_of_the_program() -> None:
    for path in (SCRIPT, SCRIPT.with_name("independent_contract.py")):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"^\s*(?:from|import) (?:baocao|builders|demo)", text, re.MULTILINE) == []


def change(path: Path, form: str, row: str, column: str, by: int) -> None:
    """Add `by` to a figure of a raw workbook, found by its codes."""
    book = load_workbook(path)
    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            codes = {c.value: c.column for c in line if isinstance(c.value, str) and c.value.startswith("§")}
            if f"§{column}" not in codes or not any(code.startswith(f"§{form}.") for code in codes):
                continue
            mark = next(at for code, at in codes.items() if code.startswith(f"§{form}."))
            for below in range(line[0].row + 1, sheet.max_row + 1):
                if sheet.cell(below, mark).value == row:
                    cell = sheet.cell(below, codes[f"§{column}"])
                    cell.value = int(cell.value) + by
                    book.save(path)
                    return
    raise AssertionError(f"{path}: không có ô {form}/{row}/{column}")
