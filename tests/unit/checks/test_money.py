"""V06: amounts in the wrong unit of measure, also where the whole workbook is in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from baocao.checks.history import History
from baocao.checks.rules.peers import Peers, peers_of
from baocao.model.form import Form, Plausible
from baocao.model.pack import Pack
from builders.packs.checks import COMMUNE, PACK, clean_values, findings, history, workbook
from builders.packs.gate import frames_of, stated

USUAL = History(peers={"PL03": Peers(250_000_000, 0.3, 40, "2026-H1")})
MONEY = {name: value for name, value in clean_values().items() if name.startswith("PL03/")}


def _divided(by: int, rows: str = "PL03/") -> dict[str, Any]:
    return {name: value // by for name, value in MONEY.items() if name.startswith(rows)}


def _with_band(least: int | None, most: int | None = None) -> Pack:
    """The small regime, its plans of resources with a band."""

    def banded(form: Form) -> Form:
        if form.code != "PL03":
            return form
        (table,) = form.tables
        columns = tuple(
            c.model_copy(update={"plausible": Plausible(at_least=least, at_most=most)}) if c.code == "KH" else c
            for c in table.columns
        )
        return form.with_tables((table.model_copy(update={"columns": columns}),))

    return replace(PACK, forms=tuple(map(banded, PACK.forms)), sha256=f"{least or most:064d}", _by_code={})


@pytest.mark.parametrize(("by", "measure"), [(1_000_000, "triệu đồng"), (1_000, "nghìn đồng")])
def test_a_workbook_in_another_measure_is_questioned_once(by: int, measure: str) -> None:
    (found,) = findings(workbook(_divided(by)), past=USUAL)
    assert found.rule == "V06"
    assert f"Có phải đơn vị đã nhập theo {measure}?" in found.message
    assert "40 đơn vị khác" in found.message and "Cả 2 dòng tiền" in found.message
    assert (found.suggestion, found.cells[0]) == ("250.000.000", "PL03/DA1.NSTW_SN/KH")


def test_a_row_in_another_measure_is_questioned() -> None:
    (found,) = findings(workbook(_divided(1_000_000, "PL03/DA1.")), past=USUAL)
    assert (found.rule, found.cells[0]) == ("V06", "PL03/DA1.NSTW_SN/KH")
    assert "Cả" not in found.message.split(".")[0]


def test_a_small_commune_is_not_asked() -> None:
    assert findings(workbook(_divided(50)), past=USUAL) == ()


def test_without_others_the_band_of_the_form_asks() -> None:
    pack = _with_band(1_000_000)
    (found,) = findings(workbook(_divided(1_000_000), pack=pack), pack=pack)
    assert found.rule == "V06"
    assert "Có phải đơn vị đã nhập theo triệu đồng (hoặc nghìn đồng)" in found.message
    assert (found.expected, found.suggestion) == ("từ 1.000.000", "")
    assert findings(workbook(_divided(50), pack=pack), pack=pack) == ()
    assert findings(workbook(_divided(1_000_000))) == ()


@pytest.mark.parametrize("column", ["PB", "QT"])
def test_an_amount_far_below_plan_is_questioned(column: str) -> None:
    changes = {f"PL03/DA4.NSDP_SN/{c}": 200 for c in (("PB", "GN", "LKN", "LKGD") if column == "PB" else ("QT",))}
    (found,) = findings(workbook(changes))
    assert (found.rule, found.cells[0]) == ("V06", f"PL03/DA4.NSDP_SN/{column}")
    assert "kế hoạch giao (250.000.000 đồng)" in found.message


def _asked(changes: dict[str, Any], past: History | None = None) -> bool:
    return "V06" in {f.rule for f in findings(workbook(changes), past=past)}


@pytest.mark.parametrize(
    ("before", "now", "asked"),
    [
        (10_000, 5_000_000, True),
        (10_000, 4_999_999, False),
        (2_500_000_000, 5_000_000, True),
        (2_500_000_000, 5_000_001, False),
    ],
)
def test_five_hundred_times_the_last_figure_is_questioned(before: int, now: int, asked: bool) -> None:
    cell = "PL03/DA4.NSDP_SN/QT"
    assert _asked({cell: now}, history(previous={cell: before})) is asked


@pytest.mark.parametrize(
    ("plan", "now", "asked"),
    [
        (250_000_000, 125_000_000_000, True),
        (250_000_000, 124_999_999_999, False),
        (250_000_000, 500_000, True),
        (250_000_000, 500_001, False),
        (5_000_000_000, 999_999, True),
        (5_000_000_000, 1_000_000, False),
        (250_000_000, 0, False),
        (0, 5_000_000, False),
    ],
)
def test_five_hundred_times_the_plan_is_questioned(plan: int, now: int, asked: bool) -> None:
    row = {f"PL03/DA4.NSDP_SN/{column}": 0 for column in ("PB", "GN", "LKN", "LKGD")} if not plan else {}
    assert _asked({**row, "PL03/DA4.NSDP_SN/KH": plan, "PL03/DA4.NSDP_SN/QT": now}) is asked


def test_the_question_tells_the_direction_of_error() -> None:
    cell = "PL03/DA4.NSDP_SN/QT"
    (up,) = findings(workbook({cell: 50_000_000}), past=history(previous={cell: 50_000}))
    assert "lớn hơn kỳ trước (50.000 đồng) cỡ 1.000 lần. Có phải đã nhập thừa các số 0" in up.message
    (down,) = findings(workbook({cell: 50_000_000}), past=history(previous={cell: 50_000_000_000}))
    assert "nhỏ hơn kỳ trước (50.000.000.000 đồng) cỡ 1.000 lần. Có phải đơn vị đã nhập theo nghìn" in down.message


def test_an_amount_above_the_band_is_questioned() -> None:
    pack = _with_band(None, 250_000_000)
    assert findings(workbook(pack=pack), pack=pack) == ()
    (found,) = (f for f in findings(workbook({"PL03/DA4.NSDP_SN/KH": 250_000_001}, pack=pack), pack=pack))
    assert (found.rule, found.expected, found.suggestion) == ("V06", "đến 250.000.000", "")
    assert "lớn hơn mức lớn nhất có thể có ở dòng này (250.000.000 đồng)." in found.message


def test_typical_amounts_need_enough_other_units() -> None:
    amounts = {f"{n}": [100_000_000 + n] for n in range(4)}
    assert peers_of(amounts, "P") is None
    assert peers_of({**amounts, "zero": [0]}, "P") is None
    right, wrong = {f"r{n}": [100_000_000] for n in range(6)}, {f"w{n}": [100] for n in range(5)}
    found = peers_of(right | wrong, "P")
    assert found is not None and (found.typical, found.units) == (100_000_000, 11)


def _at_the_gate(divisors: list[int]) -> set[tuple[str, str]]:
    """(unit, cell) that V06 asks about; a unit a divisor, 0: nothing planned."""
    units = tuple(replace(COMMUNE, code=f"{80000 + n}") for n in range(len(divisors)))
    pack = replace(PACK, units=units, sha256=f"{len(units):064d}", _by_code={})
    nothing = dict.fromkeys(MONEY, 0)
    changes = [_divided(by) if by else nothing for by in divisors]
    books = [workbook(c, unit=u, pack=pack) for c, u in zip(changes, units, strict=True)]
    return {(unit, cell) for unit, rule, cell, _ in stated(frames_of(pack, books)) if rule == "V06"}


@pytest.mark.parametrize(
    ("divisors", "asked"),
    [
        ([1, 1, 1, 1_000_000, 1, 1, 1, 1], True),
        ([1, 1, 1, 1_000, 1, 0], False),
        ([1, 1, 1, 1_000, 1, 1], True),
        ([1, 1, 1, 100, 1, 1, 0], False),
        ([1, 10_000, 1_000_000, 1_000, 1, 100], False),
    ],
)
def test_the_gate_holds_six_units_against_each_other(divisors: list[int], asked: bool) -> None:
    wrong = {("80003", f"PL03/{row}/KH") for row in ("DA1.NSTW_SN", "DA4.NSDP_SN")}
    assert _at_the_gate(divisors) == (wrong if asked else set())
