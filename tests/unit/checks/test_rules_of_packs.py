"""Rules belong to packs: what a pack declares runs as it says, what it does not declare does not run."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from baocao.checks.consolidation_gate.gate import failures
from baocao.model.pack_parts.rule_kinds import KINDS, RuleKind, Stage
from baocao.model.pack_parts.rules import STRUCTURAL, Rule, RuleBook, merged
from baocao.model.submission import Severity
from baocao.regimes.load import load_pack, regime_folders
from builders.packs.checks import COMMUNE, HALF_YEAR, accepted, findings, rules_pack, workbook

ROOT = Path(__file__).resolve().parents[3]
PACKS = {folder.name: load_pack(folder) for folder in regime_folders(ROOT)}
BROKEN = {"PL01/CT11/TH": 4}
"""A part larger than its whole."""


def rule(id: str, kind: str, **more: str) -> Rule:
    return Rule.model_validate({"id": id, "kind": kind, **more})


def found(*rules: Rule) -> list[tuple[str, Severity]]:
    pack = rules_pack(rules=rules, relations=())
    forms = tuple(form.model_copy(update={"relations": ()}) for form in pack.forms)
    pack = type(pack)(pack.regime, pack.units, forms, (), f"{hash(rules):064x}")
    book = workbook(BROKEN, unit=COMMUNE, pack=pack)
    told = [(f.rule, f.severity) for f in findings(book, unit=COMMUNE, pack=pack)]
    gate = {(r, s) for _, r, _, s in failures(pack, HALF_YEAR, [accepted(book, 0)])}
    assert gate == {(r, s.value) for r, s in told}, "the gate runs the same rules"
    return told


def test_a_rule_runs_only_where_declared() -> None:
    assert found() == []
    assert found(rule("V12", "part_of_whole")) == [("V12", Severity.BLOCKS)]
    assert found(rule("V77", "part_of_whole")) == [("V77", Severity.BLOCKS)]


def test_omitted_rule_fields_come_from_its_kind() -> None:
    said = rule("V12", "part_of_whole")
    assert (said.title, said.severity, said.anchor) == (KINDS[RuleKind.PART_OF_WHOLE].title, Severity.BLOCKS, "")
    assert rule("V12", "part_of_whole", severity="explain").severity is Severity.EXPLAIN
    with pytest.raises(ValidationError, match="title"):
        Rule.model_validate({"id": "V14"})


def test_structural_rules_always_run_with_pack_wording() -> None:
    assert {r.kind for r in RuleBook()} == {kind for kind, facts in KINDS.items() if facts.structural_id}
    book = RuleBook([rule("V09", "answered", title="Ô nào cũng trả lời")])
    assert book.id_of(RuleKind.ANSWERED) == "V09" and "V03" not in book
    with pytest.raises(ValidationError, match="luôn ở mức blocks"):
        rule("V04", "unit_identity", severity="explain")


def test_borrowed_forms_bring_rules_the_borrower_may_override() -> None:
    lent = [rule("V31", "opening_stock", anchor="A"), rule("V12", "part_of_whole", anchor="A"), rule("V43", "late")]
    own = [rule("V31", "opening_stock", anchor="B")]
    assert [(r.id, r.anchor) for r in merged(own, lent)] == [("V31", "B"), ("V12", "A")]


@pytest.mark.parametrize("code", PACKS)
def test_every_rule_cites_a_provision_it_knows(code: str) -> None:
    """A plan that does not cite a document has no rule that stands on it."""
    pack = PACKS[code]
    provisions = {b.id for b in pack.regime.legal_basis}
    lender = pack.regime.forms_from
    while lender is not None:
        provisions |= {b.id for b in PACKS[lender.regime].regime.legal_basis}
        lender = PACKS[lender.regime].regime.forms_from
    for one in pack.rules:
        assert one.title and set(filter(None, one.anchor.split("; "))) <= provisions, one.id
        package = ROOT / "src" / "baocao" / Path(*one.facts.enforced.split("."))
        assert package.is_dir() or package.with_suffix(".py").is_file(), one.id
    assert any(one.anchor for one in pack.rules if one.stage is not Stage.CELL)


def test_rule_ids_in_kept_findings_never_change() -> None:
    always = (1, 2, 3, 4, 5, 7, 8, *range(41, 46), *range(51, 59), 64, 65)
    assert {r.id for r in STRUCTURAL} == {f"V{n:02}" for n in always}
    more = (6, *range(11, 20), *range(21, 30), *range(31, 39), 61, 62, 63)
    assert {r.id for r in PACKS["thanh-hoa-drug-programme"].rules} == {f"V{n:02}" for n in (*always, *more)}
