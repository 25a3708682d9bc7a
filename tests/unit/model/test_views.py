"""A pack as one period sees it: its forms, their versions in time, and what an ad hoc request leaves of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from baocao.checks.cell_specs import lay_out
from baocao.checks.engine import History, check
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.derivation import pack_derivations
from baocao.forms.reading.read import read_workbook, type_workbook
from baocao.model.form import Form
from baocao.model.pack import Pack
from baocao.model.pack_parts.slices import only_rows
from baocao.model.pack_views import entered_by, for_period, pack_cells, relations_for
from baocao.model.period import Period, Request
from baocao.model.regime import FormInForce
from builders.packs.pack import form, row, thanh_hoa, thanh_hoa_periods

PERIODS = thanh_hoa_periods()
H1, ANNUAL = PERIODS["2026-H1"], PERIODS["2026-Y"]


def asking(period: Period, **what: tuple[str, ...]) -> Period:
    request = Request("Bộ Công an", "c04@bocongan.example", "Công văn số 12", "Tình hình người nghiện", **what)
    return replace(period, code="2026-DX1", request=request)


def codes(forms: tuple[Form, ...]) -> dict[str, list[str]]:
    return {f.code: [r.code for t in f.tables for r in t.rows if not r.heading] for f in forms}


def with_versions(pack: Pack, old: Form, since: date) -> Pack:
    regime = pack.regime.model_copy(
        update={
            "forms": {
                **pack.regime.forms,
                old.code: (
                    FormInForce(version=old.version),
                    FormInForce(version=pack.form(old.code).version, since=since),
                ),
            }
        }
    )
    return replace(pack, regime=regime, others=(old,))


def test_a_kind_naming_no_forms_uses_all() -> None:
    pack = thanh_hoa()
    rules = tuple(r.model_copy(update={"forms": ()}) for r in pack.regime.periods)
    named = replace(pack, regime=pack.regime.model_copy(update={"periods": rules}))
    assert [f.code for f in for_period(named, H1).forms] == list(pack.regime.forms)


def test_relations_hold_for_the_reports_they_name() -> None:
    pack = thanh_hoa()
    unit = pack.unit("14797")
    assert unit is not None

    def rules(code: str) -> set[str]:
        return {r.id.rpartition(".PL01")[0] for r in relations_for(for_period(pack, PERIODS[code]), unit)}

    assert "V32" in rules("2026-Y") and "V62" not in rules("2026-Y")
    assert "V62" in rules("2028-MID") and "V32" not in rules("2028-MID"), "its figure is the term's, not the year's"


def test_views_with_different_questions_are_told_apart() -> None:
    views = [for_period(thanh_hoa(), PERIODS[code]).view for code in ("2026-H1", "2028-MID", "2030-END")]
    assert len(set(views)) == 3
    assert for_period(thanh_hoa(), PERIODS["2027-H1"]).view == views[0]


def test_copied_packs_never_share_worked_out_answers() -> None:
    pack = thanh_hoa()
    unit = pack.unit("14797")
    assert unit is not None
    before = pack.unit(unit.code), entered_by(pack, unit), lay_out(pack, unit), pack_derivations(pack), pack_cells(pack)
    one = replace(pack, units=(replace(unit, name="Tên khác"),), forms=(pack.form("B04"),))
    assert one.sha256 == pack.sha256 and one.unit_name(unit.code).endswith("Tên khác")
    assert {f.code for f in entered_by(one, unit)} == {k.form for k in lay_out(one, unit).specs} == {"B04"}
    assert {k.form for k in pack_cells(one)} == {k.form for k in pack_derivations(one)} == {"B04"}
    assert for_period(replace(for_period(pack, H1), forms=()), H1) is for_period(pack, H1), "a view leads to its pack"
    after = pack.unit(unit.code), entered_by(pack, unit), lay_out(pack, unit), pack_derivations(pack), pack_cells(pack)
    assert all(a is b for a, b in zip(before, after, strict=True)), "worked out once"


def test_a_kind_uses_its_forms_in_its_order() -> None:
    pack = thanh_hoa()
    rules = tuple(r.model_copy(update={"forms": ("PL04", "B09")}) for r in pack.regime.periods)
    named = replace(pack, regime=pack.regime.model_copy(update={"periods": rules}))
    view = for_period(named, H1)
    assert [f.code for f in view.forms] == ["PL04", "B09"]
    assert {t.indicator.split("/")[0] for t in view.targets} <= {"PL04", "B09"}
    assert for_period(view, ANNUAL) is for_period(named, ANNUAL), "the view of another period is one of the whole pack"


def test_periods_get_the_version_of_their_cutoff_day() -> None:
    pack = thanh_hoa()
    new = pack.form("B09")
    old = new.model_copy(update={"version": "2024.1", "tables": new.tables[:1]})
    pack = with_versions(pack, old, since=date(2026, 12, 14))
    assert for_period(pack, H1).form("B09").version == "2024.1"
    assert for_period(pack, ANNUAL).form("B09").version == new.version


def test_a_request_keeps_its_rows_and_their_derivations() -> None:
    view = for_period(thanh_hoa(), asking(H1, forms=("PL01", "B04"), rows=("PL01/CT01", "PL01/CT10")))
    assert codes(view.forms)["PL01"] == ["CT01", "CT06", "CT10"], "the change of CT01 against last year follows from it"
    assert codes(view.forms)["B04"] == codes((thanh_hoa().form("B04"),))["B04"], "a form of which no row is named stays"


def test_nothing_derives_from_a_form_not_requested() -> None:
    view = for_period(thanh_hoa(), asking(H1, forms=("PL01",)))
    assert "CT30" not in codes(view.forms)["PL01"], "the rate of disbursement stands on Phụ lục 03"
    assert pack_derivations(view), "every other derivation finds its components"


def test_a_request_names_the_units_that_owe() -> None:
    view = for_period(thanh_hoa(), asking(H1, units=("14797", "14758")))
    assert sorted(u.code for u in view.units_on(H1.cutoff_on)) == ["14758", "14797"]
    assert view.unit("14812") is None and thanh_hoa().unit("14812") is not None


def test_requests_are_written_read_and_checked_like_periods() -> None:
    period = asking(H1, forms=("PL01",), rows=("PL01/CT01", "PL01/CT02"))
    view = for_period(thanh_hoa(), period)
    unit = view.unit("14797")
    assert unit is not None
    book = type_workbook(read_workbook(write_blank(view, unit, period)), view)
    findings = check(book, view, unit, period, History(), received_at=period.opens_at)
    missed = [f.item for f in findings if f.rule == "V41"]
    assert missed == ["PL01", "PL04-DX"], "nothing is missed but what was asked for and the narrative"
    entered = {key.row for key in book.cells if key.form == "PL01"}
    assert entered == {"CT01", "CT02"}


def test_sums_are_reduced_to_the_rows_left() -> None:
    whole = form("F", row("A"), row("B"), row("T", derive={"linear": {"plus": ["A", "B"]}}, roll_up="derived"))
    (left,) = only_rows((whole,), ("F/A",))
    assert codes((left,)) == {"F": ["A", "T"]}
    total = left.tables[0].rows[-1].derive
    assert total is not None and total.names == ("A",)


def test_a_form_without_an_asked_row_goes() -> None:
    assert [f.code for f in only_rows((form("F", row("A")), form("G", row("B"))), ("F/X",))] == ["G"]


@pytest.mark.parametrize(("day", "version"), [(date(2026, 12, 13), "1"), (date(2026, 12, 14), "2")])
def test_a_version_applies_from_its_first_cutoff_day(day: date, version: str) -> None:
    regime = thanh_hoa().regime.model_copy(
        update={"forms": {"PL01": (FormInForce(version="1"), FormInForce(version="2", since=date(2026, 12, 14)))}}
    )
    assert regime.version_on("PL01", day) == version
