"""The printed columns of a consolidated form: its own, and beside them plan, last year, targets and coverage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import ABSENT_FILL, AMBER, GREEN, GREY, RED, Sheet
from baocao.documents.consolidated_workbook.tables import column_width, heading
from baocao.documents.consolidated_workbook.targets import verdict_color, wanted
from baocao.documents.row_figures import Printed, RowFigures, cell_figure, gathered, row_figures
from baocao.model.consolidated import plan_ratio_column
from baocao.model.form import CellKey, Column, ColumnRole, Form, Row, Table

NOT_FIGURES = {ColumnRole.EXPLANATION, ColumnRole.NOTE}


@dataclass(frozen=True)
class PrintedColumn:
    """A printed column: its code in the hidden row, its heading and how it is written."""

    code: str
    title: str
    group: str
    width: float
    write: Callable[[int, int, Row], None]


class FormColumns:
    """How the cells of one table are written, column by column."""

    def __init__(self, sheet: Sheet, source: SheetSource, form: Form, table: Table) -> None:
        self.sheet, self.source, self.form, self.table = sheet, source, form, table
        self.targets: dict[str, list[str]] = {}
        for target in source.pack.targets:
            code, row = target.indicator.split("/")[:2]
            if code == form.code:
                self.targets.setdefault(row, []).append(target.id)
        self.figures = {
            row.code: row_figures(source.consolidation, form, table, row) for row in table.rows if not row.heading
        }
        self.results = {result.target_id: result for result in source.consolidation.targets}

    def printed(self) -> list[PrintedColumn]:
        """The form's own columns, then plan, last year, targets and coverage where the table has them."""
        table = self.table
        fields = [
            PrintedColumn(
                c.code, heading(table, c), c.group or "", column_width(table, c), self._value_writer(table, c)
            )
            for c in table.columns
            if c.role not in NOT_FIGURES
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
            printed = cell_figure(self.source.consolidation, self.form, table, item, column)
            if printed is not None:
                self.sheet.printed(row, at, printed, wrapped=True, border=1, bold=item.derive is not None)
            elif not table.applies(item, column):
                self.sheet.text(row, at, "", border=1, bg_color=ABSENT_FILL)
            else:
                key, kind = CellKey(self.form.code, item.code, column.code), table.type_of(item, column)
                self.sheet.text(
                    row,
                    at,
                    gathered(self.source.consolidation, key, kind),
                    border=1,
                    text_wrap=True,
                    align="center",
                )

        return write

    def _beside(self, of: Callable[[RowFigures], Printed]) -> Callable[[int, int, Row], None]:
        """A figure beside the form's own columns: against the plan, against last year."""

        def write(row: int, at: int, item: Row) -> None:
            self.sheet.printed(row, at, of(self.figures[item.code]), wrapped=True, border=1)

        return write

    def _units(self, of: Callable[[RowFigures], str]) -> Callable[[int, int, Row], None]:
        """How many units are behind such a figure: in red where that is not all of them."""

        def write(row: int, at: int, item: Row) -> None:
            self._share(row, at, of(self.figures[item.code]))

        return write

    def _share(self, row: int, at: int, said: str) -> None:
        part, _, whole = said.partition("/")
        looks = {"font_color": RED} if part != whole else {}
        self.sheet.text(row, at, said, border=1, align="center", font_size=10, **looks)

    def _target_writer(self, *, verdicts: bool) -> Callable[[int, int, Row], None]:
        def write(row: int, at: int, item: Row) -> None:
            results = [self.results[t] for t in self.targets.get(item.code, ()) if t in self.results]
            lines = [r.verdict.label if verdicts else wanted(r) for r in results]
            colors = {verdict_color(r) for r in results} if verdicts else set()
            # Of several targets of one row the worst gives the colour.
            color = next((c for c in (RED, AMBER, GREY, GREEN) if c in colors), "")
            looks = {"border": 1, "text_wrap": True, "align": "center", "font_size": 10}
            if color:
                looks |= {"font_color": color, "bold": color != GREY}
            self.sheet.text(row, at, "\n".join(dict.fromkeys(lines)), **looks)

        return write

    def _coverage(self, row: int, at: int, item: Row) -> None:
        coverage = self.figures[item.code].coverage
        if coverage is None:
            self.sheet.text(row, at, "", border=1)
        else:
            self._share(row, at, str(coverage))
