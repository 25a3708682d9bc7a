"""The columns of the tables of the Word templates: heading, width in millimetres, what stands there, its alignment."""

from __future__ import annotations

Columns = tuple[tuple[str, float, str, str], ...]

RESULT_COLUMNS = (
    ("STT", 17, "row.item", "c"),
    ("Chỉ tiêu", 60, "row.name", "l"),
    ("ĐVT", 17, "row.unit", "c"),
    ("{{ unused.plan }}Kế hoạch năm", 17, "row.plan", "r"),
    ("Thực hiện trong kỳ", 19, "row.actual", "r"),
    ("{{ unused.bottom }}Trên tổng số", 17, "row.bottom", "r"),
    ("{{ unused.ratio }}Tỷ lệ, % KH năm", 15, "row.ratio", "r"),
    ("{{ unused.year }}Lũy kế năm", 17, "row.year", "r"),
    ("{{ unused.term }}Lũy kế giai đoạn", 18, "row.term", "r"),
    ("Cùng kỳ năm trước", 18, "row.previous", "r"),
    ("Tăng (+), giảm (-)", 16, "row.change", "r"),
    ("Đơn vị có số liệu", 16, "row.coverage", "c"),
)
MONEY_COLUMNS = (
    ("STT", 25, "row.item", "c"),
    ("{{ layout.money_rows }}", 82, "row.name", "l"),
    ("Kế hoạch giao năm", 20, "row.plan", "r"),
    ("Đã phân bổ", 20, "row.allocated", "r"),
    ("Giải ngân trong kỳ", 20, "row.actual", "r"),
    ("Lũy kế giải ngân năm", 20, "row.year", "r"),
    ("Tỷ lệ (%)", 16, "row.ratio", "r"),
    ("Đã quyết toán", 22, "row.settled", "r"),
    ("Nợ đọng XDCB", 22, "row.debt", "r"),
)
SUMMARY_COLUMNS = (
    ("{{ layout.sum_rows }}", 68, "row.name", "l"),
    ("Kế hoạch giao", 25, "row.plan", "r"),
    ("Đã phân bổ", 24, "row.allocated", "r"),
    ("Lũy kế giải ngân", 25, "row.year", "r"),
    ("Tỷ lệ (%)", 18, "row.ratio", "r"),
)
TARGET_COLUMNS = (
    ("STT", 11, "row.number", "c"),
    ("Mục tiêu", 63, "row.name", "l"),
    ("Cấp", 18, "row.scope", "c"),
    ("Mức phải đạt", 27, "row.wanted", "c"),
    ("Thực hiện", 20, "row.actual", "r"),
    ("Đánh giá", 21, "row.verdict", "c"),
)
CORRECTION_COLUMNS = (
    ("STT", 16, "row.item", "c"),
    ("Chỉ tiêu (cột)", 44, "row.name", "l"),
    ("ĐVT", 14, "row.unit", "c"),
    ("Số đã báo cáo", 20, "row.old", "r"),
    ("Số đính chính", 20, "row.new", "r"),
    ("Tăng (+), giảm (-)", 18, "row.difference", "r"),
    ("Nguồn thay đổi", 28, "row.units", "l"),
)
TASK_COLUMNS = (
    ("STT", 10, "row.item", "c"),
    ("Rõ việc", 40, "row.work", "l"),
    ("Rõ người", 28, "row.who", "l"),
    ("Rõ thời gian", 22, "row.time", "l"),
    ("Rõ trách nhiệm", 36, "row.responsibility", "l"),
    ("Rõ sản phẩm", 36, "row.product", "l"),
    ("Rõ thẩm quyền", 20, "row.authority", "l"),
    ("Tiến độ", 21, "row.progress", "c"),
    ("Sản phẩm đã có trong kỳ", 34, "row.outcome", "l"),
)
MOVEMENT_COLUMNS = (
    ("Nhóm", 70, "row.name", "l"),
    ("Đầu kỳ", 22, "row.opening", "r"),
    ("Tăng trong kỳ", 23, "row.increase", "r"),
    ("Giảm trong kỳ", 23, "row.decrease", "r"),
    ("Cuối kỳ", 22, "row.closing", "r"),
)


def term_columns(*, estimates: bool, name: str, money: bool = False) -> Columns:
    """Year by year, for a landscape page (257 mm)."""
    width = (16 if money else 15) if estimates else 18
    columns: list[tuple[str, float, str, str]] = [] if money else [("STT", 14, "row.item", "c")]
    columns.append((name, 257.0, "row.name", "l"))
    columns += [] if money else [("ĐVT", 15, "row.unit", "c")]
    columns.append(("Kế hoạch {{ term_name }}", width + 4, "row.plan", "r"))
    columns += [(f"{{{{ term_years[{i}] }}}}", width, f"row.years[{i}]", "r") for i in range(5)]
    columns += [
        ("Lũy kế từ báo cáo các kỳ", width + 3, "row.accumulated", "r"),
        ("Thực hiện giai đoạn", width + 3, "row.reached", "r"),
        ("% kế hoạch", 17, "row.percent", "r"),
    ]
    if estimates:
        columns += [("Ước đến {{ term_ends }}", width + 6, "row.estimate", "r")]
        columns += [("% kế hoạch (ước)", 17, "row.estimate_percent", "r")]
    left = 257.0 - sum(c[1] for c in columns if c[0] != name)
    return tuple((c[0], left if c[0] == name else c[1], c[2], c[3]) for c in columns)


def term_summary(*, estimates: bool, money: bool) -> Columns:
    """For the body of the report: a portrait page (160 mm)."""
    name = "{{ layout.sum_rows }}" if money else "Chỉ tiêu"
    wide, narrow = (22.0, 18.0) if estimates else (26.0, 20.0)
    columns = [("Kế hoạch {{ term_name }}", wide, "row.plan", "r"), ("Thực hiện giai đoạn", wide, "row.reached", "r")]
    columns += [("% kế hoạch", narrow, "row.percent", "r")]
    if estimates:
        columns += [("Ước đến {{ term_ends }}", 23.5, "row.estimate", "r")]
        columns += [("% kế hoạch (ước)", narrow, "row.estimate_percent", "r")]
    if not money:
        columns.insert(0, ("ĐVT", 14.0, "row.unit", "c"))
    left = 160.0 - sum(c[1] for c in columns)
    return ((name, left, "row.name", "l"), *columns)
