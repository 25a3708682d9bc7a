"""`baocao form learn`, `form diff`: from an unseen official form to a live, checked one with commands alone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml
from openpyxl import load_workbook

from baocao.model.form import CellKey
from builders.files.workbook import fill, places
from builders.packs import official
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site


@pytest.fixture
def own(trimmed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """An installation whose pack may be edited, with the period opened."""
    root = tmp_path / "root"
    (root / "include").mkdir(parents=True)
    (root / "sql").symlink_to(trimmed / "sql")
    for name in ("templates", "reference"):
        (root / "include" / name).symlink_to(trimmed / "include" / name)
    shutil.copytree(trimmed / "include" / "regimes", root / "include" / "regimes")
    return Cli(Site(root, tmp_path / "var"), monkeypatch)


def pack_of(cli: Cli) -> Path:
    return cli.site.root / "include" / "regimes" / REGIME


def test_unseen_form_goes_live_without_code(own: Cli, tmp_path: Path) -> None:
    original, draft = tmp_path / "bieu-12.xlsx", tmp_path / "B12.yaml"
    original.write_bytes(official.statistical_form())
    # 1. Learn: a draft that loads, in this very pack, and a list of decisions.
    learned = own("form", "learn", original, "--version", "2026.1", "--out", draft)
    assert learned.code == 0, learned.err
    assert "cũng nạp được trong gói" in learned.out and "Người phải quyết định 9 việc" in learned.out
    # 2. A person reviews and puts the file in force: two edits of text files.
    text = draft.read_text(encoding="utf-8")
    (pack_of(own) / "forms" / "B12").mkdir()
    (pack_of(own) / "forms" / "B12" / "2026.1.yaml").write_text(text, encoding="utf-8")
    regime = pack_of(own) / "regime.yaml"
    regime.write_text(regime.read_text(encoding="utf-8").replace("\nforms:\n", '\nforms:\n  B12: "2026.1"\n'), "utf-8")
    # 3. The blank has the new sheet; a unit fills it in.
    blank = tmp_path / "trong.xlsx"
    assert own("blank", COMMUNES[0], "--period", PERIOD, "--out", blank).code == 0
    where = places(load_workbook(blank))
    total = CellKey.parse("B12/B12.06/TH")
    entries = {CellKey.parse(f"B12/B12.{n}/TH"): 4 for n in ("01", "03", "07", "08", "09", "10")}
    sent = tmp_path / "da-dien.xlsx"
    sent.write_bytes(fill(blank.read_bytes(), {**entries, total: 99}))
    # 4. The check names the cell and the figure it must hold.
    checked = own("check", sent, "--period", PERIOD, "--json")
    assert (checked.code, checked.json["verdict"]) == (1, "returned")
    found = next(f for f in checked.json["findings"] if f["key"] == f"V25|{total}")
    sheet, line, _ = where[total]
    assert (found["sheet"], found["cell"][1:]) == (sheet, str(line))
    assert (found["actual"], found["suggestion"]) == ("99", "12")


def test_form_learn_prints_yaml_without_output_file(own: Cli, tmp_path: Path) -> None:
    original = tmp_path / "bieu.xlsx"
    original.write_bytes(official.movement_form())
    said = own("form", "learn", original, "--version", "2026.1")
    assert said.code == 0
    data = yaml.safe_load(said.out)
    assert (data["code"], data["version"], data["assumed"]) == ("B21", "2026.1", True)
    answer = own("form", "learn", original, "--version", "2026.1", "--json").json
    assert answer["yaml"].strip() == said.out.strip()
    assert answer["loads"] and answer["pack_loads"] and answer["regime"] == REGIME
    assert all(set(d) == {"about", "reason", "cell"} for d in answer["decisions"])


def test_a_draft_on_disk_is_never_overwritten(own: Cli, tmp_path: Path) -> None:
    original, draft = tmp_path / "bieu.xlsx", tmp_path / "B21.yaml"
    original.write_bytes(official.movement_form())
    draft.write_text("đã sửa tay", encoding="utf-8")
    refused = own("form", "learn", original, "--out", draft)
    assert refused.code == 3 and "đã có" in refused.err
    assert draft.read_text(encoding="utf-8") == "đã sửa tay"


def test_refused_form_is_drafted_with_its_reason(own: Cli, tmp_path: Path) -> None:
    original, draft = tmp_path / "bieu.xlsx", tmp_path / "B21.yaml"
    original.write_bytes(official.movement_form())
    # In the place of Phụ lục 01: targets and relations of the regime lean on what the new form has not.
    said = own("form", "learn", original, "--code", "PL01", "--version", "2026.1", "--out", draft)
    assert said.code == 1
    assert draft.exists() and "chưa nạp được với biểu này" in said.out and "không có" in said.out


@pytest.mark.parametrize(
    ("data", "name", "why"),
    [
        (b"%PDF-1.7 " + bytes(600), "bieu.pdf", "PDF"),
        (b"", "rong.xlsx", "rong.xlsx"),
    ],
)
def test_file_without_a_form_is_refused_with_reason(own: Cli, tmp_path: Path, data: bytes, name: str, why: str) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    refused = own("form", "learn", file, "--version", "2026.1")
    assert refused.code == 3 and why in refused.err and refused.out == ""


def test_form_diff_compares_versions_and_files(own: Cli, tmp_path: Path) -> None:
    folder = pack_of(own) / "forms" / "B04"
    text = (folder / "2025.1.yaml").read_text(encoding="utf-8")
    new = text.replace('version: "2025.1"', 'version: "2027.1"').replace('unit: "m²"', 'unit: "ha"')
    assert new.count('ha"') > text.count('ha"')
    (folder / "2027.1.yaml").write_text(new, encoding="utf-8")
    by_name = own("form", "diff", "B04", "2025.1", "2027.1", "--json")
    assert by_name.code == 1
    assert {c["key"] for c in by_name.json["changes"]} == {"unit"}
    # The area counts in two limits of a key commune of class I as well.
    named = {"V22.CT12.TH", "V22.CT12.MS", "V29.loại-I", "V29.đủ-mức"}
    assert {t["name"] for t in by_name.json["touches"]} == named
    by_path = own("form", "diff", folder / "2025.1.yaml", folder / "2027.1.yaml")
    assert (
        by_path.code == 1
        and "«m²» thành «ha»" in by_path.out
        and "XEM LẠI regime.yaml: Quan hệ V22.CT12" in by_path.out
    )
    same = own("form", "diff", "B04", "2025.1", "2025.1")
    assert same.code == 0 and "giống nhau hoàn toàn" in same.out
    unknown = own("form", "diff", "B04", "2025.1", "2031.1")
    assert unknown.code == 3 and "2025.1, 2027.1" in unknown.err


def test_code_already_used_is_refused_with_the_cure(own: Cli, tmp_path: Path) -> None:
    page = official.Page()
    page.put("A1", "Biểu số 04")
    page.put("A2:D2", "KẾT QUẢ TUẦN TRA", bold=True)
    page.line(4, ["STT", "Chỉ tiêu", "ĐVT", "Thực hiện"])
    page.line(5, [1, "Số lượt", "lượt"])
    file = tmp_path / "tuan-tra.xlsx"
    file.write_bytes(page.bytes())
    said = own("form", "learn", file, "--version", "2026.1")
    assert said.code == 3 and "mã đã có, dùng --code" in said.err and "--code B04-2" in said.err
