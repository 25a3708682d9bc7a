"""The tables of the term in the Word report: texts ready to print."""

from __future__ import annotations

from baocao.documents.report_input import ReportInput
from baocao.documents.row_figures import share_figure
from baocao.documents.word_report.numerals import figure, percent, unit_of
from baocao.documents.word_report.term_rows import TermRow, term_rows
from baocao.exact import Number
from baocao.model.consolidated import PlanShare
from baocao.model.form import Form, Row, ValueType

Cells = dict[str, object]


def term_name(source: ReportInput) -> str:
    """`giai đoạn 2026 - 2030`."""
    return source.term.name if source.term is not None else ""


def years_of_the_term(source: ReportInput) -> tuple[int, ...]:
    """The reporting years, each a column."""
    return source.term.columns if source.term is not None else ()


def _rows(source: ReportInput, *forms: Form) -> list[TermRow | Row]:
    return [] if source.term is None else term_rows(source.pack, source.result, source.term, forms)


def _only(form: Form | None) -> list[Form]:
    return [] if form is None else [form]


def _printed(value: Number | None, type: ValueType) -> str:
    return "" if value is None else figure(value, type)


def _share(share: PlanShare | None) -> str:
    """`57,50 %`, or the words in its place."""
    printed = share_figure(share)
    return percent(printed.value) if printed.value is not None else printed.text("-")


def _cells(source: ReportInput, row: TermRow) -> Cells:
    return {
        "heading": False,
        "item": "" if row.suffix else source.pack.form(row.key.form).printed_number(row.row),
        "name": f"- {row.suffix.strip('()')}" if row.suffix else row.name,
        "unit": unit_of(row.unit, row.type),
        "strong": row.row.derive is not None,
        "total": row.row.derive is not None,
        "plan": _printed(row.plan, row.type),
        "years": [_printed(value, row.type) for value in row.years],
        "accumulated": _printed(row.accumulated, row.type),
        "reached": _printed(row.reached, row.type),
        "percent": _share(row.share),
        "estimate": _printed(row.estimate, row.type),
        "estimate_percent": _share(row.estimate_share),
    }


def plan_of_the_term(source: ReportInput) -> list[Cells]:
    """The indicators for which a plan of the term or an estimate was given."""
    rows = _rows(source, *_only(source.indicators))
    return [
        _cells(source, r) for r in rows if isinstance(r, TermRow) and (r.plan is not None or r.estimate is not None)
    ]


def money_of_the_term(source: ReportInput) -> list[Cells]:
    """The sums of the resources: one row a project and the total."""
    rows = _rows(source, *_only(source.resources))
    return [_cells(source, r) for r in rows if isinstance(r, TermRow) and r.row.derive is not None]


def indicators_by_year(source: ReportInput) -> list[Cells]:
    """The indicators, a column a year of the term."""
    return _by_year(source, _only(source.indicators), named=False)


def projects_by_year(source: ReportInput) -> list[Cells]:
    """Every other form with figures, each under its own heading."""
    left_out = {f.code for f in (source.indicators, source.resources, source.narrative) if f is not None}
    return _by_year(source, [f for f in source.pack.forms if f.code not in left_out], named=True)


def resources_by_year(source: ReportInput) -> list[Cells]:
    """The money, a column a year of the term."""
    return _by_year(source, _only(source.resources), named=False)


def _by_year(source: ReportInput, forms: list[Form], *, named: bool) -> list[Cells]:
    result: list[Cells] = []
    for form in forms:
        rows = _rows(source, form)
        if named and rows:
            result.append({"heading": True, "name": f"{form.short}. {form.title}"})
        for row in rows:
            if isinstance(row, TermRow):
                result.append(_cells(source, row))
            else:
                result.append({"heading": True, "name": row.numbered_name})
    return result
