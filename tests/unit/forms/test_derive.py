"""Derived cells: what they are made of and what they come to."""

from __future__ import annotations

from decimal import Decimal

from baocao.forms.derive import derived_values
from baocao.model.form import CellKey
from builders_workbook import small_forms


def cell(name: str) -> CellKey:
    return CellKey.parse(name)


def derive(**values: object) -> dict[str, object]:
    given = {cell(name.replace("__", "/").replace("_DOT_", ".")): value for name, value in values.items()}
    return {str(key): value for key, value in derived_values(small_forms(), given).items()}


def test_a_closing_figure_is_opening_plus_what_came_minus_what_went() -> None:
    found = derive(B04__NGHIEN__DK=20, B04__NGHIEN__T1=3, B04__NGHIEN__T2=1, B04__NGHIEN__G1=2, B04__NGHIEN__G3=0)
    assert found == {"B04/NGHIEN/CK": 22}


def test_nil_and_blank_count_as_nothing_in_a_sum() -> None:
    assert derive(B04__NGHIEN__DK=20, B04__NGHIEN__T1="NP", B04__NGHIEN__G1=None) == {"B04/NGHIEN/CK": 20}


def test_nothing_follows_from_nothing() -> None:
    assert derive() == {}


def test_the_ratio_of_a_total_is_a_ratio_of_totals() -> None:
    found = derive(
        PL03__DA4_DOT_NSTW_SN__KH=100,
        PL03__DA4_DOT_NSTW_SN__LKN=50,
        PL03__DA4_DOT_NSDP_SN__KH=300,
        PL03__DA4_DOT_NSDP_SN__LKN=30,
    )
    assert found["PL03/DA4/KH"] == 400
    assert found["PL03/DA4/TL"] == 20.0
    assert found["PL03/DA4.NSTW_SN/TL"] == 50.0


def test_a_ratio_over_nothing_stays_empty() -> None:
    assert derive(B04__B04_DOT_15__TH=3, B04__B04_DOT_15__MS=0) == {}


def test_areas_add_up_exactly() -> None:
    found = derive(B04__NGHIEN__DK=Decimal("0.1"), B04__NGHIEN__T1=0.2)
    assert found == {"B04/NGHIEN/CK": Decimal("0.3")}
