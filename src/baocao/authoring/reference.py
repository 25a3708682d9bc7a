"""Pages that explain every form and every rule, written from the pack and the register of rules alone.

`index.html`, `rules.html`, `<regime>/index.html`, `<regime>/<FORM>.html`: each complete in itself (no script, no
picture, no address of another machine), the same bytes for the same pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from baocao.authoring.reference_rows import FormView, form_views
from baocao.model.form import CellKey, Column
from baocao.model.regime import Pack


class Rule(Protocol):
    """What a page says of a rule; the register of the checks has more."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def severity(self) -> Any: ...
    @property
    def stage(self) -> Any: ...
    @property
    def anchor(self) -> str: ...
    @property
    def softened(self) -> str: ...
    @property
    def gate(self) -> bool: ...


@dataclass(frozen=True)
class Shown:
    """A pack with what its pages say of it."""

    pack: Pack
    folder: Path
    touched: Mapping[str, frozenset[CellKey]]
    """rule id -> cells it looks at"""

    @cached_property
    def forms(self) -> tuple[FormView, ...]:
        return form_views(self.pack, self.folder, self.touched)


def reference_pages(
    shown: Sequence[Shown], rules: Sequence[Rule], stages: Mapping[Any, str], templates: Path
) -> dict[str, str]:
    """Name below `docs/forms/` -> page. `stages` names the stages in the order in which they are shown.

    Raises jinja2.UndefinedError when a template has no word for something the packs hold.
    """
    lent: dict[str, str] = {}
    environment = _environment(templates, lent)
    by_id = {rule.id: rule for rule in rules}
    common = {"rules": by_id, "stages": stages}

    def page(template: str, **values: Any) -> str:
        return environment.get_template(template).render({**common, **values})

    pages = {
        "index.html": page("index.html", shown=shown, up=""),
        "rules.html": page("rules.html", shown=shown, up="", where=_where(shown)),
    }
    for one in shown:
        lent.clear()
        lent.update(_provisions_lent(one.pack, shown))
        pages[f"{one.pack.code}/index.html"] = page("regime.html", one=one, up="../")
        for view in one.forms:
            pages[f"{one.pack.code}/{view.form.code}.html"] = page("form.html", one=one, view=view, up="../")
    return pages


def _provisions_lent(pack: Pack, shown: Sequence[Shown]) -> dict[str, str]:
    """Provisions that borrowed forms cite and only a lender's page tells: id -> that lender's folder. A lender may have
    borrowed them itself; the nearest one that tells the provision counts."""
    regimes = {one.pack.code: one.pack.regime for one in shown}
    own, found = {basis.id for basis in pack.regime.legal_basis}, dict[str, str]()
    lent = pack.regime.forms_from
    while lent is not None and lent.regime in regimes:
        lender = regimes[lent.regime]
        for basis in lender.legal_basis:
            if basis.id not in own:
                found.setdefault(basis.id, f"../{lender.code}/")
        lent = lender.forms_from
    return found


def _environment(templates: Path, lent: Mapping[str, str]) -> Environment:
    """`lent` tells of the regime that is being printed where the provisions of others stand."""
    environment = Environment(
        loader=FileSystemLoader(templates / "web" / "forms"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["lent"] = lent
    environment.filters["anchors"] = lambda text: [name for name in text.split("; ") if name]
    environment.filters["cell"] = CellKey.parse
    environment.filters["message"] = lambda text: text.format(left="‹vế trái›", right="‹vế phải›")
    environment.filters["runs"] = _runs
    environment.filters["count"] = lambda number: f"{number:,}".replace(",", ".")
    return environment


def _where(shown: Sequence[Shown]) -> dict[str, list[dict[str, Any]]]:
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
