from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baocao.consolidation.province import consolidate
from baocao.consolidation.tally import ConsolidationError
from baocao.model.consolidated import Consolidation
from baocao.model.form import RollUp, Table, ValueType
from baocao.model.report import Coverage, ProvinceValue
from baocao.model.submission import AcceptedCells, Answer, Cell
from builders.packs.consolidation import (
    NIL,
    T,
    X,
    accepted,
    communes,
    earlier,
    everybody_reported,
    form,
    frame_columns,
    full_report,
    key,
    lead_body,
    pack,
    period,
    row,
)

UNITS = communes(3)
LEAD = lead_body()
PACK = pack((*UNITS, LEAD))


def figures(name: str, *values: object, extra: tuple[AcceptedCells, ...] = ()) -> ProvinceValue:
    sent = [accepted(u, {name: v}) for u, v in zip(UNITS, values, strict=False)]
    return consolidate(PACK, period(), [*sent, *extra], (*UNITS, LEAD)).values[key(name)]


def test_counts_of_communes_and_lead_body_add_up() -> None:
    value = figures("PL01/CT26/TH", 4, 5, 6, extra=(accepted(LEAD, {"PL01/CT26/TH": 100}),))
    assert (value.value, value.communes, value.provincial) == (115, 15, 100)


def test_money_is_exact_beyond_what_floats_hold() -> None:
    value = figures("PL03/DA4.NSDP_SN/KH", 9_007_199_254_740_993, 1, 1)
    assert value.value == 9_007_199_254_740_995


def test_areas_add_up_exactly_where_floats_do_not() -> None:
    value = figures("PL01/CT12/TH", Decimal("0.1"), Decimal("0.2"), Decimal("0.0001"))
    assert value.value == Decimal("0.3001")


def test_a_declared_nil_is_an_answer_of_zero() -> None:
    value = figures("PL01/CT01/TH", 4, NIL, 6)
    assert (value.value, value.nil, value.coverage) == (10, False, Coverage(3, 3))


def test_a_cell_all_units_declare_nil_stays_nil() -> None:
    value = figures("PL01/CT01/TH", NIL, NIL, NIL)
    assert (value.value, value.nil) == (0, True)


def test_an_unanswered_cell_is_neither_value_nor_nil() -> None:
    value = figures("PL01/CT01/TH")
    assert (value.value, value.nil, value.coverage) == (None, False, Coverage(0, 3, tuple(u.code for u in UNITS)))


def test_missing_units_are_named_and_never_imputed() -> None:
    result = consolidate(PACK, period(), [accepted(UNITS[1], {"PL01/CT01/TH": 7})], (*UNITS, LEAD))
    value = result.values[key("PL01/CT01/TH")]
    assert value.value == 7
    assert value.coverage == Coverage(1, 3, (UNITS[0].code, UNITS[2].code))
    assert [u.code for u in result.missing] == [UNITS[0].code, UNITS[2].code, LEAD.code]
    [missing] = [f for f in result.findings if f.rule == "V52"]
    assert UNITS[0].full_name in missing.message
    assert UNITS[2].full_name in missing.message


def test_a_blank_required_cell_lowers_the_coverage() -> None:
    value = figures("PL01/CT01/TH", 4, None, 6)
    assert value.coverage == Coverage(2, 3, (UNITS[1].code,))


def test_a_blank_optional_cell_is_not_owed() -> None:
    value = figures("PL03/DA4.NSDP_SN/KH", 4, None)
    # The third commune has not reported, the lead body neither: they might still fill it in.
    assert value.coverage == Coverage(1, 3, (UNITS[2].code, LEAD.code))


def test_only_the_lead_body_owes_its_cells() -> None:
    value = figures("PL01/CT14/TH", extra=(accepted(LEAD, {"PL01/CT14/TH": 9}),))
    assert (value.value, value.coverage) == (9, Coverage(1, 1))


