"""What a page says a rule looks at is what the rule finds fault with."""

from __future__ import annotations

import pytest

from baocao.checks.rules.touched import touched
from baocao.model.form import CellKey
from builders.packs.checks import rules_pack
from builders.packs.pack import thanh_hoa
from builders.packs.rule_cases import CASES, Case

PACK = rules_pack(inspections=thanh_hoa().regime.inspections)
"""The small pack, with the register of inspections that the shipped one keeps."""


Touched = dict[str, frozenset[CellKey]]


@pytest.fixture
def looked_at() -> Touched:
    return {rule: frozenset(keys) for rule, keys in touched(PACK).items()}


@pytest.mark.parametrize("case", [c for c in CASES if c.at and c.rule != "V62"], ids=str)
def test_a_rule_touches_the_cell_of_its_finding(case: Case, looked_at: Touched) -> None:
    assert CellKey.parse(case.at) in looked_at[case.rule]


def test_only_rules_about_whole_workbooks_touch_no_cell(looked_at: Touched) -> None:
    every = {rule.id for rule in PACK.rules if rule.at_submission}
    # V62: no mid-term, no end-term report here; V64, V65: no lists
    assert every - set(looked_at) == {"V04", "V05", "V42", "V43", "V62", "V64", "V65"}
    assert {case.rule for case in CASES if case.at} - {"V62"} <= set(looked_at)
    assert "V62" in touched(thanh_hoa())


def test_the_inspection_register_touches_the_filled_rows() -> None:
    touched_rows = {key.row for key in touched(thanh_hoa())["V61"]}
    assert touched_rows == {"B09.03a", "B09.03b", "B09.03c", "B09.03d", "B09.03e"}


def test_rules_touch_either_figures_or_texts(looked_at: Touched) -> None:
    assert CellKey("PL01", "CT01", "TH") in looked_at["V02"]
    assert CellKey("PL01", "CT01", "GT") not in looked_at["V02"]
    assert CellKey("PL01", "CT01", "GT") in looked_at["V07"]
    assert CellKey("PL01", "CT01", "TH") not in looked_at["V07"]
