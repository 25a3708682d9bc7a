"""One form's sheet: heading, nil answer, tables with their hidden code rows, notes, signatures, print set-up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet

from baocao.forms.blank_workbook import entry_rules, page
from baocao.forms.blank_workbook.content import Content
from baocao.forms.blank_workbook.layout import (
    CODE,
    FIRST,
    LINE,
    MEASURE,
    NAME,
    FormPlace,
    TablePlace,
    header_heights,
    lines_of,
)
from baocao.forms.blank_workbook.styles import BEFORE, DERIVED, ENTRY, OPTIONAL, PREFILLED, Styles
from baocao.forms.contract import COMPARED, END_MARK, MARK, NIL_COLUMN, NIL_TABLE, address, marker
from baocao.forms.derivation import DerivationKind
from baocao.forms.reading.numbers import format_value
from baocao.model.form import CellKey, Column, ColumnRole, Row, ValueType
from baocao.text import day_text


class FormSheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """A sheet whose formulas use SUM, COUNT and IF only: they need no search for newer functions' prefixes, which is a
    quarter of the time of writing a workbook."""

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")


def write_form(
    book: XlsxWorkbook, styles: Styles, lists: entry_rules.Lists, place: FormPlace, content: Content
) -> None:
    """Add the sheet of one form to the workbook."""
    form = place.form
    sheet: Worksheet = book.add_worksheet(form.short, FormSheet)
    for index in range(place.last_column + 1):
        options = {"hidden": True} if index == MEASURE and not place.measured else {}
        sheet.set_column(index, index, place.widths.get(index, 10.0), styles.look("plain"), options)
    _heading(sheet, styles, place, content)
    if place.nil_row is not None:
        _nil(sheet, styles, lists, place, content)
    for table in place.tables:
        _table_head(sheet, styles, place, table, content)
        for row in table.table.rows:
            _row(sheet, styles, place, table, row, content)
        _end(sheet, styles, table.end_row)
        entry_rules.apply(sheet, lists, table)
    end = page.write_notes(sheet, styles, place)
    page.write_signatures(sheet, styles, place, end + 1)
    page.protect(sheet)
    page.set_up_form(sheet, place, end + 6)
    right = f"{form.code} phiên bản {form.version} · {content.period.label}"
    page.footer(sheet, f"{content.unit.full_name} ({content.unit.code})", right)


def _heading(sheet: Worksheet, styles: Styles, place: FormPlace, content: Content) -> None:
    form, period, last = place.form, content.period, place.last_column
    # A narrow form (one column) would otherwise merge an area into itself.
    half = max(FIRST, last - 3)
    sheet.merge_range(0, CODE, 0, half - 1, f"Đơn vị báo cáo: {content.unit.full_name}", styles.look("bold"))
    sheet.merge_range(0, half, 0, last, form.official, styles.look("right_bold"))
    sheet.merge_range(1, CODE, 1, half - 1, f"Mã đơn vị: {content.unit.code}", styles.look("plain"))
    sheet.merge_range(1, half, 1, last, f"Biểu {form.code}, phiên bản {form.version}", styles.look("right"))
    sheet.merge_range(2, CODE, 2, last, form.title.upper(), styles.look("title"))
    covers = f"(số liệu từ {day_text(period.covers_from)} đến hết {day_text(period.cutoff_on)})"
    sheet.merge_range(3, CODE, 3, last, f"Kỳ báo cáo: {period.name} {covers}", styles.look("subtitle"))
    if place.measured:
        sheet.merge_range(4, CODE, 4, last, "Đơn vị tính: ghi ở cột “ĐVT”", styles.look("right_italic"))
    # Merged cells do not grow with their text in Excel: their heights are worked out here.
    total = sum(place.widths.get(i, 10.0) for i in range(last + 1))
    sheet.set_row(2, 21.0 * lines_of(form.title.upper(), total / 1.35))


def _nil(sheet: Worksheet, styles: Styles, lists: entry_rules.Lists, place: FormPlace, content: Content) -> None:
    """The tiny table that answers for the whole form."""
    form, row = place.form, place.nil_row
    assert row is not None
    _code(sheet, styles, row - 1, CODE, marker(form.code, NIL_TABLE))
    _code(sheet, styles, row - 1, FIRST, MARK + NIL_COLUMN)
    sheet.set_row(row - 1, None, None, {"hidden": True})
    sheet.write_string(row, CODE, NIL_TABLE, styles.look("code"))
    label = "Nếu cả biểu không có số liệu để báo cáo: chọn lý do ở ô bên phải và bỏ trống các ô còn lại."
    sheet.merge_range(row, NAME, row, MEASURE, label, styles.look("nil_label"))
    look = styles.entry(ValueType.CHOICE, OPTIONAL)
    end = min(FIRST + 2, place.last_column)
    reason = content.nil_forms.get(form.code, "")
    # XlsxWriter refuses a merge of one cell.
    if end > FIRST:
        sheet.merge_range(row, FIRST, row, end, reason, look)
    elif reason:
        sheet.write_string(row, FIRST, reason, look)
    else:
        sheet.write_blank(row, FIRST, None, look)
    sheet.set_row(row, 2 * LINE + 4)
    _end(sheet, styles, row + 1)
    entry_rules.apply_list(
        sheet,
        lists,
        row,
        FIRST,
        form.nil_reasons,
        "Cả biểu không có số liệu",
        "Chọn lý do trong danh sách. Nếu có số liệu: để trống ô này.",
    )


def _end(sheet: Worksheet, styles: Styles, row: int) -> None:
    _code(sheet, styles, row, CODE, END_MARK)
    sheet.set_row(row, None, None, {"hidden": True})


def _code(sheet: Worksheet, styles: Styles, row: int, column: int, text: str) -> None:
    sheet.write_string(row, column, text, styles.look("hidden"))


def _table_head(sheet: Worksheet, styles: Styles, whole: FormPlace, place: TablePlace, content: Content) -> None:
    """Write the title of a table, its headings, the numbers of its columns and the hidden line of codes."""
    form = whole.form
    if place.title_row is not None:
        sheet.write_string(place.title_row, CODE, place.table.title, styles.look("table_title"))
        sheet.set_row(place.title_row, 24)
    top, bottom = place.header_row, place.header_row + place.header_rows - 1
    for index, title in ((CODE, "Mã"), (NAME, "Nội dung, chỉ tiêu"), (MEASURE, "ĐVT")):
        _span(sheet, top, index, bottom, index, title, styles, "header")
    for group, start, end in _groups(place):
        if group:
            _span(sheet, top, start, top, end, group, styles, "header")
    for column in place.table.columns:
        start = place.columns[column.code]
        end = place.last_column if column.role is ColumnRole.EXPLANATION else start
        _span(sheet, bottom if column.group else top, start, bottom, end, column.title, styles, "header")
    if place.previous:
        indexes = list(place.previous.values())
        title = f"Số liệu {content.previous_name} {COMPARED}"
        _span(sheet, top, indexes[0], top, indexes[-1], title, styles, "header_before")
        for code, index in place.previous.items():
            _span(sheet, bottom, index, bottom, index, place.table.column(code).title, styles, "header_before")
    _numbers(sheet, styles, place)
    _code(sheet, styles, place.code_row, CODE, marker(form.code, place.table.code))
    for code, index in place.columns.items():
        _code(sheet, styles, place.code_row, index, MARK + code)
    sheet.set_row(place.code_row, None, None, {"hidden": True})
    for row, height in enumerate(header_heights(whole, place), top):
        sheet.set_row(row, height)


def _groups(place: TablePlace) -> list[tuple[str | None, int, int]]:
    """(heading, first, last column) of neighbours that share a heading."""
    groups: list[tuple[str | None, int, int]] = []
    for column in place.table.columns:
        index = place.columns[column.code]
        if groups and groups[-1][0] == column.group and column.group and groups[-1][2] == index - 1:
            groups[-1] = (column.group, groups[-1][1], index)
        else:
            groups.append((column.group, index, index))
    return groups


def _span(sheet: Worksheet, top: int, left: int, bottom: int, right: int, text: str, styles: Styles, look: str) -> None:
    if top == bottom and left == right:
        sheet.write_string(top, left, text, styles.look(look))
    else:
        sheet.merge_range(top, left, bottom, right, text, styles.look(look))


def _numbers(sheet: Worksheet, styles: Styles, place: TablePlace) -> None:
    """The row of column numbers of an official form: A, B, C, 1, 2, `3=1+2`."""
    row, look = place.number_row, styles.look("number_row")
    for index, letter in ((CODE, "A"), (NAME, "B"), (MEASURE, "C")):
        sheet.write_string(row, index, letter, look)
    for index in place.previous.values():
        sheet.write_string(row, index, "", look)
    numbers = {column.code: str(i) for i, column in enumerate(place.table.columns, 1)}
    for column in place.table.columns:
        text = numbers[column.code] + _made_of(column, numbers)
        end = place.last_column if column.role is ColumnRole.EXPLANATION else place.columns[column.code]
        _span(sheet, row, place.columns[column.code], row, end, text, styles, "number_row")


def _made_of(column: Column, numbers: Mapping[str, str]) -> str:
    derive = column.derive
    if derive is None:
        return ""
    if derive.linear is not None:
        plus = "+".join(numbers.get(c, c) for c in derive.linear.plus)
        return f"={plus}" + "".join(f"-{numbers.get(c, c)}" for c in derive.linear.minus)
    if derive.ratio is not None and len(derive.ratio.numerator) == len(derive.ratio.denominator) == 1:
        return f"={numbers.get(derive.ratio.numerator[0], '')}/{numbers.get(derive.ratio.denominator[0], '')}"
    return ""


def _row(sheet: Worksheet, styles: Styles, place: FormPlace, table: TablePlace, row: Row, content: Content) -> None:
    """Write one row of a form: its code, name and measure, then its cells and those of the previous period."""
    index = table.rows[row.code]
    sheet.set_row(index, table.heights[row.code])
    if row.heading:
        # Its printed number stands before its name: the `Mã` column holds row codes and nothing else.
        sheet.write_blank(index, CODE, None, styles.look("heading"))
        name = row.numbered_name
        sheet.merge_range(index, NAME, index, table.last_column, name, styles.look("heading"))
        return
    sheet.write_string(index, CODE, row.code, styles.look("code"))
    name = styles.look("total_name" if row.derive is not None else "name", 1 + row.indent)
    sheet.write_string(index, NAME, row.printed_name, name)
    sheet.write_string(index, MEASURE, row.unit, styles.look("measure"))
    for column in table.table.columns:
        at = table.columns[column.code]
        # Merged first, written after: `merge_range` fills every cell of the area.
        if column.role is ColumnRole.EXPLANATION and at < table.last_column:
            sheet.merge_range(index, at, index, table.last_column, "", styles.look("absent"))
        if table.table.is_entered(row, column):
            _entry(sheet, styles, place, table, row, column, content)
        elif table.table.applies(row, column):
            _derived(sheet, styles, place, table, row, column, content)
        else:
            sheet.write_blank(index, at, None, styles.look("absent"))
    for code, at in table.previous.items():
        key = CellKey(place.form.code, row.code, code)
        type = table.table.type_of(row, table.table.column(code))
        write_value(sheet, index, at, content.previous.get(key), styles.computed(type, BEFORE), type)


def _entry(
    sheet: Worksheet, styles: Styles, place: FormPlace, table: TablePlace, row: Row, column: Column, content: Content
) -> None:
    key = CellKey(place.form.code, row.code, column.code)
    type = table.table.type_of(row, column)
    value = content.entered.get(key)
    color = ENTRY if table.table.is_required(row, column) else OPTIONAL
    if key in content.prefilled:
        color = PREFILLED
    long = column.role in {ColumnRole.TEXT, ColumnRole.EXPLANATION}
    look = styles.entry(type, color, long=long)
    index, at = table.rows[row.code], table.columns[column.code]
    write_value(sheet, index, at, value, look, type)
    if column.role is ColumnRole.EXPLANATION:
        for rest in range(at + 1, table.last_column + 1):
            sheet.write_blank(index, rest, None, look)


def write_value(sheet: Worksheet, row: int, column: int, value: object, look: object, type: ValueType) -> None:
    """Write a value as its type; text stays text whatever it begins with."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, look)
    elif isinstance(value, bool):
        sheet.write_string(row, column, format_value(value, type), look)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, float(value) if isinstance(value, Decimal) else value, look)
    elif isinstance(value, datetime | date):
        sheet.write_datetime(row, column, value, look)
    else:
        sheet.write_string(row, column, str(value), look)


