"""Every fault of a pack is told, not only the first; warnings are no faults."""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path

import pytest

from baocao.regimes.errors import PackError
from baocao.regimes.examination.faults import Examination, examine
from baocao.regimes.load import load_pack, regime_folders
from baocao_authoring.skeleton import write_skeleton
from builders.packs.pack import FOLDER, REFERENCE, ROOT, line_of

PL01, PL04 = "forms/PL01/2027.1.yaml", "forms/PL04/2027.1.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "thu"
    write_skeleton(folder, code="thu", name="Thử", year=2027)
    return folder


def change(folder: Path, file: str, *pairs: tuple[str, str]) -> None:
    text = (folder / file).read_text(encoding="utf-8")
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / file).write_text(text, encoding="utf-8")


def examined(folder: Path) -> Examination:
    found = examine(folder, REFERENCE)
    for remark in found.faults + found.warnings:
        assert remark.reason and remark.cure and remark.line >= 1
        assert remark.file.is_file() or "không có tệp" in remark.reason
    return found


def keys(found: tuple[PackError, ...], folder: Path) -> set[tuple[str, str]]:
    return {(f.file.relative_to(folder).as_posix(), f.key) for f in found}


def test_a_document_without_number_or_date_is_reported(folder: Path) -> None:
    unnumbered = 'document: "SỬA: số, ký hiệu, ngày, cơ quan ban hành"', "document: Kế hoạch năm 2027"
    change(folder, "regime.yaml", unnumbered)
    [told] = [w for w in examined(folder).warnings if w.key == "legal_basis[0].document"]
    assert "thiếu số và ngày: «Kế hoạch năm 2027»" in told.reason
    change(folder, "regime.yaml", ("Kế hoạch năm 2027", "Kế hoạch số 12/KH-UBND ngày 05/01/2027 của UBND tỉnh"))
    assert not [w for w in examined(folder).warnings if w.key == "legal_basis[0].document"]


def test_days_between_two_periods_are_told(folder: Path) -> None:
    """Figures of those days would reach nobody, or be reported twice."""
    kept = "cutoff: {day: 14, month: 12}"
    change(folder, "regime.yaml", ("name: năm {year}\n    years: [2027]", "name: năm {year}\n    years: [2027, 2028]"))
    assert not [w for w in examined(folder).warnings if w.key.endswith("covers_from")]
    change(folder, "regime.yaml", (kept, kept.replace("14", "12")))
    [told] = [w for w in examined(folder).warnings if w.key.endswith("covers_from")]
    assert told.reason == "giữa 2027-Y (chốt 12/12/2027) và 2028-Y có 2 ngày không kỳ nào tính"
    change(folder, "regime.yaml", ("cutoff: {day: 12, month: 12}", "cutoff: {day: 16, month: 12}"))
    [told] = [w for w in examined(folder).warnings if w.key.endswith("covers_from")]
    assert told.reason.endswith("có 2 ngày tính ở cả hai kỳ")


def test_two_columns_of_a_role_printed_once_are_told(folder: Path) -> None:
    assert not [w for w in examined(folder).warnings if w.key == "tables[0].columns"]
    change(folder, PL01, ("role: cumulative_year}", "role: actual}"))
    [told] = [w for w in examined(folder).warnings if w.key == "tables[0].columns"]
    assert told.reason == "các cột TH, LKN cùng vai trò actual trong một dòng: báo cáo chỉ in cột sau cùng"


def test_the_shipped_pack_has_assumptions_but_no_fault() -> None:
    found = examined(FOLDER)
    assert found.faults == () and found.complete
    told = {(w.file.name, w.key) for w in found.warnings}
    assert ("2025.1.yaml", "assumed") in told
    assert {"căn cứ HD46 do hệ thống giả định", "nơi nhận bo-y-te chưa được cơ quan xác nhận"} <= {
        w.reason for w in found.warnings
    }
    assert any(w.reason.startswith("kỳ monthly chưa bật") for w in found.warnings)


