"""Rows of the tables in the Word report: texts ready to print, taken from the consolidated values."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from baocao.documents.comparison_notes import ComparisonNotes, by_number
from baocao.documents.report_input import ReportInput
from baocao.documents.row_figures import RowFigures, cell_figure, gathered, ratio_figure, row_figures
from baocao.documents.word_report.numerals import count, figure, percent, two_digits, unit_of
from baocao.documents.word_report.source_texts import MARK, note, whose
from baocao.documents.word_report.statements import Subject, subjects
from baocao.model.consolidated import share_column
from baocao.model.form import CellKey, Column, ColumnRole, EntryLevel, Form, RollUp, Row, ValueType
from baocao.model.pack_views import figure_rows
from baocao.model.report import TargetResult
from baocao.model.sources import SourceConflict
from baocao.text import capitalised

NIL = "-"
"""Declared `không phát sinh`, or a ratio over zero."""
_OPERATORS = {"<": "dưới", "<=": "không quá", "=": "bằng", ">=": "từ", ">": "trên"}
_UNITS_COUNTED = frozenset({RollUp.YES_COUNT, RollUp.CLASS_COUNT})
Cells = dict[str, object]
_COLUMNS = (
    "item", "name", "unit", "plan", "actual", "bottom", "ratio", "year", "term", "previous", "change", "coverage",
)  # fmt: skip


def _text(source: ReportInput, subject: Subject, column: Column) -> str:
    """A cell of the row as a text; of a classification how many units there are of each class."""
    found = source.result.values.get(CellKey(subject.form.code, subject.row.code, column.code))
    if found is not None and found.classes and subject.row.roll_up is not RollUp.YES_COUNT:
        return "; ".join(f"{name}: {count(number)}" for name, number in found.classes_told)
    printed = cell_figure(source.result, subject.form, subject.table, subject.row, column)
    if printed is not None:
        return printed.text(NIL)
    key = CellKey(subject.form.code, subject.row.code, column.code)
    return gathered(source.result, key, subject.table.type_of(subject.row, column))


def _of(source: ReportInput, subject: Subject, role: ColumnRole) -> str:
    return _text(source, subject, subject.columns[role]) if role in subject.columns else ""


def result_rows(source: ReportInput, form: Form) -> list[Cells]:
    """Rows of the result frame of one form; headings have `heading` true and only a name. Texts are left out."""
    result: list[Cells] = []
    for table in form.tables:
        roles = {c.role for c in table.columns}
        if ColumnRole.ACTUAL not in roles:
            continue
        for row in table.rows:
            columns = table.by_role(row)
            if row.heading:
                result.append({"heading": True, "name": _titled(row)})
            elif ColumnRole.ACTUAL in columns and row.roll_up not in {RollUp.LIST, RollUp.NONE}:
                subject = Subject(form, table, row, columns)
                result += [_result_row(source, subject), *_two_sources(source, subject)]
    return _without_empty_headings(result)


def _titled(row: Row) -> str:
    return f"{row.item.rstrip('.')}. {row.name}" if row.item else row.name


def _indented(row: Row) -> str:
    return row.name if not row.indent or row.name.startswith("-") else f"- {row.name}"


def _without_empty_headings(rows: list[Cells]) -> list[Cells]:
    return [r for i, r in enumerate(rows) if not r["heading"] or (i + 1 < len(rows) and not rows[i + 1]["heading"])]


def _result_row(source: ReportInput, subject: Subject) -> Cells:
    figures = row_figures(source.result, subject.form, subject.table, subject.row)
    type = subject.type(ColumnRole.ACTUAL)
    counted = subject.row.roll_up is RollUp.YES_COUNT
    return {
        "heading": False,
        "item": subject.form.printed_number(subject.row),
        "name": _indented(subject.row) + (MARK if _conflict(source, subject) else ""),
        "unit": "đơn vị" if subject.row.roll_up in _UNITS_COUNTED else unit_of(subject.row.unit, type),
        "plan": "" if subject.row.unplanned else _of(source, subject, ColumnRole.PLAN_YEAR),
        "actual": _of(source, subject, ColumnRole.ACTUAL),
        "bottom": _bottom(source, subject) if counted else _of(source, subject, ColumnRole.DENOMINATOR),
        "ratio": "" if _is_plan_of_nobody(subject) else ratio_figure(source.result, figures).text(NIL),
        "year": _of(source, subject, ColumnRole.CUMULATIVE_YEAR),
        "term": _of(source, subject, ColumnRole.CUMULATIVE_TERM),
        **_beside(figures),
    }


def _is_plan_of_nobody(subject: Subject) -> bool:
    """Whether the only ratio of the row would be the share of a plan that nobody makes."""
    share = share_column(subject.table)
    return subject.row.unplanned and (share is None or not subject.table.applies(subject.row, share))


def _bottom(source: ReportInput, subject: Subject) -> str:
    """Of a yes-count all valid units, where the form has a column for it."""
    columns = [c for c in subject.table.columns if c.role is ColumnRole.DENOMINATOR]
    return _text(source, subject, columns[0]) if columns else ""


def _conflict(source: ReportInput, subject: Subject) -> SourceConflict | None:
    return source.result.conflict(subject.form.code, subject.row.code)


def _two_sources(source: ReportInput, subject: Subject) -> list[Cells]:
    """Below a row that two levels report differently what each of them reports, column by column."""
    conflict = _conflict(source, subject)
    if conflict is None:
        return []
    places = {
        ColumnRole.PLAN_YEAR: "plan",
        ColumnRole.ACTUAL: "actual",
        ColumnRole.CUMULATIVE_YEAR: "year",
        ColumnRole.CUMULATIVE_TERM: "term",
    }
    rows = []
    for level in EntryLevel:
        said = whose(level, source.words)
        row: Cells = dict.fromkeys(_COLUMNS, "")
        row |= {"heading": False, "name": f"- {capitalised(said)}"}
        for role, place in places.items():
            two = conflict.cell(subject.key(role))
            row[place] = figure(two.of(level), two.type) if two is not None else ""
        rows.append(row)
    return rows


def source_notes(source: ReportInput) -> list[str]:
    """A paragraph a row that has two figures: both, whose is used, and why."""
    zone = source.pack.regime.zone
    return [f"(*) {note(c, source.words, zone, named=False)}" for c in source.result.conflicts]


def _beside(figures: RowFigures) -> Cells:
    """What stands beside the form's own columns."""
    return {
        "previous": figures.previous.text(NIL),
        "change": figures.difference.text(NIL),
        "coverage": "" if figures.coverage is None else str(figures.coverage),
    }


