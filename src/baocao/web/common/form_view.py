"""A form as HTML tables: made from the form definition alone, one field a typed cell, computed cells as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from baocao.forms.contract import NIL_MARK
from baocao.model.form import CellKey, Column, ColumnRole, Form, Row, Table, ValueType
from baocao.model.submission import Finding, Severity
from baocao.workflow.portal.drafts import FormDraft

_LONG = {ColumnRole.TEXT, ColumnRole.EXPLANATION, ColumnRole.NOTE}
_HINTS = {
    ValueType.COUNT: "số nguyên",
    ValueType.MONEY: "đồng",
    ValueType.DECIMAL: "số, dấu phẩy thập phân",
    ValueType.DATE: "ngày/tháng/năm",
}


@dataclass(frozen=True, slots=True)
class CellField:
    """One cell. `kind`: `line`, `area`, `choice`; `computed`, `absent` are not typed."""

    kind: str
    name: str = ""
    """of the field, and its id: `c:FORM/ROW/COLUMN`"""
    label: str = ""
    """what a screen reader says: row and column"""
    title: str = ""
    """of the column, for a narrow screen"""
    value: str = ""
    options: tuple[str, ...] = ()
    mode: str = "text"
    """which keyboard a phone shows"""
    hint: str = ""
    required: bool = False
    faults: tuple[str, ...] = ()
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class RowView:
    """A row as the page shows it."""

    heading: bool
    item: str
    name: str
    unit: str
    indent: int
    cells: tuple[CellField, ...]


@dataclass(frozen=True, slots=True)
class TableView:
    """A table as the page shows it."""

    title: str
    groups: tuple[tuple[str, int], ...]
    """(shared heading, columns under it), in order; empty where no column has one"""
    columns: tuple[tuple[str, str], ...]
    """(heading, unit or hint)"""
    rows: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class FormView:
    """A form as the page shows it, with what was found in the draft."""

    form: Form
    nil: str
    tables: tuple[TableView, ...]
    faults: tuple[Finding, ...]
    """of the form as a whole"""


def field_name(key: CellKey) -> str:
    """The name of a cell's field in the page's form."""
    return f"c:{key}"


def form_view(form: Form, draft: FormDraft, computed: Mapping[CellKey, str], findings: Sequence[Finding]) -> FormView:
    """The form with the draft in it and each finding at its cell; those of no cell stand before the tables."""
    cells = {str(key) for key in form.cells}
    at, whole = placed(findings, lambda name: name in cells, form.short if form.tables else None)
    tables = tuple(_table(form, table, draft, computed, at) for table in form.tables)
    return FormView(form, draft.nil_forms.get(form.code, ""), tables, whole)


def placed(
    findings: Iterable[Finding], is_here: Callable[[str], bool], sheet: str | None
) -> tuple[dict[str, list[Finding]], tuple[Finding, ...]]:
    """Findings by the cell they stand at, of the cells that are here; then those of the sheet as a whole."""
    at: dict[str, list[Finding]] = {}
    whole = []
    for finding in findings:
        if finding.cells and is_here(finding.cells[0]):
            at.setdefault(finding.cells[0], []).append(finding)
        elif finding.sheet == sheet:
            whole.append(finding)
    return at, tuple(whole)


def offered(options: Sequence[str] | None, value: str) -> tuple[str, ...]:
    """What a field of choices offers (None: yes or no), a nil, and whatever else stands there already."""
    known = (*(options if options is not None else ("Có", "Không")), NIL_MARK)
    return known if not value or value in known else (*known, value)


def of_form(form: Form, findings: Iterable[Finding]) -> list[Finding]:
    """The findings that stand on the form's page."""
    cells = {str(key) for key in form.cells}
    sheets = {form.short, *(one.short for one in form.lists)}
    return [f for f in findings if (f.cells and f.cells[0] in cells) or f.sheet in sheets]


def _table(
    form: Form, table: Table, draft: FormDraft, computed: Mapping[CellKey, str], at: Mapping[str, list[Finding]]
) -> TableView:
    """One table of a form, row by row."""
    groups: list[tuple[str, int]] = []
    for column in table.columns:
        name = column.group or ""
        if groups and groups[-1][0] == name and name:
            groups[-1] = name, groups[-1][1] + 1
        else:
            groups.append((name, 1))
    rows = []
    for row in table.rows:
        views = () if row.heading else tuple(_cell(form, table, row, c, draft, computed, at) for c in table.columns)
        rows.append(RowView(row.heading, form.printed_number(row), row.name, row.unit, row.indent, views))
    shown = tuple(groups) if any(name for name, _ in groups) else ()
    return TableView(table.title, shown, tuple((c.title, "") for c in table.columns), tuple(rows))


def _cell(
    form: Form,
    table: Table,
    row: Row,
    column: Column,
    draft: FormDraft,
    computed: Mapping[CellKey, str],
    at: Mapping[str, list[Finding]],
) -> CellField:
    """One cell of the table: a field to fill, a computed figure, or absent where the row has no such cell."""
    key = CellKey(form.code, row.code, column.code)
    title = column.heading
    found = at.get(str(key), [])
    faults = tuple(said_of(f) for f in found)
    blocks = any(f.severity is Severity.BLOCKS for f in found)
    if not table.applies(row, column):
        return CellField("absent", title=title)
    if not table.is_entered(row, column):
        return CellField("computed", title=title, value=computed.get(key, ""), faults=faults, blocks=blocks)
    type = table.type_of(row, column)
    kind, mode = "line", "text"
    options: tuple[str, ...] = ()
    if type in {ValueType.BOOL, ValueType.CHOICE}:
        kind = "choice"
        options = offered(None if type is ValueType.BOOL else row.options, draft.texts.get(key, ""))
    elif column.role in _LONG and type is ValueType.TEXT:
        kind = "area"
    elif type.is_number:
        mode = "decimal" if type is ValueType.DECIMAL else "numeric"
    return CellField(
        kind=kind,
        name=field_name(key),
        label=f"{form.printed_number(row)} {row.name}: {title}".strip(),
        title=title,
        value=draft.texts.get(key, ""),
        options=options,
        mode=mode,
        hint=_HINTS.get(type, ""),
        required=table.is_required(row, column),
        faults=faults,
        blocks=blocks,
    )


def said_of(finding: Finding) -> str:
    """A finding as one sentence, with its rule."""
    expected = f" Giá trị đúng: {finding.expected}." if finding.expected else ""
    return f"{finding.message}{expected} [{finding.rule}]"
