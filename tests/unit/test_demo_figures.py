"""The units of a demonstration are honest officials: nobody is asked about a contradiction inside their workbook."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from demo.figures import Figures, Filled
from demo.other_regimes import CITY, PLANS, WARD, YEAR, Played, installation
from demo.prepare import SEED
from demo.simulate import baseline

from baocao.checks.engine import check
from baocao.checks.history import History
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.reading.grid import read_workbook
from baocao.forms.reading.read import type_workbook
from baocao.model.form import CellKey
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period
from baocao.model.period import Period
from baocao.model.submission import Value
from baocao.model.unit import Unit
from baocao.workflow.installation import Installation

MAIN = ("thanh-hoa-drug-programme", "2026-H1")
MOST = 10
"""Communes of a big regime that are looked at, besides every lead body and those that once contradicted themselves."""
ONCE = {"14758", "15229", "16072"}
"""Places upgraded, and no money for it."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return installation(tmp_path_factory.mktemp("honest"))


@pytest.mark.parametrize(("regime", "code"), [MAIN, *PLANS, (WARD, YEAR), (CITY, YEAR)])
def test_no_unit_of_the_demonstration_contradicts_itself(place: Installation, regime: str, code: str) -> None:
    played = Played(place, regime, code)
    period = played.period
    pack = for_period(played.pack, period)
    units = sorted(pack.units_on(period.cutoff_on), key=lambda u: not (u.is_lead_body or u.code in ONCE))
    told = []
    for unit in units[: MOST + sum(u.is_lead_body or u.code in ONCE for u in units)]:
        before = baseline(pack, unit, period, SEED, "2025-H1") if regime == MAIN[0] else {}
        filled = Figures(pack, unit, period, before, SEED).fill() if before else played.filled(unit)
        told += [(unit.code, *found) for found in _asked(pack, unit, period, before, filled)]
    assert told == []


def _asked(
    pack: Pack, unit: Unit, period: Period, before: Mapping[CellKey, Value], filled: Filled
) -> list[tuple[str, str]]:
    values = {k: v for k, v in filled.values.items() if v is not None}
    data = write_blank(pack, unit, period, before, values=values, nil_forms=filled.nil_forms, info=filled.info)
    book = type_workbook(read_workbook(data), pack)
    found = check(book, pack, unit, period, History(previous=before), received_at=period.unit.due_at)
    return [(f.rule, f"{f.item} {f.message}") for f in found]
