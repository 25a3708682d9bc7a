"""Consolidated lists: a sheet for each, every unit's rows under one another with the unit beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import (
    GREY,
    NIL_ENTRY,
    RED,
    TOTAL_FILL,
    ReportBook,
    Sheet,
    height,
    set_up_page,
)
from baocao.forms.contract import MARK
from baocao.forms.reading.numbers import format_value
from baocao.model.form import Form, ListTable, ValueType
from baocao.model.pack_parts.lists import ListColumn, ListType
from baocao.model.pack_views import entered_by
from baocao.model.submission import AcceptedCells, Answer, Cell, ListName, ListRow
from baocao.text import day_text, fold

_BEFORE = (("STT", 6.0), ("Mã đơn vị", 11.0), ("Đơn vị", 26.0))
_BEHIND = (("Nguồn (trang, dòng)", 20.0), ("Bài nộp", 8.0), ("Ghi chú", 26.0))
_WIDTHS = {ListType.TEXT: 30.0, ListType.CHOICE: 20.0, ListType.MONEY: 16.0, ListType.DATE: 12.0}
_HEAD = 5
"""Zero-based row of the headings; the hidden code row is above it."""

Case = tuple[AcceptedCells, ListRow]


def write_lists(book: ReportBook, source: SheetSource, accepted: Sequence[AcceptedCells]) -> None:
    """A sheet `DS <form> <list>` for every list of the period's forms."""
    for form in source.pack.forms:
        for one in form.lists:
            _write(book, source, form, one, accepted)


def list_sheet_name(form: Form, one: ListTable) -> str:
    """The sheet that gathers a list of all units; at most 31 characters, as a spreadsheet allows."""
    return f"DS {form.code} {one.code}"[:31]


def cases_of(name: ListName, accepted: Sequence[AcceptedCells]) -> Iterator[Case]:
    """Every unit's rows, units by code, rows as they stand in the unit's workbook."""
    for submission in sorted(accepted, key=lambda a: a.unit):
        for row in submission.lists.rows.get(name, ()):
            yield submission, row


def list_columns(one: ListTable) -> list[tuple[str, float]]:
    """Heading and width of the list's own columns."""
    return [(c.heading, c.width or _WIDTHS.get(c.type, 12.0)) for c in one.columns]


def write_list_head(
    sheet: Sheet,
    one: ListTable,
    columns: Sequence[tuple[str, float]],
    before: Sequence[str],
    head: int,
    said_of: str,
    summary: str,
) -> None:
    """Title, form and period, summary, hidden codes and headings. `columns`: all of the sheet; `before`: codes of those
    before the list's own, which stay in view; `head`: zero-based row of the headings, the codes are above it."""
    last = len(columns) - 1
    sheet.merged(0, 0, last, one.title.upper(), bold=True, align="center", font_size=14, text_wrap=True)
    sheet.merged(1, 0, last, said_of, italic=True, align="center")
    sheet.merged(2, 0, last, summary, text_wrap=True, valign="top")
    codes = enumerate((*before, *(c.code for c in one.columns)))
    sheet.codes(head - 1, [(at, MARK + code) for at, code in codes if code], font_color=GREY)
    sheet.table_header(head, [title for title, _ in columns])
    sheet.widths(width for _, width in columns)
    sheet.freeze_panes(head + 1, len(before))


def _write(
    book: ReportBook,
    source: SheetSource,
    form: Form,
    one: ListTable,
    accepted: Sequence[AcceptedCells],
) -> None:
    """Write one sheet: the rows of a list from all units and, for the office, what is to be looked at."""
    sheet, name = book.add_sheet(list_sheet_name(form, one)), (form.code, one.code)
    cases = list(cases_of(name, accepted))
    behind = () if source.outgoing else _BEHIND
    columns = [*_BEFORE, *list_columns(one), *behind]
    last = len(columns) - 1
    said_of = f"{source.form_heading(form)}. {source.covered}"
    write_list_head(sheet, one, columns, ("", "UNIT", ""), _HEAD, said_of, _summary(source, name, accepted, len(cases)))
    sheet.set_row(2, 34)
    if source.status_line:
        sheet.merged(3, 0, last, source.status_line, bold=True, align="center", font_color=RED)
    sheet.set_row(_HEAD, 34)
    doubles = _said_twice(one, cases)
    for number, (submission, row) in enumerate(cases, 1):
        at = _HEAD + number
        texts = (str(number), submission.unit, source.unit_name(submission.unit))
        for position, text in enumerate(texts):
            align = {"align": "center"} if position == 0 else {}
            sheet.text(at, position, text, border=1, text_wrap=True, valign="top", **align)
        for position, column in enumerate(one.columns, len(_BEFORE)):
            write_list_cell(sheet, at, position, column, row.cells.get(column.code))
        said: tuple[str, ...] = ()
        if behind:
            said = _behind(source, one, submission, row, doubles)
            for position, text in enumerate(said, len(_BEFORE) + len(one.columns)):
                sheet.text(at, position, text, border=1, font_size=10, text_wrap=True, valign="top")
        written = [*texts, *(_written(row.cells.get(c.code)) for c in one.columns), *said]
        sheet.set_row(at, max(height(text, width) for text, (_, width) in zip(written, columns, strict=True)))
    _write_totals(sheet, one, cases, _HEAD + len(cases) + 1, last)
    if cases:
        sheet.autofilter(_HEAD, 0, _HEAD + len(cases), last)
    set_up_page(sheet, source.footer, draft=source.meta.is_draft and not source.outgoing, repeat=(_HEAD, _HEAD))


