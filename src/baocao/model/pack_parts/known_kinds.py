"""Kinds of report that are known by name: what a pack need not say about them.

The cut-offs are those of Nghị định 09/2019/NĐ-CP Điều 12 (month, quarter, six months, year). Nine months is counted the
way its khoản 2 to 4 count, though the article does not name it. For weeks, school years and everything else the article
leaves the cut-off to whoever lays the report down (khoản 5), so the pack must state it.
"""

from __future__ import annotations

from typing import Any

from baocao.model.period import PeriodKind

_FROM_THE_15TH = {"day": 15, "of": "first", "month_shift": -1}
"""from the 15th of the month before the period's first month"""
_TO_THE_14TH = {"day": 14}
"""to the 14th of its last month"""
_ARTICLE_12 = {"covers_from": _FROM_THE_15TH, "cutoff": _TO_THE_14TH}

KNOWN_KINDS: dict[str, dict[str, Any]] = {
    PeriodKind.WEEKLY: {
        "cycle": {"weeks": 1},
        "code": "{year}-W{n:02d}",
        "name": "tuần {n} năm {year}",
    },
    PeriodKind.MONTHLY: {
        "cycle": {"months": 1},
        "code": "{year}-M{month:02d}",
        "name": "tháng {month}/{year}",
        **_ARTICLE_12,
    },
    PeriodKind.QUARTERLY: {
        "cycle": {"months": 3},
        "code": "{year}-Q{n}",
        "name": "quý {roman} năm {year}",
        **_ARTICLE_12,
    },
    # The first half alone: where the half year and the year are reported, the year tells the second half
    # (docs/calendar.md has both halves).
    PeriodKind.SIX_MONTH: {
        "cycle": {"months": 6, "parts": (1,)},
        "code": "{year}-H{n}",
        "name": "6 tháng {half} năm {year}",
        **_ARTICLE_12,
    },
    PeriodKind.NINE_MONTH: {
        "cycle": {"months": 9},
        "code": "{year}-9T",
        "name": "9 tháng đầu năm {year}",
        **_ARTICLE_12,
    },
    PeriodKind.ANNUAL: {
        "cycle": {"months": 12},
        "code": "{year}-Y",
        "name": "năm {year}",
        **_ARTICLE_12,
    },
    # Without the days of Điều 12: they are of the calendar year, and a school year is none.
    PeriodKind.SCHOOL_YEAR: {
        "cycle": {"months": 9, "from_month": 9},
        "code": "{year}-NH",
        "name": "năm học {year} - {next_year}",
    },
    PeriodKind.MID_TERM: {"cycle": {"months": 12}},
    PeriodKind.END_TERM: {"cycle": {"months": 12}},
    # No cycle: its dates are the pack's. Its name comes from each date's own, and so do the days it covers.
    PeriodKind.ONE_OFF: {
        "name": "{title}",
        "covers_from": {"days": 0, "after": "start"},
        "cutoff": {"days": 0, "after": "end"},
    },
    PeriodKind.AD_HOC: {"cycle": {"months": 12}},
}
