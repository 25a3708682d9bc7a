"""Every comparison is over the units that have both figures: held to an oracle of a few lines, over random gaps."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baocao.consolidation.province import consolidate
from baocao.model.consolidated import Consolidation
from baocao.model.form import CellKey, Column, ColumnRole, Derive, EntryLevel, Nature, Ratio, Table, ValueType
from baocao.model.report import TargetVerdict
from baocao.model.submission import AcceptedCells
from builders.packs.consolidation import (
    NIL,
    accepted,
    communes,
    earlier,
    form,
    key,
    lead_body,
    pack,
    period,
    row,
    target,
)

UNITS = communes(5)
LEAD = lead_body()
EVERYBODY = (*UNITS, LEAD)
PACK = pack(EVERYBODY)
Figure = int | object | None
"""a number, NIL, or None: left blank"""

figures = st.one_of(st.none(), st.just(NIL), st.integers(0, 40))
PERIOD_ONLY = (Column(code="TH", title="Thực hiện", role=ColumnRole.ACTUAL),)
COLUMNS = ("KHN", "TH", "MS", "LKN")


def a_year() -> st.SearchStrategy[list[dict[str, Figure] | None]]:
    """What each unit said of one row in one year; None for a unit that sent no report."""
    row = st.fixed_dictionaries(dict.fromkeys(COLUMNS, figures))
    return st.lists(st.one_of(st.none(), row), min_size=len(UNITS), max_size=len(UNITS))


def reports(year: list[dict[str, Figure] | None]) -> list[AcceptedCells]:
    sent = []
    for unit, said in zip(UNITS, year, strict=True):
        if said is None:
            continue
        names = {"PL01/CT26/KHN": "KHN", "PL01/CT26/TH": "TH", "PL01/CT26/LKN": "LKN"}
        names |= {"PL01/CT10/TH": "TH", "PL01/CT10/MS": "MS", "PL01/CT01/TH": "TH"}
        names |= {"PL03/DA1.NSTW_DT/KH": "KHN", "PL03/DA1.NSTW_DT/LKN": "LKN"}
        names |= {"PL03/DA4.NSDP_SN/KH": "MS", "PL03/DA4.NSDP_SN/LKN": "TH"}
        sent.append(accepted(unit, {name: said[column] for name, column in names.items()}))
    return sent


# the oracle -------------------------------------------------------------------------------------------------------

Year = list[dict[str, Any] | None]


def number(figure: Any) -> int:
    return figure if isinstance(figure, int) else 0


def change_of(now: Year, then: Year, column: str) -> tuple[int, int] | None:
    """(now, then) of the units that answered in both years; a declared nil is an answer and counts nothing."""
    pairs = [(a[column], b[column]) for a, b in zip(now, then, strict=True) if a and b]
    both = [(number(a), number(b)) for a, b in pairs if a is not None and b is not None]
    return (sum(a for a, _ in both), sum(b for _, b in both)) if both else None


def share_of(year: Year, rows: list[tuple[str, str]]) -> tuple[int, int, int, int]:
    """(units with plan and result, units with a figure to be measured, results, plans) of the units that have both in
    every row. Who declared nil and planned nothing has nothing to be measured."""
    counted = owed = results = plans = 0
    for said in year:
        if said is None:
            continue
        both = [said[result] is not None and isinstance(said[plan], int) for result, plan in rows]
        lonely = [
            (number(said[r]) > 0 and not isinstance(said[p], int)) or (isinstance(said[p], int) and said[r] is None)
            for r, p in rows
        ]
        is_counted = any(both) and not any(lonely)
        owed += is_counted or any(isinstance(said[result], int) for result, _ in rows)
        if is_counted:
            counted += 1
            results += sum(number(said[r]) for r, _ in rows)
            plans += sum(number(said[p]) for _, p in rows)
    return counted, owed, results, plans


# what is held against it --------------------------------------------------------------------------------------------


@settings(max_examples=150, deadline=None)
@given(a_year(), a_year())
def test_comparisons_use_only_units_in_both_years(now: Year, then: Year) -> None:
    before = earlier(*reports(then))
    result = consolidate(PACK, period(), reports(now), EVERYBODY, year_ago=before, just_before=before)
    if not before.reports:
        assert not result.last_year
        return
    for cell, column in (("PL01/CT26/TH", "TH"), ("PL01/CT26/LKN", "LKN"), ("PL01/CT01/TH", "TH")):
        for change in (result.last_year[key(cell)], result.last_report[key(cell)]):
            expected = change_of(now, then, column)
            assert (change.now, change.previous) == (expected or (None, None))
            if expected is not None:
                a, b = expected
                assert change.difference == a - b
                assert change.percent == (Fraction(100 * (a - b), b) if b else None)
                assert change.from_zero is (b == 0)
                assert result.values[key(cell)].previous == b
    year_on_year = change_of(now, then, "TH")
    rate = result.values[key("PL01/CT06/TH")].value
    assert rate == (Fraction(100 * (year_on_year[0] - year_on_year[1]), year_on_year[1])
                    if year_on_year and year_on_year[1] else None)  # fmt: skip
    _ratio_holds(result, now, then)


def _ratio_holds(result: Consolidation, now: Year, then: Year) -> None:
    """Numerator and denominator of the same units, and of the same units in both years."""
    whole = [i for i, a in enumerate(now) if a and a["TH"] is not None and a["MS"] is not None]
    found = result.values[key("PL01/CT10/TL")].value
    bottom = sum(number(now[i]["MS"]) for i in whole)  # type: ignore[index]
    assert found == (Fraction(100 * sum(number(now[i]["TH"]) for i in whole), bottom) if bottom else None)  # type: ignore[index]
    both = [i for i in whole if (b := then[i]) and b["TH"] is not None and b["MS"] is not None]
    change = result.last_year[key("PL01/CT10/TL")]
    for year, figure in ((now, change.now), (then, change.previous)):
        bottom = sum(number(year[i]["MS"]) for i in both)  # type: ignore[index]
        expected = Fraction(100 * sum(number(year[i]["TH"]) for i in both), bottom) if bottom else None  # type: ignore[index]
        assert figure == expected


@settings(max_examples=150, deadline=None)
@given(a_year())
def test_plan_shares_use_only_units_with_both(year: Year) -> None:
    result = consolidate(PACK, period(), reports(year), EVERYBODY)
    cases = {
        key("PL01/CT26/TH"): [("LKN", "KHN")],
        key("PL03/DA1.NSTW_DT/TL"): [("LKN", "KHN")],
        key("PL03/TONG/TL"): [("LKN", "KHN"), ("TH", "MS")],
    }
    for cell, rows in cases.items():
        counted, owed, results, plans = share_of(year, rows)
        share = result.plan_shares[cell]
        enough = counted and 2 * counted >= owed
        assert share.percent == (Fraction(100 * results, plans) if enough and plans else None)
        if enough:
            assert (share.counted, share.result, share.plan) == (counted, results, plans)
        if cell in result.values and cell.column == "TL":
            assert result.values[cell].value == share.percent


def report_of(*sent: AcceptedCells, year_ago: Any = None, targets: Any = ()) -> Consolidation:
    return consolidate(pack(EVERYBODY, targets), period(), sent, EVERYBODY, year_ago=year_ago)


def test_plans_of_few_units_give_no_share() -> None:
    sent = [accepted(u, {"PL01/CT26/TH": 10, "PL01/CT26/LKN": 10}) for u in UNITS]
    sent[0] = accepted(UNITS[0], {"PL01/CT26/KHN": 4, "PL01/CT26/TH": 3, "PL01/CT26/LKN": 3})
    share = report_of(*sent).plan_shares[key("PL01/CT26/TH")]
    assert (share.result, share.plan, share.counted, share.expected, share.percent) == (3, 4, 1, 5, None)
    assert "1/5 đơn vị có kế hoạch" in share.reason and "50 %" in share.reason
    lower = PACK.regime.model_copy(update={"plan_coverage_min": 20})
    result = consolidate(pack(EVERYBODY, law=lower), period(), sent, EVERYBODY)
    assert result.plan_shares[key("PL01/CT26/TH")].percent == 75, "not 43 after 4"


def test_communes_plans_are_not_compared_with_police_results() -> None:
    sent = [accepted(u, {"PL01/CT13/KHN": 30, "PL01/CT13/TH": 20, "PL01/CT13/LKN": 25}) for u in UNITS]
    lead = accepted(LEAD, {"PL01/CT13/TH": 10, "PL01/CT13/LKN": 10})
    result = report_of(*sent, lead)
    name = key("PL01/CT13/TH")
    assert (result.values[name].value, result.values[key("PL01/CT13/KHN")].value) == (10, None)
    assert result.plan_shares[name].percent is None
    planned = accepted(LEAD, {"PL01/CT13/KHN": 40, "PL01/CT13/TH": 10, "PL01/CT13/LKN": 10})
    assert report_of(*sent, planned).plan_shares[name].percent == 25
    alone = report_of(*sent, accepted(LEAD, {"PL01/CT13/KHN": 40}))
    assert (alone.values[name].value, alone.values[key("PL01/CT13/KHN")].value) == (100, 150), "the communes' own plan"
    assert alone.plan_shares[name].percent == Fraction(250, 3)


def test_police_figures_are_not_compared_with_commune_sums() -> None:
    name = key("PL01/CT13/TH")
    then = earlier(*(accepted(u, {str(name): 20}) for u in UNITS))
    change = report_of(accepted(LEAD, {str(name): 10}), year_ago=then).last_year[name]
    assert (change.previous, change.difference) == (None, None)
    assert "cấp xã" in change.reason


def test_growth_is_judged_on_units_in_both_years() -> None:
    falls = [target(id="T1", indicator="PL01/CT06", name="Giảm", operator="<", value=0)]
    now = [accepted(u, {"PL01/CT01/TH": 10}) for u in UNITS]
    lacking = earlier(*(accepted(u, {"PL01/CT01/TH": 11}) for u in UNITS[:3]))
    result = report_of(*now, year_ago=lacking, targets=falls)
    change = result.last_year[key("PL01/CT01/TH")]
    assert (change.now, change.previous, change.counted, change.expected) == (30, 33, 3, 5)
    (judged,) = result.targets
    assert judged.actual == Fraction(-100, 11), "a fall; 50 against 33 would be a rise by half"
    assert judged.verdict is TargetVerdict.NOT_JUDGED and "3/5 đơn vị" in judged.reason
    (whole,) = report_of(
        *now, year_ago=earlier(*(accepted(u, {"PL01/CT01/TH": 11}) for u in UNITS)), targets=falls
    ).targets
    assert whole.verdict is TargetVerdict.MET


def test_left_out_and_vanished_units_are_named() -> None:
    now = [accepted(u, {"PL01/CT01/TH": 10}) for u in UNITS[1:]]
    then = earlier(*(accepted(u, {"PL01/CT01/TH": 11}) for u in UNITS[:4]), accepted("99999", {"PL01/CT01/TH": 5}))
    change = report_of(*now, year_ago=then).last_year[key("PL01/CT01/TH")]
    assert change.left_out == (UNITS[0].code, UNITS[4].code)
    assert change.gone == ("99999",)
    assert (change.now, change.previous) == (30, 33)


def test_split_units_are_compared_as_one_former_unit() -> None:
    now = [accepted(u, {"PL01/CT01/TH": n}) for n, u in enumerate(UNITS, 10)]
    parts = (UNITS[0].code, UNITS[1].code)
    then = earlier(*(accepted(u, {"PL01/CT01/TH": 30}) for u in (UNITS[0], *UNITS[2:])), groups=(parts,))
    change = report_of(*now, year_ago=then).last_year[key("PL01/CT01/TH")]
    assert (change.now, change.previous, change.counted, change.is_all) == (60, 120, 5, True)
    half = report_of(*now[1:], year_ago=then).last_year[key("PL01/CT01/TH")]
    assert (half.now, half.previous, half.left_out) == (39, 90, parts)


def test_a_ratio_of_rows_uses_units_with_both() -> None:
    of = Derive(ratio=Ratio(numerator=("X",), denominator=("Y",)))
    rows = [row(code, code, EntryLevel.COMMUNE, columns=("TH",), nature=Nature.FLOW) for code in ("X", "Y")]
    rate = row("R", "R", columns=("TH",), type=ValueType.RATIO, derive=of)
    law = pack(UNITS, forms=[form("B01", "Thử", Table(code="A", columns=PERIOD_ONLY, rows=(*rows, rate)))])
    sent = [accepted(UNITS[0], {"B01/X/TH": 1, "B01/Y/TH": 2}), accepted(UNITS[1], {"B01/X/TH": 5})]
    sent.append(accepted(UNITS[2], {"B01/Y/TH": 90}))
    assert consolidate(law, period(), sent, UNITS).values[key("B01/R/TH")].value == 50


def test_an_incomparable_growth_rate_says_why() -> None:
    now = [accepted(u, {"PL01/CT01/TH": 10}) for u in UNITS]
    then = earlier(*now, not_comparable={key("PL01/CT01/TH"): "Cách tính đã đổi"})
    result = report_of(*now, year_ago=then)
    assert {result.last_year[key(f"PL01/{row}/TH")].reason for row in ("CT01", "CT06")} == {"Cách tính đã đổi"}


def test_without_a_plan_no_unit_is_counted() -> None:
    share = report_of(*(accepted(u, {"PL01/CT26/TH": 1, "PL01/CT26/LKN": 1}) for u in UNITS)).plan_shares
    found = share[key("PL01/CT26/TH")]
    assert (found.result, found.plan, found.counted, found.expected, found.reason) == (None, None, 0, 5, "")


@pytest.mark.parametrize("now", [0, 5])
def test_growth_from_zero_has_difference_but_no_rate(now: int) -> None:
    then = earlier(*(accepted(u, {"PL01/CT01/TH": 0}) for u in UNITS))
    result = report_of(*(accepted(u, {"PL01/CT01/TH": now}) for u in UNITS), year_ago=then)
    change = result.last_year[key("PL01/CT01/TH")]
    assert (change.difference, change.percent, change.from_zero) == (5 * now, None, True)
    rate = result.values[CellKey("PL01", "CT06", "TH")]
    assert (rate.value, rate.nil) == (None, False)


RATE = key("PL01/CT10/TL")


def test_a_ratio_is_compared_over_units_that_have_both_sides_both_times() -> None:
    """Which of two ratios was over nothing then is said; a side alone is no ratio."""
    now = [accepted(u, {"PL01/CT10/TH": 1, "PL01/CT10/MS": 4}) for u in UNITS]
    lacking = [accepted(UNITS[0], {"PL01/CT10/TH": 1}), accepted(UNITS[1], {"PL01/CT10/TH": 1, "PL01/CT10/MS": 2})]
    change = report_of(*now, year_ago=earlier(*lacking)).last_year[RATE]
    assert (change.now, change.previous, change.counted, change.reason) == (25, 50, 1, "")
    nothing = earlier(*(accepted(u, {"PL01/CT10/TH": 0, "PL01/CT10/MS": 0}) for u in UNITS))
    change = report_of(*now, year_ago=nothing).last_year[RATE]
    assert (change.now, change.previous) == (25, None) and change.reason.startswith("Mẫu số của ")
    both = [accepted(u, {"PL01/CT10/TH": 0, "PL01/CT10/MS": 0}) for u in UNITS]
    assert report_of(*both, year_ago=nothing).last_year[RATE].reason == ""
    assert RATE not in report_of(*now).plan_shares, "what is below it is no plan"


def test_a_total_is_compared_while_one_part_can_be() -> None:
    cells = PACK.form("PL03").cells
    parts = [k for k, (_, line, _) in cells.items() if k.column == "LKN" and not line.derive and not line.heading]
    said = [accepted(u, {str(k): 10 for k in parts}) for u in UNITS]
    for unlike, reason in ((parts[:1], ""), (parts[1:], ""), (parts, "Cách tính đã đổi")):
        then = earlier(*said, not_comparable=dict.fromkeys(unlike, "Cách tính đã đổi"))
        assert report_of(*said, year_ago=then).last_year[key("PL03/TONG/LKN")].reason == reason
    then = earlier(*said, not_comparable={key("PL03/TONG/LKN"): "Gộp dòng"})
    assert report_of(*said, year_ago=then).last_year[key("PL03/TONG/LKN")].reason == "Gộp dòng", "the pack names it"


@pytest.mark.parametrize(("least", "reason"), [("60", ""), ("60.5", "Mới có 3/5 đơn vị có kế hoạch, chưa đủ 60,5 %")])
def test_a_share_is_withheld_below_the_bound_exactly(least: str, reason: str) -> None:
    law = PACK.regime.model_copy(update={"plan_coverage_min": Decimal(least)})
    planned = {"PL01/CT26/KHN": 4, "PL01/CT26/TH": 3, "PL01/CT26/LKN": 3}
    sent = [accepted(u, planned) for u in UNITS[:3]] + [accepted(u, {"PL01/CT26/LKN": 3}) for u in UNITS[3:]]
    share = consolidate(pack(EVERYBODY, law=law), period(), sent, EVERYBODY).plan_shares[key("PL01/CT26/TH")]
    assert share.reason.startswith(reason) and bool(share.reason) is bool(reason)
    assert (share.percent is None) is bool(reason)


def test_a_terms_plan_is_held_against_the_row_it_measures() -> None:
    columns = (
        Column(code="KH", title="Kế hoạch giai đoạn", role=ColumnRole.PLAN_TERM),
        Column(code="UOC", title="Ước cả giai đoạn", role=ColumnRole.ESTIMATE),
    )
    results = [
        row(code, code, EntryLevel.COMMUNE, columns=given, nature=Nature.FLOW)
        for code, given in (("X", ("KHN", "TH")), ("Y", ("KHN", "TH")))
    ]
    names = [tuple(f"B01/{r}/{c}" for r in ("X", "Y")) for c in ("TH", "KHN")]
    both = Derive(ratio=Ratio(numerator=names[0], denominator=names[1]))
    results.append(row("R", "R", columns=("TH",), type=ValueType.RATIO, derive=both))
    plans = [row("P", "P", EntryLevel.COMMUNE, columns=("KH", "UOC"), nature=Nature.FLOW, measures="B01/Y")]
    yearly = (Column(code="KHN", title="Kế hoạch năm", role=ColumnRole.PLAN_YEAR), *PERIOD_ONLY)
    law = pack(
        UNITS,
        forms=[
            form("B01", "Kết quả", Table(code="A", columns=yearly, rows=tuple(results))),
            form("B02", "Giai đoạn", Table(code="A", columns=columns, rows=tuple(plans))),
        ],
    )
    said = {"B01/X/KHN": 1, "B01/X/TH": 7, "B01/Y/KHN": 9, "B01/Y/TH": 30, "B02/P/KH": 40, "B02/P/UOC": 50}
    shares = consolidate(law, period(), [accepted(u, said) for u in UNITS], UNITS).plan_shares
    assert [shares[key(f"B02/P/{c}")].percent for c in ("KH", "UOC")] == [75, 125]
    assert [shares[key(f"B01/{r}/TH")].percent for r in ("X", "Y", "R")] == [700, Fraction(1000, 3), 370]
