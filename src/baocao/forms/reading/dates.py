"""Dates as they reach us: real dates, serial numbers that lost their format, text in Vietnamese order."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from baocao.model.submission import Problem
from baocao.text import halfwidth, without_unseen

_DAY_FIRST = re.compile(r"([0-9]{1,2})\s*[/.\-]\s*([0-9]{1,2})\s*[/.\-]\s*([0-9]{4})")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ][0-9:.]+)?")
_WORDS = re.compile(r"(?:ngày\s+)?([0-9]{1,2})\s+tháng\s+([0-9]{1,2})\s+năm\s+([0-9]{4})", re.IGNORECASE)
# Two days before 1 January 1900, not one: spreadsheets count a 29 February 1900 that never was.
_EPOCH = date(1899, 12, 30)
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73415
"""2000-01-01 and 2100-12-31 as spreadsheet serial numbers; outside it a bare number is no date of a report."""


def parse_date(raw: object) -> date | Problem:
    """`05/6/2026`, `5.6.2026`, `5-6-2026`, `2026-06-05`, `ngày 05 tháng 6 năm 2026`, or a spreadsheet date.

    Anything else, a two-digit year included, is NOT_A_DATE.
    """
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, date):
        return raw
    if isinstance(raw, float) and raw.is_integer() and _FIRST_SERIAL <= raw <= _LAST_SERIAL:
        return _EPOCH + timedelta(days=int(raw))
    if not isinstance(raw, str):
        return Problem.NOT_A_DATE
    # "Ngày 05/6/2026." is how a sentence ends.
    text = halfwidth(without_unseen(raw)).strip().rstrip(".")
    if match := _DAY_FIRST.fullmatch(text) or _WORDS.fullmatch(text):
        day, month, year = (int(x) for x in match.groups())
    elif match := _ISO.fullmatch(text):
        year, month, day = (int(x) for x in match.groups())
    else:
        return Problem.NOT_A_DATE
    try:
        return date(year, month, day)
    except ValueError:
        return Problem.NOT_A_DATE
