"""Relations that look at the answers themselves: given together, the same answer, if these then those."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from baocao.checks.cell_specs import CellSpec
from baocao.checks.reading import Reading, printed
from baocao.exact import Number, total
from baocao.forms.reading.numbers import format_value
from baocao.model.form import CellKey, ValueType
from baocao.model.pack_parts.condition import Condition, Requirement
from baocao.model.pack_parts.relation import Relation
from baocao.model.submission import Answer, Cell, Severity, Value
from baocao.text import as_answered, day_text

_ASKED_FOR = {ValueType.DATE: "ngày", ValueType.TEXT: "nội dung bằng chữ"}


def unmet(reading: Reading, relation: Relation) -> tuple[Condition, ...]:
    """The conditions of `then` that do not hold although `when` does; empty: nothing to say, or not enough known."""
    requirement = relation.requires
    assert requirement is not None
    if _counted(reading, requirement.when, requirement.when_any) is not True:
        return ()
    if _counted(reading, requirement.then, requirement.then_any) is not False:
        return ()
    return tuple(c for c in requirement.then if _holds(reading, c) is False)


def _counted(reading: Reading, conditions: Iterable[Condition], wanted: int | None) -> bool | None:
    """Whether all of them hold, or at least `wanted`; None: it depends on what is not known."""
    answers = [_holds(reading, c) for c in conditions]
    needed = len(answers) if wanted is None else wanted
    if answers.count(True) >= needed:
        return True
    return None if answers.count(True) + answers.count(None) >= needed else False


def _holds(reading: Reading, condition: Condition) -> bool | None:
    if condition.is_bound:
        return _within(condition, _amount(reading, condition), reading.unit.population)
    cells = [reading.cell(key) for key in _keys(condition.cells)]
    # Not known, and not false: the fault itself is reported, what would follow from it is not.
    if any(c is not None and c.answer is Answer.INVALID for c in cells) or _gone(reading, condition.cells):
        return None
    if condition.given is not None:
        said = [_is_given(c) for c in cells]
        return all(said) if condition.given else not any(said)
    (cell,) = cells
    if not _is_given(cell):
        return None
    assert cell is not None
    return as_answered(cell.value) in condition.one_of


def _gone(reading: Reading, names: tuple[str, ...]) -> bool:
    """Whether a cell's place is not in the workbook at all: reported already, and no answer."""
    return any(key not in reading.workbook.cells and key.form not in reading.nil_forms for key in _keys(names))


# Bounded like the views of packs: the names stand in the packs, and the same ones are asked of every workbook.
@lru_cache(4096)
def _keys(names: tuple[str, ...]) -> tuple[CellKey, ...]:
    return tuple(map(CellKey.parse, names))


def _is_given(cell: Cell | None) -> bool:
    return cell is not None and cell.answer is Answer.VALUE


def _amount(reading: Reading, condition: Condition) -> Number | None:
    plus = [reading.figures.get(key) for key in _keys(condition.cells)]
    minus = [reading.figures.get(key) for key in _keys(condition.minus)]
    known = [f for f in (*plus, *minus) if f is not None]
    if len(known) < len(plus) + len(minus):
        return None
    return total([*known[: len(plus)], *(-f for f in known[len(plus) :])])


def _within(condition: Condition, amount: Number | None, residents: int | None) -> bool | None:
    if amount is None:
        return None
    # Nobody is no share of any number, known or not. Exact: a limit of 0.5 % is met by 1 of 200.
    if condition.share_of_residents and amount:
        if residents is None:
            return None
        amount = Fraction(amount) / residents
    if condition.at_least is not None:
        return bool(amount >= condition.at_least)
    if condition.at_most is not None:
        return bool(amount <= condition.at_most)
    assert condition.above is not None
    return bool(amount > condition.above)


def check_requirement(reading: Reading, relation: Relation, spec: CellSpec, severity: Severity, tag: str) -> None:
    """`requires`: one finding with every reason."""
    broken = unmet(reading, relation)
    if not broken:
        return
    requirement = relation.requires
    assert requirement is not None
    message = relation.message.replace("{reasons}", ", ".join(filter(None, (_reason(reading, c) for c in broken))))
    cell = reading.cell(spec.key)
    _report(
        reading,
        relation,
        spec,
        message,
        severity,
        expected=_expected(requirement, broken, spec),
        actual=as_answered(cell.value) if cell is not None and cell.answer is Answer.VALUE else "(trống)",
        tag=tag,
    )


def _reason(reading: Reading, condition: Condition) -> str:
    amount = _amount(reading, condition) if condition.is_bound else None
    return condition.what.replace("{value}", "" if amount is None else printed(amount, _kind(reading, condition)))


def _kind(reading: Reading, condition: Condition) -> ValueType:
    return reading.layout.specs[CellKey.parse(condition.cells[0])].type


def _expected(requirement: Requirement, broken: tuple[Condition, ...], spec: CellSpec) -> str:
    if requirement.expected:
        return requirement.expected
    if broken[0].given:
        return _ASKED_FOR.get(spec.type, "có trả lời")
    return "(trống)" if broken[0].given is False else ""


def check_pair(reading: Reading, relation: Relation, spec: CellSpec, severity: Severity, tag: str) -> None:
    """`together`: both or neither; `same_answer`: the same choice, text or date."""
    names = relation.together or relation.same_answer
    assert names is not None
    if _gone(reading, names):
        return
    cells = [reading.cell(key) for key in _keys(names)]
    if relation.together is not None:
        said = [c is not None and c.answer is not Answer.BLANK for c in cells]
        # NP counts as said: who declares one of two nil must answer the other.
        if said[0] is said[1] or any(c is not None and c.answer is Answer.INVALID for c in cells):
            return
        there, blank = (names[0], names[1]) if said[0] else (names[1], names[0])
        given, empty = reading.cell(CellKey.parse(there)), reading.layout.specs[CellKey.parse(blank)]
        assert given is not None
        value = given.value if given.answer is Answer.VALUE else "NP"
        shown = _printed(value, empty.type)
        message = relation.message.replace("{left}", shown).replace("{right}", shown)
        _report(
            reading, relation, empty, message, severity, expected=shown, actual="(trống)", suggestion=shown, tag=tag
        )
        return
    if not all(_is_given(c) for c in cells):
        return
    left, right = ((c.value if c is not None else None) for c in cells)
    if left == right:
        return
    texts = [_printed(v, spec.type) for v in (left, right)]
    message = relation.message.replace("{left}", texts[0]).replace("{right}", texts[1])
    # `fill` names the side to correct; the finding stands there and shows its own answer as the actual one.
    own = 1 if relation.fill == "right" else 0
    _report(reading, relation, spec, message, severity, expected=texts[1 - own], actual=texts[own], tag=tag)


def _printed(value: Value | str | None, kind: ValueType) -> str:
    if isinstance(value, bool):
        return as_answered(value)
    return format_value(value, kind) if isinstance(value, int | Decimal) else _day(value)


def _day(value: object) -> str:
    return day_text(value) if isinstance(value, date) else str(value)


def _report(
    reading: Reading,
    relation: Relation,
    spec: CellSpec,
    message: str,
    severity: Severity,
    *,
    expected: str,
    actual: str,
    suggestion: str = "",
    tag: str,
) -> None:
    """Report a requirement that does not hold, at the cell `spec`."""
    reading.report(
        relation.rule,
        spec,
        message.replace("{column}", spec.column.title),
        expected=expected,
        actual=actual,
        suggestion=suggestion,
        severity=severity,
        cells=[key for key in map(CellKey.parse, relation.names) if key in reading.layout.specs],
        tag=tag,
    )
