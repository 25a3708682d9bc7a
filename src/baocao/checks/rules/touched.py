"""Which cells each rule looks at, read from the compiled rules: what the generated pages say is what runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from baocao.checks.engine import CompiledRules, compile_rules
from baocao.checks.layout import CellSpec
from baocao.checks.rules.typed_over import rule_of_derived
from baocao.checks.rules.unusual import MIN_COPIED
from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.period import PeriodScope

Touched = dict[str, frozenset[CellKey]]


def touched(pack: Pack) -> Touched:
    """Rule id -> the cells it looks at in the workbooks of all kinds of units. A rule about the workbook as a whole,
    about the roll-up or about the calendar is not there.

    Raises ConfigurationError when the pack's rules cannot be compiled.
    """
    found: dict[str, set[CellKey]] = defaultdict(set)
    for unit in {u.projects: u for u in pack.units}.values():
        rules = compile_rules(pack, unit)
        for rule, keys in _of(rules):
            found[rule].update(keys)
        if pack.regime.inspections is not None and unit.is_lead_body:
            found["V61"].update(_in_register(rules, set(pack.regime.inspections.figures.rows.values())))
    for rule in _without_a_period(pack):
        found.pop(rule, None)
    return {rule: frozenset(keys) for rule, keys in sorted(found.items()) if keys}


def _without_a_period(pack: Pack) -> Iterator[str]:
    """Rules that speak in no kind of report that the pack has: of the term, of a year that has an earlier report."""
    played = [rule for rule in pack.regime.periods if rule.enabled]
    of_a_term = any(rule.is_evaluation for rule in played)
    if not of_a_term:
        yield "V62"
    within = Counter(year for r in played if r.scope is not PeriodScope.YEAR for year in set(r.years))
    whole = {year for rule in played if rule.scope is PeriodScope.YEAR for year in rule.years}
    if not of_a_term and not whole & within.keys() and max(within.values(), default=0) < 2:
        yield "V33"


def _of(rules: CompiledRules) -> Iterator[tuple[str, Iterable[CellKey]]]:
    specs = rules.layout.specs
    entered = [s for s in specs.values() if s.entered]
    optional = rules.layout.optional_rows
    answered = [s for s in entered if s.required or (s.numeric and s.key[:2] in optional)]
    yield "V01", _keys(s for s in entered if s.type is not ValueType.TEXT)
    yield "V02", _keys(s for s in entered if s.numeric)
    yield "V03", _keys(answered)
    yield "V41", _keys(answered)
    yield "V07", _keys(rules.texts)
    yield "V08", _keys(rules.texts)
    yield "V44", _keys(rules.dates)
    for derivation in rules.layout.derivations:
        yield rule_of_derived(derivation.spec), [derivation.spec.key]
    for pair in rules.ratios:
        for rule in ("V12", "V13"):
            yield rule, [pair.numerator.key, pair.denominator.key]
    for relation in (*rules.within_forms, *rules.between_forms):
        yield relation.instance.relation.rule, relation.instance.cells
    for project in rules.projects:
        yield "V27", [*project.activity, *_keys(project.payments)]
    yield "V31", _keys(spec for spec, _ in rules.against.openings)
    yield "V32", _keys(spec for spec, _ in rules.against.year_to_date)
    yield "V33", _keys(rules.against.flows)
    yield "V62", _keys(rules.against.of_the_term)
    yield "V34", _keys(rules.against.term_to_date)
    yield "V06", _keys(amount.spec for amount in rules.amounts)
    yield "V35", _keys(rules.comparable.compared)
    if len(rules.comparable.moving) >= MIN_COPIED:
        yield "V36", _keys(rules.comparable.moving)
    for decided in rules.decided:
        yield "V37", _keys((decided.spec, *decided.evidence))


def _in_register(rules: CompiledRules, rows: set[str]) -> Iterator[CellKey]:
    """Figures that the register of inspections may know."""
    for spec in rules.layout.specs.values():
        if spec.entered and spec.numeric and f"{spec.key.form}/{spec.key.row}" in rows:
            yield spec.key


def _keys(specs: Iterable[CellSpec]) -> list[CellKey]:
    return [spec.key for spec in specs]
