"""The figures of all units of one slice as arrays, and the arithmetic statements made about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from baocao.checks.cell_specs import CellSpec, Layout
from baocao.model.form import CellKey, ColumnRole, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import AcceptedCells, Answer, Severity

Array = npt.NDArray[Any]
DECIMALS = 6
"""Areas are compared to a millionth: what adding up floating-point numbers may add is far smaller."""


@dataclass
class UnitFigures:
    """The units of one slice: `value[unit, cell]` (NaN where there is no usable figure) and masks of the same shape."""

    layout: Layout
    units: list[AcceptedCells]
    place: dict[CellKey, int]
    value: Array
    answered: Array
    invalid: Array
    needed: Array
    rows: list[pd.DataFrame] = field(default_factory=list)

    def column(self, key: CellKey) -> Array:
        """The figures of one cell, a value a unit; NaN where there is none."""
        return self.value[:, self.place[key]]

    def total(self, keys: Sequence[CellKey]) -> Array:
        """Sum over cells; NaN where one is unanswered; 0 for no cells."""
        if not keys:
            return np.zeros(len(self.units))
        # `sum`, not `nansum`: a sum with an unanswered part is not known.
        return np.asarray(self.value[:, [self.place[k] for k in keys]].sum(axis=1))

    def nil(self, key: CellKey) -> Array:
        """Which units say NP in the cell, where that is not known to be wrong already."""
        said = [(c := u.cells.get(key)) is not None and c.answer is Answer.NIL for u in self.units]
        return np.array(said) & ~np.isnan(self.column(key))

    def noted(self, spec: CellSpec) -> Array:
        """Which units wrote an explanation in the row."""
        note = self.layout.sibling(spec, ColumnRole.EXPLANATION)
        if note is None:
            return np.zeros(len(self.units), dtype=bool)
        return np.array([(c := u.cells.get(note.key)) is not None and c.answer is Answer.VALUE for u in self.units])

    def compare(
        self,
        named: RuleKind | str,
        operator: str,
        spec: CellSpec,
        left: Array,
        right: Array,
        severity: Severity | Array,
    ) -> None:
        """Keep a statement about every unit; those with a side missing drop out, all where the pack does not have the
        rule."""
        rules = self.layout.pack.rules
        rule = rules.of(named) if isinstance(named, RuleKind) else rules[named]
        if rule is None:
            return
        # Left out and not kept as NaN: the number of judgements made is printed on the gate's page.
        there = ~(np.isnan(left) | np.isnan(right))
        if not there.any():
            return
        codes = np.array([u.unit for u in self.units], dtype=object)
        levels = severity if isinstance(severity, np.ndarray) else np.full(len(codes), severity.value, dtype=object)
        frame = pd.DataFrame(
            {
                "unit": codes[there],
                "cell": spec.name,
                "rule": rule.id,
                "operator": operator,
                "severity": levels[there],
                # 0.1 + 0.2 must equal an area of 0.3; whole đồng are exact up to 2^53.
                "left": left[there].round(DECIMALS),
                "right": right[there].round(DECIMALS),
            }
        )
        self.rows.append(frame)


def new_block(layout: Layout, units: list[AcceptedCells]) -> UnitFigures:
    """The figures of all units of one slice as arrays, units x cells, in the order of the slice; NaN where nothing was
    answered."""
    place = {key: n for n, key in enumerate(layout.specs)}
    shape = (len(units), len(place))
    value = np.full(shape, np.nan)
    answered = np.zeros(shape, dtype=bool)
    invalid = np.zeros(shape, dtype=bool)
    for u, sent in enumerate(units):
        for key, cell in sent.cells.items():
            n = place.get(key)
            if n is None:
                continue
            spec = layout.specs[key]
            if cell.answer is Answer.BLANK:
                continue
            answered[u, n] = True
            if cell.answer is Answer.INVALID:
                invalid[u, n] = True
            # Only where somebody types: NP in a computed cell says nothing, the engine reads none there either.
            elif cell.answer is Answer.NIL and spec.numeric and spec.entered:
                value[u, n] = 0
            elif cell.answer is Answer.VALUE and (spec.numeric or spec.type is ValueType.RATIO):
                value[u, n] = float(cell.value)  # type: ignore[arg-type]
    return UnitFigures(layout, units, place, value, answered, invalid, np.zeros(shape, dtype=bool))
