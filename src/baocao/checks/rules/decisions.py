"""Dates and decisions: a change of status needs its decision, nothing lies after the cut-off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from baocao.checks.cell_specs import CellSpec, Layout
from baocao.checks.reading import Reading
from baocao.model.form import ColumnRole, ValueType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Answer
from baocao.text import day_text


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """A status (recognised or not, a class) with the cells of the decision that changes it."""

    spec: CellSpec
    evidence: tuple[CellSpec, ...]


def decided_statuses(layout: Layout) -> tuple[Decided, ...]:
    """Statuses for whose decision (`decided_by` of the row) the slice has cells."""
    answers = {
        s.key[:2]: s for s in layout.specs.values() if s.entered and s.column.role is ColumnRole.ACTUAL
    }  # one column of a row is its result
    found = []
    for spec in answers.values():
        form_and_row = (tuple(name.split("/")) for name in spec.row.decided_by)
        evidence = tuple(answers[cell] for cell in form_and_row if cell in answers)
        if evidence:
            found.append(Decided(spec, evidence))
    return tuple(found)


def dates(layout: Layout) -> tuple[CellSpec, ...]:
    """Cells that hold a date."""
    return tuple(s for s in layout.specs.values() if s.entered and s.type is ValueType.DATE)


def check_decisions(reading: Reading, what: tuple[Decided, ...]) -> None:
    """Without a known earlier status nothing has changed."""
    for decided in what:
        cell = reading.cell(decided.spec.key)
        before = reading.history.previous.get(decided.spec.key)
        if cell is None or cell.answer is not Answer.VALUE or before is None or cell.value == before:
            continue
        if cell.value is False:
            continue  # only recognition, not its loss, is proven by the unit's own decision
        for spec in decided.evidence:
            given = reading.cell(spec.key)
            if given is not None and given.answer is Answer.VALUE:
                continue
            # Its text is reported as unreadable already; that it is missing too would be one finding too many.
            if spec.key in reading.at_fault:
                continue
            what_ = "ngày" if spec.type is ValueType.DATE else "số"
            reading.report(
                RuleKind.DECISION_NEEDED,
                spec,
                f"{decided.spec.row.item} «{decided.spec.row.name}» đã thay đổi so với kỳ trước. Hãy ghi {what_} quyết "
                "định của cấp có thẩm quyền.",
                expected=f"{what_} quyết định",
                actual="(trống)",
                cells=(decided.spec.key,),
            )


def check_dates(reading: Reading, specs: tuple[CellSpec, ...]) -> None:
    """Nothing lies after the cut-off day."""
    cutoff = reading.period.cutoff_on
    for spec in specs:
        cell = reading.cell(spec.key)
        if cell is None or cell.answer is not Answer.VALUE or not isinstance(cell.value, date):
            continue
        if cell.value > cutoff:
            reading.report(
                RuleKind.NOT_AFTER_CUTOFF,
                spec,
                f"Ngày {day_text(cell.value)} sau ngày chốt số liệu {day_text(cutoff)}. Việc sau ngày chốt thuộc kỳ "
                "sau: hãy sửa ngày hoặc bỏ việc này khỏi báo cáo.",
                expected=f"đến hết {day_text(cutoff)}",
                actual=day_text(cell.value),
            )
