"""Lists: every row complete and of its types, no case twice and all within the period, and what
the tables say of them true. Texts are looked at like every other."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from baocao.checks.cell_specs import CellSpec, Layout
from baocao.checks.reading import Reading, printed
from baocao.checks.rules.answers import report_problem, wanted_of
from baocao.forms.blank_workbook.list_sheet import shown_type
from baocao.forms.list_figures import counted_rows, total_of
from baocao.model.form import CellKey, Column, ColumnRole, Form, ListTable, Row, Table, ValueType
from baocao.model.pack_parts.lists import ListTotal, ListType
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Answer, ListName, ListRow, Problem
from baocao.text import day_text, fold

_NAMED = 8
"""Rows named by number in one message."""


@dataclass(frozen=True, slots=True, eq=False)
class ListSpec:
    """A list of the slice, with what a finding in each of its columns is shown with."""

    name: ListName
    form: Form
    table: ListTable
    columns: tuple[tuple[Column, ValueType, tuple[str, ...]], ...]
    """column, how it is typed, what may be chosen"""
    order: int
    """after the last cell of its form"""


def list_specs(layout: Layout) -> tuple[ListSpec, ...]:
    """The lists of the slice, in printed order."""
    found = []
    for form in layout.forms:
        # Lists stand behind the tables of their form, so their findings do.
        order = max((s.order for s in layout.specs.values() if s.form is form), default=len(layout.specs))
        for one in form.lists:
            columns = tuple(
                (
                    Column(code=c.code, title=c.title, role=ColumnRole.ATTRIBUTE, type=ValueType(c.type.value)),
                    shown_type(c),
                    c.options,
                )
                for c in one.columns
            )
            found.append(ListSpec((form.code, one.code), form, one, columns, order))
    return tuple(found)


def check_lists(reading: Reading, lists: Sequence[ListSpec]) -> tuple[CellSpec, ...]:
    """Look at every list but for its texts, whose specs are returned."""
    missing = {(p.form, p.name) for p in reading.workbook.problems if p.kind == "missing_list"}
    texts: list[CellSpec] = []
    for spec in lists:
        if spec.name in missing:
            continue
        rows = reading.workbook.lists.get(spec.name, ())
        _check_rows_or_nil_reason(reading, spec, rows)
        cells = list(_specs_of(spec, rows))
        for cell_spec in cells:
            _check_cell(reading, spec, cell_spec)
        _check_duplicate_rows(reading, spec, rows, cells)
        texts += [s for s in cells if s.type is ValueType.TEXT]
    return tuple(texts)


def _specs_of(spec: ListSpec, rows: Sequence[ListRow]) -> Iterator[CellSpec]:
    """One spec a cell. Its name, from which the finding's key is made, follows the case and not its place, so that an
    explanation stays with its case when a row is inserted above it."""
    one = spec.table
    # Without validation: it only lends its code and title to findings, and a list has no rows beforehand.
    table = Table.model_construct(code=one.code, title=one.title, columns=(), rows=())
    tokens = Counter(_token(one, row) for row in rows)
    for row in rows:
        token = _token(one, row)
        # Two rows of one case share a token; then only their places distinguish them.
        name = token if token and tokens[token] == 1 else str(row.number)
        for column, type, options in spec.columns:
            if column.code not in row.cells:
                continue
            printed_row = Row.model_construct(
                code=one.row_code(row.number),
                item=f"Dòng {row.number}",
                name=one.title,
                unit=one.column(column.code).unit,
                options=options,
            )
            yield CellSpec(
                key=CellKey(spec.form.code, one.row_code(row.number), column.code),
                name=f"{spec.form.code}/{one.code}#{name}/{column.code}",
                form=spec.form,
                table=table,
                row=printed_row,
                column=column,
                type=type,
                numeric=type.is_number,
                entered=True,
                required=one.column(column.code).required,
                optional=False,
                order=spec.order,
            )


def _key_of(one: ListTable, row: ListRow) -> tuple[str, ...] | None:
    """What names the case; None when the list has no key or the row does not say it all."""
    cells = [row.cells.get(code) for code in one.key]
    if not cells or any(c is None or c.answer is not Answer.VALUE for c in cells):
        return None
    return tuple(" ".join(fold(str(c.value)).split()) for c in cells if c is not None)


def _token(one: ListTable, row: ListRow) -> str:
    key = _key_of(one, row)
    return "" if key is None else hashlib.sha256("\x1f".join(key).encode()).hexdigest()[:8]


def _check_rows_or_nil_reason(reading: Reading, spec: ListSpec, rows: Sequence[ListRow]) -> None:
    """A list has rows, or says why it has none; never both."""
    one, form, book = spec.table, spec.form, reading.workbook
    said = book.nil_lists.get(spec.name)
    whole = book.nil_forms.get(form.code) or reading.layout.pack.regime.default_nil.get(form.code)

    def tell(message: str, sheet: str, a1: str = "", expected: str = "", actual: str = "") -> None:
        reading.report_whole(
            RuleKind.ANSWERED,
            message,
            form=form,
            sheet=sheet,
            a1=a1,
            item=one.code,
            name=one.title,
            expected=expected,
            actual=actual,
            tag=one.code,
        )

    if said is not None:
        reason, sheet, a1 = said
        if rows:
            message = (
                f"Danh sách «{one.title}» đã ghi «{reason}» nhưng vẫn có {len(rows)} dòng (dòng {_lines(rows)} của "
                "trang). Hãy xóa các dòng đó, hoặc bỏ khai báo không phát sinh."
            )
            tell(message, sheet, a1, "(trống)", reason)
        elif fold(reason) not in {fold(r) for r in form.nil_reasons or ("Không phát sinh",)}:
            message = f"Lý do «{reason}» không có trong danh sách. Hãy chọn một lý do có sẵn."
            expected = "; ".join(form.nil_reasons)
            tell(message, sheet, a1, expected, reason)
    elif not rows and one.required and whole is None:
        message = (
            f"Danh sách «{one.title}» chưa có dòng nào. Hãy ghi mỗi trường hợp một dòng; nếu trong kỳ không có trường "
            "hợp nào thì chọn lý do ở ô đầu trang (hoặc gõ NP vào ô đầu tiên)."
        )
        tell(message, one.short, actual="(trống)")
    elif rows and (declared := book.nil_forms.get(form.code)) is not None:
        message = (
            f"Biểu «{form.short}» đã khai «{declared}» nhưng danh sách «{one.title}» có {len(rows)} dòng (dòng "
            f"{_lines(rows)} của trang «{one.short}»). Hãy bỏ khai báo, hoặc xóa các dòng."
        )
        sheet, a1 = book.nil_places.get(form.code, (form.short, ""))
        tell(message, sheet, a1, "(trống)", declared)


def _lines(rows: Sequence[ListRow]) -> str:
    """`12-14, 17`: rows of the sheet as a spreadsheet counts them."""
    runs: list[list[int]] = []
    for line in (row.line for row in rows):
        if runs and line == runs[-1][1] + 1:
            runs[-1][1] = line
        else:
            runs.append([line, line])
    told = [str(first) if first == last else f"{first}-{last}" for first, last in runs[:_NAMED]]
    return ", ".join(told) + (", …" if len(runs) > _NAMED else "")


def _check_cell(reading: Reading, spec: ListSpec, cell_spec: CellSpec) -> None:
    """Report a list cell that is unreadable, empty though required, or a date outside the period."""
    cell = reading.cell(cell_spec.key)
    column = spec.table.column(cell_spec.key.column)
    if cell is None:
        return
    if cell.answer is Answer.INVALID:
        if cell.problem is Problem.NOT_WHOLE and column.scale > 1:
            message = f"«{cell.raw}» {column.unit} lẻ đến dưới một đồng. Hãy ghi số tiền tròn đồng."
            reading.report(RuleKind.VALUE_TYPE, cell_spec, message, expected="số tiền tròn đồng", actual=cell.raw)
        else:
            report_problem(reading, cell_spec, cell)
    elif cell.answer is Answer.BLANK:
        if column.required:
            wanted = wanted_of(cell_spec)
            message = (
                f"Dòng {cell_spec.row.item.removeprefix('Dòng ')} của danh sách chưa ghi «{column.title}». Hãy nhập "
                f"{wanted}; không có thì nhập NP. Nếu dòng này thừa thì xóa cả dòng."
            )
            reading.report(RuleKind.ANSWERED, cell_spec, message, expected=wanted, actual="(trống)")
    elif column.type is ListType.DATE and column.in_period and isinstance(cell.value, date):
        _check_date_in_period(reading, cell_spec, cell.value)


def _check_date_in_period(reading: Reading, spec: CellSpec, day: date) -> None:
    """After the period, or before it."""
    first, last = reading.period.covers_from, reading.period.cutoff_on
    if first <= day <= last:
        return
    expected = f"từ {day_text(first)} đến hết {day_text(last)}"
    if day > last:
        message = f"Ngày {day_text(day)} sau ngày chốt số liệu {day_text(last)}. Việc sau ngày chốt thuộc kỳ sau: "
    else:
        message = f"Ngày {day_text(day)} trước ngày đầu kỳ {day_text(first)}. Việc của kỳ trước không ghi ở kỳ này: "
    message += "hãy sửa ngày hoặc xóa dòng này."
    kind = RuleKind.NOT_AFTER_CUTOFF if day > last else RuleKind.LIST_ROWS
    reading.report(
        kind,
        spec,
        message,
        expected=expected,
        actual=day_text(day),
    )


def _check_duplicate_rows(reading: Reading, spec: ListSpec, rows: Sequence[ListRow], cells: Sequence[CellSpec]) -> None:
    """The second row of a case names the first."""
    one, firsts = spec.table, dict[tuple[str, ...], ListRow]()
    by_key = {s.key: s for s in cells}
    for row in rows:
        key = _key_of(one, row)
        if key is None:
            continue
        first = firsts.setdefault(key, row)
        if first is row:
            continue
        titles = ", ".join(f"«{one.column(code).title}»" for code in one.key)
        at = by_key[CellKey(spec.form.code, one.row_code(row.number), one.key[0])]
        reading.report(
            RuleKind.LIST_ROWS,
            at,
            f"Dòng {row.number} trùng dòng {first.number} (dòng {first.line} của trang) ở {titles}. Mỗi trường hợp chỉ "
            "ghi một dòng: hãy xóa dòng thừa hoặc sửa cho đúng.",
            expected="không trùng dòng khác",
            actual=" · ".join(row.cells[code].raw for code in one.key),
        )


def check_totals(reading: Reading, lists: Sequence[ListSpec]) -> None:
    """Told at the table's cell, with the list's sheet and rows."""
    # What cannot be counted is not held against the table; the unit hears of the list itself.
    missing = {(p.form, p.name) for p in reading.workbook.problems if p.kind in {"missing_list", "missing_column"}}
    for spec in lists:
        rows = reading.workbook.lists.get(spec.name, ())
        for total in spec.table.totals:
            # Of a column the problem names the code, of a list the list's.
            if missing.isdisjoint({spec.name, (spec.form.code, total.sum)}):
                _check_total(reading, spec, total, rows)


def _check_total(reading: Reading, spec: ListSpec, total: ListTotal, rows: Sequence[ListRow]) -> None:
    """Report a form cell that differs from the count or sum of the list rows it must equal."""
    target = reading.layout.specs.get(CellKey.parse(total.cell))
    if target is None or target.key in reading.at_fault:
        return
    figure, counted = reading.figure(target.key), counted_rows(total, rows)
    if figure is None or counted is None:
        return
    said = total_of(total, counted)
    if said is None or figure == said:
        return
    one = spec.table
    where = f"trang «{one.short}»" + (f", dòng {_lines(counted)}" if counted else "")
    reading.report(
        RuleKind.LIST_TOTAL,
        target,
        f"Ô này ghi {printed(figure, target.type)} nhưng danh sách «{one.title}» ({where}) có {one.described(total)} "
        f"là {printed(said, target.type)}. Hãy sửa số ở ô này, hoặc bổ sung, sửa dòng ở danh sách cho khớp.",
        expected=said,
        actual=figure,
        suggestion=said,
        tag=total.id,
    )
