"""A regime as people read it: law, deadlines, forms, rules, recipients, and what is wrong with its pack."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from baocao.checks.rules.touched import touched
from baocao.documents.freeze import code_sha256
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import STAGE_NAMES
from baocao.model.pack_parts.rules import Rule
from baocao.model.pack_views import once_per_pack, with_every_form
from baocao.model.period import Period
from baocao.model.regime import Regime
from baocao.regimes.examination.form_reference import FormReference, form_views
from baocao.regimes.law import basis_in_words, law_table
from baocao.settings import ConfigurationError
from baocao.workflow.installation import Installation
from baocao.workflow.looking.kept import kept
from baocao.workflow.status.pack_faults import check_regime


def rule_titles(pack: Pack) -> dict[str, str]:
    """Rule id -> how the regime calls it."""
    return {rule.id: rule.title for rule in pack.rules}


@dataclass(frozen=True, slots=True)
class RuleUse:
    """One rule as this regime uses it."""

    rule: Rule
    stage: str
    """in words"""
    cells: Mapping[str, int]
    """form code -> cells it looks at"""
    basis: str
    """its provisions in words"""


@dataclass(frozen=True, slots=True)
class PackView:
    """The pack as the office reads it: law, forms, rules, recipients, and what the check of it says."""

    pack: Pack
    """with every form it names"""
    law: str
    """Markdown: every provision with its trust and its uses, written from the pack"""
    forms: tuple[FormReference, ...]
    rules: tuple[RuleUse, ...]
    periods: tuple[Period, ...]
    """of the calendar, those that are due in this year and the next"""
    faults: tuple[dict[str, Any], ...]
    warnings: tuple[dict[str, Any], ...]
    """each `file` (below the pack), `line`, `key`, `reason`, `cure`"""
    complete: bool


def pack_view(place: Installation, regime: str, today: date) -> PackView:
    """The pack in force, with the periods of this year and the next."""
    pack = with_every_form(place.pack(regime))
    years = {today.year, today.year + 1}
    checked = _checked(place, regime)
    return PackView(
        pack,
        _law(place, pack),
        _forms(pack),
        _rules(place, pack),
        tuple(p for p in place.calendar(regime) if p.province.due_at.year in years),
        tuple(checked["faults"]),
        tuple(checked["warnings"]),
        bool(checked["complete"]),
    )


def form_page(place: Installation, regime: str, form: str) -> FormReference | None:
    """A form with its rows, who enters them and which rules look at them; None for a form the regime has not."""
    return next((view for view in _forms(with_every_form(place.pack(regime))) if view.form.code == form), None)


@once_per_pack
def _forms(pack: Pack) -> tuple[FormReference, ...]:
    return form_views(pack, _touched(pack))


@once_per_pack
def _touched(pack: Pack) -> dict[str, frozenset[CellKey]]:
    return touched(pack)


def _rules(place: Installation, pack: Pack) -> tuple[RuleUse, ...]:
    cells, origin = _touched(pack), _origin(place, pack)
    return tuple(
        RuleUse(
            rule,
            STAGE_NAMES[rule.stage],
            dict(sorted(Counter(key.form for key in cells.get(rule.id, ())).items())),
            basis_in_words(rule.anchor, pack.regime, origin),
        )
        for rule in pack.rules
        if cells.get(rule.id) or not rule.at_submission
    )


def _origin(place: Installation, pack: Pack) -> Regime:
    """Whose provisions its forms cite."""
    origin, lender = pack.regime, pack.regime.forms_from
    while lender is not None:
        try:
            origin = place.pack(lender.regime).regime
        except ConfigurationError:
            break
        lender = origin.forms_from
    return origin


def _law(place: Installation, pack: Pack) -> str:
    table = law_table(pack, _origin(place, pack))
    return "\n## " + table.partition("\n## ")[2]


_CHECKED: dict[Path, tuple[tuple[tuple[str, int], ...], dict[str, Any]]] = {}
"""Pack folder -> the state of its files, and the answer of `baocao regime check` about them: it takes seconds."""


def _checked(place: Installation, regime: str) -> dict[str, Any]:
    folder = place.folders[regime]
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    state = tuple((str(p), p.stat().st_mtime_ns) for p in files)
    # By the files' times here, which is cheap enough for each look; by their content below, where the answer is kept.
    if _CHECKED.get(folder, (None, {}))[0] != state:
        _CHECKED[folder] = state, kept(place, "check-1", _follows_from(place, regime), lambda: _examined(place, regime))
    return _CHECKED[folder][1]


def _examined(place: Installation, regime: str) -> dict[str, Any]:
    found, folder = check_regime(place, regime)[0], place.folders[regime]
    for one in (*found["faults"], *found["warnings"]):
        file = Path(one["file"])
        # Below the pack: the page need not tell where a server keeps its files.
        one["file"] = str(file.relative_to(folder)) if file.is_relative_to(folder) else file.name
    return {name: found[name] for name in ("faults", "warnings", "complete")}


def _follows_from(place: Installation, regime: str) -> str:
    """The program and every file a pack may lean on: its own, those of packs that lend it forms, the holidays."""
    # With the program: another version may find other faults in the same files.
    digest = hashlib.sha256(code_sha256().encode())
    for folder in (*(place.folders[code] for code in sorted(place.folders)), place.settings.reference):
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(f"{folder.name}/{file.relative_to(folder)}\n".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return f"{regime} {digest.hexdigest()}"
