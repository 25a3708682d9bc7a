"""Numerator and denominator in one row."""

from __future__ import annotations

from dataclasses import dataclass

from baocao.checks.cell_specs import CellSpec, Layout
from baocao.checks.reading import Reading, printed
from baocao.model.form import ColumnRole
from baocao.model.pack_parts.rule_kinds import RuleKind

_PART_OF = {ColumnRole.DENOMINATOR: ColumnRole.ACTUAL, ColumnRole.ESTIMATE_TOTAL: ColumnRole.ESTIMATE}


@dataclass(frozen=True, slots=True, eq=False)
class RatioPair:
    """A part and its whole, which stand in one row."""

    numerator: CellSpec
    denominator: CellSpec


def ratio_pairs(layout: Layout) -> tuple[RatioPair, ...]:
    """Every row in which a numerator and a denominator are typed."""
    pairs = []
    for spec in layout.specs.values():
        part_of = _PART_OF.get(spec.column.role)
        if part_of is not None and spec.entered and spec.numeric:
            numerator = layout.sibling(spec, part_of)
            if numerator is not None and numerator.entered and numerator.numeric:
                pairs.append(RatioPair(numerator, spec))
    return tuple(pairs)


def check_ratios(reading: Reading, pairs: tuple[RatioPair, ...]) -> None:
    """A part is never more than the whole; nothing of nothing is nothing."""
    figures = reading.figures
    for pair in pairs:
        part, whole = figures.get(pair.numerator.key), figures.get(pair.denominator.key)
        if part is None or whole is None or part <= whole:
            continue
        spec, of = pair.numerator, pair.denominator
        if whole == 0:
            reading.report(
                RuleKind.NOTHING_OF_NOTHING,
                spec,
                f"Cột «{of.column.title}» là 0 nhưng cột «{spec.column.title}» là {printed(part, spec.type)}. Hãy "
                f"điền «{of.column.title}», hoặc sửa «{spec.column.title}» thành 0.",
                expected="0",
                actual=part,
                cells=(of.key,),
            )
        else:
            reading.report(
                RuleKind.PART_OF_WHOLE,
                spec,
                f"Cột «{spec.column.title}» ({printed(part, spec.type)}) lớn hơn cột «{of.column.title}» "
                f"({printed(whole, of.type)}). Hãy kiểm tra hai số, có thể đã điền ngược cột.",
                expected=f"nhiều nhất {printed(whole, of.type)}",
                actual=part,
                cells=(of.key,),
            )
