"""What one unit sees of a pack's forms, and which relations its workbook can show."""

from __future__ import annotations

import pytest

from baocao.model.form import EntryLevel, Form, Relation, Row
from baocao.model.pack_parts.slices import concrete_relations, slice_forms
from baocao.model.pack_views import entered_by, relations_for
from builders.packs.pack import form, row, thanh_hoa


def communes(r: Row) -> bool:
    return EntryLevel.COMMUNE in r.levels


def codes(f: Form) -> list[str]:
    return [r.code for t in f.tables for r in t.rows]


PROVINCE = {"levels": ["province"], "roll_up": "province"}


def total(code: str, *parts: str) -> dict[str, object]:
    return row(code, derive={"linear": {"plus": list(parts)}}, roll_up="derived")


def test_other_levels_rows_and_empty_headings_are_removed() -> None:
    whole = form(
        "F",
        row("H1", heading=True),
        row("A", **PROVINCE),
        row("H2", heading=True),
        row("H2x", heading=True, indent=1),
        row("B"),
    )
    (mine,) = slice_forms([whole], communes)
    assert codes(mine) == ["H2", "H2x", "B"]


def test_a_form_without_an_entered_row_goes() -> None:
    assert slice_forms([form("F", row("A", **PROVINCE), total("S", "A"))], communes) == ()


def test_totals_keep_only_the_parts_that_are_there() -> None:
    whole = form("F", row("A"), row("B", **PROVINCE), total("AB", "A", "B"), total("BB", "B"), total("ALL", "AB", "BB"))
    (mine,) = slice_forms([whole], communes)
    rows = {r.code: r for t in mine.tables for r in t.rows}
    assert list(rows) == ["A", "AB", "ALL"]
    assert rows["AB"].derive and rows["AB"].derive.names == ("A",)
    assert rows["ALL"].derive and rows["ALL"].derive.names == ("AB",)


def test_ratios_across_forms_need_both_sides() -> None:
    ratio = row("R", derive={"ratio": {"numerator": ["F/A/TH"], "denominator": ["F/B/TH"]}}, roll_up="derived")
    here, gone = form("F", row("A"), row("B")), form("F", row("A"), row("B", **PROVINCE))
    assert "R" in codes(slice_forms([here, form("G", row("X"), ratio)], communes)[1])
    assert "R" not in codes(slice_forms([gone, form("G", row("X"), ratio)], communes)[1])


def test_comparisons_with_last_year_are_for_provinces_only() -> None:
    growth = row("Y", derive={"year_on_year": {"of": "F/A/TH"}}, roll_up="derived")
    assert codes(slice_forms([form("F", row("A"), growth)], communes)[0]) == ["A"]


def test_a_column_without_applicable_rows_is_removed() -> None:
    whole = form("F", row("A", columns=["TH", "GT"]), row("B", columns=["TH", "LKN"], **PROVINCE))
    (mine,) = slice_forms([whole], communes)
    assert [c.code for c in mine.tables[0].columns] == ["TH", "GT"]


def test_slice_keeps_its_own_cells_after_whole_form() -> None:
    whole = form("F", row("A"), row("B", **PROVINCE))
    assert len(whole.cells) == 6
    (mine,) = slice_forms([whole], communes)
    assert {k.row for k in mine.cells} == {"A"}
    assert mine.fingerprint != whole.fingerprint


def relation(**more: object) -> Relation:
    return Relation.model_validate({"rule": "V32", "id": "V32.x", "message": "m", **more})


def test_a_star_means_every_row_with_all_cells() -> None:
    f = form("F", row("A"), row("B", columns=["TH", "GT"]), total("S", "A", "B"))
    found = concrete_relations([relation(at_most=[["F/*/TH"], ["F/*/LKN"]])], [f])
    assert [r.names for r in found] == [("F/A/TH", "F/A/LKN")]
    assert found[0].id == "V32.x.A"


def test_a_star_for_the_column_too() -> None:
    f = form("F", row("A"), row("B"))
    found = concrete_relations([relation(equal=[["F/A/*"], ["F/B/*"]])], [f])
    assert [r.names for r in found] == [("F/A/TH", "F/B/TH"), ("F/A/LKN", "F/B/LKN")]


def test_a_relation_with_a_missing_cell_is_dropped() -> None:
    f = form("F", row("A"))
    there = relation(equal=[["F/A/TH"], ["F/A/LKN"]])
    assert concrete_relations([relation(equal=[["F/A/TH"], ["G/A/TH"]]), there], [f]) == (there,)


def test_a_bound_is_no_cell() -> None:
    bound = relation(minimum=["F/*/TH", "F/*/LKN", 250])
    (found,) = concrete_relations([bound], [form("F", row("A"))])
    assert found.minimum == ("F/A/TH", "F/A/LKN", 250)
    assert found.names == ("F/A/TH", "F/A/LKN")


@pytest.mark.parametrize("kinds", [{}, {"needs_note": ["F/A/TH"], "equal": [["F/A/TH"], ["F/B/TH"]]}])
def test_a_relation_is_of_exactly_one_kind(kinds: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="đúng một trong"):
        relation(**kinds)


def test_types_change_the_fingerprint_but_wording_does_not() -> None:
    plain = form("F", row("A"))
    assert form("F", row("A", note="rõ hơn"), title="Tên khác").fingerprint == plain.fingerprint
    assert form("F", row("A", type="decimal")).fingerprint != plain.fingerprint
    assert form("F", row("A", columns=["TH"])).fingerprint != plain.fingerprint


def test_plans_explanations_and_optional_rows_may_stay_blank() -> None:
    plan = {"code": "KHN", "title": "Kế hoạch", "role": "plan_year"}
    actual = {"code": "TH", "title": "Thực hiện", "role": "actual"}
    note = {"code": "GT", "title": "Giải trình", "role": "explanation"}
    table = {"code": "A", "columns": [plan, actual, note], "rows": [row("A"), row("B", required=False)]}
    f = form("F", tables=[table])
    required = {k.row + "/" + k.column for k, (t, r, c) in f.cells.items() if t.is_required(r, c)}
    assert required == {"A/TH"}


def test_each_level_judges_only_its_own_relations() -> None:
    pack = thanh_hoa()
    commune, health = pack.unit("14797"), pack.unit("38-SYT")
    assert commune and health
    ids = {r.id for r in relations_for(pack, commune)}
    assert {"V21.CT01", "V22.CT10.TH", "V24.CT20"} <= ids
    assert not any(i.startswith("V19") for i in ids), "the register of centres is kept at the province"
    assert {"V21.CT04"} <= {r.id for r in relations_for(pack, health)}
    assert "V21.CT01" not in {r.id for r in relations_for(pack, health)}
    for unit in pack.units:
        cells = {str(k) for f in entered_by(pack, unit) for k in f.cells}
        assert all(set(r.names) <= cells for r in relations_for(pack, unit))
