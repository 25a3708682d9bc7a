"""Derived cells: recomputed from what was typed, compared with what the workbook shows."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from baocao.checks.cell_specs import CellSpec
from baocao.checks.reading import Reading
from baocao.checks.rules.typed_over import (
    report_computed_above,
    report_difference,
    report_text,
    report_without_value,
    restore,
    shown,
)
from baocao.exact import Number
from baocao.forms.derivation import Derivation, compute
from baocao.model.form import CellKey, ColumnRole, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Cell, Problem
from baocao.rounding import rounded

_PRINTED_TWICE = Fraction(1, 100)
"""Two prints of one ratio may differ in the last of two decimals."""
_SURELY_THE_SAME = 0.004
"""Below this the prints cannot differ by more, so that the exact comparison is not needed."""


def check_derived(reading: Reading) -> None:
    """Recompute every derived cell into `reading.figures` and report the ones that show something else.

    A derived cell with a component at fault is neither recomputed nor compared: its difference would repeat that fault.
    """
    figures, at_fault = reading.figures, reading.at_fault
    tainted: set[CellKey] = set()
    for spec, derivation, needed in reading.layout.derived:
        if _is_tainted(derivation, needed, figures, at_fault, tainted):
            tainted.add(spec.key)
            continue
        cell = reading.cell(spec.key)
        # Also where the computed value is right or unknown: the text would vanish otherwise.
        report_text(reading, spec, cell, derivation)
        value = compute(derivation, figures, reading.history.last_year)
        if value is None:
            report_without_value(reading, spec, cell, derivation)
            continue
        figures[spec.key] = value
        if _report_difference(reading, spec, cell, derivation, value):
            tainted.add(spec.key)
            # A wrong total must not be held against other forms: that difference would be the same slip again.
            del figures[spec.key]
    for spec in reading.layout.computed_above:
        cell = reading.cell(spec.key)
        report_text(reading, spec, cell, None)
        report_computed_above(reading, spec, cell)


def _is_tainted(
    derivation: Derivation,
    needed: tuple[CellKey, ...],
    figures: Mapping[CellKey, Number],
    at_fault: set[CellKey],
    tainted: set[CellKey],
) -> bool:
    """A component is at fault, rests on one that is, or should be there and is not."""
    if (at_fault or tainted) and any(k in at_fault or k in tainted for k in derivation.components):
        return True
    return not all(map(figures.__contains__, needed))


def _report_difference(
    reading: Reading, spec: CellSpec, cell: Cell | None, derivation: Derivation, value: Number
) -> bool:
    """Whether the cell itself is at fault: a closing stock below zero, or a shown value other than the computed one."""
    # First: the stored figure is just as negative, so the comparison below would find nothing.
    if spec.column.role is ColumnRole.CLOSING and value < 0:
        reading.report(
            RuleKind.CLOSING_STOCK,
            spec,
            "Số giảm lớn hơn đầu kỳ cộng số tăng, nên cuối kỳ âm. Hãy kiểm tra lại đầu kỳ và các cột tăng, giảm của "
            "dòng này.",
            expected="từ 0 trở lên",
            actual=value,
            cells=derivation.components,
            blames_only_itself=True,
        )
        return True
    if cell is None:
        return False
    if cell.problem is Problem.ERROR_VALUE:
        reading.report(
            RuleKind.VALUE_TYPE,
            spec,
            f"Ô tính tự động này báo lỗi {cell.raw} vì công thức hỏng. {restore(reading, derivation)}",
            expected=value,
            actual=cell.raw,
            suggestion=value,
        )
        return True
    figure = shown(cell)
    if figure is None or _same(spec, figure, value):
        return False
    report_difference(reading, spec, cell, derivation, figure, value)
    return True


def _same(spec: CellSpec, shown: Number, value: Number) -> bool:
    if spec.type is not ValueType.RATIO:
        return shown == value
    if abs(float(shown) - float(value)) < _SURELY_THE_SAME:
        return True
    return abs(Fraction(shown) - Fraction(rounded(value, 2))) <= _PRINTED_TWICE
