"""Pages that are generated, so that they can never contradict what runs."""

from __future__ import annotations

from baocao.checks.registry import rules_table
from baocao.regimes.law import law_table
from baocao.workflow.workplace import Workplace


def write_pages(place: Workplace) -> list[str]:
    """Write docs/law.md and docs/rules.md again. Answers the names of the files."""
    packs = [place.pack(code) for code in sorted(place.folders)]
    pages = {"law.md": "\n".join(law_table(pack) for pack in packs), "rules.md": rules_table()}
    for name, text in pages.items():
        (place.settings.root / "docs" / name).write_text(text, encoding="utf-8")
    return [f"docs/{name}" for name in pages]
