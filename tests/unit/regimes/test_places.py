"""`places.csv`: read into the units, or refused with line, column and cure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from baocao.regimes.errors import PackError
from baocao.regimes.load import load_pack
from baocao.regimes.places import with_places
from builders.packs.pack import broken, thanh_hoa

HEAD = "code,latitude,longitude\n"


def test_every_commune_of_the_shipped_province_has_coordinates() -> None:
    assert {u.code for u in thanh_hoa().units if u.kind.is_territorial and u.latitude is None} == set()


def test_without_the_file_the_units_have_no_place(tmp_path: Path) -> None:
    units = thanh_hoa().units[:2]
    assert with_places(tmp_path / "places.csv", units) == (units, [])


@pytest.mark.parametrize(
    "text, line, says",
    [
        ("code,lat,lon\n", 1, "dòng tiêu đề sai"),
        (f"{HEAD}14797,91,105.7\n", 2, "latitude"),
        (f"{HEAD}14797,19.8,\n", 2, "longitude"),
        (f"{HEAD}14797,19.8,nan\n", 2, "longitude"),
        (f"{HEAD}14797,19.8\n", 2, "2 ô"),
        (f"{HEAD}14797,19.8,105.7\n14797,19.8,105.7\n", 3, "đã có"),
    ],
)
def test_a_wrong_line_is_refused_with_its_place(tmp_path: Path, text: str, line: int, says: str) -> None:
    file = tmp_path / "places.csv"
    file.write_text(text, encoding="utf-8")
    _, (fault,) = with_places(file, thanh_hoa().units)
    assert f"places.csv:{line}:" in str(fault) and says in str(fault)


def test_places_of_units_not_reporting_are_accepted(tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(f"{HEAD}00004,21.0385,105.8381\n14797,19.8,105.7\n", encoding="utf-8")
    unplaced = [replace(u, latitude=None, longitude=None) for u in thanh_hoa().units]
    units, faults = with_places(file, unplaced)
    assert faults == []
    assert [(u.code, u.latitude) for u in units if u.latitude is not None] == [("14797", 19.8)]


def test_a_wrong_place_stops_the_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="latitude"):
        load_pack(broken(tmp_path, "places.csv", "14797,19.", "14797,191."))
