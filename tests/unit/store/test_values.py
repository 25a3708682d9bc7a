"""Numbers as text: exact, and of the type they had."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.model.form import ValueType
from baocao.store.values import as_text, from_text, number_as_text, number_from_text


@given(st.one_of(st.integers(), st.fractions(), st.decimals(allow_nan=False, allow_infinity=False)))
def test_a_number_keeps_its_value_and_type(number: int | Fraction | Decimal) -> None:
    back = number_from_text(number_as_text(number))
    assert back == number
    assert type(back) is type(number)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (12, "12"),
        (Decimal("12"), "12."),
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000."),
        (Fraction(7), "7/1"),
        (Fraction(-1, 3), "-1/3"),
    ],
)
def test_a_number_tells_its_type(number: int | Fraction | Decimal, text: str) -> None:
    assert number_as_text(number) == text


def test_a_ratio_is_read_as_decimal() -> None:
    assert from_text(ValueType.RATIO, as_text(Fraction(1, 4))) == Decimal("0.25")


@pytest.mark.parametrize(
    ("kind", "text"),
    [(ValueType.COUNT, "1.5"), (ValueType.BOOL, "yes"), (ValueType.DATE, "14/6/2026"), (ValueType.MONEY, "")],
)
def test_a_text_of_another_kind_is_an_error(kind: ValueType, text: str) -> None:
    with pytest.raises(ValueError):
        from_text(kind, text)


@pytest.mark.parametrize("number", [Decimal("NaN"), Decimal("Infinity")])
def test_what_is_no_number_is_never_stored(number: Decimal) -> None:
    with pytest.raises(ValueError, match="cannot be stored"):
        as_text(number)
