"""docs/calendar.md is true: its examples are rules that work, its table is what the kinds bring."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from baocao.calendar.cycles import day_of, every_part
from baocao.calendar.periods import periods_of
from baocao.calendar.workdays import WorkingDays
from baocao.model.pack_parts.known_kinds import KNOWN_KINDS
from baocao.model.pack_parts.period_rules import PeriodRule
from baocao.model.period import PeriodKind
from builders.packs.pack import ROOT, regime_with, six_month

PAGE = (ROOT / "docs" / "calendar.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
ROW = re.compile(r"\| `\w+` \| (every|the first|September)")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if ROW.match(line)]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_gives_periods(text: str) -> None:
    rules: list[dict[str, Any]] = yaml.safe_load(text)
    kinds = {p.kind for p in periods_of(regime_with(*rules), WorkingDays())}
    assert kinds == {rule["kind"] for rule in rules}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_table_says_what_a_kind_brings(row: list[str]) -> None:
    name, code, figures = row[0].strip("`"), row[2].strip("`"), row[3]
    rule = {**six_month(), "kind": name, "years": [2027]}
    for key in ("code", "name", "covers_from", "cutoff"):
        if key in KNOWN_KINDS[name]:
            del rule[key]
    found = PeriodRule.model_validate(rule)
    parts = {part.fill(found.code): part for part in every_part(found)}
    assert code in parts
    days = re.findall(r"\d\d/\d\d", figures)
    assert bool(days) == ("cutoff" in KNOWN_KINDS[name])
    if days:
        said = [f"{day_of(day, parts[code]):%d/%m}" for day in (found.covers_from, found.cutoff)]
        assert said == days


def test_the_page_shows_every_kind_with_a_calendar() -> None:
    assert all(f"`{kind}`" in PAGE for kind in PeriodKind if kind != PeriodKind.AD_HOC)
    assert len(ROWS) == 7
