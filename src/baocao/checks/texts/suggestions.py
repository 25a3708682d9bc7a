"""What somebody most likely meant, when what they typed cannot be read."""

from __future__ import annotations

import re
from decimal import Decimal

from baocao.forms.reading.numbers import parse_number
from baocao.model.form import ValueType
from baocao.model.submission import Problem

_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+")
_ENGLISH = re.compile(r"\d{1,3}(?:,\d{3})*\.\d+|\d+\.\d{1,2}")
_FIRST_NUMBER = re.compile(r"\d[\d.,]*")


def likely_number(raw: str, kind: ValueType) -> int | Decimal | None:
    """The one number that `raw` most likely means for a cell of `kind`; None when nothing follows.

    `1,234` in a count is 1234; `12 người` is 12; `1,234.5` in an area is 1234,5. Never guesses between two numbers.
    """
    candidates = _FIRST_NUMBER.findall(raw)
    # U+2212 is the minus sign that word processors write.
    if len(candidates) != 1 or raw.strip().startswith(("-", "\u2212")):
        return None
    text = candidates[0].rstrip(".,")
    # In an area `1,234` may be one and a bit, as a comma is the decimal mark here: nothing is suggested.
    if _GROUPED.fullmatch(text):
        return int(text.replace(",", "")) if kind is not ValueType.DECIMAL else None
    if _ENGLISH.fullmatch(text) and kind is ValueType.DECIMAL:
        return Decimal(text.replace(",", ""))
    number = parse_number(text, kind)
    return None if isinstance(number, Problem) else number
