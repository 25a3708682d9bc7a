"""The sheets of a slice with figures: one row a unit, last period's figures beside this one's, the sums below."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baocao.documents.consolidated_workbook.meta import form_heading
from baocao.documents.consolidated_workbook.style import (
    ABSENT_FILL,
    AMBER,
    GREY,
    HEADER,
    HOW_TO_PRINT,
    NIL_ENTRY,
    TOTAL_FILL,
    ReportBook,
    Sheet,
    height,
    page_breaks,
    set_up_wide_page,
)
from baocao.documents.consolidated_workbook.tables import column_heading, exception_in_words
from baocao.documents.slices.content import Slice, Spec, UnitPart
from baocao.exact import Number
from baocao.forms.contract import MARK
from baocao.forms.reading.numbers import format_value
from baocao.model.form import CellKey, ColumnRole, Form, RollUp, ValueType
from baocao.model.submission import Answer, Cell
from baocao.rounding import ROUNDED
from baocao.text import capitalised

_NOTE = 3
"""The column of the points to explain: beside the unit, where a wide sheet still shows it."""
_FIRST = 4
"""Columns before the cells: code, name, standing, points to explain."""
_HEAD = 5
"""Zero-based row of the item headings; the hidden code row is above it."""
_MARK_FILL, _PAST_FILL = "#FFE699", "#F7F9FC"
_PAST: dict[str, Any] = {"font_color": GREY, "italic": True}
_NOTE_WIDTH = 38.0
_SIDE_BY_SIDE = 4
"""Pages of columns up to which a sheet is printed whole; a body with most projects would get hundreds of pages."""
_NO_PAST = frozenset({ColumnRole.PLAN_YEAR, ColumnRole.OPENING})
"""A plan is the year's, an opening is last period's closing: there is nothing to put beside them."""


class SliceSheet:
    """One form of the slice."""

    def __init__(self, book: ReportBook, found: Slice, form: Form, specs: tuple[Spec, ...]) -> None:
        self.found, self.form, self.specs = found, form, specs
        self.sheet: Sheet = book.add_sheet(form.short)
        self.at: dict[CellKey, int] = {}
        self.past: dict[CellKey, int] = {}
        column = _FIRST
        for key, table, row, spec in specs:
            self.at[key], column = column, column + 1
            if found.previous_name and spec.role not in _NO_PAST and table.type_of(row, spec).is_number:
                self.past[key], column = column, column + 1
        self.last = column - 1
        # Most cells of a slice are empty: their formats are looked up once a sheet, not once a cell.
        self.empty = {
            fill: self.sheet.format(
                border=1, **({"bg_color": fill} if fill else {}), **(_PAST if fill == _PAST_FILL else {})
            )
            for fill in ("", ABSENT_FILL, _MARK_FILL, _PAST_FILL)
        }

    def write(self) -> None:
        """Headings, one row a unit, three sums."""
        sheet, found = self.sheet, self.found
        title = f"{self.form.title.upper()} - PHẦN CỦA {found.lead.full_name.upper()}"
        sheet.text(0, 0, title, bold=True, font_size=14)
        sheet.text(1, 0, f"{form_heading(self.form)}. {found.period.name}.", italic=True)
        note = f"{NIL_ENTRY}: đơn vị khai không phát sinh; ô trống: không có số liệu; nền vàng: có điểm cần giải trình."
        if any(t.type_of(r, c) is ValueType.MONEY for _, t, r, c in self.specs):
            note += f" Tiền hiện theo triệu đồng, ô giữ số chính xác đến đồng. {ROUNDED}"
        sheet.text(2, 0, note, italic=True, font_size=10)
        past = "Chưa có số liệu kỳ trước."
        if self.past:
            past = f"Cột «Kỳ trước»: {found.previous_name}. Dòng cuối so hai kỳ trên cùng các đơn vị."
        widths, starts = self._widths()
        on_paper = len(page_breaks(widths, starts)) < _SIDE_BY_SIDE
        sheet.text(3, 0, past if on_paper else f"{past} {HOW_TO_PRINT}", italic=True, font_size=10)
        if not on_paper:
            sheet.print_area(0, 0, 3, min(self.last, 14))
        self._write_header()
        first = _HEAD + 2
        for position, part in enumerate(found.parts):
            self._write_unit(first + position, part)
        self._write_totals(first + len(found.parts))
        if found.parts:
            sheet.autofilter(_HEAD + 1, 0, first + len(found.parts) - 1, self.last)
        self._set_up(first)

    def _widths(self) -> tuple[list[float], list[int]]:
        """The width of every column, and where the columns of another row of the form begin."""
        widths: dict[int, float] = {0: 10, 1: 26, 2: 14, _NOTE: _NOTE_WIDTH}
        for key, table, row, column in self.specs:
            width = _width(table.type_of(row, column))
            widths |= {at: width for at in (self.at[key], self.past.get(key)) if at is not None}
        starts = [0, *(self.at[key] for n, (key, *_) in enumerate(self.specs) if n and self._begins_a_row(n))]
        return [widths[column] for column in range(self.last + 1)], starts

    def _set_up(self, first: int) -> None:
        sheet = self.sheet
        sheet.freeze_panes(first, 2)
        widths, starts = self._widths()
        sheet.widths(widths)
        footer = f"{self.found.lead.full_name} - {self.found.period.code} - {self.form.short}"
        set_up_wide_page(
            sheet,
            footer,
            draft=False,
            repeat=(_HEAD, _HEAD + 1),
            widths=widths,
            starts=starts,
        )
        sheet.protect("", {"format_columns": True, "format_rows": True, "autofilter": True})

    def _begins_a_row(self, position: int) -> bool:
        """Whether the columns of another row of the form begin here."""
        return self.specs[position][2].code != self.specs[position - 1][2].code

    def _write_header(self) -> None:
        """The hidden code row, item headings, column titles (the filter row)."""
        small: dict[str, Any] = HEADER | {"font_size": 9}
        for at, title in ((0, "Mã đơn vị"), (1, "Đơn vị"), (2, "Tình trạng"), (_NOTE, "Điểm cần giải trình")):
            self.sheet.text(_HEAD, at, "", **HEADER)
            self.sheet.text(_HEAD + 1, at, title, **HEADER)
        position = 0
        while position < len(self.specs):
            row = self.specs[position][2]
            group = [spec for spec in self.specs[position:] if spec[2].code == row.code]
            last = max(self.past.get(key, self.at[key]) for key, *_ in group)
            name = row.name if not row.item else f"{row.item} {row.name}"
            self.sheet.merged(_HEAD, self.at[group[0][0]], last, name, **small)
            for key, table, _, column in group:
                self.sheet.text(_HEAD + 1, self.at[key], column_heading(table, column), **small)
                if key in self.past:
                    quiet = small | {"bold": False, "italic": True, "font_color": GREY}
                    self.sheet.text(_HEAD + 1, self.past[key], "Kỳ trước", **quiet)
            position += len(group)
        self.sheet.set_row(_HEAD, 76)
        self.sheet.set_row(_HEAD + 1, 46)
        codes = [(0, f"{MARK}LC.{self.form.code}")]
        codes += [(self.at[key], f"{MARK}{key.row}/{key.column}") for key, *_ in self.specs]
        self.sheet.codes(_HEAD - 1, codes, font_color=GREY)

    def _write_unit(self, at: int, part: UnitPart) -> None:
        """Write the line of one unit: its figures, those of the previous period and the note about its marked cells."""
        looks = {"border": 1, "bold": part.unit.is_lead_body}
        self.sheet.text(at, 0, part.unit.code, align="center", **looks)
        self.sheet.text(at, 1, part.unit.full_name, **looks)
        kept = part.timeliness if part.reported else None
        said, color = exception_in_words(kept, waived=part.waived)
        self.sheet.text(at, 2, said, border=1, font_size=9, font_color=color)
        marked = {m.key for m in part.marks}
        for key, table, row, column in self.specs:
            kind = table.type_of(row, column)
            fill = ABSENT_FILL if not part.reported else _MARK_FILL if key in marked else ""
            self._write_cell(at, self.at[key], part.cells.get(key), kind, fill)
            if key in self.past:
                self._write_cell(at, self.past[key], part.previous.get(key), kind, _PAST_FILL, **_PAST)
        lines = [
            f"{m.key.row}/{m.key.column} ({m.rule}): {m.explanation or 'đơn vị chưa giải trình'}"
            for m in part.marks
            if m.key.form == self.form.code
        ]
        note = "\n".join(lines)
        unexplained = any(not m.explanation for m in part.marks if m.key.form == self.form.code)
        color = AMBER if unexplained else "#000000"
        self.sheet.text(at, _NOTE, note, border=1, text_wrap=True, font_size=9, font_color=color)
        if note:
            self.sheet.set_row(at, height(note, _NOTE_WIDTH, 9))

    def _write_cell(self, at: int, column: int, cell: Cell | None, kind: ValueType, fill: str, **more: Any) -> None:
        if cell is None or cell.answer is Answer.BLANK or (cell.answer is Answer.VALUE and cell.value is None):
            self.sheet.write_blank(at, column, None, self.empty[fill])
            return
        looks: dict[str, Any] = {"border": 1, **more, **({"bg_color": fill} if fill else {})}
        if cell.answer is Answer.NIL:
            self.sheet.text(at, column, NIL_ENTRY, align="center", **(looks | {"font_color": GREY}))
        elif kind.is_number and cell.value is not None:
            self.sheet.figure(at, column, cell.value, kind, **looks)  # type: ignore[arg-type]
        elif cell.value is not None:
            centred = "left" if kind is ValueType.TEXT else "center"
            self.sheet.text(at, column, format_value(cell.value, kind), align=centred, font_size=10, **looks)

    def _write_totals(self, at: int) -> None:
        """Sums of the rows above for what is added up; the province's figure as consolidated."""
        communes = [p for p in self.found.parts if not p.unit.is_lead_body]
        own = [p for p in self.found.parts if p.unit.is_lead_body]
        words = self.found.pack.regime.wording
        whole = capitalised(words.whole)
        lines = [(f"Cộng {words.unit_level}", communes), (f"Cộng {words.top_level}", own), (whole, None)]
        both = "So sánh: đơn vị có số liệu cả hai kỳ"
        lines += [(both, [])] if self.past else []
        looks: dict[str, Any] = {"border": 1, "bold": True, "bg_color": TOTAL_FILL}
        for offset, (title, parts) in enumerate(lines):
            row_at = at + offset
            for column, text in ((0, ""), (1, title), (2, ""), (_NOTE, "")):
                self.sheet.text(row_at, column, text, **looks)
            for key, table, row, column_spec in self.specs:
                kind = table.type_of(row, column_spec)
                total = self.found.totals.get(key)
                now: Number | None = None
                before: Number | None = None
                if title == both:
                    # The sums above are of whoever reported; only here are both figures of the same units.
                    if total is not None and key in self.past:
                        now, before = total.change.now, total.previous
                elif parts is None and total is not None:
                    now = total.value
                elif parts is not None and kind.is_number and row.roll_up is not RollUp.LIST:
                    now = _sum(parts, key)
                shown = kind if kind.is_number else ValueType.COUNT
                self.sheet.figure(row_at, self.at[key], now, shown, **looks)
                if key in self.past:
                    quiet = looks | {"bold": False, "italic": True, "font_color": GREY}
                    self.sheet.figure(row_at, self.past[key], before, shown, **quiet)


def _sum(parts: list[UnitPart], key: CellKey) -> Number | None:
    """The sum of what the units answered; None when nobody gave a figure."""
    cells: list[Mapping[CellKey, Cell]] = [p.cells for p in parts]
    figures = [c[key].value for c in cells if key in c and c[key].answer is Answer.VALUE]
    numbers = [f for f in figures if not isinstance(f, str | bool) and f is not None]
    return sum(numbers) if numbers else None  # type: ignore[arg-type]


def _width(kind: ValueType) -> float:
    return {ValueType.MONEY: 11.0, ValueType.TEXT: 24.0, ValueType.CHOICE: 10.0, ValueType.DATE: 11.0}.get(kind, 9.0)
