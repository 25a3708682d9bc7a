"""docs/rules.md: every rule with its kind and legal basis, and for every pack the cells it looks at or why none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from baocao.checks.registry import RULES, STAGE_NAMES, Rule, Stage
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.submission import Severity

Touched = Mapping[str, frozenset[CellKey]]
_LISTED = 8
"""More rows than this are counted by form instead; the pages of the forms list them cell by cell."""
_OF_THE_WORKBOOK = frozenset({"V04", "V05", "V42", "V43"})
_NOTHING = "các biểu không có mối quan hệ nào thuộc quy tắc này"
WITHOUT = {
    "V06": "các biểu không có ô tiền",
    "V11": "các biểu không có bảng biến động (đầu kỳ, tăng, giảm, cuối kỳ)",
    "V12": "các biểu không có cột tử số, mẫu số",
    "V13": "các biểu không có cột tử số, mẫu số",
    "V25": "các biểu không có dòng, cột tổng được tính",
    "V26": "các biểu không có tỷ lệ được tính",
    "V27": "không {project} nào có cả ô hoạt động và ô giải ngân",
    "V31": "các biểu không có bảng biến động (đầu kỳ, tăng, giảm, cuối kỳ)",
    "V32": "các biểu không có cột lũy kế năm",
    "V33": "không có báo cáo năm, giữa kỳ hoặc cuối kỳ nào đứng sau một báo cáo khác của cùng thời gian",
    "V34": "các biểu không có cột lũy kế giai đoạn",
    "V36": "biểu của mỗi đơn vị có ít hơn 10 số phát sinh, trùng nhau chưa nói lên điều gì",
    "V37": "không có câu trả lời nào đổi bằng quyết định (khóa decided_by)",
    "V44": "các biểu không có ô ngày",
    "V61": "chế độ không có sổ theo dõi kiểm tra (khóa inspections)",
    "V62": "chế độ không có báo cáo giữa kỳ, cuối kỳ",
}
"""Why a pack can give a rule nothing to look at: the one place where it is said."""


def rules_table(packs: Sequence[tuple[Pack, Touched]]) -> str:
    """The page in Vietnamese, Markdown: the rules stage by stage, then rule by rule the cells in every pack."""
    lines = [
        "# Quy tắc kiểm tra số liệu",
        "",
        "Trang này sinh ra từ `src/baocao/checks/registry.py` và từ các gói chế độ; sửa ở đó rồi chạy `make docs`.",
        "",
        "**Chặn**: đơn vị phải sửa thì báo cáo mới được nhận. **Giải trình**: báo cáo vẫn được nhận, đơn vị ghi lý do. "
        "**Cổng**: quy tắc được Great Expectations tính lại, độc lập, trên toàn bộ số liệu đã nhận.",
    ]
    for stage in Stage:
        lines += ["", f"## {STAGE_NAMES[stage]}", "", "| Mã | Quy tắc | Mức | Căn cứ | Nơi thực hiện | Cổng |"]
        lines.append("|---|---|---|---|---|---|")
        lines += [_described(r) for r in RULES if r.stage is stage]
    lines += ["", "## Ô được xét, theo gói chế độ", ""]
    lines.append(
        "Ô viết BIỂU/DÒNG; nhiều dòng thì ghi số ô theo biểu (trang của từng biểu, `make docs`, ghi quy tắc ở mỗi ô). "
        "V04, V05, V42, V43 xét tệp, trang Thông tin và thời điểm gửi; V45 xét lịch; V51 - V58 xét số tổng hợp, văn "
        "bản và bản đã gửi: áp dụng ở mọi gói."
    )
    lines += ["", "| Mã | Gói | Ô |", "|---|---|---|"]
    for r in RULES:
        if r.at_submission and r.id not in _OF_THE_WORKBOOK:
            lines += [f"| {r.id} | {pack.code} | {_where(r, touched, pack)} |" for pack, touched in packs]
    return "\n".join(lines) + "\n"


def _described(r: Rule) -> str:
    level = "chặn" if r.severity is Severity.BLOCKS else "giải trình"
    level += f" ({r.softened})" if r.softened else ""
    return f"| {r.id} | {r.title} | {level} | {r.anchor} | `{r.enforced}` | {'có' if r.gate else '-'} |"


def _where(r: Rule, touched: Touched, pack: Pack) -> str:
    keys = touched.get(r.id)
    if not keys:
        return f"Không áp dụng: {WITHOUT.get(r.id, _NOTHING).format(project=pack.regime.wording.project)}"
    rows = sorted({f"{key.form}/{key.row}" for key in keys})
    return ", ".join(rows) if len(rows) <= _LISTED else _counted(keys)


def _counted(keys: Iterable[CellKey]) -> str:
    forms = [key.form for key in keys]
    return ", ".join(f"{form}: {forms.count(form)} ô" for form in sorted(set(forms)))