def test_faults_of_every_file_are_told_together(folder: Path) -> None:
    change(folder, "regime.yaml", ("time_zone:", "zone:"), ("trust: assumed", "trust: sure"))
    change(folder, "targets.yaml", ('operator: ">="', 'operator: "=>"'), ("value: 70", "value: bảy mươi"))
    change(folder, PL01, ("role: plan_year", "role: plan"), ("nature: stock  #", "nature: stok  #"))
    change(folder, PL04, ("roll_up: list", "roll_up: lst"))
    change(folder, "units.csv", ("commune", "xã"), ("00002,", "2,"), ("agency,co-quan-1@", "agency,co-quan-1 "))
    found = examined(folder)
    assert not found.complete and found.warnings == ()
    assert keys(found.faults, folder) == {
        ("regime.yaml", "zone"),
        ("regime.yaml", "legal_basis[0].trust"),
        ("targets.yaml", "targets[0].operator"),
        ("targets.yaml", "targets[0].value"),
        (PL01, "tables[0].columns[0].role"),
        (PL01, "tables[0].rows[1].nature"),
        (PL04, "tables[0].rows[0].roll_up"),
        ("units.csv", "kind"),
        ("units.csv", "code"),
        ("units.csv", "email"),
    }
    assert [(f.file.as_posix(), f.line) for f in found.faults] == sorted(
        (f.file.as_posix(), f.line) for f in found.faults
    )
    trust = next(f for f in found.faults if f.key == "legal_basis[0].trust")
    assert trust.line == line_of(folder, "regime.yaml", "trust: sure")


def test_contradictions_between_files_are_told_together(folder: Path) -> None:
    change(
        folder,
        "regime.yaml",
        ("recipients: [cap-tren]", "recipients: [cap-tren, cap-duoi, cap-khac]"),
        ("recipients_anchor: VB.giao", "recipients_anchor: VB.khac"),
        ("lead: 00-CQ1", "lead: 00-CQ2"),
        ("activity: []", "activity: [PL01/CT99/TH, PL01/CT98/TH]"),
        ("narrative_form: PL04", "narrative_form: PL05"),
        ("default_nil: {}", "default_nil: {B01: x}"),
        ("days_from_safe: -7", "days_from_due: 7\n    days_from_safe: -7"),
    )
    change(folder, "targets.yaml", ("indicator: PL01/CT03", "indicator: PL01/CT33"))
    change(
        folder,
        PL01,
        ("columns: [TH, GT]  #", "columns: [TH, GT]\n        options: [a]  #"),
        ("[[PL01/CT02/TH], [PL01/CT01/TH]]", "[[PL01/CT02/TX], [PL01/CT01/TX]]"),
        ("rule: V32", "rule: V99"),
        ("id: V32.PL01", "id: V14.CT02"),
        ("({left}) lớn hơn", "({trái}) lớn hơn"),
        ("plus: [CT01]", "plus: [CT77]"),
        ("levels: [commune]  #", "levels: []  #"),
    )
    found = examined(folder)
    assert found.complete
    assert keys(found.faults, folder) == {
        ("regime.yaml", "periods[0].recipients[1]"),
        ("regime.yaml", "periods[0].recipients[2]"),
        ("regime.yaml", "periods[0].recipients_anchor"),
        ("regime.yaml", "periods[0].narrative_form"),
        ("regime.yaml", "projects[0].lead"),
        ("regime.yaml", "projects[0].activity[0]"),
        ("regime.yaml", "projects[0].activity[1]"),
        ("regime.yaml", "default_nil.B01"),
        ("regime.yaml", "reminders[0]"),
        ("targets.yaml", "targets[0].indicator"),
        (PL01, "tables[0].rows[1]"),
        (PL01, "tables[0].rows[7].derive"),
        (PL01, "relations[0].at_most"),
        (PL01, "relations[0].message"),
        (PL01, "relations[1].rule"),
        (PL01, "relations[1].id"),
    }
    unknown = [f.reason for f in found.faults if f.key == "relations[0].at_most"]
    assert unknown == ["không có ô PL01/CT01/TX", "không có ô PL01/CT02/TX"]
    with pytest.raises(PackError) as stopped:
        load_pack(folder)
    assert str(stopped.value).splitlines()[0] in [str(f) for f in found.faults]


def test_a_wrong_form_code_hides_no_other_fault(folder: Path) -> None:
    change(folder, PL01, ("code: PL01", "code: PL02"), ("rule: V32", "rule: V99"))
    change(folder, PL04, ("roll_up: list", "roll_up: sum"))
    found = keys(examined(folder).faults, folder)
    assert {(PL01, "code"), (PL01, "relations[1].rule"), (PL04, "tables[0].rows[0].roll_up")} <= found
    assert ("targets.yaml", "targets[0].indicator") in found


