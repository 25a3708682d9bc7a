"""Packs kept with a report from before the schema had a number, and events kept from then: read in the words of today.

Only what a report was made with is read so; an installed pack is answered with what to change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.regimes.short_forms import KeyPath

SCHEMA = 2
"""`schema` of the packs this program reads."""

_RENAMED = {
    ("authority", "police_office"): "standing_office",
    ("authority", "police_unit"): "standing_unit",
    ("authority", "police_email"): "standing_email",
    ("report", "compliance_annex"): "compliance",
    ("report", "texts_annex"): "texts",
}
"""(part of `regime.yaml`, key of then) -> key of today."""

EARLIER_ROLES = {"police_office": "standing_office"}
"""The role of a decision in an event of then -> its name of today: an event is never rewritten."""

_KINDS = {
    "V06": RuleKind.MONEY_UNIT,
    "V11": RuleKind.CLOSING_STOCK,
    "V12": RuleKind.PART_OF_WHOLE,
    "V13": RuleKind.NOTHING_OF_NOTHING,
    "V25": RuleKind.TOTAL,
    "V26": RuleKind.RATIO,
    "V27": RuleKind.MONEY_AND_ACTIVITY,
    "V31": RuleKind.OPENING_STOCK,
    "V32": RuleKind.CUMULATIVE_YEAR,
    "V33": RuleKind.WHOLE_NOT_BELOW_PART,
    "V34": RuleKind.CUMULATIVE_TERM,
    "V35": RuleKind.LARGE_CHANGE,
    "V36": RuleKind.COPIED_REPORT,
    "V37": RuleKind.DECISION_NEEDED,
    "V61": RuleKind.INSPECTION_REGISTER,
    "V62": RuleKind.TERM_TOTAL,
}
_RELATIONS = ("V14", "V15", "V16", "V17", "V18", "V19", "V21", "V22", "V23", "V24", "V28", "V29", "V38", "V63")
_TO_EXPLAIN = {"V16", "V17", "V18", "V28", "V29"}
"""The rules every pack had before it declared its own: they stand in findings that were kept."""


def is_earlier(data: Mapping[str, Any]) -> bool:
    """Whether a `regime.yaml` is of the time before it stated its schema."""
    return "schema" not in data


def upgraded(data: Mapping[str, Any]) -> dict[str, Any]:
    """`regime.yaml` of then as one of today, without its `schema`."""
    found = dict(data)
    for (part, old), new in _RENAMED.items():
        inner = found.get(part)
        if isinstance(inner, dict) and old in inner:
            kept = {key: value for key, value in inner.items() if key != old}
            found[part] = kept if part == "report" else {**kept, new: inner[old]}
    found["rules"] = [
        *({"id": id, "kind": kind.value} for id, kind in _KINDS.items()),
        *(
            {"id": id, "title": "Quan hệ giữa các ô", "severity": "explain" if id in _TO_EXPLAIN else "blocks"}
            for id in _RELATIONS
        ),
    ]
    return found


def old_keys(data: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str, str]]:
    """(path, reason, cure) of everything an installed pack still says in the words of then."""
    if data.get("schema") != SCHEMA:
        said = f"ghi {data['schema']!r}" if "schema" in data else "chưa ghi schema"
        cure = f"hãy đổi các khóa cũ nêu dưới đây (CHANGELOG.md), rồi ghi schema: {SCHEMA} ở đầu tệp"
        yield ("schema",), f"{said}: gói viết theo khuôn cũ", cure
    for (part, old), new in _RENAMED.items():
        inner = data.get(part)
        if isinstance(inner, dict) and old in inner:
            yield (part, old), f"{old} là khóa của khuôn cũ", f"hãy ghi {new}"
    documents: list[Any] = []
    for n, entry in enumerate(data.get("legal_basis") or ()):
        document = entry.get("document") if isinstance(entry, dict) else None
        if document is not None and document in documents:
            cure = "hãy ghi mỗi văn bản (document) một lần, các điều khoản của nó ở provisions"
            yield ("legal_basis", n, "document"), "văn bản này đã ghi ở trên", cure
        documents.append(document)
    if "schema" not in data and "rules" not in data:
        yield ("rules",), "gói chưa khai quy tắc nào", "hãy khai rules (xem docs/regimes.md và docs/rules.md)"
