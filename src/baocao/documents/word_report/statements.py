"""Câu có số liệu: sentences of the narrative made from the consolidated values, never typed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from baocao.documents.narrative.marks import Mark, mark_of, plain
from baocao.documents.report_input import ReportInput
from baocao.documents.row_figures import (
    FROM_ZERO,
    cell_figure,
    change_in_words,
    row_figures,
    units_compared,
    units_planned,
)
from baocao.documents.word_report.numerals import count, figure, magnitude, percent, unit_of
from baocao.documents.word_report.source_texts import beside
from baocao.documents.word_report.term_rows import planned
from baocao.exact import Number
from baocao.model.consolidated import NOTHING_KNOWN, Change, PlanShare
from baocao.model.form import CellKey, Column, ColumnRole, Form, RollUp, Row, Table, ValueType
from baocao.text import lowered

# By this code a pack marks the sum of all its money; without such a row there are no sentences about the whole.
TOTAL_ROW = "TONG"
_DIGITS = re.compile(r"\d+(?:,\d+)?")
_LAST_YEAR = "cùng kỳ năm trước"
_USUAL = 3
"""Rows compared over the same units from which it is said once."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A row a sentence is about, with the codes of its columns by role."""

    form: Form
    table: Table
    row: Row
    columns: dict[ColumnRole, Column]

    def key(self, role: ColumnRole) -> CellKey | None:
        """The row's cell in the column of that role; None where the row has none."""
        column = self.columns.get(role)
        return CellKey(self.form.code, self.row.code, column.code) if column else None

    def type(self, role: ColumnRole) -> ValueType:
        """What the row's cell in the column of that role holds. Raises KeyError where the row has none."""
        return self.table.type_of(self.row, self.columns[role])


def subjects(form: Form | None) -> list[Subject]:
    """The rows of a form that hold figures, in printed order; none without a form."""
    result: list[Subject] = []
    if form is None:
        return result
    for table in form.tables:
        for row in table.rows:
            columns = table.by_role(row)
            if columns:
                result.append(Subject(form, table, row, columns))
    return result


def indicator_statements(source: ReportInput) -> list[tuple[str, list[str]]]:
    """(heading of the form of indicators, sentences): one sentence an indicator that has a figure, in printed order.

    A sentence starts with the indicator's printed name; headings without a sentence are left out.
    """
    return form_statements(source, source.indicators)


def form_statements(source: ReportInput, form: Form | None, *, every: bool = False) -> list[tuple[str, list[str]]]:
    """The same of any form; nothing without one. `every`: each sentence says the units it compares, also the usual
    ones, for the figures in it."""
    if form is None:
        return []
    usual = "" if every else plain(usually_compared(source, form))
    sentences = {s.row.code: text for s in subjects(form) if (text := _statement(source, s, usual))}
    groups: list[tuple[str, list[str]]] = [("", [])]
    for table in form.tables:
        for row in table.rows:
            if row.heading:
                groups.append((row.name, []))
            elif row.code in sentences:
                groups[-1][1].append(f"- {row.name.lstrip('- ')}: {sentences[row.code]}.")
    return [(title, lines) for title, lines in groups if lines]


def usually_compared(source: ReportInput, form: Form | None) -> str:
    """`tính trên 163/166 đơn vị có số liệu cả hai kỳ`, where at least three rows of the form are compared over those
    units: said once instead of in every sentence. Empty where there is no such number, or where it is every unit."""
    said: dict[str, list[str]] = {}
    # A term's figures are compared with its plan, not with last year.
    for subject in subjects(form) if source.term is None else ():
        key = subject.key(ColumnRole.ACTUAL)
        change = source.result.last_year.get(key, NOTHING_KNOWN) if key else NOTHING_KNOWN
        if key is not None and change.difference is not None and not change.reason:
            said.setdefault(units_compared(change), []).append(units_compared(change, mark_of(key)))
    most = max(said.values(), key=len, default=[""])
    return most[0] if len(most) >= _USUAL else ""


