# ruff: noqa: E501  (one wrong file a line)
"""Bridges, successions and laws that change: what a pack says about them is checked before anything uses it."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

import pytest

from baocao.regimes.load import PackError, load_pack
from builders.packs.pack import copied

VERSIONS = 'B09: [{version: "2025.1"}, {version: "2026.2", since: 2026-12-14}]'
KEPT = (
    "B09.02a, B09.02b, B09.02c, B09.03a, B09.03b, B09.03c, B09.03d, B09.03e, B09.05a, B09.05b, B09.05c, B09.06a, "
    "B09.06b, B09.07, B09.08a, B09.08b, B09.01"
)
HEAD = 'form: B09\nfrom: "2025.1"\nto: "2026.2"\n'
RENAMED = "rows:\n  - {old: B09.04, new: B09.14, reason: đổi mã}\n"


def pack_with(tmp_path: Path, bridge: str) -> Path:
    """The pack with B09 replaced (B09.04 is now B09.14) and this bridge."""
    folder = copied(tmp_path)
    regime = (folder / "regime.yaml").read_text(encoding="utf-8").replace('B09: "2025.1"', VERSIONS)
    (folder / "regime.yaml").write_text(regime.replace("B09/B09.04/TH", "B09/B09.14/TH"), encoding="utf-8")
    old = (folder / "forms/B09/2025.1.yaml").read_text(encoding="utf-8")
    new = old.replace('version: "2025.1"', 'version: "2026.2"').replace("code: B09.04,", "code: B09.14,")
    (folder / "forms/B09/2026.2.yaml").write_text(new, encoding="utf-8")
    (folder / "forms/B09/2026.2.bridge.yaml").write_text(bridge, encoding="utf-8")
    return folder


def test_a_complete_bridge_is_part_of_the_pack(tmp_path: Path) -> None:
    (bridge,) = load_pack(pack_with(tmp_path, f"{HEAD}unchanged: [{KEPT}]\n{RENAMED}")).bridges
    assert (bridge.form, bridge.old_version, bridge.new_version) == ("B09", "2025.1", "2026.2")
    assert (bridge.rows[0].old, bridge.rows[0].new) == (("B09.04",), ("B09.14",))


@pytest.mark.parametrize(
    ("bridge", "key", "said"),
    [
        (f"{HEAD}unchanged: [{KEPT}]\n", "rows", "B09.04"),
        (f"{HEAD}unchanged: [{KEPT}, B09.04]\n", "unchanged[17]", "không có dòng B09.04"),
        (f"{HEAD}unchanged: [{KEPT}, B09.99]\n{RENAMED}", "unchanged[17]", "B09.99"),
        (f"{HEAD}unchanged: [{KEPT}, B09.07]\n{RENAMED}", "unchanged[17]", "đúng một lần"),
        (f"{HEAD}unchanged: [{KEPT}]\n{RENAMED.replace('B09.14', 'B09.15')}", "rows[0].new", "B09.15"),
        (f"{HEAD}unchanged: [{KEPT}]\n{RENAMED.replace(', reason: đổi mã', '')}", "rows[0]", "reason"),
        (f"{HEAD}unchanged: [{KEPT}]\n{RENAMED}columns:\n  - {{old: XX, new: TH, reason: đổi}}\n", "columns[0].old", "XX"),
        (f"{HEAD.replace('2026.2', '2026.3')}unchanged: [{KEPT}]\n{RENAMED}", "to", "2026.3"),
        (
            f"{HEAD}unchanged: [{KEPT.replace('B09.02a, ', '')}]\n{RENAMED}"
            "  - {old: B09.02a, new: B09.14, reason: gộp}\n",
            "rows[1]",
            "bool",
        ),
        (
            f"{HEAD}unchanged: [{KEPT.replace('B09.02a, ', '').replace('B09.08a, ', '')}]\n{RENAMED}"
            "  - {old: [B09.02a, B09.08a], new: B09.02a, reason: gộp}\n",
            "rows[1]",
            "không cộng được",
        ),
    ],
)  # fmt: skip
def test_a_wrong_bridge_names_file_key_and_cure(tmp_path: Path, bridge: str, key: str, said: str) -> None:
    with pytest.raises(PackError) as stopped:
        load_pack(pack_with(tmp_path, bridge))
    error = stopped.value
    assert (error.file.name, error.key) == ("2026.2.bridge.yaml", key) and said in str(error) and error.cure


def test_figures_that_land_nowhere_are_an_error(tmp_path: Path) -> None:
    folder = pack_with(tmp_path, f"{HEAD}unchanged: [{KEPT}]\n{RENAMED}")
    file = folder / "forms/B09/2026.2.yaml"
    new = file.read_text(encoding="utf-8")
    place = new.index("code: B09.07")
    shorter = new[place:].replace("code: B09.07,", "code: B09.07, columns: [TH, LKN, LKGD, GT],", 1)
    file.write_text(new[:place] + shorter, encoding="utf-8")
    with pytest.raises(PackError, match=r"B09/B09\.07/KHN không có ô mới"):
        load_pack(folder)


def test_a_bridge_to_an_unknown_version_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "forms/B09/2031.1.bridge.yaml").write_text(HEAD, encoding="utf-8")
    with pytest.raises(PackError, match=r"2031\.1\.bridge\.yaml"):
        load_pack(folder)


def pack_of_units(tmp_path: Path, lines: str, ends: dict[str, str], starts: dict[str, str]) -> Path:
    folder = copied(tmp_path)
    units = (folder / "units.csv").read_text(encoding="utf-8").splitlines()
    units = [line + ends.get(line.split(",")[0], "") for line in units]
    units += [f"{code},Mới {code},commune,moi@xa.example,,,{since}," for code, since in starts.items()]
    (folder / "units.csv").write_text("\n".join(units) + "\n", encoding="utf-8")
    (folder / "succession.csv").write_text("on,from,to,basis\n" + lines, encoding="utf-8")
    return folder


ENDED = {"14797": "2026-06-30", "14758": "2026-06-30"}
BEGUN = {"90001": "2026-07-01"}


def test_a_merger_is_part_of_the_pack(tmp_path: Path) -> None:
    lines = "2026-07-01,14797,90001,NQ 1\n2026-07-01,14758,90001,NQ 1\n"
    pack = load_pack(pack_of_units(tmp_path, lines, ENDED, BEGUN))
    assert [(c.on, c.old, c.new) for c in pack.succession] == [
        (date(2026, 7, 1), "14797", "90001"),
        (date(2026, 7, 1), "14758", "90001"),
    ]


@pytest.mark.parametrize(
    ("lines", "ends", "starts", "line", "said"),
    [
        ("01/07/2026,14797,90001,NQ\n", ENDED, BEGUN, 2, "không hợp lệ"),
        ("2026-07-01,14797,99999,NQ\n", ENDED, BEGUN, 2, "99999"),
        ("2026-07-01,14797,90001,\n", ENDED, BEGUN, 2, "căn cứ"),
        ("2026-07-01,14797,90001,NQ\n2026-07-01,14797,90001,NQ\n", ENDED, BEGUN, 2, "hai lần"),
        ("2026-07-01,14797,90001,NQ\n", {}, BEGUN, 2, "vẫn còn hiệu lực"),
        ("2026-09-01,14797,90001,NQ\n", ENDED, BEGUN, 2, "không còn hiệu lực"),
        ("2026-07-01,14797,90001,NQ\n", ENDED, {"90001": "2026-08-01"}, 2, "chưa có hiệu lực"),
        ("2026-07-01,14797,14812,NQ\n", ENDED, {}, 2, "tiếp tục|đã có từ trước"),
        ("2026-07-01,14812,14818,NQ\n2026-07-01,14812,14812,NQ\n2026-07-01,14818,14818,NQ\n"
         "2026-10-01,14818,14812,NQ\n2026-10-01,14818,14818,NQ\n2026-10-01,14812,14812,NQ\n", {}, {}, 5, "chính mình"),
    ],
)  # fmt: skip
def test_a_wrong_succession_is_refused_with_its_line(
    tmp_path: Path, lines: str, ends: dict[str, str], starts: dict[str, str], line: int, said: str
) -> None:
    with pytest.raises(PackError, match=said) as stopped:
        load_pack(pack_of_units(tmp_path, lines, ends, starts))
    assert (stopped.value.file.name, stopped.value.cure != "") == ("succession.csv", True)
    assert stopped.value.line == line or said == "hai lần"


def test_a_unit_ending_without_successor_gives_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load_pack(pack_of_units(tmp_path, "", {"14797": "2026-06-30"}, {}))
    assert "14797" in caplog.text and "kế thừa" in caplog.text


def test_a_law_ending_before_its_beginning_is_refused(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    file = folder / "regime.yaml"
    text = file.read_text(encoding="utf-8")
    wrong = text.replace("in_force_to: 2026-06-30", "in_force_to: 2026-06-30\n        in_force_from: 2026-07-01", 1)
    file.write_text(wrong, encoding="utf-8")
    with pytest.raises(PackError, match="in_force_to"):
        load_pack(folder)
