"""From an official-looking file to a draft: what is read, what is derived, and that no doubt is silent."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from baocao.model.form import ColumnRole, Form, Nature, RollUp, ValueType
from baocao.regimes.load import load_pack
from baocao.regimes.source import Source
from baocao_authoring.draft.learn import learn
from baocao_authoring.draft.relation_rules import WITHOUT_PACK, rules_for
from builders.packs import official
from builders.packs.learned import CODES, STYLES, form_of, learned, linear, mark_above, row_of
from builders.packs.pack import ROOT


@pytest.mark.parametrize("style", STYLES)
def test_a_draft_loads_and_lists_every_open_decision(style: str) -> None:
    done = learned(style)
    assert form_of(style).assumed and "Bản nháp" in form_of(style).assumption
    body, decisions = done.text.split("# VIỆC NGƯỜI PHẢI QUYẾT ĐỊNH\n")
    marks = [m[1] for m in re.finditer(r"^ *# CẦN XEM LẠI: (.*)$", body, re.MULTILINE)]
    assert len(marks) == len(done.decisions) >= 5
    for mark, decision in zip(sorted(marks), sorted(done.decisions, key=lambda d: d.reason), strict=True):
        reason, _, place = mark.partition(", ô ")
        assert decision.reason in mark and bool(place) is bool(decision.a1), (reason, decision)
    assert sum(bool(re.match(r"# \d+\. ", line)) for line in decisions.splitlines()) == len(marks)


@pytest.mark.parametrize("style", STYLES)
def test_a_draft_is_the_same_bytes_every_time(style: str) -> None:
    again = learn(getattr(official, style)(), f"{style}.xlsx", version="2026.1", code=CODES.get(style))
    assert again.text == learned(style).text


def test_three_heading_rows_become_groups_titles_and_roles() -> None:
    columns = {c.code: c for c in form_of("statistical_form").tables[0].columns}
    assert [(c.code, c.role) for c in columns.values()] == [
        ("TH", ColumnRole.ACTUAL),
        ("PH_NU", ColumnRole.ATTRIBUTE),
        ("PH_D18T", ColumnRole.ATTRIBUTE),
        ("LKN", ColumnRole.CUMULATIVE_YEAR),
        ("GT", ColumnRole.EXPLANATION),
    ]
    assert (columns["PH_NU"].group, columns["PH_NU"].title) == ("Phát hiện trong kỳ", "Trong đó: Nữ")


def test_lines_take_their_code_unit_type_and_depth() -> None:
    form = form_of("statistical_form")
    assert [r.code for r in form.tables[0].rows] == [
        "B12.M1", "B12.01", "B12.02", "B12.03", "B12.M2", "B12.04", "B12.05",
        "B12.M3", "B12.06", "B12.M4", "B12.07", "B12.08", "B12.09", "B12.10",
    ]  # fmt: skip
    cases, persons, drugs = (row_of(form, f"B12.{n}") for n in ("01", "05", "07"))
    assert (cases.item, cases.unit, cases.columns) == ("1", "vụ", ("TH", "LKN", "GT"))
    assert (persons.unit, persons.indent, persons.columns) == ("người", 3, None)  # `nt`: as the line above
    assert (drugs.type, drugs.roll_up) == (ValueType.DECIMAL, RollUp.SUM)
    assert row_of(form, "B12.M1").heading and row_of(form, "B12.M2").name == "Trong đó:"


def test_split_is_total_and_of_which_is_bounded() -> None:
    form = form_of("statistical_form")
    derive = row_of(form, "B12.06").derive
    assert derive is not None and derive.linear is not None
    assert derive.linear.plus == ("B12.07", "B12.08", "B12.09")
    sides = {r.id: r.at_most for r in form.relations}
    assert sides["V14.B12.02.TH"] == (("B12/B12.02/TH",), ("B12/B12.01/TH",))
    assert sides["V14.B12.05.PH_NU"] == (("B12/B12.05/PH_NU",), ("B12/B12.03/PH_NU",))
    assert sides["V14.B12.PH_D18T"] == (("B12/*/PH_D18T",), ("B12/*/TH",))
    assert len(sides) == 12
    # The words say it: there is nothing to decide.
    assert mark_above(learned("statistical_form").text, "- {code: B12.06") == []


def test_an_unknown_unit_is_marked_with_its_cell() -> None:
    marks = mark_above(learned("statistical_form").text, "- {code: B12.10")
    assert marks == ["# CẦN XEM LẠI: chưa biết đơn vị tính «máy»: coi là số đếm, nguyên, ô B21 của bản gốc"]


def test_lines_around_the_table_give_title_and_notes() -> None:
    done, form = learned("statistical_form"), form_of("statistical_form")
    assert (form.title, form.official) == ("KẾT QUẢ PHÁT HIỆN, XỬ LÝ VI PHẠM VỀ MA TÚY", "Biểu số: 12/PCMT")
    assert form.instructions == ("Số đối tượng không gồm người dưới 14 tuổi.",)
    assert "Thông tư số 99/2026/TT-BXX ngày 05/01/2026" in done.text and "2026-01-05" in done.text
    passed = {text for text, _ in done.passed_over}
    assert {"Người lập biểu", "Thủ trưởng đơn vị", "Đơn vị báo cáo: …………"} <= passed


def test_formulas_in_the_column_number_row_are_certain() -> None:
    columns = {c.code: c for c in form_of("resources_form").tables[0].columns}
    total, ratio = columns["KHVN2026_TS"].derive, columns["TL"].derive
    assert total is not None and total.linear is not None and len(total.linear.plus) == 5
    assert ratio is not None and ratio.ratio is not None
    assert (ratio.ratio.numerator, ratio.ratio.denominator) == (("GN_TS",), ("KHVN2026_TS",))
    assert mark_above(learned("resources_form").text, "- {code: TL") == []


def test_money_in_trieu_dong_becomes_whole_dong() -> None:
    form = form_of("resources_form")
    assert {(r.type, r.unit) for r in form.tables[0].rows} == {(ValueType.MONEY, "đồng")}
    assert any("triệu đồng" in d.reason and d.a1 == "M4" for d in learned("resources_form").decisions)


def test_only_printed_sums_are_taken_without_a_mark() -> None:
    form, text = form_of("resources_form"), learned("resources_form").text
    total, project = row_of(form, "PL15.TONG").derive, row_of(form, "PL15.I").derive
    assert total is not None and total.linear is not None and total.linear.plus == ("PL15.I", "PL15.II")
    assert project is not None and project.linear is not None and project.linear.plus == ("PL15.I.1", "PL15.I.2")
    assert mark_above(text, "- {code: PL15.TONG") == []
    assert "chỉ suy từ cách đánh số" in mark_above(text, "- {code: PL15.I,")[0]


def test_numbers_and_units_within_names_are_read() -> None:
    form = form_of("lettered_form")
    assert [(r.code, r.item, r.unit, r.type) for r in form.tables[0].rows if not r.heading] == [
        ("M07.1", "1", "người", ValueType.COUNT),
        ("M07.1a", "a", "người", ValueType.COUNT),
        ("M07.1b", "b", "người", ValueType.COUNT),
        ("M07.1c", "c", "người", ValueType.COUNT),
        ("M07.2", "2", "cơ sở", ValueType.COUNT),
        ("M07.2a", "a", "ha", ValueType.DECIMAL),
        ("M07.4", "4", "có/không", ValueType.BOOL),
        ("M07.5", "5", "đồng", ValueType.MONEY),
    ]
    assert row_of(form, "M07.1b").nature is Nature.STOCK  # as the whole it is a part of
    assert row_of(form, "M07.5").name == "Kinh phí hỗ trợ (đồng)"
    assert "nghìn đồng" in mark_above(learned("lettered_form").text, "- {code: M07.5")[0]


def test_an_unclear_ratio_is_left_out() -> None:
    form, text = form_of("lettered_form"), learned("lettered_form").text
    assert [c.code for c in form.tables[0].columns] == ["KHN", "TH", "VKH", "GT"]
    assert "# bỏ ngoài: - {code: VC" in text
    ratio_line = row_of(form, "M07.3")
    assert ratio_line.heading and "tử số" in mark_above(text, "- {code: M07.3")[0]
    assert "tỷ lệ suy từ tiêu đề" in mark_above(text, "- {code: VKH")[0]


def test_headings_not_merged_are_filled_in_and_marked() -> None:
    reasons = {d.a1: d.reason for d in learned("lettered_form").decisions}
    assert "chưa gộp" in reasons["C4"]
    assert form_of("lettered_form").tables[0].columns[0].group == "Năm báo cáo"
    assert "không có cột ghi chú" in mark_above(learned("lettered_form").text, "- {code: GT")[0]


def test_cell_formulas_define_totals_and_ratios() -> None:
    form, text = form_of("movement_form"), learned("movement_form").text
    moving, shows = form.tables
    closing = moving.column("CK").derive
    assert closing is not None and closing.linear is not None
    assert (closing.linear.plus[0], len(closing.linear.plus), len(closing.linear.minus)) == ("DK", 2, 1)
    assert mark_above(text, "- {code: CK") == []
    total = row_of(form, "B21.TONG").derive
    assert total is not None and total.linear is not None and total.linear.plus == ("B21.1", "B21.2")
    ratio = shows.column("TL").derive
    assert ratio is not None and ratio.ratio is not None
    assert (ratio.ratio.numerator, ratio.ratio.denominator) == (("TH",), ("KHN",))
    assert shows.title == "Hoạt động tuyên truyền"
    assert {r.nature for r in moving.rows} == {Nature.STOCK}


def test_codes_of_lines_carry_their_sections_path() -> None:
    form = form_of("sections_form")
    assert [(r.code, r.heading, r.indent) for r in form.tables[0].rows] == [
        ("B04.M1", True, 0),
        ("B04.M2", True, 1),
        ("B04.A.I.1", False, 2),
        ("B04.A.I.2", False, 2),
        ("B04.M3", True, 1),
        ("B04.A.II.1", False, 2),
        ("B04.A.II.1t1", False, 3),
        ("B04.M4", True, 0),
        ("B04.B.1", False, 1),
    ]


def test_total_split_twice_equals_both_sums() -> None:
    form = form_of("sections_form")
    derive = form.tables[0].column("TH").derive
    assert derive is not None and derive.linear is not None and derive.linear.plus == ("GT_NAM", "GT_NU")
    equal = next(r for r in form.relations if r.equal)
    assert (equal.rule, equal.equal) == ("V25", (("B04/*/TH",), ("B04/*/DO_D18", "B04/*/DO_T18TL")))
    assert any("nhiều cách" in m for m in mark_above(learned("sections_form").text, "- {code: TH"))


def test_each_subtotal_closes_its_own_section() -> None:
    form, text = form_of("subtotals_form"), learned("subtotals_form").text
    assert linear(form, "B05.TONG") == ("B05.I.1", "B05.I.2")
    assert linear(form, "B05.TONG_2") == ("B05.II.1", "B05.II.2")
    assert linear(form, "B05.TONG_3") == ("B05.I", "B05.II")
    assert mark_above(text, "- {code: B05.TONG_2") == []
    assert [r.indent for r in form.tables[0].rows] == [0, 1, 1, 0, 0, 1, 1, 0, 0]


def test_columns_of_earlier_years_are_proposed_for_removal() -> None:
    reasons = [(d.about, d.reason) for d in learned("subtotals_form").decisions if "năm 2025" in d.reason]
    assert {about for about, _ in reasons} == {"bảng A, cột N2025_DT", "bảng A, cột N2025_TH"}
    assert not [d for d in learned("indicators_form").decisions if "cột số của năm" in d.reason]


def test_percentage_over_two_lines_is_marked() -> None:
    form, text = form_of("indicators_form"), learned("indicators_form").text
    first, second = row_of(form, "PLII.1").derive, row_of(form, "PLII.2").derive
    assert first is not None and first.ratio is not None and second is not None and second.ratio is not None
    assert (first.ratio.numerator, first.ratio.denominator) == (("PLII.1x1",), ("PLII.1x2",))
    assert (second.ratio.numerator, second.ratio.denominator) == (("PLII.2.2",), ("PLII.2.1",))
    assert "coi là «Số xã, phường không có ma túy» chia" in mark_above(text, "- {code: PLII.1,")[0]
    assert mark_above(text, "- {code: PLII.2,") == []


def test_percentages_of_the_term_use_the_terms_plan() -> None:
    columns = {c.title: c for c in form_of("indicators_form").tables[0].columns}
    year = columns["Tỷ lệ % so với kế hoạch năm"].derive
    term = columns["Tỷ lệ % so với kế hoạch giai đoạn"].derive
    assert year is not None and year.ratio is not None and term is not None and term.ratio is not None
    assert (year.ratio.numerator, year.ratio.denominator) == (("LKN",), ("KHN",))
    assert term.ratio.numerator == ("LKGD",)
    assert term.ratio.denominator == (columns["Kế hoạch giai đoạn 2026-2030"].code,)


@pytest.mark.parametrize("measure", ["triệu đồng", "nghìn đồng", "tỷ đồng"])
def test_money_in_larger_measures_is_marked_for_dong(measure: str) -> None:
    page = official.Page()
    page.put("A1:D1", "KẾT QUẢ THU PHÍ", bold=True)
    page.line(3, ["STT", "Nội dung", "Số hồ sơ", f"Phí đã thu ({measure})"], bold=True)
    page.line(4, [1, "Hộ tịch", None, None])
    page.line(5, [2, "Chứng thực", None, None])
    text = learn(page.bytes(), "phi.xlsx", version="2026.1", code="B99").text
    column = next(line for line in text.splitlines() if "Phí đã thu" in line and "title:" in line)
    assert '"Phí đã thu (đồng)"' in column and "type: money" in column
    assert f"CẦN XEM LẠI: bản gốc tính cột này bằng {measure}" in text


# relations stand under the rules of the pack -------------------------------------------------------------------------


def test_relations_use_the_rules_that_the_pack_declares() -> None:
    shipped = load_pack(ROOT / "include" / "regimes" / "hai-phong-legal-aid")
    renamed = [
        rule.model_copy(update={"id": {"V14": "V29", "V29": "V14"}.get(rule.id, rule.id)}) for rule in shipped.rules
    ]
    pack = replace(shipped, regime=shipped.regime.model_copy(update={"rules": tuple(renamed)}))
    done = learn(official.statistical_form(), "a.xlsx", version="2026.1", rules=rules_for(pack))
    assert done.form is not None and {r.rule for r in done.form.relations} == {"V29"}
    assert not [d for d in done.decisions if d.about.startswith("quan hệ")]


def test_a_relation_without_rule_is_offered_not_made() -> None:
    pack = load_pack(ROOT / "include" / "regimes" / "hai-phong-anti-trafficking")
    assert not [r for r in pack.rules if "trong đó" in r.title]
    done = learn(official.statistical_form(), "a.xlsx", version="2026.1", rules=rules_for(pack))
    assert done.form is not None and done.form.relations == ()
    assert (done.counts["relations"], done.counts["relations_offered"]) == (0, 12)
    [decision] = [d for d in done.decisions if d.about.startswith("quan hệ")]
    offered = re.search(r"\{id: (V\d\d), title: \"Số «trong đó»", decision.reason)
    assert offered and offered[1] not in pack.rules
    # Declared as told, and the comment signs taken away, it is the form it would have been.
    text = re.sub(r"(?m)^((?:  )?)# (relations:|- rule|  id:|  at_most:|  message:)", r"\1\2", done.text)
    made = Source(Path("B12/2026.1.yaml"), text).model(Form)
    assert {r.rule for r in made.relations} == {offered[1]} and len(made.relations) == 12


def test_ids_without_a_pack_are_marked() -> None:
    done = learned("statistical_form")
    assert [d.reason for d in done.decisions if d.about == "quan hệ thuộc V14"] == [WITHOUT_PACK.part.doubt]
