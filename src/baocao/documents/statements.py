"""Câu có số liệu: sentences of the narrative made from the consolidated values, never typed (rule V51)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from baocao.documents.numerals import count, figure, magnitude, percent, two_digits, unit_of
from baocao.documents.report_input import ReportInput
from baocao.documents.term_rows import planned, portion
from baocao.model.consolidated import NOT_COMPARABLE, Comparison, Number
from baocao.model.form import CellKey, Column, ColumnRole, Form, RollUp, Row, Table, ValueType
from baocao.model.unit import Unit

TOTAL_ROW = "TONG"
_LAST_YEAR = "cùng kỳ năm trước"


@dataclass(frozen=True, slots=True)
class Subject:
    """A row a sentence speaks of, with the codes of its columns by role."""

    form: Form
    table: Table
    row: Row
    columns: dict[ColumnRole, Column]

    def key(self, role: ColumnRole) -> CellKey | None:
        column = self.columns.get(role)
        return CellKey(self.form.code, self.row.code, column.code) if column else None

    def type(self, role: ColumnRole) -> ValueType:
        return self.table.type_of(self.row, self.columns[role])


def subjects(form: Form | None) -> list[Subject]:
    """The rows of a form that hold figures, in printed order; none without a form."""
    result: list[Subject] = []
    if form is None:
        return result
    for table in form.tables:
        for row in table.rows:
            columns = {c.role: c for c in table.columns if table.applies(row, c)}
            if columns:
                result.append(Subject(form, table, row, columns))
    return result


def indicator_statements(source: ReportInput) -> list[tuple[str, list[str]]]:
    """(heading of Phụ lục 01, sentences): one sentence an indicator that has a figure, in printed order.

    A sentence starts with the indicator's printed name; headings without a sentence are left out.
    """
    form = source.indicators
    if form is None:
        return []
    sentences = {s.row.code: text for s in subjects(form) if (text := _statement(source, s))}
    groups: list[tuple[str, list[str]]] = [("", [])]
    for table in form.tables:
        for row in table.rows:
            if row.heading:
                groups.append((row.name, []))
            elif row.code in sentences:
                groups[-1][1].append(f"- {row.name}: {sentences[row.code]}.")
    return [(title, lines) for title, lines in groups if lines]


def unanswered(source: ReportInput) -> list[str]:
    """Printed numbers of the indicators nobody has given a figure for (not: declared nil)."""
    result = []
    for subject in subjects(source.indicators):
        key = subject.key(ColumnRole.ACTUAL)
        if key is None or subject.row.roll_up in {RollUp.LIST, RollUp.NONE}:
            continue
        if source.term is not None and subject.row.derive is not None and subject.row.derive.year_on_year is not None:
            continue  # a change against last year is told by the annual report
        value = source.result.values.get(key)
        if value is not None and value.value is None and not value.nil and not value.classes:
            result.append(subject.row.item or subject.row.code)
    return result


def _statement(source: ReportInput, subject: Subject) -> str:
    key = subject.key(ColumnRole.ACTUAL)
    found = source.result.values.get(key) if key else None
    if key is None or found is None:
        return ""
    if found.classes and subject.row.roll_up is not RollUp.YES_COUNT:
        return "; ".join(f"{name} {count(number)} đơn vị" for name, number in found.classes)
    if found.nil:
        return "không phát sinh"
    if found.value is None:
        return ""
    if subject.row.roll_up is RollUp.YES_COUNT:
        share = source.result.share_of_units(key)
        text = f"{count(int(found.value))}/{count(source.result.valid_units)} {source.words.units}"
        return text + (f" ({percent(share)})" if share is not None else "")
    type = subject.type(ColumnRole.ACTUAL)
    if type is ValueType.RATIO:
        return (
            _signed_percent(found.value)
            if subject.row.derive and subject.row.derive.year_on_year
            else percent(found.value)
        )
    if subject.key(ColumnRole.DENOMINATOR) in source.result.values:
        return _share(source, subject, found.value)
    return _amount(source, subject, key, found.value)


def _signed_percent(value: Number) -> str:
    if value == 0:
        return "không tăng, không giảm"
    return f"{'tăng' if value > 0 else 'giảm'} {percent(magnitude(value))}"


def _share(source: ReportInput, subject: Subject, actual: Number) -> str:
    """`45/50 điểm, đạt 90,00 %`."""
    bottom, ratio = (_number(source, subject.key(r)) for r in (ColumnRole.DENOMINATOR, ColumnRole.RATIO))
    type = subject.type(ColumnRole.ACTUAL)
    text = f"{figure(actual, type)}/{figure(bottom or 0, type)} {unit_of(subject.row.unit, type)}".rstrip()
    return text + (f", đạt {percent(ratio)}" if ratio is not None else "")


def _amount(source: ReportInput, subject: Subject, key: CellKey, actual: Number) -> str:
    """`120 vụ, lũy kế từ đầu năm 230 vụ, bằng 57,50 % kế hoạch năm (400 vụ), tăng 12 vụ (11,11 %) so với …`."""
    type = subject.type(ColumnRole.ACTUAL)
    unit = unit_of(subject.row.unit, type)

    def written(value: Number) -> str:
        return f"{figure(value, type)} {unit}".rstrip()

    if source.term is not None:
        return ", ".join([written(actual), *against_the_plan(source, subject, actual, written)])
    parts = [written(actual)]
    year = _number(source, subject.key(ColumnRole.CUMULATIVE_YEAR))
    if year is not None and year != actual:
        parts.append(f"lũy kế từ đầu năm {written(year)}")
    comparison = source.result.comparisons.get(key)
    if comparison is not None:
        if comparison.plan and comparison.percent_of_plan is not None:
            parts.append(f"bằng {percent(comparison.percent_of_plan)} kế hoạch năm ({written(comparison.plan)})")
        if change := change_text(comparison, type, unit):
            parts.append(change)
    return ", ".join(parts)


def against_the_plan(
    source: ReportInput, subject: Subject, reached: Number, written: Callable[[Number], str]
) -> list[str]:
    """`bằng 57,50 % kế hoạch giai đoạn … (400 vụ)`, `ước đến hết năm … 420 vụ` of a mid-term or end-term figure."""
    goals = planned(source.pack, source.result, subject.form.code, subject.row.code)
    term, parts = source.pack.regime.term, []
    plan, estimate = goals.get(ColumnRole.PLAN_TERM), goals.get(ColumnRole.ESTIMATE)
    done = portion(reached, plan)
    if term is not None and plan is not None and done is not None:
        parts.append(f"bằng {percent(done)} kế hoạch {term.name} ({written(plan)})")
    if term is not None and estimate is not None:
        parts.append(f"ước đến hết năm {term.ends_on.year} {written(estimate)}")
    return parts


def change_text(comparison: Comparison, type: ValueType, unit: str) -> str:
    """`tăng 12 người (3,45 %) so với cùng kỳ năm trước`; empty where last year is not known, and said where it cannot
    be compared."""
    change = comparison.change
    if change is None:
        return f"{NOT_COMPARABLE} với {_LAST_YEAR}" if comparison.not_comparable else ""
    if change == 0:
        return f"bằng {_LAST_YEAR}"
    word = "tăng" if change > 0 else "giảm"
    amount = f"{figure(magnitude(change), type)} {unit}".rstrip()
    share = f" ({percent(magnitude(comparison.change_percent))})" if comparison.change_percent is not None else ""
    return f"{word} {amount}{share} so với {_LAST_YEAR}"


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
        if value is not None and (value or role is not ColumnRole.DEBT):
            parts.append(
                f"{words} {figure(value, total.type(role))} {unit_of(total.row.unit, total.type(role))}".rstrip()
            )
    ratio = _number(source, total.key(ColumnRole.RATIO))
    if ratio is not None:
        parts.append(f"tỷ lệ giải ngân lũy kế so với kế hoạch giao đạt {percent(ratio)}")
    if not parts:
        return []
    return [f"- {spoken(total.row.name)}: {'; '.join(parts)}."]


def _resources_of_the_term(source: ReportInput, total: Subject) -> list[str]:
    """Disbursed since the term began, against the plan of the term."""
    spent = _number(source, total.key(ColumnRole.ACTUAL))
    if spent is None:
        return []
    type = total.type(ColumnRole.ACTUAL)
    unit = unit_of(total.row.unit, type)

    def written(value: Number) -> str:
        return f"{figure(value, type)} {unit}".rstrip()

    parts = [f"giải ngân từ đầu giai đoạn {written(spent)}", *against_the_plan(source, total, spent, written)]
    debt = _number(source, total.key(ColumnRole.DEBT))
    if debt:
        parts.append(f"nợ đọng xây dựng cơ bản {written(debt)}")
    return [f"- {spoken(total.row.name)}: {', '.join(parts)}."]


def spoken(name: str) -> str:
    """A name printed in capitals, as it stands inside a sentence."""
    return name.capitalize() if name.isupper() else name


def coverage_statement(source: ReportInput) -> str:
    """`163/166 đơn vị hành chính cấp xã và 6/6 cơ quan …` as the base of all figures (V52)."""
    words = source.words
    sides = ((source.result.commune_coverage, words.units), (source.result.provincial_coverage, words.bodies))
    who = [f"{count(c.counted)}/{count(c.expected)} {name}" for c, name in sides if c.expected]
    return f"Số liệu được tổng hợp từ báo cáo đã được tiếp nhận của {' và '.join(who)}."


def missing_statement(missing: tuple[Unit, ...]) -> str:
    """Names every unit whose report is not in; nothing is estimated in their place."""
    if not missing:
        return ""
    names = "; ".join(u.full_name for u in missing)
    return (
        f"Chưa có báo cáo của {two_digits(len(missing))} đơn vị: {names}. Số liệu của các đơn vị này không có trong "
        "báo cáo và không được ước tính thay."
    )


def lateness_statements(source: ReportInput) -> list[str]:
    """How many units sent their first report after the deadline; apart from them, how many only a correction."""
    lines = []
    if source.late:
        lines.append(f"Có {two_digits(len(source.late))} đơn vị gửi báo cáo sau thời hạn")
    if source.corrected_late:
        number = two_digits(len(source.corrected_late))
        lines.append(f"Có {number} đơn vị đã gửi báo cáo đúng hạn và gửi bản đính chính sau thời hạn")
    return lines


def figures_of(source: ReportInput, subject: Subject) -> set[str]:
    """Every figure, as printed, that a sentence about this row may contain."""
    result: set[str] = set()
    for role in subject.columns:
        key = subject.key(role)
        found = source.result.values.get(key) if key else None
        if key is None or found is None:
            continue
        result |= {count(number) for _, number in found.classes}
        if found.value is not None:
            result |= _printed(found.value, subject.type(role))
            if source.term is not None and role is ColumnRole.ACTUAL:
                goals = planned(source.pack, source.result, subject.form.code, subject.row.code)
                done = portion(found.value, goals.get(ColumnRole.PLAN_TERM))
                result |= {figure(done, ValueType.RATIO)} if done is not None else set()
                for goal in (ColumnRole.PLAN_TERM, ColumnRole.ESTIMATE):
                    result |= _printed(goals[goal], subject.type(role)) if goal in goals else set()
        if subject.row.roll_up is RollUp.YES_COUNT:
            result.add(count(source.result.valid_units))
            share = source.result.share_of_units(key)
            result |= {figure(share, ValueType.RATIO)} if share is not None else set()
        comparison = source.result.comparisons.get(key)
        if comparison is not None:
            for value in (comparison.plan, comparison.change, comparison.previous):
                result |= _printed(value, subject.type(role)) if value is not None else set()
            for ratio in (comparison.percent_of_plan, comparison.change_percent):
                result |= _printed(ratio, ValueType.RATIO) if ratio is not None else set()
    return result


def _printed(value: Number, type: ValueType) -> set[str]:
    if type is ValueType.BOOL:
        type = ValueType.COUNT
    return {figure(magnitude(value), type)}
