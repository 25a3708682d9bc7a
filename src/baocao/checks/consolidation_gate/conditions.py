"""Relations about answers, as statements about all units at once (`together`, `same_answer`, `requires`).

Worked out with arrays of 1 (holds), 0 (does not) and NaN (not known), apart from the closures of the engine.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from baocao.checks.consolidation_gate.block import Array, UnitFigures
from baocao.model.form import CellKey
from baocao.model.pack_parts.condition import Condition, Requirement
from baocao.model.submission import Answer


def broken(block: UnitFigures, kind: str, names: Sequence[str], requirement: Requirement | None) -> Array:
    """1 where the relation does not hold, 0 where it does, NaN where it cannot be said."""
    if requirement is not None:
        asked = _counted(block, requirement.when, requirement.when_any)
        kept = _counted(block, requirement.then, requirement.then_any)
        return np.where(asked == 1, 1 - kept, np.where(np.isnan(asked), np.nan, 0.0))
    left, right = (CellKey.parse(name) for name in names)
    unclear = (block.invalid[:, block.place[left]] | block.invalid[:, block.place[right]]).astype(bool)
    if kind == "together":
        one, other = (block.answered[:, block.place[key]] for key in (left, right))
        return np.where(unclear, np.nan, (one != other).astype(float))
    values = [[_value(block, u, key) for u in range(len(block.units))] for key in (left, right)]
    return np.array(
        [np.nan if a is None or b is None else float(a != b) for a, b in zip(*values, strict=True)], dtype=float
    )


def first_blank(block: UnitFigures, names: Sequence[str]) -> Array:
    """Of two cells that belong together: whether it is the first that is blank."""
    return np.asarray(~block.answered[:, block.place[CellKey.parse(names[0])]])


def _counted(block: UnitFigures, conditions: Sequence[Condition], wanted: int | None) -> Array:
    held = np.stack([_holds(block, c) for c in conditions])
    needed = len(conditions) if wanted is None else wanted
    # What is not known may hold or not: only where both ways lead to one answer is there one.
    surely, possibly = (held == 1).sum(axis=0), ((held == 1) | np.isnan(held)).sum(axis=0)
    return np.where(surely >= needed, 1.0, np.where(possibly >= needed, np.nan, 0.0))


def _holds(block: UnitFigures, condition: Condition) -> Array:
    keys = [CellKey.parse(name) for name in condition.cells]
    if condition.is_bound:
        return _within(block, condition, block.total(keys) - block.total([CellKey.parse(n) for n in condition.minus]))
    unclear = block.invalid[:, [block.place[k] for k in keys]].any(axis=1)
    units = range(len(block.units))
    if condition.given is not None:
        said = np.array([[_value(block, u, k) is not None for k in keys] for u in units], dtype=bool)
        held = said.all(axis=1) if condition.given else ~said.any(axis=1)
        return np.where(unclear, np.nan, held.astype(float))
    values = [_value(block, u, keys[0]) for u in units]
    names = {True: "Có", False: "Không"}
    return np.array(
        [np.nan if v is None else float(names.get(v, str(v)) in condition.one_of) for v in values],  # type: ignore[call-overload]
        dtype=float,
    )


def _within(block: UnitFigures, condition: Condition, amount: Array) -> Array:
    if condition.share_of_residents:
        known = [(unit.population if (unit := block.layout.pack.unit(u.unit)) else None) for u in block.units]
        residents = np.array([np.nan if p is None else float(p) for p in known])
        # Nobody is no share of any number of residents, also where the number is not known.
        amount = np.where(amount == 0, 0.0, amount / residents)
    if condition.at_least is not None:
        held = amount >= float(condition.at_least)
    elif condition.at_most is not None:
        held = amount <= float(condition.at_most)
    else:
        held = amount > float(condition.above or 0)
    return np.where(np.isnan(amount), np.nan, held.astype(float))


def _value(block: UnitFigures, u: int, key: CellKey) -> object:
    cell = block.units[u].cells.get(key)
    return cell.value if cell is not None and cell.answer is Answer.VALUE else None
