"""A pack that borrows its forms, and the map by which its result goes up."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from baocao.model.form import EntryLevel, RollUp
from baocao.model.pack_views import entered_by, pack_cells
from baocao.regimes.errors import PackError
from baocao.regimes.load import load_pack, pack_sha256
from builders.packs.pack import ROOT

REGIMES = ROOT / "include" / "regimes"
LENDER, CITY, WARD = "thanh-hoa-drug-programme", "hai-phong-drug-programme", "thuy-nguyen-ward"


@pytest.fixture
def packs(tmp_path: Path) -> Path:
    """Copies of the three packs that lean on each other, side by side."""
    for name in (LENDER, CITY, WARD):
        shutil.copytree(REGIMES / name, tmp_path / name)
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, f"{file.name} does not hold {old!r}"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def refused(folder: Path) -> PackError:
    with pytest.raises(PackError) as stopped:
        load_pack(folder)
    assert stopped.value.reason and stopped.value.cure
    return stopped.value


def test_a_city_uses_lent_cells_with_own_words() -> None:
    lender, city = load_pack(REGIMES / LENDER), load_pack(REGIMES / CITY)
    assert set(pack_cells(city)) == set(pack_cells(lender))
    assert {r.id for r in city.regime.relations} == {r.id for r in lender.regime.relations}
    printed = " ".join(
        text
        for form in city.forms
        for text in (*form.instructions, *(t for tb in form.tables for r in tb.rows for t in (r.name, r.note)))
    )
    assert "Công an thành phố" in printed and "Cấp thành phố" in printed
    assert "tỉnh" not in printed.replace("cai nghiện tỉnh", "")


def test_targets_of_a_borrowed_row_are_the_borrowers() -> None:
    lender, city = load_pack(REGIMES / LENDER), load_pack(REGIMES / CITY)
    _, theirs = lender.row("PL01", "CT08")
    _, ours = city.row("PL01", "CT08")
    assert set(theirs.targets) - set(ours.targets) == {"TH2"}


def test_departments_enter_exactly_what_the_ward_owes() -> None:
    ward, city = load_pack(REGIMES / WARD), load_pack(REGIMES / CITY)
    unit = city.unit("11560")
    assert unit is not None
    owed = {k for f in entered_by(city, unit) for k, (t, r, c) in f.cells.items() if t.is_entered(r, c)}
    mine = {
        k for u in ward.units for f in entered_by(ward, u) for k, (t, r, c) in f.cells.items() if t.is_entered(r, c)
    }
    assert mine == owed
    rows = [r for f in ward.forms for t in f.tables for r in t.rows if r.levels]
    assert {r.levels for r in rows} == {(EntryLevel.PROVINCE,)}
    assert not {r.roll_up for r in rows} & {RollUp.YES_COUNT, RollUp.CLASS_COUNT, RollUp.PROVINCE_OVER_SUM}


@pytest.mark.parametrize("changed", ["forms/B08/2025.1.yaml", "regime.yaml"])
def test_changing_the_lender_changes_every_borrowers_hash(packs: Path, changed: str) -> None:
    before = {name: pack_sha256(packs / name) for name in (CITY, WARD)}
    old, new = ("lượt người", "lượt") if changed.startswith("forms") else ("{id: CT01, left", "{id: CT01b, left")
    change(packs / LENDER / changed, old, new)
    assert all(pack_sha256(packs / name) != sha256 for name, sha256 in before.items())


def test_what_a_lender_does_not_lend_changes_nothing(packs: Path) -> None:
    before = pack_sha256(packs / CITY)
    change(packs / LENDER / "units.csv", "Sở Y tế", "Sở Y tế tỉnh")
    assert pack_sha256(packs / CITY) == before


def test_a_missing_lender_is_refused_with_its_line(packs: Path) -> None:
    change(packs / CITY / "regime.yaml", f"regime: {LENDER}", "regime: khong-co")
    error = refused(packs / CITY)
    assert (error.key, error.file.name) == ("forms_from.regime", "regime.yaml")
    assert "khong-co" in error.reason


def test_a_form_nobody_lends_stops_at_load(packs: Path) -> None:
    change(packs / CITY / "regime.yaml", '  B08: "2025.1"', '  B88: "2025.1"')
    assert "không có biểu B88" in refused(packs / CITY).reason


def test_packs_borrowing_from_each_other_are_refused(packs: Path) -> None:
    change(packs / CITY / "regime.yaml", f"regime: {LENDER}", f"regime: {WARD}")
    with pytest.raises(PackError, match="vòng quanh"):
        load_pack(packs / CITY)


def test_borrowed_rows_of_an_unknown_project_are_refused(packs: Path) -> None:
    change(packs / WARD / "regime.yaml", '  - code: "8"', '  - code: "8b"')
    assert "dự án 8 mà gói này không có" in refused(packs / WARD).reason


SAME = "same: all\n"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (SAME, "cells: {}\n", "chưa có nguồn, đầu tiên là PL01/CT01/TH"),
        (SAME, f"{SAME}cells:\n  PL01/CT02/*: PL01/CT01/*\n  PL01/CT03/*: PL01/CT01/*\n", "có hai nguồn"),
        (SAME, f"{SAME}cells:\n  PL01/CT99/*: PL01/CT02/*\n", "không có ô nào ứng với"),
        (SAME, f"{SAME}cells:\n  PL01/CT02/TH: PL01/CT06/TH\n", "không nhập ô PL01/CT06/TH"),
        (SAME, f"{SAME}cells:\n  PL01/CT08/TH: PL01/CT02/TH\n", "PL01/CT08/TH là bool còn PL01/CT02/TH là count"),
        (SAME, f"{SAME}cells:\n  PL01/CT02: PL01/CT02/*\n", "sai dạng"),
        ('unit: "11560"', 'unit: "99999"', "không có đơn vị 99999"),
        ("anchor: KH.IV.1", "anchor: KH.IV.9", "KH.IV.9"),
    ],
)
def test_an_incomplete_or_ambiguous_cell_map_is_refused(packs: Path, old: str, new: str, told: str) -> None:
    change(packs / WARD / "cascade.yaml", old, new)
    error = refused(packs / WARD)
    assert told in error.reason
    assert error.file.name == "cascade.yaml" and error.line > 1


def test_a_cell_is_left_out_only_with_reason(packs: Path) -> None:
    change(packs / WARD / "cascade.yaml", SAME, f"{SAME}not_collected:\n  PL01/CT01/TH: Phường không thu thập\n")
    cascade = load_pack(packs / WARD).cascade
    assert cascade is not None
    assert {str(k) for k in cascade.not_collected} == {"PL01/CT01/TH"}


def test_whole_forms_are_nil_only_for_their_reasons(packs: Path) -> None:
    change(packs / WARD / "cascade.yaml", SAME, f"{SAME}nil_forms:\n  B08: Chưa làm\n")
    assert "không khai không phát sinh cả biểu B08" in refused(packs / WARD).reason


def test_a_project_has_one_lead_or_is_shared(packs: Path) -> None:
    change(packs / WARD / "regime.yaml", "    shared: true", "    shared: true\n    lead: 11560-VHXH")
    assert "không có lead" in refused(packs / WARD).reason


def test_a_task_points_at_cells_that_are_there(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(REGIMES / "hai-phong-legal-aid", tmp_path / "hai-phong-legal-aid"))
    change(folder / "regime.yaml", "progress: NV/NV1A/TD", "progress: NV/NV9Z/TD")
    error = refused(folder)
    assert error.key == "projects[0].task.progress"
