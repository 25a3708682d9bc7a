"""V06: amounts in the wrong unit of measure, also where the whole workbook is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from baocao.checks.consolidation_gate.gate import failures
from baocao.checks.history import History
from baocao.checks.rules.peers import Peers, peers_of
from baocao.model.form import Form, Plausible
from baocao.model.pack import Pack
from builders_checks import COMMUNE, HALF_YEAR, PACK, accepted, clean_values, findings, workbook

USUAL = History(peers={"PL03": Peers(250_000_000, 0.3, 40, "2026-H1")})
MONEY = {name: value for name, value in clean_values().items() if name.startswith("PL03/")}


def _divided(by: int, rows: str = "PL03/") -> dict[str, Any]:
    return {name: value // by for name, value in MONEY.items() if name.startswith(rows)}


def _with_band(least: int) -> Pack:
    """The small regime, its plans of resources with a band."""

    def banded(form: Form) -> Form:
        if form.code != "PL03":
            return form
        (table,) = form.tables
        columns = tuple(
            c.model_copy(update={"plausible": Plausible(at_least=least)}) if c.code == "KH" else c
            for c in table.columns
        )
        return form.with_tables((table.model_copy(update={"columns": columns}),))

    return replace(PACK, forms=tuple(map(banded, PACK.forms)), sha256=f"{least:064d}", _by_code={})


@pytest.mark.parametrize(("by", "measure"), [(1_000_000, "triệu đồng"), (1_000, "nghìn đồng")])
def test_a_workbook_in_another_measure_throughout_is_asked_once(by: int, measure: str) -> None:
    (found,) = findings(workbook(_divided(by)), past=USUAL)
    assert found.rule == "V06"
    assert f"Có phải đơn vị đã nhập theo {measure}?" in found.message
    assert "40 đơn vị khác" in found.message and "Cả 2 dòng tiền" in found.message
    assert found.suggestion == "250.000.000"


def test_one_row_in_another_measure_is_asked_at_that_row() -> None:
    (found,) = findings(workbook(_divided(1_000_000, "PL03/DA1.")), past=USUAL)
    assert (found.rule, found.cells[0]) == ("V06", "PL03/DA1.NSTW_SN/KH")
    assert "Cả" not in found.message.split(".")[0]


def test_a_small_commune_is_not_asked() -> None:
    assert findings(workbook(_divided(50)), past=USUAL) == ()


def test_without_others_the_band_of_the_form_asks() -> None:
    pack = _with_band(1_000_000)
    (found,) = findings(workbook(_divided(1_000_000), pack=pack), pack=pack)
    assert found.rule == "V06"
    assert "Có phải đơn vị đã nhập theo triệu đồng" in found.message
    assert findings(workbook(_divided(50), pack=pack), pack=pack) == ()
    assert findings(workbook(_divided(1_000_000))) == ()


@pytest.mark.parametrize("column", ["PB", "QT"])
def test_an_amount_far_below_the_plan_of_its_row_is_asked(column: str) -> None:
    changes = {f"PL03/DA4.NSDP_SN/{c}": 200 for c in (("PB", "GN", "LKN", "LKGD") if column == "PB" else ("QT",))}
    (found,) = findings(workbook(changes))
    assert (found.rule, found.cells[0]) == ("V06", f"PL03/DA4.NSDP_SN/{column}")
    assert "kế hoạch giao (250.000.000 đồng)" in found.message


def test_few_others_say_nothing_and_half_of_many_may_be_wrong() -> None:
    amounts = {f"{n}": [100_000_000 + n] for n in range(4)}
    assert peers_of(amounts, "P") is None
    assert peers_of({**amounts, "zero": [0]}, "P") is None
    right, wrong = {f"r{n}": [100_000_000] for n in range(6)}, {f"w{n}": [100] for n in range(5)}
    found = peers_of(right | wrong, "P")
    assert found is not None and (found.typical, found.units) == (100_000_000, 11)


def test_the_gate_holds_the_units_against_each_other_again() -> None:
    units = tuple(replace(COMMUNE, code=f"{80000 + n}") for n in range(8))
    pack = replace(PACK, units=units, sha256=f"{8:064d}", _by_code={})
    books = [workbook(_divided(1_000_000 if n == 3 else 1), unit=u, pack=pack) for n, u in enumerate(units)]
    sent = [accepted(book, n) for n, book in enumerate(books)]
    found = {f for f in failures(pack, HALF_YEAR, sent) if f[1] == "V06"}
    wrong = {("80003", "V06", f"PL03/{row}/KH", "explain") for row in ("DA1.NSTW_SN", "DA4.NSDP_SN")}
    assert found == wrong
