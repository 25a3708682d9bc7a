"""NP where a figure is needed: reported at the cell that says NP, and the cells that are right are not blamed.

The rule is the one that is broken: of an opening stock, of a denominator, the relation's for equal cells.
"""

from __future__ import annotations

from collections.abc import Iterable

from baocao.checks.cell_specs import CellSpec
from baocao.checks.reading import Reading, label, printed
from baocao.checks.rules.past import CellsWithPast, expected_opening
from baocao.checks.rules.ratios import RatioPair
from baocao.checks.rules.relations import Instance
from baocao.checks.texts.number_words import zero_or_nil
from baocao.exact import Number
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Answer, Severity
from baocao.text import capitalised


def check_nil_openings(reading: Reading, against: CellsWithPast) -> None:
    """An opening stock that earlier reports know is not outside the unit's scope."""
    for spec, closing in against.openings:
        if not _says_nil(reading, spec):
            continue
        expected, source = expected_opening(reading, spec, closing)
        if expected:
            known = f"{source} là {printed(expected, spec.type)}"
            _report(reading, RuleKind.OPENING_STOCK, spec, capitalised(known), expected)


def check_nil_denominators(reading: Reading, pairs: tuple[RatioPair, ...]) -> None:
    """A part of something that is said not to be there."""
    for pair in pairs:
        part = reading.figure(pair.numerator.key)
        if part and _says_nil(reading, pair.denominator):
            told = f"Cột «{pair.numerator.column.title}» cùng dòng ghi {printed(part, pair.numerator.type)}"
            _report(reading, RuleKind.NOTHING_OF_NOTHING, pair.denominator, told)


def check_nil_equals(reading: Reading, tied: Iterable[Instance]) -> None:
    """One of two figures that must be equal is NP, the other is not: the form says which cell is to be filled. `tied`:
    the relations for which `ties_two_cells`."""
    for instance in tied:
        specs = [reading.layout.specs[side[0]] for side in instance.sides]
        for spec, other in (specs, reversed(specs)):
            value = reading.figure(other.key)
            # 0 beside NP agrees: both say that there is nothing.
            if value and other.key not in reading.at_fault and _says_nil(reading, spec):
                told = f"Ô {label(other)} ở «{other.form.short}» ghi {printed(value, other.type)}, hai ô phải bằng nhau"
                _report(reading, instance.relation.rule, spec, told, value, instance.severity)


def ties_two_cells(instance: Instance) -> bool:
    """`equal` between one cell and another."""
    return instance.kind == "equal" and all(len(side) == 1 for side in instance.sides)


def _says_nil(reading: Reading, spec: CellSpec) -> bool:
    cell = reading.cell(spec.key)
    return cell is not None and cell.answer is Answer.NIL and spec.key not in reading.at_fault


def _report(
    reading: Reading,
    rule: str,
    spec: CellSpec,
    why: str,
    value: Number | None = None,
    severity: Severity | None = None,
) -> None:
    how = "nhập số ở mục gợi ý nếu đúng" if value is not None else "nhập số"
    reading.report(
        rule,
        spec,
        f"{why}, nên ô này không thể là NP. Hãy {how}. Ở ô này {zero_or_nil(spec, reading.period)}.",
        expected="" if value is None else value,
        actual="NP",
        suggestion="" if value is None else value,
        severity=severity,
    )
    # Until now the NP counted as 0; totals and relations over it would blame the cells that are right.
    reading.figures.pop(spec.key, None)
