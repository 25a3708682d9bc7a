"""The documents for people who work here name files and folders: each of them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_PATH = re.compile(r"`((?:src|tests|include|docs|sql|dags|plugins|bench|demo)/[\w./-]+)`")
_LINK = re.compile(r"\]\(([\w./-]+)(?:#[\w-]+)?\)")
BUILT = ("docs/forms/", "include/regimes/cai-cach-hanh-chinh")
"""Made by `make docs`, and by the walk that docs/regimes.md describes; not committed."""


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda p: p.name)
def test_every_file_a_document_names_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = [ROOT / found for found in _PATH.findall(text) if not found.startswith(BUILT)]
    linked = [document.parent / found for found in _LINK.findall(text) if not found.startswith("http")]
    missing = [str(p.relative_to(ROOT)) for p in (*named, *linked) if not p.exists()]
    assert missing == []


def test_the_pattern_finds_paths_and_links() -> None:
    assert _PATH.findall("`src/baocao/a.py` and `sql/x/`") == ["src/baocao/a.py", "sql/x/"]
    assert _LINK.findall("[a](docs/x.md) [b](adr/1.md#top)") == ["docs/x.md", "adr/1.md"]
