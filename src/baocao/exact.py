"""Exact figures: what is added, divided and compared here is never rounded (`baocao.rounding` does that, in print)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

Number = int | Decimal | Fraction
"""Counts and money (đồng) are int, areas Decimal, ratios Fraction in percent."""


def total(values: Sequence[Number]) -> Number:
    """Their sum; a ratio among them makes it a fraction."""
    try:
        return sum(values)
    except TypeError:  # Decimal and Fraction do not mix
        return sum((Fraction(value) for value in values), Fraction(0))


def difference(now: Number, before: Number) -> Number:
    """now - before, in the type of both; a ratio among them makes it a fraction."""
    if isinstance(now, Fraction) or isinstance(before, Fraction):
        return Fraction(now) - Fraction(before)
    return now - before


def percentage(part: Number, whole: Number) -> Fraction:
    """100 * part / whole. Raises ZeroDivisionError where the whole is zero."""
    if isinstance(part, int) and isinstance(whole, int):  # nearly always: one fraction instead of three
        return Fraction(100 * part, whole)
    return Fraction(100) * Fraction(part) / Fraction(whole)


def percent_change(now: Number | None, before: Number | None) -> Fraction | None:
    """100 * (now - before) / before; None where one is missing, and from zero."""
    if now is None or not before:
        return None
    return percentage(Fraction(now) - Fraction(before), Fraction(before))
