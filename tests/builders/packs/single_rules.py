"""For every rule that stands on no relation: what breaks it in a unit's workbook, found from the compiled rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from baocao.checks.cell_specs import CellSpec
from baocao.checks.engine import CompiledRules
from baocao.checks.rules.typed_over import kind_of_derived
from baocao.forms.derivation import DerivationKind
from baocao.model.form import CellKey, ColumnRole, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.period import Period

Values = Mapping[CellKey, Any]


@dataclass
class Break:
    """Changes to a right workbook, and to what is known besides it."""

    typed: dict[CellKey, Any] = field(default_factory=dict)
    """None: the cell is left blank"""
    over_formula: dict[CellKey, Any] = field(default_factory=dict)
    """typed over the formula of a derived cell"""
    info: dict[str, str] = field(default_factory=dict)
    unit_name: str = ""
    """on the information sheet"""
    late: timedelta = timedelta(0)
    """added to the units' deadline"""
    before: dict[CellKey, Any] | None = None
    """an earlier accepted report: this workbook's figures with these changes; None: there is none"""
    which: str = "previous"
    """which earlier one: previous, same_year, last_year"""


Breaker = Callable[[CompiledRules, Values, Period], Break | None]
"""None: this unit's slice has nothing that the rule looks at."""


def _figure(rules: CompiledRules, values: Values) -> CellSpec | None:
    """A count that is typed and required."""
    specs = rules.layout.specs.values()
    return next((s for s in specs if s.entered and s.required and s.type is ValueType.COUNT and s.key in values), None)


def _typed(value: Any) -> Breaker:
    def breaker(rules: CompiledRules, values: Values, period: Period) -> Break | None:
        spec = _figure(rules, values)
        return None if spec is None else Break({spec.key: value})

    return breaker


def _text(value: str) -> Breaker:
    def breaker(rules: CompiledRules, values: Values, period: Period) -> Break | None:
        return Break({rules.texts[0].key: value}) if rules.texts else None

    return breaker


def _whole(given: Break) -> Breaker:
    return lambda rules, values, period: given


def _empty_form(rules: CompiledRules, values: Values, period: Period) -> Break | None:
    for form, specs in rules.layout.entered:
        if any(s.required and s.key in values for s in specs):
            return Break({key: None for key in values if key.form == form.code})
    return None


