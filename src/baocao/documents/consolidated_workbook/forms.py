"""The consolidated forms: one sheet a form, the province's figures with plan, past, targets and coverage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet

from baocao.documents.consolidated_workbook.meta import SheetSource, form_heading
from baocao.documents.consolidated_workbook.style import (
    ABSENT_FILL,
    AMBER,
    GREEN,
    GREY,
    HEADER_FILL,
    RED,
    TOTAL_FILL,
    SheetWriter,
    height,
    set_up_page,
)
from baocao.documents.consolidated_workbook.tables import column_width, has_figures, heading, sheet_notes
from baocao.documents.consolidated_workbook.targets import verdict_color, wanted
from baocao.documents.row_figures import Printed, RowFigures, cell_figure, gathered, row_figures
from baocao.documents.word_report.source_texts import MARK as NOTED
from baocao.documents.word_report.source_texts import note, whose
from baocao.forms.contract import MARK, marker
from baocao.model.consolidated import plan_ratio_column
from baocao.model.form import CellKey, Column, ColumnRole, EntryLevel, Form, RollUp, Row, Table, ValueType

_NAME = 46
"""Width of the column of names."""
_NOT_FIGURES = {ColumnRole.EXPLANATION, ColumnRole.NOTE}


@dataclass(frozen=True)
class PrintedColumn:
    """A printed column: its code in the hidden row, its heading and how it is written."""

    code: str
    title: str
    group: str
    width: float
    write: Callable[[int, int, Row], None]


def write_forms(book: XlsxWorkbook, pen: SheetWriter, ground: SheetSource) -> None:
    """A sheet for every table that holds figures, in the pack's order: so each prints under its own header rows."""
    for form in ground.pack.forms:
        tables = [table for table in form.tables if has_figures(table)]
        for table in tables:
            ConsolidatedFormSheet(book, pen, ground, form, table, alone=len(tables) == 1).write()


