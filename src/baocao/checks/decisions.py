"""Dates and decisions: a change of status needs its decision (V37), nothing lies after the cut-off (V44)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from baocao.checks.layout import CellSpec, Layout
from baocao.checks.reading import Reading
from baocao.model.form import CellKey, ColumnRole, RollUp, ValueType
from baocao.model.submission import Answer

NUMBER_SUFFIX, DATE_SUFFIX = ".QD", ".NGAY"
"""Rows that hold the decision behind row `X` are `X.QD` (number) and `X.NGAY` (date), or the rows after it."""


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """A status (yes/no or a class) with the cells of the decision that changes it."""

    spec: CellSpec
    evidence: tuple[CellSpec, ...]


def decided_statuses(layout: Layout) -> tuple[Decided, ...]:
    """Statuses that a decision changes: rows counted by yes or by class at the province."""
    statuses = [
        s
        for s in layout.specs.values()
        if s.entered and s.column.role is ColumnRole.ACTUAL and s.row.roll_up in {RollUp.YES_COUNT, RollUp.CLASS_COUNT}
    ]
    own = {s.key: _evidence(layout, s) for s in statuses}
    found = []
    for spec in statuses:
        evidence = own[spec.key] or next(
            (own[other.key] for other in statuses if other.row.options == spec.row.options and own[other.key]), ()
        )
        if evidence:
            found.append(Decided(spec, evidence))
    return tuple(found)


def _evidence(layout: Layout, spec: CellSpec) -> tuple[CellSpec, ...]:
    form, row, column = spec.key
    names = [row + NUMBER_SUFFIX, row + DATE_SUFFIX]
    if row[-1] == "a":
        names += [row[:-1] + "b", row[:-1] + "c"]
    found = [layout.specs.get(CellKey(form, name, column)) for name in names]
    return tuple(s for s in found if s is not None and s.type in {ValueType.TEXT, ValueType.DATE})


def dates(layout: Layout) -> tuple[CellSpec, ...]:
    """Cells that hold a date."""
    return tuple(s for s in layout.specs.values() if s.entered and s.type is ValueType.DATE)


def look_at_decisions(reading: Reading, what: tuple[Decided, ...]) -> None:
    """V37. Without a known earlier status nothing has changed."""
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
            if spec.key in reading.at_fault:
                continue
            what_ = "ngày" if spec.type is ValueType.DATE else "số"
            reading.report(
                "V37",
                spec,
                f"{decided.spec.row.item} «{decided.spec.row.name}» đã thay đổi so với kỳ trước. Hãy ghi {what_} quyết "
                "định của cấp có thẩm quyền.",
                expected=f"{what_} quyết định",
                actual="(trống)",
                cells=(decided.spec.key,),
            )


def look_at_dates(reading: Reading, specs: tuple[CellSpec, ...]) -> None:
    """V44."""
    cutoff = reading.period.cutoff_on
    for spec in specs:
        cell = reading.cell(spec.key)
        if cell is None or cell.answer is not Answer.VALUE or not isinstance(cell.value, date):
            continue
        if cell.value > cutoff:
            reading.report(
                "V44",
                spec,
                f"Ngày {cell.value:%d/%m/%Y} sau ngày chốt số liệu {cutoff:%d/%m/%Y}. Việc sau ngày chốt thuộc kỳ sau: "
                "hãy sửa ngày hoặc bỏ việc này khỏi báo cáo.",
                expected=f"đến hết {cutoff:%d/%m/%Y}",
                actual=f"{cell.value:%d/%m/%Y}",
            )
