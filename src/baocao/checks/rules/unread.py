"""What was typed where nothing is read: the finding names the cell and what to do with it."""

from __future__ import annotations

from baocao.checks.reading import Reading
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.submission import Severity, StructureProblem

_BLOCKS, _EXPLAIN = Severity.BLOCKS, Severity.EXPLAIN
_MOVE = "Hãy chuyển số liệu vào ô đúng của biểu (ô nền màu) rồi xóa số ở đây"

TEXTS = {
    "figure_beside": (
        _BLOCKS,
        "Cột này trên trang «{sheet}» không phải là cột của biểu nhưng có số liệu: {detail}. Số ở đây không được đọc. "
        + _MOVE
        + "; nếu đã chèn thêm cột thì xóa cột đó.",
    ),
    "note_beside": (
        _EXPLAIN,
        "Phần chữ ghi cạnh biểu trên trang «{sheet}» không được đọc: {detail}. Nếu cần cho báo cáo, hãy chép vào cột "
        "giải trình hoặc phần lời văn; nếu chỉ để ghi nhớ thì giữ nguyên.",
    ),
    "figure_in_grey": (
        _BLOCKS,
        "Ô này nền xám, không phải điền ở dòng và cột này, nhưng có số {detail}; số ở đây không được đọc. "
        + _MOVE
        + ".",
    ),
    "note_in_grey": (
        _EXPLAIN,
        "Ô này nền xám, không phải điền, nhưng có nội dung «{detail}»; nội dung này không được đọc. Nếu cần cho báo "
        "cáo, hãy chép vào cột giải trình hoặc phần lời văn rồi xóa ở đây.",
    ),
    "unknown_row": (
        _BLOCKS,
        "Dòng mã {name} trên trang «{sheet}» không phải là dòng của biểu nhưng có số liệu: {detail}. Số ở đây không "
        "được đọc. Hãy chuyển số liệu vào dòng đúng của tệp mẫu rồi xóa dòng này; không tự đặt mã.",
    ),
    "unknown_column": (
        _BLOCKS,
        "Cột mã {name} trên trang «{sheet}» không phải là cột của biểu nhưng có số liệu: {detail}. Số ở đây không "
        "được đọc. Hãy chuyển số liệu vào cột đúng của tệp mẫu rồi xóa cột này.",
    ),
    "figure_outside": (
        _EXPLAIN,
        "Trang «{sheet}» có số nằm ngoài các bảng của biểu, không được đọc: {detail}. Nếu là số liệu báo cáo, hãy "
        "chuyển vào ô đúng của biểu; nếu chỉ để ghi nhớ thì xóa đi hoặc giữ nguyên.",
    ),
    "shown_as_percent": (
        _EXPLAIN,
        "Ô trên trang «{sheet}» đang định dạng tỷ lệ phần trăm (%): {detail}. Hệ thống đọc số lưu trong ô. Hãy chọn ô, "
        "đổi định dạng về Số (Home > Number) và kiểm tra: ô phải hiện đúng con số cần báo cáo, theo đơn vị tính ghi "
        "trên biểu.",
    ),
    "merged_cells": (
        _BLOCKS,
        "Các ô {name} trên trang «{sheet}» đã bị trộn làm một (Merge){seen} nên không biết số là của ô nào, và ô bị "
        "che có thể còn số khác. Hãy chọn ô này, bấm «Hủy trộn ô» (Unmerge Cells), rồi điền từng ô.",
    ),
}


def report(reading: Reading, problem: StructureProblem) -> None:
    """Record the finding of one such problem."""
    severity, text = TEXTS[problem.kind]
    form = reading.layout.pack.form(problem.form)
    seen = f", đang có {problem.detail}," if problem.detail else ""
    reading.report_whole(
        RuleKind.COMPLETE,
        text.format(sheet=problem.sheet, name=problem.name, detail=problem.detail, seen=seen),
        form=form,
        sheet=problem.sheet,
        a1=problem.a1,
        item=problem.name,
        actual=problem.detail,
        severity=severity,
        tag=f"{problem.kind}.{problem.name or problem.a1}",
    )