def comparison_notes(source: ReportInput) -> list[str]:
    """Why figures stand beside their plan and their past as they do, one line a reason, with the rows' numbers."""
    notes = ComparisonNotes()
    for form, table, row in figure_rows(source.pack):
        notes.add(row_figures(source.result, form, table, row))
    return notes.lines(by_number)


def indicator_rows(source: ReportInput) -> list[Cells]:
    """The rows of the table of indicators; none where the pack has no such form."""
    return result_rows(source, source.indicators) if source.indicators else []


def project_rows(source: ReportInput) -> list[Cells]:
    """The forms beside indicators, money and texts, one after the other, each under its own heading."""
    result: list[Cells] = []
    left_out = {f.code for f in (source.indicators, source.resources, source.narrative) if f is not None}
    for form in source.pack.forms:
        if form.code in left_out:
            continue
        rows = [*_movement_as_results(source, form), *result_rows(source, form)]
        if rows:
            result += [{"heading": True, "name": f"{form.short}. {form.title}"}, *rows]
    return result


def _movement_as_results(source: ReportInput, form: Form) -> list[Cells]:
    """A movement table stands in the result frame as its closing figures; the movement itself is in section III."""
    rows: list[Cells] = []
    for subject in subjects(form):
        if ColumnRole.OPENING in subject.columns:
            figures = row_figures(source.result, form, subject.table, subject.row)
            rows.append(
                dict.fromkeys(("plan", "bottom", "ratio", "year", "term"), "")
                | {
                    "heading": False,
                    "item": subject.form.printed_number(subject.row),
                    "name": f"{subject.row.name} (cuối kỳ)",
                    "unit": subject.row.unit,
                    "actual": _of(source, subject, ColumnRole.CLOSING),
                }
                | _beside(figures)
            )
    return rows


def movement_rows(source: ReportInput) -> list[Cells]:
    """Opening, sum of the increases, sum of the decreases and closing of every group in a movement table."""
    result: list[Cells] = []
    for form in source.pack.forms:
        for subject in subjects(form):
            if ColumnRole.OPENING not in subject.columns:
                continue
            result.append(
                {
                    "name": subject.row.name,
                    "unit": subject.row.unit,
                    "opening": _of(source, subject, ColumnRole.OPENING),
                    "increase": _sum(source, subject, ColumnRole.INCREASE),
                    "decrease": _sum(source, subject, ColumnRole.DECREASE),
                    "closing": _of(source, subject, ColumnRole.CLOSING),
                }
            )
    return result


def _sum(source: ReportInput, subject: Subject, role: ColumnRole) -> str:
    keys = [CellKey(subject.form.code, subject.row.code, c.code) for c in subject.table.columns if c.role is role]
    values = [v for v in map(source.result.number, keys) if v is not None]
    if not values:
        return ""
    return figure(sum(Fraction(v) for v in values), subject.row.type)


