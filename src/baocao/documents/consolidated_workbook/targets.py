"""Targets as printed: what is wanted, what there is, and the verdict. Exact comparison is done before; this prints."""

from __future__ import annotations

from typing import Any

from baocao.documents.consolidated_workbook.meta import SheetSource
from baocao.documents.consolidated_workbook.style import AMBER, GREEN, GREY, RED, ReportBook, Sheet, height, set_up_page
from baocao.forms.reading.numbers import format_value
from baocao.model.form import ValueType
from baocao.model.regime import Target
from baocao.model.report import TargetResult, TargetVerdict

# "= 100 %" is printed as "100 %": nobody reads an equals sign before a target.
_SIGNS = {"<": "<", "<=": "≤", "=": "", ">=": "≥", ">": ">"}
_COLORS = {
    TargetVerdict.MET: GREEN,
    TargetVerdict.NOT_MET: RED,
    TargetVerdict.STILL_OPEN: AMBER,
    TargetVerdict.NOT_JUDGED: GREY,
}
_TRUST = {"confirmed": "Văn bản gốc", "secondary": "Nguồn dẫn lại", "assumed": "Giả định"}


def wanted(result: TargetResult) -> str:
    """`≥ 50 % (2030)`."""
    value = format_value(result.wanted, ValueType.DECIMAL)
    year = f" ({result.by_year})" if result.by_year else ""
    return f"{_SIGNS[result.operator]} {value} {result.unit}".strip() + year


def verdict_color(result: TargetResult) -> str:
    """Green, red, amber (there is still time) or grey."""
    return _COLORS[result.verdict]


def write_targets(book: ReportBook, source: SheetSource) -> None:
    """The sheet `Mục tiêu`: every target in force, its exact verdict, what the verdict depends on and its source."""
    sheet = book.add_sheet("Mục tiêu")
    titles = (
        "STT",
        "Mã",
        "Chỉ tiêu",
        "Mục tiêu",
        "Phạm vi",
        "Yêu cầu",
        "Kết quả",
        "Đánh giá",
        "Lý do, lưu ý",
        "Nguyên văn",
        "Căn cứ",
        "Nguồn",
    )
    sheet.widths((5, 8, 12, 38, 10, 15, 11, 18, 30, 32, 12, 12))
    last = len(titles) - 1
    sheet.heading(last, "KẾT QUẢ THỰC HIỆN CÁC MỤC TIÊU", source.covered)
    sheet.table_header(3, titles)
    by_id = {target.id: target for target in source.pack.targets}
    for number, result in enumerate(source.consolidation.targets, start=1):
        _write_target_row(sheet, source, number, result, by_id[result.target_id])
    end = 4 + len(source.consolidation.targets)
    note = (
        "Kết quả in tròn hai chữ số; việc so với yêu cầu dùng số chính xác và đúng toán tử của mục tiêu "
        "(70,00 % không đạt «> 70 %»; 50,00 % đạt «≥ 50 %»). Mục tiêu toàn quốc được so với kết quả của "
        f"{source.words.top_short}."
    )
    sheet.merged(end + 1, 0, last, note, italic=True, font_size=10, text_wrap=True)
    sheet.freeze_panes(4, 4)
    set_up_page(sheet, source.footer, draft=source.meta.is_draft, repeat=(3, 3))


def _write_target_row(sheet: Sheet, source: SheetSource, number: int, result: TargetResult, target: Target) -> None:
    row = 3 + number
    plain = {"border": 1, "text_wrap": True}
    texts: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (0, str(number), {"align": "center"}),
        (1, result.target_id, {"align": "center"}),
        (2, target.indicator, {"align": "center", "font_size": 9}),
        (3, result.name, {}),
        (4, "Toàn quốc" if result.scope == "national" else source.words.own_scope, {"align": "center"}),
        (5, wanted(result), {"align": "center"}),
        (7, result.verdict.label, {"align": "center", "bold": True, "font_color": verdict_color(result)}),
        (8, result.reason, {"font_size": 10}),
        (9, result.wording, {"font_size": 10}),
        (10, target.anchor, {"align": "center", "font_size": 10}),
        (11, _TRUST[target.trust], {"align": "center", "font_size": 10}),
    )
    for column, text, looks in texts:
        sheet.text(row, column, text, **(plain | looks))
    sheet.figure(row, 6, result.actual, ValueType.RATIO, border=1)
    sheet.set_row(row, max(height(result.name, 38), height(result.reason, 30, 10), height(result.wording, 32, 10), 32))
