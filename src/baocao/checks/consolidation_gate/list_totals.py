"""A table's figure against the list behind it, counted here apart from the engine."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pandas as pd

from baocao.checks.consolidation_gate.block import Array, UnitFigures
from baocao.model.form import CellKey
from baocao.model.pack_parts.lists import ListTotal
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Answer, ListName
from baocao.text import as_answered


def compare_list_totals(block: UnitFigures) -> None:
    """Every total of every list of the slice. A unit whose workbook did not have the list, or whose rows cannot be
    counted, drops out."""
    rule = block.layout.pack.rules.of(RuleKind.LIST_TOTAL)
    if rule is None:
        return
    for form in block.layout.forms:
        for one in form.lists:
            for total in one.totals:
                key = CellKey.parse(total.cell)
                if key not in block.place:
                    continue
                counted = _counted(block, (form.code, one.code), total)
                spec = block.layout.specs[key]
                block.compare(RuleKind.LIST_TOTAL, "equal", spec, block.column(key), counted, rule.severity)


def _counted(block: UnitFigures, name: ListName, total: ListTotal) -> Array:
    """What the list of each unit says, from all rows of all units at once; NaN where that is not known."""
    wanted = {code: set(answers) for code, answers in total.where.items()}
    records = []
    for number, sent in enumerate(block.units):
        for row in sent.lists.rows.get(name, ()):
            cells = {code: row.cells.get(code) for code in (*wanted, *([total.sum] if total.sum else ()))}
            unread = [c is None or c.answer in {Answer.INVALID, Answer.BLANK} for k, c in cells.items() if k in wanted]
            said = {k: as_answered(c.value) for k, c in cells.items() if c is not None and k in wanted}
            figure = cells.get(total.sum) if total.sum else None
            amount = figure.value if figure is not None and isinstance(figure.value, int | Decimal) else 0
            # A row that may or may not belong to the total makes the total unknown, not smaller.
            broken = any(unread) or (figure is not None and figure.answer is Answer.INVALID)
            fits = all(said.get(code) in answers for code, answers in wanted.items())
            records.append((number, broken, (float(amount) if total.sum else 1.0) if fits else 0.0))
    frame = pd.DataFrame.from_records(records, columns=["unit", "broken", "amount"])
    found = np.zeros(len(block.units))
    by_unit = frame.groupby("unit").agg(broken=("broken", "any"), amount=("amount", "sum"))
    found[by_unit.index.to_numpy(dtype=int)] = np.where(by_unit["broken"].astype(bool), np.nan, by_unit["amount"])
    # A report from before the form had the list has neither rows nor a statement: nothing is held against it.
    asked = np.array([name in sent.lists.rows or name in sent.lists.nil for sent in block.units], dtype=bool)
    return np.where(asked, found, np.nan)