def test_a_waived_units_report_still_counts() -> None:
    sent = [accepted(UNITS[0], {"PL01/CT01/TH": 1}), accepted(UNITS[1], {"PL01/CT01/TH": 2})]
    result = consolidate(PACK, period(), sent, (*UNITS, LEAD), waived=[UNITS[1].code, UNITS[2].code, LEAD.code])
    assert result.values[key("PL01/CT01/TH")].value == 3
    assert result.values[key("PL01/CT01/TH")].coverage == Coverage(2, 2)
    assert result.coverage == Coverage(2, 2)
    assert result.waived == (UNITS[2], LEAD)
    assert result.missing == ()


def test_a_report_nobody_owes_blocks_the_report() -> None:
    stranger = accepted(UNITS[2], {"PL01/CT01/TH": 50})
    result = consolidate(PACK, period(), [accepted(UNITS[0], {"PL01/CT01/TH": 1}), stranger], UNITS[:2])
    assert result.values[key("PL01/CT01/TH")].value == 1
    assert (result.findings[0].rule, result.findings[0].severity) == ("V52", "blocks")
    assert UNITS[2].code in result.findings[0].message


def test_two_reports_of_one_unit_raise_an_error() -> None:
    twice = [accepted(UNITS[0], {"PL01/CT01/TH": 1}, number=1), accepted(UNITS[0], {"PL01/CT01/TH": 2}, number=2)]
    with pytest.raises(ConsolidationError, match=f"{UNITS[0].code}.*hai báo cáo"):
        consolidate(PACK, period(), twice, UNITS)


def test_a_float_figure_is_refused_with_its_place() -> None:
    with pytest.raises(ConsolidationError, match=r"báo cáo 77 .*PL01/CT01/TH.*2.5"):
        consolidate(PACK, period(), [accepted(UNITS[0], {"PL01/CT01/TH": 2.5}, number=77)], UNITS)


def test_an_unreadable_accepted_cell_is_refused() -> None:
    name = key("PL01/CT01/TH")
    sent = accepted(UNITS[0], {})
    sent.cells[name] = Cell(name, Answer.INVALID, None, "PL01", "D9", raw="#REF!")
    with pytest.raises(ConsolidationError, match="PL01/CT01/TH"):
        consolidate(PACK, period(), [sent], UNITS)


def test_yes_answers_are_counted_over_all_units() -> None:
    result = consolidate(PACK, period(), [accepted(UNITS[0], {"PL01/CT08/TH": True})], (*UNITS, LEAD))
    value = result.values[key("PL01/CT08/TH")]
    assert (value.value, value.coverage) == (1, Coverage(1, 3, (UNITS[1].code, UNITS[2].code)))
    assert value.classes == (("Có", 1), ("Không", 0), ("Chưa có số liệu", 2))
    assert result.share_of_units(key("PL01/CT08/TH")) == Fraction(100, 3)
    assert any(f.rule == "V53" and f.expected == "3" and f.actual == "1" for f in result.findings)


def test_classes_are_counted_in_the_forms_order() -> None:
    value = figures("PL01/CT09/TH", "Loại I", "Không", "Loại I")
    assert value.classes == (("Không", 1), ("Loại III", 0), ("Loại II", 0), ("Loại I", 2), ("Chưa có số liệu", 0))
    assert value.value == 3


def test_the_provincial_figure_overrides_the_sum_with_explanation() -> None:
    sent = [accepted(UNITS[0], {"PL01/CT13/TH": 5}), accepted(UNITS[1], {"PL01/CT13/TH": 6})]
    told = accepted(LEAD, {"PL01/CT13/TH": 10, "PL01/CT13/GT": "Một vụ phối hợp"})
    result = consolidate(PACK, period(), [*sent, told], (*UNITS, LEAD))
    value = result.values[key("PL01/CT13/TH")]
    assert (value.value, value.communes, value.provincial) == (10, 11, 10)
    [finding] = [f for f in result.findings if f.rule == "V55"]
    assert (finding.expected, finding.actual) == ("10", "11")
    assert "Một vụ phối hợp" in finding.message


@pytest.mark.parametrize("provincial", [None, NIL])
def test_the_sum_stands_without_a_provincial_figure(provincial: Any) -> None:
    value = figures("PL01/CT13/TH", 5, 6, extra=(accepted(LEAD, {"PL01/CT13/TH": provincial}),))
    assert value.value == 11


