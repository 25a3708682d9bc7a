from __future__ import annotations

import pytest

from baocao.consolidation.lineage import components, contributions
from baocao.settings import ConfigurationError
from builders.packs.consolidation import NIL, accepted, communes, key, lead_body, pack

UNITS = communes(3)
LEAD = lead_body()
PACK = pack((*UNITS, LEAD))


def test_a_sum_leads_back_to_every_units_cell() -> None:
    sent = [
        accepted(UNITS[2], {"PL01/CT26/TH": 3}, number=12),
        accepted(UNITS[0], {"PL01/CT01/TH": 1, "PL01/CT26/TH": NIL}, number=10),
        accepted(UNITS[1], {"PL01/CT26/TH": None}, number=11),
        accepted(LEAD, {"PL01/CT26/TH": 5}, number=13),
    ]
    found = contributions(key("PL01/CT26/TH"), sent, PACK)
    assert [(c.unit, c.submission_id, c.answer, c.value, c.sheet, c.a1) for c in found] == [
        (LEAD.code, 13, "value", "5", "PL01", "D5"),
        (UNITS[0].code, 10, "nil", "", "PL01", "D6"),
        (UNITS[2].code, 12, "value", "3", "PL01", "D5"),
    ]
    assert found[0].sha256 == f"{13:064x}"
    assert found[1].unit_name == UNITS[0].full_name


def test_derived_cells_lead_back_to_their_components() -> None:
    sent = [accepted(u, {"PL03/DA4.NSDP_SN/KH": 10, "PL03/DA4.NSTW_DT/LKN": 4}) for u in UNITS[:2]]
    found = contributions(key("PL03/TONG/TL"), sent, PACK)
    assert [(str(c.key), c.unit) for c in found] == [
        ("PL03/DA4.NSTW_DT/LKN", UNITS[0].code),
        ("PL03/DA4.NSTW_DT/LKN", UNITS[1].code),
        ("PL03/DA4.NSDP_SN/KH", UNITS[0].code),
        ("PL03/DA4.NSDP_SN/KH", UNITS[1].code),
    ]


def test_a_changes_components_are_this_years_cells() -> None:
    assert components(key("PL01/CT06/TH"), PACK) == (key("PL01/CT01/TH"),)


def test_an_unknown_cell_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="PL01/CT99/TH"):
        contributions(key("PL01/CT99/TH"), [], PACK)
