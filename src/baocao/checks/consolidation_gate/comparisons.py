"""What must hold between figures, as statements about all units at once: derived cells, parts of a whole, relations.

Computed with array arithmetic, apart from the closures of the engine, so that each can catch the other's mistake.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from baocao.checks.consolidation_gate.block import DECIMALS, Array, UnitFigures
from baocao.checks.consolidation_gate.conditions import broken, first_blank
from baocao.checks.rules.money import shared_plans
from baocao.checks.rules.peers import FEWEST, limit_of
from baocao.checks.rules.ratios import ratio_pairs
from baocao.checks.rules.relations import Instance
from baocao.checks.rules.typed_over import kind_of_derived
from baocao.checks.texts.nil_answers import ties_two_cells
from baocao.forms.derivation import Derivation, DerivationKind
from baocao.model.form import CellKey, ColumnRole, ValueType
from baocao.model.pack_parts.relation import ANSWER_KINDS
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Severity

# A little more than the last printed decimal, for what floating point adds.
_PERCENT_PRINT = 0.01 + 1e-9
"""Two prints of one ratio may differ in the last of two decimals."""


def compare_derived(block: UnitFigures) -> None:
    """Derived cells: the kept figure against the one added up here, which then stands in its place."""
    fault = block.invalid | (block.needed & ~block.answered)
    for key, derivation in block.layout.derivations.items():
        # The gate has no earlier year.
        if derivation.kind is DerivationKind.YEAR_ON_YEAR:
            continue
        spec = block.layout.specs[key]
        n = block.place[key]
        kept = block.value[:, n].copy()
        computed, tainted = _computed(block, derivation, fault)
        computed[tainted] = np.nan
        # A figure where nothing follows belongs to nothing: it is held against none.
        stray = np.isnan(computed) & ~tainted & ~np.isnan(kept) & (kept != 0)
        rule: RuleKind | str = kind_of_derived(spec)
        if spec.type is ValueType.RATIO:
            difference = np.where(stray, np.inf, np.abs(kept - computed.round(2)))
            block.compare(rule, "at_most", spec, difference, np.full(len(kept), _PERCENT_PRINT), Severity.BLOCKS)
            wrong = difference > _PERCENT_PRINT
        else:
            block.compare(rule, "equal", spec, kept, np.where(stray, 0, computed), Severity.BLOCKS)
            wrong = ~np.isnan(kept) & (kept.round(DECIMALS) != computed.round(DECIMALS))
        if spec.column.role is ColumnRole.CLOSING:
            block.compare(RuleKind.CLOSING_STOCK, "at_most", spec, np.zeros(len(kept)), computed, Severity.BLOCKS)
            wrong |= computed < 0
        # As in the engine: what rests on a fault is not judged again, or one slip would look like many.
        fault[:, n] |= tainted | wrong
        block.value[:, n] = np.where(fault[:, n], np.nan, computed)


def _computed(block: UnitFigures, derivation: Derivation, fault: Array) -> tuple[Array, Array]:
    components = [block.place[k] for k in derivation.components]
    tainted: Array = np.asarray(fault[:, components].any(axis=1))
    if derivation.kind is not DerivationKind.RATIO:
        # A ratio may lack a side (nothing to divide); a total without a required part is not known.
        required = [n for n, k in zip(components, derivation.components, strict=True) if _is_required(block, k)]
        tainted = tainted | np.isnan(block.value[:, required]).any(axis=1)
    plus = block.value[:, [block.place[k] for k in derivation.plus]]
    minus = block.value[:, [block.place[k] for k in derivation.minus]]
    if derivation.kind is DerivationKind.RATIO:
        below = np.nansum(minus, axis=1)
        none = np.isnan(plus).all(axis=1) | (below == 0)
        # Divided by 1 where the result is thrown away: numpy warns of a division by 0 even there.
        return np.where(none, np.nan, 100 * np.nansum(plus, axis=1) / np.where(below == 0, 1, below)), tainted
    none = np.isnan(plus).all(axis=1) & np.isnan(minus).all(axis=1)
    return np.where(none, np.nan, np.nansum(plus, axis=1) - np.nansum(minus, axis=1)), tainted


def _is_required(block: UnitFigures, key: CellKey) -> bool:
    spec = block.layout.specs[key]
    return spec.entered and spec.required


def compare_nil(block: UnitFigures, relations: Iterable[Instance]) -> None:
    """NP where another cell shows that a figure is needed, as statements about the cell that says NP."""
    for pair in ratio_pairs(block.layout):
        part = np.where(block.nil(pair.denominator.key), block.column(pair.numerator.key), np.nan)
        block.compare(
            RuleKind.NOTHING_OF_NOTHING, "equal", pair.denominator, part, np.zeros(len(part)), Severity.BLOCKS
        )
        block.value[:, block.place[pair.denominator.key]][part > 0] = np.nan
    for relation in filter(ties_two_cells, relations):
        (one,), (other,) = relation.sides
        for key, against in ((one, other), (other, one)):
            known = np.where(block.nil(key), block.column(against), np.nan)
            spec = block.layout.specs[key]
            block.compare(relation.relation.rule, "equal", spec, known, np.zeros(len(known)), relation.severity)
            # The NP counts as 0 no longer: like the engine, later statements then leave the cell out.
            block.value[:, block.place[key]][(known != 0) & ~np.isnan(known)] = np.nan


def compare_ratios(block: UnitFigures) -> None:
    """A part against its whole, and against no whole."""
    for pair in ratio_pairs(block.layout):
        part, whole = block.column(pair.numerator.key), block.column(pair.denominator.key)
        some = np.where(whole > 0, part, np.nan)
        none = np.where(whole == 0, part, np.nan)
        block.compare(RuleKind.PART_OF_WHOLE, "at_most", pair.numerator, some, whole, Severity.BLOCKS)
        block.compare(RuleKind.NOTHING_OF_NOTHING, "equal", pair.numerator, none, np.zeros(len(part)), Severity.BLOCKS)


def compare_amounts(block: UnitFigures) -> None:
    """The plan amounts of every unit against those of all units of the slice, in powers of ten."""
    keys = shared_plans(block.layout)
    for form in dict.fromkeys(key.form for key in keys):
        mine = [key for key in keys if key.form == form]
        given = block.value[:, [block.place[key] for key in mine]]
        powers = np.log10(np.where(given > 0, given, np.nan))
        # One more than the engine asks for: there the unit itself is not among its peers.
        if (~np.isnan(powers)).any(axis=1).sum() <= FEWEST:
            continue
        distance = np.abs(powers - np.nanmedian(powers))
        limit = np.full(len(block.units), limit_of(float(np.nanmedian(distance))))
        for n, key in enumerate(mine):
            block.compare(
                RuleKind.MONEY_UNIT, "at_most", block.layout.specs[key], distance[:, n], limit, Severity.EXPLAIN
            )


def compare_relation(block: UnitFigures, relation: Instance) -> None:
    """Each kind of relation as statements `equal`, `at_most` (left <= right) or `less` (left < right)."""
    spec, rule, kind = relation.spec, relation.relation.rule, relation.kind
    zero = np.zeros(len(block.units))
    severity: Severity | Array = relation.severity
    if relation.relation.softened_by_note:
        softer = Severity.EXPLAIN.value
        severity = np.where(block.noted(spec), softer, relation.severity.value).astype(object)
    if kind in ANSWER_KINDS:
        _compare_answers(block, relation, severity)
        return
    sides = [block.total(side) for side in relation.sides]
    if kind in {"equal", "at_most"}:
        block.compare(rule, kind, spec, sides[0], sides[1], severity)
    elif kind == "between":
        lows = block.value[:, [block.place[k] for k in relation.sides[1]]]
        # A bound that is not known judges nothing, also where the other bound would.
        complete = np.where(np.isnan(sides[1] + sides[2]), np.nan, sides[0])
        block.compare(rule, "at_most", spec, lows.max(axis=1), complete, severity)
        block.compare(rule, "at_most", spec, complete, sides[2], severity)
    elif kind == "zero_implies_zero":
        block.compare(rule, "equal", spec, np.where(sides[0] == 0, sides[1], np.nan), zero, severity)
    elif kind == "positive_implies_positive":
        block.compare(rule, "less", spec, zero, np.where(sides[0] > 0, sides[1], np.nan), severity)
    elif kind == "needs_note":
        block.compare(rule, "equal", spec, np.where(block.noted(spec), np.nan, sides[0]), zero, severity)
    elif kind == "minimum":
        claimed = [(c := u.cells.get(relation.sides[0][0])) is not None and c.value is True for u in block.units]
        bound = np.full(len(block.units), float(relation.bound or 0))
        block.compare(rule, "at_most", spec, bound, np.where(claimed, sides[1], np.nan), severity)
    else:
        raise ValueError(f"quan hệ {relation.relation.id}: cổng chưa biết loại {kind}")


def _compare_answers(block: UnitFigures, relation: Instance, severity: Severity | Array) -> None:
    """A relation about answers is broken 0 times. Of two cells that belong together the blank one is reported."""
    named = relation.relation
    wrong = broken(block, relation.kind, named.names, named.requires)
    zero = np.zeros(len(block.units))
    if named.together is None:
        block.compare(named.rule, "equal", relation.spec, wrong, zero, severity)
        return
    blank = first_blank(block, named.names)
    for name, at in zip(named.names, (blank, ~blank), strict=True):
        spec = block.layout.specs[CellKey.parse(name)]
        block.compare(named.rule, "equal", spec, np.where(at, wrong, np.nan), zero, severity)