def test_conflicting_figures_of_a_row_are_one_finding() -> None:
    both = {"PL01/CT13/TH": 5, "PL01/CT13/LKN": 8}
    sent = [accepted(UNITS[0], both), accepted(LEAD, {"PL01/CT13/TH": 4, "PL01/CT13/LKN": 7})]
    result = consolidate(PACK, period(), sent, (*UNITS, LEAD))
    [finding] = [f for f in result.findings if f.rule == "V55"]
    assert (finding.actual, finding.expected) == ("5; 8", "4; 7")


def test_equal_figures_of_both_levels_need_no_explanation() -> None:
    sent = [accepted(UNITS[0], {"PL01/CT13/TH": 10}), accepted(LEAD, {"PL01/CT13/TH": 10})]
    result = consolidate(PACK, period(), sent, (*UNITS, LEAD))
    assert not [f for f in result.findings if f.rule == "V55"]


def test_a_ratio_divides_sums_instead_of_averaging() -> None:
    # 1/1 and 1/99: the mean of the ratios is 50.5 %, the truth is 2 %.
    sent = [accepted(u, {"PL01/CT10/TH": 1, "PL01/CT10/MS": m}) for u, m in zip(UNITS, (1, 99), strict=False)]
    assert consolidate(PACK, period(), sent, UNITS).values[key("PL01/CT10/TL")].value == Fraction(2)


def test_a_ratio_over_nothing_is_nil() -> None:
    sent = [accepted(UNITS[0], {"PL01/CT10/TH": 0, "PL01/CT10/MS": 0})]
    value = consolidate(PACK, period(), sent, UNITS).values[key("PL01/CT10/TL")]
    assert (value.value, value.nil) == (None, True)


def test_row_totals_follow_from_the_province_figures() -> None:
    sent = [
        accepted(UNITS[0], {"PL03/DA4.NSDP_SN/KH": 300, "PL03/DA4.NSDP_SN/LKN": 100}),
        accepted(LEAD, {"PL03/DA1.NSTW_DT/KH": 100, "PL03/DA1.NSTW_DT/LKN": 100, "PL03/DA4.NSDP_SN/KH": 200}),
    ]
    values = consolidate(PACK, period(), sent, (*UNITS, LEAD)).values
    assert values[key("PL03/DA4/KH")].value == 500
    assert values[key("PL03/TONG/KH")].value == 600
    assert values[key("PL03/TONG/LKN")].value == 200
    assert values[key("PL03/TONG/TL")].value == Fraction(100, 3)
    # Everybody who might still fill in a part of the total is missing from the total.
    assert values[key("PL03/TONG/KH")].coverage == Coverage(2, 4, (UNITS[1].code, UNITS[2].code))


def test_closing_figures_are_recomputed_from_province_figures() -> None:
    sent = [accepted(u, {"B04/NGHIEN/DK": 10, "B04/NGHIEN/T1": 3, "B04/NGHIEN/G1": 1}) for u in UNITS]
    assert consolidate(PACK, period(), sent, UNITS).values[key("B04/NGHIEN/CK")].value == 36


def test_the_rate_of_change_needs_last_year() -> None:
    sent = [accepted(u, {"PL01/CT01/TH": 33}) for u in UNITS]
    before = everybody_reported(UNITS, {key("PL01/CT01/TH"): 100})
    change = key("PL01/CT06/TH")
    assert consolidate(PACK, period(), sent, UNITS, year_ago=before).values[change].value == Fraction(-1)
    without = consolidate(PACK, period(), sent, UNITS).values[change]
    assert (without.value, without.nil) == (None, False)
    zero = consolidate(PACK, period(), sent, UNITS, year_ago=everybody_reported(UNITS, {key("PL01/CT01/TH"): 0}))
    assert (zero.values[change].value, zero.values[change].nil) == (None, False), "from zero is not: nothing occurred"
    from_zero = zero.last_year[key("PL01/CT01/TH")]
    assert (from_zero.from_zero, from_zero.percent, from_zero.difference) == (True, None, 99)


