# ruff: noqa: E501  (one wrong pack a line)
"""Loading a pack, and every way in which a wrong one stops with file, line, key, reason and cure."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from baocao.regimes.load import PackError, calendar_of, load_pack, load_regime, pack_sha256, regime_folders
from baocao.settings import ConfigurationError, Settings
from builders.packs.pack import FOLDER, REFERENCE, ROOT, broken, copied, line_of, thanh_hoa

CT01 = 'code: CT01, item: "CT01", like: cuối-kỳ'


def refused(folder: Path) -> PackError:
    with pytest.raises(PackError) as stopped:
        load_pack(folder)
    error = stopped.value
    assert error.cure and error.reason
    assert str(error).startswith(f"{error.file}:{error.line}: ")
    return error


def test_regimes_are_found_by_root_and_by_settings(settings: Settings) -> None:
    folders = regime_folders(ROOT)
    assert folders == regime_folders(settings) == tuple(sorted(folders))
    assert FOLDER in folders and all((f / "regime.yaml").is_file() for f in folders)


def test_a_pack_is_loaded_again_only_when_changed(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    first = load_pack(folder)
    assert load_pack(folder) is first
    units = folder / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("Sở Y tế", "Sở Y tế tỉnh"), encoding="utf-8")
    second = load_pack(folder)
    assert second.sha256 != first.sha256
    assert second.unit("38-SYT").name == "Sở Y tế tỉnh"  # type: ignore[union-attr]


def test_the_pack_hash_ignores_where_the_pack_lies(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    assert pack_sha256(folder) == pack_sha256(FOLDER) == thanh_hoa().sha256
    (folder / "targets.yaml").rename(folder / "targets2.yaml")  # the same content at the same place in the order
    assert pack_sha256(folder) != thanh_hoa().sha256


def test_loading_only_the_regime_skips_forms_and_units(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER.name
    folder.mkdir()
    (folder / "regime.yaml").write_bytes((FOLDER / "regime.yaml").read_bytes())
    assert load_regime(folder) == thanh_hoa().regime


def test_loading_the_regime_needs_no_holiday_tables() -> None:
    import subprocess

    code = (
        f"import sys, pathlib; from baocao.regimes.load import load_regime; load_regime(pathlib.Path({str(FOLDER)!r}))"
    )
    done = subprocess.run([sys.executable, "-c", f"{code}; sys.exit('holidays' in sys.modules)"], check=False)
    assert done.returncode == 0


def test_the_reference_folder_adds_a_check_of_dates(tmp_path: Path) -> None:
    assert load_pack(FOLDER, REFERENCE) is thanh_hoa()
    assert calendar_of(thanh_hoa().regime, REFERENCE) == calendar_of(thanh_hoa().regime, None)
    folder = broken(tmp_path, "regime.yaml", "cutoff: {day: 14, month: 6}", "cutoff: {day: 19, month: 6}")
    load_pack(folder)
    with pytest.raises(ConfigurationError, match="V45"):
        load_pack(folder, REFERENCE)


@pytest.mark.parametrize(
    ("file", "old", "new", "at", "key", "told"),
    [
        ("regime.yaml", "\nname: Báo cáo", "\nnam: Báo cáo", None, "name", "thiếu khóa này"),
        ("regime.yaml", "time_zone: ", "zone: ", None, "zone", "khóa lạ"),
        ("regime.yaml", "verified: true", "verified: đúng", "verified: đúng", "recipients[0].verified", "true hoặc false"),
        ("regime.yaml", "trust: confirmed", "trust: sure", "trust: sure", "legal_basis[3].trust", "'confirmed'"),
        ("regime.yaml", 'code: "1"', "code: 1", "  - code: 1", "projects[0].code", "dấu ngoặc kép"),
        ("regime.yaml", "kind: annual", "kind: yearly", "kind: yearly", "periods[1].kind", "annual"),
        ("regime.yaml", "cutoff: {day: 14, month: 6}", "cutoff: {month: 6}", "cutoff: {month: 6}", "periods[0].cutoff", "on"),
        ("regime.yaml", "cutoff: {day: 14, month: 6}", "cutoff: {day: 14, year: -1}", "cutoff: {day: 14, year", "periods[0].cutoff", "year đi cùng month"),
        ("regime.yaml", "opens: {day: 1, month: 6}", "opens: {day: 31, month: 6}", "periods:", "periods", "31/06"),
        ("regime.yaml", "opens: {day: 1, month: 12}", "opens: {day: 1, month: 6}", "periods:", "periods", "bị trùng"),
        ("regime.yaml", "anchor: NĐ09.12\n", "anchor: NĐ99\n", "anchor: NĐ99", "periods[0].anchor", "NĐ99"),
        ("regime.yaml", "[bo-cong-an, bo-quoc", "[bo-cong-ann, bo-quoc", "bo-cong-ann", "periods[0].recipients[0]", "bo-cong-ann"),
        ("regime.yaml", 'code: "{year}-H1"', 'code: "{nam}-H1"', "{nam}-H1", "periods[0].code", "chỗ điền lạ"),
        ("regime.yaml", "  - {id: t-7,", "  - {id: t-15,", "days_from_safe: -7", "reminders[1]", "ghi hai lần"),
        ("regime.yaml", "days_from_safe: -7,", "days_from_safe: -7, days_from_due: 1,", "-7,", "reminders[1]", "đúng một"),
        ("regime.yaml", "lead: 38-SYT", "lead: 38-STP", None, "projects[5].lead", "38-STP"),
        ("regime.yaml", "B01/B01.01/TH", "B01/B01.99/TH", "B01/B01.99", "projects[0].activity[0]", "B01/B01.99/TH"),
        ("regime.yaml", "left: PL01/CT01/TH", "left: PL01/CT99/TH", "CT99", "relations[0].table[0].left", "PL01/CT99/TH"),
        ("regime.yaml", "{id: CT02, left", "{id: CT01, left", None, "relations[0].table[1]", "ghi hai lần"),
        ("regime.yaml", "  B03: Không phát sinh", "  B03: Không rõ", None, "nil_reasons", "Không rõ"),
        ("regime.yaml", "  B03: Không phát sinh", "  B33: Không phát sinh", "  B33:", "default_nil.B33", "B33"),
        ("regime.yaml", '  B03: "2025.1"', '  B03: "2025.2"', None, "", "không có tệp"),
        ("regime.yaml", "history: {", "code: x\nhistory: {", "code: x", "", "khóa code bị ghi hai lần"),
        ("regime.yaml", "programme: ", "programme: [", None, "", "YAML sai"),
        ("targets.yaml", "indicator: PL01/CT06", "indicator: PL01/CT66", "CT66", "targets[0].indicator", "PL01/CT66"),
        ("targets.yaml", "indicator: PL01/CT06", "indicator: PL01/CT01", "PL01/CT01", "targets[0].indicator", "T1a"),
        ("targets.yaml", 'operator: "<"', 'operator: "=<"', "=<", "targets[0].operator", "'=<'"),
        ("targets.yaml", "id: T1b", "id: T1a", None, "targets[1]", "ghi hai lần"),
        ("forms/PL01/2025.1.yaml", "code: PL01", "code: PL02", "code: PL02", "code", "PL02"),
        ("forms/PL01/2025.1.yaml", '"2025.1"', '"2025.3"', "2025.3", "version", "2025.3"),
        ("forms/PL01/2025.1.yaml", "short: \"PL01 Chỉ số\"", "short: \"PL01/Chỉ số\"", "short:", "short", "tên trang tính"),
        ("forms/PL01/2025.1.yaml", "short: \"PL01 Chỉ số\"", "short: \"Thông tin\"", None, "short", "bị trùng"),
        ("forms/PL01/2025.1.yaml", CT01, CT01 + ', project: "44"', "44", "tables[0].rows[1].project", "dự án 44"),
        ("forms/PL01/2025.1.yaml", CT01, CT01 + ", levels: []", "code: CT01", "tables[0].rows[1]", "levels"),
        ("forms/PL01/2025.1.yaml", CT01, CT01.replace("CT01,", "CT02,"), None, "", "CT02"),
        ("forms/PL01/2025.1.yaml", CT01, CT01 + ", roll_up: none", "roll_up: none", "tables[0].rows[1]", "roll_up"),
        ("forms/PL01/2025.1.yaml", "type: bool, roll_up: yes_count", "type: bool, roll_up: sum", None, "tables[0].rows[9].roll_up", "không cộng được"),
        ("forms/PL01/2025.1.yaml", "of: PL01/CT01/TH", "of: PL01/CT01/MS", "CT01/MS", "tables[0].rows[6].derive", "PL01/CT01/MS"),
        ("forms/PL01/2025.1.yaml", "targets: [T1a]", "targets: [T1a, T77]", "T77", "tables[0].rows[6].targets", "T77"),
        ("forms/PL01/2025.1.yaml", 'trace: "NQ163; KH.PL.DA4"', 'trace: "NQ163, KH.PL.DA4"', "NQ163, KH", "tables[0].rows[1].trace", "căn cứ"),
        ("forms/PL01/2025.1.yaml", "denominator: [MS]}}", "denominator: [MX]}}", "[MX]", "tables[0].columns[3].derive", "cột MX"),
        ("forms/B05/2025.1.yaml", "[B05/*/DAT, B05/*/CSUAT", "[B05/*/DAX, B05/*/CSUAT", None, "relations[7].minimum", "dấu *"),
        ("forms/B04/2025.1.yaml", "id: V32.B04", "id: V32.PL01", "id: V32.PL01", "relations[0].id", "ghi hai lần"),
        ("forms/B04/2025.1.yaml", "({left}) lớn hơn", "({trai}) lớn hơn", "{trai}", "relations[4].message", "chỗ điền lạ"),
        ("forms/PL04/2025.1.yaml", "assumption: ", "# assumption: ", None, "", "assumption"),
        ("forms/PL04/2025.1.yaml", "role: explanation", "role: text", "columns:", "tables[0].columns", "giải trình"),
        ("units.csv", "code,name,", "code,ten,", "code,ten", "", "tiêu đề"),
        ("units.csv", "14797,Hạc Thành,ward", "1479,Hạc Thành,ward", "1479,", "code", "1479"),
        ("units.csv", "14797,Hạc Thành,ward", "14758,Hạc Thành,ward", "Hạc Thành", "code", "đã có ở dòng 2"),
        ("units.csv", "14797,Hạc Thành,ward", "14797,Hạc Thành,phường", "phường", "kind", "phường"),
        ("units.csv", "bao-cao.14797@", "bao-cao.14797 ", "14797 ", "email", "không hợp lệ"),
        ("units.csv", "so-y-te@thanhhoa.example,lanh-dao.so-y-te@thanhhoa.example,6", "so-y-te@thanhhoa.example,,", None, "projects", "chưa có dự án"),
        ("units.csv", "lanh-dao.14797@thanhhoa.example,,", "lanh-dao.14797@thanhhoa.example,4,", None, "projects", "không chủ trì"),
        ("units.csv", "thanhhoa.example,7.1,", "thanhhoa.example,7.9,", "7.9", "projects", "7.9"),
        ("units.csv", "thanhhoa.example,7.1,", "thanhhoa.example,7.1;6,", None, "projects[5].lead", "cũng chủ trì"),
        ("units.csv", ",2025-07-01,\n", ",01/07/2025,\n", "01/07/2025", "valid_from", "YYYY-MM-DD"),
        ("units.csv", "14797,Hạc Thành,ward", '14797,"Hạc Thành,ward', None, "", ""),
    ],
)  # fmt: skip
def test_a_wrong_pack_names_line_key_and_reason(
    tmp_path: Path, file: str, old: str, new: str, at: str | None, key: str, told: str
) -> None:
    folder = broken(tmp_path, file, old, new)
    error = refused(folder)
    assert error.key == key
    assert told in str(error)
    if at is not None:
        assert (error.file, error.line) == (folder / file, line_of(folder, file, at))


def test_a_plan_of_the_term_needs_a_term(tmp_path: Path) -> None:
    folder = broken(tmp_path, "regime.yaml", "\nterm:\n  years:", "\nperiod_names:\n  years:")
    assert "period_names" in str(refused(folder))
    text = (folder / "regime.yaml").read_text(encoding="utf-8")
    start = text.index("\nperiod_names:")
    (folder / "regime.yaml").write_text(text[:start] + text[text.index("\n\n", start) :], encoding="utf-8")
    error = refused(folder)
    assert error.key == "tables[1].rows[0].measures" and "chưa khai báo giai đoạn" in error.reason


@pytest.mark.parametrize(
    ("new", "told"),
    [("PL01/CT99", "không có dòng PL01/CT99"), ("PL01/CT01", "khác kiểu"), ("CT13", "không có dòng CT13")],
)
def test_a_planning_row_resembles_the_row_it_plans(tmp_path: Path, new: str, told: str) -> None:
    error = refused(broken(tmp_path, "forms/PL05-GK/2025.1.yaml", "measures: PL01/CT13", f"measures: {new}"))
    assert error.key == "tables[1].rows[0].measures" and told in error.reason


@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("PL01/CT99", "không có dòng PL01/CT99"),
        ("CT08.QD", "không có dòng CT08.QD"),
        ("PL01/CT01", "không ghi được số"),
    ],
)
def test_deciding_rows_of_an_answer_must_fit_it(tmp_path: Path, new: str, told: str) -> None:
    error = refused(broken(tmp_path, "forms/PL01/2025.1.yaml", "decided_by: [PL01/CT08.QD,", f"decided_by: [{new},"))
    assert error.key.endswith(".decided_by") and told in error.reason


def test_only_an_answer_is_changed_by_a_decision(tmp_path: Path) -> None:
    old = 'code: CT01, item: "CT01",'
    error = refused(broken(tmp_path, "forms/PL01/2025.1.yaml", old, f"{old} decided_by: [PL01/CT08.QD],"))
    assert error.key.endswith(".decided_by") and "type: count" in error.reason


def test_several_faults_of_a_file_are_told_together(tmp_path: Path) -> None:
    folder = broken(tmp_path, "targets.yaml", 'operator: "<"', "operator: nhỏ hơn")
    path = folder / "targets.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("value: 50", "value: năm mươi"), encoding="utf-8")
    told = str(refused(folder))
    assert "targets[0].operator" in told and "targets[2].value" in told and "targets[3].value" in told


def test_a_row_that_nobody_enters_is_refused(tmp_path: Path) -> None:
    folder = broken(tmp_path, "regime.yaml", "lead: 38-STP\n", 'lead: ""\n')
    units = folder / "units.csv"
    text = units.read_text(encoding="utf-8")
    units.write_text("".join(line for line in text.splitlines(keepends=True) if "38-STP" not in line), encoding="utf-8")
    error = refused(folder)
    assert "không đơn vị nào nhập dòng B08.02" in error.reason
    assert error.line == line_of(folder, "forms/B08/2025.1.yaml", "code: B08.02")


def test_a_unit_without_an_address_is_allowed(tmp_path: Path) -> None:
    folder = broken(tmp_path, "units.csv", "bao-cao.14797@thanhhoa.example", "")
    assert [u.code for u in load_pack(folder).units if not u.email] == ["14797"]


def test_a_folder_named_otherwise_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path).rename(tmp_path / "other")
    assert refused(folder).key == "code"


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "targets.yaml").write_bytes("targets: # mục tiêu".encode("utf-16"))
    assert "UTF-8" in refused(folder).reason


def test_a_missing_list_of_units_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "units.csv").unlink()
    assert "không có tệp" in refused(folder).reason


def test_bare_no_and_off_are_read_as_text(tmp_path: Path) -> None:
    folder = broken(
        tmp_path, "forms/PL03/2025.1.yaml", 'code: "NO", title: "Nợ đọng xây dựng cơ bản"', "code: NO, title: off"
    )
    assert load_pack(folder).form("PL03").tables[0].column("NO").title == "off"
