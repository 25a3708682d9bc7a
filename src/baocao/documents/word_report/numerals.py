"""Figures as printed: exact values come in, Vietnamese text goes out, rounded here and nowhere else."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from baocao.exact import Number
from baocao.model.form import ValueType
from baocao.rounding import rounded
from baocao.text import vietnamese_number

MILLION = 1_000_000


def count(number: int) -> str:
    """`1.234`."""
    return vietnamese_number(f"{number:,}")


def two_digits(number: int) -> str:
    """A number of bodies or items in running text: `03`, `12`, `1.234`."""
    # `03 đơn vị` is how offices write a number of bodies; figures of the tables never are.
    return f"{number:02}" if 0 <= number < 10 else count(number)


def magnitude(value: Number) -> Number:
    """The value without its sign; `tăng` and `giảm` say it in words."""
    return -value if value < 0 else value


def decimal(value: Number, digits: int) -> str:
    """`1.234,50`."""
    return vietnamese_number(f"{rounded(value, digits):,.{digits}f}")


def percent(value: Number) -> str:
    """`3,45 %`, never broken before the sign."""
    return f"{decimal(value, 2)}\N{NO-BREAK SPACE}%"


def millions(value: Number) -> str:
    """Whole đồng as triệu đồng with one decimal: `1.234,5`."""
    return decimal(Fraction(value) / MILLION, 1)


def figure(value: Number, type: ValueType) -> str:
    """A value of a cell without its unit; money in triệu đồng, ratios with two decimals."""
    if type is ValueType.MONEY:
        return millions(value)
    if type is ValueType.RATIO:
        return decimal(value, 2)
    if isinstance(value, int):
        return count(value)
    exact = Fraction(value)
    if exact.denominator == 1:
        return count(exact.numerator)
    # Areas print only the decimals they have: `12,5`, not `12,50`.
    return decimal(value, 2).rstrip("0").rstrip(",")


def plain_figure(value: Number) -> str:
    """A number that is no cell's: `1.234`, `0,50`, `−3`."""
    if Fraction(value).denominator != 1:
        return decimal(value, 2)
    return count(int(value)) if value >= 0 else f"−{count(-int(value))}"


def unit_of(printed: str, type: ValueType) -> str:
    """The unit to print after `figure`: money is entered in đồng and shown in triệu đồng."""
    return "triệu đồng" if type is ValueType.MONEY else printed


def long_day(when: date) -> str:
    """`ngày 05 tháng 6 năm 2026`: NĐ 30/2020 gives days below 10 and months 1 and 2 a leading zero, other months
    none."""
    month = f"{when.month:02}" if when.month < 3 else str(when.month)
    return f"ngày {when.day:02} tháng {month} năm {when.year}"


def roman(number: int) -> str:
    """`IV`, for numbers from 1 to 39: appendices and sections."""
    return "X" * (number // 10) + ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10]
