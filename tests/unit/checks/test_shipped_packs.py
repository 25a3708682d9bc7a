"""The packs in `include/regimes` against the rules: they compile, their messages are whole, a quiet period is clean."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from baocao.checks.consolidation_gate.gate import failures
from baocao.checks.engine import check, compile_rules
from baocao.checks.history import History
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.period import Period
from baocao.model.submission import Workbook
from baocao.model.unit import Unit
from baocao.regimes.load import calendar_of, load_pack, regime_folders
from builders.packs.checks import NIL, accepted, workbook

INCLUDE = Path(__file__).resolve().parents[3] / "include"
REFERENCE = INCLUDE / "reference"
PACKS = [load_pack(folder, REFERENCE) for folder in regime_folders(INCLUDE.parent)]


def _one_unit_of_each_slice(pack: Pack) -> list[Unit]:
    return list({unit.projects: unit for unit in pack.units}.values())


def _quiet(pack: Pack, unit: Unit, period: Period) -> Workbook:
    """Nothing happened: every figure is 0, every question is answered."""
    base: dict[str, Any] = {
        spec.name: spec.row.options[0]
        for spec in compile_rules(pack, unit).layout.specs.values()
        if spec.entered and spec.row.required and spec.type.value == "choice"
    }
    specs = compile_rules(pack, unit).layout.specs.values()
    needed = {s.form.code for s in specs if s.required}
    base |= {s.name: NIL for s in specs if s.entered and s.form.code not in needed and s.column.code != "GT"}
    return workbook(unit=unit, pack=pack, base=base, period=period.code)


def _period(pack: Pack) -> Period:
    return calendar_of(pack.regime, REFERENCE)[0]


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.code)
def test_a_quiet_period_is_clean_for_every_unit(pack: Pack) -> None:
    period = _period(pack)
    sent = []
    for number, unit in enumerate(_one_unit_of_each_slice(pack)):
        book = _quiet(pack, unit, period)
        found = check(book, pack, unit, period, History(), received_at=period.unit.due_at)
        assert found == (), unit.code
        sent.append(accepted(book, number))
    assert failures(pack, period, sent) == set()


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.code)
def test_every_relation_is_used_and_its_message_complete(pack: Pack) -> None:
    used = set()
    for unit in _one_unit_of_each_slice(pack):
        rules = compile_rules(pack, unit)
        for relation in rules.within_forms + rules.between_forms:
            used.add(relation.instance.relation.message)
            left_over = re.sub(r"\{(left|right|lower|reasons|column)\}", "", relation.instance.relation.message)
            assert not re.search(r"[{}]", left_over), relation.instance.relation.id
            assert re.search(r"[Hh]ãy|ghi|sửa|phải", left_over), relation.instance.relation.id
    every = {r.message for form in pack.forms for r in form.relations} | {r.message for r in pack.regime.relations}
    assert every == used


@pytest.mark.parametrize("pack", PACKS, ids=lambda p: p.code)
def test_every_declared_relation_rule_has_a_relation(pack: Pack) -> None:
    wanted = {rule.id for rule in pack.rules if rule.kind is RuleKind.RELATION}
    there = {r.rule for form in pack.forms for r in form.relations} | {r.rule for r in pack.regime.relations}
    assert wanted <= there
