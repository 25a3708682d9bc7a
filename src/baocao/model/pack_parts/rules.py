"""The rules of one regime: declared in its pack, and the structural ones that every regime has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import Field, model_validator

from baocao.model.pack_parts.rule_kinds import KINDS, KindFacts, RuleKind, Stage
from baocao.model.pack_parts.strict import Strict
from baocao.model.submission import Severity


class Rule(Strict):
    """One rule of a pack (`rules` of `regime.yaml`). What it leaves out is as its kind says."""

    id: Annotated[str, Field(pattern=r"^V\d\d$")]
    """Stable: it stands in findings that were kept."""
    kind: RuleKind = RuleKind.RELATION
    title: str
    """Vietnamese, as the unit and the office read it."""
    severity: Severity
    anchor: str = ""
    """Its legal basis: ids of `legal_basis`, parted by `; `. Empty: a convention of the system."""
    softened: str = ""
    """When the other severity applies, in words."""

    @model_validator(mode="before")
    @classmethod
    def _as_its_kind(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        kind = given.get("kind", RuleKind.RELATION)
        if kind not in set(RuleKind):
            return given  # the schema says what is wrong with it
        facts = KINDS[RuleKind(kind)]
        if facts.fixed and given.get("severity", facts.severity) != facts.severity:
            # The steps after it rely on the severity: a workbook of an unknown unit, say, can be kept
            # nowhere (ADR 0036).
            raise ValueError(f"quy tắc loại {kind} luôn ở mức {facts.severity.value}; hãy bỏ severity")
        implied = {"severity": facts.severity, "softened": facts.softened}
        if kind != RuleKind.RELATION:  # what a pack's own relations say only the pack can know
            implied["title"] = facts.title
        return {**implied, **given}

    @property
    def facts(self) -> KindFacts:
        return KINDS[self.kind]

    @property
    def stage(self) -> Stage:
        return self.facts.stage

    @property
    def gate(self) -> bool:
        return self.facts.gate

    @property
    def at_submission(self) -> bool:
        return self.facts.at_submission


STRUCTURAL: tuple[Rule, ...] = tuple(
    Rule.model_validate({"id": facts.structural_id, "kind": kind})
    for kind, facts in KINDS.items()
    if facts.structural_id
)
"""What every regime is checked by, in neutral words."""


class RuleBook:
    """The rules that run: those declared, and the structural ones that the pack does not declare in its own words."""

    def __init__(self, declared: Sequence[Rule] = ()) -> None:
        kinds = {rule.kind for rule in declared}
        # By kind and not by id: a pack may give a structural rule an id of its own.
        every = [*declared, *(rule for rule in STRUCTURAL if rule.kind not in kinds)]
        self._by_id = {rule.id: rule for rule in sorted(every, key=lambda rule: rule.id)}
        self._by_kind: dict[RuleKind, Rule] = {rule.kind: rule for rule in every if rule.kind is not RuleKind.RELATION}

    def __iter__(self) -> Iterator[Rule]:
        """By id."""
        return iter(self._by_id.values())

    def __contains__(self, id: object) -> bool:
        return id in self._by_id

    def __getitem__(self, id: str) -> Rule:
        """The rule `id`; KeyError when the pack has none."""
        return self._by_id[id]

    def of(self, kind: RuleKind) -> Rule | None:
        """The rule of that kind; None where the pack does not declare it, so that it does not run."""
        return self._by_kind.get(kind)

    def id_of(self, kind: RuleKind) -> str:
        """The id of a rule that always runs. Raises KeyError for a kind that the pack does not have."""
        return self._by_kind[kind].id


def merged(own: Sequence[Rule], lent: Sequence[Rule]) -> tuple[Rule, ...]:
    """The borrower's own rules, and those about cells that come with the forms it borrows where it has none of that id
    or kind. What is asked of a workbook or a report as a whole each regime says itself."""
    ids = {rule.id for rule in own}
    kinds = {rule.kind for rule in own} - {RuleKind.RELATION}
    # Rules about the workbook as a whole are not lent: their basis is the borrower's own plan (ADR 0036).
    return (*own, *(r for r in lent if r.facts.of_cells and r.id not in ids and r.kind not in kinds))
