"""The engine as a whole: order, echoes, explanations, nil, structure, the decision."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from baocao.checks.engine import compile_rules, decide
from baocao.model.form import CellKey, Relation
from baocao.model.submission import Problem, Severity, Status, StructureProblem
from baocao.model.unit import Unit
from baocao.settings import ConfigurationError
from builders.packs.checks import (
    BLANK,
    COMMUNE,
    COUNTED,
    FULL_YEAR,
    NIL,
    PACK,
    POLICE,
    WARD,
    Broken,
    clean_values,
    findings,
    history,
    rules_pack,
    workbook,
)
from builders.packs.rule_cases import NOBODY

ERROR = Broken("#REF!", Problem.ERROR_VALUE)


def test_a_clean_workbook_is_accepted_without_findings() -> None:
    assert findings(workbook()) == ()
    assert decide(()) is Status.ACCEPTED


def test_points_to_explain_never_return_a_file() -> None:
    found = findings(workbook({"B04/B04.13b/TH": 5, "B04/B04.13b/LKN": 5}))
    assert [f.severity for f in found] == [Severity.EXPLAIN]
    assert decide(found) is Status.ACCEPTED


def test_blocking_findings_come_first_then_printed_order() -> None:
    changes = {
        "B04/B04.13b/TH": 5,  # explain, early
        "B04/B04.13b/LKN": 5,
        "B04/B04.16b/TH": 99,
        "B04/B04.16b/LKN": 99,
        "PL01/CT11/TH": 9,
    }
    found = findings(workbook(changes))
    assert [f.rule for f in found] == ["V12", "V14", "V16"]
    assert decide(found) is Status.RETURNED


@pytest.mark.parametrize("wrong", [ERROR, BLANK])
def test_a_bad_opening_figure_is_told_once(wrong: object) -> None:
    """CK, the group's indicator and CT20's bounds all rest on it."""
    past = history(previous={"B04/NGHIEN/CK": 5})
    found = findings(workbook({"B04/NGHIEN/DK": wrong, "B04/NGHIEN/CK": 99}), past=past)
    assert [f.cells[0] for f in found] == ["B04/NGHIEN/DK"]


def test_a_typed_over_closing_figure_is_told_once() -> None:
    found = findings(workbook({"B04/NGHIEN/CK": 30, "PL01/CT01/TH": 30}))
    assert [(f.rule, f.cells[0], f.suggestion) for f in found] == [("V11", "B04/NGHIEN/CK", "22")]


def test_a_negative_closing_figure_is_told_once() -> None:
    found = findings(workbook({"B04/NGHIEN/G1": 40}))
    assert [(f.rule, f.actual) for f in found] == [("V11", "-17")]


def test_wrong_totals_are_told_at_the_lowest_place() -> None:
    found = findings(workbook({"PL03/DA4/GN": 1, "PL03/TONG/GN": 1}))
    assert [f.cells[0] for f in found] == ["PL03/DA4/GN"]


def test_a_formula_without_stored_value_is_no_fault() -> None:
    assert findings(workbook({"B04/NGHIEN/CK": BLANK, "PL03/TONG/GN": BLANK, "PL01/CT30/TH": BLANK})) == ()


def test_a_broken_formula_is_told_with_its_value() -> None:
    (finding,) = findings(workbook({"B04/NGHIEN/CK": ERROR}))
    assert (finding.rule, finding.actual, finding.suggestion) == ("V01", "#REF!", "22")


@pytest.mark.parametrize(
    ("problem", "raw", "rule", "word"),
    [
        (Problem.ERROR_VALUE, "#REF!", "V01", "#REF!"),
        (Problem.FORMULA_WITHOUT_VALUE, "=B2+B3", "V01", "mở tệp bằng Excel/LibreOffice rồi lưu lại"),
        (Problem.NOT_A_NUMBER, "12 người", "V02", "12 người"),
        (Problem.NOT_WHOLE, "3,5", "V01", "phần lẻ"),
        (Problem.NEGATIVE, "-4", "V01", "số âm"),
    ],
)
def test_every_unreadable_answer_is_named_as_such(problem: Problem, raw: str, rule: str, word: str) -> None:
    (finding,) = findings(workbook({"B04/B04.16a/TH": Broken(raw, problem)}))
    assert finding.rule == rule
    assert word in finding.message


def test_an_explanation_is_found_by_its_key() -> None:
    changes = {"B04/B04.13b/TH": 5, "B04/B04.13b/LKN": 5}
    (before,) = findings(workbook(changes))
    (after,) = findings(workbook(changes, explanations={before.key: "Một hồ sơ lập từ kỳ trước"}))
    assert before.explanation == ""
    assert after.explanation == "Một hồ sơ lập từ kỳ trước"


def test_a_rows_note_explains_its_finding() -> None:
    changes = {"B04/B04.13b/TH": 5, "B04/B04.13b/LKN": 5, "B04/B04.13b/GT": "Lập từ kỳ trước"}
    (finding,) = findings(workbook(changes))
    assert finding.explanation == "Lập từ kỳ trước"


def test_a_form_declared_nil_needs_no_cells() -> None:
    empty = {f"B09/B09.03d/{c}": BLANK for c in ("TH", "LKN", "LKGD")}
    assert findings(workbook(empty, nil_forms={"B09": "Không phát sinh"})) == ()


def test_a_nil_form_with_figures_is_a_contradiction() -> None:
    book = workbook(
        {"B09/B09.03d/TH": 2, "B09/B09.03d/LKN": 2, "B09/B09.03d/GT": "x"}, nil_forms={"B09": "Không phát sinh"}
    )
    assert [(f.rule, f.cells[0]) for f in findings(book)] == [("V03", "B09/B09.03d/TH")]


def test_own_nil_reason_and_forbidden_nil_are_refused() -> None:
    empty = {f"B09/B09.03d/{c}": BLANK for c in ("TH", "LKN", "LKGD")}
    own = findings(workbook(empty, nil_forms={"B09": "Đơn vị bận"}))
    forbidden = findings(workbook(nil_forms={"PL04": "Không phát sinh"}))
    assert [(f.rule, f.key) for f in own] == [("V03", "V03|B09")]
    assert [(f.rule, f.key) for f in forbidden] == [("V03", "V03|PL04")]


def test_a_form_nil_by_default_may_stay_empty() -> None:
    empty = {f"B09/B09.03d/{c}": BLANK for c in ("TH", "LKN", "LKGD")}
    pack = rules_pack(default_nil={"B09": "Không phát sinh"})
    assert [f.rule for f in findings(workbook(empty))] == ["V41"]
    assert findings(workbook(empty, pack=pack), pack=pack) == ()


@pytest.mark.parametrize(
    ("kind", "name", "gone"),
    [
        ("missing_row", "B04.13a", lambda key: key.row == "B04.13a"),
        ("missing_column", "LKGD", lambda key: key.form == "B04" and key.column == "LKGD"),
        ("missing_table", "B", lambda key: key.form == "B04" and key.row.startswith("B04.")),
        ("duplicate_row", "B04.13a", lambda key: False),
        ("row_without_code", "", lambda key: False),
    ],
)
def test_a_torn_sheet_is_told_at_the_tear(kind: str, name: str, gone: object) -> None:
    book = workbook(problems=(StructureProblem(kind, "B04", name, "PL02 Biểu 04", "B20"),))
    kept = {k: c for k, c in book.cells.items() if not gone(k)}  # type: ignore[operator]
    found = findings(replace(book, cells=kept))
    assert [(f.rule, f.a1) for f in found] == [("V41", "B20")]


def test_a_row_of_money_is_all_or_nothing() -> None:
    (finding,) = findings(workbook({"PL03/DA1.NSDP_SN/KH": 5_000_000}))
    assert (finding.rule, finding.cells[0]) == ("V03", "PL03/DA1.NSDP_SN/PB")
    assert len(finding.cells) == 6


def test_an_advance_blocks_unless_a_note_explains() -> None:
    changes = {"PL03/DA4.NSDP_SN/LKN": 200_000_001}
    (without,) = findings(workbook(changes))
    (with_note,) = findings(workbook(changes | {"PL03/DA4.NSDP_SN/GT": "Tạm ứng"}))
    assert (without.severity, with_note.severity) == (Severity.BLOCKS, Severity.EXPLAIN)
    assert with_note.explanation == "Tạm ứng"


def test_figures_are_printed_the_vietnamese_way() -> None:
    (finding,) = findings(workbook({"PL03/DA4.NSDP_SN/PB": 1_250_000_000}))
    assert "1.250.000.000" in finding.message
    assert finding.expected == "nhiều nhất 250.000.000"
    assert finding.actual == "1.250.000.000"


def test_two_findings_at_one_cell_have_two_keys() -> None:
    found = findings(workbook({"B05/CS1/CS": 100, "B05/CS1/HA": Decimal(1)}, unit=POLICE), unit=POLICE)
    assert len({f.key for f in found}) == len(found) == 2


def test_rules_are_compiled_once_per_pack_and_slice() -> None:
    assert compile_rules(PACK, COMMUNE) is compile_rules(PACK, WARD)
    assert compile_rules(PACK, COMMUNE) is not compile_rules(PACK, POLICE)
    assert compile_rules(PACK, COMMUNE) is not compile_rules(rules_pack(name="Chế độ khác"), COMMUNE)


def test_a_relation_with_an_unknown_rule_is_named() -> None:
    wrong = Relation(rule="V99", id="V99.la", equal=(("PL01/CT01/TH",), ("PL01/CT02/TH",)), message="Hãy sửa.")
    with pytest.raises(ConfigurationError, match=r"V99\.la.*chưa khai quy tắc V99"):
        compile_rules(rules_pack(relations=(wrong,)), COMMUNE)


def test_the_year_opens_with_its_half_years_stock() -> None:
    past = history(previous={"B04/NGHIEN/CK": 30}, same_year={"B04/NGHIEN/DK": 21, "B04/NGHIEN/CK": 30})
    book = workbook(period="2026-Y")
    assert findings(book, period=FULL_YEAR, past=past, received_at=FULL_YEAR.unit.due_at) == ()


def test_a_shrunken_year_to_date_is_told_once() -> None:
    past = history(same_year={"B04/B04.13a/LKN": 5})
    book = workbook(period="2026-Y")
    (finding,) = findings(book, period=FULL_YEAR, past=past, received_at=FULL_YEAR.unit.due_at)
    assert (finding.rule, finding.cells[0], finding.expected) == ("V32", "B04/B04.13a/LKN", "ít nhất 5")


def test_a_wrong_total_hides_no_wrong_ratio() -> None:
    found = findings(workbook({"PL03/TONG/KH": 7, "PL03/DA4/TL": Decimal("12.34")}))
    assert [(f.rule, f.cells[0]) for f in found] == [("V26", "PL03/DA4/TL"), ("V25", "PL03/TONG/KH")]


def test_figures_that_must_be_equal_are_told_once() -> None:
    past = history(last_year={"PL01/CT10/TH": 40, "B01/B01.02/TH": 40})
    assert [(f.rule, f.cells[0]) for f in findings(workbook(), past=past)] == [("V35", "PL01/CT10/TH")]


@pytest.mark.parametrize(
    ("then", "now", "asked"),
    [(0, 10, False), (0, 11, True), (1, 3, False), (20, 30, False), (20, 31, True), (22, 33, False), (40, 19, True)],
)
def test_only_large_relative_and_absolute_changes_are_questioned(then: int, now: int, asked: bool) -> None:
    changes = {f"B04/B04.16a/{c}": now for c in ("TH", "LKN")} | {f"B04/B04.16b/{c}": 0 for c in ("TH", "LKN")}
    found = findings(workbook(changes), past=history(last_year={"B04/B04.16a/TH": then}))
    assert [f.rule for f in found] == (["V35"] if asked else [])


def test_an_amount_in_the_wrong_measure_is_suspected() -> None:
    changes = {f"PL03/DA4.NSDP_SN/{c}": n for c, n in {"KH": 250, "PB": 200, "GN": 80, "LKN": 80, "LKGD": 80}.items()}
    past = history(previous={"PL03/DA4.NSDP_SN/KH": 250_000_000, "PL03/DA4.NSDP_SN/LKGD": 0})
    (finding,) = findings(workbook(changes), past=past)
    assert (finding.rule, finding.suggestion) == ("V06", "250.000.000")


def test_a_small_first_payment_is_not_suspected() -> None:
    changes = {f"PL03/DA4.NSDP_SN/{c}": 2_000_000 for c in ("GN", "LKN", "LKGD", "QT")}
    changes["PL03/DA4.NSDP_SN/KH"] = 5_000_000_000
    assert findings(workbook(changes)) == ()


@pytest.mark.parametrize(
    ("people", "unit", "asked"),
    [
        (6, replace(COUNTED, population=20_000), ["V29"]),
        (300, replace(COUNTED, population=20_000), []),
        (6, COMMUNE, []),
        (0, COMMUNE, ["V29"]),
    ],
    ids=["few of many", "many of many", "nobody knows of how many", "none, whoever lives there"],
)
def test_an_unlikely_class_one_is_questioned(people: int, unit: Unit, asked: list[str]) -> None:
    changes = NOBODY | {"PL01/CT09/TH": "Loại I", "PL01/CT01/TH": people, "B04/NGHIEN/T1": people}
    changes |= {f"B01/B01.03b/{c}": 0 for c in ("TH", "LKN")} | {f"PL01/CT13/{c}": 0 for c in ("TH", "LKN")}
    changes |= {f"PL01/CT20/{c}": max(5, people) for c in ("TH", "MS")}
    assert [f.rule for f in findings(workbook(changes, unit=unit), unit=unit) if f.rule == "V29"] == asked


def test_findings_name_the_cell_the_workbook_names() -> None:
    book = workbook({"PL01/CT11/TH": 9})
    moved = replace(book.cells[CellKey.parse("PL01/CT11/TH")], sheet="Trang đã đổi tên", a1="H77")
    (finding,) = findings(replace(book, cells=book.cells | {moved.key: moved}))
    assert (finding.sheet, finding.a1) == ("Trang đã đổi tên", "H77")


def test_declared_nil_counts_as_zero_in_relations() -> None:
    found = findings(workbook({"B04/B04.11a/TH": NIL, "B04/B04.11a/LKN": 2}))
    assert "V15" in [f.rule for f in found]


def test_form_of_optional_rows_must_be_answered() -> None:
    money = {name: BLANK for name in clean_values() if name.startswith("PL03/")}
    noted = {**money, "PL03/DA4.NSDP_SN/GT": "Lồng ghép vào kinh phí thường xuyên"}
    for changes in (money, noted):
        (found,) = findings(workbook(changes))
        assert (found.rule, found.sheet) == ("V41", "PL03 Nguồn lực")
        assert "Không phát sinh" in found.message
    declared = replace(workbook(noted), nil_forms={"PL03": "Không phát sinh"})
    assert findings(declared) == ()
