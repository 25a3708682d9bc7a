"""Which cells each rule looks at, read from the compiled rules: what the generated pages say is what runs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from baocao.checks.cell_specs import CellSpec
from baocao.checks.engine import CompiledRules, compile_rules
from baocao.checks.rules.typed_over import kind_of_derived
from baocao.checks.rules.unusual import MIN_COPIED
from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.period import PeriodScope

Touched = dict[str, frozenset[CellKey]]


def touched(pack: Pack) -> Touched:
    """Rule id -> the cells it looks at in the workbooks of all kinds of units. A rule about the workbook as a whole,
    about the roll-up or about the calendar is not there.

    Raises ConfigurationError when the pack's rules cannot be compiled.
    """
    found: dict[str, set[CellKey]] = defaultdict(set)
    # One unit a slice: units with the same projects have the same rules.
    for unit in {u.projects: u for u in pack.units}.values():
        rules = compile_rules(pack, unit)
        for named, keys in _of(rules):
            if (id := _id(pack, named)) is not None:
                found[id].update(keys)
    for kind in _without_a_period(pack):
        found.pop(_id(pack, kind) or "", None)
    return {rule: frozenset(keys) for rule, keys in sorted(found.items()) if keys}


def _id(pack: Pack, named: RuleKind | str) -> str | None:
    """Of a kind: the id the pack gives it, None where it does not have it."""
    if not isinstance(named, RuleKind):
        return named
    rule = pack.rules.of(named)
    return None if rule is None else rule.id


def _without_a_period(pack: Pack) -> Iterator[RuleKind]:
    """Rules that speak in no kind of report that the pack has: of the term, of a year that has an earlier report."""
    played = [rule for rule in pack.regime.periods if rule.enabled]
    of_a_term = any(rule.is_evaluation for rule in played)
    if not of_a_term:
        yield RuleKind.TERM_TOTAL
    within = Counter(year for r in played if r.scope is not PeriodScope.YEAR for year in set(r.years))
    whole = {year for rule in played if rule.scope is PeriodScope.YEAR for year in rule.years}
    if not of_a_term and not whole & within.keys() and max(within.values(), default=0) < 2:
        yield RuleKind.WHOLE_NOT_BELOW_PART


def _of(rules: CompiledRules) -> Iterator[tuple[RuleKind | str, Iterable[CellKey]]]:
    """Each rule kind, or relation's rule, with the cells it looks at; one kind may come more than once."""
    specs = rules.layout.specs
    entered = [s for s in specs.values() if s.entered]
    optional = {s.key[:2] for s in entered if s.optional}
    answered = [s for s in entered if s.required or (s.numeric and s.key[:2] in optional)]
    yield RuleKind.VALUE_TYPE, _keys(s for s in entered if s.type is not ValueType.TEXT)
    yield RuleKind.NUMBER_FORMAT, _keys(s for s in entered if s.numeric)
    yield RuleKind.ANSWERED, _keys(answered)
    yield RuleKind.COMPLETE, _keys(answered)
    yield RuleKind.NO_PERSONAL_DATA, _keys(rules.texts)
    yield RuleKind.LEGIBLE_TEXT, _keys(rules.texts)
    yield RuleKind.NOT_AFTER_CUTOFF, _keys(rules.dates)
    for key in rules.layout.derivations:
        yield kind_of_derived(rules.layout.specs[key]), [key]
    for pair in rules.ratios:
        for kind in (RuleKind.PART_OF_WHOLE, RuleKind.NOTHING_OF_NOTHING):
            yield kind, [pair.numerator.key, pair.denominator.key]
    for relation in (*rules.within_forms, *rules.between_forms):
        yield relation.instance.relation.rule, relation.instance.cells
    for project in rules.projects:
        yield RuleKind.MONEY_AND_ACTIVITY, [*project.activity, *_keys(project.payments)]
    yield RuleKind.OPENING_STOCK, _keys(spec for spec, _ in rules.against.openings)
    yield RuleKind.CUMULATIVE_YEAR, _keys(spec for spec, _ in rules.against.year_to_date)
    yield RuleKind.WHOLE_NOT_BELOW_PART, _keys(rules.against.flows)
    yield RuleKind.TERM_TOTAL, _keys(rules.against.of_the_term)
    yield RuleKind.CUMULATIVE_TERM, _keys(rules.against.term_to_date)
    yield RuleKind.MONEY_UNIT, _keys(amount.spec for amount in rules.amounts)
    yield RuleKind.LARGE_CHANGE, _keys(rules.comparable.compared)
    # With fewer figures the rule never speaks, and the page must not say it does.
    if len(rules.comparable.moving) >= MIN_COPIED:
        yield RuleKind.COPIED_REPORT, _keys(rules.comparable.moving)
    for decided in rules.decided:
        yield RuleKind.DECISION_NEEDED, _keys((decided.spec, *decided.evidence))
    register = rules.layout.pack.regime.inspections
    if register is not None and rules.layout.lead_body:
        yield RuleKind.INSPECTION_REGISTER, _in_register(rules, set(register.figures.rows.values()))


def _in_register(rules: CompiledRules, rows: set[str]) -> Iterator[CellKey]:
    """Figures that the register of inspections may know."""
    for spec in rules.layout.specs.values():
        if spec.entered and spec.numeric and f"{spec.key.form}/{spec.key.row}" in rows:
            yield spec.key


def _keys(specs: Iterable[CellSpec]) -> list[CellKey]:
    return [spec.key for spec in specs]