class ConsolidatedFormSheet:
    """One consolidated table."""

    def __init__(
        self, book: XlsxWorkbook, pen: SheetWriter, ground: SheetSource, form: Form, table: Table, *, alone: bool
    ) -> None:
        self.pen, self.ground, self.form, self.table, self.alone = pen, ground, form, table, alone
        name = form.short if alone else f"{form.short[:28]} {table.code}"
        self.sheet: Worksheet = book.add_worksheet(name)
        self.targets: dict[str, list[str]] = {}
        for target in ground.pack.targets:
            code, row = target.indicator.split("/")[:2]
            if code == form.code:
                self.targets.setdefault(row, []).append(target.id)
        self.figures = {
            row.code: row_figures(ground.consolidation, form, table, row) for row in table.rows if not row.heading
        }
        self.results = {result.target_id: result for result in ground.consolidation.targets}

    def write(self) -> None:
        """Title, the table with repeated header rows, notes, print set-up."""
        fields = self._fields()
        last = 2 + len(fields)
        first = self._title(last)
        row = self._header(first, fields)
        self.sheet.freeze_panes(row, 2)
        row = self._rows(row, fields) + 1
        self.sheet.set_column(0, 0, 11)
        self.sheet.set_column(1, 1, _NAME)
        self.sheet.set_column(2, 2, 9)
        for position, field in enumerate(fields):
            self.sheet.set_column(3 + position, 3 + position, field.width)
        self._notes(row, last)
        landscape = self.form.landscape or last > 8
        draft = self.ground.meta.is_draft
        set_up_page(self.sheet, self.ground.footer, draft=draft, landscape=landscape, repeat=(first, first + 2))

    def _title(self, last: int) -> int:
        pen, sheet, ground = self.pen, self.sheet, self.ground
        half = max(1, last // 3)
        pen.merged(sheet, 0, 0, half, ground.pack.regime.authority.issuer, bold=True, align="center", font_size=12)
        pen.merged(sheet, 0, half + 1, last, form_heading(self.form), italic=True, align="right")
        line = ground.status_line
        color = {"font_color": RED, "bold": True} if ground.meta.is_draft else {"italic": True}
        pen.merged(sheet, 1, half + 1, last, line, align="right", font_size=10, **color)
        pen.merged(sheet, 2, 0, last, self._heading(), bold=True, align="center", font_size=14, text_wrap=True)
        sheet.set_row(2, 22 if self.alone else 40)
        pen.merged(sheet, 3, 0, last, ground.covered, italic=True, align="center", font_size=12)
        if self._has_money():
            note = "Đơn vị tính tiền: triệu đồng (ô giữ số chính xác đến đồng)"
            pen.merged(sheet, 4, 0, last, note, italic=True, align="right", font_size=10)
        return 5

    def _heading(self) -> str:
        title = self.form.title.upper()
        return title if self.alone or not self.table.title else f"{title}\n{self.table.title}"

    def _has_money(self) -> bool:
        return any(
            self.table.type_of(row, column) is ValueType.MONEY
            for row in self.table.rows
            for column in self.table.columns
            if self.table.applies(row, column)
        )

    def _header(self, row: int, fields: list[PrintedColumn]) -> int:
        """Group row, title row, row of column numbers, hidden code row; returns the first row of figures."""
        pen, sheet = self.pen, self.sheet
        looks = {"bold": True, "align": "center", "text_wrap": True, "border": 1, "bg_color": HEADER_FILL}
        for column, title in enumerate(("Mã", "Nội dung", "ĐVT")):
            sheet.merge_range(row, column, row + 1, column, title, pen.format(**looks))
        position = 0
        while position < len(fields):
            field = fields[position]
            end = position
            while field.group and end + 1 < len(fields) and fields[end + 1].group == field.group:
                end += 1
            if end > position:
                pen.merged(sheet, row, 3 + position, 3 + end, field.group, **looks)
                for i in range(position, end + 1):
                    pen.text(sheet, row + 1, 3 + i, fields[i].title, **looks)
            else:
                title = f"{field.group}: {field.title}" if field.group else field.title
                sheet.merge_range(row, 3 + position, row + 1, 3 + position, title, pen.format(**looks))
            position = end + 1
        sheet.set_row(row, 30)
        sheet.set_row(row + 1, 44)
        for column in range(3 + len(fields)):
            pen.text(sheet, row + 2, column, f"({column + 1})", italic=True, align="center", font_size=9, border=1)
        self._codes(row + 3, fields)
        return row + 4

    def _codes(self, row: int, fields: list[PrintedColumn]) -> None:
        looks = {"font_size": 8, "font_color": GREY}
        self.pen.text(self.sheet, row, 0, marker(self.form.code, self.table.code), **looks)
        for position, field in enumerate(fields):
            self.pen.text(self.sheet, row, 3 + position, MARK + field.code, **looks)
        self.sheet.set_row(row, None, None, {"hidden": True})

    def _rows(self, row: int, fields: list[PrintedColumn]) -> int:
        for item in self.table.rows:
            total = item.derive is not None and self.table.type_of(item, self.table.columns[0]).is_number
            looks: dict[str, Any] = {"border": 1, "text_wrap": True, "bold": item.heading or total}
            if item.heading or total:
                looks["bg_color"] = TOTAL_FILL
            code = item.item if item.heading else item.code
            centred = looks | {"align": "center", "font_size": 11 if item.heading else 9, "text_wrap": False}
            self.pen.text(self.sheet, row, 0, code, shrink=True, **centred)
            name = item.printed_name
            if self.ground.consolidation.conflict(self.form.code, item.code) is not None:
                name += NOTED
            self.pen.text(self.sheet, row, 1, name, indent=item.indent, **looks)
            unit = "triệu đồng" if item.type is ValueType.MONEY and item.unit == "đồng" else item.unit
            self.pen.text(self.sheet, row, 2, unit, **(looks | {"bold": False, "align": "center"}))
            for position, field in enumerate(fields):
                if item.heading:
                    self.pen.text(self.sheet, row, 3 + position, "", border=1, bg_color=TOTAL_FILL)
                else:
                    field.write(row, 3 + position, item)
            self.sheet.set_row(row, max(height(name, _NAME - 2 * item.indent), self._written(item)))
            row += 1
            if item.roll_up is RollUp.CLASS_COUNT:
                row = self._classes(row, item, fields)
            row = self._two_sources(row, item, fields)
        return row

    def _two_sources(self, row: int, item: Row, fields: list[PrintedColumn]) -> int:
        """Below a row that two levels report differently one row a level: code `ROW#CONG_XA`, `ROW#CONG_TINH`."""
        conflict = self.ground.consolidation.conflict(self.form.code, item.code)
        if conflict is None:
            return row
        figures = {c.key.column: c for c in conflict.cells}
        for level, code in ((EntryLevel.COMMUNE, "CONG_XA"), (EntryLevel.PROVINCE, "CONG_TINH")):
            said = whose(level, self.ground.words)
            name = f"{said[:1].upper()}{said[1:]}"
            self.pen.text(self.sheet, row, 0, f"{item.code}#{code}", align="center", font_size=9, border=1, shrink=True)
            self.pen.text(self.sheet, row, 1, name, indent=item.indent + 1, italic=True, border=1, text_wrap=True)
            self.pen.text(self.sheet, row, 2, item.unit, align="center", border=1)
            for position, field in enumerate(fields):
                two = figures.get(field.code)
                if two is not None:
                    self.pen.figure(self.sheet, row, 3 + position, two.of(level), two.type, border=1)
                else:
                    self.pen.text(self.sheet, row, 3 + position, "", border=1, bg_color=ABSENT_FILL)
            self.sheet.set_row(row, height(name, _NAME - 2 * (item.indent + 1)))
            row += 1
        return row

    def _written(self, item: Row) -> float:
        """Points that the row's own texts need."""
        if not item.heading and self.figures[item.code].change.reason:
            return 26
        return max(
            (
                height(self._gathered(CellKey(self.form.code, item.code, c.code), ValueType.TEXT), 24)
                for c in self.table.columns
                if self.table.applies(item, c) and self.table.type_of(item, c) is ValueType.TEXT
                if c.role not in _NOT_FIGURES
            ),
            default=18,
        )

    def _classes(self, row: int, item: Row, fields: list[PrintedColumn]) -> int:
        """Below a classification one row a class: code `ROW#1`, the number of units in the column of the figure."""
        table = self.table
        actual = next((c for c in table.columns if c.role is ColumnRole.ACTUAL and table.applies(item, c)), None)
        if actual is None:
            return row
        value = self.ground.consolidation.values.get(CellKey(self.form.code, item.code, actual.code))
        for number, (name, count) in enumerate(value.classes if value else (), start=1):
            code = f"{item.code}#{number}"
            self.pen.text(self.sheet, row, 0, code, align="center", font_size=9, border=1, shrink=True)
            self.pen.text(self.sheet, row, 1, name, indent=item.indent + 1, italic=True, border=1)
            self.pen.text(self.sheet, row, 2, "đơn vị", align="center", border=1)
            for position, field in enumerate(fields):
                if field.code == actual.code:
                    self.pen.figure(self.sheet, row, 3 + position, count, ValueType.COUNT, border=1)
                else:
                    self.pen.text(self.sheet, row, 3 + position, "", border=1, bg_color=ABSENT_FILL)
            row += 1
        return row

    # ------------------------------------------------------------------------------------------------ columns

    def _fields(self) -> list[PrintedColumn]:
        table = self.table
        fields = [
            PrintedColumn(
                c.code, heading(table, c), c.group or "", column_width(table, c), self._value_writer(table, c)
            )
            for c in table.columns
            if c.role not in _NOT_FIGURES
        ]
        roles = {column.role: column for column in table.columns}
        main = roles.get(ColumnRole.ACTUAL) or roles.get(ColumnRole.CLOSING)
        if main is not None and ColumnRole.PLAN_YEAR in roles:
            if plan_ratio_column(table) is None:
                fields.append(PrintedColumn(".PT_KH", "% KH năm", "", 8.5, self._beside(lambda f: f.plan_percent)))
            fields.append(PrintedColumn(".DV_KH", "Đơn vị có KH", "", 8.5, self._units(lambda f: f.planned_units)))
        if main is not None:
            against = "So cùng kỳ năm trước"
            fields += [
                PrintedColumn(".CUNG_KY", "Cùng kỳ", against, 10, self._beside(lambda f: f.previous)),
                PrintedColumn(".TANG_GIAM", "Tăng, giảm", against, 10, self._beside(lambda f: f.difference)),
                PrintedColumn(".PT_TANG_GIAM", "%", against, 9, self._beside(lambda f: f.percent)),
                PrintedColumn(".DV_SO_SANH", "Đơn vị so sánh", against, 9, self._units(lambda f: f.compared_units)),
            ]
        if any(row.code in self.targets for row in table.rows):
            fields += [
                PrintedColumn(".MUC_TIEU", "Yêu cầu", "Mục tiêu", 11, self._target_writer(verdicts=False)),
                PrintedColumn(".DANH_GIA", "Đánh giá", "Mục tiêu", 14, self._target_writer(verdicts=True)),
            ]
        fields.append(PrintedColumn(".DO_PHU", "Độ phủ", "", 9, self._coverage))
        return fields

    def _value_writer(self, table: Table, column: Column) -> Callable[[int, int, Row], None]:
        def write(row: int, at: int, item: Row) -> None:
            printed = cell_figure(self.ground.consolidation, self.form, table, item, column)
            if printed is not None:
                self._print(row, at, printed, bold=item.derive is not None)
            elif not table.applies(item, column):
                self.pen.text(self.sheet, row, at, "", border=1, bg_color=ABSENT_FILL)
            else:
                key, kind = CellKey(self.form.code, item.code, column.code), table.type_of(item, column)
                self.pen.text(self.sheet, row, at, self._gathered(key, kind), border=1, text_wrap=True, align="center")

        return write

    def _print(self, row: int, at: int, printed: Printed, **looks: Any) -> None:
        if printed.words:
            looks |= {"text_wrap": True, "align": "center", "font_size": 9}
            self.pen.text(self.sheet, row, at, printed.words, border=1, **looks)
        else:
            self.pen.figure(self.sheet, row, at, printed.value, printed.type, nil=printed.nil, border=1, **looks)

    def _gathered(self, key: CellKey, kind: ValueType) -> str:
        return gathered(self.ground.consolidation, key, kind)

    def _beside(self, of: Callable[[RowFigures], Printed]) -> Callable[[int, int, Row], None]:
        """A figure beside the form's own columns: against the plan, against last year."""

        def write(row: int, at: int, item: Row) -> None:
            self._print(row, at, of(self.figures[item.code]))

        return write

    def _units(self, of: Callable[[RowFigures], str]) -> Callable[[int, int, Row], None]:
        """How many units are behind such a figure: in red where that is not all of them."""

        def write(row: int, at: int, item: Row) -> None:
            said = of(self.figures[item.code])
            part, _, whole = said.partition("/")
            looks = {"font_color": RED} if part != whole else {}
            self.pen.text(self.sheet, row, at, said, border=1, align="center", font_size=10, **looks)

        return write

    def _target_writer(self, *, verdicts: bool) -> Callable[[int, int, Row], None]:
        def write(row: int, at: int, item: Row) -> None:
            results = [self.results[t] for t in self.targets.get(item.code, ()) if t in self.results]
            lines = [r.verdict.label if verdicts else wanted(r) for r in results]
            color = ""
            if verdicts and results:
                colors = {verdict_color(r) for r in results}
                color = next(c for c in (RED, AMBER, GREY, GREEN) if c in colors)
            looks = {"border": 1, "text_wrap": True, "align": "center", "font_size": 10}
            if color:
                looks |= {"font_color": color, "bold": color != GREY}
            self.pen.text(self.sheet, row, at, "\n".join(dict.fromkeys(lines)), **looks)

        return write

    def _coverage(self, row: int, at: int, item: Row) -> None:
        coverage = self.figures[item.code].coverage
        if coverage is None:
            self.pen.text(self.sheet, row, at, "", border=1)
            return
        looks = {"font_color": RED} if coverage.counted < coverage.expected else {}
        self.pen.text(self.sheet, row, at, str(coverage), border=1, align="center", font_size=10, **looks)

    def _notes(self, row: int, last: int) -> None:
        lines = sheet_notes(self.ground.consolidation, self.form, self.table, self.ground.words.whole)
        if self.form.assumed and not self.ground.outgoing:
            lines.append(f"Bố cục biểu là giả định: {self.form.assumption}")
        rows = {r.code for r in self.table.rows}
        zone = ZoneInfo(self.ground.pack.regime.time_zone)
        lines += [
            f"(*) {note(c, self.ground.words, zone, named=True, outgoing=self.ground.outgoing)}"
            for c in self.ground.consolidation.conflicts
            if c.form == self.form.code and c.row in rows
        ]
        for line in lines:
            self.pen.merged(self.sheet, row, 0, last, line, italic=True, font_size=9, text_wrap=True, valign="top")
            self.sheet.set_row(row, height(line, 140, 9))
            row += 1
