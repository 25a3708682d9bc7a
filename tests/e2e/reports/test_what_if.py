"""`baocao what-if`: a past period under other rules, told apart finding by finding, and nothing touched."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from baocao.model.form import CellKey
from baocao.workflow.consolidating.drafting import basis_of
from baocao.workflow.installation import Refused
from baocao_authoring.what_if.answer import what_if_text
from baocao_authoring.what_if.trying import proposed_pack, what_if
from builders.sites.cli import Cli
from builders.sites.site import COMMUNES, PERIOD, REGIME, Site

CORRECTED, WITHOUT_AREA = COMMUNES[2], COMMUNES[3]


@pytest.fixture(scope="module")
def site(collected_template: Path, trimmed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Everything accepted, nothing consolidated. One for all tests: what-if writes nothing, as the first proves."""
    data = Path(shutil.copytree(collected_template, tmp_path_factory.mktemp("what-if") / "var"))
    site = Site(trimmed, data)
    correct_with_points_to_explain(site)
    yield site
    site.place.store.close()


def correct_with_points_to_explain(site: Site) -> None:
    """Two communes correct their reports, accepted with points to explain: more approved than filed (V16), plants
    without an area (V17)."""
    for unit, row, more in ((CORRECTED, "B04.13b", 50), (WITHOUT_AREA, "B04.24a", 3)):
        values = site.filled(unit).values
        names = {CellKey("B04", row, column) for column in ("TH", "LKN", "LKGD")}
        figures = {name: int(str(values[name])) + more for name in names}
        site.send(unit, site.workbook(unit, figures), site.in_time, f"dinh-chinh-{unit}.xlsx")
    assert site.collect()["accepted"] == 2


