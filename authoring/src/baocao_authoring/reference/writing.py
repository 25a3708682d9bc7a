"""Pages that are generated, so that they can never contradict what runs."""

from __future__ import annotations

from baocao.checks.rules.touched import touched
from baocao.checks.rules_page import rules_table
from baocao.model.pack_views import with_every_form
from baocao.regimes.law import law_table
from baocao.workflow.installation import Installation
from baocao_authoring.reference.pages import PackPages, reference_pages


def pages_of(place: Installation) -> dict[str, str]:
    """Every generated page, by its name below `docs/`."""
    shown: dict[str, PackPages] = {}
    for code in sorted(place.folders):
        _show(place, code, shown)
    inorder = [shown[code] for code in sorted(shown)]
    forms = reference_pages(inorder)
    return {
        "law.md": "\n".join(law_table(place.pack(one.pack.code), one.origin.pack.regime) for one in inorder),
        "rules.md": rules_table([(one.pack, one.touched, one.origin.pack.regime) for one in inorder]),
        **{f"forms/{name}": text for name, text in forms.items()},
    }


def _show(place: Installation, code: str, shown: dict[str, PackPages]) -> PackPages:
    """The pack after the one it borrows from; the loader refuses packs that borrow from one another in a circle."""
    if code not in shown:
        pack = with_every_form(place.pack(code))
        lent = pack.regime.forms_from
        shown[code] = PackPages(pack, touched(pack), _show(place, lent.regime, shown) if lent else None)
    return shown[code]


def write_pages(place: Installation) -> list[str]:
    """Write docs/law.md, docs/rules.md and docs/forms/ again; pages of forms that are gone go too.

    Answers the names of the files.
    """
    docs = place.settings.root / "docs"
    pages = pages_of(place)
    for stale in sorted((docs / "forms").rglob("*.html")):
        if stale.relative_to(docs).as_posix() not in pages:
            stale.unlink()
    for name, text in pages.items():
        file = docs / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return [f"docs/{name}" for name in pages]
