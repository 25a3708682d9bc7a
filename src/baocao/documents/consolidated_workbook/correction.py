"""The sheet `Đính chính`: what a correction changes, cell by cell, and the units' cells behind every change."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import HEADER, ReportBook, Sheet, height, set_up_page
from baocao.documents.word_report.correction_texts import document, extent, printed, reason
from baocao.documents.word_report.numerals import count
from baocao.forms.contract import MARK
from baocao.model.correction import CorrectedCell, Correction
from baocao.model.form import ValueType
from baocao.model.report import ProvinceValue
from baocao.text import first_few

SHEET = "Đính chính"
_WIDTHS = (15, 9, 40, 21, 10, 14, 14, 12, 10, 30)
_LAST = len(_WIDTHS) - 1
# What is more stands in table B, cell by cell; a row of hundreds of names would be as tall as a page.
_SOURCES = 12
_PLAIN = {"border": 1, "text_wrap": True, "valign": "top"}


def write_correction(book: ReportBook, source: SheetSource) -> None:
    """Only a correction has this sheet: province cells (A), the units' cells behind them (B), texts (C),
    cases of lists (D)."""
    correction = source.meta.correction
    if correction is None:
        return
    sheet = book.add_sheet(SHEET)
    sheet.widths(_WIDTHS)
    at = _write_head(sheet, source, correction)
    at = _write_changes(sheet, correction, at, source)
    if source.with_units:
        at = _write_causes(sheet, correction, at)
    if source.with_units and correction.texts:
        at = _write_texts(sheet, correction, at)
    if source.with_units and correction.lists:
        _write_lists(sheet, correction, at)
    set_up_page(sheet, source.footer, draft=source.meta.is_draft)


def _write_head(sheet: Sheet, source: SheetSource, correction: Correction) -> int:
    sheet.heading(_LAST, "NỘI DUNG ĐÍNH CHÍNH", source.covered)
    version = "" if source.outgoing else f" (phiên bản {correction.replaces.version})"
    lines = [
        f"Thay thế {document(correction.replaces)}{version}.",
        reason(correction),
        *extent(correction),
    ]
    for at, line in enumerate(lines, start=3):
        sheet.merged(at, 0, _LAST, line, text_wrap=True, valign="top", bold=at == 3)
        sheet.set_row(at, height(line, sum(_WIDTHS)))
    return 3 + len(lines) + 1


def _write_table(sheet: Sheet, at: int, title: str, titles: Sequence[str], codes: Sequence[str]) -> int:
    """Title, header and the hidden row of codes; the first row below."""
    sheet.merged(at, 0, _LAST, title, bold=True, font_size=12)
    sheet.table_header(at + 1, titles)
    sheet.codes(at + 2, enumerate(codes))
    return at + 3


def _write_changes(sheet: Sheet, correction: Correction, at: int, source: SheetSource) -> int:
    titles = (
        "" if source.outgoing else "Mã ô",
        "Mục", "Chỉ tiêu", "Cột", "ĐVT", "Số đã báo cáo", "Số đính chính", "Chênh lệch", "", "",
    )  # fmt: skip
    codes = ("§MUC", "§CHI_TIEU", "§COT", "§DVT", "§SO_CU", "§SO_MOI", "§CHENH_LECH", "§NGUON")
    title = f"A. Số liệu {source.words.whole} thay đổi ({count(len(correction.changes))} ô)"
    start = _write_table(sheet, at, title, titles, (f"{MARK}DINH_CHINH.A", *codes))
    titled = "Nguồn thay đổi (đơn vị: ô, xem bảng B)" if source.with_units else "Nguồn thay đổi"
    sheet.merged(start - 2, 8, _LAST, titled, **HEADER)
    for row, change in enumerate(correction.changes, start=start):
        causes = _cells_behind(change) if source.with_units else _units_behind(change)
        _write_change_row(sheet, source, change, row, causes)
    return start + len(correction.changes) + 1


def _units_behind(change: CorrectedCell) -> str:
    """Instead of the units' cells: `báo cáo lại của 03 đơn vị`."""
    units = {cause.unit for cause in change.causes}
    return f"báo cáo lại của {len(units):02} đơn vị" if units else "số liệu kỳ trước hoặc danh mục đơn vị"


def _write_change_row(sheet: Sheet, source: SheetSource, change: CorrectedCell, row: int, causes: str) -> None:
    measure = "triệu đồng" if change.type is ValueType.MONEY else change.measure
    place = "" if source.outgoing else str(change.key)
    for column, text in enumerate((place, change.item, change.name, change.column, measure)):
        align = {"align": "center"} if column in {1, 4} else {}
        sheet.text(row, column, text, **_PLAIN, font_size=8 if column == 0 else 10, **align)
    old, new, _ = printed(change)
    _write_value(sheet, row, 5, change, change.old, old)
    _write_value(sheet, row, 6, change, change.new, new)
    sheet.figure(row, 7, change.difference, _number(change), border=1, valign="top", bold=True)
    sheet.merged(row, 8, _LAST, causes, **_PLAIN, font_size=9)
    sheet.set_row(row, max(height(change.name, 40, 10), height(change.column, 21, 10), height(causes, 40, 9)))