def _derived(
    sheet: Worksheet, styles: Styles, place: FormPlace, table: TablePlace, row: Row, column: Column, content: Content
) -> None:
    """Write the formula of a derived cell, with its value when the cells behind it are filled in."""
    key = CellKey(place.form.code, row.code, column.code)
    type = table.table.type_of(row, column)
    index, at = place.cells[key]
    derivation = content.derivations.get(key)
    look = styles.computed(type, DERIVED)
    if not (type.is_number or type is ValueType.RATIO):
        sheet.write_blank(index, at, None, look)
        return
    if derivation is None or derivation.kind is DerivationKind.YEAR_ON_YEAR:
        # Last year's figure of another workbook cannot be reached by a formula.
        sheet.write_string(index, at, f"{content.top_level} tính", styles.computed(ValueType.TEXT, DERIVED))
        return
    plus = _refs(derivation.plus, place.form.code, content)
    minus = _refs(derivation.minus, place.form.code, content)
    if derivation.kind is DerivationKind.RATIO:
        # SUM passes over `NP` and blanks; `+` would answer #VALUE!. Nothing over nothing stays empty: not 0 %, not
        # 100 %.
        formula = f'=IF(SUM({minus})=0,"",100*SUM({plus})/SUM({minus}))'
    else:
        more, less = f"SUM({plus})" if plus else "", f"-SUM({minus})" if minus else ""
        # A total of cells nobody has answered stays empty: a 0 would look like an answer.
        every = ",".join(x for x in (plus, minus) if x)
        formula = f'=IF(COUNT({every})=0,"",{more}{less})'
    # With its value: a reader that computes nothing (python-calamine) sees only what is stored.
    value = content.derived.get(key)
    sheet.write_formula(
        index, at, formula, look, "" if value is None else value if isinstance(value, int) else float(value)
    )


def _refs(keys: tuple[CellKey, ...], form: str, content: Content) -> str:
    """Addresses of the cells that stand in this workbook, runs in one column shortened to a range."""
    found: list[str] = []
    run: list[int] = []
    here: tuple[str, int] | None = None

    def close() -> None:
        if here is None or not run:
            return
        first = address(run[0], here[1])
        found.append(here[0] + (first if len(run) == 1 else f"{first}:{address(run[-1], here[1])}"))

    for key in keys:
        place = content.places.get(key.form)
        position = place.cells.get(key) if place is not None else None
        if position is None or place is None:
            continue
        # A quote inside a sheet's name is doubled between quotes.
        prefix = "" if key.form == form else "'" + place.form.short.replace("'", "''") + "'!"
        if here == (prefix, position[1]) and run and position[0] == run[-1] + 1:
            run.append(position[0])
            continue
        close()
        here, run = (prefix, position[1]), [position[0]]
    close()
    return ",".join(found)
