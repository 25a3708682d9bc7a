"""A rule that no pack can trigger is a fault: every relation of every shipped pack is broken once, and every rule that
stands on relations goes the whole way from a written file to the answer of the verb."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from demo.figures import Figures, Filled

from baocao.checks.engine import check, compile_rules
from baocao.checks.history import History
from baocao.checks.registry import RULES
from baocao.checks.relations import Instance
from baocao.checks.touched import touched
from baocao.forms.blank import write_blank
from baocao.model.form import CellKey, Relation
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.unit import Unit
from baocao.regimes.load import calendar_of, load_pack, regime_folders
from baocao.settings import load_settings
from baocao.workflow.checking import check_file
from baocao.workflow.workplace import Workplace
from builders_breaks import Answers, breaking
from builders_checks import BLANK, NIL, workbook

PROJECT = Path(__file__).resolve().parents[2]
REFERENCE = PROJECT / "include" / "reference"
PACKS = {pack.code: pack for pack in (load_pack(f, REFERENCE) for f in regime_folders(PROJECT))}
ABOUT_THE_WORKBOOK = {"V04", "V05", "V42", "V43"}
"""Rules that look at no cell of a form: test_identity.py, test_cli_check.py."""


def _periods(pack: Pack) -> dict[str, Period]:
    """One period of every kind that the pack has, the first of it."""
    return {p.kind.value: p for p in reversed(calendar_of(pack.regime, REFERENCE))}


@cache
def _filled(code: str, period: str, unit: str) -> Filled:
    pack = PACKS[code]
    when = next(p for p in _periods(pack).values() if p.code == period)
    at = pack.for_period(when)
    found = at.unit(unit)
    assert found is not None
    return Figures(at, found, when, {}, 2026).fill()


def _instances(pack: Pack) -> Iterator[tuple[Pack, Period, Unit, Instance]]:
    """Every relation where a unit's workbook has it, in the first kind of period in which it holds."""
    seen: set[str] = set()
    for period in _periods(pack).values():
        if period.kind.is_evaluation:
            continue
        at = pack.for_period(period)
        for unit in {u.projects: u for u in reversed(at.units_on(period.cutoff_on))}.values():
            rules = compile_rules(at, unit)
            for relation in (*rules.within_forms, *rules.between_forms):
                written = _written(pack, relation.instance.relation.id)
                if written not in seen:
                    seen.add(written)
                    yield at, period, unit, relation.instance


def _written(pack: Pack, concrete: str) -> str:
    """The id in the pack of a relation whose `*` was replaced."""
    ids = [r.id for f in (*pack.forms, *pack.others) for r in f.relations] + [r.id for r in pack.regime.relations]
    return max((i for i in ids if concrete == i or concrete.startswith(f"{i}.")), key=len)


def _found(pack: Pack, period: Period, unit: Unit, instance: Instance) -> set[tuple[str, str]]:
    """(rule, cell) of everything the engine says of a workbook in which the relation is broken."""
    layout = compile_rules(pack, unit).layout
    filled = _filled(pack.code, period.code, unit.code).values
    changes = breaking(layout, instance, filled)
    base = {str(k): _plain(v) for k, v in filled.items()}
    named = {str(k): _plain(v) for k, v in changes.items()}
    book = workbook(named, unit=unit, pack=pack, base=base, period=period.code)
    nobody_knows = unit if unit.population else replace(unit, population=10_000, population_source="thử")
    found = check(book, pack, nobody_knows, period, History(), received_at=period.unit.due_at)
    return {(f.rule, f.cells[0]) for f in found if f.cells}


def _plain(value: object) -> object:
    if value is None:
        return BLANK
    return {"NP": NIL, "Có": True, "Không": False}.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize("code", PACKS)
def test_every_relation_of_a_pack_can_be_broken_and_then_speaks(code: str) -> None:
    silent = []
    for pack, period, unit, instance in _instances(PACKS[code]):
        told = _found(pack, period, unit, instance)
        if not any(rule == instance.relation.rule and CellKey.parse(cell) in instance.cells for rule, cell in told):
            silent.append(instance.relation.id)
    assert silent == []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workplace]:
    data = tmp_path_factory.mktemp("every-rule")
    where = Workplace(load_settings({"BAOCAO_ROOT": str(PROJECT), "BAOCAO_DATA": str(data)}))
    yield where
    where.store.close()
    shutil.rmtree(data, ignore_errors=True)


@pytest.mark.parametrize("code", PACKS)
def test_every_rule_on_relations_answers_a_written_file(code: str, place: Workplace) -> None:
    wanted: dict[str, tuple[Pack, Period, Unit, Instance]] = {}
    for one in _instances(PACKS[code]):
        if not _asks_for_residents(one[3]):
            wanted.setdefault(one[3].relation.rule, one)
    assert {r.rule for r in _relations(PACKS[code])} == wanted.keys()
    silent = []
    for rule, (pack, period, unit, instance) in wanted.items():
        filled = _filled(pack.code, period.code, unit.code)
        changes = breaking(compile_rules(pack, unit).layout, instance, filled.values)
        data = write_blank(pack, unit, period, {}, values=_written_down(filled, changes), info=filled.info)
        at = period.unit.due_at
        checked = check_file(place, data, f"{rule}.xlsx", received_at=at, period=period.code, marked=False)
        if rule not in {f.rule for f in checked.findings}:
            silent.append((rule, instance.relation.id))
    assert silent == []


def _asks_for_residents(instance: Instance) -> bool:
    """The shipped lists of units do not say how many people live there."""
    requirement = instance.relation.requires
    return requirement is not None and any(c.share_of_residents for c in requirement.when)


def _relations(pack: Pack) -> list[Relation]:
    """Those of the ordinary periods."""
    return [*pack.regime.relations, *(r for f in pack.forms for r in f.relations if not _of_a_term(r))]


def _of_a_term(relation: Relation) -> bool:
    return bool(relation.only_for) and all(kind.is_evaluation for kind in relation.only_for)


_DRUG_FORMS_ONLY = {f"V{n:02}" for n in (6, 11, 16, 17, 18, 19, 21, 22, 23, 24, 25, 28, 29, 31, 37, 38, 44, 61)}
"""Plans of one office have no money, no stocks, no dates and no class of a locality."""
NOT_IN_FORCE = {
    "thanh-hoa-drug-programme": set(),
    "hai-phong-drug-programme": {"V61"},
    "thuy-nguyen-ward": {"V19", "V24", "V61"},
    "hai-phong-legal-aid": _DRUG_FORMS_ONLY,
    "hai-phong-anti-trafficking": _DRUG_FORMS_ONLY | {"V14"},
}
"""Rules that find nothing to look at in a pack: told here, so that one more of them is noticed."""


@pytest.mark.parametrize("code", PACKS)
def test_rules_that_a_pack_gives_nothing_to_look_at_are_known(code: str) -> None:
    wanted = {rule.id for rule in RULES if rule.at_submission} - ABOUT_THE_WORKBOOK
    assert wanted - touched(PACKS[code]).keys() == NOT_IN_FORCE[code]


def _written_down(filled: Filled, changes: Answers) -> dict[CellKey, object]:
    values = {**filled.values, **changes}
    return {k: v for k, v in values.items() if v is not None}
