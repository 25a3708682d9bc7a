"""The units of a period as a sheet to work with: who has sent, who has not, until when."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

import xlsxwriter

HEAD = (
    "Mã đơn vị",
    "Đơn vị",
    "Tình trạng",
    "Hạn",
    "Gia hạn",
    "Số lần gửi",
    "Gửi gần nhất",
    "Thư gần nhất",
    "Địa chỉ thư",
)
_WIDTHS = (12, 32, 20, 18, 10, 11, 18, 34, 32)


def unit_list_workbook(title: str, rows: Sequence[Sequence[str | int | datetime | None]]) -> bytes:
    """One sheet with `HEAD`; moments are naive, on the clock of the regime. Texts never become formulas or links."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    bold, moment = (
        book.add_format({"bold": True, "text_wrap": True}),
        book.add_format({"num_format": "hh:mm dd/mm/yyyy"}),
    )
    sheet = book.add_worksheet("Đơn vị")
    sheet.write_string(0, 0, title, bold)
    for column, (name, width) in enumerate(zip(HEAD, _WIDTHS, strict=True)):
        sheet.write_string(2, column, name, bold)
        sheet.set_column(column, column, width)
    for line, row in enumerate(rows, 3):
        for column, value in enumerate(row):
            if isinstance(value, datetime):
                sheet.write_datetime(line, column, value, moment)
            elif isinstance(value, int):
                sheet.write_number(line, column, value)
            elif value:
                sheet.write_string(line, column, value)
    sheet.freeze_panes(3, 2)
    sheet.autofilter(2, 0, max(2 + len(rows), 3), len(HEAD) - 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(2)
    book.close()
    return out.getvalue()
