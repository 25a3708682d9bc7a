"""The accepted cells of all units as data frames, for the gate.

Three frames: `answers` (a row per unit and entry cell), `forms` (a row per unit and form), `comparisons` (a row per
unit and arithmetic statement, both sides already added up). The names of cells come from the pack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import pandas as pd

from baocao.checks.cell_specs import SILENT_ROLES, CellSpec, is_money_table, lay_out
from baocao.checks.consolidation_gate.block import UnitFigures, new_block
from baocao.checks.consolidation_gate.comparisons import (
    compare_amounts,
    compare_derived,
    compare_nil,
    compare_ratios,
    compare_relation,
)
from baocao.checks.consolidation_gate.list_totals import compare_list_totals
from baocao.checks.rules.relations import relations_of
from baocao.model.form import ValueType
from baocao.model.pack import Pack
from baocao.model.submission import AcceptedCells, Answer
from baocao.text import as_answered

_WHOLE = {ValueType.COUNT, ValueType.MONEY}


@dataclass
class Frames:
    """What the expectations look at."""

    answers: pd.DataFrame
    forms: pd.DataFrame
    comparisons: pd.DataFrame


_COMPARED = ["unit", "cell", "rule", "operator", "severity", "left", "right"]


def build_frames(pack: Pack, accepted: Sequence[AcceptedCells]) -> Frames:
    """Stack the cells of all units. Units that are not in the pack are a programming error (KeyError)."""
    slices: dict[tuple[str, ...], list[AcceptedCells]] = {}
    # In one order, so that the same cells give the same bytes of the kept result.
    for sent in sorted(accepted, key=lambda a: a.unit):
        unit = pack.unit(sent.unit)
        if unit is None:
            raise KeyError(f"đơn vị {sent.unit} không có trong gói chế độ {pack.code}")
        slices.setdefault(unit.projects, []).append(sent)
    answers, forms, comparisons = [], [], []
    for units in slices.values():
        first = pack.unit(units[0].unit)
        assert first is not None
        block = new_block(lay_out(pack, first), units)
        # First: it says which cells are needed, on which the derived ones rest.
        forms.append(_forms(block))
        answers.append(_answers(block))
        # Before relations: they use the computed figures that this puts in the place of the kept ones.
        compare_derived(block)
        compare_list_totals(block)
        relations = relations_of(block.layout)
        compare_nil(block, relations)
        compare_ratios(block)
        compare_amounts(block)
        for relation in relations:
            compare_relation(block, relation)
        comparisons += block.rows
    return Frames(
        pd.concat(answers, ignore_index=True),
        pd.concat(forms, ignore_index=True),
        _grouped(pd.concat(comparisons, ignore_index=True) if comparisons else pd.DataFrame(columns=_COMPARED)),
    )


def _grouped(comparisons: pd.DataFrame) -> pd.DataFrame:
    """With the column `group`: a number for each rule, operator and severity, which are judged together."""
    return comparisons.assign(group=comparisons.groupby(["rule", "operator", "severity"]).ngroup())


def _forms(block: UnitFigures) -> pd.DataFrame:
    """Completeness: per unit and form, how many entry cells are answered. Fills `block.needed`."""
    frames = []
    default_nil = block.layout.pack.regime.default_nil
    for form, specs in block.layout.entered:
        columns = [block.place[s.key] for s in specs]
        counted = [block.place[s.key] for s in specs if s.column.role not in SILENT_ROLES]
        count = block.answered[:, counted].sum(axis=1)
        silent = count == 0
        # The pack takes silence about this form for nil, so nothing of it is needed.
        if form.code in default_nil:
            for spec in specs:
                if spec.numeric:
                    block.value[silent, block.place[spec.key]] = 0
            continue
        required = np.zeros(block.needed.shape[1], dtype=bool)
        required[[block.place[s.key] for s in specs if s.required]] = True
        block.needed[:, columns] |= required[columns] & ~silent[:, None]
        _need_whole_rows(block, specs)
        if not required.any() and not any(s.optional for s in specs):
            continue
        codes = [u.unit for u in block.units]
        frames.append(pd.DataFrame({"unit": codes, "cell": form.code, "answered": count}))
    if not frames:
        return pd.DataFrame({"unit": [], "cell": [], "answered": []})
    return pd.concat(frames, ignore_index=True)


def _need_whole_rows(block: UnitFigures, specs: tuple[CellSpec, ...]) -> None:
    """An optional row that is filled in part needs the rest."""
    rows: dict[tuple[str, str], list[CellSpec]] = {}
    for spec in specs:
        if not spec.row.required and spec.numeric:
            rows.setdefault(spec.key[:2], []).append(spec)
    for cells in rows.values():
        begun = block.answered[:, [block.place[s.key] for s in cells]].any(axis=1)
        for spec in cells:
            # A plan may be unknown where nobody gave one; in a table of resources there always is one.
            if not spec.column.role.is_plan or is_money_table(spec.table):
                block.needed[:, block.place[spec.key]] |= begun


def _answers(block: UnitFigures) -> pd.DataFrame:
    """One row per unit and entry cell. Figures, texts and days each have a column, empty where they do not apply."""
    records: list[tuple[object, ...]] = []
    for u, sent in enumerate(block.units):
        for key, spec in block.layout.specs.items():
            if not spec.entered:
                continue
            n = block.place[key]
            needed = bool(block.needed[u, n])
            cell = sent.cells.get(key)
            if cell is None or cell.answer is Answer.BLANK:
                if needed:
                    nothing = (None, None, None, None, None, None, "")
                    records.append((sent.unit, _shown_at(block, u, spec), "yes", *nothing))
                continue
            value = cell.value if cell.answer is Answer.VALUE else None
            number = float(value) if spec.numeric and isinstance(value, int | Decimal) else None
            records.append(
                (
                    sent.unit,
                    spec.name,
                    "yes" if needed else "no",
                    cell.answer.value,
                    number,
                    number % 1 if number is not None and spec.type in _WHOLE else None,
                    value.toordinal() if spec.type is ValueType.DATE and isinstance(value, date) else None,
                    _choice(spec, value),
                    str(value) if spec.type is ValueType.TEXT and value is not None else None,
                    cell.problem.value if cell.problem is not None else "",
                )
            )
    columns = ["unit", "cell", "needed", "answer", "number", "fraction", "day", "choice", "text", "problem"]
    frame = pd.DataFrame.from_records(records, columns=columns)
    # Beside each row, because an expectation's condition can only look at columns.
    frame["options"] = frame["cell"].map({s.name: _options(s) for s in block.layout.specs.values()})
    for column in ("number", "fraction", "day"):
        # A column of nothing but None would be one of objects.
        frame[column] = frame[column].astype(float)
    return frame


def _shown_at(block: UnitFigures, u: int, spec: CellSpec) -> str:
    """Blank cells of an optional row are reported at the first of them."""
    if spec.required:
        return spec.name
    for other in block.layout.specs.values():
        n = block.place[other.key]
        if other.key[:2] == spec.key[:2] and block.needed[u, n] and not block.answered[u, n]:
            return other.name
    return spec.name


def _choice(spec: CellSpec, value: object) -> str | None:
    if value is None:
        return None
    if spec.type is ValueType.BOOL:
        return as_answered(value)
    return str(value) if spec.type is ValueType.CHOICE else None


def _options(spec: CellSpec) -> str:
    if spec.type is ValueType.BOOL:
        return "Có|Không"
    return "|".join(spec.row.options) if spec.type is ValueType.CHOICE else ""
