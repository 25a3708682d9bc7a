"""Many accepted reports of a term make one figure: nothing twice, nothing invented, the order does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from baocao.consolidation.accumulate import accumulate, accumulate_province, belongs, wanted
from baocao.model.form import Nature
from baocao.model.pack_views import for_period
from baocao.model.period import Period
from baocao.model.term_totals import AcceptedReport, TermAggregation, UnitTerm
from builders.packs.consolidation import NIL, accepted, communes, key, pack
from builders.packs.pack import thanh_hoa, thanh_hoa_periods

PERIODS = thanh_hoa_periods()
CALENDAR = tuple(PERIODS.values())
MID, END = PERIODS["2028-MID"], PERIODS["2030-END"]
UNIT = communes(1)[0]
PACK = pack((UNIT,))
CASES, CROPS = key("PL01/CT13/TH"), key("PL01/CT12/TH")
Figures = Mapping[str, object]


def sent(code: str, figures: Figures, number: int = 1) -> AcceptedReport:
    """A report of that period; a higher number was accepted later."""
    report = accepted(UNIT, figures, number)
    return AcceptedReport(
        PERIODS[code], replace(report, received_at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number))
    )


def added(*reports: AcceptedReport, term: Period = MID) -> UnitTerm:
    return accumulate(PACK, term, CALENDAR, UNIT.code, reports)


def value(found: UnitTerm, name: str) -> object:
    cell = found.cells.get(key(name))
    return None if cell is None else cell.value


# which reports count -------------------------------------------------------------------------------------------------


def test_a_term_wants_its_years_and_last_half() -> None:
    assert [p.code for p in wanted(MID, CALENDAR)] == ["2026-Y", "2027-Y", "2028-H1"]
    assert [p.code for p in wanted(END, CALENDAR)] == ["2026-Y", "2027-Y", "2028-Y", "2029-Y", "2030-H1"]


def test_flows_add_up_and_stocks_are_the_latest() -> None:
    years = {"2026-Y": (30, 90), "2027-Y": (20, 80), "2028-H1": (7, 85)}
    found = added(*(sent(c, {"PL01/CT13/TH": flow, "PL01/CT01/TH": stock}) for c, (flow, stock) in years.items()))
    assert (value(found, "PL01/CT13/TH"), value(found, "PL01/CT01/TH")) == (57, 85)
    assert found.behind.used == ("2026-Y", "2027-Y", "2028-H1")
    assert found.behind.missing == found.behind.instead == ()


def test_the_year_already_contains_its_six_months() -> None:
    assert value(added(sent("2026-H1", {"PL01/CT13/TH": 12}), sent("2026-Y", {"PL01/CT13/TH": 30})), str(CASES)) == 30


def test_a_six_month_report_replaces_a_missing_year() -> None:
    found = added(sent("2026-H1", {"PL01/CT13/TH": 12}), sent("2028-H1", {"PL01/CT13/TH": 5}))
    assert value(found, "PL01/CT13/TH") == 17
    assert found.behind.instead == (("2026-Y", "2026-H1"),)
    assert found.behind.missing == ("2027-Y",)


def test_a_correction_counts_instead_of_its_original() -> None:
    wrong, right = sent("2026-Y", {"PL01/CT13/TH": 300}, 1), sent("2026-Y", {"PL01/CT13/TH": 30}, 2)
    assert value(added(wrong, right), "PL01/CT13/TH") == value(added(right, wrong), "PL01/CT13/TH") == 30


@pytest.mark.parametrize("code", ["2028-MID", "2028-Y", "2029-H1"])
def test_only_yearly_reports_inside_the_term_count(code: str) -> None:
    found = added(sent("2026-Y", {"PL01/CT13/TH": 30}), sent(code, {"PL01/CT13/TH": 500}))
    assert value(found, "PL01/CT13/TH") == 30


def test_a_term_includes_its_first_and_last_day() -> None:
    first, last = PERIODS["2026-Y"], PERIODS["2028-H1"]
    exact = replace(MID, covers_from=first.covers_from, cutoff_on=last.cutoff_on)
    assert belongs(exact, first) and belongs(exact, last)
    assert not belongs(replace(exact, covers_from=first.covers_from + timedelta(days=1)), first)
    assert not belongs(replace(exact, cutoff_on=last.cutoff_on - timedelta(days=1)), last)


def test_a_rehearsal_does_not_count() -> None:
    rehearsed = sent("2027-Y", {"PL01/CT13/TH": 500})
    rehearsal = replace(rehearsed, period=replace(rehearsed.period, code="2027-Y-DT", rehearsal_of="2027-Y"))
    assert value(added(sent("2026-Y", {"PL01/CT13/TH": 30}), rehearsal), "PL01/CT13/TH") == 30


def test_the_end_term_ignores_the_mid_term_report() -> None:
    reports = [sent(c, {"PL01/CT13/TH": 1}) for c in ("2026-Y", "2027-Y", "2028-Y", "2029-Y", "2030-H1")]
    assert value(added(*reports, sent("2028-MID", {"PL01/CT13/TH": 100}), term=END), "PL01/CT13/TH") == 5


# how they count ------------------------------------------------------------------------------------------------------


def test_a_ratio_follows_from_the_accumulated_parts() -> None:
    found = added(
        sent("2026-Y", {"PL01/CT10/TH": 1, "PL01/CT10/MS": 2}), sent("2027-Y", {"PL01/CT10/TH": 9, "PL01/CT10/MS": 90})
    )
    assert value(found, "PL01/CT10/TL") == Fraction(1000, 92)
    assert found.cells[key("PL01/CT10/TL")].way is TermAggregation.RATIO


def test_a_cumulative_figure_over_plans_gives_no_ratio() -> None:
    figures = {"PL03/DA1.NSTW_DT/KH": 100, "PL03/DA1.NSTW_DT/LKN": 50}
    found = added(sent("2026-Y", figures), sent("2027-Y", figures))
    assert value(found, "PL03/DA1.NSTW_DT/KH") == 200
    assert key("PL03/DA1.NSTW_DT/TL") not in found.cells


def test_movements_run_from_first_opening_to_last_closing() -> None:
    found = added(
        sent("2026-Y", {"B04/NGHIEN/DK": 10, "B04/NGHIEN/T1": 4, "B04/NGHIEN/G1": 1, "B04/NGHIEN/CK": 13}),
        sent("2027-Y", {"B04/NGHIEN/DK": 13, "B04/NGHIEN/T1": 2, "B04/NGHIEN/G1": 5, "B04/NGHIEN/CK": 10}),
    )
    assert [value(found, f"B04/NGHIEN/{c}") for c in ("DK", "T1", "G1", "CK")] == [10, 6, 6, 10]


def test_the_opening_is_unknown_without_the_first_year() -> None:
    assert value(added(sent("2027-Y", {"B04/NGHIEN/DK": 13})), "B04/NGHIEN/DK") is None


def test_nil_counts_as_nothing_and_blank_is_named() -> None:
    found = added(
        sent("2026-Y", {"PL01/CT13/TH": NIL}), sent("2027-Y", {"PL01/CT13/TH": 4}), sent("2028-H1", {"PL01/CT01/TH": 1})
    )
    cell = found.cells[CASES]
    assert (cell.value, cell.nil, cell.unanswered) == (4, False, ("2028-H1",))
    assert added(sent("2026-Y", {"PL01/CT13/TH": NIL})).cells[CASES].nil


def test_areas_add_up_exactly() -> None:
    frame = PACK.form("PL01")
    rows = tuple(r.model_copy(update={"nature": Nature.FLOW}) if r.code == "CT12" else r for r in frame.tables[0].rows)
    changed = frame.with_tables((frame.tables[0].model_copy(update={"rows": rows}),))
    areas = pack((UNIT,), forms=(changed,))
    reports = [sent(c, {"PL01/CT12/TH": Decimal("0.1")}) for c in ("2026-Y", "2027-Y", "2028-H1")]
    assert accumulate(areas, MID, CALENDAR, UNIT.code, reports).cells[CROPS].value == Decimal("0.3")


def test_every_part_tells_period_submission_sheet_and_cell() -> None:
    found = added(sent("2026-Y", {"PL01/CT13/TH": 30}, 7), sent("2027-Y", {"PL01/CT13/TH": 20}, 9))
    parts = [(p.period, p.submission_id, p.sheet, p.a1, p.value) for p in found.cells[CASES].parts]
    assert parts == [("2026-Y", 7, "PL01", "D5", 30), ("2027-Y", 9, "PL01", "D5", 20)]


def test_the_days_no_report_covers_are_counted() -> None:
    whole = (MID.cutoff_on - MID.covers_from).days + 1
    found = added(*(sent(c, {"PL01/CT13/TH": 1}) for c in ("2026-Y", "2027-Y", "2028-H1"))).behind
    assert (found.days_covered + found.days_left, found.days_left) == (whole, 61), "15/6 to 14/8"


def test_a_fully_covered_term_has_no_days_left() -> None:
    exact = replace(MID, cutoff_on=PERIODS["2028-H1"].cutoff_on)
    reports = [sent(c, {"PL01/CT13/TH": 1}) for c in ("2026-Y", "2027-Y", "2028-H1")]
    assert accumulate(PACK, exact, CALENDAR, UNIT.code, reports).behind.days_left == 0


def test_the_order_of_the_calendar_does_not_matter() -> None:
    reports = [sent(c, {"PL01/CT13/TH": 1}) for c in ("2028-H1", "2027-Y", "2026-H1")]
    assert [p.code for p in wanted(MID, reversed(CALENDAR))] == ["2026-Y", "2027-Y", "2028-H1"]
    assert accumulate(PACK, MID, tuple(reversed(CALENDAR)), UNIT.code, reports) == added(*reports)


def test_a_yes_is_the_latest_answer() -> None:
    free = key("PL01/CT08/TH")
    found = added(sent("2026-Y", {"PL01/CT08/TH": True}), sent("2027-Y", {"PL01/CT08/TH": False}))
    assert (found.cells[free].value, found.cells[free].way) == (False, TermAggregation.LATEST)
    nothing = added(sent("2026-Y", {"PL01/CT08/TH": NIL, "PL01/CT01/TH": NIL}))
    assert (nothing.cells[free].value, nothing.cells[free].nil) == (None, True)
    assert (nothing.cells[key("PL01/CT01/TH")].value, nothing.cells[key("PL01/CT01/TH")].nil) == (0, True)


def test_yes_and_no_are_never_added_up() -> None:
    frame = PACK.form("PL01")
    rows = tuple(r.model_copy(update={"nature": Nature.FLOW}) if r.code == "CT08" else r for r in frame.tables[0].rows)
    flows = frame.with_tables((frame.tables[0].model_copy(update={"rows": rows}),))
    other = pack((UNIT,), forms=(flows,))
    reports = [sent(c, {"PL01/CT08/TH": True}) for c in ("2026-Y", "2027-Y")]
    assert accumulate(other, MID, CALENDAR, UNIT.code, reports).cells[key("PL01/CT08/TH")].value is True


def test_texts_and_rates_of_change_are_not_accumulated() -> None:
    said = {"PL01/CT13/GT": "Đã rà soát", "PL04/IV/ND": "Khó khăn", "PL01/CT06/TH": Decimal(5), "PL01/CT01/TH": 3}
    found = added(sent("2026-Y", said), sent("2027-Y", said))
    assert {str(name) for name in found.cells} == {"PL01/CT01/TH"}


def test_a_blank_cell_is_a_missing_answer() -> None:
    found = added(sent("2026-Y", {"PL01/CT13/TH": 4}), sent("2027-Y", {"PL01/CT13/TH": None}))
    assert (found.cells[CASES].value, found.cells[CASES].unanswered) == (4, ("2027-Y",))
    assert [p.period for p in found.cells[CASES].parts] == ["2026-Y"]


def test_zero_denominators_are_nil_and_missing_parts_absent() -> None:
    ratio = key("PL01/CT10/TL")
    nothing = added(sent("2026-Y", {"PL01/CT10/TH": 0, "PL01/CT10/MS": 0})).cells[ratio]
    assert (nothing.value, nothing.nil) == (None, True)
    assert ratio not in added(sent("2026-Y", {"PL01/CT10/MS": None})).cells
    assert ratio not in added(sent("2026-Y", {"PL01/CT10/TH": 1})).cells


# properties ----------------------------------------------------------------------------------------------------------

_CODES = ["2026-H1", "2026-Y", "2027-H1", "2027-Y", "2028-H1", "2028-Y", "2028-MID", "2029-H1"]
_REPORTS = st.lists(
    st.tuples(st.sampled_from(_CODES), st.integers(0, 10**9), st.integers(0, 500)),
    max_size=12,
    unique_by=lambda r: r[2],
)


def _of(reports: list[tuple[str, int, int]]) -> list[AcceptedReport]:
    return [sent(code, {"PL01/CT13/TH": flow, "PL01/CT01/TH": flow}, number + 1) for code, flow, number in reports]


def _by_hand(reports: list[tuple[str, int, int]]) -> int | None:
    """The same, said another way: the last report of each period, of each year the annual one, else the half-year."""
    last = {code: flow for code, flow, _ in sorted(reports, key=lambda r: r[2])}
    years = [last.get(f"{y}-Y", last.get(f"{y}-H1")) for y in (2026, 2027)] + [last.get("2028-H1")]
    known = [flow for flow in years if flow is not None]
    return sum(known) if known else None


@settings(max_examples=60, deadline=None)
@given(_REPORTS, st.randoms(use_true_random=False))
def test_any_order_accumulates_to_the_expected_sum(reports: list[tuple[str, int, int]], chance: object) -> None:
    shuffled = list(reports)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert added(*_of(shuffled)) == added(*_of(reports))
    assert value(added(*_of(reports)), "PL01/CT13/TH") == _by_hand(reports)


@settings(max_examples=40, deadline=None)
@given(_REPORTS, st.sampled_from([2026, 2027]), st.integers(0, 10**9))
def test_six_months_change_nothing_beside_the_annual_report(
    reports: list[tuple[str, int, int]], year: int, flow: int
) -> None:
    with_year = [*reports, (f"{year}-Y", 77, 600)]
    assert added(*_of([*with_year, (f"{year}-H1", flow, 700)])) == added(*_of(with_year))


@settings(max_examples=40, deadline=None)
@given(_REPORTS, st.sampled_from([2026, 2027]))
def test_dropping_the_annual_report_uses_six_months_openly(reports: list[tuple[str, int, int]], year: int) -> None:
    others = [r for r in reports if not r[0].startswith(str(year))]
    half, whole = (f"{year}-H1", 12, 600), (f"{year}-Y", 30, 700)
    both, dropped = added(*_of([*others, half, whole])), added(*_of([*others, half]))
    assert both.cells[CASES].value - dropped.cells[CASES].value == 18  # type: ignore[operator]
    assert dict(dropped.behind.instead)[f"{year}-Y"] == f"{year}-H1" and f"{year}-Y" not in dict(both.behind.instead)


# the province --------------------------------------------------------------------------------------------------------


def test_the_province_adds_each_unit_once_a_year() -> None:
    whole = thanh_hoa()
    units = [u for u in whole.units if u.code in {"14797", "14758"}]
    view = for_period(replace(whole, units=tuple(units)), MID)
    reports = [
        AcceptedReport(
            PERIODS[code], accepted(unit, {"PL01/CT10/TH": flow, "PL01/CT10/MS": 2 * flow, "PL01/CT08/TH": flow > 9}, n)
        )
        for n, (unit, code, flow) in enumerate(
            [("14797", "2026-H1", 3), ("14797", "2026-Y", 10), ("14758", "2026-H1", 4), ("14797", "2028-H1", 1)], 1
        )
    ]
    found = accumulate_province(view, MID, CALENDAR, reports, lambda _: units)
    assert [found.of_year(y, key("PL01/CT10/TH")) for y in found.columns] == [14, None, 1, None, None]
    assert found.values[key("PL01/CT10/TH")] == 15
    assert found.values[key("PL01/CT10/TL")] == 50
    assert found.of_year(2026, key("PL01/CT08/TH")) == 1, "units that answered yes"
    assert found.years[2026].instead == ("14758",) and str(found.years[2026].coverage) == "2/2"
    assert found.years[2027].coverage.missing == ("14758", "14797")
    assert found.years[2028].coverage.missing == ("14758",)
    assert found.name == "giai đoạn 2026 - 2030"
