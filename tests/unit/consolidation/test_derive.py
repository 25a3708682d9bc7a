from __future__ import annotations

import pytest

from baocao.consolidation.derive import derivations
from baocao.model.form import Column, ColumnRole, Derive, Linear, Row, Table
from baocao.settings import ConfigurationError
from builders_consolidation import form, pack

COLUMNS = (Column(code="TH", title="Thực hiện", role=ColumnRole.ACTUAL),)


def total(code: str, *parts: str) -> Row:
    return Row(code=code, item=code, name=code, derive=Derive(linear=Linear(plus=parts)))


def law(*rows: Row):
    return pack((), forms=[form("B01", "Thử", Table(code="A", columns=COLUMNS, rows=rows))])


def test_components_come_before_what_is_derived_from_them():
    order = derivations(law(total("ALL", "PART"), total("PART", "LEAF"), Row(code="LEAF", item="1", name="Lá")))
    assert [key.row for key in order] == ["PART", "ALL"]


def test_cells_derived_in_a_circle_stop_with_the_circle():
    with pytest.raises(ConfigurationError, match="B01/X/TH -> B01/Y/TH -> B01/X/TH"):
        derivations(law(total("X", "Y"), total("Y", "X")))


def test_a_component_that_does_not_exist_stops_with_both_names():
    with pytest.raises(ConfigurationError, match=r"B01/X/TH.*B01/GONE/TH"):
        derivations(law(total("X", "GONE")))
