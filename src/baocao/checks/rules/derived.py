"""Derived cells: recomputed from what was typed, compared with what the workbook shows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from baocao.checks.layout import CellSpec, Derivation, Layout, lay_out
from baocao.checks.reading import Figure, Reading, total
from baocao.checks.rules.typed_over import (
    report_computed_above,
    report_difference,
    report_text,
    report_without_value,
    restore,
    shown,
)
from baocao.model.form import CellKey, ColumnRole, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.per_view import once_per_slice
from baocao.model.submission import Answer, Problem, Value, Workbook
from baocao.model.unit import Unit
from baocao.rounding import rounded

_PRINTED_TWICE = Fraction(1, 100)
"""Two prints of one ratio may differ in the last of two decimals."""
_SURELY_THE_SAME = 0.004
"""Below this the prints cannot differ by more, so that the exact comparison is not needed."""


def compute(
    derivation: Derivation, figures: Mapping[CellKey, Figure], last_year: Mapping[CellKey, Value]
) -> Figure | None:
    """The value of a derived cell; None when no component is there or a denominator is zero (`không phát sinh`).

    Components that are not answered count as nothing, as in the workbook's own formula. Ratios are exact fractions
    in percent.
    """
    if derivation.year_on_year:
        now, before = figures.get(derivation.plus[0]), last_year.get(derivation.plus[0])
        if now is None or not isinstance(before, int | Decimal) or not before:
            return None
        return Fraction(100) * (Fraction(now) - Fraction(before)) / Fraction(before)
    plus = _sum(derivation.plus, figures)
    if not derivation.minus:
        return plus
    minus = _sum(derivation.minus, figures)
    if derivation.ratio:
        return percentage(plus, minus) if plus is not None and minus else None
    if minus is None:
        return plus
    return total((0 if plus is None else plus, -minus))


def percentage(part: Figure, whole: Figure) -> Fraction:
    """100 * part / whole, exactly. Counts and money, which nearly all are, need one fraction and not three."""
    if isinstance(part, int) and isinstance(whole, int):
        return Fraction(100 * part, whole)
    return Fraction(100) * Fraction(part) / Fraction(whole)


def _sum(keys: tuple[CellKey, ...], figures: Mapping[CellKey, Figure]) -> Figure | None:
    """Of those that are there; None when none is."""
    values = [v for v in map(figures.get, keys) if v is not None]
    return total(values) if values else None


def check_derived(reading: Reading) -> None:
    """Recompute every derived cell into `reading.figures` and report the ones that show something else.

    A derived cell with a component at fault is neither recomputed nor compared: its difference would be an echo.
    """
    figures, at_fault = reading.figures, reading.at_fault
    tainted: set[CellKey] = set()
    for derivation in reading.layout.derivations:
        key = derivation.spec.key
        if _is_tainted(derivation, figures, at_fault, tainted):
            tainted.add(key)
            continue
        report_text(reading, derivation.spec, derivation)
        value = compute(derivation, figures, reading.history.last_year)
        if value is None:
            report_without_value(reading, derivation)
            continue
        figures[key] = value
        if _report_difference(reading, derivation, value):
            tainted.add(key)
            del figures[key]
    for spec in reading.layout.computed_above:
        report_text(reading, spec, None)
        report_computed_above(reading, spec)


def _is_tainted(
    derivation: Derivation, figures: Mapping[CellKey, Figure], at_fault: set[CellKey], tainted: set[CellKey]
) -> bool:
    """A component is at fault, rests on one that is, or should be there and is not."""
    if (at_fault or tainted) and any(k in at_fault or k in tainted for k in derivation.components):
        return True
    return not all(map(figures.__contains__, derivation.needed))


def _report_difference(reading: Reading, derivation: Derivation, value: Figure) -> bool:
    """Whether the cell itself is at fault: a closing stock below zero, or a shown value other than the computed one."""
    spec = derivation.spec
    cell = reading.cell(spec.key)
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
    report_difference(reading, derivation, cell, figure, value)
    return True


def _same(spec: CellSpec, shown: Figure, value: Figure) -> bool:
    if spec.type is not ValueType.RATIO:
        return shown == value
    if abs(float(shown) - float(value)) < _SURELY_THE_SAME:
        return True
    return abs(Fraction(shown) - Fraction(rounded(value, 2))) <= _PRINTED_TWICE


def derived_values(
    workbook: Workbook, pack: Pack, unit: Unit, last_year: Mapping[CellKey, Value] | None = None
) -> dict[CellKey, Value]:
    """The derived cells of an accepted workbook, recomputed: what the store keeps instead of the cached figures.

    Totals are int or Decimal; ratios are Decimal percent with two decimals. Cells without a value are left out.
    """
    layout = lay_out_cached(pack, unit)
    figures = typed_figures(workbook, layout)
    result: dict[CellKey, Value] = {}
    for derivation in layout.derivations:
        value = compute(derivation, figures, last_year or {})
        if value is None:
            continue
        figures[derivation.spec.key] = value
        result[derivation.spec.key] = _printed_ratio(value) if isinstance(value, Fraction) else value
    return result


def typed_figures(workbook: Workbook, layout: Layout) -> dict[CellKey, Figure]:
    """The numbers somebody typed, with 0 for declared nil (cell or whole form)."""
    figures: dict[CellKey, Figure] = {}
    for form, specs in layout.entered:
        whole = form.code in workbook.nil_forms
        for spec in specs:
            if not spec.numeric:
                continue
            cell = workbook.cells.get(spec.key)
            if cell is not None and cell.answer is Answer.VALUE:
                figures[spec.key] = cell.value  # type: ignore[assignment]
            elif whole or (cell is not None and cell.answer is Answer.NIL):
                figures[spec.key] = 0
    return figures


lay_out_cached = once_per_slice()(lay_out)
"""`lay_out`, once per view of a pack and slice."""


def _printed_ratio(value: Fraction) -> Decimal:
    """`12.5`, as ratios were always kept: the same figure in more digits would read as another text."""
    return Decimal(int(rounded(value, 2) * 100)) / 100
