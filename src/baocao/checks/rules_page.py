"""docs/rules.md: what the engine can look at, then every regime's rules with their legal basis and their cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import KINDS, STAGE_NAMES, KindFacts, RuleKind, Stage
from baocao.model.pack_parts.rules import Rule
from baocao.model.regime import Regime
from baocao.model.submission import Severity
from baocao.regimes.law import basis_in_words

Touched = Mapping[str, frozenset[CellKey]]
_LISTED = 8
"""More rows than this are counted by form instead; the pages of the forms list them cell by cell."""


def rules_table(packs: Sequence[tuple[Pack, Touched, Regime]]) -> str:
    """The page in Vietnamese, Markdown: the kinds of rules stage by stage, then regime by regime its rules.

    Beside every pack: rule id -> cells it looks at, and the regime whose provisions its forms cite.
    """
    lines = [
        "# Quy tắc kiểm tra số liệu",
        "",
        "Trang này sinh ra từ các gói chế độ (khóa `rules` của `regime.yaml`); sửa ở đó rồi chạy `make docs`.",
        "",
        "**Chặn**: đơn vị phải sửa thì báo cáo mới được nhận. **Giải trình**: báo cáo vẫn được nhận, đơn vị ghi lý do. "
        "**Cổng**: quy tắc được Great Expectations tính lại, độc lập, trên toàn bộ số liệu đã nhận.",
        "",
        "## Loại quy tắc",
        "",
        "Hệ thống chỉ biết các loại dưới đây. Loại có ghi mã mặc định luôn chạy ở mọi chế độ; loại khác chỉ chạy khi "
        "gói chế độ khai.",
    ]
    for stage in Stage:
        lines += [
            "",
            f"### {STAGE_NAMES[stage]}",
            "",
            "| Loại | Xét điều gì | Mức | Mã mặc định | Nơi thực hiện | Cổng |",
        ]
        lines.append("|---|---|---|---|---|---|")
        lines += [_described(kind, facts) for kind, facts in KINDS.items() if facts.stage is stage]
    for pack, touched, origin in packs:
        lines += [
            "",
            f"## {pack.regime.name}",
            "",
            f"Gói `{pack.code}`. Ô viết BIỂU/DÒNG; nhiều dòng thì ghi số ô theo ",
        ]
        lines[-1] += "biểu (trang của từng biểu, `make docs`, ghi quy tắc ở mỗi ô)."
        lines += ["", "| Mã | Loại | Quy tắc | Mức | Căn cứ | Ô |", "|---|---|---|---|---|---|"]
        lines += [_declared(rule, pack, touched, origin) for rule in pack.rules]
    return "\n".join(lines) + "\n"


def _described(kind: RuleKind, facts: KindFacts) -> str:
    level = _level(facts.severity, facts.softened)
    gate = "có" if facts.gate else "-"
    return f"| `{kind}` | {facts.title} | {level} | {facts.structural_id or '-'} | `{facts.enforced}` | {gate} |"


def _declared(rule: Rule, pack: Pack, touched: Touched, origin: Regime) -> str:
    # A stroke would end the table's cell.
    basis = basis_in_words(rule.anchor, pack.regime, origin).replace("|", "/")
    level = _level(rule.severity, rule.softened)
    return f"| {rule.id} | `{rule.kind}` | {rule.title} | {level} | {basis} | {_where(rule, touched)} |"


def _level(severity: Severity, softened: str) -> str:
    level = "chặn" if severity is Severity.BLOCKS else "giải trình"
    return level + (f" ({softened})" if softened else "")


def _where(rule: Rule, touched: Touched) -> str:
    if not rule.at_submission:
        return "lịch" if rule.stage is Stage.CALENDAR else "số tổng hợp, văn bản, bản đã gửi"
    if rule.facts.of_the_workbook:
        return "tệp, trang Thông tin, thời điểm gửi"
    keys = touched.get(rule.id)
    if not keys:
        return f"Không áp dụng: {rule.facts.without}"
    rows = sorted({f"{key.form}/{key.row}" for key in keys})
    return ", ".join(rows) if len(rows) <= _LISTED else _counted(keys)


def _counted(keys: Iterable[CellKey]) -> str:
    forms = [key.form for key in keys]
    return ", ".join(f"{form}: {forms.count(form)} ô" for form in sorted(set(forms)))
