"""Everything that is wrong with a pack, and what somebody should know of it. Nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from baocao.checks.engine import compile_rules
from baocao.checks.rules.touched import touched
from baocao.forms.derivation import pack_derivations
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import KINDS, RuleKind
from baocao.model.pack_parts.rules import Rule
from baocao.model.pack_views import with_every_form
from baocao.regimes.errors import PackError
from baocao.regimes.examination.faults import examine
from baocao.regimes.examination.remarks import one_unit_of_each_slice
from baocao.settings import ConfigurationError
from baocao.workflow.installation import Installation, Refused


def check_regime(place: Installation, named: str | None) -> list[dict[str, Any]]:
    """Every fault and warning of one pack, named by code or folder, or of all packs. Raises Refused."""
    if named is None:
        folders = list(place.folders.values())
    elif named in place.folders:
        folders = [place.folders[named]]
    elif Path(named).is_dir():
        folders = [Path(named)]
    else:
        known = ", ".join(sorted(place.folders)) or "(chưa có)"
        raise Refused(f"Không có chế độ hay thư mục {named!r}; các chế độ hiện có: {known}")
    return [_checked(place, folder) for folder in folders]


def _checked(place: Installation, folder: Path) -> dict[str, Any]:
    """Faults and warnings of one pack folder; what only compiling finds is looked for where nothing else is wrong."""
    found = examine(folder, place.settings.reference)
    faults = list(found.faults)
    # Compiling what has faults would tell the same ones again, in the words of the rules.
    if found.pack is not None and not faults:
        faults += _seen_when_compiled(found.pack, folder)
    warnings = list(found.warnings)
    if found.pack is not None and not faults:
        warnings += _kinds_left_out(with_every_form(found.pack), folder)
    return {
        "regime": folder.name,
        "folder": str(folder),
        "complete": found.complete,
        "faults": [_line(fault) for fault in faults],
        "warnings": [_line(warning) for warning in warnings],
    }


def _seen_when_compiled(pack: Pack, folder: Path) -> list[PackError]:
    """A circle of derived cells, a component that no form has: what the checks and the consolidation would stop at."""
    try:
        pack_derivations(pack)
        for unit in one_unit_of_each_slice(pack):
            compile_rules(pack, unit)
    except ConfigurationError as error:
        reason, _, cure = str(error).partition("; ")
        named = next((f for f in pack.forms if reason.startswith(f"biểu {f.code}:")), None)
        file = folder / "forms" / named.code / f"{named.version}.yaml" if named else folder / "regime.yaml"
        return [PackError(file, 1, "", reason, cure or "hãy sửa derive")]
    return []


def _kinds_left_out(pack: Pack, folder: Path) -> Iterator[PackError]:
    """Kinds of rules that the pack does not declare although its forms have cells for them."""
    missing = [kind for kind in RuleKind if kind is not RuleKind.RELATION and pack.rules.of(kind) is None]
    # Ids for the length of this question: nothing is declared by it.
    free = [f"V{n:02}" for n in range(100) if f"V{n:02}" not in pack.rules]
    more = dict(zip(free, missing, strict=False))
    rules = (*pack.regime.rules, *(Rule.model_validate({"id": id, "kind": kind}) for id, kind in more.items()))
    regime = pack.regime.model_copy(update={"rules": rules})
    seen = touched(replace(pack, regime=regime, view=f"{pack.view} every kind"))
    for id, kind in more.items():
        if cells := seen.get(id):
            reason = f"biểu có {len(cells)} ô thuộc loại quy tắc {kind} mà gói không khai: không được xét"
            cure = f"hãy khai kind: {kind} ở rules, nếu muốn xét «{KINDS[kind].title}»"
            yield PackError(folder / "regime.yaml", 1, "rules", reason, cure)


def _line(fault: PackError) -> dict[str, Any]:
    return {
        "file": str(fault.file),
        "line": fault.line,
        "key": fault.key,
        "reason": fault.reason,
        "cure": fault.cure,
    }


def check_text(packs: list[dict[str, Any]]) -> str:
    """The answer of `check_regime` for people: faults first, file by file."""
    lines: list[str] = []
    for pack in packs:
        for title, found in (("LỖI", pack["faults"]), ("LƯU Ý", pack["warnings"])):
            for f in found:
                key = f"{f['key']}: " if f["key"] else ""
                lines.append(f"{title}  {f['file']}:{f['line']}: {key}{f['reason']}; {f['cure']}")
        if not pack["complete"]:
            lines.append("Còn tệp không đọc được nên chưa đối chiếu các tệp với nhau; hãy sửa rồi kiểm tra lại.")
        verdict = f"{len(pack['faults'])} lỗi" if pack["faults"] else "dùng được"
        lines.append(f"{pack['regime']}: {verdict}, {len(pack['warnings'])} lưu ý")
    return "\n".join(lines)
