"""Who receives which kind of report."""

from __future__ import annotations

from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.report import ReportFinding
from baocao.model.submission import Severity


def check_recipients(pack: Pack, kind: str, chosen: tuple[str, ...] | None = None) -> tuple[ReportFinding, ...]:
    """Compare the recipients `chosen` for a dispatch (default: those of the regime) with the rule of this report kind.

    A recipient the rule does not name, one the rule names and nobody chose, one not in the regime's list, one without
    an address and one whose address nobody has verified are findings; only an unknown or unreachable one blocks.
    """
    rule, id = pack.rule_of(kind), pack.rules.id_of(RuleKind.RECIPIENTS)
    known = {r.id: r for r in pack.regime.recipients}
    wanted = rule.recipients
    sent = wanted if chosen is None else chosen
    found = []
    # Once each, in the order in which they are sent to.
    for code in dict.fromkeys([*sent, *wanted]):
        recipient = known.get(code)
        if recipient is None:
            text = f"Nơi nhận {code} không có trong danh mục nơi nhận của chế độ báo cáo; hãy sửa regime.yaml."
            found.append(ReportFinding(id, Severity.BLOCKS, code, text))
        elif code not in wanted:
            text = f"{recipient.name} không phải nơi nhận của loại báo cáo này ({rule.anchor}); chỉ gửi khi có yêu cầu."
            found.append(ReportFinding(id, Severity.EXPLAIN, recipient.name, text))
        elif code not in sent:
            text = f"{recipient.name} phải nhận loại báo cáo này ({rule.anchor}) nhưng chưa có trong danh sách gửi."
            found.append(ReportFinding(id, Severity.BLOCKS, recipient.name, text))
        elif not recipient.email:
            text = f"{recipient.name} chưa có địa chỉ nhận; hãy bổ sung trong regime.yaml."
            found.append(ReportFinding(id, Severity.BLOCKS, recipient.name, text))
        # Explained and not blocked: an office that knows the address may send.
        elif not recipient.verified:
            text = f"Địa chỉ nhận của {recipient.name} chưa được xác minh; hãy xác minh trước khi gửi."
            found.append(ReportFinding(id, Severity.EXPLAIN, recipient.name, text))
    return tuple(found)
