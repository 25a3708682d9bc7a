"""The resources in one view: project against source and nature of money, with totals and percent disbursed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import (
    HEADER,
    TOTAL_FILL,
    ReportBook,
    Sheet,
    height,
    set_up_page,
)
from baocao.documents.row_figures import share_figure
from baocao.forms.contract import MARK
from baocao.model.form import CellKey, ColumnRole, Form, Row, Table, ValueType
from baocao.rounding import ROUNDED

_SHOWN = (ColumnRole.PLAN_YEAR, ColumnRole.CUMULATIVE_YEAR)
_TITLES = ("Kế hoạch giao", "Lũy kế giải ngân", "%")


@dataclass(frozen=True)
class SourceMatrix:
    """A table whose totals are made of the same list of sources each: rows are the totals, columns the sources."""

    table: Table
    rows: tuple[Row, ...]
    sources: tuple[str, ...]
    parts: dict[str, tuple[tuple[str, ...], ...]]
    """row -> for each source the codes of the entered rows that make it up"""


def matrix_of(table: Table) -> SourceMatrix | None:
    """The matrix behind a money table, or None when its totals do not all split into the same sources."""
    by_code = {row.code: row for row in table.rows}
    parts: dict[str, tuple[tuple[str, ...], ...]] = {}

    def split(row: Row) -> tuple[tuple[str, ...], ...] | None:
        if row.code in parts:
            return parts[row.code]
        # A difference or a ratio is no sum of sources.
        if row.derive is None or row.derive.linear is None or row.derive.linear.minus:
            return None
        below = [by_code.get(code) for code in row.derive.linear.plus]
        if any(b is None for b in below):
            return None
        rows = [b for b in below if b is not None]
        # A sum of entered rows: its parts are the sources. A sum of sums takes over the sources of its parts, place
        # by place.
        if all(b.derive is None for b in rows):
            found: tuple[tuple[str, ...], ...] = tuple((b.code,) for b in rows)
        else:
            nested = [split(b) for b in rows]
            known = [n for n in nested if n is not None]
            if len(known) != len(nested) or len({len(n) for n in known}) != 1:
                return None
            found = tuple(tuple(code for n in known for code in n[i]) for i in range(len(known[0])))
        parts[row.code] = found
        return found

    totals = tuple(row for row in table.rows if row.derive is not None)
    if not totals or any(split(row) is None for row in totals) or len({len(p) for p in parts.values()}) != 1:
        return None
    names = {tuple(by_code[codes[0]].name for codes in parts[row.code]) for row in totals}
    # The same number of parts does not make the same sources: their printed names must agree.
    if len(names) != 1:
        return None
    sources = tuple(name.lstrip("- ") for name in names.pop())
    return SourceMatrix(table, totals, sources, parts)


def write_resources(book: ReportBook, source: SheetSource) -> None:
    """A sheet `<form> theo nguồn` for every money table that is a matrix of projects and sources."""
    for form in source.pack.forms:
        for table in form.tables:
            roles = {column.role for column in table.columns}
            money = any(row.type is ValueType.MONEY for row in table.rows)
            if money and roles.issuperset(_SHOWN) and (matrix := matrix_of(table)) is not None:
                _SourcesSheet(book, source, form, matrix).write()


class _SourcesSheet:
    def __init__(self, book: ReportBook, source: SheetSource, form: Form, matrix: SourceMatrix) -> None:
        self.source, self.form, self.matrix = source, form, matrix
        self.name = f"{form.code} theo nguồn"
        self.sheet: Sheet = book.add_sheet(self.name)
        by_role = {column.role: column.code for column in matrix.table.columns}
        self.columns = tuple(by_role[role] for role in _SHOWN)

    def write(self) -> None:
        """Title, a header of source groups, one row a project, total first as in the form."""
        sheet, source = self.sheet, self.source
        last = 1 + 3 * (1 + len(self.matrix.sources))
        sheet.merged(0, 0, last, source.form_heading(self.form), italic=True, align="right")
        sheet.merged(1, 0, last, source.status_line, align="right", font_size=10, **source.status_looks)
        title = f"{self.form.title} - theo {source.pack.regime.wording.project} và nguồn vốn".upper()
        sheet.merged(2, 0, last, title, bold=True, align="center", font_size=14)
        sheet.merged(3, 0, last, source.covered, italic=True, align="center", font_size=12)
        note = "Đơn vị tính: triệu đồng (ô giữ số chính xác đến đồng)"
        sheet.merged(4, 0, last, note, italic=True, align="right", font_size=10)
        self._write_header()
        for position, row in enumerate(self.matrix.rows):
            self._write_row(8 + position, row)
        under = (
            "Tỷ lệ chỉ gồm các đơn vị có cả kế hoạch và số giải ngân; «chưa tính»: chưa đủ đơn vị có kế hoạch. "
            f"{ROUNDED}"
        )
        # Column A holds codes of rows: a note stands beside it.
        sheet.merged(9 + len(self.matrix.rows), 1, last, under, italic=True, font_size=10)
        sheet.set_column(0, 0, 7)
        sheet.set_column(1, 1, 34)
        for group in range(1 + len(self.matrix.sources)):
            sheet.set_column(2 + 3 * group, 3 + 3 * group, 10.5)
            sheet.set_column(4 + 3 * group, 4 + 3 * group, 7.5)
        sheet.freeze_panes(8, 2)
        set_up_page(sheet, source.footer, draft=source.meta.is_draft, repeat=(5, 6))

    def _write_header(self) -> None:
        looks = HEADER
        self.sheet.merge_range(5, 0, 6, 0, "STT", self.sheet.format(**looks))
        self.sheet.merge_range(5, 1, 6, 1, self.source.pack.regime.report.sum_rows, self.sheet.format(**looks))
        quiet = {"font_size": 8}
        self.sheet.text(7, 0, f"{MARK}{self.form.code}.NGUON", **quiet)
        for group, name in enumerate(("Tổng số", *self.matrix.sources)):
            first = 2 + 3 * group
            self.sheet.merged(5, first, first + 2, name, **looks)
            for offset, title in enumerate(_TITLES):
                self.sheet.text(6, first + offset, title, **(looks | {"font_size": 10}))
                code = (*self.columns, ".PT")[offset]
                self.sheet.text(7, first + offset, f"{MARK}{group}.{code}", **quiet)
        self.sheet.set_row(5, 34)
        self.sheet.set_row(6, 30)
        self.sheet.set_row(7, None, None, {"hidden": True})

    def _write_row(self, at: int, row: Row) -> None:
        whole = self.matrix.parts[row.code]
        is_total = len(whole[0]) > 1
        looks: dict[str, Any] = {"border": 1, "bold": is_total}
        if is_total:
            looks["bg_color"] = TOTAL_FILL
        number = self.source.numbered(self.form, row, self.name, at)
        self.sheet.text(at, 0, number, align="center", shrink=True, **(looks | {"font_size": 9}))
        self.sheet.text(at, 1, row.name, text_wrap=True, indent=row.indent, **looks)
        everything = tuple(code for part in whole for code in part)
        for group, codes in enumerate((everything, *whole)):
            figures = [self._sum(codes, column) for column in self.columns]
            for offset, figure in enumerate(figures):
                self.sheet.figure(at, 2 + 3 * group + offset, figure, ValueType.MONEY, **looks)
            printed = share_figure(self.source.consolidation.share_of(*self._cells(codes)))
            self.sheet.printed(at, 4 + 3 * group, printed, **looks)
        self.sheet.set_row(at, height(row.name, 34 - 2 * row.indent))

    def _cells(self, codes: tuple[str, ...]) -> tuple[tuple[CellKey, ...], tuple[CellKey, ...]]:
        """(what was spent, what was planned) by those rows."""
        plan, spent = (tuple(CellKey(self.form.code, code, column) for code in codes) for column in self.columns)
        return spent, plan

    def _sum(self, codes: tuple[str, ...], column: str) -> int | None:
        found = [self.source.consolidation.number(CellKey(self.form.code, code, column)) for code in codes]
        there = [int(value) for value in found if value is not None]
        return sum(there) if there else None
