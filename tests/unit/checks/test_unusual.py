"""Figures that are possible but ask for a word, and answers that need another one beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from baocao.model.submission import Problem
from builders.packs.checks import BLANK, NIL, Broken, clean_values, findings, history, rules_pack, workbook


@pytest.mark.parametrize(
    ("cell", "asked"),
    [
        ("PL01/CT21/MS", True),
        ("B04/SUDUNG/T1", True),
        ("B04/SUDUNG/G1", True),
        ("B04/B04.13b/TH", True),
        ("B04/B04.13b/LKN", False),
        ("B04/SUDUNG/DK", False),
    ],
)
def test_only_period_figures_are_compared_with_last_year(cell: str, asked: bool) -> None:
    found = findings(workbook(), past=history(last_year={cell: 60}))
    assert [(f.rule, f.cells[0]) for f in found] == ([("V35", cell)] if asked else [])


def test_a_large_change_is_told_with_its_share() -> None:
    (found,) = findings(workbook(), past=history(last_year={"B04/B04.16a/TH": 20}))
    assert "Số này tăng 30 (150 %) so với cùng kỳ năm trước (20)." in found.message
    (fell,) = findings(workbook(), past=history(last_year={"B04/B04.16a/TH": 200}))
    assert "Số này giảm 150 (75 %) so với cùng kỳ năm trước (200)." in fell.message
    (new,) = findings(workbook(), past=history(last_year={"B04/B04.16a/TH": 0}))
    assert "Số này tăng 50 so với cùng kỳ năm trước (0)." in new.message


MOVED = (
    "PL01/CT10",
    "PL01/CT11",
    "PL01/CT13",
    "B01/B01.02",
    "B01/B01.03b",
    "B04/B04.11a",
    "B04/B04.11b",
    "B04/B04.13a",
)
"""Rows of events, none of them 0 in the clean workbook."""
GROUPS = ("NGHIEN", "SUDUNG", "DANGCAI", "THAYTHE")


@pytest.mark.parametrize(
    ("more", "copied"),
    [
        ([f"B04/{g}/T1" for g in GROUPS[:2]], True),
        ([f"B04/{g}/G1" for g in GROUPS[:2]], True),
        (["B04/NGHIEN/T1"], False),
        (["B04/NGHIEN/T1", "PL01/CT20/TH", "B04/NGHIEN/DK"], False),
        (["B04/NGHIEN/T1", "B04/NGHIEN/T2", "B04/NGHIEN/T3"], False),
    ],
)
def test_ten_equal_event_figures_suggest_a_copy(more: list[str], copied: bool) -> None:
    values = clean_values()
    previous = {name: values.get(name, 0) for name in (*(f"{row}/TH" for row in MOVED), *more)}
    rules = [f.rule for f in findings(workbook(), past=history(previous=previous)) if f.rule == "V36"]
    assert rules == (["V36"] if copied else [])


NO_EVENTS = {f"{row}/TH": 0 for row in ("B04/B04.11a", "B04/B04.11b", "B04/B04.13a", "B04/B04.13b", "B04/B04.16a",
                                        "B04/B04.16b", "B04/B04.24a")}  # fmt: skip
PAID = {"PL03/DA4.NSDP_SN/GN": 60_000_000, "PL03/DA4.NSDP_SN/LKN": 90_000_000}
UNPAID = {f"PL03/DA4.NSDP_SN/{c}": 0 for c in ("GN", "LKN")}


@pytest.mark.parametrize(
    ("changes", "said", "paid"),
    [
        (UNPAID, "có hoạt động nhưng không có tiền giải ngân", "0"),
        (NO_EVENTS | PAID, "có giải ngân nhưng không có hoạt động nào", "60.000.000"),
        (NO_EVENTS | PAID | {"PL03/DA4.NSDP_SN/GN": 0}, "có giải ngân nhưng không có hoạt động nào", "90.000.000"),
        (NO_EVENTS | {"B04/B04.13b/TH": 1}, "", ""),
        (NO_EVENTS | {"B04/B04.13b/TH": BLANK}, "", ""),
        (NO_EVENTS | UNPAID, "", ""),
        ({f"PL03/DA4.NSDP_SN/{c}": NIL for c in ("GN", "LKN")}, "", ""),
        (UNPAID | {"PL03/DA4.NSDP_SN/LKN": 1}, "", ""),
    ],
)
def test_money_and_events_of_a_project_go_together(changes: dict[str, Any], said: str, paid: str) -> None:
    """Paid in the period, else in the year, which holds the period: never their sum."""
    found = [f for f in findings(workbook(changes)) if f.rule == "V27"]
    assert [said in f.message for f in found] == ([True] if said else [])
    assert [(f.cells[0], f.actual) for f in found] == ([("PL03/DA4.NSDP_SN/GN", paid)] if said else [])


ORDER, DAY = "PL01/CT08.QD/TH", "PL01/CT08.NGAY/TH"


@pytest.mark.parametrize(
    ("before", "now", "given", "asked"),
    [
        (False, True, {}, {ORDER: "số", DAY: "ngày"}),
        (False, True, {ORDER: "12/QĐ-UBND"}, {DAY: "ngày"}),
        (False, True, {DAY: date(2026, 5, 5)}, {ORDER: "số"}),
        (False, True, {DAY: Broken("hôm qua", Problem.NOT_A_DATE), ORDER: "12/QĐ-UBND"}, {}),
        (True, True, {}, {}),
        (None, True, {}, {}),
        (True, False, {}, {}),
        (False, NIL, {}, {}),
    ],
)
def test_a_new_recognition_needs_number_and_day(
    before: bool | None, now: Any, given: dict[str, Any], asked: dict[str, str]
) -> None:
    past = history() if before is None else history(previous={"PL01/CT08/TH": before})
    pack = rules_pack(relations=())  # V63 would tell the missing number first
    found = findings(workbook({"PL01/CT08/TH": now, **given}, pack=pack), pack=pack, past=past)
    assert {f.cells[0]: f.expected for f in found if f.rule == "V37"} == {
        cell: f"{what} quyết định" for cell, what in asked.items()
    }


def test_a_nil_form_names_its_remaining_figures() -> None:
    changes = {f"B09/B09.03d/{c}": 0 for c in ("TH", "LKN", "LKGD")} | {"B09/B09.03d/GT": "Không có cuộc nào"}
    assert findings(replace(workbook(changes), nil_forms={"B09": "Không phát sinh"})) == (), "zeros and a note"
    (found,) = findings(replace(workbook(changes | {"B09/B09.03d/KHN": 3}), nil_forms={"B09": "Không phát sinh"}))
    assert (found.rule, found.cells) == ("V03", ("B09/B09.03d/KHN",)) and "(1 ô: E" in found.message
