"""A list as an HTML table: the rows that are there and some to fill, one field a cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from baocao.model.form import Form, ListTable
from baocao.model.pack_parts.lists import ListColumn, ListType
from baocao.model.submission import Finding, Severity
from baocao.web.common.form_view import CellField, field_name, offered, placed, said_of
from baocao.workflow.portal import drafts
from baocao.workflow.portal.draft_lists import MOST, TypedRow, named
from baocao.workflow.portal.drafts import FormDraft

SPARE, MORE = 5, 10
"""Empty rows on the page; how many the button adds."""
_HINTS = {
    ListType.COUNT: "số nguyên",
    ListType.DECIMAL: "số, dấu phẩy thập phân",
    ListType.DATE: "ngày/tháng/năm",
}


@dataclass(frozen=True, slots=True)
class ListView:
    """A list as the page shows it."""

    code: str
    title: str
    columns: tuple[tuple[str, str], ...]
    """(heading, hint)"""
    rows: tuple[tuple[CellField, ...], ...]
    nil_name: str
    nil: str
    reasons: tuple[str, ...]
    faults: tuple[Finding, ...]
    """of the list as a whole"""
    counted: int
    """rows that hold something"""


def cell_field(form: Form, one: ListTable, row: int, column: str) -> str:
    """The name of the field of one cell of a list; rows are counted from 0."""
    return f"l:{named(form, one)}#{row}/{column}"


def nil_field(form: Form, one: ListTable) -> str:
    """The name of the field that states a list empty."""
    return f"nil:{named(form, one)}"


def typed_rows(form: Form, one: ListTable, text: Callable[[str], str], fields: set[str]) -> list[TypedRow]:
    """The rows as they were sent from the page, wholly empty ones left out. `fields`: the names that were sent."""
    rows: list[TypedRow] = []
    start = f"l:{named(form, one)}#"
    numbers = {int(n) for f in fields if f.startswith(start) and (n := f[len(start) :].partition("/")[0]).isdigit()}
    for number in sorted(numbers)[:MOST]:
        found = {c.code: text(cell_field(form, one, number, c.code)) for c in one.columns}
        row = {code: said for code, said in found.items() if said.strip()}
        if row:
            rows.append(row)
    return rows


def form_as_sent(draft: FormDraft, form: Form, text: Callable[[str], str], fields: set[str]) -> FormDraft:
    """The draft with one form, its cells and lists, as the page sent them. `fields`: the names that were sent."""
    typed = {key: text(field_name(key)) for key in drafts.entry_cells(form)}
    rows = {f"{form.code}/{one.code}": typed_rows(form, one, text, fields) for one in form.lists}
    reasons = {named(form, one): text(nil_field(form, one)) for one in form.lists}
    return drafts.with_lists(drafts.changed(draft, form, typed, text("nil")), form, rows, reasons)


def lists_of(form: Form, draft: FormDraft, findings: Sequence[Finding], wants_more: str) -> list[ListView]:
    """The form's lists with the draft in them; the one that is named has room for more rows."""
    return [_list(form, one, draft, findings, MORE if one.code == wants_more else SPARE) for one in form.lists]


def _list(form: Form, one: ListTable, draft: FormDraft, findings: Sequence[Finding], spare: int) -> ListView:
    """The list with the draft in it and each finding at its cell; those of no cell stand before it."""
    at, whole = placed(findings, lambda name: name.startswith(f"{form.code}/{one.code}#"), one.short)
    rows, views = draft.rows.get(named(form, one), ()), []
    for number in range(1, min(len(rows) + spare, MOST) + 1):
        row = rows[number - 1] if number <= len(rows) else {}
        views.append(tuple(_cell(form, one, number, c, row.get(c.code, ""), at) for c in one.columns))
    return ListView(
        one.code,
        one.title,
        tuple((c.heading, _HINTS.get(c.type, "")) for c in one.columns),
        tuple(views),
        nil_field(form, one),
        draft.nil_lists.get(named(form, one), ""),
        form.nil_reasons or ("Không phát sinh",),
        whole,
        len(rows),
    )


def _cell(
    form: Form, one: ListTable, number: int, column: ListColumn, text: str, at: Mapping[str, list[Finding]]
) -> CellField:
    """One field of a list's row, with what was found in it."""
    found = at.get(f"{form.code}/{one.row_code(number)}/{column.code}", [])
    kind, mode = "line", "text"
    options: tuple[str, ...] = ()
    if column.type in {ListType.BOOL, ListType.CHOICE}:
        kind = "choice"
        options = offered(None if column.type is ListType.BOOL else column.options, text)
    elif column.type is ListType.TEXT:
        kind = "area"
    elif column.is_number:
        mode = "numeric" if column.type is ListType.COUNT else "decimal"
    return CellField(
        kind=kind,
        name=cell_field(form, one, number, column.code),
        label=f"Dòng {number}: {column.heading}",
        title=column.heading,
        value=text,
        options=options,
        mode=mode,
        hint=_HINTS.get(column.type, "danh sách"),
        required=column.required,
        faults=tuple(said_of(f) for f in found),
        blocks=any(f.severity is Severity.BLOCKS for f in found),
    )
