from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from baocao.consolidation.province import consolidate
from baocao.model.consolidated import Consolidation
from baocao.model.period import PeriodKind, PeriodScope
from baocao.model.report import TargetResult, TargetVerdict
from baocao.model.submission import AcceptedCells
from baocao.settings import ConfigurationError
from builders.packs.consolidation import accepted, communes, everybody_reported, key, lead_body, pack, period, target

UNITS = communes(2)
MET, NOT_MET, STILL_OPEN, NOT_JUDGED = TargetVerdict


def verdict(
    sent: Any, *, units: Any = UNITS, when: Any = None, previous: Any = None, **changes: Any
) -> tuple[TargetResult, Consolidation]:
    law = pack((*communes(2), lead_body()), [target(**changes)])
    before = None if previous is None else everybody_reported(units, previous)
    result = consolidate(law, when or period(), sent, units, year_ago=before)
    return result.targets[0], result


def ratio(numerator: int, denominator: int) -> list[AcceptedCells]:
    return [
        accepted(UNITS[0], {"PL01/CT10/TH": numerator, "PL01/CT10/MS": denominator}),
        accepted(UNITS[1], {"PL01/CT10/TH": 0, "PL01/CT10/MS": 0}),
    ]


@pytest.mark.parametrize(
    ("operator", "numerator", "met"),
    [
        (">", 7000, False),
        (">", 7001, True),
        (">=", 7000, True),
        (">=", 6999, False),
        ("=", 7000, True),
        ("=", 7001, False),
        ("<", 7000, False),
        ("<", 6999, True),
        ("<=", 7000, True),
        ("<=", 7001, False),
    ],
)
def test_seventy_percent_is_judged_by_the_exact_operator(operator: Any, numerator: Any, met: Any) -> None:
    result, _ = verdict(ratio(numerator, 10_000), indicator="PL01/CT10", operator=operator, value=Decimal(70))
    assert result.verdict is (MET if met else NOT_MET)


def test_a_figure_rounded_up_to_target_fails_openly() -> None:
    # 69.998 % is printed 70,00 %.
    result, whole = verdict(ratio(69_998, 100_000), indicator="PL01/CT10", operator=">=", value=Decimal(70))
    assert result.verdict is NOT_MET
    [finding] = [f for f in whole.findings if f.rule == "V56"]
    assert finding.actual == "70,00"


def test_exactly_seventy_percent_fails_more_than_seventy() -> None:
    result, whole = verdict(ratio(7, 10), indicator="PL01/CT10", operator=">", value=Decimal(70))
    assert (result.actual, result.verdict) == (Fraction(70), NOT_MET)
    assert [f.rule for f in whole.findings if f.rule == "V56"] == ["V56"]


def test_half_of_all_units_meets_at_least_half() -> None:
    sent = [accepted(UNITS[0], {"PL01/CT08/TH": True}), accepted(UNITS[1], {"PL01/CT08/TH": False})]
    result, _ = verdict(sent)
    assert (result.actual, result.verdict, result.reason) == (Fraction(50), MET, "")


def test_silent_units_stay_in_the_denominator() -> None:
    result, _ = verdict([accepted(UNITS[0], {"PL01/CT08/TH": True})])
    assert result.actual == Fraction(50)
    assert "1 đơn vị chưa có số liệu" in result.reason


def test_a_target_of_later_years_stays_open() -> None:
    sent = [accepted(u, {"PL01/CT08/TH": False}) for u in UNITS]
    result, _ = verdict(sent, by_year=2030)
    assert (result.verdict, result.distance) == (STILL_OPEN, Fraction(50))
    assert result.reason == "Còn thiếu 50 điểm phần trăm; thời hạn đến hết năm 2030"
    half_of_the_last_year, _ = verdict(sent, by_year=2030, when=period(PeriodKind.SIX_MONTH, 2030))
    assert half_of_the_last_year.verdict is STILL_OPEN
    at_the_end, _ = verdict(sent, by_year=2030, when=period(year=2030))
    assert (at_the_end.verdict, at_the_end.distance, at_the_end.reason) == (NOT_MET, None, "")


@pytest.mark.parametrize(
    ("numerator", "told"),
    [
        # 41.565 % prints 41,57 %: whoever subtracts finds 8,43, whatever the exact difference is.
        (41_565, "Còn thiếu 8,43 điểm phần trăm"),
        (49_998, "Cách mức yêu cầu dưới 0,01"),
    ],
)
def test_the_distance_is_between_printed_figures(numerator: Any, told: Any) -> None:
    wanted = {"indicator": "PL01/CT10", "by_year": 2030}
    result, _ = verdict(ratio(numerator, 100_000), **wanted)
    assert result.verdict is STILL_OPEN
    assert result.reason == f"{told}; thời hạn đến hết năm 2030"