def _many_times(rules: CompiledRules, values: Values, period: Period) -> Break | None:
    for amount in rules.amounts:
        now = values.get(amount.spec.key)
        if now and amount.spec.column.role is ColumnRole.PLAN_YEAR:
            row = {k: v // 1_000_000 for k, v in values.items() if k[:2] == amount.spec.key[:2] and type(v) is int}
            return Break(row, before={})
    return None


def _closing(rules: CompiledRules, values: Values, period: Period) -> Break | None:
    specs = rules.layout.specs
    derived = (d for d in rules.layout.derivations.values() if specs[d.key].column.role is ColumnRole.CLOSING)
    found = next((d for d in derived if d.minus), None)
    return None if found is None else Break({found.minus[0]: 900_000})


def _derived(kind: RuleKind) -> Breaker:
    def breaker(rules: CompiledRules, values: Values, period: Period) -> Break | None:
        for key, derivation in rules.layout.derivations.items():
            if derivation.kind is DerivationKind.YEAR_ON_YEAR:
                continue  # computed at the province alone
            if kind_of_derived(rules.layout.specs[key]) is kind and all(values.get(k) for k in derivation.components):
                return Break(over_formula={key: 987_654})
        return None

    return breaker


def _ratio(numerator: int, denominator: int) -> Breaker:
    def breaker(rules: CompiledRules, values: Values, period: Period) -> Break | None:
        pair = next((p for p in rules.ratios if p.numerator.entered and p.denominator.entered), None)
        return pair and Break({pair.numerator.key: numerator, pair.denominator.key: denominator})

    return breaker


def _no_money(rules: CompiledRules, values: Values, period: Period) -> Break | None:
    for project in rules.projects:
        paid = {s.key: 0 for s in project.payments if s.entered}
        if paid and all(k in rules.layout.specs and rules.layout.specs[k].entered for k in project.activity):
            rows = {k[:2] for k in paid}
            notes = {k: None for k in values if k[:2] in rows and k.column == "GT"}
            return Break({**notes, **paid, **dict.fromkeys(project.activity, 7)})
    return None


def _more_before(which: str, choose: Callable[[CompiledRules], list[tuple[CellKey, CellKey]]]) -> Breaker:
    """The earlier report had 5000 more; `choose` gives (cell, its cell in the earlier report)."""

    def breaker(rules: CompiledRules, values: Values, period: Period) -> Break | None:
        for key, then in choose(rules):
            if type(values.get(key)) is int:
                return Break(before={then: values[key] + 5000}, which=which)
        return None

    return breaker


def _copied(rules: CompiledRules, values: Values, period: Period) -> Break | None:
    moving = {s.key: 3 for s in rules.comparable.moving}
    return Break(moving, before=moving) if len(moving) >= 10 else None


def _decided(rules: CompiledRules, values: Values, period: Period) -> Break | None:
    """A class is given up without a word of the decision; that one is needed for a class is told already (V63)."""
    classes = [d for d in rules.decided if d.spec.type is ValueType.CHOICE]
    if not classes:
        return None
    evidence = {s.key: None for d in classes for s in d.evidence}
    now = {d.spec.key: d.spec.row.options[0] for d in classes}
    return Break({**now, **evidence}, before={d.spec.key: d.spec.row.options[-1] for d in classes})


def _year_to_date(rules: CompiledRules, values: Values, period: Period) -> Break | None:
    """In the first report of a year what the year adds up to is what the period holds."""
    for total, now in rules.against.year_to_date:
        if now is not None and type(values.get(total.key)) is int and type(values.get(now.key)) is int:
            more = {k: v + 7 for k, v in values.items() if k[:2] == total.key[:2] and type(v) is int}
            kept = {now.key, *(k for k in more if rules.layout.specs[k].column.role in _AS_PLANNED)}
            return Break({k: v for k, v in more.items() if k not in kept})
    return None


_AS_PLANNED = {ColumnRole.PLAN_YEAR, ColumnRole.PLAN_TERM, ColumnRole.DENOMINATOR}


def _after_the_cut_off(rules: CompiledRules, values: Values, period: Period) -> Break | None:
    return Break({rules.dates[0].key: period.cutoff_on + timedelta(days=1)}) if rules.dates else None


SINGLE: dict[str, Breaker] = {
    "V01": _typed(-1),
    "V02": _typed("12 người"),
    "V03": _typed(None),
    "V04": _whole(Break(unit_name="Tên khác hẳn")),
    "V05": _whole(Break(late=timedelta(days=400))),
    "V06": _many_times,
    "V07": _text("Đã lập hồ sơ số 038094001234"),
    "V08": _text("C«ng an x· ®· ban hµnh kÕ ho¹ch."),
    "V11": _closing,
    "V12": _ratio(9, 4),
    "V13": _ratio(5, 0),
    "V25": _derived(RuleKind.TOTAL),
    "V26": _derived(RuleKind.RATIO),
    "V27": _no_money,
    "V31": _more_before("previous", lambda r: [(s.key, closing) for s, closing in r.against.openings]),
    "V32": _year_to_date,
    "V33": _more_before("same_year", lambda r: [(s.key, s.key) for s in r.against.flows]),
    "V34": _more_before("previous", lambda r: [(s.key, s.key) for s in r.against.term_to_date]),
    "V35": _more_before("last_year", lambda r: [(s.key, s.key) for s in r.comparable.compared]),
    "V36": _copied,
    "V37": _decided,
    "V41": _empty_form,
    "V42": _whole(Break(info={"signer_name": "........."})),
    "V43": _whole(Break(late=timedelta(hours=1))),
    "V44": _after_the_cut_off,
}
