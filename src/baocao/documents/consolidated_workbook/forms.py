"""The consolidated forms: one sheet a form, the province's figures with plan, past, targets and coverage."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from baocao.documents.consolidated_workbook.form_columns import NOT_FIGURES, FormColumns, PrintedColumn
from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import (
    ABSENT_FILL,
    GREY,
    HEADER,
    TOTAL_FILL,
    ReportBook,
    Sheet,
    height,
    set_up_page,
)
from baocao.documents.consolidated_workbook.tables import has_figures, kinds_of, sheet_notes
from baocao.documents.row_figures import gathered
from baocao.documents.word_report.source_texts import MARK as NOTED
from baocao.documents.word_report.source_texts import note, whose
from baocao.forms.contract import MARK, marker
from baocao.model.form import CellKey, ColumnRole, EntryLevel, Form, RollUp, Row, Table, ValueType
from baocao.text import capitalised

_NAME = 46
"""Width of the column of names."""


def write_forms(book: ReportBook, source: SheetSource) -> None:
    """A sheet for every table that holds figures, in the pack's order: so each prints under its own header rows."""
    for form in source.pack.forms:
        tables = [table for table in form.tables if has_figures(table)]
        for table in tables:
            ConsolidatedFormSheet(book, source, form, table, alone=len(tables) == 1).write()