def test_impossible_dates_are_told_for_every_period(folder: Path) -> None:
    change(
        folder,
        "regime.yaml",
        ("cutoff: {day: 14, month: 6}", "cutoff: {day: 19, month: 6}"),
        ("cutoff: {day: 14, month: 12}", "cutoff: {day: 31, month: 11}"),
        ("years: [2027]", "years: [2026, 2027, 2028]"),
        ("    enabled: false  #", "    enabled: true  #"),
        ("enabled: false\n", "enabled: true\n"),
    )
    found = examined(folder).faults
    assert [f.key for f in found] == ["periods[0].unit.before", "periods[1].cutoff"]
    assert "V45" in found[0].reason and "2026-H1" in found[0].reason and "31/11/2027" in found[1].reason
    assert found[0].line == line_of(folder, "regime.yaml", "before: {day: 20, month: 6}")


def test_impossible_dates_of_disabled_periods_only_warn(folder: Path) -> None:
    change(folder, "regime.yaml", ("cutoff: {day: 14, month: 6}", "cutoff: {day: 19, month: 6}"))
    found = examined(folder)
    assert found.faults == ()
    assert any("V45" in w.reason for w in found.warnings)


def test_two_periods_that_open_together_are_reported(folder: Path) -> None:
    change(
        folder,
        "regime.yaml",
        ("    enabled: false  #", "    enabled: true  #"),
        ("enabled: false\n", "enabled: true\n"),
        ("opens: {day: 1, month: 12}", "opens: {day: 1, month: 6}"),
        ('"{year}-Y"', '"{year}-H1"'),
    )
    (fault,) = examined(folder).faults
    assert fault.key == "periods[1].code" and "bị trùng" in fault.reason


@pytest.mark.parametrize("file", ["regime.yaml", "targets.yaml", "units.csv", PL01])
def test_a_missing_file_hides_no_other_fault(folder: Path, file: str) -> None:
    (folder / file).unlink()
    change(folder, PL04, ("roll_up: list", "roll_up: lst"))
    found = examined(folder)
    assert not found.complete
    assert {f for f, _ in keys(found.faults, folder)} == {file, PL04}


def test_invalid_yaml_is_reported_with_its_line(folder: Path) -> None:
    change(folder, PL01, ("title: ", "title: ["))
    change(folder, "targets.yaml", ("value: 70", "value: [] []"))
    found = examined(folder).faults
    assert [(f.file.name, f.line) for f in found] == [
        ("2027.1.yaml", line_of(folder, PL01, "short:")),
        ("targets.yaml", line_of(folder, "targets.yaml", "value: [] []")),
    ]


def test_what_somebody_should_know_is_a_warning(folder: Path) -> None:
    change(
        folder,
        "regime.yaml",
        ("recipients: [cap-tren]", "recipients: []"),
        ("recipients: [cap-tren]\n", "recipients: []\n"),
        ("      - id: HT.đặt", "      - {id: VB.thừa, article: b, text: c, trust: confirmed}\n      - id: HT.đặt"),
    )
    change(folder, "units.csv", ("bao-cao.00002@don-vi.example", ""), ("lanh-dao.co-quan-1@don-vi.example", ""))
    change(folder, PL01, ("levels: [commune, province]  # xét", "levels: [province]  # xét"))
    form = (folder / PL04).read_text(encoding="utf-8").split("tables:")[0].replace("PL04", "PL09")
    heading = '{code: H, item: "1", name: Chỉ có tiêu đề, heading: true}'
    table = f"tables:\n  - code: A\n    columns: [{{code: GT, title: Ghi, role: explanation}}]\n    rows: [{heading}]\n"
    (folder / "forms" / "PL09").mkdir()
    (folder / "forms" / "PL09" / "2027.1.yaml").write_text(form + table, encoding="utf-8")
    change(folder, "regime.yaml", ('  PL04: "2027.1"', '  PL04: "2027.1"\n  PL09: "2027.1"'))
    found = examined(folder)
    assert found.faults == ()
    reasons = {w.reason for w in found.warnings}
    assert {
        "1 đơn vị chưa có thư điện tử: 00002",
        "1 đơn vị chưa có thư điện tử của lãnh đạo: 00-CQ1",
        "không kỳ nào gửi cap-tren",
        "kỳ annual không có nơi nhận: báo cáo tổng hợp sẽ không gửi cho ai",
        "căn cứ VB.thừa không được dẫn ở đâu",
        "không đơn vị nào nhập biểu PL09",
        "quan hệ V14.CT02 không bao giờ được xét: không đơn vị nào có đủ các ô được nêu",
        "bố cục biểu PL04 là giả định",
    } <= reasons
    unit = next(w for w in found.warnings if w.key == "email")
    assert unit.line == line_of(folder, "units.csv", "00002")