def fingerprints(folder: Path) -> dict[str, str]:
    """Every file of an installation with its hash: the database, the file store, inbox and outbox."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def edited(site: Site, tmp_path: Path, code: str, *edits: Any) -> Path:
    """A new version of a form, edited as data."""
    source = site.root / "include" / "regimes" / REGIME / "forms" / code / "2025.1.yaml"
    data = yaml.load(source.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    data["version"] = "2027.1"
    for edit in edits:
        edit(data)
    file = tmp_path / f"{code}-2027.1.yaml"
    file.write_text(yaml.dump(data, allow_unicode=True, Dumper=yaml.CSafeDumper), encoding="utf-8")
    return file


def row(data: dict[str, Any], code: str) -> dict[str, Any]:
    return next(r for t in data["tables"] for r in t["rows"] if r["code"] == code)


def a_new_rule(data: dict[str, Any]) -> None:
    data["relations"].append(
        {
            "rule": "V14",
            "id": "V14.thu",
            "severity": "blocks",
            "at_most": [["B04/NGHIEN/DK"], ["B04/NGHIEN/T1"]],
            "message": "Đầu kỳ {left} lớn hơn phát hiện mới {right}. Hãy sửa.",
        }
    )


def a_new_line(data: dict[str, Any]) -> None:
    new = {**row(data, "B04.13b"), "code": "B04.99", "item": "99", "name": "Số camera lắp mới"}
    data["tables"][1]["rows"].append(new)


def another_unit(data: dict[str, Any]) -> None:
    row(data, "B04.13a")["unit"] = "bộ"


def a_total_without_one_project(data: dict[str, Any]) -> None:
    row(data, "TONG")["derive"]["linear"]["plus"].remove("DA4")


@pytest.fixture(scope="module")
def with_other_b04(site: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], bool]:
    """The answer for Biểu 04 with a new rule, a new line, another unit; and whether nothing was touched meanwhile."""
    file = edited(site, tmp_path_factory.mktemp("b04"), "B04", a_new_rule, a_new_line, another_unit)
    site.place.store.close()
    before = fingerprints(site.data)
    fresh = Site(site.root, site.data)
    data = what_if(fresh.place, REGIME, PERIOD, proposed_pack(fresh.place, REGIME, None, file))
    fresh.place.store.close()
    return data, fingerprints(site.data) == before and len(before) > 12


def test_database_and_file_store_are_byte_identical_afterwards(
    with_other_b04: tuple[dict[str, Any], bool],
) -> None:
    data, untouched = with_other_b04
    assert untouched and not data["same"]


def test_new_rule_names_the_reports_it_would_return(site: Site, with_other_b04: tuple[dict[str, Any], bool]) -> None:
    data, _ = with_other_b04
    opening, found_new = CellKey.parse("B04/NGHIEN/DK"), CellKey.parse("B04/NGHIEN/T1")
    expected = set()
    for unit in site.units:
        values = site.filled(unit.code).values
        if not unit.is_lead_body and int(str(values[opening])) > int(str(values[found_new])):
            expected.add(unit.code)
    assert expected and {v["unit"] for v in data["verdicts"]} == expected
    assert {(v["verdict_before"], v["verdict_after"]) for v in data["verdicts"]} == {("accepted", "returned")}
    found = [f for u in data["units"] for f in u["appear"]]
    assert {(f["rule"], f["sheet"]) for f in found} == {("V14", "PL02 Biểu 04")}
    assert all(f["cell"] and f["message"].startswith("Đầu kỳ") for f in found)
    assert data["rules"] == [{"rule": "V14", "appear": len(expected), "vanish": 0, "units": len(expected)}]
    assert data["forms_changed"] == [{"form": "B04", "before": "2025.1", "after": "2027.1"}]
    assert data["submissions"] == len(site.units) == 12


def test_text_answer_names_verdicts_rules_and_cells(
    with_other_b04: tuple[dict[str, Any], bool],
) -> None:
    said = what_if_text(with_other_b04[0])
    assert "tiếp nhận -> trả lại" in said and "V14: thêm " in said and "  + SAI V14 PL02 Biểu 04!" in said
    assert "6 ô, dòng, biểu mới không có trong tệp cũ" in said and "không so được" in said
    assert "accepted" not in said and "comparable" not in said


def test_newly_asked_cells_are_counted_without_fault(
    with_other_b04: tuple[dict[str, Any], bool],
) -> None:
    data, _ = with_other_b04
    assert data["not_asked"] == 6  # the line, once a commune
    assert not [
        f for u in data["units"] for f in u["appear"] if "B04.99" in f["message"] or f["rule"] in {"V03", "V41"}
    ]


def test_figure_with_another_unit_is_not_comparable(
    with_other_b04: tuple[dict[str, Any], bool],
) -> None:
    data, _ = with_other_b04
    values = {v["cell"]: v for v in data["values"]}
    assert values["B04/B04.13a/TH"]["before"] == values["B04/B04.13a/TH"]["after"]
    assert {v["comparable"] for v in data["values"] if v["what"] == "changed"} == {False}
    assert {v["cell"].split("/")[1] for v in data["values"]} == {"B04.13a"}


def test_other_roll_up_shows_figures_before_and_after(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = edited(site, tmp_path, "PL03", a_total_without_one_project)
    answer = Cli(site, monkeypatch)("what-if", "--period", PERIOD, "--form", file, "--json")
    assert answer.code == 1 and (answer.json["period"], answer.json["same"]) == (PERIOD, False)
    with site.place.store.read() as conn:
        now = basis_of(site.place, conn, site.pack, site.period).consolidation
    total, part = (now.number(CellKey.parse(f"PL03/{code}/GN")) for code in ("TONG", "DA4"))
    assert total and part
    figure = next(v for v in answer.json["values"] if v["cell"] == "PL03/TONG/GN")
    assert (figure["before"], figure["after"], figure["comparable"]) == (total, total - part, True)
    # The files show the total their old blanks computed: that is nobody's fault.
    assert (answer.json["units"], answer.json["verdicts"]) == ([], [])
    said = what_if_text(answer.json)
    assert "PL03 2025.1 -> 2027.1" in said and "  - PL03/TONG/GN: " in said


def test_earlier_deadline_adds_and_removed_rules_drop_findings(site: Site, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(site.root / "include" / "regimes" / REGIME, tmp_path / REGIME))
    edit_six_month(folder / "regime.yaml")
    no_relations = edited(site, tmp_path, "B04", lambda data: data.update(relations=[], version="2025.1"))
    shutil.copy(no_relations, folder / "forms" / "B04" / "2025.1.yaml")
    data = what_if(site.place, REGIME, PERIOD, proposed_pack(site.place, REGIME, folder, None))
    assert {f["rule"] for u in data["units"] for f in u["appear"]} == {"V43"}
    assert len([u for u in data["units"] if u["appear"]]) == 12
    gone = [(u["unit"], f) for u in data["units"] for f in u["vanish"]]
    # Every rule of that form is gone: each commune is rid of what it was told.
    assert {(f["severity"], f["sheet"]) for _, f in gone} == {("explain", "PL02 Biểu 04")}
    assert {(unit, f["rule"]) for unit, f in gone} == {(CORRECTED, "V16"), (WITHOUT_AREA, "V17")}
    assert data["verdicts"] == [] and data["values"] == []


def edit_six_month(file: Path) -> None:
    """Cut-off and the units' deadline of the half year earlier: what was sent two days before is now late."""
    text = file.read_text(encoding="utf-8")
    at = text.index("kind: six_month")
    head, body = text[:at], text[at:]
    body = body.replace("day: 14", "day: 10", 1).replace("day: 20", "day: 16", 1)
    file.write_text(head + body, encoding="utf-8")


def test_the_rules_in_force_change_nothing(site: Site) -> None:
    folder = site.root / "include" / "regimes" / REGIME
    data = what_if(site.place, REGIME, PERIOD, proposed_pack(site.place, REGIME, folder, None))
    assert data["same"] and data["pack_before"] == data["pack_after"]
    assert (data["verdicts"], data["units"], data["values"], data["targets"]) == ([], [], [], [])
    assert "KHÔNG có gì khác" in what_if_text(data)


def test_what_if_needs_reports_and_one_proposal(site: Site, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="chưa mở"):
        what_if(site.place, REGIME, "2026-Y", site.pack)
    with pytest.raises(Refused, match="đúng một trong hai"):
        proposed_pack(site.place, REGIME, None, None)
    with pytest.raises(Refused, match="đúng một trong hai"):
        proposed_pack(site.place, REGIME, tmp_path, tmp_path / "x.yaml")


def test_form_that_does_not_load_names_its_line(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "hong.yaml"
    source = site.root / "include" / "regimes" / REGIME / "forms" / "B09" / "2025.1.yaml"
    broken.write_text(source.read_text(encoding="utf-8").replace("roll_up: sum", "roll_up: cong", 1), encoding="utf-8")
    refused = Cli(site, monkeypatch)("what-if", "--period", PERIOD, "--form", broken)
    assert refused.code == 3 and "hong.yaml:" in refused.err and "cong" in refused.err
