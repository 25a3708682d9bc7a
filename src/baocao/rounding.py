"""The one place that rounds: exact figures are kept exact and rounded only where they are printed."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

ROUNDED = "Số liệu đã được làm tròn; tổng các phần có thể chênh ở chữ số cuối."
"""Stands wherever printed parts need not add up to their printed total."""


def rounded(value: int | Decimal | Fraction, places: int) -> Decimal:
    """The exact value, halves away from zero, as a spreadsheet prints it; never through a binary float."""
    exact = Fraction(value)
    # Of the absolute value: `//` rounds down, so halves of a negative figure would go towards zero.
    scaled = abs(exact) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-whole if exact < 0 else whole).scaleb(-places)
