"""docs/architecture.md has every exception of ours: there stands what it means and who answers it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def exceptions() -> set[str]:
    """Names of the classes that are exceptions, by what they derive from, in any number of steps."""
    bases: dict[str, set[str]] = {}
    for source in ("src", "authoring/src"):
        for file in (ROOT / source).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    bases[node.name] = {b.id for b in node.bases if isinstance(b, ast.Name)}
    known = {"Exception", "ValueError", "RuntimeError", "OSError", "LookupError"}
    found: set[str] = set()
    while more := {name for name, of in bases.items() if of & (known | found)} - found:
        found |= more
    return found


def test_the_page_lists_every_exception_and_no_other() -> None:
    section = PAGE.split("## What can be raised")[1].split("\n## ")[0]
    listed = set(re.findall(r"`([A-Z]\w+)`", section))
    assert listed == exceptions()
