"""What is found in a list: the cell, what it should say, and both places where a figure and its list differ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest

from baocao.checks.engine import check, decide
from baocao.checks.history import History
from baocao.model.form import CellKey
from baocao.model.submission import Finding, Severity, Status
from builders.packs.lists import HELD, ISSUED, Case, filled, first_quarter, lists_pack, read

HELD_LIST = ("CCHC", "DSHN")


def found(data: bytes) -> list[Finding]:
    pack, period = lists_pack().for_period(first_quarter()), first_quarter()
    at = period.unit.due_at - timedelta(days=2)
    return list(check(read(data), pack, pack.units[0], period, History(), received_at=at))


def changed(row: int, **cells: object) -> Sequence[Case]:
    rows: list[dict[str, object]] = [dict(r) for r in HELD]
    rows[row] = {**rows[row], **cells}
    return rows


def test_a_right_workbook_is_accepted_without_a_word() -> None:
    assert [f.message for f in found(filled())] == []
    assert decide(()) is Status.ACCEPTED


@pytest.mark.parametrize(
    ("cells", "rule", "a1", "said"),
    [
        ({"ND": None}, "V03", "C13", "Dòng 2 của danh sách chưa ghi «Nội dung»"),
        ({"SN": -1}, "V01", "F13", "là số âm"),
        ({"HT": "Điện thoại"}, "V01", "E13", "Trực tiếp; Trực tuyến"),
        ({"NGAY": "hôm qua"}, "V01", "D13", "không phải là ngày"),
        ({"NGAY": date(2027, 3, 20)}, "V44", "D13", "sau ngày chốt"),
        ({"NGAY": date(2026, 12, 1)}, "V64", "D13", "trước ngày đầu kỳ"),
        ({"ND": "Gọi 0912 345 678"}, "V07", "C13", "dãy số"),
        ({"ND": "T?p hu?n m?t c?a"}, "V08", "C13", "mất dấu"),
        ({"SO": "01/kh", "NGAY": date(2027, 1, 20)}, "V64", "B13", "trùng dòng 1 (dòng 12 của trang)"),
    ],
)
def test_a_fault_in_a_row_is_told_at_its_cell(cells: dict[str, Any], rule: str, a1: str, said: str) -> None:
    (finding,) = found(filled(changed(1, **cells)))
    assert (finding.rule, finding.sheet, finding.a1, finding.severity) == (rule, "DS hội nghị", a1, Severity.BLOCKS)
    assert said in finding.message and finding.item == "Dòng 2"


def test_a_count_that_differs_from_its_list_names_both_places() -> None:
    (finding,) = found(filled(figures={CellKey("CCHC", "TT03", c): 3 for c in ("TH", "LKN")}))
    assert (finding.rule, finding.item, finding.suggestion) == ("V65", "3", "2")
    assert finding.sheet == "Cải cách hành chính" and finding.a1.startswith("D")
    assert "Ô này ghi 3" in finding.message and "trang «DS hội nghị», dòng 12-13" in finding.message


def test_an_empty_list_is_stated_and_counts_as_none() -> None:
    none = {CellKey("CCHC", "TT03", c): 0 for c in ("TH", "LKN")}
    assert found(filled((), figures=none, nil={HELD_LIST: "Không phát sinh"})) == []
    (silent,) = found(filled((), figures=none))
    assert silent.rule == "V03" and "chưa có dòng nào" in silent.message and silent.sheet == "DS hội nghị"
    (both,) = found(filled(nil={HELD_LIST: "Không phát sinh"}))
    assert both.rule == "V03" and "vẫn có 2 dòng (dòng 12-13" in both.message
    (wrong,) = found(filled((), nil={HELD_LIST: "Không phát sinh"}))
    assert wrong.rule == "V65" and "là 0" in wrong.message


def test_a_finding_stays_with_its_case_when_a_row_is_inserted_above() -> None:
    named = changed(1, ND="Gặp ông Nguyễn Văn An")
    more: Case = {"SO": "00/KH", "ND": "Khai mạc", "NGAY": date(2027, 1, 2), "HT": "Trực tiếp", "SN": 9}
    three = {CellKey("CCHC", "TT03", c): 3 for c in ("TH", "LKN")}
    before, after = found(filled(named)), found(filled((more, *named), figures=three))
    assert before[0].rule == "V07" and before[0].severity is Severity.EXPLAIN
    assert [f.key for f in before] == [f.key for f in after] and before[0].a1 != after[0].a1


def test_a_list_of_a_form_without_tables_is_asked_for_too() -> None:
    (missing,) = found(filled(issued=()))
    assert missing.rule == "V03" and missing.sheet == "DS văn bản"
    (short,) = found(filled(issued=({**ISSUED[0], "TY": None},)))
    assert (short.rule, short.a1) == ("V03", "D12")