def unanswered(source: ReportInput) -> list[str]:
    """Names of the indicators nobody has given a figure for (not: declared nil)."""
    result = []
    for subject in subjects(source.indicators):
        key = subject.key(ColumnRole.ACTUAL)
        if key is None or subject.row.roll_up in {RollUp.LIST, RollUp.NONE}:
            continue
        if _told_beside(subject):
            continue  # a change follows from the figure it is a change of
        printed = cell_figure(
            source.result, subject.form, subject.table, subject.row, subject.columns[ColumnRole.ACTUAL]
        )
        if printed is not None and printed.words:
            continue  # answered, but there is no rate or no share of it: said where it stands
        value = source.result.values.get(key)
        if value is not None and value.value is None and not value.nil and not value.classes:
            result.append(f"“{subject.row.name.lstrip('- ')}”")
    return result


def _statement(source: ReportInput, subject: Subject, usual: str) -> str:
    """What stands after the name of the indicator; empty when there is no figure or it is printed beside another."""
    key = subject.key(ColumnRole.ACTUAL)
    found = source.result.values.get(key) if key else None
    if key is None or found is None:
        return ""
    mark = mark_of(key)
    if _told_beside(subject):
        return ""
    if found.classes and subject.row.roll_up is not RollUp.YES_COUNT:
        told = found.classes_told
        return "; ".join(f"“{name}” {mark(f'loai:{name}', count(number))} đơn vị" for name, number in told)
    if found.nil:
        return mark("", "không phát sinh")
    if found.value is None:
        return _no_rate(source, subject)
    if subject.row.roll_up is RollUp.YES_COUNT:
        share = source.result.share_of_units(key)
        who = "đơn vị" if source.result.counts_bodies(key) else source.words.units
        asked = mark("so-don-vi", count(source.result.population(key)))
        text = f"{mark('', count(int(found.value)))}/{asked} {who}"
        return text + (f" ({mark('ty-le-don-vi', percent(share))})" if share is not None else "")
    type = subject.type(ColumnRole.ACTUAL)
    if type is ValueType.RATIO:
        return _of_ratio(source, subject, key, found.value)
    if subject.key(ColumnRole.DENOMINATOR) in source.result.values:
        return _share(source, subject, found.value)
    return _amount(source, subject, key, found.value, usual)


def _told_beside(subject: Subject) -> bool:
    """Whether the row is the change of another row of the same form, whose sentence states that change."""
    way = subject.row.derive.year_on_year if subject.row.derive else None
    return way is not None and CellKey.parse(way.of).form == subject.form.code


def _of_ratio(source: ReportInput, subject: Subject, key: CellKey, value: Number) -> str:
    """A change against last year, or a share of the plan, with the units it is of."""
    change, share = _change_told(source, subject), source.result.plan_shares.get(key)
    mark = mark_of(key)
    if change is not None:
        over = units_compared(change, mark)
        return mark("", _signed_percent(value)) + (f" ({over})" if over else "")
    over = units_planned(share, mark) if share is not None else ""
    return mark("", percent(value)) + (f" (tính trên {over})" if over else "")


def _change_told(source: ReportInput, subject: Subject) -> Change | None:
    """Of a row that is a change against last year: that change."""
    way = subject.row.derive.year_on_year if subject.row.derive else None
    return None if way is None else source.result.last_year.get(CellKey.parse(way.of), NOTHING_KNOWN)


def _no_rate(source: ReportInput, subject: Subject) -> str:
    """In place of a rate of change from zero: the difference."""
    change = _change_told(source, subject)
    if change is None or not change.from_zero:
        return ""
    assert change.difference is not None
    mark = mark_of(subject.key(ColumnRole.ACTUAL))
    over = f" ({said})" if (said := units_compared(change, mark)) else ""
    word = "tăng" if change.difference > 0 else "giảm" if change.difference < 0 else "không tăng, không giảm"
    amount = f" {figure(magnitude(change.difference), ValueType.COUNT)}" if change.difference else ""
    return f"{FROM_ZERO}, {mark('tang-giam', word + amount)}{over}"