def _summary(source: SheetSource, name: ListName, accepted: Sequence[AcceptedCells], cases: int) -> str:
    """How many cases of how many units, who said there is none, and who said nothing."""
    with_rows = [a.unit for a in accepted if a.lists.rows.get(name)]
    empty = [a.unit for a in accepted if name in a.lists.nil]
    asked = [u for u in source.consolidation.expected if _asks(source, u.code, name)]
    silent = [u.full_name for u in asked if u.code not in {a.unit for a in accepted}]
    text = f"{cases} trường hợp của {len(with_rows)} đơn vị"
    if empty:
        text += f"; {len(empty)} đơn vị khai không phát sinh"
    if silent:
        text += f"; chưa có báo cáo của {', '.join(silent)}"
    return text + "."


def _asks(source: SheetSource, unit: str, name: ListName) -> bool:
    known = source.pack.unit(unit)
    forms = () if known is None else entered_by(source.pack, known)
    return any(form.code == name[0] and form.list_table(name[1]) is not None for form in forms)


def _written(cell: Cell | None) -> str:
    return cell.value if cell is not None and isinstance(cell.value, str) else ""


def write_list_cell(sheet: Sheet, at: int, position: int, column: ListColumn, cell: Cell | None) -> None:
    """One fact about a case, in the unit of its column."""
    looks: dict[str, Any] = {"border": 1, "valign": "top"}
    if cell is None or cell.answer is Answer.BLANK:
        sheet.text(at, position, "", **looks)
    elif cell.answer is Answer.NIL:
        sheet.text(at, position, NIL_ENTRY, align="center", font_color=GREY, **looks)
    elif column.is_number and isinstance(cell.value, int | Decimal):
        _write_number(sheet, at, position, column, cell.value, **looks)
    elif isinstance(cell.value, date):
        sheet.text(at, position, day_text(cell.value), align="center", **looks)
    else:
        said = format_value(cell.value, ValueType.TEXT)
        sheet.text(at, position, said, text_wrap=True, **looks)


def _key(one: ListTable, row: ListRow) -> tuple[str, ...]:
    cells = [row.cells.get(code) for code in one.key]
    return tuple(fold(str(c.value)) for c in cells if c is not None and c.answer is Answer.VALUE)


def _said_twice(one: ListTable, cases: Sequence[Case]) -> dict[tuple[str, ...], list[str]]:
    """Key -> the units that report the same case, where they are several."""
    found: dict[tuple[str, ...], list[str]] = {}
    for submission, row in cases:
        key = _key(one, row)
        # A case whose key is not complete is like no other.
        if one.key and len(key) == len(one.key):
            found.setdefault(key, []).append(submission.unit)
    # Of several units: twice within one unit is that unit's finding (kind `list_rows`).
    return {key: units for key, units in found.items() if len(Counter(units)) > 1}


def _behind(
    source: SheetSource,
    one: ListTable,
    submission: AcceptedCells,
    row: ListRow,
    doubles: dict[tuple[str, ...], list[str]],
) -> tuple[str, str, str]:
    others = [u for u in doubles.get(_key(one, row), ()) if u != submission.unit]
    named = ", ".join(map(source.unit_name, others))
    note = f"Trùng khóa với {named}: kiểm tra có phải một trường hợp" if others else ""
    place = next(iter(row.cells.values()), None)
    return f"{place.sheet if place else one.short}, dòng {row.line}", str(submission.submission_id), note


def _write_totals(sheet: Sheet, one: ListTable, cases: Sequence[Case], at: int, last: int) -> None:
    """The number of cases, and the sums of the columns of figures."""
    looks: dict[str, Any] = {"border": 1, "bold": True, "bg_color": TOTAL_FILL}
    for position in (0, *range(len(_BEFORE) + len(one.columns), last + 1)):
        sheet.text(at, position, "", **looks)
    sheet.text(at, 1, "Cộng", **looks)
    sheet.text(at, 2, f"{len(cases)} trường hợp", **looks)
    for position, column in enumerate(one.columns, len(_BEFORE)):
        found = [c.value for _, row in cases if (c := row.cells.get(column.code)) is not None]
        values = [v for v in found if isinstance(v, int | Decimal) and not isinstance(v, bool)]
        if column.is_number and values:
            _write_number(sheet, at, position, column, sum(values), **looks)
        else:
            sheet.text(at, position, "", **looks)


def _write_number(sheet: Sheet, at: int, position: int, column: ListColumn, value: int | Decimal, **looks: Any) -> None:
    """In the unit of the column; money is kept in đồng."""
    shown = Decimal(value) / column.scale
    number = "#,##0" if shown == int(shown) else "#,##0.0###"
    sheet.write_number(at, position, float(shown), sheet.format(align="right", num_format=number, **looks))
