"""Pages that explain every form and every rule, written from the packs alone.

`index.html`, `rules.html`, `<regime>/index.html`, `<regime>/<FORM>.html`: each complete in itself (no script, no
picture, no address of another machine), the same bytes for the same pack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from baocao.model.form import CellKey, Column
from baocao.model.pack import Pack
from baocao.model.pack_parts.rule_kinds import STAGE_NAMES, Stage
from baocao.model.pack_parts.rules import Rule
from baocao.regimes.examination.form_reference import FormReference, form_views
from baocao.regimes.law import basis_in_words
from baocao.text import vietnamese_number

TEMPLATES = Path(__file__).parents[1] / "templates" / "reference"


@dataclass(frozen=True)
class ReferenceWording:
    """A rule as one or several regimes say it."""

    rule: Rule
    basis: str
    """its provisions in words"""
    regimes: tuple[str, ...]
    """their codes"""


@dataclass(frozen=True)
class RuleView:
    """What the page of rules says of one id."""

    id: str
    stage: Stage
    gate: bool
    wordings: tuple[ReferenceWording, ...]


@dataclass(frozen=True)
class PackPages:
    """A pack with what its pages say of it."""

    pack: Pack
    touched: Mapping[str, frozenset[CellKey]]
    """rule id -> cells it looks at"""
    lender: PackPages | None = None
    """The pack whose forms this one uses."""

    @cached_property
    def forms(self) -> tuple[FormReference, ...]:
        return form_views(self.pack, self.touched)

    @property
    def origin(self) -> PackPages:
        """Whose form files these are, and whose provisions they cite; a lender may itself borrow."""
        return self.lender.origin if self.lender else self

    @cached_property
    def as_lent(self) -> frozenset[str]:
        """Forms that read word for word as the lender's: they get no page of their own."""
        theirs = {view.form.code: view for view in self.lender.forms} if self.lender else {}
        mine = {view.form.code: view for view in self.forms}
        return frozenset(code for code in mine.keys() & theirs.keys() if mine[code].reads_as(theirs[code]))

    def page_of(self, form: str) -> str:
        """Where the form is explained, below `docs/forms/`."""
        if self.lender is not None and form in self.as_lent:
            return self.lender.page_of(form)
        return f"{self.pack.code}/{form}.html"


def reference_pages(shown: Sequence[PackPages], templates: Path = TEMPLATES) -> dict[str, str]:
    """Name below `docs/forms/` -> page.

    Raises jinja2.UndefinedError when a template has no word for something the packs hold.
    """
    environment = _environment(templates)

    def page(template: str, **values: Any) -> str:
        return environment.get_template(template).render(values)

    pages = {
        "index.html": page("index.html", shown=shown, up=""),
        "rules.html": page(
            "rules.html", shown=shown, up="", where=_where(shown), views=_rule_views(shown), stages=STAGE_NAMES
        ),
    }
    for one in shown:
        pages[f"{one.pack.code}/index.html"] = page("regime.html", one=one, up="../")
        for view in (v for v in one.forms if v.form.code not in one.as_lent):
            pages[one.page_of(view.form.code)] = page("form.html", one=one, view=view, rules=one.pack.rules, up="../")
    return pages


def _environment(templates: Path) -> Environment:
    """The templates of the pages with the filters they use; an unknown name in one is an error."""
    environment = Environment(
        loader=FileSystemLoader(templates),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["anchors"] = lambda text: [name for name in text.split("; ") if name]
    environment.filters["cell"] = CellKey.parse
    blanks = {
        "left": "vế trái",
        "right": "vế phải",
        "lower": "mức dưới",
        "column": "tên cột",
        "reasons": "điều còn vướng",
    }
    environment.filters["message"] = lambda text: text.format(**{key: f"‹{said}›" for key, said in blanks.items()})
    environment.filters["runs"] = _runs
    # A kind of report by the name its pack gives its periods: `quý … năm …`.
    environment.filters["any_year"] = lambda name: re.sub(r"\{[^}]*\}", "…", name)
    environment.filters["count"] = lambda number: vietnamese_number(f"{number:,}")
    return environment


def _rule_views(shown: Sequence[PackPages]) -> list[RuleView]:
    """Every id that some regime has, with what each says of it."""
    said: dict[str, dict[tuple[str, ...], list[tuple[Rule, str, str]]]] = {}
    for one in shown:
        for rule in one.pack.rules:
            basis = basis_in_words(rule.anchor, one.pack.regime, one.origin.pack.regime)
            same = (rule.title, rule.severity.value, rule.softened, basis)
            said.setdefault(rule.id, {}).setdefault(same, []).append((rule, basis, one.pack.code))
    views = []
    for id, ways in sorted(said.items()):
        wordings = tuple(ReferenceWording(w[0][0], w[0][1], tuple(code for _, _, code in w)) for w in ways.values())
        first = wordings[0].rule
        views.append(RuleView(id, first.stage, first.gate, wordings))
    return views


def _where(shown: Sequence[PackPages]) -> dict[str, list[dict[str, Any]]]:
    """Rule id -> where it looks, regime by regime and form by form."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in shown:
        for rule, keys in one.touched.items():
            for view in one.forms:
                mine = [key for key in view.form.cells if key in keys]
                if mine:
                    rows = _in_order(key.row for key in mine)
                    found.setdefault(rule, []).append(
                        {
                            "regime": one.pack.code,
                            "form": view.form.code,
                            "cells": len(mine),
                            "rows": rows,
                            "but": [code for code in view.entered_rows if code not in rows],
                            "columns": _in_order(key.column for key in mine),
                        }
                    )
    return found


def _runs(columns: Sequence[Column]) -> list[tuple[str, int]]:
    """Merged headings with the number of columns below each."""
    return [(group, len(list(run))) for group, run in groupby(columns, key=lambda c: c.group or "")]


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
