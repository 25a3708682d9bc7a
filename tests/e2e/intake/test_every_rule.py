"""A rule that no pack can trigger is a fault: every relation of every shipped pack is broken once, and every rule that
stands on relations goes the whole way from a written file to the answer of the verb."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from demo.figures import Figures, Filled

from baocao.checks.engine import check, compile_rules
from baocao.checks.history import History
from baocao.checks.rules.relations import Instance
from baocao.checks.rules.touched import touched
from baocao.checks.rules_page import rules_table
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.model.form import CellKey, Relation
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period
from baocao.model.period import SCOPE_OF_KIND, Period, PeriodKind
from baocao.model.submission import Value
from baocao.model.unit import Unit
from baocao.regimes.load import calendar_of, load_pack, regime_folders
from baocao.settings import load_settings
from baocao.workflow.installation import Installation
from baocao.workflow.intake.checking import check_file
from builders.files.workbook import fill
from builders.packs.breaks import Answers, breaking
from builders.packs.checks import BLANK, NIL, workbook
from builders.packs.single_rules import SINGLE, Break
from builders.sites.site import typed, write_accepted

PROJECT = Path(__file__).resolve().parents[3]
REFERENCE = PROJECT / "include" / "reference"
PACKS = {pack.code: pack for pack in (load_pack(f, REFERENCE) for f in regime_folders(PROJECT))}
ABOUT_THE_WORKBOOK = {"V04", "V05", "V42", "V43"}
"""Rules that look at no cell of a form."""
FROM_OTHER_RECORDS = {
    "V61": "tests/e2e/reports/test_inspections_in_report.py",
    "V62": "tests/e2e/periods/test_term.py",
    "V64": "tests/unit/checks/test_lists.py",
    "V65": "tests/unit/checks/test_lists.py",
}
"""Rules that need a register of inspections, a term of reports or a form with lists, and the tests that have it."""
OF_THE_WHOLE = {
    "V45": ("tests/unit/regimes/test_load.py",),
    "V51": ("tests/unit/documents/test_narrative_check.py",),
    "V52": ("tests/golden/test_regimes.py", "tests/unit/consolidation/test_recompute.py"),
    "V53": ("tests/golden/test_regimes.py", "tests/unit/consolidation/test_recompute.py"),
    "V54": ("tests/unit/consolidation/test_province.py",),
    "V55": ("tests/unit/consolidation/test_province.py",),
    "V56": ("tests/unit/consolidation/test_targets.py",),
    "V57": ("tests/unit/consolidation/test_recipients.py",),
    "V58": ("tests/unit/documents/test_freeze.py",),
}
"""Rules of the calendar and of the whole report, which no workbook can break: where each is broken. V52 and V53 are
broken in every pack's own report, the others in one built for it."""


def _periods(pack: Pack) -> dict[str, Period]:
    """One period of every kind that the pack has, the first of it."""
    return {p.kind: p for p in reversed(calendar_of(pack.regime, REFERENCE))}


@cache
def _filled(code: str, period: str, unit: str) -> Filled:
    pack = PACKS[code]
    when = next(p for p in calendar_of(pack.regime, REFERENCE) if p.code == period)
    at = for_period(pack, when)
    found = at.unit(unit)
    assert found is not None
    return Figures(at, found, when, {}, 2026).fill()


def _instances(pack: Pack) -> Iterator[tuple[Pack, Period, Unit, Instance]]:
    """Every relation where a unit's workbook has it, in the first kind of period in which it holds."""
    seen: set[str] = set()
    for period in _periods(pack).values():
        if period.is_evaluation:
            continue
        at = for_period(pack, period)
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
def test_every_broken_relation_of_a_pack_is_found(code: str) -> None:
    silent = []
    for pack, period, unit, instance in _instances(PACKS[code]):
        told = _found(pack, period, unit, instance)
        if not any(rule == instance.relation.rule and CellKey.parse(cell) in instance.cells for rule, cell in told):
            silent.append(instance.relation.id)
    assert silent == []


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    data = tmp_path_factory.mktemp("every-rule")
    where = Installation(load_settings({"BAOCAO_ROOT": str(PROJECT), "BAOCAO_DATA": str(data)}))
    yield where
    where.store.close()
    shutil.rmtree(data, ignore_errors=True)


@pytest.mark.parametrize("code", PACKS)
def test_every_rule_on_relations_answers_a_written_file(code: str, place: Installation) -> None:
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
    return bool(relation.only_for) and all(SCOPE_OF_KIND[kind].is_evaluation for kind in relation.only_for)


@pytest.mark.parametrize("code", PACKS)
def test_every_rule_without_relations_answers_a_written_file(code: str, place: Installation) -> None:
    pack = PACKS[code]
    looked_at = touched(pack).keys() | ABOUT_THE_WORKBOOK
    on_relations = {r.rule for r in _relations(pack)}
    assert looked_at <= SINGLE.keys() | on_relations | FROM_OTHER_RECORDS.keys()
    silent = [rule for rule in sorted(SINGLE.keys() & looked_at) if _speaks(place, pack, rule) is False]
    silent = [rule for rule in silent if rule not in on_relations]
    assert silent == []