def test_later_target_waits_at_mid_term() -> None:
    sent = [accepted(u, {"PL01/CT08/TH": False}) for u in UNITS]
    on_its_way, _ = verdict(sent, by_year=2030, when=period(PeriodKind.MID_TERM, 2028))
    assert on_its_way.verdict is STILL_OPEN
    assert "hết năm 2030" in on_its_way.reason
    judged, _ = verdict(sent, by_year=2030, when=period(PeriodKind.END_TERM, 2030))
    assert judged.verdict is NOT_MET


def test_a_target_reached_early_is_met() -> None:
    sent = [accepted(u, {"PL01/CT08/TH": True}) for u in UNITS]
    result, _ = verdict(sent, by_year=2030, when=period(PeriodKind.MID_TERM, 2028))
    assert result.verdict is MET


def test_a_ratio_over_nothing_cannot_be_judged() -> None:
    result, _ = verdict(ratio(0, 0), indicator="PL01/CT10", operator="=", value=Decimal(100))
    assert (result.verdict, result.reason) == (NOT_JUDGED, "Không phát sinh trường hợp nào để tính tỷ lệ")


FALLS = {"id": "T1", "indicator": "PL01/CT06", "operator": "<", "value": Decimal(0)}
TEN_EACH = [accepted(u, {"PL01/CT01/TH": 10}) for u in UNITS]


@pytest.mark.parametrize(("before", "met"), [(21, True), (20, False), (19, False)])
def test_a_fall_means_strictly_below_last_year(before: Any, met: Any) -> None:
    result, _ = verdict(TEN_EACH, previous={key("PL01/CT01/TH"): before}, **FALLS)
    assert result.verdict is (MET if met else NOT_MET)


def test_without_last_year_a_fall_cannot_be_judged() -> None:
    result, _ = verdict(TEN_EACH, **FALLS)
    assert (result.verdict, result.reason) == (NOT_JUDGED, "Chưa có số liệu cùng kỳ năm trước để so sánh")


def test_last_year_zero_gives_no_rate_of_change() -> None:
    result, _ = verdict(TEN_EACH, previous={key("PL01/CT01/TH"): 0}, **FALLS)
    assert result.verdict is NOT_JUDGED
    assert "bằng 0" in result.reason


def test_an_incomplete_fall_is_not_judged() -> None:
    result, _ = verdict(TEN_EACH[:1], previous={key("PL01/CT01/TH"): 20}, **FALLS)
    assert result.actual == Fraction(-50), "of the unit that reported in both years: 10 after 20"
    assert result.verdict is NOT_JUDGED
    assert "1/2 đơn vị có số liệu cả hai kỳ" in result.reason


def test_a_percent_target_judges_a_counts_growth() -> None:
    lead = lead_body()
    result, _ = verdict(
        [accepted(lead, {"PL01/CT14/TH": 103})],
        units=(lead,),
        previous={key("PL01/CT14/TH"): 100},
        id="T6",
        indicator="PL01/CT14",
        operator=">",
        value=Decimal(3),
        unit="%/năm",
    )
    assert (result.actual, result.verdict) == (Fraction(3), NOT_MET)


CLASSES = {"id": "A1", "indicator": "PL01/CT26/LKN", "operator": ">=", "value": Decimal(3), "unit": "lớp"}


@pytest.mark.parametrize(("held", "answer"), [(1, "still_open"), (3, "met")])
def test_a_yearly_target_never_fails_at_half_year(held: Any, answer: Any) -> None:
    sent = [accepted(u, {"PL01/CT26/LKN": held if u is UNITS[0] else 0}) for u in UNITS]
    result, _ = verdict(sent, when=period(PeriodKind.SIX_MONTH), **CLASSES)
    assert (result.verdict, result.distance) == (answer, Fraction(2) if held == 1 else None)
    if held == 1:
        assert result.reason == "Còn thiếu 2 lớp; chỉ tiêu của cả năm, thời hạn đến hết năm 2026"
    yearly, _ = verdict(sent, **CLASSES)
    assert yearly.verdict is (MET if held >= 3 else NOT_MET)


@pytest.mark.parametrize("held", [1, 30])
def test_yearly_targets_are_not_judged_over_a_term(held: Any) -> None:
    sent = [accepted(u, {"PL01/CT26/TH": held}) for u in UNITS]
    wanted = CLASSES | {"indicator": "PL01/CT26"}
    result, _ = verdict(sent, when=period(PeriodKind.END_TERM, 2030), **wanted)
    assert (result.verdict, result.reason) == (NOT_JUDGED, "Chỉ tiêu của từng năm; đánh giá ở báo cáo năm")


