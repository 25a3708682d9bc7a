"""Every rule that looks at a submission: a case that breaks exactly it, one at the edge that holds, and a blank one."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from baocao.model.submission import Severity
from builders.packs.checks import HALF_YEAR, IN_TIME, PACK, findings, workbook
from builders.packs.rule_cases import CASES, Case

ELSEWHERE = {"V04", "V05", "V42", "V64", "V65"}
"""The rules about the workbook as such: test_identity.py; about lists: test_lists.py."""


def _look(case: Case, changes: dict[str, Any], late: timedelta = timedelta(0)) -> list[tuple[str, str, Severity]]:
    book = workbook(changes, unit=case.unit, period=case.period.code)
    arrived = IN_TIME + late if case.period is HALF_YEAR else case.period.unit.due_at
    found = findings(book, unit=case.unit, period=case.period, past=case.past, received_at=arrived)
    return [(f.rule, f.cells[0] if f.cells else "", f.severity) for f in found]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_breaking_one_rule_gives_exactly_its_finding(case: Case) -> None:
    assert _look(case, case.breaks, case.late) == [(case.rule, case.at, case.severity)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_nearest_correct_answer_gives_nothing(case: Case) -> None:
    assert _look(case, case.holds) == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_was_not_answered_is_not_judged(case: Case) -> None:
    rules = {rule for rule, _, _ in _look(case, case.blank)}
    assert case.rule not in rules
    assert rules <= {"V03", "V41"}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_finding_says_where_and_what_to_do(case: Case) -> None:
    book = workbook(case.breaks, unit=case.unit, period=case.period.code)
    arrived = IN_TIME + case.late if case.period is HALF_YEAR else case.period.unit.due_at
    (finding,) = findings(book, unit=case.unit, period=case.period, past=case.past, received_at=arrived)
    assert re.search(r"\b[Hh]ãy ", finding.message)
    assert not re.search(r"Decimal|None|Fraction|[{}]", finding.message)
    assert finding.suggestion == case.suggestion
    if case.at:
        cell = next(c for k, c in book.cells.items() if str(k) == case.at)
        assert (finding.sheet, finding.a1) == (cell.sheet, cell.a1)
        assert finding.key.startswith(f"{case.rule}|{case.at}")
        assert finding.item
        assert finding.name
    for shown in (finding.expected, finding.suggestion):
        assert not re.search(r"\d,\d{3}|Decimal|None|Fraction|[{}]", shown)


def test_every_submission_rule_has_its_three_cases() -> None:
    wanted = {rule.id for rule in PACK.rules if rule.at_submission}
    assert {case.rule for case in CASES} | ELSEWHERE == wanted
