"""Targets as printed: what is wanted, what there is, and the verdict. Exact comparison is done before; this prints."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook as XlsxWorkbook
from xlsxwriter.worksheet import Worksheet

from baocao.documents.province_meta import Ground
from baocao.documents.province_style import GREEN, GREY, RED, Pen, set_up_page
from baocao.forms.numbers import format_value
from baocao.model.form import ValueType
from baocao.model.regime import Target
from baocao.model.report import TargetResult

_SIGNS = {"<": "<", "<=": "≤", "=": "=", ">=": "≥", ">": ">"}
_TRUST = {"confirmed": "Văn bản gốc", "secondary": "Nguồn dẫn lại", "assumed": "Giả định"}
_SCOPE = {"national": "Toàn quốc", "province": "Tỉnh"}


def wanted(result: TargetResult) -> str:
    """`≥ 50 % (2030)`."""
    value = format_value(result.wanted, ValueType.DECIMAL)
    year = f" ({result.by_year})" if result.by_year else ""
    return f"{_SIGNS[result.operator]} {value} {result.unit}".strip() + year


def verdict(result: TargetResult) -> str:
    """`Đạt`, `Chưa đạt` or `Chưa đánh giá được`."""
    return {True: "Đạt", False: "Chưa đạt", None: "Chưa đánh giá được"}[result.met]


def verdict_color(result: TargetResult) -> str:
    """Green, red or grey."""
    return {True: GREEN, False: RED, None: GREY}[result.met]


def write_targets(book: XlsxWorkbook, pen: Pen, ground: Ground) -> None:
    """The sheet `Mục tiêu`: every target in force, its exact verdict, what the verdict depends on and its source."""
    sheet = book.add_worksheet("Mục tiêu")
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
    for column, width in enumerate((5, 8, 12, 38, 10, 15, 11, 12, 30, 32, 12, 11)):
        sheet.set_column(column, column, width)
    last = len(titles) - 1
    pen.merged(sheet, 0, 0, last, "KẾT QUẢ THỰC HIỆN CÁC MỤC TIÊU", bold=True, align="center", font_size=14)
    pen.merged(sheet, 1, 0, last, ground.covered, italic=True, align="center", font_size=12)
    pen.table_header(sheet, 3, titles)
    by_id = {target.id: target for target in ground.pack.targets}
    for number, result in enumerate(ground.consolidation.targets, start=1):
        _target_row(sheet, pen, 3 + number, number, result, by_id[result.target_id])
    end = 4 + len(ground.consolidation.targets)
    note = (
        "Kết quả in tròn hai chữ số; việc so với yêu cầu dùng số chính xác và đúng toán tử của mục tiêu "
        "(70,00 % không đạt «> 70 %»; 50,00 % đạt «≥ 50 %»)."
    )
    pen.merged(sheet, end + 1, 0, last, note, italic=True, font_size=10, text_wrap=True)
    sheet.freeze_panes(4, 4)
    set_up_page(sheet, ground.footer, draft=ground.meta.is_draft, repeat=(3, 3))


def _target_row(sheet: Worksheet, pen: Pen, row: int, number: int, result: TargetResult, target: Target) -> None:
    plain = {"border": 1, "text_wrap": True}
    texts: tuple[tuple[int, str, dict[str, Any]], ...] = (
        (0, str(number), {"align": "center"}),
        (1, result.target_id, {"align": "center"}),
        (2, target.indicator, {"align": "center", "font_size": 9}),
        (3, result.name, {}),
        (4, _SCOPE.get(result.scope, result.scope), {"align": "center"}),
        (5, wanted(result), {"align": "center"}),
        (7, verdict(result), {"align": "center", "bold": True, "font_color": verdict_color(result)}),
        (8, result.reason, {"font_size": 10}),
        (9, result.wording, {"font_size": 10}),
        (10, target.anchor, {"align": "center", "font_size": 10}),
        (11, _TRUST[target.trust], {"align": "center", "font_size": 10}),
    )
    for column, text, looks in texts:
        pen.text(sheet, row, column, text, **(plain | looks))
    pen.figure(sheet, row, 6, result.actual, ValueType.RATIO, border=1)
    longest = max(len(result.name) / 38, len(result.reason) / 32, len(result.wording) / 34)
    sheet.set_row(row, max(18, 15 * (1 + int(longest)) + 3))
