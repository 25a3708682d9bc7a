"""Derived cells as the store keeps them, and what somebody probably meant."""

from __future__ import annotations

from decimal import Decimal

import pytest

from baocao.checks.kept_cells import cells_to_keep
from baocao.checks.texts.suggestions import likely_number
from baocao.model.form import CellKey, ValueType
from baocao.model.submission import Problem
from builders.packs.checks import BLANK, COMMUNE, NIL, PACK, Broken, findings, recalculated, workbook


def _derived(changes: dict[str, object], name: str, **fields: object) -> object:
    book = workbook(changes, **fields)  # type: ignore[arg-type]
    return {str(cell.key): cell.value for cell in cells_to_keep(book, PACK, COMMUNE)}.get(name)


def test_a_typed_over_figure_is_not_kept() -> None:
    assert _derived({"B04/NGHIEN/CK": 99}, "B04/NGHIEN/CK") == 22


def test_totals_of_totals_are_kept_and_ratios_are_not() -> None:
    assert _derived({"PL03/DA4/KH": 1}, "PL03/TONG/KH") == 500_000_000
    figures = recalculated(workbook(), PACK, COMMUNE)
    for ratio in ("PL03/TONG/TL", "PL01/CT30/TH"):
        assert figures[CellKey.parse(ratio)] == Decimal("32.00") and _derived({}, ratio) is None


def test_missing_parts_give_no_total() -> None:
    blank = {f"PL03/DA1.NSTW_SN/{c}": BLANK for c in ("KH", "PB", "GN", "LKN", "LKGD", "QT", "NO")}
    assert _derived(blank, "PL03/DA1/GN") is None


def test_declared_nil_counts_as_zero() -> None:
    assert _derived({"B04/NGHIEN/DK": NIL}, "B04/NGHIEN/CK") == 1
    row = dict.fromkeys((f"B04/NGHIEN/{c}" for c in ("DK", "T1", "T2", "T3", "G1", "G2", "G3", "G4")), NIL)
    assert _derived(row, "B04/NGHIEN/CK") == 0
    blank = {f"PL03/{row}/GN": BLANK for row in ("DA1.NSTW_SN", "DA4.NSDP_SN")}
    assert _derived(blank, "PL03/TONG/GN", nil_forms={"PL03": "Không phát sinh"}) == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        # Whatever rests on a cell at fault is not held against it again: the total, and the total of totals.
        ({"PL03/DA4.NSDP_SN/KH": Broken("x", Problem.NOT_A_NUMBER), "PL03/TONG/KH": 7}, ["PL03/DA4.NSDP_SN/KH"]),
        ({"PL03/DA4/KH": Broken("#REF!", Problem.ERROR_VALUE), "PL03/TONG/KH": 7}, ["PL03/DA4/KH"]),
        ({"PL03/DA4/KH": 7, "PL03/TONG/KH": 7}, ["PL03/DA4/KH"]),
        # What rests on nothing at fault is held to what was typed, beside a fault elsewhere.
        ({"B01/B01.02/KHN": Broken("x", Problem.NOT_A_NUMBER), "PL03/TONG/KH": 7}, ["B01/B01.02/KHN", "PL03/TONG/KH"]),
    ],
)
def test_a_fault_is_told_once_and_not_at_its_totals(changes: dict[str, object], told: list[str]) -> None:
    assert [f.cells[0] for f in findings(workbook(changes))] == told


@pytest.mark.parametrize(
    ("shown", "told"),
    [("33.33", []), ("33.34", []), ("33.32", []), ("33.35", ["PL01/CT11/TL"]), ("33.31", ["PL01/CT11/TL"])],
)
def test_a_ratio_may_differ_in_its_last_decimal(shown: str, told: list[str]) -> None:
    changes = {"PL01/CT11/TH": 1, "PL01/CT11/MS": 3, "PL01/CT11/TL": Decimal(shown)}
    assert [f.cells[0] for f in findings(workbook(changes))] == told


@pytest.mark.parametrize(
    ("raw", "kind", "number"),
    [
        ("1,234", ValueType.COUNT, 1234),
        ("1,234,567", ValueType.MONEY, 1234567),
        ("12 người", ValueType.COUNT, 12),
        ("khoảng 1.500 lượt", ValueType.COUNT, 1500),
        ("1,234.5", ValueType.DECIMAL, Decimal("1234.5")),
        ("12.5", ValueType.DECIMAL, Decimal("12.5")),
        ("1,234", ValueType.DECIMAL, None),
        ("12.5", ValueType.COUNT, None),
        ("2 đến 3", ValueType.COUNT, None),
        ("-5", ValueType.COUNT, None),
        ("không có", ValueType.COUNT, None),
    ],
)
def test_only_an_unambiguous_number_is_suggested(raw: str, kind: ValueType, number: int | Decimal | None) -> None:
    assert likely_number(raw, kind) == number
