"""Sentences about change: which indicators moved most against last year, over the same units in both years."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from baocao.documents.narrative.marks import mark_of
from baocao.documents.report_input import ReportInput
from baocao.documents.row_figures import RowFigures, moved_and_rate, row_figures, units_compared
from baocao.documents.word_report.numerals import count, unit_of
from baocao.documents.word_report.statements import subjects
from baocao.model.form import ColumnRole

_WORDS = {1: "Một", 2: "Hai", 3: "Ba", 4: "Bốn", 5: "Năm"}


def largest_changes(source: ReportInput, *, every: bool = False) -> list[str]:
    """One sentence naming the indicators whose rate of change is largest, with amount, rate and the units behind both
    years; empty without any. Indicators whose figure of last year is below the pack's bound for remarkable changes are
    left out: from a handful every change is a large one. `every`: all that have a rate, for the figures in it."""
    floor = 0 if every else source.pack.regime.history.absolute
    found: list[tuple[Fraction, RowFigures]] = []
    for subject in subjects(source.indicators):
        figures = row_figures(source.result, subject.form, subject.table, subject.row)
        before, rate = figures.change.previous, figures.percent.value
        if rate and before is not None and before >= floor and subject.columns.get(ColumnRole.ACTUAL):
            found.append((abs(Fraction(rate)), figures))
    largest = sorted(found, key=lambda pair: -pair[0])
    largest = largest if every else largest[: source.layout.largest_changes]
    if not largest:
        return []
    over = Counter(units_compared(figures.change) for _, figures in largest)
    usual, times = over.most_common(1)[0]
    # Said once for all only where it holds for more than one; in the catalogue of figures each names its own units.
    usual = usual if times > 1 and not every else ""
    first = next((f for _, f in largest if usual and units_compared(f.change) == usual), None)
    said = "; ".join(_told(figures, usual) for _, figures in largest)
    number = (
        f"{_WORDS.get(len(largest), count(len(largest)))} chỉ tiêu thay đổi"
        if len(largest) > 1
        else "Chỉ tiêu thay đổi"
    )
    same = "so trên cùng các đơn vị có số liệu ở cả hai kỳ"
    if first is not None:
        same = f"{units_compared(first.change, mark_of(first.main))} trừ chỉ tiêu ghi rõ số đơn vị khác"
    return [
        f"{number} nhiều nhất so với cùng kỳ năm trước, {same} (chỉ xét chỉ tiêu có số của kỳ trước từ {count(floor)} "
        f"trở lên): {said}."
    ]


def _told(figures: RowFigures, usual: str) -> str:
    """`“Số vụ …” tăng 12 vụ (3,45 %; 163/166 đơn vị có số liệu cả hai kỳ)`"""
    assert figures.main is not None
    mark = mark_of(figures.main)
    kind = figures.table.type_of(figures.row, figures.form.cells[figures.main][2])
    moved, rate = moved_and_rate(figures.change, kind, unit_of(figures.row.unit, kind), mark)
    over = "" if units_compared(figures.change) == usual else units_compared(figures.change, mark)
    said = filter(None, (rate, over.removeprefix("tính trên ")))
    return f"“{figures.row.name.lstrip('- ')}” {moved} ({'; '.join(said)})"