# borrowed forms -----------------------------------------------------------------------------------------------------

LENDER, CITY, WARD = "thanh-hoa-drug-programme", "hai-phong-drug-programme", "thuy-nguyen-ward"


@cache
def as_shipped(code: str) -> Examination:
    return examined(FOLDER.parent / code)


@pytest.mark.parametrize("shipped", regime_folders(ROOT), ids=lambda folder: folder.name)
def test_shipped_packs_have_no_fault_and_own_warnings(shipped: Path) -> None:
    found = as_shipped(shipped.name)
    assert found.faults == () and found.complete
    assert {w.file for w in found.warnings if shipped not in w.file.parents} == set()


@pytest.mark.parametrize(("code", "forms"), [(CITY, 12), (WARD, 11)])
def test_borrowed_layouts_that_are_assumed_are_told_once(code: str, forms: int) -> None:
    told = [w for w in as_shipped(code).warnings if "bố cục" in w.reason]
    assert [(w.file.name, w.key) for w in told] == [("regime.yaml", "forms_from.regime")]
    assert told[0].reason.startswith(f"{forms} biểu mượn có bố cục giả định: PL01, B01")


def test_a_provision_cited_only_by_lenders_counts_uncited() -> None:
    city, ward = as_shipped(CITY), as_shipped(WARD)
    assert any("căn cứ KH.III.2 không được dẫn ở đâu" in w.reason for w in ward.warnings)
    assert not any("căn cứ HD46 không được dẫn ở đâu" in w.reason for w in city.warnings)


@pytest.mark.parametrize("file", ["regime.yaml", "forms/B05/2025.1.yaml"])
def test_unknown_borrowed_rules_are_the_last_borrowers_fault(tmp_path: Path, file: str) -> None:
    for code in (LENDER, CITY, WARD):
        shutil.copytree(FOLDER.parent / code, tmp_path / code)
    relations = (tmp_path / LENDER / file).read_text(encoding="utf-8").partition("\nrelations:")[2]
    rule = re.search(r"rule: (V\d+)", relations)
    assert rule is not None
    change(
        tmp_path / LENDER,
        file,
        (f"\nrelations:{relations}", f"\nrelations:{relations.replace(rule[0], 'rule: V99', 1)}"),
    )
    (fault,) = examined(tmp_path / WARD).faults
    assert (fault.file, "V99" in fault.reason) == (tmp_path / LENDER / file, True)


def test_borrowed_relation_nobody_answers_is_told(tmp_path: Path) -> None:
    for code in (LENDER, CITY):
        shutil.copytree(FOLDER.parent / code, tmp_path / code)
    change(tmp_path / LENDER, "regime.yaml", ("{id: CT01, left", "{id: CT01, levels: [province], left"))
    found = examined(tmp_path / CITY)
    told = [w for w in found.warnings if "không bao giờ được xét" in w.reason]
    assert found.faults == () and [(w.file.parent.name, w.key) for w in told] == [(CITY, "forms_from.regime")]
    assert told[0].reason == "1 quan hệ mượn không bao giờ được xét ở chế độ này: V21.CT01"


def test_a_pack_with_an_unreviewed_draft_is_unusable(folder: Path) -> None:
    change(folder, PL01, ("tables:", "# CẦN XEM LẠI: cột này là số hay chữ?\ntables:"))
    (fault,) = examined(folder).faults
    assert "còn 1 chỗ «CẦN XEM LẠI»" in fault.reason and fault.file == folder / PL01