_MONEY: tuple[tuple[str, ColumnRole], ...] = (
    ("plan", ColumnRole.PLAN_YEAR),
    ("allocated", ColumnRole.ALLOCATED),
    ("actual", ColumnRole.ACTUAL),
    ("year", ColumnRole.CUMULATIVE_YEAR),
    ("ratio", ColumnRole.RATIO),
    ("settled", ColumnRole.SETTLED),
    ("debt", ColumnRole.DEBT),
)


def resource_rows(source: ReportInput, keep: Callable[[Row], bool] = lambda _: True) -> list[Cells]:
    """Rows of the money form in triệu đồng; `strong` marks the sums. Headings fall away: the sums carry the names."""
    return [
        {"item": s.form.printed_number(s.row), "name": s.row.name, "strong": s.row.derive is not None}
        | {name: _of(source, s, role) for name, role in _MONEY}
        for s in subjects(source.resources)
        if keep(s.row)
    ]


def resource_summary(source: ReportInput) -> list[Cells]:
    """Only the sums: one row a project and the total."""
    return resource_rows(source, lambda row: row.derive is not None)


def task_rows(source: ReportInput) -> list[Cells]:
    """The plan's tasks with their "6 rõ" and the progress that was reported; empty where no tasks are assigned."""
    return [
        {
            "item": project.code,
            "work": project.name,
            "who": project.task.who,
            "time": project.task.time,
            "responsibility": project.task.responsibility,
            "product": project.task.product,
            "authority": project.task.authority,
            "progress": _progress(source, project.task.progress) or "Chưa báo cáo",
            "outcome": _said(source, project.task.outcome),
        }
        for project in source.pack.regime.projects
        if project.task is not None
    ]


def _by_text(source: ReportInput, name: str) -> dict[str, list[str]]:
    """What the units wrote in a cell -> who wrote it, in the order it came."""
    found: dict[str, list[str]] = {}
    for unit, text in source.result.texts.get(CellKey.parse(name), ()) if name else ():
        found.setdefault(text.strip(), []).append(source.name_of(unit))
    return found


def _progress(source: ReportInput, name: str) -> str:
    """The progress of a task; of one that several carry out, how many stand where (`Hoàn thành: 03 đơn vị`)."""
    said = _by_text(source, name)
    # Of one unit its own words; of several a count, for a row of names ran over the page.
    if sum(map(len, said.values())) <= 1:
        return next(iter(said), "")
    return "; ".join(f"{text}: {two_digits(len(names))} đơn vị" for text, names in said.items())


def _said(source: ReportInput, name: str) -> str:
    """What the units wrote in a cell; each text once, with the names where not all say the same."""
    said = _by_text(source, name)
    if len(said) == 1:
        return next(iter(said))
    return "; ".join(f"{text.rstrip(' .;')} ({', '.join(names)})" for text, names in said.items())


def target_rows(source: ReportInput) -> list[Cells]:
    """Targets with what was wanted, what was reached, and the verdict."""
    return [_target_row(source, i, t) for i, t in enumerate(source.result.targets, 1)]


def _target_row(source: ReportInput, number: int, target: TargetResult) -> Cells:
    due = f" (đến năm {target.by_year})" if target.by_year else ""
    return {
        "number": str(number),
        "name": target.name,
        "scope": "Quốc gia" if target.scope == "national" else source.words.own_scope,
        "wanted": wanted_in_words(target) + due,
        "actual": reached_in_words(target),
        "verdict": target.verdict.label,
        "reason": target.reason,
    }


def wanted_in_words(target: TargetResult) -> str:
    """`từ 50 %`, `trên 80 %`; below nought means: to fall."""
    if target.operator == "<" and target.wanted == 0:
        return "giảm"
    number = figure(target.wanted, ValueType.DECIMAL)
    return f"{_OPERATORS[target.operator]} {number}\N{NO-BREAK SPACE}{target.unit}".rstrip()


def reached_in_words(target: TargetResult) -> str:
    """What was reached, with its unit: `57,50 %`, `giảm 3,20 %`; empty where there is no figure."""
    if target.actual is None:
        return ""
    if target.operator == "<" and target.wanted == 0 and target.actual != 0:
        return ("tăng " if target.actual > 0 else "giảm ") + _amount(abs(target.actual), target.unit)
    return _amount(target.actual, target.unit)


def _amount(value: Fraction, unit: str) -> str:
    if unit.startswith("%"):
        return percent(value)
    return f"{figure(value, ValueType.DECIMAL)} {unit}".rstrip()