def _write_value(
    sheet: Sheet,
    row: int,
    column: int,
    change: CorrectedCell,
    value: ProvinceValue | None,
    text: str,
) -> None:
    """A number cell where there is a number; the classes or `không phát sinh` as text."""
    # Of a classification whose number of units stays, the classes are printed: the number alone would show no change.
    if value is None or value.value is None or value.nil or (value.classes and change.difference == 0):
        sheet.text(row, column, text, **_PLAIN, font_size=10, align="right")
    else:
        sheet.figure(row, column, value.value, _number(change), border=1, valign="top")


def _number(change: CorrectedCell) -> ValueType:
    return change.type if change.type.is_number or change.type is ValueType.RATIO else ValueType.COUNT


def _cells_behind(change: CorrectedCell) -> str:
    """`00001: FORM/ROW/COLUMN; …`, so that table B is found by unit and cell."""
    if not change.causes:
        return "số liệu kỳ trước hoặc danh mục đơn vị"
    return first_few((f"{cause.unit}: {cause.key}" for cause in change.causes), _SOURCES, "ô", "; ")


def _write_causes(sheet: Sheet, correction: Correction, at: int) -> int:
    """Write part B, the unit cells that changed, from the row `at`; returns the next free row."""
    titles = (
        "Mã ô", "Mã đơn vị", "Đơn vị", "Trang", "Ô", "Đã báo cáo", "Báo cáo lại", "Số BC cũ", "Số BC mới",
        "Giải trình của đơn vị",
    )  # fmt: skip
    codes = ("§MA_DON_VI", "§DON_VI", "§TRANG", "§O", "§CU", "§MOI", "§BC_CU", "§BC_MOI", "§GIAI_TRINH")
    title = f"B. Ô của đơn vị đã thay đổi ({count(len(correction.causes))} ô; tiền tính bằng đồng)"
    start = _write_table(sheet, at, title, titles, (f"{MARK}DINH_CHINH.B", *codes))
    for row, cause in enumerate(correction.causes, start=start):
        numbers = ("" if n is None else str(n) for n in (cause.old_submission, cause.new_submission))
        texts = (
            str(cause.key), cause.unit, cause.unit_name, cause.sheet, cause.a1, cause.old, cause.new, *numbers,
            cause.explanation,
        )  # fmt: skip
        for column, text in enumerate(texts):
            align = {"align": "right"} if column in {5, 6} else {"align": "center"} if column in {1, 4, 7, 8} else {}
            sheet.text(row, column, text, **_PLAIN, font_size=8 if column == 0 else 10, **align)
        sheet.set_row(row, max(height(cause.explanation, _WIDTHS[_LAST], 10), height(cause.unit_name, _WIDTHS[2], 10)))
    return start + len(correction.causes) + 1


def _write_texts(sheet: Sheet, correction: Correction, at: int) -> int:
    rows = [
        ((str(t.key), t.unit, t.unit_name, f"{t.item}. {t.name}" if t.item else t.name), t.old, t.new)
        for t in correction.texts
    ]
    title = f"C. Lời văn của đơn vị đã thay đổi ({count(len(rows))} nội dung)"
    start = _write_table(sheet, at, title, _as_told("Mã ô", "Nội dung"), _codes("C", "§NOI_DUNG"))
    return _write_old_and_new(sheet, start, rows)


def _write_lists(sheet: Sheet, correction: Correction, at: int) -> None:
    rows = [
        ((f"{c.form}/{c.list}", c.unit, c.unit_name, c.title), c.old or "(không có)", c.new or "(không còn)")
        for c in correction.lists
    ]
    title = f"D. Trường hợp trong danh sách của đơn vị đã thay đổi ({count(len(rows))} trường hợp)"
    start = _write_table(sheet, at, title, _as_told("Mã danh sách", "Danh sách"), _codes("D", "§DANH_SACH"))
    _write_old_and_new(sheet, start, rows)


def _as_told(code: str, what: str) -> tuple[str, ...]:
    return code, "Mã đơn vị", "Đơn vị", what, "Đã báo cáo", "", "", "Báo cáo lại", "", ""


def _codes(table: str, what: str) -> tuple[str, ...]:
    return f"{MARK}DINH_CHINH.{table}", "§MA_DON_VI", "§DON_VI", what, "§CU", "", "", "§MOI", "", ""


def _write_old_and_new(sheet: Sheet, start: int, rows: Sequence[tuple[tuple[str, str, str, str], str, str]]) -> int:
    """Rows ((code, unit, its name, what it is about), reported before, reported now); where the next table begins."""
    for first, last, text in ((4, 6, "Đã báo cáo"), (7, _LAST, "Báo cáo lại")):
        sheet.merged(start - 2, first, last, text, **HEADER)
    for row, (head, old, new) in enumerate(rows, start=start):
        for column, text in enumerate(head):
            sheet.text(row, column, text, **_PLAIN, font_size=8 if column == 0 else 10)
        sheet.merged(row, 4, 6, old, **_PLAIN, font_size=10)
        sheet.merged(row, 7, _LAST, new, **_PLAIN, font_size=10)
        sheet.set_row(row, max(height(old, 38, 10), height(new, 52, 10), height(head[3], 21, 10)))
    return start + len(rows) + 1