def _speaks(place: Installation, pack: Pack, rule: str) -> bool:
    """Whether the verb says it of the first workbook in which it can be broken."""
    for period in _playable(pack):
        at = for_period(pack, period)
        if rule == "V33" and _code_before(pack, period, "same_year") is None:
            continue
        for unit in {u.projects: u for u in reversed(at.units_on(period.cutoff_on))}.values():
            filled = _filled(pack.code, period.code, unit.code)
            broken = SINGLE[rule](compile_rules(at, unit), filled.values, period)
            if broken is not None:
                return rule in _told(place, at, period, unit, broken)
    return False


def _playable(pack: Pack) -> list[Period]:
    """Those of the second year first: they have reports before them."""
    calendar = _calendar(pack)
    return sorted(calendar, key=lambda p: (p.year != calendar[0].year + 1, p.cutoff_on))


def _calendar(pack: Pack) -> list[Period]:
    ordinary = (PeriodKind.SIX_MONTH, PeriodKind.ANNUAL)
    return sorted((p for p in calendar_of(pack.regime, REFERENCE) if p.kind in ordinary), key=lambda p: p.cutoff_on)


def _code_before(pack: Pack, period: Period, which: str) -> str | None:
    before = [p for p in reversed(_calendar(pack)) if p.cutoff_on < period.cutoff_on]
    if which == "same_year":
        before = [p for p in before if p.year == period.year and period.kind == PeriodKind.ANNUAL]
    if which == "last_year":
        before = [p for p in before if p.year == period.year - 1 and p.kind == period.kind]
    return before[0].code if before else None


def _told(place: Installation, pack: Pack, period: Period, unit: Unit, broken: Break) -> set[str]:
    """The rules that the verb names. What was reported before is what is reported now, but for the break."""
    filled = _filled(pack.code, period.code, unit.code)
    at = period.unit.due_at
    if broken.before is not None:
        code = _code_before(pack, period, broken.which)
        assert code is not None
        figures = typed(pack, {**filled.values, **broken.typed}) | broken.before
        if not broken.before:
            figures = typed(pack, filled.values)
        with place.store.begin() as conn:
            then = at - timedelta(days=300) + timedelta(minutes=next(_LATER))
            write_accepted(conn, code, unit.code, _known(figures), then, regime=pack.code)
    named = replace(unit, name=broken.unit_name) if broken.unit_name else unit
    nil = {} if broken.typed else filled.nil_forms
    values = _written_down(filled, broken.typed)
    data = write_blank(pack, named, period, {}, values=values, nil_forms=nil, info={**filled.info, **broken.info})
    if broken.over_formula:
        data = fill(data, broken.over_formula)
    checked = check_file(
        place, data, "mot-quy-tac.xlsx", received_at=at + broken.late, period=period.code, marked=False
    )
    return {f.rule for f in checked.findings}


_LATER = itertools.count()
"""What a unit had reported is reported anew for every rule, as a correction."""


def _known(figures: Mapping[CellKey, object]) -> dict[CellKey, Value]:
    return {key: value for key, value in figures.items() if value is not None}  # type: ignore[misc]


@pytest.mark.parametrize("code", PACKS)
def test_rules_not_applicable_to_a_pack_are_explained(code: str) -> None:
    pack = PACKS[code]
    wanted = {rule.id for rule in pack.rules if rule.at_submission} - ABOUT_THE_WORKBOOK
    silent = wanted - touched(pack).keys()
    assert silent == NOT_IN_FORCE[code] | {"V64", "V65"}  # no shipped form has a list yet
    page = rules_table([(pack, touched(pack), pack.regime)])
    for rule in silent:
        (line,) = (x for x in page.splitlines() if x.startswith(f"| {rule} |"))
        assert "Không áp dụng" in line and line.count("|") == 7


def test_no_rule_is_left_out() -> None:
    every = {rule.id: rule for pack in PACKS.values() for rule in pack.rules}
    asked_of_a_workbook = {id for id, rule in every.items() if rule.at_submission}
    assert every.keys() - asked_of_a_workbook == OF_THE_WHOLE.keys()
    somewhere = set().union(*(touched(pack) for pack in PACKS.values())) | ABOUT_THE_WORKBOOK | {"V64", "V65"}
    assert asked_of_a_workbook <= somewhere, "a rule that no pack can trigger"
    places = [file for files in OF_THE_WHOLE.values() for file in files] + list(FROM_OTHER_RECORDS.values())
    assert [file for file in places if not (PROJECT / file).is_file()] == []


NOT_IN_FORCE = {
    "thanh-hoa-drug-programme": set(),
    "hai-phong-drug-programme": {"V33", "V61", "V62"},
    "thuy-nguyen-ward": {"V33", "V61", "V62"},
    "hai-phong-legal-aid": {"V44"},
    "hai-phong-anti-trafficking": {"V36", "V44"},
}
"""Told here, so that one more of them is noticed."""


def _written_down(filled: Filled, changes: Answers) -> dict[CellKey, object]:
    values = {**filled.values, **changes}
    return {k: v for k, v in values.items() if v is not None}
