"""The round trip over the packs we ship: every kind of unit, every form, every cell."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import pytest

from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.derive import derived_values
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.intake.screen import screen
from baocao.model.form import CellKey, ValueType
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import Answer
from baocao.model.unit import Unit
from baocao.regimes.load import calendar_of, load_pack

INCLUDE = Path(__file__).resolve().parents[3] / "include"
REGIMES = sorted(p.parent.name for p in (INCLUDE / "regimes").glob("*/regime.yaml"))


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
    for form in pack.entered_by(unit):
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
def test_every_kind_of_unit_gets_a_blank_that_reads_back_whole(name: str) -> None:
    pack, period = regime(name)
    for unit in one_of_each_kind(pack):
        data = write_blank(pack, unit, period)
        assert screen(data, "blank.xlsx") is None
        book = type_workbook(read_workbook(data), pack)
        assert book.problems == ()
        assert set(book.cells) == {key for form in pack.entered_by(unit) for key in form.cells}
        assert {c.answer for c in book.cells.values()} == {Answer.BLANK}


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", REGIMES)
def test_every_entry_of_every_form_reads_back_and_every_total_is_cached(name: str, seed: int) -> None:
    pack, period = regime(name)
    units = one_of_each_kind(pack)
    unit = units[seed % len(units)]
    values = entries(pack, unit, seed)
    book = type_workbook(read_workbook(write_blank(pack, unit, period, values=values)), pack)
    assert book.problems == ()
    for key, value in values.items():
        found = book.cells[key]
        assert (found.answer, found.value) == ((Answer.NIL, None) if value == "NP" else (Answer.VALUE, value)), key
    for key, total in derived_values(pack.entered_by(unit), values).items():
        assert float(str(book.cells[key].value)) == pytest.approx(float(total)), key
