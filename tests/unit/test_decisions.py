"""The decisions in docs/adr: each has a number of its own, and whoever names one names a file that is there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
INDEX = ROOT / "docs" / "adr" / "README.md"
_NAMED = re.compile(r"adr/(\d{4}-[\w-]+\.md)|ADR (\d+)\b")


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = Counter(path.name[:4] for path in DECISIONS)
    assert [number for number, times in numbers.items() if times > 1] == []
    for path in DECISIONS:
        title = path.read_text(encoding="utf-8").splitlines()[0]
        assert int(re.findall(r"\d+", title)[0]) == int(path.name[:4]), path.name


def test_every_decision_that_is_named_exists() -> None:
    names, numbers = {p.name for p in DECISIONS}, {int(p.name[:4]) for p in DECISIONS}
    for folder, kind in (("docs", "*.md"), ("src", "*.py"), ("dags", "*.py")):
        for path in (ROOT / folder).rglob(kind):
            for name, number in _NAMED.findall(path.read_text(encoding="utf-8")):
                assert (name in names) if name else (int(number) in numbers), f"{path}: {name or number}"


def test_the_index_has_every_decision_under_its_title() -> None:
    index = INDEX.read_text(encoding="utf-8")
    for path in DECISIONS:
        title = re.sub(r"^#\s*\d+[.:]?\s*", "", path.read_text(encoding="utf-8").splitlines()[0])
        assert f"| [{path.name[:4]}]({path.name}) | {title} |" in index, path.name
    assert len(re.findall(r"^\| \[\d{4}\]", index, re.M)) == len(DECISIONS)
