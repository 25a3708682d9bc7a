"""For any relation of any pack: answers that break it, worked out from its kind and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from baocao.checks.cell_specs import CellSpec, Layout
from baocao.checks.rules.relations import Instance
from baocao.model.form import CellKey, Relation, ValueType
from baocao.model.pack_parts.condition import Condition

NIL = "NP"
Answers = dict[CellKey, Any]
"""None: left blank"""


def breaking(layout: Layout, instance: Instance, filled: Mapping[CellKey, Any]) -> Answers:
    """Changes to a filled workbook after which the relation does not hold."""
    relation, kind = instance.relation, instance.kind
    sides = [tuple(layout.specs[key] for key in side) for side in instance.sides]
    if relation.requires is not None:
        return _against(layout, relation)
    if kind == "together":
        return {sides[0][0].key: 7, sides[1][0].key: None}
    if kind == "same_answer":
        return {spec.key: _option(spec, n) for n, spec in enumerate((sides[0][0], sides[1][0]))}
    if kind == "minimum":
        return {sides[0][0].key: "Có", sides[1][0].key: int(instance.bound or 1) - 1}
    if kind == "needs_note":
        return {sides[0][0].key: 1, sides[0][0].key._replace(column="GT"): None}
    if kind == "zero_implies_zero":
        return dict.fromkeys(instance.sides[0], 0) | {_typed(sides[1]): 5}
    if kind == "positive_implies_positive":
        return dict.fromkeys(instance.sides[1], 0) | {_typed(sides[0]): 5}
    # A sum is moved by one of its typed cells; of two sums by the one that can.
    wanted = {k: filled.get(k, 0) for side in instance.sides for k in side}
    changes: Answers = {k: v if isinstance(v, int | Decimal) else 0 for k, v in wanted.items() if _is_typed(layout, k)}
    moved = next((s for s in sides[0] if s.entered), None)
    if moved is not None:
        return changes | {moved.key: 1_000_000_000_000 if moved.type is ValueType.MONEY else 900_000}
    return changes | {_typed(sides[1]): 900_001}


def _is_typed(layout: Layout, key: CellKey) -> bool:
    return layout.specs[key].entered


def _typed(side: tuple[CellSpec, ...]) -> CellKey:
    return next(spec.key for spec in side if spec.entered)


def _option(spec: CellSpec, n: int) -> str:
    return ("Có", "Không")[n] if spec.type is ValueType.BOOL else spec.row.options[n]


def _against(layout: Layout, relation: Relation) -> Answers:
    requirement = relation.requires
    assert requirement is not None
    changes: Answers = {}
    for condition in requirement.when:
        changes |= _made(layout, condition, holds=True)
    for condition in requirement.then:
        changes |= {k: v for k, v in _made(layout, condition, holds=False).items() if k not in changes}
        if condition.is_bound and set(map(CellKey.parse, condition.cells)) <= changes.keys():
            changes |= _made(layout, condition, holds=False)
    return changes


def _made(layout: Layout, condition: Condition, *, holds: bool) -> Answers:
    specs = [layout.specs[CellKey.parse(name)] for name in condition.cells]
    if condition.one_of:
        spec = specs[0]
        options = ("Có", "Không") if spec.type is ValueType.BOOL else spec.row.options
        return {spec.key: next(o for o in options if (o in condition.one_of) is holds)}
    if condition.given is not None:
        return {s.key: _something(s) if condition.given is holds else NIL for s in specs}
    bound = condition.at_least if condition.at_least is not None else condition.at_most
    if bound is None:
        bound = condition.above or Decimal(0)
    high = (condition.at_most is None) is holds
    enough = 900_000 if condition.share_of_residents else int(bound) + 1
    others = (*(s.key for s in specs[1:]), *map(CellKey.parse, condition.minus))
    return {specs[0].key: enough if high else 0} | dict.fromkeys(others, 0)


def _something(spec: CellSpec) -> Any:
    return date(2026, 3, 2) if spec.type is ValueType.DATE else "12/QĐ-UBND" if spec.type is ValueType.TEXT else 1
