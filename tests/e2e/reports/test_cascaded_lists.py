"""A signed result whose cases of lists go up one by one, and are checked there like any other report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from baocao.regimes.errors import PackError
from baocao.regimes.load import load_pack
from baocao.store.submissions.cells import accepted_cells
from baocao.store.values import typed_by
from baocao.workflow.reports import building, issuing
from builders.packs.lists import HELD, ISSUED, NONE, Office
from builders.packs.quarterly import CODE, UNITS

LOWER, PERIOD = "cap-duoi", "2027-Q1"
CASCADE = f"""to: {CODE}
unit: "00001"
same: all
"""


def below(office: Office, cascade: str = CASCADE) -> Path:
    """A second pack beside the first: the same forms, and its signed result is the report of one unit of the first."""
    regimes = office.place.settings.regimes
    folder = regimes / LOWER
    for file in sorted((regimes / CODE).rglob("*")):
        if file.is_file():
            target = folder / file.relative_to(regimes / CODE)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text(encoding="utf-8")
            target.write_text(text.replace(f"code: {CODE}", f"code: {LOWER}"), encoding="utf-8")
    regime = (folder / "regime.yaml").read_text(encoding="utf-8").replace("receipt_prefix: CC", "receipt_prefix: CD")
    (folder / "regime.yaml").write_text(regime, encoding="utf-8")
    (folder / "cascade.yaml").write_text(cascade, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("cascaded"))
    below(office)
    office.reopen()
    yield office
    office.place.store.close()


def test_list_rows_are_cascaded_and_accepted_above(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (building, issuing):
        monkeypatch.setattr(module, "pdf_available", lambda: False)
    mine = ("--regime", LOWER, "--period", PERIOD, "--as-of")
    office.run("open", *mine, "2027-03-01", "--yes")
    first, second, *others = UNITS
    office.put(first, HELD, ISSUED, regime=LOWER)
    office.put(second, ({**HELD[0], "SO": "07/KH"}, {**HELD[1], "SO": "08/KH"}), (), regime=LOWER)
    for unit in others:
        office.put(unit, (), (), NONE, regime=LOWER)
    office.run("collect", "--regime", LOWER, "--as-of", "2027-03-12", "--yes")
    office.run("consolidate", *mine, "2027-03-16T09:00")
    office.run("approve", *mine, "2027-03-16T10:00", "--by", "Cán bộ (thử)")
    signed = ("--number", "3", "--signed-on", "2027-03-16", "--signer", "Người ký (thử)", "--signer-title", "CHỦ TỊCH")
    office.run("sign", *mine, "2027-03-16T11:00", "--by", "Văn thư (thử)", *signed)

    office.run("open", "--period", PERIOD, "--as-of", "2027-03-01", "--yes")
    told = office.run("cascade", *mine, "2027-03-16T12:00", "--to", CODE)
    assert re.search(r"cases: 5\b", told), told
    assert "1" in office.run("collect", "--regime", CODE, "--as-of", "2027-03-16T13:00", "--yes")
    with office.place.store.read() as conn:
        (up,) = accepted_cells(conn, CODE, PERIOD, typed_by(office.place.pack(CODE)))
    held = up.lists.rows["CCHC", "DSHN"]
    assert [row.cells["SO"].value for row in held] == ["01/KH", "02/KH", "07/KH", "08/KH"]
    assert (held[0].cells["KP"].value, held[0].cells["NGAY"].value) == (1_500_000, HELD[0]["NGAY"])
    assert [row.cells["SO"].value for row in up.lists.rows["VB", "DSVB"]] == ["15/QĐ-UBND"]


@pytest.mark.parametrize(
    ("cascade", "said"),
    [
        (CASCADE + "lists: {CCHC/DSX: CCHC/DSHN}\n", "cap-duoi không có danh sách CCHC/DSX"),
        (CASCADE + "lists: {VB/DSVB: CCHC/DSHN}\n", "thiếu cột bắt buộc ND"),
        (CASCADE + "nil_lists: {VB/DSVB: Lười}\n", "không khai không phát sinh với lý do 'Lười' được"),
        (CASCADE.replace("same: all\n", 'cells: {"CCHC/TT01/*": "CCHC/TT01/*", "CCHC/TT02/*": "CCHC/TT02/*", '
         '"CCHC/TT03/*": "CCHC/TT03/*"}\n'), "danh sách bắt buộc CCHC/DSHN của cai-cach-hanh-chinh chưa có nguồn"),
    ],
)  # fmt: skip
def test_wrong_cascade_map_of_lists_is_explained(tmp_path: Path, cascade: str, said: str) -> None:
    office = Office(tmp_path)
    folder = below(office, cascade)
    office.place.store.close()
    with pytest.raises(PackError) as stopped:
        load_pack(folder)
    assert said in str(stopped.value) and "cascade.yaml" in str(stopped.value)
