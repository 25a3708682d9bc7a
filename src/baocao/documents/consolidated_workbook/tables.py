"""Small questions about a form's table that several sheets ask."""

from __future__ import annotations

import re
from collections.abc import Iterable

from baocao.documents.comparison_notes import by_code, by_number, notes_of
from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import AMBER, GREEN, GREY, RED
from baocao.forms.contents import contents_of
from baocao.model.form import Column, Form, Table, ValueType
from baocao.model.submission import Timeliness
from baocao.rounding import ROUNDED

_TO_THE_FORM = re.compile(r"\s*\((?:tử|mẫu) số\)")


_COLORS = {Timeliness.ON_TIME: GREEN, Timeliness.CORRECTED_LATE: AMBER, Timeliness.LATE: RED}


def timeliness_color(kept: Timeliness) -> str:
    """Green, amber (only the correction was late) or red."""
    return _COLORS[kept]


def standing_in_words(kept: Timeliness | None, *, waived: bool) -> tuple[str, str]:
    """(words, colour): in time, corrected late, late; None: no report, waived or missing."""
    if kept is None:
        return ("Được miễn", GREY) if waived else ("Chưa có báo cáo", RED)
    return kept.label, timeliness_color(kept)


def exception_in_words(kept: Timeliness | None, *, waived: bool) -> tuple[str, str]:
    """The same where a report in time needs no word."""
    return ("", "#000000") if kept is Timeliness.ON_TIME else standing_in_words(kept, waived=waived)


def column_heading(table: Table, column: Column) -> str:
    """`heading` after the heading the column shares with others."""
    title = heading(table, column)
    return f"{column.group}: {title}" if column.group else title


def kinds_of(table: Table, column: Column | None = None) -> set[ValueType]:
    """The types of the cells of a table, or of one of its columns."""
    columns = table.columns if column is None else (column,)
    return {table.type_of(row, c) for row in table.rows for c in columns if table.applies(row, c)}


def has_figures(table: Table) -> bool:
    """Whether the table holds anything but narrative text."""
    return bool(kinds_of(table) - {ValueType.TEXT})


def is_rounded(tables: Iterable[Table]) -> bool:
    """Whether printed parts need not add up to their printed total: amounts in triệu đồng, areas, ratios."""
    return any(kinds_of(table) & {ValueType.MONEY, ValueType.DECIMAL, ValueType.RATIO} for table in tables)


def column_width(table: Table, column: Column) -> float:
    """Characters a column of figures needs."""
    kinds = kinds_of(table, column)
    if kinds <= {ValueType.RATIO}:
        return 9
    if kinds <= {ValueType.TEXT}:
        return 24
    return 12 if ValueType.MONEY in kinds else 9.5


def heading(table: Table, column: Column) -> str:
    """The column's printed title; where units write đồng and the sheet shows triệu đồng, it says so. What the column is
    to whoever fills it in (`(tử số)`) is left out."""
    title = _TO_THE_FORM.sub("", column.title)
    return title.replace("(đồng)", "(triệu đồng)") if ValueType.MONEY in kinds_of(table, column) else title


def sheet_notes(source: SheetSource, form: Form, table: Table) -> list[str]:
    """What stands under a table; rows are named as they are in its first column."""
    held = contents_of([form.with_tables((table,))])
    ratios = f"; tỷ lệ tính từ tổng của hai số {source.words.whole}" if held.ratios else ""
    lines = [
        "Ghi chú: «–» là không phát sinh; ô trống là chưa có số liệu; Độ phủ = số đơn vị có số liệu / "
        f"số đơn vị phải nhập dòng đó{ratios}.",
    ]
    if any(not r.required and r.derive is None and not r.heading for r in table.rows):
        lines.append("Dòng không bắt buộc: Độ phủ chỉ tính đơn vị có nhập và đơn vị chưa có báo cáo.")
    lines += notes_of(source.consolidation, form, (table,)).lines(by_number if source.outgoing else by_code)
    if is_rounded((table,)):
        lines.append(ROUNDED)
    return lines
