"""The difference between two sets of rules over the same files: as data and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from baocao.checks.engine import decide
from baocao.forms.reading.numbers import format_value
from baocao.model.consolidated import Consolidation
from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.report import TargetVerdict
from baocao.model.submission import AcceptedCells, Finding, Severity, Status, Workbook
from baocao.rounding import rounded
from baocao.workflow.verb_answers import finding as finding_data


@dataclass(frozen=True)
class Side:
    """The rules of one side: those in force, or those proposed."""

    pack: Pack
    period: Period


@dataclass(frozen=True)
class FileVerdict:
    """One file under one side's rules."""

    workbook: Workbook
    findings: tuple[Finding, ...]
    kept: AcceptedCells

    @property
    def status(self) -> Status:
        return decide(self.findings)


def comparable(key: CellKey, old: Pack, new: Pack) -> bool:
    """Whether a cell is there on both sides with the same type and unit of measure."""
    left, right = _meaning(key, old), _meaning(key, new)
    return left is not None and left == right


def _meaning(key: CellKey, pack: Pack) -> tuple[object, ...] | None:
    form = next((f for f in pack.forms if f.code == key.form), None)
    found = form.cells.get(key) if form else None
    if found is None:
        return None
    table, row, column = found
    return table.type_of(row, column), row.unit


def unit_difference(pack: Pack, code: str, old: FileVerdict, new: FileVerdict, not_asked: set[str]) -> dict[str, Any]:
    """Verdicts and findings of one unit under both sides; `not_asked` are keys of the new side that do not count."""
    kept = tuple(f for f in new.findings if f.key not in not_asked)
    # By key, which follows the cell: a finding whose sentence changed is the same finding in other words.
    before, after = {f.key: f for f in old.findings}, {f.key: f for f in kept}
    unit = pack.unit(code)
    return {
        "unit": code,
        "unit_name": unit.full_name if unit else code,
        "verdict_before": old.status.value.lower(),
        "verdict_after": decide(kept).value.lower(),
        "appear": [finding_data(f) for key, f in after.items() if key not in before],
        "vanish": [finding_data(f) for key, f in before.items() if key not in after],
        "changed": [
            {"before": finding_data(before[key]), "after": finding_data(f)}
            for key, f in after.items()
            if key in before and _told(before[key]) != _told(f)
        ],
        "blocking_after": sum(f.severity is Severity.BLOCKS for f in kept),
        "not_asked": len(not_asked),
    }


def _told(finding: Finding) -> tuple[str, ...]:
    return finding.severity.value, finding.message, finding.expected, finding.actual, finding.suggestion


def answer(
    before: Side,
    after: Side,
    units: Sequence[dict[str, Any]],
    provinces: tuple[Consolidation, Consolidation],
    notes: Sequence[str],
) -> dict[str, Any]:
    """Everything `baocao what-if` answers."""
    differing = [u for u in units if u["appear"] or u["vanish"] or u["changed"]]
    values = list(_values(before.pack, after.pack, *provinces))
    targets = list(_targets(*provinces))
    return {
        "regime": before.pack.code,
        "period": before.period.code,
        "pack_before": before.pack.sha256,
        "pack_after": after.pack.sha256,
        "forms_changed": _forms_changed(before.pack, after.pack),
        "submissions": len(units),
        "same": not (differing or values or targets),
        "verdicts": [
            {k: u[k] for k in ("unit", "unit_name", "verdict_before", "verdict_after", "blocking_after")}
            for u in units
            if u["verdict_before"] != u["verdict_after"]
        ],
        "rules": _by_rule(differing),
        "units": differing,
        "values": values,
        "targets": targets,
        "not_asked": sum(u["not_asked"] for u in units),
        "notes": list(notes),
    }


def _forms_changed(old: Pack, new: Pack) -> list[dict[str, str]]:
    before, after = {f.code: f for f in old.forms}, {f.code: f for f in new.forms}
    return [
        {
            "form": code,
            "before": before[code].version if code in before else "",
            "after": after[code].version if code in after else "",
        }
        for code in dict.fromkeys([*before, *after])
        if before.get(code) != after.get(code)
    ]


