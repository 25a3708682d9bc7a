"""Derived cells: what they are made of, in what order, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.exact import Number
from baocao.forms.derivation import (
    Derivation,
    DerivationKind,
    compute,
    derivations_within,
    derived_values,
    is_over_nothing,
    pack_derivations,
)
from baocao.model.form import CellKey, Column, ColumnRole, Derive, Form, Linear, Ratio, Row, Table, ValueType
from baocao.settings import ConfigurationError
from builders.files.workbook import small_forms
from builders.packs.consolidation import form, pack

_DONE = Column(code="TH", title="Thực hiện", role=ColumnRole.ACTUAL)
_RATE = Column(
    code="TL",
    title="Tỷ lệ",
    role=ColumnRole.RATIO,
    type=ValueType.RATIO,
    derive=Derive(ratio=Ratio(numerator=("TH",), denominator=("KH",))),
)
_PLAN = Column(code="KH", title="Kế hoạch", role=ColumnRole.PLAN_YEAR)


def cell(name: str) -> CellKey:
    return CellKey.parse(name)


def derive(**values: object) -> dict[str, object]:
    entered = {cell(name.replace("__", "/").replace("_DOT_", ".")): value for name, value in values.items()}
    return {str(key): value for key, value in derived_values(derivations_within(small_forms()), entered).items()}


def total(code: str, *parts: str, columns: tuple[str, ...] | None = None) -> Row:
    return Row(code=code, item=code, name=code, derive=Derive(linear=Linear(plus=parts)), columns=columns)


def leaf(code: str) -> Row:
    return Row(code=code, item="1", name="Lá")


def one_form(*rows: Row, columns: tuple[Column, ...] = (_DONE,)) -> Form:
    return form("B01", "Thử", Table(code="A", columns=columns, rows=rows))


def test_closing_is_opening_plus_arrivals_minus_departures() -> None:
    found = derive(B04__NGHIEN__DK=20, B04__NGHIEN__T1=3, B04__NGHIEN__T2=1, B04__NGHIEN__G1=2, B04__NGHIEN__G3=0)
    assert found == {"B04/NGHIEN/CK": 22}


def test_nil_and_blank_add_nothing_to_a_sum() -> None:
    assert derive(B04__NGHIEN__DK=20, B04__NGHIEN__T1="NP", B04__NGHIEN__G1=None) == {"B04/NGHIEN/CK": 20}


def test_nothing_follows_from_nothing() -> None:
    assert derive() == {}


def test_given_values_of_derived_cells_are_ignored() -> None:
    assert derive(B04__NGHIEN__DK=20, B04__NGHIEN__CK=99) == {"B04/NGHIEN/CK": 20}


def test_the_ratio_of_a_total_divides_the_totals() -> None:
    found = derive(
        PL03__DA4_DOT_NSTW_SN__KH=100,
        PL03__DA4_DOT_NSTW_SN__LKN=50,
        PL03__DA4_DOT_NSDP_SN__KH=300,
        PL03__DA4_DOT_NSDP_SN__LKN=30,
    )
    assert found["PL03/DA4/KH"] == 400
    assert found["PL03/DA4/TL"] == 20
    assert found["PL03/DA4.NSTW_SN/TL"] == 50


def test_a_ratio_over_nothing_stays_empty() -> None:
    assert derive(B04__B04_DOT_15__TH=3, B04__B04_DOT_15__MS=0) == {}


def test_areas_add_up_exactly() -> None:
    assert derive(B04__NGHIEN__DK=Decimal("0.1"), B04__NGHIEN__T1=0.2) == {"B04/NGHIEN/CK": Decimal("0.3")}


def test_components_come_before_what_is_derived_from_them() -> None:
    order = pack_derivations(pack((), forms=[one_form(total("ALL", "PART"), total("PART", "LEAF"), leaf("LEAF"))]))
    assert [key.row for key in order] == ["PART", "ALL"]


def test_circular_derivations_are_refused_naming_the_circle() -> None:
    with pytest.raises(ConfigurationError, match="B01/X/TH -> B01/Y/TH -> B01/X/TH"):
        pack_derivations(pack((), forms=[one_form(total("X", "Y"), total("Y", "X"))]))


def test_an_unknown_component_is_refused_with_both_names() -> None:
    with pytest.raises(ConfigurationError, match=r"B01/X/TH.*B01/GONE/TH"):
        pack_derivations(pack((), forms=[one_form(total("X", "GONE"))]))


def test_components_outside_the_slice_are_left_out() -> None:
    order = derivations_within(
        [one_form(total("X", "LEAF", "OTHER_PROJECT"), leaf("LEAF"), total("Y", "OTHER_PROJECT"))]
    )
    assert {key.row: [c.row for c in d.components] for key, d in order.items()} == {"X": ["LEAF"]}


def test_a_row_without_ratio_columns_adds_its_parts() -> None:
    """The column rules where the row has what it needs; else the row does."""
    with_plan, without = total("X", "LEAF"), total("Y", "LEAF", columns=("TL",))
    order = derivations_within([one_form(with_plan, without, leaf("LEAF"), columns=(_DONE, _PLAN, _RATE))])
    assert order[cell("B01/X/TL")].kind is DerivationKind.RATIO
    assert order[cell("B01/Y/TL")].components == (cell("B01/LEAF/TL"),)


_KEYS = tuple(CellKey("B01", row, "TH") for row in "ABCDEF")
_figures = st.one_of(
    st.none(), st.integers(0, 10**12), st.decimals(0, 10**6, places=2), st.fractions(0, 100, max_denominator=99)
)


@given(
    st.dictionaries(st.sampled_from(_KEYS), _figures),
    st.lists(st.sampled_from(_KEYS), max_size=4),
    st.lists(st.sampled_from(_KEYS), max_size=4),
    st.sampled_from(DerivationKind),
    st.dictionaries(st.sampled_from(_KEYS), _figures),
)
def test_derived_values_match_exact_fractions(
    figures: Mapping[CellKey, Number | None],
    plus: list[CellKey],
    minus: list[CellKey],
    kind: DerivationKind,
    last_year: Mapping[CellKey, Number | None],
) -> None:
    derivation = Derivation(_KEYS[0], kind, tuple(plus) or _KEYS[:1], tuple(minus))
    above = [Fraction(v) for k in derivation.plus if (v := figures.get(k)) is not None]
    below = [Fraction(v) for k in derivation.minus if (v := figures.get(k)) is not None]
    before = last_year.get(derivation.plus[0])
    if kind is DerivationKind.LINEAR:
        expected = sum(above) - sum(below) if above or below else None
    elif kind is DerivationKind.RATIO and derivation.minus:
        expected = sum(above) * 100 / sum(below) if above and below and sum(below) else None
        assert is_over_nothing(derivation, figures) is bool(above and below and not sum(below))
    elif kind is DerivationKind.YEAR_ON_YEAR:
        now = figures.get(derivation.plus[0])
        expected = (Fraction(now) / Fraction(before) - 1) * 100 if before and now is not None else None
    else:
        return
    found = compute(derivation, figures, last_year)
    assert found is None if expected is None else found is not None and Fraction(found) == expected


A, B, C = (cell(f"B01/{code}/TH") for code in "ABC")


@pytest.mark.parametrize(
    ("kind", "figures", "over_nothing"),
    [
        (DerivationKind.RATIO, {A: 3, B: 0}, True),
        (DerivationKind.RATIO, {A: 3, B: 1}, False),
        (DerivationKind.RATIO, {B: 0}, False),
        (DerivationKind.RATIO, {A: 3}, False),
        (DerivationKind.LINEAR, {A: 3, B: 0}, False),
    ],
)
def test_only_a_fully_known_ratio_is_over_nothing(
    kind: DerivationKind, figures: dict[CellKey, Number], over_nothing: bool
) -> None:
    assert is_over_nothing(Derivation(C, kind, (A,), (B,)), figures) is over_nothing


def test_a_yes_is_no_figure() -> None:
    assert derive(B04__NGHIEN__DK=20, B04__NGHIEN__T1=True) == {"B04/NGHIEN/CK": 20}
