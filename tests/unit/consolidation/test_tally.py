"""How an entered cell is gathered, and which blank is simply no answer."""

from __future__ import annotations

import pytest

from baocao.consolidation.tally import CellKind, add_up, is_optional, kind_of
from baocao.model.form import Column, ColumnRole, EntryLevel, RollUp, Table, ValueType
from builders.packs.consolidation import accepted, communes, form, key, pack, row

TH = Column(code="TH", title="Thực hiện", role=ColumnRole.ACTUAL)


@pytest.mark.parametrize(
    ("type", "roll_up", "kind"),
    [
        (ValueType.COUNT, RollUp.SUM, CellKind.NUMBER),
        (ValueType.DECIMAL, RollUp.SUM, CellKind.NUMBER),
        (ValueType.BOOL, RollUp.YES_COUNT, CellKind.YES),
        (ValueType.BOOL, RollUp.LIST, CellKind.TEXT),
        (ValueType.CHOICE, RollUp.CLASS_COUNT, CellKind.CLASS),
        (ValueType.CHOICE, RollUp.LIST, CellKind.TEXT),
        (ValueType.TEXT, RollUp.LIST, CellKind.TEXT),
    ],
)
def test_type_and_roll_up_decide_how_cells_gather(type: ValueType, roll_up: RollUp, kind: CellKind) -> None:
    options = ("Tốt", "Kém") if type is ValueType.CHOICE else ()
    asked = row("X", "X", EntryLevel.COMMUNE, columns=("TH",), type=type, roll_up=roll_up, options=options)
    assert kind_of(Table(code="A", columns=(TH,), rows=(asked,)), asked, TH) is kind


@pytest.mark.parametrize("role", list(ColumnRole))
def test_only_plans_and_notes_may_stay_blank(role: ColumnRole) -> None:
    blank = {ColumnRole.PLAN_YEAR, ColumnRole.PLAN_TERM, ColumnRole.EXPLANATION, ColumnRole.NOTE}
    column = Column(code="C", title="C", role=role)
    asked = row("X", "X", EntryLevel.COMMUNE, columns=("C",))
    assert is_optional(asked, column) is (role in blank)
    assert is_optional(asked.model_copy(update={"required": False}), column)


def test_listed_answers_are_kept_as_printed() -> None:
    asked = row("X", "X", EntryLevel.COMMUNE, columns=("TH",), type=ValueType.BOOL, roll_up=RollUp.LIST)
    units = communes(2)
    law = pack(units, forms=[form("B01", "Thử", Table(code="A", columns=(TH,), rows=(asked,)))])
    sent = [accepted(unit, {"B01/X/TH": said}) for unit, said in zip(units, (True, False), strict=True)]
    assert add_up(law, units, sent).tallies[key("B01/X/TH")].texts == [(0, "Có"), (1, "Không")]
