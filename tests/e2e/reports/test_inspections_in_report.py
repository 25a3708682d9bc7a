"""Biểu 09 and the register of inspections: the blank comes filled from it, and what is filed is compared with it."""

from __future__ import annotations

import email
import re
import shutil
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import CellKey
from builders.sites.cli import Cli
from builders.sites.register import FIRST, LEAD, Register
from builders.sites.site import PERIOD, Site


@pytest.fixture
def register(cli: Cli, tmp_path: Path) -> Register:
    """Of an installation where nobody keeps one."""
    return Register(cli, tmp_path)


@pytest.fixture(scope="module")
def done_template(trimmed: Path, tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> Path:
    """Two inspections done in the half year, by two bodies; one took too long; a third is planned for autumn."""
    folder = tmp_path_factory.mktemp("inspected")
    with pytest.MonkeyPatch.context() as monkeypatch:
        site = Site(trimmed, folder / "var")
        site.data.mkdir()
        shutil.copy(migrated_sqlite, site.data / "baocao.db")
        register = Register(Cli(site, monkeypatch), folder)
        register.plan()
        register.road(1, "2026-03-03", "2026-03-09", "2026-03-13", "2026-03-20")
        register.notify(2, "2026-04-20")
        register.start(2, "2026-05-04")
        register.finish(2, "2026-05-11", "--note", "Hồ sơ nhiều")
        site.place.store.close()
    return site.data


@pytest.fixture
def done(done_template: Path, cli: Cli, tmp_path: Path) -> Register:
    shutil.copytree(done_template, cli.site.data)
    return Register(cli, tmp_path)


def test_blank_is_filled_from_the_inspection_register(done: Register) -> None:
    register, site = done, done.cli.site
    site.open()
    out = register.folder / "bieu.xlsx"
    at = ("--period", PERIOD, "--as-of", "2026-06-01T09:00", "--out", out)
    register.cli("blank", LEAD, *at)
    cells = type_workbook(read_workbook(out.read_bytes()), site.pack).cells
    found = {k.row + "/" + k.column: c.value for k, c in cells.items() if k.form == "B09" and c.value is not None}
    expected = {"a": (3, 2), "b": (3, 2), "c": (3, 2), "d": (0, 1), "e": (3, 1)}
    for row, (year, period) in expected.items():
        assert [found.pop(f"B09.03{row}/{c}") for c in ("KHN", "TH", "LKN", "LKGD")] == [year, *[period] * 3], row
    assert all(name.endswith("/TLKH") for name in found)  # the ratios a spreadsheet would compute from them
    mailed = next(site.place.settings.outbox.glob(f"*{PERIOD}__{LEAD}__window_opened.eml"))
    mail = email.message_from_bytes(mailed.read_bytes(), policy=default)
    (blank,) = mail.iter_attachments()  # type: ignore[attr-defined]
    assert blank.get_payload(decode=True) == out.read_bytes()
    register.cli("blank", FIRST, *at)
    theirs = type_workbook(read_workbook(out.read_bytes()), site.pack).cells
    assert all(c.value is None for k, c in theirs.items() if k.form == "B09")


def _row(row: str, period: int, note: str | None = None) -> dict[CellKey, Any]:
    cells: dict[CellKey, Any] = {CellKey("B09", row, c): period for c in ("TH", "LKN", "LKGD")}
    cells[CellKey("B09", row, "KHN")] = 0 if row == "B09.03d" else 3
    return {**cells, CellKey("B09", row, "GT"): note}


def _check(register: Register, filed: int, note: str | None = None) -> list[dict[str, Any]]:
    site = register.cli.site
    change: dict[CellKey, Any] = {}
    for row, period in {"B09.03a": 2, "B09.03b": filed, "B09.03c": 2, "B09.03d": 1, "B09.03e": 1}.items():
        change |= _row(row, period, "Hồ sơ nhiều" if row == "B09.03d" else note)
    file = register.folder / "bao-cao.xlsx"
    file.write_bytes(site.workbook(LEAD, change))
    answer = register.cli("check", file, "--json").json
    assert answer["verdict"] == "accepted", answer["findings"]
    return [f for f in answer["findings"] if f["rule"] == "V61"]


def test_report_agreeing_with_the_register_needs_no_explanation(done: Register) -> None:
    assert _check(done, 2) == []


def test_report_differing_from_the_register_must_explain(done: Register) -> None:
    found = _check(done, 3)
    assert [(f["item"], f["severity"], f["actual"], f["expected"]) for f in found] == [
        ("B09.03", "explain", "3", "2")
    ] * 3
    assert all(re.search(r"ghi 3, sổ theo dõi kiểm tra có 2", f["message"]) for f in found)
    assert {f["key"] for f in found} == {f"V61|B09/B09.03b/{c}" for c in ("TH", "LKN", "LKGD")}


def test_note_in_the_row_explains_a_difference(done: Register) -> None:
    assert {f["explanation"] for f in _check(done, 3, "Một cuộc đột xuất")} == {"Một cuộc đột xuất"}


def test_empty_register_raises_no_questions(register: Register) -> None:
    assert _check(register, 3) == []
