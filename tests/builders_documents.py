"""Small workbooks, packs and report inputs for the tests of the documents."""

from __future__ import annotations

import io

import xlsxwriter

from baocao.model.submission import Finding, Severity


def unit_workbook(sheets: int = 2, rows: int = 4) -> bytes:
    """A workbook as a unit sends it: code row, entry cells, a locked derived column with a cached value, a note."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True})
    entry = book.add_format({"bg_color": "#FFF2CC", "locked": False, "num_format": "#,##0", "border": 1})
    locked = book.add_format({"bg_color": "#EEEEEE", "border": 1})
    for number in range(1, sheets + 1):
        sheet = book.add_worksheet(f"Biểu {number:02}")
        sheet.set_row(3, None, None, {"hidden": True})
        for column, code in enumerate((f"§B{number:02}.A", "", "§KHN", "§TH", "§TL")):
            sheet.write(3, column, code)
        for row in range(4, 4 + rows):
            sheet.write(row, 0, f"B{number:02}.{row - 3:02}", locked)
            sheet.write(row, 1, f"Chỉ tiêu thứ {row - 3}", locked)
            sheet.write(row, 2, 20, entry)
            sheet.write(row, 3, 30 + row, entry)
            sheet.write_formula(row, 4, f"=IF(C{row + 1}=0,0,100*D{row + 1}/C{row + 1})", locked, 100 * (30 + row) / 20)
        sheet.write_comment("D5", "Kỳ trước: 12", {"author": "Biểu mẫu"})
        sheet.data_validation(4, 2, 4 + rows, 3, {"validate": "integer", "criteria": ">=", "value": 0})
        sheet.protect()
    meta = book.add_worksheet("_meta")
    for row, (key, value) in enumerate({"layout": "1", "regime": "mau", "unit": "00001"}.items()):
        meta.write(row, 0, key)
        meta.write(row, 1, value)
    meta.hide()
    book.close()
    return data.getvalue()


def finding(
    a1: str = "D5",
    *,
    sheet: str = "Biểu 01",
    blocks: bool = True,
    rule: str = "V11",
    key: str = "",
    **more: str,
) -> Finding:
    """A finding on one cell; blocking unless said otherwise."""
    fields = {
        "item": "B01.01",
        "name": "Chỉ tiêu thứ 1",
        "message": "Cuối kỳ phải bằng đầu kỳ cộng tăng trừ giảm; hãy sửa một trong các số",
        "expected": "34",
        "actual": "35",
        "suggestion": "34",
    } | more
    severity = Severity.BLOCKS if blocks else Severity.EXPLAIN
    return Finding(rule, severity, sheet, a1, key=key or f"{rule}|{sheet}/{a1}", **fields)
