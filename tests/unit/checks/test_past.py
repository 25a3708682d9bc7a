"""What the rules against the past say of a year and of a part of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from baocao.checks.history import History
from baocao.model.period import Period, PeriodKind, PeriodScope
from builders.packs.checks import FULL_YEAR, findings, history, workbook

SECOND_HALF = replace(
    FULL_YEAR, kind=PeriodKind.SIX_MONTH, covers_from=date(2026, 6, 15), stated_scope=PeriodScope.PART
)


def said(period: Period, past: History, changes: dict[str, Any] | None = None) -> list[tuple[str, str, str]]:
    book = workbook(changes or {}, period=period.code)
    found = findings(book, period=period, past=past, received_at=period.unit.due_at)
    return [(f.rule, f.cells[0], f.suggestion) for f in found if f.cells]


@pytest.mark.parametrize(
    ("cell", "half", "told"),
    [
        ("B04/NGHIEN/T1", 2, []),
        ("B04/NGHIEN/T1", 3, ["V33"]),
        ("B04/NGHIEN/G1", 2, ["V33"]),
        ("PL01/CT13/TH", 6, []),
        ("PL01/CT13/TH", 7, ["V33"]),
        # A plan may be cut, and what there is now may be less than in June.
        ("PL01/CT13/KHN", 99, []),
        ("PL01/CT20/TH", 99, []),
    ],
)
def test_the_year_includes_its_half_year(cell: str, half: int, told: list[str]) -> None:
    planned = {"PL01/CT13/KHN": 5, "B01/B01.02/KHN": 5} if cell.endswith("KHN") else {}
    assert [(rule, at) for rule, at, _ in said(FULL_YEAR, history(same_year={cell: half}), planned)] == [
        (rule, cell) for rule in told
    ]


@pytest.mark.parametrize(("so_far", "told"), [(9, []), (10, [("V32", "14")]), (8, [("V32", "12")])])
def test_a_later_part_adds_to_earlier_reports(so_far: int, told: list[tuple[str, str]]) -> None:
    row = {"B04/B04.13a/TH": 4, "B04/B04.13a/LKN": 13, "B04/B04.13a/LKGD": 13}
    past = history(year_so_far={"B04/B04.13a/LKN": so_far})
    assert [(rule, right) for rule, _, right in said(SECOND_HALF, past, row) if rule == "V32"] == told
    assert not [rule for rule, _, _ in said(SECOND_HALF, history(), row) if rule == "V32"], "nobody knows what was"
