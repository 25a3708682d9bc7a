"""`baocao regime new` and `baocao regime check`: exit codes, answers for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from builders.packs.pack import ROOT
from builders.sites.cli import Cli
from builders.sites.site import Site


@pytest.fixture
def cli(tmp_path: Path) -> Iterator[Cli]:
    root = tmp_path / "root"
    (root / "include" / "regimes").mkdir(parents=True)
    for name in ("templates", "reference"):
        (root / "include" / name).symlink_to(ROOT / "include" / name)
    with pytest.MonkeyPatch.context() as patch:
        yield Cli(Site(root, tmp_path / "data"), patch)


def test_a_new_regime_is_checked_and_never_overwritten(cli: Cli) -> None:
    made = cli("regime", "new", "thu", "--name", "Thử", "--year", "2027", "--json").json
    assert made["folder"] == str(cli.site.root / "include" / "regimes" / "thu")
    assert "forms/PL01/2027.1.yaml" in made["written"]
    checked = cli("regime", "check", "thu", "--json")
    assert checked.code == 0
    (pack,) = checked.json
    assert pack["regime"] == "thu" and pack["complete"] and pack["faults"] == []
    assert any("SỬA:" in w["reason"] and w["file"].endswith("regime.yaml") and w["line"] > 1 for w in pack["warnings"])
    again = cli("regime", "new", "thu")
    assert again.code == 3 and "đã có" in again.err


def test_the_first_year_defaults_to_this_year(cli: Cli) -> None:
    made = cli("regime", "new", "thu", "--json").json
    (version,) = {Path(name).stem for name in made["written"] if name.startswith("forms/")}
    assert f"years: [{version.partition('.')[0]}]" in Path(made["folder"], "regime.yaml").read_text(encoding="utf-8")


def test_an_outside_folder_is_checked_by_its_path(cli: Cli, tmp_path: Path) -> None:
    folder = tmp_path / "khac"
    assert cli("regime", "new", "khac", "--out", folder).code == 0
    assert cli("regime", "check", folder).code == 0
    (folder / "units.csv").unlink()
    checked = cli("regime", "check", folder)
    assert checked.code == 1
    assert f"LỖI  {folder}/units.csv:1: không có tệp này; hãy tạo tệp danh sách đơn vị" in checked.out
    assert "chưa đối chiếu" in checked.out and "khac: 1 lỗi" in checked.out


def test_without_a_name_every_regime_is_checked(cli: Cli) -> None:
    for code in ("mot", "hai"):
        assert cli("regime", "new", code).code == 0
    form = next((cli.site.root / "include" / "regimes" / "hai" / "forms" / "PL01").iterdir())
    text = form.read_text(encoding="utf-8")
    circle = "derive:  # dòng được tính\n          linear:  # cộng, trừ\n            plus: [CT01]"
    assert circle in text
    form.write_text(text.replace(circle, circle.replace("CT01", "CT07")), encoding="utf-8")
    checked = cli("regime", "check", "--json")
    assert checked.code == 1
    found = {pack["regime"]: pack["faults"] for pack in checked.json}
    assert found["mot"] == [] and len(found["hai"]) == 1
    assert "vòng tròn" in found["hai"][0]["reason"] and found["hai"][0]["file"] == str(form)


def test_an_unknown_regime_is_refused_naming_known_ones(cli: Cli) -> None:
    assert cli("regime", "new", "mot").code == 0
    asked = cli("regime", "check", "khong-co")
    assert asked.code == 3 and "mot" in asked.err