class ConsolidatedFormSheet:
    """One consolidated table."""

    def __init__(self, book: ReportBook, source: SheetSource, form: Form, table: Table, *, alone: bool) -> None:
        self.source, self.form, self.table, self.alone = source, form, table, alone
        # A sheet's name has 31 characters at most.
        self.name = form.short if alone else f"{form.short[:28]} {table.code}"
        self.sheet: Sheet = book.add_sheet(self.name)
        self.columns = FormColumns(self.sheet, source, form, table)

    def write(self) -> None:
        """Title, the table with repeated header rows, notes, print set-up."""
        fields = self.columns.printed()
        last = 2 + len(fields)
        first = self._write_title(last)
        row = self._write_header(first, fields)
        self.sheet.freeze_panes(row, 2)
        row = self._write_rows(row, fields) + 1
        self.sheet.set_column(0, 0, 11)
        self.sheet.set_column(1, 1, _NAME)
        self.sheet.set_column(2, 2, 9)
        for position, field in enumerate(fields):
            self.sheet.set_column(3 + position, 3 + position, field.width)
        self._write_notes(row, last)
        landscape = self.form.landscape or last > 8
        draft = self.source.meta.is_draft
        set_up_page(self.sheet, self.source.footer, draft=draft, landscape=landscape, repeat=(first, first + 2))

    def _write_title(self, last: int) -> int:
        sheet, source = self.sheet, self.source
        half = max(1, last // 3)
        sheet.merged(0, 0, half, source.pack.regime.authority.issuer, bold=True, align="center", font_size=12)
        sheet.merged(0, half + 1, last, source.form_heading(self.form), italic=True, align="right")
        sheet.merged(1, half + 1, last, source.status_line, align="right", font_size=10, **source.status_looks)
        sheet.merged(2, 0, last, self._heading(), bold=True, align="center", font_size=14, text_wrap=True)
        sheet.set_row(2, 22 if self.alone else 40)
        sheet.merged(3, 0, last, source.covered, italic=True, align="center", font_size=12)
        if ValueType.MONEY in kinds_of(self.table):
            note = "Đơn vị tính tiền: triệu đồng (ô giữ số chính xác đến đồng)"
            sheet.merged(4, 0, last, note, italic=True, align="right", font_size=10)
        return 5

    def _heading(self) -> str:
        title = self.form.title.upper()
        return title if self.alone or not self.table.title else f"{title}\n{self.table.title}"

    def _write_header(self, row: int, fields: list[PrintedColumn]) -> int:
        """Group row, title row, row of column numbers, hidden code row; returns the first row of figures."""
        sheet = self.sheet
        looks = HEADER
        for column, title in enumerate((self.source.row_title, "Nội dung", "ĐVT")):
            sheet.merge_range(row, column, row + 1, column, title, sheet.format(**looks))
        position = 0
        while position < len(fields):
            field = fields[position]
            end = position
            while field.group and end + 1 < len(fields) and fields[end + 1].group == field.group:
                end += 1
            if end > position:
                sheet.merged(row, 3 + position, 3 + end, field.group, **looks)
                for i in range(position, end + 1):
                    sheet.text(row + 1, 3 + i, fields[i].title, **looks)
            else:
                title = f"{field.group}: {field.title}" if field.group else field.title
                sheet.merge_range(row, 3 + position, row + 1, 3 + position, title, sheet.format(**looks))
            position = end + 1
        sheet.set_row(row, 30)
        sheet.set_row(row + 1, 44)
        for column in range(3 + len(fields)):
            sheet.text(row + 2, column, f"({column + 1})", italic=True, align="center", font_size=9, border=1)
        self._write_codes(row + 3, fields)
        return row + 4

    def _write_codes(self, row: int, fields: list[PrintedColumn]) -> None:
        codes = [(0, marker(self.form.code, self.table.code))]
        codes += [(at, MARK + field.code) for at, field in enumerate(fields, start=3)]
        self.sheet.codes(row, codes, font_color=GREY)

    def _write_rows(self, row: int, fields: list[PrintedColumn]) -> int:
        """Write the rows of the table from the sheet row `row`; returns the next free row."""
        for item in self.table.rows:
            total = item.derive is not None and self.table.type_of(item, self.table.columns[0]).is_number
            looks: dict[str, Any] = {"border": 1, "text_wrap": True, "bold": item.heading or total}
            if item.heading or total:
                looks["bg_color"] = TOTAL_FILL
            code = item.item if item.heading else self.source.numbered(self.form, item, self.name, row)
            centred = looks | {"align": "center", "font_size": 11 if item.heading else 9, "text_wrap": False}
            self.sheet.text(row, 0, code, shrink=True, **centred)
            # Recipients have the official number in the column before it.
            name = item.name if self.source.outgoing else item.printed_name
            if self.source.consolidation.conflict(self.form.code, item.code) is not None:
                name += NOTED
            self.sheet.text(row, 1, name, indent=item.indent, **looks)
            unit = "triệu đồng" if item.type is ValueType.MONEY and item.unit == "đồng" else item.unit
            self.sheet.text(row, 2, unit, **(looks | {"bold": False, "align": "center"}))
            for position, field in enumerate(fields):
                if item.heading:
                    self.sheet.text(row, 3 + position, "", border=1, bg_color=TOTAL_FILL)
                else:
                    field.write(row, 3 + position, item)
            self.sheet.set_row(row, max(height(name, _NAME - 2 * item.indent), self._points_for_texts(item)))
            row += 1
            if item.roll_up is RollUp.CLASS_COUNT:
                row = self._write_classes(row, item, fields)
            row = self._write_two_sources(row, item, fields)
        return row

    def _write_two_sources(self, row: int, item: Row, fields: list[PrintedColumn]) -> int:
        """Below a row that two levels report differently one row a level: code `ROW#CONG_XA`, `ROW#CONG_TINH`, which
        recipients do not read."""
        conflict = self.source.consolidation.conflict(self.form.code, item.code)
        if conflict is None:
            return row
        figures = {c.key.column: c for c in conflict.cells}
        for level, code in ((EntryLevel.COMMUNE, "CONG_XA"), (EntryLevel.PROVINCE, "CONG_TINH")):
            said = whose(level, self.source.words)
            name = capitalised(said)
            known = {column: (two.of(level), two.type) for column, two in figures.items()}
            self._write_below(row, item, code, (name, item.unit), fields, known, text_wrap=True)
            self.sheet.set_row(row, height(name, _NAME - 2 * (item.indent + 1)))
            row += 1
        return row

    def _write_below(
        self,
        at: int,
        item: Row,
        code: str,
        named: tuple[str, str],
        fields: list[PrintedColumn],
        known: Mapping[str, tuple[int | Decimal | Fraction | None, ValueType]],
        **looks: Any,
    ) -> None:
        """A row that the form does not have, below the one it has. `named`: its name and unit of measure; `known`:
        column -> figure and its type."""
        said = "" if self.source.outgoing else f"{item.code}#{code}"
        self.sheet.text(at, 0, said, align="center", font_size=9, border=1, shrink=True)
        self.sheet.text(at, 1, named[0], indent=item.indent + 1, italic=True, border=1, **looks)
        self.sheet.text(at, 2, named[1], align="center", border=1)
        for position, field in enumerate(fields, start=3):
            if field.code in known:
                self.sheet.figure(at, position, *known[field.code], border=1)
            else:
                self.sheet.text(at, position, "", border=1, bg_color=ABSENT_FILL)

    def _points_for_texts(self, item: Row) -> float:
        """Points that the row's own texts need."""
        if not item.heading and self.columns.figures[item.code].change.reason:
            return 26
        return max(
            (
                height(
                    gathered(self.source.consolidation, CellKey(self.form.code, item.code, c.code), ValueType.TEXT), 24
                )
                for c in self.table.columns
                if self.table.applies(item, c) and self.table.type_of(item, c) is ValueType.TEXT
                if c.role not in NOT_FIGURES
            ),
            default=18,
        )

    def _write_classes(self, row: int, item: Row, fields: list[PrintedColumn]) -> int:
        """Below a classification one row a class: code `ROW#1`, the number of units in the column of the figure."""
        table = self.table
        actual = next((c for c in table.columns if c.role is ColumnRole.ACTUAL and table.applies(item, c)), None)
        if actual is None:
            return row
        value = self.source.consolidation.values.get(CellKey(self.form.code, item.code, actual.code))
        for number, (name, count) in enumerate(value.classes if value else (), start=1):
            self._write_below(row, item, str(number), (name, "đơn vị"), fields, {actual.code: (count, ValueType.COUNT)})
            row += 1
        return row

    def _write_notes(self, row: int, last: int) -> None:
        lines = sheet_notes(self.source, self.form, self.table)
        if self.form.assumed and not self.source.outgoing:
            lines.append(f"Bố cục biểu là giả định: {self.form.assumption}")
        rows = {r.code for r in self.table.rows}
        zone = self.source.pack.regime.zone
        lines += [
            f"(*) {note(c, self.source.words, zone, named=True, outgoing=self.source.outgoing)}"
            for c in self.source.consolidation.conflicts
            if c.form == self.form.code and c.row in rows
        ]
        for line in lines:
            self.sheet.merged(row, 0, last, line, italic=True, font_size=9, text_wrap=True, valign="top")
            self.sheet.set_row(row, height(line, 140, 9))
            row += 1