def _signed_percent(value: Number) -> str:
    if value == 0:
        return "không tăng, không giảm"
    return f"{'tăng' if value > 0 else 'giảm'} {percent(magnitude(value))}"


def _share(source: ReportInput, subject: Subject, actual: Number) -> str:
    """`45/50 điểm, đạt 90,00 %`."""
    bottom, ratio = (_number(source, subject.key(r)) for r in (ColumnRole.DENOMINATOR, ColumnRole.RATIO))
    type = subject.type(ColumnRole.ACTUAL)
    # 0 of 0 has no rate; a numerator over nothing is a finding of the unit (kind `nothing_of_nothing`).
    if not actual and not bottom:
        return mark_of(subject.key(ColumnRole.ACTUAL))("", "không phát sinh")
    top, base = (
        mark_of(subject.key(r))("", figure(v, type))
        for r, v in ((ColumnRole.ACTUAL, actual), (ColumnRole.DENOMINATOR, bottom or 0))
    )
    text = f"{top}/{base} {unit_of(subject.row.unit, type)}".rstrip()
    reached = mark_of(subject.key(ColumnRole.RATIO))
    return text + (f", đạt {reached('', percent(ratio))}" if ratio is not None else "")


@dataclass(frozen=True, slots=True)
class QuantityWriter:
    """Writes a row's figures with their unit: `120 vụ`."""

    mark: Mark
    type: ValueType
    unit: str

    def __call__(self, value: Number, facet: str = "") -> str:
        return f"{self.mark(facet, figure(value, self.type))} {self.unit}".rstrip()


def _amounts(subject: Subject, key: CellKey | None) -> QuantityWriter:
    type = subject.type(ColumnRole.ACTUAL)
    return QuantityWriter(mark_of(key), type, unit_of(subject.row.unit, type))


def _amount(source: ReportInput, subject: Subject, key: CellKey, actual: Number, usual: str) -> str:
    """`120 vụ, lũy kế từ đầu năm 230 vụ, bằng 57,50 % kế hoạch năm (400 vụ), tăng 12 vụ (11,11 %) so với …`."""
    written = _amounts(subject, key)
    conflict = source.result.conflict(subject.form.code, subject.row.code)
    other = beside(conflict, key, source.words) if conflict is not None else ""
    shown = f"{written(actual)} ({written.mark('nguon-khac', other)})" if other else written(actual)
    if source.term is not None:
        return ", ".join([shown, *against_the_plan(source, subject, written)])
    parts = [shown]
    year = _number(source, subject.key(ColumnRole.CUMULATIVE_YEAR))
    # In the first report of a year both are the same figure.
    if year is not None and year != actual:
        parts.append(f"lũy kế từ đầu năm {_amounts(subject, subject.key(ColumnRole.CUMULATIVE_YEAR))(year)}")
    figures = row_figures(source.result, subject.form, subject.table, subject.row)
    if not subject.row.unplanned and (plan := _plan_text(figures.share, written)):
        parts.append(plan)
    against = source.result.last_year.get(key, NOTHING_KNOWN)
    if change := change_in_words(against, written.type, written.unit, _LAST_YEAR, written.mark, usual):
        parts.append(change)
    return ", ".join(parts)


def _plan_text(share: PlanShare | None, written: QuantityWriter) -> str:
    """`bằng 57,50 % kế hoạch năm (400 vụ)`; of a part of the units as `reached_text` says; why not, where it is not."""
    if share is None:
        return ""
    if share.reason:
        return f"chưa tính tỷ lệ so với kế hoạch năm ({lowered(share.reason)})"
    if share.percent is None or share.plan is None:
        return ""
    return reached_text(share, "kế hoạch năm", written)


def reached_text(share: PlanShare, plan: str, written: QuantityWriter) -> str:
    """The share of a plan; where not all units have one, with their own result, for it is not the one before it."""
    assert share.percent is not None and share.plan is not None and share.result is not None
    reached, whole = written.mark("ty-le-ke-hoach", percent(share.percent)), written(share.plan, "ke-hoach")
    if share.is_all:
        return f"bằng {reached} {plan} ({whole})"
    of = f"{written(share.result, 'ket-qua-co-ke-hoach')} trên {whole}"
    return f"{units_planned(share, written.mark)} đạt {reached} {plan} ({of})"


