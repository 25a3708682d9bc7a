"""The relations of the pack, compiled into plain closures."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from baocao.checks.cell_specs import CellSpec, Layout
from baocao.checks.reading import Reading, printed
from baocao.checks.rules.conditions import check_pair, check_requirement
from baocao.exact import Number, total
from baocao.model.form import CellKey, Relation
from baocao.model.pack_parts.condition import Requirement
from baocao.model.pack_parts.relation import ANSWER_KINDS
from baocao.model.submission import Answer, Severity
from baocao.settings import ConfigurationError

Side = tuple[CellKey, ...]
Figures = Mapping[CellKey, Number]
Broken = Callable[[Figures], tuple[Number, ...] | None]


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """One comparison between named cells of the slice.

    `sides`: two sides (`equal`, `at_most`, `zero_implies_zero`, `positive_implies_positive`); value, lower, upper
    (`between`); the cells (`needs_note`); yes/no cell, number cell (`minimum`, with `bound`); the two cells
    (`together`, `same_answer`); cells of `when`, cells of `then` (`requires`).
    """

    relation: Relation
    kind: str
    sides: tuple[Side, ...]
    spec: CellSpec
    """where the finding is shown: the side to correct, or the first cell named"""
    severity: Severity
    bound: Decimal | None = None
    tag: str = ""
    """distinguishes it from another relation of the same rule at the same cell"""

    @property
    def cells(self) -> Side:
        return tuple(key for side in self.sides for key in side)

    @property
    def between_forms(self) -> bool:
        """Whether the sides stand on several sheets, which the finding then names."""
        return len({key.form for key in self.cells}) > 1


@dataclass(frozen=True, slots=True, eq=False)
class CompiledRelation:
    """`broken(figures)` gives the values of the sides when the relation does not hold, else None (also when a cell is
    unanswered). Without it the relation is looked at apart: it needs more than figures."""

    instance: Instance
    broken: Broken | None


def relations_of(layout: Layout) -> tuple[Instance, ...]:
    """Every relation that can be judged on a workbook of this slice.

    Raises ConfigurationError when a relation names no cell or a rule the pack does not declare.
    """
    instances: list[Instance] = []
    taken: set[tuple[str, CellKey]] = set()
    for relation in layout.relations:
        try:
            severity = Severity(relation.severity) if relation.severity else layout.pack.rules[relation.rule].severity
        except KeyError:
            raise ConfigurationError(
                f"quan hệ {relation.id}: gói chưa khai quy tắc {relation.rule}; hãy khai ở rules của regime.yaml"
            ) from None
        sides, bound = _sides(relation)
        spec = layout.specs[_place(relation, sides)]
        again = (relation.rule, spec.key) in taken
        taken.add((relation.rule, spec.key))
        # Only from the second on: the keys of findings, under which explanations come back, stay as they were.
        tag = relation.id if again else ""
        instances.append(Instance(relation, relation.kind, sides, spec, severity, bound, tag))
    return tuple(instances)


def _sides(relation: Relation) -> tuple[tuple[Side, ...], Decimal | None]:
    value = getattr(relation, relation.kind)
    if relation.kind == "minimum":
        return ((CellKey.parse(value[0]),), (CellKey.parse(value[1]),)), value[2]
    if isinstance(value, Requirement):
        parts = ((n for c in conditions for n in c.names) for conditions in (value.when, value.then))
        return tuple(tuple(dict.fromkeys(map(CellKey.parse, names))) for names in parts), None
    if relation.kind in {"together", "same_answer"}:
        return tuple((CellKey.parse(name),) for name in value), None
    if relation.kind == "needs_note":
        return (tuple(map(CellKey.parse, value)),), None
    return tuple(tuple(map(CellKey.parse, side)) for side in value), None


def _place(relation: Relation, sides: tuple[Side, ...]) -> CellKey:
    first = sides[1] if relation.fill == "right" and len(sides) == 2 else sides[0]
    for side in (first, *sides):
        if side:
            return side[0]
    raise ConfigurationError(f"quan hệ {relation.id}: không nêu ô nào; hãy ghi ít nhất một ô")


def compile_relations(layout: Layout) -> tuple[CompiledRelation, ...]:
    """One closure per comparison."""
    return tuple(CompiledRelation(i, _closure(i)) for i in relations_of(layout))


def _closure(instance: Instance) -> Broken | None:
    kind, sides = instance.kind, instance.sides
    if kind in ANSWER_KINDS:
        return None
    if kind == "between":
        return _between(*sides)
    if kind == "needs_note":
        return _positive(sides[0])
    if kind == "minimum":
        return _below(sides[1][0], instance.bound or Decimal(0))
    left, right = sides
    if kind == "equal":
        return _pair(left, right, operator.eq)
    if kind == "at_most":
        return _pair(left, right, operator.le)
    if kind == "zero_implies_zero":
        return _pair(left, right, lambda a, b: a != 0 or b == 0)
    return _pair(left, right, lambda a, b: a <= 0 or b > 0)


def _pair(left: Side, right: Side, holds: Callable[[Number, Number], bool]) -> Broken:
    if len(left) == 1 and len(right) == 1:
        (one,), (other,) = left, right

        # Without sums where there are none: it runs for every relation of every workbook.
        def single(figures: Figures) -> tuple[Number, ...] | None:
            if (a := figures.get(one)) is None or (b := figures.get(other)) is None or holds(a, b):
                return None
            return a, b

        return single

    def sums(figures: Figures) -> tuple[Number, ...] | None:
        a, b = _total(left, figures), _total(right, figures)
        return None if a is None or b is None or holds(a, b) else (a, b)

    return sums


def _between(value: Side, lower: Side, upper: Side) -> Broken:
    def inside(figures: Figures) -> tuple[Number, ...] | None:
        a, top = _total(value, figures), _total(upper, figures)
        lows = [figures.get(key) for key in lower]
        if a is None or top is None or any(low is None for low in lows):
            return None
        bottom = max((low for low in lows if low is not None), default=0)
        return None if bottom <= a <= top else (a, bottom, top)

    return inside


def _positive(cells: Side) -> Broken:
    def some(figures: Figures) -> tuple[Number, ...] | None:
        value = _total(cells, figures)
        return (value,) if value is not None and value > 0 else None

    return some


def _below(cell: CellKey, bound: Decimal) -> Broken:
    def small(figures: Figures) -> tuple[Number, ...] | None:
        value = figures.get(cell)
        return (value, bound) if value is not None and value < bound else None

    return small


def _total(side: Side, figures: Figures) -> Number | None:
    values = []
    for key in side:
        value = figures.get(key)
        # A sum with an unanswered part is not known; a smaller one would accuse the unit.
        if value is None:
            return None
        values.append(value)
    return total(values)


def check_relations(reading: Reading, compiled: tuple[CompiledRelation, ...]) -> None:
    """Report every relation that does not hold. Cells that are unanswered or at fault are not among the figures."""
    figures = reading.figures
    for relation in compiled:
        instance = relation.instance
        if relation.broken is None:
            look = check_requirement if instance.kind == "requires" else check_pair
            look(reading, instance.relation, instance.spec, _severity(reading, instance), instance.tag)
            continue
        values = relation.broken(figures)
        if values is not None and not _excused(reading, instance):
            _report(reading, instance, values)


def _excused(reading: Reading, instance: Instance) -> bool:
    """A note that was asked for is there; a minimum that nobody claims to reach."""
    if instance.kind == "needs_note":
        return bool(reading.note(instance.spec.key))
    if instance.kind == "minimum":
        claimed = reading.cell(instance.sides[0][0])
        return claimed is None or claimed.answer is not Answer.VALUE or claimed.value is not True
    return False


def _report(reading: Reading, instance: Instance, values: tuple[Number, ...]) -> None:
    """Report a relation between cells whose sides do not agree; `values` are those of its sides, in order."""
    relation, spec = instance.relation, instance.spec
    # A minimum is shown at the yes/no cell but its message is about the number beside it.
    kind = reading.layout.specs[instance.sides[1][0]].type if instance.kind == "minimum" else spec.type
    shown = [printed(v, kind) for v in values]
    message = relation.message.replace("{left}", shown[0]).replace("{right}", shown[-1])
    message = message.replace("{column}", spec.column.title)
    if len(shown) == 3:
        message = message.replace("{lower}", shown[1])
    expected, actual, suggestion = _wanted(instance, values, shown)
    reading.report(
        relation.rule,
        spec,
        message,
        expected=expected,
        actual=actual,
        suggestion=suggestion,
        severity=_severity(reading, instance),
        cells=instance.cells,
        tag=instance.tag,
    )


def _severity(reading: Reading, instance: Instance) -> Severity:
    softened = instance.relation.softened_by_note and bool(reading.note(instance.spec.key))
    return Severity.EXPLAIN if softened else instance.severity


def _wanted(instance: Instance, values: tuple[Number, ...], shown: list[str]) -> tuple[object, object, object]:
    """(expected, actual, suggestion) seen from the cell where the finding is shown."""
    if instance.kind == "needs_note":
        return "có ghi chú ở cột giải trình", values[0], ""
    if instance.kind == "minimum":
        return f"từ {shown[1]}", shown[0], ""
    if instance.kind == "between":
        return f"từ {shown[1]} đến {shown[2]}", values[0], ""
    at_right = instance.relation.fill == "right"
    own, other = (1, 0) if at_right else (0, 1)
    if instance.kind == "equal":
        # A suggestion only where the pack says which side is the one to correct, and one typed cell can take it.
        follows = instance.relation.fill is not None and len(instance.sides[own]) == 1 and instance.spec.entered
        return values[other], values[own], values[other] if follows else ""
    if instance.kind == "at_most":
        return f"{'ít nhất' if at_right else 'nhiều nhất'} {shown[other]}", values[own], ""
    partner = " + ".join(key.row for key in instance.sides[other])
    more = f"lớn hơn 0 (vì {partner} lớn hơn 0)"
    none = f"0 (vì {partner} bằng 0)"
    if instance.kind == "zero_implies_zero":
        return none if at_right else more, values[own], ""
    return more if at_right else none, values[own], ""
