"""Numbers as Vietnamese officials write them: `.` parts thousands, `,` parts decimals."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from baocao.model.form import ValueType
from baocao.model.submission import Problem, Value
from baocao.text import day_text, halfwidth, vietnamese_number, without_unseen, yes_or_no

_BLANKS = re.compile(r"[\s\u00a0\u2007\u202f\u2060\ufeff]+")
_PLAIN = re.compile(r"[0-9]+")
# Groups of three and no leading zero: `0.125` is nobody's thousands and falls through to AMBIGUOUS_NUMBER.
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_SPACED = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:,[0-9]+)?")
_DECIMAL = re.compile(r"(?:[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+),[0-9]+")
_LIKE_ENGLISH_THOUSANDS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")
_DIGITS_AND_MARKS = re.compile(r"[0-9][0-9.,]*")

_WHOLE = {ValueType.COUNT, ValueType.MONEY}
_LARGEST = 10**18
"""Above this a figure is not a count nor an amount of money of any programme, and does not fit the store."""


def parse_number(raw: str | float | Decimal, type: ValueType) -> int | Decimal | Problem:
    """The number a person typed, as int for counts and money (whole đồng), as Decimal for areas and ratios.

    `1.234` is 1234; `1.234,5` and `0,5` are decimals; `1,234` could be either and is AMBIGUOUS_NUMBER, as is every
    text that uses the marks in another way (`12.5`, `1,234.5`, `1.23.4`). A minus sign gives NEGATIVE. Text that is
    no number gives NOT_A_NUMBER, a fraction in a count or an amount of money NOT_WHOLE. Signs
    that nobody sees (a zero-width blank) and wide digits are read as what they show.
    """
    if isinstance(raw, str):
        number = _from_text(raw)
    elif isinstance(raw, bool):
        return Problem.NOT_A_NUMBER
    else:
        number = _from_figure(raw)
    if isinstance(number, Problem):
        return number
    # A change in percent may fall; nothing else that is asked for may.
    if number < 0 and type is not ValueType.RATIO:
        return Problem.NEGATIVE
    if number > _LARGEST:
        return Problem.NOT_A_NUMBER
    if type not in _WHOLE:
        return number
    whole = int(number)
    return whole if number == whole else Problem.NOT_WHOLE


def _from_figure(raw: float | Decimal) -> Decimal | Problem:
    """A spreadsheet keeps fifteen significant digits: `0.1 + 0.2` is 0,3."""
    try:
        # Excel shows and compares fifteen digits (IEEE 754 has up to seventeen): the rest is noise of binary
        # addition.
        number = raw if isinstance(raw, Decimal) else Decimal(f"{raw:.15g}")
    except (ValueError, InvalidOperation):
        return Problem.NOT_A_NUMBER
    return number if number.is_finite() else Problem.NOT_A_NUMBER


def _from_text(raw: str) -> Decimal | Problem:
    """The number written in Vietnamese (`1.234,5`), or why it is none."""
    text = _BLANKS.sub(" ", halfwidth(without_unseen(raw))).strip()
    negative = text.startswith(("-", "\u2212"))
    if negative or text.startswith("+"):
        text = text[1:].lstrip()
    if _SPACED.fullmatch(text):
        text = text.replace(" ", "")
    if not _DIGITS_AND_MARKS.fullmatch(text):
        return Problem.NOT_A_NUMBER
    if _PLAIN.fullmatch(text):
        number = Decimal(text)
    elif _THOUSANDS.fullmatch(text):
        number = Decimal(text.replace(".", ""))
    # Before the decimals: `1,234` fits both, and a guess would be off by a thousand (V02; the guide says `1.234`).
    elif _LIKE_ENGLISH_THOUSANDS.fullmatch(text):
        return Problem.AMBIGUOUS_NUMBER
    elif _DECIMAL.fullmatch(text):
        number = Decimal(text.replace(".", "").replace(",", "."))
    else:
        return Problem.AMBIGUOUS_NUMBER
    return -number if negative else number


def format_value(value: Value | None, type: ValueType) -> str:
    """The value as printed in Vietnamese: `1.234`, `1.234,5`, `12,50` (ratios: two decimals), `Có`, `05/06/2026`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, datetime | date):
        return day_text(value)
    if isinstance(value, str):
        return value
    return vietnamese_number(f"{value:,.2f}" if type is ValueType.RATIO else _plain(value))


def _plain(value: int | Decimal | float) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
