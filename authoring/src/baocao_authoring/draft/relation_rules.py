"""Under which rules of a pack the relations of a draft stand: a form declares no rules of its own (ADR 0036)."""

from __future__ import annotations

from dataclasses import dataclass

from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.text import fold

PART_TITLE = "Số «trong đó» không lớn hơn số chung"


@dataclass(frozen=True)
class RuleOfPack:
    """One rule that relations of a draft name."""

    id: str
    declared: bool
    """False: the pack has none of that meaning; `id` is one it has free."""
    doubt: str = ""
    """what a person must look at, listed once"""


@dataclass(frozen=True)
class RelationRules:
    """`part`: a part is at most its whole. `total`: a total equals the sum of its parts."""

    part: RuleOfPack
    total: RuleOfPack


def _of_no_pack(id: str) -> RuleOfPack:
    doubt = f"quy tắc {id} là của gói mẫu; chưa nêu --regime, hãy đổi sang mã cùng nghĩa mà gói khai ở rules"
    return RuleOfPack(id, True, doubt)


WITHOUT_PACK = RelationRules(_of_no_pack("V14"), _of_no_pack("V25"))
"""The ids of the pack to begin with (`regime new`)."""


def rules_for(pack: Pack | None) -> RelationRules:
    """The rules of `pack` that mean the same; where it has none, what to declare."""
    if pack is None:
        return WITHOUT_PACK
    free = iter(f"V{n:02}" for n in range(10, 100) if f"V{n:02}" not in pack.rules)
    # By the title: a pack's rules of relations differ by meaning alone, and only their titles say it.
    says = (r.id for r in pack.rules if r.kind is RuleKind.RELATION and fold("trong đó") in fold(r.title))
    part, total = next(says, None), pack.rules.of(RuleKind.TOTAL)
    return RelationRules(
        RuleOfPack(part, True) if part else _to_declare(pack, next(free), f'title: "{PART_TITLE}"'),
        RuleOfPack(total.id, True) if total else _to_declare(pack, next(free), "kind: total"),
    )


def _to_declare(pack: Pack, id: str, what: str) -> RuleOfPack:
    doubt = (
        f"gói {pack.code} chưa khai quy tắc cho quan hệ này: khai {{id: {id}, {what}}} ở rules của regime.yaml "
        "(hoặc ghi mã cùng nghĩa đã khai) rồi bỏ dấu # ở đầu các dòng"
    )
    return RuleOfPack(id, False, doubt)
