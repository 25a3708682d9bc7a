"""Numbers as officials type them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.forms.reading.numbers import format_value, parse_number
from baocao.model.form import ValueType
from baocao.model.submission import Problem


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("12", 12),
        ("1.234", 1234),
        ("1.234.567", 1_234_567),
        (" 1 234 ", 1234),
        ("1\u00a0234\u00a0567", 1_234_567),
        ("12,0", 12),
        ("1.234,00", 1234),
        ("+7", 7),
        ("007", 7),
    ],
)
def test_a_count_in_vietnamese_writing_is_read(text: str, value: int) -> None:
    assert parse_number(text, ValueType.COUNT) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("12,5", "12.5"), ("1.234,5", "1234.5"), ("0,125", "0.125"), ("1234,567", "1234.567"), ("3", "3")],
)
def test_an_area_takes_a_decimal_comma(text: str, value: str) -> None:
    assert parse_number(text, ValueType.DECIMAL) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["1,234", "12,345", "1,234.5", "12.5", "1.23", "1.2345", "1.23.456", "0.500", "1,234,567"]
)
def test_ambiguous_number_marks_are_never_guessed(text: str) -> None:
    assert parse_number(text, ValueType.DECIMAL) is Problem.AMBIGUOUS_NUMBER


@pytest.mark.parametrize("text", ["12 người", "mười hai", "NA", "N/A", "-", "", "1E5", "12%", "1..2x", "١٢", "𝟏𝟐"])
def test_text_that_is_no_number_is_called_so(text: str) -> None:
    assert parse_number(text, ValueType.COUNT) is Problem.NOT_A_NUMBER


@pytest.mark.parametrize("raw", ["-5", "\u22125", -5.0, "-1.234"])
def test_a_negative_count_is_named_as_such(raw: str | float) -> None:
    assert parse_number(raw, ValueType.COUNT) is Problem.NEGATIVE


def test_a_falling_ratio_may_be_negative() -> None:
    assert parse_number("-12,5", ValueType.RATIO) == Decimal("-12.5")


@pytest.mark.parametrize("raw", ["12,5", 12.5, "1.234,5"])
@pytest.mark.parametrize("type", [ValueType.COUNT, ValueType.MONEY])
def test_counts_and_money_amounts_have_no_fraction(raw: str | float, type: ValueType) -> None:
    assert parse_number(raw, type) is Problem.NOT_WHOLE


def test_binary_rounding_noise_is_not_a_fraction() -> None:
    assert parse_number(0.1 + 0.2, ValueType.DECIMAL) == Decimal("0.3")
    assert parse_number(3 * 1.1 * 10, ValueType.COUNT) == 33


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), 1e19, "9" * 40, True])
def test_a_figure_too_large_for_reports_is_refused(raw: float | str) -> None:
    assert parse_number(raw, ValueType.MONEY) is Problem.NOT_A_NUMBER


@pytest.mark.parametrize(
    ("value", "type", "text"),
    [
        (1234567, ValueType.MONEY, "1.234.567"),
        (Decimal("1234.5"), ValueType.DECIMAL, "1.234,5"),
        (Decimal("100"), ValueType.DECIMAL, "100"),
        (Decimal("12.50"), ValueType.RATIO, "12,50"),
        (70, ValueType.RATIO, "70,00"),
        (True, ValueType.BOOL, "Có"),
        (False, ValueType.BOOL, "Không"),
        (date(2026, 6, 5), ValueType.DATE, "05/06/2026"),
        ("Loại II", ValueType.CHOICE, "Loại II"),
        (None, ValueType.COUNT, ""),
    ],
)
def test_a_value_is_printed_in_vietnamese(value: object, type: ValueType, text: str) -> None:
    assert format_value(value, type) == text  # type: ignore[arg-type]


@given(st.integers(0, 10**17))
def test_printed_counts_read_back_unchanged(value: int) -> None:
    assert parse_number(format_value(value, ValueType.COUNT), ValueType.COUNT) == value


@given(st.decimals(min_value=0, max_value=10**9, places=2))
def test_printed_areas_read_back_unless_they_look_english(value: Decimal) -> None:
    assert parse_number(format_value(value, ValueType.DECIMAL), ValueType.DECIMAL) == value


@given(st.text(max_size=20))
def test_any_text_gets_an_answer(text: str) -> None:
    result = parse_number(text, ValueType.COUNT)
    assert isinstance(result, Problem) or (isinstance(result, int) and result >= 0)
