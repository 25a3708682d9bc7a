"""Data validation of the entry cells: drop-downs and ranges, with Vietnamese prompts. `NP` always passes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xlsxwriter.worksheet import Worksheet

from baocao.forms.blank_workbook.layout import TablePlace
from baocao.forms.contract import META_SHEET, NIL_MARK, address, column_name
from baocao.model.form import Column, ColumnRole, Row, ValueType
from baocao.model.pack_parts.lists import ListColumn

_LISTED = {ValueType.BOOL, ValueType.CHOICE}

_PROMPTS = {
    ValueType.COUNT: "Nhập số nguyên, không âm. Có mà bằng không: nhập 0. Không phát sinh: gõ NP.",
    ValueType.MONEY: "Nhập số tiền bằng ĐỒNG (không phải nghìn, triệu), số nguyên, không âm. Không phát sinh: gõ NP.",
    ValueType.DECIMAL: "Nhập số không âm, có thể có phần thập phân. Không phát sinh: gõ NP.",
    ValueType.DATE: "Nhập ngày dạng dd/mm/yyyy, ví dụ 05/06/2026. Không phát sinh: gõ NP.",
}

# Excel ends a prompt and an error at 255 characters and their titles at 32 (`_words` cuts them); XlsxWriter leaves a
# longer rule out with a warning.
_ERRORS = {
    ValueType.COUNT: "Ô này chỉ nhận số nguyên không âm (ví dụ 12) hoặc NP. Không gõ chữ, đơn vị tính, dấu trừ.",
    ValueType.MONEY: "Ô này chỉ nhận số tiền bằng đồng, số nguyên không âm, hoặc NP. Không gõ chữ “triệu”, “đ”.",
    ValueType.DECIMAL: "Ô này chỉ nhận số không âm hoặc NP. Không gõ chữ, đơn vị tính, dấu trừ.",
    ValueType.DATE: "Ô này chỉ nhận ngày dạng dd/mm/yyyy hoặc NP.",
}


class Lists:
    """Drop-down sources too long, or with commas, for the rule itself: kept on the hidden `_meta` sheet."""

    # Behind the key and the value of `_meta`, with one column between; docs/workbook.md promises "from D on".
    FIRST_COLUMN = 3

    def __init__(self) -> None:
        self.columns: dict[tuple[str, ...], int] = {}

    def source(self, options: tuple[str, ...]) -> list[str] | str:
        """The options themselves, or the range that holds them."""
        # Excel holds the options inside the rule as one text of at most 255 characters parted by commas.
        if len(",".join(options)) <= 250 and not any("," in o or '"' in o for o in options):
            return list(options)
        index = self.columns.setdefault(options, self.FIRST_COLUMN + len(self.columns))
        letter = column_name(index)
        return f"='{META_SHEET}'!${letter}$1:${letter}${len(options)}"

    def write_meta(self, sheet: Worksheet, pairs: Iterable[tuple[str, str]]) -> None:
        """Keys with their values, and the sources behind them, on the sheet `_meta`."""
        for row, (key, value) in enumerate(pairs):
            sheet.write_string(row, 0, key)
            sheet.write_string(row, 1, value)
        for options, column in self.columns.items():
            for row, option in enumerate(options):
                sheet.write_string(row, column, option)
        # Hidden and locked without a password: against slips, not against people. The reader believes `_meta` no more
        # than it must.
        sheet.protect("")
        sheet.hide()


def apply_list(
    sheet: Worksheet, lists: Lists, row: int, column: int, options: tuple[str, ...], title: str, prompt: str
) -> None:
    """One drop-down in one cell."""
    rule = {"validate": "list", "source": lists.source(options)} | _words(title, prompt, "Hãy chọn trong danh sách.")
    sheet.data_validation(row, column, row, column, rule)


def apply(sheet: Worksheet, lists: Lists, place: TablePlace) -> None:
    """All rules of a table: cells of a column that share type and options share one rule."""
    for column in place.table.columns:
        if column.role is ColumnRole.EXPLANATION:
            continue
        grouped: dict[tuple[ValueType, tuple[str, ...]], list[int]] = {}
        for row in place.table.rows:
            type = place.table.type_of(row, column)
            if place.table.is_entered(row, column) and type is not ValueType.TEXT:
                grouped.setdefault((type, _options(row, type)), []).append(place.rows[row.code])
        at = place.columns[column.code]
        for (type, options), rows in grouped.items():
            _apply(sheet, lists, column, type, options, at, rows)


def apply_to_list(sheet: Worksheet, lists: Lists, column: ListColumn, at: int, first: int, last: int) -> None:
    """The rule of one column of a list, from its first prepared row to its last."""
    type = ValueType.DECIMAL if column.scale > 1 else ValueType(column.type.value)
    if type is ValueType.TEXT:
        return
    options = ("Có", "Không", NIL_MARK) if type is ValueType.BOOL else (*column.options, NIL_MARK)
    if type in _LISTED:
        rule: dict[str, Any] = {"validate": "list", "source": lists.source(options)}
        rule |= _words(column.title, "Chọn trong danh sách.", "Hãy chọn một giá trị trong danh sách.")
    else:
        prompt, error = _PROMPTS[type], _ERRORS[type]
        if column.scale > 1:
            prompt = f"Nhập số tiền bằng {column.unit.upper()}, có thể có phần thập phân. Không có: gõ NP."
            error = f"Ô này chỉ nhận số tiền bằng {column.unit} hoặc NP. Không gõ chữ, đơn vị tính."
        rule = {"validate": "custom", "value": _formula(type, address(first, at))} | _words(column.title, prompt, error)
    sheet.data_validation(first, at, last, at, rule)


def _options(row: Row, type: ValueType) -> tuple[str, ...]:
    if type is ValueType.BOOL:
        return ("Có", "Không", NIL_MARK)
    return (*row.options, NIL_MARK) if type is ValueType.CHOICE else ()


def _apply(
    sheet: Worksheet,
    lists: Lists,
    column: Column,
    type: ValueType,
    options: tuple[str, ...],
    at: int,
    rows: list[int],
) -> None:
    """Put one data validation on the `rows` (sheet rows, ascending) of a column."""
    if type in _LISTED:
        rule: dict[str, Any] = {"validate": "list", "source": lists.source(options)}
        rule |= _words(column.title, "Chọn trong danh sách.", "Hãy chọn một giá trị trong danh sách.")
    else:
        rule = {"validate": "custom", "value": _formula(type, address(rows[0], at))}
        rule |= _words(column.title, _PROMPTS[type], _ERRORS[type])
    runs = list(_runs(rows))
    first = runs[0]
    if len(runs) > 1:
        rule["other_cells"] = [[start, at, end, at] for start, end in runs[1:]]
    sheet.data_validation(first[0], at, first[1], at, rule)


def _formula(type: ValueType, cell: str) -> str:
    """True for a figure in range and for `NP`; IF, because comparing a text with a number is an error."""
    if type is ValueType.DATE:
        # 2000-01-01 to 2100-12-31, as the reader takes them (`reading/dates.py`).
        number = f"AND({cell}>=36526,{cell}<=73415)"
    elif type in {ValueType.COUNT, ValueType.MONEY}:
        number = f"AND({cell}>=0,{cell}=INT({cell}))"
    else:
        number = f"{cell}>=0"
    return f'=IF(ISNUMBER({cell}),{number},UPPER(TRIM({cell}))="{NIL_MARK}")'


def _words(title: str, prompt: str, error: str) -> dict[str, Any]:
    short = title if len(title) <= 32 else title[:31].rstrip() + "…"
    return {
        "input_title": short,
        "input_message": prompt[:255],
        "error_title": "Chưa đúng",
        "error_message": error[:255],
        "ignore_blank": True,
    }


def _runs(rows: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Neighbouring rows as (first, last)."""
    start = end = None
    for row in rows:
        if end is not None and row == end + 1:
            end = row
            continue
        if start is not None and end is not None:
            yield start, end
        start = end = row
    if start is not None and end is not None:
        yield start, end
