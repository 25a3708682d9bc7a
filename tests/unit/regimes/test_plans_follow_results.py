"""One indicator printed in two forms has one plan: what binds the results of two rows binds their plans."""

from __future__ import annotations

import pytest

from baocao.model.form import CellKey, ColumnRole
from baocao.model.pack import Pack
from baocao.regimes.load import load_pack
from builders.packs.pack import ROOT

PACKS = sorted(p.parent.name for p in (ROOT / "include" / "regimes").glob("*/regime.yaml"))


def plan_beside(pack: Pack, name: str) -> str | None:
    """The plan cell of the row whose result is named; None for another cell, or a row without a plan."""
    key = CellKey.parse(name)
    found = next((f.cells[key] for f in pack.forms if key in f.cells), None)
    if found is None or found[2].role is not ColumnRole.ACTUAL:
        return None
    table, row, _ = found
    plans = [c.code for c in table.columns if c.role is ColumnRole.PLAN_YEAR and table.applies(row, c)]
    return f"{key.form}/{key.row}/{plans[0]}" if plans else None


@pytest.mark.parametrize("code", PACKS)
def test_equal_results_require_equal_plans_in_every_pack(code: str) -> None:
    pack = load_pack(ROOT / "include" / "regimes" / code, ROOT / "include" / "reference")
    every = (*pack.regime.relations, *(r for f in pack.forms for r in f.relations))
    equal = {frozenset((*r.equal[0], *r.equal[1])) for r in every if r.equal is not None}
    together = {frozenset(r.together) for r in every if r.together is not None}
    for one, other in (tuple(names) for names in equal if len(names) == 2):
        plans = plan_beside(pack, one), plan_beside(pack, other)
        if None not in plans:
            assert frozenset(plans) in equal, f"{one} = {other}, and the plans beside them?"
            assert frozenset(plans) in together, f"{plans}: given in one place only"
