"""Every rule is registered once, and its page is generated from the register."""

from __future__ import annotations

from pathlib import Path

from baocao.checks.registry import RULES, Stage, rule
from baocao.model.submission import Severity

ROOT = Path(__file__).resolve().parents[3]
WANTED = [
    *(f"V{n:02d}" for n in range(1, 9)),
    *(f"V{n}" for n in range(11, 20)),
    *(f"V{n}" for n in range(21, 30)),
    *(f"V{n}" for n in range(31, 39)),
    *(f"V{n}" for n in range(41, 46)),
    *(f"V{n}" for n in range(51, 59)),
    "V61",
    "V62",
    "V63",
]
BLOCK = set(WANTED) - {"V06", "V16", "V17", "V18", "V27", "V28", "V29", "V35", "V36", "V43", "V55", "V57", "V61"}


def test_every_rule_of_the_specification_is_registered_once() -> None:
    assert sorted(r.id for r in RULES) == sorted(WANTED)


def test_every_rule_is_as_grave_as_the_specification_says() -> None:
    assert {r.id for r in RULES if r.severity is Severity.BLOCKS} == BLOCK
    assert rule("V14").softened
    assert rule("V38").softened


def test_every_rule_says_where_it_comes_from_and_which_module_enforces_it() -> None:
    for r in RULES:
        assert r.title
        assert r.anchor
        package = ROOT / "src" / "baocao" / Path(*r.enforced.split("."))
        assert package.is_dir() or package.with_suffix(".py").is_file(), r.id


def test_rules_of_the_roll_up_and_the_calendar_are_not_the_engines() -> None:
    assert {r.id for r in RULES if not r.at_submission} == {r for r in WANTED if "V51" <= r <= "V58"} | {"V45"}
    assert rule("V45").stage is Stage.CALENDAR
