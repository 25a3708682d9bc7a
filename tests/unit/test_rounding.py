"""Rounding as a spreadsheet prints it: halves away from zero, never through a binary float."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from baocao.rounding import rounded


@pytest.mark.parametrize(
    ("exact", "places", "printed"),
    [
        (Decimal("0.5"), 0, "1"),
        (Decimal("1.5"), 0, "2"),
        (Decimal("2.5"), 0, "3"),
        (Decimal("-2.5"), 0, "-3"),
        (Decimal("2.4999"), 0, "2"),
        (Decimal("1.005"), 2, "1.01"),
        (Decimal("1.015"), 2, "1.02"),
        (Fraction(2, 3), 2, "0.67"),
        (Fraction(-2, 3), 1, "-0.7"),
        (Fraction(1, 3), 4, "0.3333"),
        (7, 1, "7.0"),
        (0, 2, "0.00"),
        (10**20 + 1, 0, str(10**20 + 1)),
    ],
)
def test_halves_go_away_from_zero(exact: int | Decimal | Fraction, places: int, printed: str) -> None:
    assert str(rounded(exact, places)) == printed
