"""What is printed beside a row: its plan, its past, and the words where there is no figure."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from baocao.documents.row_figures import (
    EMPTY,
    FROM_ZERO,
    NOT_SHARED,
    Printed,
    RowFigures,
    cell_figure,
    change_in_words,
    gathered,
    moved_and_rate,
    planned_units,
    ratio_figure,
    row_figures,
    share_figure,
    units_compared,
    units_planned,
)
from baocao.model.consolidated import NOT_COMPARABLE, Change, Consolidation, PlanShare
from baocao.model.form import Column, ColumnRole, Derive, Form, Linear, RollUp, Row, Table, ValueType
from baocao.model.pack_views import figure_rows
from baocao.model.report import Coverage, ProvinceValue
from builders.packs.consolidation import communes, form, key, lead_body, pack, row

PACK = pack((*communes(3), lead_body()))
GREW = Change(12, 8, counted=2, expected=3, left_out=("10002",))
FROM_NOTHING = Change(4, 0, counted=3, expected=3)
UNKNOWN = Change(None, None, reason="biểu đổi")
HALF = PlanShare(5, 10, 2, 3, left_out=("10002",))


def place(name: str) -> tuple[Form, Table, Row]:
    code, wanted = name.split("/")
    return next((f, t, r) for f, t, r in figure_rows(PACK) if (f.code, r.code) == (code, wanted))


def column(table: Table, code: str) -> Column:
    return next(c for c in table.columns if c.code == code)


def value(name: str, number: Any, nil: bool = False, coverage: Coverage | None = None) -> dict[Any, ProvinceValue]:
    return {key(name): ProvinceValue(key(name), number, nil, coverage or Coverage(3, 3))}


def result(**more: Any) -> Consolidation:
    fields: dict[str, Any] = dict.fromkeys(("targets", "findings", "expected", "missing", "waived"), ())
    fields |= {"regime": PACK.code, "period": "2026-Y", "values": {}, "texts": {}, "coverage": Coverage(3, 4)}
    return Consolidation(**(fields | {"valid_units": 3} | more))


def beside(name: str, **more: Any) -> RowFigures:
    return row_figures(result(**more), *place(name))


def printed(name: str, code: str, **more: Any) -> Printed | None:
    found = place(name)
    return cell_figure(result(**more), *found, column(found[1], code))


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (EMPTY, ""),
        (Printed(nil=True), "NP"),
        (Printed(0, nil=True), "NP"),
        (Printed(5, nil=True, words=FROM_ZERO), FROM_ZERO),
        (Printed(0), "0"),
        (Printed(-3), "-3"),
        (Printed(12, signed=True), "+12"),
        (Printed(-3, signed=True), "-3"),
        (Printed(0, signed=True), "0"),
        (Printed(Fraction(1, 3), ValueType.RATIO, signed=True), "+0,33"),
    ],
)
def test_a_printed_place_reads_as_figure_or_words(figure: Printed, text: str) -> None:
    assert figure.text("NP") == text


def test_a_flow_stands_beside_plan_and_last_year() -> None:
    key_ = key("PL01/CT13/TH")
    found = beside("PL01/CT13", last_year={key_: GREW}, plan_shares={key_: HALF})
    assert (found.main, found.compared) == (key_, key_)
    assert [p.text("") for p in (found.previous, found.difference, found.percent)] == ["8", "+4", "+50,00"]
    assert found.plan_percent.text("") == "50,00"
    assert (found.compared_units, found.planned_units) == ("2/3", "2/3")
    nothing = beside("PL01/CT13")
    assert (nothing.previous, nothing.difference, nothing.percent, nothing.plan_percent) == (EMPTY,) * 4
    assert (nothing.compared_units, nothing.planned_units) == ("", "")


def test_a_ratio_row_is_compared_without_a_rate() -> None:
    change = Change(Fraction(50), Fraction(40), 3, 3)
    found = beside("PL01/CT10", last_year={key("PL01/CT10/TL"): change, key("PL01/CT10/TH"): GREW})
    assert found.compared == key("PL01/CT10/TL")
    assert [p.text("") for p in (found.previous, found.difference)] == ["40,00", "+10,00"]
    assert found.percent == EMPTY


def test_a_movement_row_shows_its_closing_figure() -> None:
    assert beside("B04/NGHIEN").main == key("B04/NGHIEN/CK")


def test_incomparable_rows_say_nothing_of_last_year() -> None:
    for name in ("PL01/CT06", "PL01/CT09"):
        found = beside(name, last_year={key(f"{name}/TH"): GREW})
        assert (found.previous, found.difference, found.percent) == (EMPTY,) * 3, name


def test_yes_counts_are_compared_as_numbers() -> None:
    found = beside("PL01/CT08", last_year={key("PL01/CT08/TH"): GREW})
    assert (found.previous.type, found.difference.text("")) == (ValueType.COUNT, "+4")


def test_what_cannot_be_compared_says_so_once() -> None:
    found = beside("PL01/CT13", last_year={key("PL01/CT13/TH"): UNKNOWN})
    assert (found.previous, found.difference, found.percent) == (Printed(words=NOT_COMPARABLE), EMPTY, EMPTY)
    assert beside("PL01/CT13", last_year={key("PL01/CT13/TH"): FROM_NOTHING}).percent == Printed(words=FROM_ZERO)


def test_coverage_falls_back_to_the_most_owed_cell() -> None:
    values = value("PL01/CT13/TH", 1, coverage=Coverage(1, 2)) | value("PL01/CT13/LKN", 1, coverage=Coverage(3, 4))
    assert beside("PL01/CT13", values=values).coverage == Coverage(1, 2)
    values = value("PL01/CT13/TH", 1, coverage=Coverage(0, 0)) | value("PL01/CT13/LKN", 1, coverage=Coverage(3, 4))
    assert beside("PL01/CT13", values=values).coverage == Coverage(3, 4)
    money = value("PL03/DA1.NSTW_DT/KH", 1, coverage=Coverage(2, 3))
    money |= value("PL03/DA1.NSTW_DT/LKN", 1, coverage=Coverage(1, 3))
    found = beside("PL03/DA1.NSTW_DT", values=money)
    assert (found.main, found.compared, found.coverage) == (None, None, Coverage(1, 3))
    assert beside("PL01/CT13").coverage is None


@pytest.mark.parametrize(
    ("share", "figure"),
    [
        (None, EMPTY),
        (HALF, Printed(Fraction(50), ValueType.RATIO)),
        (PlanShare(5, 10, 1, 3, reason="ít đơn vị có kế hoạch"), Printed(words=NOT_SHARED)),
        (PlanShare(5, 0, 3, 3), Printed(None, ValueType.RATIO, nil=True)),
        (PlanShare(5, None, 0, 3), Printed(None, ValueType.RATIO)),
    ],
)
def test_a_plan_share_is_figure_words_or_nothing(share: PlanShare | None, figure: Printed) -> None:
    assert share_figure(share) == figure


def test_a_cell_holds_its_own_figure_or_none() -> None:
    assert printed("PL01/CT13", "TH", values=value("PL01/CT13/TH", 7)) == Printed(7)
    assert printed("PL01/CT13", "TH", values=value("PL01/CT13/TH", 0, nil=True)) == Printed(0, nil=True)
    assert printed("PL01/CT13", "GT", values=value("PL01/CT13/TH", 7)) is None
    assert printed("PL01/CT13", "MS", values=value("PL01/CT13/MS", 7)) is None, "the column does not apply"
    assert printed("PL01/CT09", "TH", values=value("PL01/CT09/TH", 3)) == Printed(3, ValueType.COUNT)
    area = printed("PL01/CT12", "TH", values=value("PL01/CT12/TH", 3))
    assert area is not None and area.type is ValueType.DECIMAL


def test_yes_counts_show_units_asked_and_share() -> None:
    asked = {"values": value("PL01/CT08/TH", 2), "populations": {key("PL01/CT08/TH"): 4}}
    assert printed("PL01/CT08", "TH", **asked) == Printed(2, ValueType.COUNT)
    assert printed("PL01/CT08", "MS", **asked) == Printed(4, ValueType.COUNT)
    assert printed("PL01/CT08", "TL", **asked) == Printed(Fraction(50), ValueType.RATIO)
    assert printed("PL01/CT08", "GT", **asked) is None
    assert printed("PL01/CT13", "MS", **asked) is None


def test_a_ratio_to_plan_is_printed_as_share() -> None:
    name = "PL03/DA1.NSTW_DT/TL"
    cell = {"values": value(name, Fraction(60)), "plan_shares": {key(name): HALF}}
    assert printed("PL03/DA1.NSTW_DT", "TL", **cell) == Printed(Fraction(50), ValueType.RATIO)
    withheld = cell | {"plan_shares": {key(name): PlanShare(5, 10, 1, 3, reason="ít")}}
    assert printed("PL03/DA1.NSTW_DT", "TL", **withheld) == Printed(words=NOT_SHARED)
    assert printed("PL03/DA1.NSTW_DT", "TL", values=cell["values"]) == Printed(Fraction(60), ValueType.RATIO)


def test_a_rows_own_ratio_is_printed_unless_withheld() -> None:
    name, values = key("PL01/CT06/TH"), value("PL01/CT06/TH", Fraction(60))
    own = Printed(Fraction(60), ValueType.RATIO)
    assert printed("PL01/CT06", "TH", values=values, plan_shares={name: HALF}) == own
    assert printed("PL01/CT06", "TH", values=values) == own
    withheld = {name: PlanShare(5, 10, 1, 3, reason="ít")}
    assert printed("PL01/CT06", "TH", values=values, plan_shares=withheld) == Printed(words=NOT_SHARED)
    counted = printed("PL01/CT13", "TH", values=value("PL01/CT13/TH", 7), plan_shares={key("PL01/CT13/TH"): HALF})
    assert counted == Printed(7)


@pytest.mark.parametrize(
    ("change", "words"), [(UNKNOWN, NOT_COMPARABLE), (FROM_NOTHING, FROM_ZERO), (Change(None, None), "")]
)
def test_a_missing_rate_says_why_in_words(change: Change, words: str) -> None:
    values = value("PL01/CT06/TH", None)
    found = printed("PL01/CT06", "TH", values=values, last_year={key("PL01/CT01/TH"): change})
    assert found == Printed(words=words)


def test_answers_without_a_figure_are_gathered_in_words() -> None:
    name = key("PL01/CT13/GT")
    both = result(texts={name: (("10000", "Có"), ("10001", "Không"), ("10002", "Không"))})
    assert gathered(both, name, ValueType.BOOL) == "Có: 1; Không: 2"
    assert gathered(both, name, ValueType.TEXT) == "3 đơn vị"
    assert gathered(result(texts={name: (("10000", "Có"),)}), name, ValueType.BOOL) == "Có"
    assert gathered(result(), name, ValueType.TEXT) == gathered(result(), name, ValueType.BOOL) == ""


def test_a_rows_ratio_uses_denominator_or_else_plan() -> None:
    shares = {key("PL01/CT13/TH"): HALF, key("PL01/CT06/TH"): HALF}
    whole = result(
        values=value("PL01/CT10/TL", Fraction(25)) | value("PL01/CT08/TH", 2) | value("PL03/TONG/TL", Fraction(60)),
        plan_shares=shares,
    )

    def ratio(name: str) -> Printed:
        return ratio_figure(whole, row_figures(whole, *place(name)))

    assert ratio("PL01/CT10").value == 25
    assert ratio("PL01/CT08").text("") == "66,67"
    assert ratio("PL01/CT13").value == 50
    assert ratio("PL03/TONG").value == 60
    assert ratio("PL01/CT12") == EMPTY, "nothing known"
    assert ratio("PL01/CT06") == EMPTY, "the row's own figure is the ratio"


def test_yes_counts_need_no_column_for_their_share() -> None:
    actual = Column(code="TH", title="Thực hiện", role=ColumnRole.ACTUAL)
    plan = Column(code="KHN", title="Kế hoạch", role=ColumnRole.PLAN_YEAR)
    rows = (row("R", "Có", columns=("TH",), type=ValueType.BOOL, roll_up=RollUp.YES_COUNT),)
    small = form("F", "Biểu", Table(code="A", columns=(plan, actual), rows=rows))
    whole = result(values=value("F/R/TH", 1))
    figures = row_figures(whole, small, small.tables[0], rows[0])
    assert ratio_figure(whole, figures).text("") == "33,33"


def test_a_derived_total_is_compared_like_any_figure() -> None:
    actual = Column(code="TH", title="Thực hiện", role=ColumnRole.ACTUAL)
    total = Row(code="T", item="", name="Tổng", roll_up=RollUp.DERIVED, derive=Derive(linear=Linear(plus=("R",))))
    small = form("F", "Biểu", Table(code="A", columns=(actual,), rows=(total,)))
    whole = result(values=value("F/T/TH", None), last_year={key("F/T/TH"): GREW})
    assert row_figures(whole, small, small.tables[0], total).difference.text("") == "+4"
    assert cell_figure(whole, small, small.tables[0], total, actual) == Printed(None)
    assert beside(
        "B04/NGHIEN",
        values=value("B04/NGHIEN/CK", 1, coverage=Coverage(1, 2)) | value("B04/NGHIEN/DK", 1, coverage=Coverage(3, 4)),
    ).coverage == Coverage(1, 2)


def test_headings_are_no_rows_of_figures() -> None:
    rows = [(f.code, r.code) for f, _, r in figure_rows(PACK)]
    assert ("B04", "I") not in rows and ("B04", "NGHIEN") in rows


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (Change(None, None, 1, 3, ("10002",)), ""),
        (Change(12, 8, 3, 3), ""),
        (GREW, "tính trên 2/3 đơn vị có số liệu cả hai kỳ"),
        (
            Change(12, 8, 1200, 1300, ("10002",), ("a", "b")),
            "tính trên 1.200/1.300 đơn vị có số liệu cả hai kỳ; 2 đơn vị chỉ có ở kỳ trước",
        ),
    ],
)
def test_incomplete_comparisons_tell_their_number_of_units(change: Change, text: str) -> None:
    assert units_compared(change) == text


def test_incomplete_plans_tell_their_number_of_units() -> None:
    assert units_planned(HALF) == "2/3 đơn vị có kế hoạch"
    assert units_planned(PlanShare(5, 10, 3, 3)) == ""
    assert [planned_units(s) for s in (None, PlanShare(5, None, 0, 3), HALF)] == ["", "", "2/3"]
    assert planned_units(PlanShare(5, None, 0, 3, reason="ít")) == "0/3"
    assert planned_units(PlanShare(5, 10, 1, 3, reason="ít")) == "1/3"


@pytest.mark.parametrize(
    ("change", "kind", "usual", "words"),
    [
        (UNKNOWN, ValueType.COUNT, "", "không so sánh được với năm trước"),
        (Change(3, None), ValueType.COUNT, "", ""),
        (Change(8, 8, 3, 3), ValueType.COUNT, "", "bằng năm trước"),
        (Change(12, 8, 3, 3), ValueType.COUNT, "", "tăng 4 người (50,00\N{NO-BREAK SPACE}%) so với năm trước"),
        (Change(6, 8, 3, 3), ValueType.COUNT, "", "giảm 2 người (25,00\N{NO-BREAK SPACE}%) so với năm trước"),
        (Change(4, 0, 3, 3), ValueType.COUNT, "", "tăng 4 người so với năm trước, kỳ trước bằng 0"),
        (Change(Fraction(50), Fraction(40), 3, 3), ValueType.RATIO, "", "tăng 10,00 người so với năm trước"),
        (
            Change(8, 8, 2, 3, ("10002",)),
            ValueType.COUNT,
            "",
            "bằng năm trước (tính trên 2/3 đơn vị có số liệu cả hai kỳ)",
        ),
        (Change(8, 8, 2, 3, ("10002",)), ValueType.COUNT, units_compared(GREW), "bằng năm trước"),
        (
            Change(9, 8, 3, 3),
            ValueType.COUNT,
            units_compared(GREW),
            "tăng 1 người (12,50\N{NO-BREAK SPACE}%) so với năm trước",
        ),
    ],
)
def test_a_change_is_told_in_one_clause(change: Change, kind: ValueType, usual: str, words: str) -> None:
    assert change_in_words(change, kind, "người", "năm trước", usual=usual) == words


def test_figures_of_a_change_carry_the_readers_mark() -> None:
    def mark(name: str, text: str) -> str:
        return f"[{name}:{text}]"

    moved = moved_and_rate(Change(12, 8, 3, 3), ValueType.COUNT, "", mark)
    assert moved == ("[tang-giam:tăng 4]", "[ty-le-tang-giam:50,00\N{NO-BREAK SPACE}%]")
    assert moved_and_rate(Change(4, 0, 3, 3), ValueType.COUNT, "vụ", mark) == ("[tang-giam:tăng 4 vụ]", "")
    assert units_planned(HALF, mark) == "[don-vi-co-ke-hoach:2/3] đơn vị có kế hoạch"
