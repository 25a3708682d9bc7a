"""Figures carried from one form version into the next: nothing is lost, nothing is made up."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from baocao.forms.earlier_figures import joined
from baocao.model.form import CellKey, Form
from baocao.model.pack_parts.bridge import Bridge, EarlierFigures, carry, crossing

COLUMNS: list[dict[str, Any]] = [
    {"code": "KHN", "title": "Kế hoạch", "role": "plan_year"},
    {"code": "TH", "title": "Thực hiện", "role": "actual"},
    {"code": "TL", "title": "%", "role": "ratio", "type": "ratio",
     "derive": {"ratio": {"numerator": ["TH"], "denominator": ["KHN"]}}},
    {"code": "GT", "title": "Giải trình", "role": "explanation", "type": "text"},
]  # fmt: skip


def form(version: str, *rows: str, columns: list[dict[str, Any]] = COLUMNS, kind: str = "count") -> Form:
    listed = [
        {"code": r, "item": r, "name": f"Dòng {r}", "type": kind, "nature": "flow", "levels": ["commune"],
         "roll_up": "sum" if kind == "count" else "yes_count"}
        for r in rows
    ]  # fmt: skip
    table = {"code": "A", "columns": columns, "rows": listed}
    return Form.model_validate(
        {"code": "B", "version": version, "title": "Biểu", "short": "B", "official": "B", "assumed": False,
         "tables": [table]}
    )  # fmt: skip


OLD = form("2025.1", "A1", "A2", "A3")
NEW = form("2026.2", "N1", "A2", "A9")


def bridge(**changes: Any) -> Bridge:
    return Bridge.model_validate({"form": "B", "from": "2025.1", "to": "2026.2", **changes})


def cell(row: str, column: str = "TH") -> CellKey:
    return CellKey("B", row, column)


counts = st.integers(min_value=0, max_value=10**12)
NUMBERS = [k for k in OLD.cells if k.column in {"KHN", "TH"}]
given_figures = st.dictionaries(st.sampled_from(NUMBERS), counts)


@given(given_figures, st.sets(st.sampled_from(NUMBERS)))
def test_where_every_row_is_unchanged_nothing_changes(figures: dict[CellKey, int], nil: set[CellKey]) -> None:
    same = form("2026.2", "A1", "A2", "A3")
    past = EarlierFigures(figures, frozenset(nil - figures.keys()))
    assert carry(crossing(bridge(unchanged=["A1", "A2", "A3"]), OLD, same), same, past) == past


@given(st.fixed_dictionaries(dict.fromkeys(NUMBERS, counts)))
def test_merged_rows_add_up_to_the_same_sums(figures: dict[CellKey, int]) -> None:
    one = form("2026.2", "N1")
    carried = carry(crossing(bridge(rows=[{"old": ["A1", "A2", "A3"], "new": "N1", "reason": "gộp"}]), OLD, one), one,
                    EarlierFigures(figures)).figures  # fmt: skip
    for column in ("KHN", "TH"):
        assert carried[cell("N1", column)] == sum(v for k, v in figures.items() if k.column == column)


def test_merged_rows_ratio_is_that_of_the_sums() -> None:
    one = form("2026.2", "N1", "A3")
    way = crossing(bridge(unchanged=["A3"], rows=[{"old": ["A1", "A2"], "new": "N1", "reason": "gộp"}]), OLD, one)
    past: EarlierFigures[Any] = EarlierFigures(
        {cell("A1"): 1, cell("A1", "KHN"): 2, cell("A1", "TL"): 50,
         cell("A2"): 3, cell("A2", "KHN"): 3, cell("A2", "TL"): 100}
    )  # fmt: skip
    assert carry(way, one, past).figures[cell("N1", "TL")] == 80


def test_a_sum_with_an_unknown_part_stays_unknown() -> None:
    one = form("2026.2", "N1", "A3")
    way = crossing(bridge(unchanged=["A3"], rows=[{"old": ["A1", "A2"], "new": "N1", "reason": "gộp"}]), OLD, one)
    carried = carry(way, one, EarlierFigures({cell("A1"): 4}))
    assert cell("N1") not in carried.figures and "A2" in carried.not_comparable[cell("N1")]
    assert carry(way, one, EarlierFigures({cell("A1"): 4}, frozenset({cell("A2")}))).figures[cell("N1")] == 4


def test_only_renamed_rows_keep_the_texts_of_before() -> None:
    new = form("2026.2", "N1", "A9")
    lines = [{"old": ["A1", "A2"], "new": "N1", "reason": "gộp"}, {"old": "A3", "new": "A9", "reason": "đổi mã"}]
    said: EarlierFigures[Any] = EarlierFigures(
        {cell("A1", "GT"): "một", cell("A2", "GT"): "hai", cell("A3", "GT"): "ba"}
    )
    carried = carry(crossing(bridge(rows=lines), OLD, new), new, said)
    assert (carried.figures, carried.not_comparable) == ({cell("A9", "GT"): "ba"}, {})


def test_rows_without_a_past_say_why() -> None:
    way = crossing(
        bridge(
            rows=[
                {"old": "A1", "new": ["N1", "A9"], "comparable": False, "reason": "tách đôi"},
                {"old": "A2", "new": "A2", "comparable": False, "reason": "nghĩa khác"},
                {"old": "A3", "new": [], "reason": "bỏ"},
            ]
        ),
        OLD,
        NEW,
    )
    carried = carry(way, NEW, EarlierFigures(dict.fromkeys(NUMBERS, 7)))
    assert not carried.figures
    assert {k.row: v for k, v in carried.not_comparable.items() if k.column == "TH"} == {
        "N1": "tách đôi", "A9": "tách đôi", "A2": "nghĩa khác",
    }  # fmt: skip
    fresh = crossing(bridge(unchanged=["A2"], rows=[{"old": ["A1", "A3"], "new": "N1", "reason": "gộp"}]), OLD, NEW)
    assert "2026.2" in fresh.reasons[cell("A9")]


def test_without_a_bridge_nothing_is_comparable() -> None:
    carried = carry(crossing(None, OLD, NEW), NEW, EarlierFigures({cell("A2"): 7}))
    assert not carried.figures and "2025.1" in carried.not_comparable[cell("A2")]


def test_a_renamed_column_carries_its_figures() -> None:
    renamed = [{**COLUMNS[1], "code": "KQ"}, COLUMNS[3]]
    new = form("2026.2", "A1", "A2", "A3", columns=renamed)
    way = crossing(
        bridge(unchanged=["A1", "A2", "A3"], columns=[{"old": "TH", "new": "KQ", "reason": "đổi mã"}]), OLD, new
    )
    assert carry(way, new, EarlierFigures({cell("A1"): 5})).figures == {cell("A1", "KQ"): 5}


@pytest.mark.parametrize(
    "line",
    [
        {"old": "A1", "new": ["N1", "A9"], "reason": "tách"},
        {"old": "A1", "new": "N1"},
        {"old": "A1", "comparable": False, "new": "A1"},
        {"old": [], "new": "N1", "reason": "gì"},
    ],
)
def test_a_line_that_tells_too_little_is_refused(line: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        bridge(rows=[line])


@given(st.lists(given_figures, min_size=2, max_size=4))
def test_a_merged_units_past_sums_up_its_parts(parts: list[dict[CellKey, int]]) -> None:
    past = joined([OLD], {f"Xã {i}": EarlierFigures(p) for i, p in enumerate(parts)}, "sáp nhập")
    for key in NUMBERS:
        there = [p[key] for p in parts if key in p]
        if len(there) == len(parts):
            assert past.figures[key] == sum(there)
        else:
            assert key not in past.figures
            assert (key in past.not_comparable) == bool(there)


def test_merged_yes_or_no_answers_have_no_past() -> None:
    asked = form("2025.1", "C1", kind="bool")
    parts: dict[str, EarlierFigures[Any]] = {
        "Xã 1": EarlierFigures({cell("C1"): True}),
        "Xã 2": EarlierFigures({cell("C1"): True}),
    }
    past = joined([asked], parts, "sáp nhập")
    assert (past.figures, past.not_comparable[cell("C1")]) == ({}, "sáp nhập")