STOCK = {"id": "S1", "indicator": "PL01/CT01", "operator": ">=", "value": Decimal(20), "unit": "người"}


@pytest.mark.parametrize(("wanted", "answer"), [(20, MET), (21, NOT_MET)])
def test_stocks_and_shares_are_judged_at_the_end(wanted: Any, answer: Any) -> None:
    at_the_end = period(PeriodKind.END_TERM, 2030)
    stock, _ = verdict(TEN_EACH, when=at_the_end, **STOCK | {"value": Decimal(wanted)})
    assert stock.verdict is answer
    share, _ = verdict(ratio(wanted - 20, 1), when=at_the_end, indicator="PL01/CT10", operator="=", value=Decimal(0))
    assert share.verdict is answer
    growth = {"id": "T6", "indicator": "PL01/CT26", "operator": ">=", "value": Decimal(wanted - 15), "unit": "%/năm"}
    classes = [accepted(u, {"PL01/CT26/TH": 10}) for u in UNITS]
    grown, _ = verdict(classes, when=at_the_end, previous={key("PL01/CT26/TH"): 19}, **growth)
    assert grown.verdict is answer, "20 after 19: 5,26 %"


def test_fall_is_judged_only_against_known_year() -> None:
    when = period(PeriodKind.MID_TERM, 2028)
    known, _ = verdict(TEN_EACH, when=when, previous={key("PL01/CT01/TH"): 21}, **FALLS)
    assert known.verdict is MET
    unknown, _ = verdict(TEN_EACH, when=when, **FALLS)
    assert (unknown.verdict, unknown.reason) == (NOT_JUDGED, "So với năm trước; đánh giá ở báo cáo năm")


@pytest.mark.parametrize(("cutoff", "answer"), [(date(2026, 9, 14), STILL_OPEN), (date(2026, 12, 14), NOT_MET)])
def test_only_the_last_quarter_closes_the_year(cutoff: Any, answer: Any) -> None:
    quarter = replace(period(), kind=PeriodKind.QUARTERLY, stated_scope=PeriodScope.PART, cutoff_on=cutoff)
    sent = [accepted(u, {"PL01/CT26/LKN": 0, "PL01/CT08/TH": False}) for u in UNITS]
    work, _ = verdict(sent, when=quarter, **CLASSES)
    later, _ = verdict(sent, when=quarter, by_year=2026)
    exactly, _ = verdict(sent, when=quarter, **CLASSES | {"operator": "="})
    assert (work.verdict, later.verdict, exactly.verdict) == (answer, answer, answer)
    # What may not be more is failed as soon as it is more, and what there is as soon as it is not there.
    most, _ = verdict([accepted(u, {"PL01/CT26/LKN": 9}) for u in UNITS], when=quarter, **CLASSES | {"operator": "<="})
    stock, _ = verdict(TEN_EACH, when=quarter, **STOCK | {"value": Decimal(21)})
    assert (most.verdict, stock.verdict) == (NOT_MET, NOT_MET)


def test_without_figures_a_target_is_not_judged() -> None:
    result, _ = verdict([], indicator="PL03/DA1.NSTW_DT/TL", operator=">=", value=Decimal(90))
    assert (result.verdict, result.reason) == (NOT_JUDGED, "Chưa có số liệu")


def test_a_share_of_few_plans_is_not_judged() -> None:
    units = communes(5)
    sent = [accepted(u, {"PL03/DA1.NSTW_DT/LKN": 1}) for u in units[1:]]
    sent.append(accepted(units[0], {"PL03/DA1.NSTW_DT/LKN": 1, "PL03/DA1.NSTW_DT/KH": 1}))
    of_plan = target(indicator="PL03/DA1.NSTW_DT/TL", operator=">=", value=Decimal(90))
    (result,) = consolidate(pack(units, [of_plan]), period(), sent, units).targets
    assert result.verdict is NOT_JUDGED
    assert "1/5 đơn vị có kế hoạch" in result.reason


def test_national_targets_of_the_year_come_first() -> None:
    targets = [
        target(id="LOCAL", scope="province"),
        target(id="OTHER", years=(2029,)),
        target(id="NATION"),
    ]
    result = consolidate(pack(UNITS, targets), period(), [], UNITS)
    assert [t.target_id for t in result.targets] == ["NATION", "LOCAL"]


def test_a_target_on_an_unknown_indicator_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"T2.*PL01/CT99"):
        verdict([], indicator="PL01/CT99")
