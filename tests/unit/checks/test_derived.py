"""Derived cells as the store keeps them, and what somebody probably meant."""

from __future__ import annotations

from decimal import Decimal

import pytest

from baocao.checks.kept_cells import cells_to_keep
from baocao.checks.texts.suggestions import likely_number
from baocao.model.form import CellKey, ValueType
from builders.packs.checks import BLANK, COMMUNE, NIL, PACK, recalculated, workbook


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
    blank = {f"PL03/{row}/GN": BLANK for row in ("DA1.NSTW_SN", "DA4.NSDP_SN")}
    assert _derived(blank, "PL03/TONG/GN", nil_forms={"PL03": "Không phát sinh"}) == 0


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