def test_a_figure_is_compared_with_plan_and_past() -> None:
    sent = [accepted(UNITS[0], {"PL01/CT26/KHN": 8, "PL01/CT26/TH": 3, "PL01/CT26/LKN": 5})]
    name = key("PL01/CT26/TH")
    year_ago, just_before = (earlier(accepted(UNITS[0], {str(name): figure})) for figure in (4, 2))
    result = consolidate(PACK, period(), sent, UNITS, year_ago=year_ago, just_before=just_before)
    share, change = result.plan_shares[name], result.last_year[name]
    assert (share.plan, share.percent) == (8, Fraction(125, 2))
    assert (change.previous, change.difference, change.percent) == (4, -1, Fraction(-25))
    assert result.last_report[name].previous == 2


def test_a_fallen_cumulative_figure_names_its_cause() -> None:
    name = key("PL01/CT26/LKGD")
    sent = [accepted(UNITS[0], {str(name): 5})]
    before = [accepted(UNITS[0], {str(name): 9}), accepted(UNITS[1], {str(name): 4})]
    result = consolidate(PACK, period(), sent, UNITS, just_before=earlier(*before))
    [finding] = [f for f in result.findings if f.rule == "V34"]
    assert (finding.expected, finding.actual) == ("9", "5"), "the silent unit's 4 is not part of the fall"
    assert "của 1 đơn vị có số liệu ở cả hai báo cáo" in finding.message


def test_texts_of_provincial_bodies_come_first() -> None:
    sent = [accepted(u, {"PL04/IV/ND": f"Khó khăn {u.code}"}) for u in reversed(UNITS)]
    sent.append(accepted(LEAD, {"PL04/IV/ND": "Khó khăn chung"}))
    texts = consolidate(PACK, period(), sent, (*UNITS, LEAD)).texts[key("PL04/IV/ND")]
    assert texts == ((LEAD.code, "Khó khăn chung"), *((u.code, f"Khó khăn {u.code}") for u in UNITS))


def test_accepted_reports_may_come_as_a_stream() -> None:
    def stream() -> Iterator[AcceptedCells]:
        for number, unit in enumerate(UNITS):
            yield full_report(unit, number + 1)

    assert consolidate(PACK, period(), stream(), UNITS).coverage == Coverage(3, 3)


MANY = communes(12)
BIG = pack((*MANY, LEAD))
whole = st.integers(min_value=0, max_value=10**15)
area = st.decimals(min_value=0, max_value=10**6, places=3)


@given(sent=st.lists(st.tuples(whole, area, st.booleans()), min_size=1, max_size=12), data=st.data())
def test_the_order_of_units_changes_nothing(sent: Any, data: Any) -> None:
    reports = [
        accepted(u, {"PL01/CT01/TH": n, "PL01/CT12/TH": a, "PL01/CT12/MS": a + 1, "PL01/CT08/TH": yes})
        for u, (n, a, yes) in zip(MANY, sent, strict=False)
    ]
    shuffled = data.draw(st.permutations(reports))
    once, again = (consolidate(BIG, period(), order, (*MANY, LEAD)) for order in (reports, shuffled))
    assert repr(once) == repr(again)
    assert once.values[key("PL01/CT01/TH")].value == sum(n for n, _, _ in sent)
    assert Fraction(once.values[key("PL01/CT12/TH")].value) == sum((Fraction(a) for _, a, _ in sent), Fraction(0))
    ratio = 100 * sum(Fraction(a) for _, a, _ in sent) / sum(Fraction(a) + 1 for _, a, _ in sent)
    assert once.values[key("PL01/CT12/TL")].value == ratio


