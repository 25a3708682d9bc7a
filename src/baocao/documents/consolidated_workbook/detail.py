"""The detail sheets: one row a unit with every cell it entered, and the totals that lead to the consolidated sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xlsxwriter.format import Format

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import (
    ABSENT_FILL,
    GREY,
    HEADER,
    NIL_ENTRY,
    TOTAL_FILL,
    ReportBook,
    Sheet,
    number_format,
    print_only_the_head,
    set_up_wide_page,
)
from baocao.documents.consolidated_workbook.tables import column_heading, exception_in_words, has_figures
from baocao.forms.contract import MARK, column_name
from baocao.forms.reading.numbers import format_value
from baocao.model.form import CellKey, Column, ColumnRole, Form, RollUp, Row, Table, ValueType
from baocao.model.submission import AcceptedCells, Answer, Cell, Timeliness
from baocao.model.unit import Unit
from baocao.rounding import ROUNDED
from baocao.text import capitalised

_FIRST = 3
"""Columns before the cells: code, name, note."""
_HEAD = 5
"""Zero-based row of the item headings; the hidden code row is above it, out of the way of the filter."""
Spec = tuple[CellKey, Table, Row, Column]


def write_details(book: ReportBook, source: SheetSource, accepted: Sequence[AcceptedCells]) -> None:
    """A sheet `CT <form>` for every form with figures; narrative forms have theirs as they are."""
    sent = {submission.unit: submission for submission in accepted}
    for form in source.pack.forms:
        specs = _specs(source, form)
        if specs and any(has_figures(table) for table in form.tables):
            DetailSheet(book, source, form, specs, sent).write()


def _specs(source: SheetSource, form: Form) -> list[Spec]:
    """The entered cells in printed order; explanation cells only where somebody wrote one."""
    return [
        (key, table, row, column)
        for key, (table, row, column) in form.cells.items()
        if table.is_entered(row, column)
        # Hundreds of empty columns of explanations would part the figures from one another.
        and (column.role is not ColumnRole.EXPLANATION or key in source.consolidation.texts)
    ]


class DetailSheet:
    """One form, unit by unit."""

    def __init__(
        self,
        book: ReportBook,
        source: SheetSource,
        form: Form,
        specs: list[Spec],
        sent: Mapping[str, AcceptedCells],
    ) -> None:
        self.source, self.form, self.specs, self.sent = source, form, specs, sent
        self.sheet: Sheet = book.add_sheet(f"CT {form.code}")
        everybody = [*source.consolidation.expected, *source.consolidation.waived]
        # Communes first and together: the sums below are ranges of rows.
        self.units = sorted(everybody, key=lambda u: (u.is_lead_body, u.code))
        self.kinds = [table.type_of(row, column) for _, table, row, column in specs]
        self.whole = [
            self.sheet.format(border=1, align="right", num_format=number_format(kind, 0)) for kind in self.kinds
        ]
        self.nil = self.sheet.format(border=1, align="center", font_color=GREY)
        self.communes = sum(not u.is_lead_body for u in self.units)

    def write(self) -> None:
        """Headings, one row a unit (communes by code, then provincial bodies), totals."""
        last = _FIRST + len(self.specs) - 1
        sheet = self.sheet
        title = f"SỐ LIỆU CHI TIẾT THEO ĐƠN VỊ - {self.form.title.upper()}"
        sheet.text(0, 0, title, bold=True, font_size=14)
        sheet.text(1, 0, f"{self.source.form_heading(self.form)}. {self.source.covered}", italic=True)
        money = any(t.type_of(r, c) is ValueType.MONEY for _, t, r, c in self.specs)
        note = f"{NIL_ENTRY}: đơn vị khai không phát sinh hoặc không thuộc phạm vi; ô trống: không có số liệu."
        if money:
            note += f" Tiền hiện theo triệu đồng, ô giữ số chính xác đến đồng. {ROUNDED}"
        sheet.text(2, 0, note, italic=True, font_size=10)
        print_only_the_head(sheet, 3, 14)
        self._write_header()
        first = _HEAD + 2
        for position, unit in enumerate(self.units):
            self._write_unit(first + position, unit)
        end = first + len(self.units) - 1
        self._write_totals(end + 1, first)
        if self.units:
            # Frames the cells left blank with one rule instead of one cell each.
            framed = {"type": "blanks", "format": sheet.format(border=1)}
            sheet.conditional_format(first, _FIRST, end, last, framed)
            sheet.autofilter(_HEAD + 1, 0, end, last)
        sheet.freeze_panes(first, 2)
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, 1, 26)
        sheet.set_column(2, 2, 16)
        for position, (_, table, row, column) in enumerate(self.specs):
            sheet.set_column(_FIRST + position, _FIRST + position, _width(table.type_of(row, column)))
        rows = [row.code for _, _, row, _ in self.specs]
        set_up_wide_page(
            sheet,
            self.source.footer,
            draft=self.source.meta.is_draft,
            repeat=(_HEAD, _HEAD + 1),
            widths=[10, 26, 16, *(_width(kind) for kind in self.kinds)],
            starts=[0, *(_FIRST + n for n, code in enumerate(rows) if n and code != rows[n - 1])],
        )

    def _write_header(self) -> None:
        """The hidden code row, item headings, column titles (the filter row)."""
        looks = HEADER
        for at, title in enumerate(("Mã đơn vị", "Đơn vị", "Tình trạng")):
            self.sheet.text(_HEAD, at, "", **looks)
            self.sheet.text(_HEAD + 1, at, title, **looks)
        position = 0
        while position < len(self.specs):
            row = self.specs[position][2]
            end = position
            while end + 1 < len(self.specs) and self.specs[end + 1][2].code == row.code:
                end += 1
            name = row.name if not row.item else f"{row.item} {row.name}"
            small = looks | {"font_size": 9}
            self.sheet.merged(_HEAD, _FIRST + position, _FIRST + end, name, **small)
            for i in range(position, end + 1):
                _, table, _, column = self.specs[i]
                self.sheet.text(_HEAD + 1, _FIRST + i, column_heading(table, column), **small)
            position = end + 1
        self.sheet.set_row(_HEAD, 62)
        self.sheet.set_row(_HEAD + 1, 46)
        codes = [(0, f"{MARK}CT.{self.form.code}")]
        codes += [(at, f"{MARK}{key.row}/{key.column}") for at, (key, *_) in enumerate(self.specs, start=_FIRST)]
        self.sheet.codes(_HEAD - 1, codes, font_color=GREY)

    def _write_unit(self, at: int, unit: Unit) -> None:
        submission = self.sent.get(unit.code)
        kept = None if submission is None else self.source.meta.timeliness.get(unit.code, Timeliness.ON_TIME)
        note, color = exception_in_words(kept, waived=unit in self.source.consolidation.waived)
        looks = {"border": 1, "bold": unit.is_lead_body}
        self.sheet.text(at, 0, unit.code, align="center", **looks)
        self.sheet.text(at, 1, unit.full_name, **looks)
        self.sheet.text(at, 2, note, border=1, font_size=9, font_color=color)
        if submission is None:
            empty = self.sheet.format(border=1, bg_color=ABSENT_FILL)
            for position in range(len(self.specs)):
                self.sheet.write_blank(at, _FIRST + position, None, empty)
            return
        cells = submission.cells
        for position, (key, *_) in enumerate(self.specs):
            cell = cells.get(key)
            if cell is not None and cell.answer is not Answer.BLANK:
                self._write_cell(at, _FIRST + position, cell, self.kinds[position], self.whole[position])

    def _write_cell(self, at: int, column: int, cell: Cell, kind: ValueType, whole: Format) -> None:
        if cell.answer is Answer.NIL:
            self.sheet.write_string(at, column, NIL_ENTRY, self.nil)
        # First the common case, by exact type: a bool is an int as well. Hundreds of units have thousands of such
        # cells.
        elif type(cell.value) is int:
            self.sheet.write_number(at, column, cell.value, whole)
        elif cell.answer is Answer.VALUE and cell.value is not None:
            if kind.is_number:
                self.sheet.figure(at, column, cell.value, kind, border=1)  # type: ignore[arg-type]
            else:
                text = format_value(cell.value, kind)
                centred = kind is not ValueType.TEXT
                self.sheet.text(at, column, text, border=1, align="center" if centred else "left", font_size=10)

    def _write_totals(self, at: int, first: int) -> None:
        """`Cộng cấp xã` and `Cộng cấp tỉnh` as live sums and counts of the rows above; `Toàn tỉnh` as consolidated."""
        words = self.source.words
        bodies = first + self.communes
        end = first + len(self.units) - 1
        lines = (
            ("CONG_XA", f"Cộng {words.unit_level}", first, bodies - 1),
            # Without a body that reports there is nothing to add up at its level.
            *([("CONG_TINH", f"Cộng {words.top_level}", bodies, end)] if bodies <= end else []),
            ("TOAN_TINH", capitalised(words.whole), 0, -1),
        )
        for offset, (code, title, low, high) in enumerate(lines):
            looks = {"border": 1, "bold": True, "bg_color": TOTAL_FILL}
            shown = "" if self.source.outgoing else code
            self.sheet.text(at + offset, 0, shown, align="center", font_size=9, **looks)
            self.sheet.text(at + offset, 1, title, **looks)
            self.sheet.text(at + offset, 2, "", **looks)
            for position, spec in enumerate(self.specs):
                self._write_total(at + offset, _FIRST + position, spec, code, low, high)

    def _write_total(self, at: int, column: int, spec: Spec, code: str, low: int, high: int) -> None:
        """Write one cell of a total row; `low`, `high` are the sheet rows, from 0, that a formula sums."""
        key, table, row, form_column = spec
        kind = table.type_of(row, form_column)
        looks: dict[str, Any] = {"border": 1, "bold": True, "bg_color": TOTAL_FILL}
        value = self.source.consolidation.values.get(key)
        if value is None:
            self.sheet.text(at, column, "", **looks)
            return
        # As a value and not as a formula: it need not be the sum of the rows above (ratios, counts of units, the
        # body's figure of two).
        if code == "TOAN_TINH":
            self.sheet.figure(at, column, value.value, kind if kind.is_number else ValueType.COUNT, **looks)
            return
        part = value.communes if code == "CONG_XA" else value.provincial
        if part is None or high < low:
            self.sheet.text(at, column, "", **looks)
            return
        letters = column_name(column)
        cells = f"{letters}{low + 1}:{letters}{high + 1}"
        formula = f"=SUM({cells})"
        if row.roll_up is RollUp.YES_COUNT:
            formula = f'=COUNTIF({cells},"Có")'
        elif row.roll_up is RollUp.CLASS_COUNT:
            formula = f'=COUNTA({cells})-COUNTIF({cells},"{NIL_ENTRY}")'
        shown = kind if kind.is_number else ValueType.COUNT
        cell_format = self.sheet.format(align="right", num_format=number_format(shown, part), **looks)
        # With the value we computed: programs that do not recalculate show it.
        self.sheet.write_formula(at, column, formula, cell_format, int(part) if isinstance(part, int) else float(part))


def _width(kind: ValueType) -> float:
    return {ValueType.MONEY: 11, ValueType.TEXT: 18, ValueType.CHOICE: 10, ValueType.DATE: 11}.get(kind, 9)