def against_the_plan(source: ReportInput, subject: Subject, written: QuantityWriter) -> list[str]:
    """`bằng 57,50 % kế hoạch giai đoạn … (400 vụ)`, `ước đến hết năm … 420 vụ` of a mid-term or end-term figure."""
    goals = planned(source.pack, source.result, subject.form.code, subject.row.code)
    term, parts = source.pack.regime.term, []
    share, estimate = goals.share, goals.value(ColumnRole.ESTIMATE)
    if term is not None and share is not None and share.percent is not None and share.plan is not None:
        parts.append(reached_text(share, f"kế hoạch {term.name}", written))
    elif term is not None and share is not None and share.reason:
        parts.append(f"chưa tính tỷ lệ so với kế hoạch {term.name} ({lowered(share.reason)})")
    if term is not None and estimate is not None:
        parts.append(f"ước đến hết năm {term.ends_on.year} {written(estimate, 'uoc')}")
    return parts


def _number(source: ReportInput, key: CellKey | None) -> Number | None:
    return source.result.number(key) if key else None


def resource_statements(source: ReportInput) -> list[str]:
    """Plan, allocation and disbursement of the whole programme."""
    total = next((s for s in subjects(source.resources) if s.row.code == TOTAL_ROW), None)
    if total is None:
        return []
    wording = {
        ColumnRole.PLAN_YEAR: "kế hoạch vốn giao trong năm",
        ColumnRole.ALLOCATED: "đã phân bổ",
        ColumnRole.ACTUAL: "giải ngân trong kỳ",
        ColumnRole.CUMULATIVE_YEAR: "lũy kế giải ngân từ đầu năm",
        ColumnRole.SETTLED: "đã quyết toán",
        ColumnRole.DEBT: "nợ đọng xây dựng cơ bản",
    }
    if source.term is not None:
        return _resources_of_the_term(source, total)
    parts = []
    for role, words in wording.items():
        value = _number(source, total.key(role))
        # "Nợ đọng 0 triệu đồng" is nothing to report; every other 0 is.
        if value is not None and (value or role is not ColumnRole.DEBT):
            type = total.type(role)
            written = QuantityWriter(mark_of(total.key(role)), type, unit_of(total.row.unit, type))
            parts.append(f"{words} {written(value)}")
    ratio = _number(source, total.key(ColumnRole.RATIO))
    key = total.key(ColumnRole.RATIO)
    share = source.result.plan_shares.get(key) if key is not None else None
    if ratio is not None:
        mark = mark_of(key)
        of = "" if share is None else units_planned(share, mark)
        reached = mark("", percent(ratio))
        parts.append(
            f"tỷ lệ giải ngân lũy kế so với kế hoạch giao đạt {reached}" + (f" (tính trên {of})" if of else "")
        )
    elif share is not None and share.reason:
        parts.append(f"chưa tính tỷ lệ giải ngân so với kế hoạch giao ({lowered(share.reason)})")
    if not parts:
        return []
    return [f"- {spoken(total.row.name)}: {'; '.join(parts)}."]


def _resources_of_the_term(source: ReportInput, total: Subject) -> list[str]:
    """Disbursed since the term began, against the plan of the term."""
    spent = _number(source, total.key(ColumnRole.ACTUAL))
    if spent is None:
        return []
    written = _amounts(total, total.key(ColumnRole.ACTUAL))
    parts = [f"giải ngân từ đầu giai đoạn {written(spent)}", *against_the_plan(source, total, written)]
    debt = _number(source, total.key(ColumnRole.DEBT))
    if debt:
        parts.append(f"nợ đọng xây dựng cơ bản {_amounts(total, total.key(ColumnRole.DEBT))(debt)}")
    return [f"- {spoken(total.row.name)}: {', '.join(parts)}."]


def spoken(name: str) -> str:
    """A name printed in capitals, as it stands inside a sentence."""
    return name.capitalize() if name.isupper() else name
