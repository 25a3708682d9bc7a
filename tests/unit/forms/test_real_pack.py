"""The round trip over the packs we ship: every kind of unit, every form, every cell."""

from __future__ import annotations

import random
import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from baocao.consolidation.province import consolidate
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.derivation import DerivationKind, derived_values, slice_derivations
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.intake.screen import screen
from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.pack_views import entered_by
from baocao.model.period import Period
from baocao.model.submission import AcceptedCells, Answer
from baocao.model.unit import Unit
from baocao.regimes.load import calendar_of, load_pack
from baocao.rounding import rounded
from builders.packs.checks import recalculated

INCLUDE = Path(__file__).resolve().parents[3] / "include"
REGIMES = sorted(p.parent.name for p in (INCLUDE / "regimes").glob("*/regime.yaml"))


class Formulas:
    """A spreadsheet of the three functions that a blank's formulas use, to compute them apart from our own code."""

    def __init__(self, data: bytes) -> None:
        self.book = load_workbook(BytesIO(data))

    def value(self, sheet: str, a1: str) -> object:
        """What the cell shows."""
        content = self.book[sheet][a1].value
        if not isinstance(content, str) or not content.startswith("="):
            return content
        condition, _, formula = content.removeprefix("=IF(").partition('=0,"",')
        if not self._sum(sheet, condition):
            return ""
        part, slash, whole = formula.removesuffix(")").removeprefix("100*").partition("/")
        return 100 * self._sum(sheet, part) / self._sum(sheet, whole) if slash else self._sum(sheet, part)

    def _sum(self, sheet: str, terms: str) -> float:
        """`SUM(A1:A3,C5)-SUM(B1)`, or how many numbers `COUNT(A1:A3)` finds."""
        result = 0.0
        for sign, name, areas in re.findall(r"(-?)(SUM|COUNT)\(([^)]*)\)", terms):
            numbers = self._numbers(sheet, areas)
            found = len(numbers) if name == "COUNT" else sum(numbers)
            result += -found if sign else found
        return result

    def _numbers(self, sheet: str, areas: str) -> list[float]:
        found = []
        for area in areas.split(","):
            name, _, place = area.rpartition("!")
            here = name.strip("'").replace("''", "'") or sheet
            first, _, last = place.partition(":")
            for row in self.book[here][f"{first}:{last or first}"]:
                for one in row:
                    value = self.value(here, one.coordinate)
                    if isinstance(value, int | float) and not isinstance(value, bool):
                        found.append(value)
        return found


@lru_cache
def regime(name: str) -> tuple[Pack, Period]:
    pack = load_pack(INCLUDE / "regimes" / name)
    return pack, calendar_of(pack.regime, INCLUDE / "reference")[0]


def one_of_each_kind(pack: Pack) -> list[Unit]:
    communes = [u for u in pack.units if not u.is_lead_body]
    return [*communes[:1], *communes[-1:], *(u for u in pack.units if u.is_lead_body)]


def entries(pack: Pack, unit: Unit, seed: int) -> dict[CellKey, object]:
    """Something of the right type in most cells, nil in some, nothing in a few."""
    rng = random.Random(seed)
    values: dict[CellKey, object] = {}
    for form in entered_by(pack, unit):
        for key, (table, row, column) in form.cells.items():
            if not table.is_entered(row, column) or rng.random() < 0.1:
                continue
            typed: dict[ValueType, object] = {
                ValueType.COUNT: rng.randrange(0, 5000),
                ValueType.MONEY: rng.randrange(0, 10**10),
                ValueType.DECIMAL: Decimal(rng.randrange(0, 10**6)) / 100,
                ValueType.BOOL: rng.random() < 0.5,
                ValueType.CHOICE: rng.choice(row.options or ("",)),
                ValueType.TEXT: "Đã triển khai, kết quả tốt",
                ValueType.DATE: date(2026, 1, 1 + rng.randrange(28)),
            }
            values[key] = "NP" if rng.random() < 0.1 else typed[table.type_of(row, column)]
    return values


@pytest.mark.parametrize("name", REGIMES)
def test_every_kind_of_unit_gets_a_complete_blank(name: str) -> None:
    pack, period = regime(name)
    for unit in one_of_each_kind(pack):
        data = write_blank(pack, unit, period)
        assert screen(data, "blank.xlsx") is None
        book = type_workbook(read_workbook(data), pack)
        assert book.problems == ()
        assert set(book.cells) == {key for form in entered_by(pack, unit) for key in form.cells}
        assert {c.answer for c in book.cells.values()} == {Answer.BLANK}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", REGIMES)
def test_every_entry_reads_back_and_totals_are_cached(name: str, seed: int) -> None:
    pack, period = regime(name)
    units = one_of_each_kind(pack)
    unit = units[seed % len(units)]
    values = entries(pack, unit, seed)
    book = type_workbook(read_workbook(write_blank(pack, unit, period, values=values)), pack)
    assert book.problems == ()
    for key, value in values.items():
        found = book.cells[key]
        assert (found.answer, found.value) == ((Answer.NIL, None) if value == "NP" else (Answer.VALUE, value)), key
    for key, total in derived_values(slice_derivations(pack, unit), values).items():
        assert float(str(book.cells[key].value)) == pytest.approx(float(total)), key


@pytest.mark.parametrize("nth", [0, 2])
@pytest.mark.parametrize("name", REGIMES)
def test_spreadsheet_checks_and_province_compute_the_same(name: str, nth: int) -> None:
    """Every derived cell of a commune and of a lead body: by the formula in its cell, by the checks, and the totals as
    figures of a province in which nobody else reported. Only for the latter two a declared nil is a zero."""
    pack, period = regime(name)
    unit = one_of_each_kind(pack)[nth % len(one_of_each_kind(pack))]
    values = entries(pack, unit, nth)
    data = write_blank(pack, unit, period, values=values)
    book = type_workbook(read_workbook(data), pack)
    figures = derived_values(slice_derivations(pack, unit), values)
    formulas = Formulas(data)
    for key in slice_derivations(pack, unit):
        cell = book.cells[key]
        if key not in figures:
            # A spreadsheet shows 0 % where the numerator is blank: we keep nothing, and the checks take both.
            assert formulas.value(cell.sheet, cell.a1) in {"", 0} and cell.answer is Answer.BLANK, key
        else:
            expected = pytest.approx(float(figures[key]))
            assert formulas.value(cell.sheet, cell.a1) == expected and float(str(cell.value)) == expected, key
    kept = recalculated(book, pack, unit)
    assert {k: v for k, v in kept.items() if k not in figures and v} == {}
    assert all(abs(kept[key] - rounded(figures[key], 2)) <= 0.01 for key in figures)  # type: ignore[operator]
    sent = AcceptedCells(unit.code, 1, "0" * 64, "blank.xlsx", period.opens_at, dict(book.cells))
    province = consolidate(pack, period, [sent], [unit]).values
    for key, derived in slice_derivations(pack, unit).items():
        if derived.kind is DerivationKind.LINEAR:
            assert province[key].value == kept.get(key), key