@given(seeds=st.lists(st.integers(min_value=1, max_value=500), min_size=2, max_size=12))
def test_one_more_unit_adds_exactly_its_cells(seeds: Any) -> None:
    reports = [full_report(u, seed) for u, seed in zip(MANY, seeds, strict=False)]
    last = reports[-1]
    fewer, more = (consolidate(BIG, period(), some, (*MANY, LEAD)) for some in (reports[:-1], reports))
    for name in ("PL01/CT01/TH", "PL01/CT10/MS", "PL01/CT12/TH", "B04/NGHIEN/CK", "PL03/DA4/LKN", "PL01/CT08/TH"):
        own = key("PL03/DA4.NSDP_SN/LKN") if name == "PL03/DA4/LKN" else key(name)
        assert more.values[key(name)].value - fewer.values[key(name)].value == last.cells[own].value


def test_a_blank_plan_is_not_owed() -> None:
    sent = [accepted(UNITS[0], {"PL01/CT26/KHN": 4, "PL01/CT26/TH": 1}), accepted(UNITS[1], {"PL01/CT26/TH": 1})]
    values = consolidate(PACK, period(), sent, UNITS).values
    assert values[key("PL01/CT26/KHN")].coverage == Coverage(1, 2, (UNITS[2].code,))
    assert values[key("PL01/CT26/TH")].coverage == Coverage(2, 3, (UNITS[2].code,))


def test_a_total_covers_units_behind_any_part() -> None:
    sent = [accepted(UNITS[0], {"PL03/DA1.NSTW_DT/KH": 5}), accepted(UNITS[1], {"PL03/DA4.NSDP_SN/KH": 7})]
    values = consolidate(PACK, period(), sent, UNITS).values
    assert values[key("PL03/TONG/KH")].coverage == Coverage(2, 3, (UNITS[2].code,))


def counted_by(counted: Any, sent: Any, *, waived: Any = ()) -> tuple[Consolidation, ProvinceValue, ProvinceValue]:
    """A yes-count and a class count that communes and a provincial body answer."""
    columns = frame_columns()[1:2]
    same = {"columns": ("TH",), "counted": counted}
    rows = [
        row("CT08", "Không ma túy", X, T, type=ValueType.BOOL, roll_up=RollUp.YES_COUNT, **same),
        row("CT09", "Loại", X, T, type=ValueType.CHOICE, roll_up=RollUp.CLASS_COUNT, options=("A", "B"), **same),
    ]
    law = pack((*UNITS, LEAD), forms=[form("PL01", "Thử", Table(code="A", columns=columns, rows=tuple(rows)))])
    reports = [accepted(unit, {"PL01/CT08/TH": yes, "PL01/CT09/TH": kind}) for unit, yes, kind in sent]
    result = consolidate(law, period(), reports, (*UNITS, LEAD), waived)
    return result, result.values[key("PL01/CT08/TH")], result.values[key("PL01/CT09/TH")]


ANSWERS = [(UNITS[0], True, "A"), (UNITS[1], NIL, NIL), (LEAD, True, "B")]


def test_class_counts_add_up_to_all_units() -> None:
    result, yes, classes = counted_by((), ANSWERS, waived=[UNITS[2].code])
    assert (yes.value, yes.communes, yes.provincial) == (2, 1, 1)
    assert yes.classes == (
        ("Có", 2), ("Không", 0), ("Không phát sinh", 1), ("Chưa có số liệu", 0), ("Được miễn báo cáo", 1)
    )  # fmt: skip
    assert classes.classes[:3] == (("A", 1), ("B", 1), ("Không phát sinh", 1))
    for value in (yes, classes):
        parts = dict(value.classes)
        assert sum(parts.values()) == result.population(value.key) == len(UNITS) + 1
        assert sum(parts.values()) - parts["Được miễn báo cáo"] == value.coverage.expected
        assert value.coverage.counted == value.coverage.expected - parts["Chưa có số liệu"]
    assert result.share_of_units(yes.key) == Fraction(200, 4)


def test_a_body_confirming_communes_is_not_counted() -> None:
    result, yes, classes = counted_by((X,), ANSWERS)
    assert (yes.value, yes.communes, yes.provincial) == (1, 1, None)
    assert classes.classes[:2] == (("A", 1), ("B", 0))
    assert sum(n for _, n in yes.classes) == result.population(yes.key) == yes.coverage.expected == len(UNITS)
