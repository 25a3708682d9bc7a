"""`baocao check`: verdict, findings, exit code and the marked copy."""

from __future__ import annotations

from pathlib import Path

from openpyxl import load_workbook

from baocao.forms.reading.read import read_workbook
from baocao.model.form import CellKey
from builders.files.hostile import part, rebuilt, replaced
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME

OPENING = CellKey("B04", "NGHIEN", "DK")
FINDING = {"rule", "severity", "sheet", "cell", "item", "name", "message", "expected", "actual", "suggestion"}


def test_right_workbook_gives_exit_code_0(cli: Cli, tmp_path: Path) -> None:
    cli.site.load_baseline()
    cli.site.open()
    file = tmp_path / "dung.xlsx"
    file.write_bytes(cli.site.workbook(COMMUNES[0]))
    answer = cli("check", file, "--as-of", "2026-06-17", "--json")
    assert (answer.code, answer.json["verdict"]) == (0, "accepted")
    assert (answer.json["unit"], answer.json["period"]) == (COMMUNES[0], PERIOD)


def test_wrong_workbook_is_returned_with_marked_copy(cli: Cli, tmp_path: Path) -> None:
    cli.site.load_baseline()
    cli.site.open()
    wrong = int(str(cli.site.filled(COMMUNES[0]).values[OPENING])) + 7
    file, marked = tmp_path / "sai.xlsx", tmp_path / "danh-dau.xlsx"
    file.write_bytes(cli.site.workbook(COMMUNES[0], {OPENING: wrong}))
    answer = cli("check", file, "--as-of", "2026-06-17", "--marked", marked, "--json")
    assert (answer.code, answer.json["verdict"]) == (1, "returned")
    found = next(f for f in answer.json["findings"] if f["rule"] == "V31")
    assert set(found) >= FINDING and found["severity"] == "blocks"
    assert (found["expected"], found["actual"]) == (f"{wrong - 7}", f"{wrong}")
    assert found["message"] and found["name"]
    book = load_workbook(marked)
    assert book.sheetnames[0] == "Kết quả kiểm tra"
    assert book[found["sheet"]][found["cell"]].value == wrong
    # The marked copy is the unit's workbook still: it reads, and explanations survive.
    assert read_workbook(marked.read_bytes()).meta["unit"] == COMMUNES[0]
    again = cli("check", marked, "--as-of", "2026-06-17", "--json")
    assert again.code == 1 and {f["key"] for f in again.json["findings"]} == {f["key"] for f in answer.json["findings"]}


def test_file_that_is_no_workbook_gives_exit_2(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "bao-cao.pdf"
    file.write_bytes(b"%PDF-1.7 " + bytes(600))
    answer = cli("check", file, "--as-of", "2026-06-17", "--json")
    assert (answer.code, answer.json["verdict"], answer.json["findings"]) == (2, "quarantined", [])
    assert "PDF" in answer.json["message"]


def test_check_without_json_prints_readable_lines(cli: Cli, tmp_path: Path) -> None:
    cli.site.load_baseline()
    wrong = int(str(cli.site.filled(COMMUNES[0]).values[OPENING])) + 7
    file = tmp_path / "sai.xlsx"
    file.write_bytes(cli.site.workbook(COMMUNES[0], {OPENING: wrong}))
    first, *lines = cli("check", file, "--as-of", "2026-06-17").out.splitlines()
    assert first.startswith("sai.xlsx: CHƯA ĐẠT: có ")
    assert any(line.startswith("SAI V31 PL02 Biểu 04!") for line in lines)


def test_check_without_a_day_ignores_the_window(cli: Cli, tmp_path: Path) -> None:
    cli.site.load_baseline()
    file = tmp_path / "som.xlsx"
    file.write_bytes(cli.site.workbook(COMMUNES[0]))
    answer = cli("check", file, "--json")
    assert (answer.code, answer.json["verdict"], answer.json["period"]) == (0, "accepted", PERIOD)
    assert answer.json["findings"] == []


def test_check_outside_the_window_says_so(cli: Cli, tmp_path: Path) -> None:
    cli.site.load_baseline()
    file = tmp_path / "som.xlsx"
    file.write_bytes(cli.site.workbook(COMMUNES[0]))
    for day, why in (("2026-05-04", "chưa mở"), ("2027-01-04", "đã khóa")):
        answer = cli("check", file, "--as-of", day, "--json")
        assert (answer.code, [f["rule"] for f in answer.json["findings"]]) == (1, ["V05"])
        assert why in answer.json["findings"][0]["message"]


def test_check_for_another_period_is_refused(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "nam.xlsx"
    annual = cli.site.place.period(REGIME, "2026-Y")
    file.write_bytes(cli.site.workbook(COMMUNES[0], period=annual))
    answer = cli("check", file, "--period", PERIOD, "--as-of", "2026-06-17", "--json")
    assert answer.code == 1 and [f["rule"] for f in answer.json["findings"]] == ["V05"]


def test_file_that_no_library_opens_is_still_marked(cli: Cli, tmp_path: Path) -> None:
    """A date in its properties that is none: the verdict does not wait for a library to like the file."""
    cli.site.load_baseline()
    cli.site.open()
    good = cli.site.workbook(COMMUNES[0])
    garbage = replaced(good, "docProps/core.xml", "T", "garbage")
    file, marked = tmp_path / "la.xlsx", tmp_path / "danh-dau.xlsx"
    file.write_bytes(garbage)
    assert cli("check", file, "--as-of", "2026-06-17", "--json").code == 0
    file.write_bytes(
        rebuilt(
            cli.site.workbook(COMMUNES[0], {OPENING: "hai mươi"}),
            {"docProps/core.xml": part(garbage, "docProps/core.xml")},
        )
    )
    answer = cli("check", file, "--as-of", "2026-06-17", "--marked", marked, "--json")
    assert answer.code == 1
    index = read_workbook(marked.read_bytes()).table("KQ", "A")
    assert index is not None and index.rows