def _by_rule(units: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rule -> how many findings come and go, and in how many units."""
    found: dict[str, dict[str, Any]] = {}
    for unit in units:
        for kind in ("appear", "vanish"):
            for one in unit[kind]:
                entry = found.setdefault(one["rule"], {"rule": one["rule"], "appear": 0, "vanish": 0, "units": set()})
                entry[kind] += 1
                entry["units"].add(unit["unit"])
    return [{**found[rule], "units": len(found[rule]["units"])} for rule in sorted(found)]


def _values(old_pack: Pack, new_pack: Pack, old: Consolidation, new: Consolidation) -> Iterator[dict[str, Any]]:
    """The consolidated cells that would change, come or go."""
    for key in dict.fromkeys([*old.values, *new.values]):
        left, right = old.values.get(key), new.values.get(key)
        if left is not None and right is not None:
            same = (left.value, left.nil, left.classes) == (right.value, right.nil, right.classes)
            if same and comparable(key, old_pack, new_pack):
                continue
        elif (left or right) is not None and getattr(left or right, "value", None) is None:
            continue  # a cell without a figure came or went
        yield {
            "cell": str(key),
            "before": left.value if left else None,
            "after": right.value if right else None,
            "what": "changed" if left and right else "gone" if left else "new",
            "comparable": bool(left and right and comparable(key, old_pack, new_pack)),
        }


def _targets(old: Consolidation, new: Consolidation) -> Iterator[dict[str, Any]]:
    """The targets whose verdict, figure or requirement would change."""
    before, after = {t.target_id: t for t in old.targets}, {t.target_id: t for t in new.targets}
    for id in dict.fromkeys([*before, *after]):
        left, right = before.get(id), after.get(id)
        if (
            left is None
            or right is None
            or (left.verdict, left.actual, left.wanted) != (right.verdict, right.actual, right.wanted)
        ):
            yield {
                "target": id,
                "name": (left or right).name,  # type: ignore[union-attr]
                "verdict_before": left.verdict.value if left else None,
                "verdict_after": right.verdict.value if right else None,
                "actual_before": left.actual if left else None,
                "actual_after": right.actual if right else None,
            }


def what_if_text(data: dict[str, Any]) -> str:
    """The same as text: verdicts first, then rules, units, province figures."""
    forms = ", ".join(
        f"{f['form']} {f['before'] or '(chưa có)'} -> {f['after'] or '(bỏ)'}" for f in data["forms_changed"]
    )
    lines = [
        f"Kỳ {data['period']}: {data['submissions']} báo cáo đã tiếp nhận, kiểm tra lại theo quy tắc mới; không ghi gì."
    ]
    lines.append(f"Biểu đổi: {forms or 'không biểu nào'}.")
    if data["same"]:
        lines.append("KHÔNG có gì khác: kết luận, phát hiện và số tổng hợp đều như cũ.")
    verdicts = data["verdicts"]
    lines.append(f"{len(verdicts)} đơn vị đổi kết luận:" if verdicts else "Không đơn vị nào đổi kết luận.")
    said = {"accepted": "tiếp nhận", "returned": "trả lại"}
    lines += [
        f"  - {v['unit']} {v['unit_name']}: {said[v['verdict_before']]} -> {said[v['verdict_after']]}" for v in verdicts
    ]
    for rule in data["rules"]:
        lines.append(f"{rule['rule']}: thêm {rule['appear']}, mất {rule['vanish']} phát hiện ở {rule['units']} đơn vị")
    for unit in data["units"]:
        lines.append(f"{unit['unit']} {unit['unit_name']}:")
        lines += [f"  + {_line(f)}" for f in unit["appear"]] + [f"  - {_line(f)}" for f in unit["vanish"]]
        lines += [f"  ~ {_line(c['after'])} (trước: {c['before']['message']})" for c in unit["changed"]]
    lines.append(f"{len(data['values'])} số tổng hợp đổi:" if data["values"] else "Không số tổng hợp nào đổi.")
    lines += [f"  - {v['cell']}: {_figure(v['before'])} -> {_figure(v['after'])}{_why(v)}" for v in data["values"]]
    lines += [
        f"Mục tiêu {t['target']} «{t['name']}»: {_verdict(t['verdict_before'])} -> {_verdict(t['verdict_after'])}"
        for t in data["targets"]
    ]
    if data["not_asked"]:
        lines.append(
            f"{data['not_asked']} ô, dòng, biểu mới không có trong tệp cũ: chưa ai được hỏi, không tính là lỗi."
        )
    return "\n".join([*lines, *(f"Lưu ý: {n}" for n in data["notes"])])


def _verdict(value: str | None) -> str:
    return TargetVerdict(value).label.lower() if value else "(không có)"


def _line(found: dict[str, Any]) -> str:
    mark = "SAI" if found["severity"] == "blocks" else "HỎI"
    return f"{mark} {found['rule']} {found['sheet']}!{found['cell']} {found['item']} {found['message']}"


def _figure(value: object) -> str:
    if value is None:
        return "(không có)"
    if isinstance(value, Fraction):
        return f"{format_value(rounded(value, 2), ValueType.RATIO)} %"
    return format_value(value, ValueType.DECIMAL)  # type: ignore[arg-type]


def _why(value: dict[str, Any]) -> str:
    if value["what"] == "new":
        return " (ô mới)"
    if value["what"] == "gone":
        return " (ô bị bỏ)"
    return "" if value["comparable"] else " (khác kiểu hoặc đơn vị tính: không so được)"
