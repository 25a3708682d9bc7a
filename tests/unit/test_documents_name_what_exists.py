"""The documents for people who work here name files and folders: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_PATH = re.compile(r"`((?:src|tests|include|docs|sql|dags|plugins|bench|demo)/[\w./-]+)`")
_LINK = re.compile(r"\]\(([\w./-]+)(?:#[\w-]+)?\)")
_ANCHOR = re.compile(r"\]\(((?![a-z]+://)[\w./-]*)#([^)]+)\)")
_NAME_IN_FILE = re.compile(r"\[`(\w+)`\]\(([\w./-]+\.py)\)")
BUILT = ("docs/forms/", "include/regimes/cai-cach-hanh-chinh")
"""Made by `make docs`, and by the walk that docs/regimes.md describes; not committed."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_every_file_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = [ROOT / found for found in _PATH.findall(text) if not found.startswith(BUILT)]
    linked = [document.parent / found for found in _LINK.findall(text) if not found.startswith("http")]
    missing = [str(p.relative_to(ROOT)) for p in (*named, *linked) if not p.exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_every_heading_a_link_leads_to_exists(document: Path) -> None:
    text, missing = document.read_text(encoding="utf-8"), []
    for target, heading in _ANCHOR.findall(text):
        read = (document.parent / target if target else document).read_text(encoding="utf-8")
        if heading not in {_slug(found) for found in re.findall(r"^#+ (.*)$", read, re.M)}:
            missing.append(f"{target}#{heading}")
    for name, target in _NAME_IN_FILE.findall(text):
        if not re.search(rf"^(?:def|class) {name}\b", (document.parent / target).read_text(encoding="utf-8"), re.M):
            missing.append(f"{target}: {name}")
    assert missing == []


def test_each_decision_row_links_to_a_deciding_name() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| .+\? \|.*$", text.split("## Where is it decided?")[1].split("\n## ")[0], re.M)
    assert len(rows) >= 5 and all(_NAME_IN_FILE.search(row) for row in rows)


def _slug(heading: str) -> str:
    """The anchor that the page of a heading gets: small letters, no punctuation, a dash for a space."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def test_the_pattern_finds_paths_and_links() -> None:
    assert _PATH.findall("`src/baocao/a.py` and `sql/x/`") == ["src/baocao/a.py", "sql/x/"]
    assert _LINK.findall("[a](docs/x.md) [b](adr/1.md#top)") == ["docs/x.md", "adr/1.md"]
