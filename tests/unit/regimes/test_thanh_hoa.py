"""The pack of Thanh Hóa says what the law says."""

from __future__ import annotations

import ast
import re
from collections import Counter
from decimal import Decimal

import pytest

from baocao.model.form import CellKey, ColumnRole, EntryLevel, RollUp, ValueType
from baocao.model.pack_views import entered_by, for_period, pack_cells
from baocao.model.period import PeriodKind
from baocao.model.unit import UnitKind
from baocao.regimes.law import law_table
from baocao.regimes.load import load_pack, regime_folders
from baocao.regimes.shared_forms import origin_of
from builders.packs.pack import FOLDER, ROOT, thanh_hoa, thanh_hoa_periods

PACK = thanh_hoa()
COMMUNE = next(u for u in PACK.units if u.kind is UnitKind.COMMUNE)


def rows(form: str) -> dict[str, tuple[str, ...]]:
    return {r.code: tuple(level.value for level in r.levels) for t in PACK.form(form).tables for r in t.rows}


def test_the_pack_has_166_communes_and_six_agencies() -> None:
    assert Counter(u.kind for u in PACK.units) == {UnitKind.COMMUNE: 147, UnitKind.WARD: 19, UnitKind.AGENCY: 6}
    assert len({u.code for u in PACK.units}) == 172
    assert all(re.fullmatch(r"\d{5}", u.code) for u in PACK.units if u.kind.is_territorial)


def test_names_are_the_official_ones_and_key_nothing() -> None:
    assert PACK.unit("14797").full_name == "Phường Hạc Thành"  # type: ignore[union-attr]
    assert PACK.unit("15724").name == "Đồng Tiến" and PACK.unit("15853").name == "Đông Tiến"  # type: ignore[union-attr]


def test_every_address_is_an_example() -> None:
    addresses = [a for u in PACK.units for a in (u.email, u.head_email)]
    addresses += [r.email for r in PACK.regime.recipients]
    addresses += [PACK.regime.authority.lead_email, PACK.regime.authority.leadership_email]
    addresses += [PACK.regime.authority.standing_email]
    assert all(a.endswith(".example") for a in addresses)
    assert len(set(addresses)) == len(addresses)


def test_the_lead_bodies_lead_what_the_plan_assigns() -> None:
    leads = {u.code: u.projects for u in PACK.units if u.is_lead_body}
    assert leads == {
        "38-CAT": ("1", "2", "3", "4", "5", "7.2", "9"),
        "38-SYT": ("6",),
        "38-SVHTTDL": ("7.1",),
        "38-SGDDT": ("7.3",),
        "38-LDLD": ("7.4",),
        "38-STP": ("8",),
    }


def test_only_project_3_rests_on_an_assumption() -> None:
    """The plan assigns it to nobody."""
    assert {p.code for p in PACK.regime.projects if p.trust == "assumed"} == {"3"}


@pytest.mark.parametrize("kind", [PeriodKind.SIX_MONTH, PeriodKind.ANNUAL])
def test_the_finance_ministry_gets_no_periodic_reports(kind: PeriodKind) -> None:
    recipients = PACK.rule_of(kind).recipients
    assert "bo-tai-chinh" not in recipients
    assert recipients[0] == "bo-cong-an" and "bo-tu-phap" in recipients


@pytest.mark.parametrize("kind", [PeriodKind.MID_TERM, PeriodKind.END_TERM])
def test_the_ministry_of_finance_gets_the_evaluations(kind: PeriodKind) -> None:
    assert {"bo-cong-an", "bo-tai-chinh"} <= set(PACK.rule_of(kind).recipients)


def test_only_recipients_confirmed_by_documents_are_verified() -> None:
    assert {r.id for r in PACK.regime.recipients if r.verified} == {"bo-cong-an", "bo-tai-chinh", "bo-tu-phap"}


def test_reminders_climb_from_unit_to_leadership() -> None:
    ladder = [(s.id, s.days_from_safe, s.days_from_due, s.to, s.template) for s in PACK.regime.reminders]
    assert ladder == [
        ("t-15", -15, None, "unit", "reminder_before"),
        ("t-7", -7, None, "unit", "reminder_before"),
        ("t-3", -3, None, "unit", "reminder_before"),
        ("t-1", -1, None, "unit", "reminder_before"),
        ("t+0", None, 0, "head", "reminder_overdue_head"),
        ("t+1", None, 1, "lead", "reminder_overdue_lead"),
        ("t+2", None, 2, "leadership", "digest_overdue"),
    ]
    assert [s.id for s in PACK.regime.reminders if s.digest] == ["t+2"]


def test_every_rule_and_row_cites_its_source() -> None:
    regime = PACK.regime
    cited = [*(r.anchor for r in regime.periods), *(r.anchor for r in regime.recipients)]
    cited += [*(r.anchor for r in regime.reminders), *(r.anchor for r in regime.projects)]
    cited += [a for r in regime.periods for a in (r.opens_anchor, r.recipients_anchor, r.unit.anchor)]
    cited += [regime.authority.anchor, regime.history.anchor, *(f.anchor for f in PACK.forms)]
    cited += [r.trace for f in PACK.forms for t in f.tables for r in t.rows if not r.heading]
    assert all(cited)


@pytest.mark.parametrize(
    ("target", "operator", "value"),
    [
        ("T1a", "<", 0),
        ("T1b", "<", 0),
        ("T2", ">=", 50),
        ("T3a", "=", 100),
        ("T3b", "=", 100),
        ("T3c", "=", 100),
        ("T4", "=", 100),
        ("T5a", ">", 80),
        ("T5b", ">", 80),
        ("T6", ">", 3),
        ("T7", ">", 3),
        ("T8", ">", 5),
        ("T9", ">", 80),
        ("T10", "=", 100),
        ("T11", "=", 100),
        ("T12", "=", 100),
        ("T13", "=", 100),
        ("T14", ">", 70),
        ("T15", "=", 100),
        ("TH2", ">=", 50),
    ],
)
def test_the_operator_of_a_target_is_exact(target: str, operator: str, value: int) -> None:
    (found,) = (t for t in PACK.targets if t.id == target)
    assert (found.operator, found.value) == (operator, Decimal(value))


def test_there_are_exactly_the_20_targets_in_force() -> None:
    """The four figures below stood in a draft only."""
    assert len(PACK.targets) == 20
    assert {(t.operator, t.value) for t in PACK.targets}.isdisjoint({("<", 1), (">=", 80), ("=", 90), (">", 90)})


def test_provincial_and_assumed_targets_are_marked_as_such() -> None:
    """TH2 is the province's own; the sentence on the cut-off is assumed."""
    assert [t.id for t in PACK.targets if t.scope == "province"] == ["TH2"]
    assert {t.id for t in PACK.targets if t.trust == "assumed"} == {"T11", "T12", "T13", "T14", "T15"}


def test_old_and_new_wording_never_share_a_year() -> None:
    old, new = (next(t for t in PACK.targets if t.id == i) for i in ("T3a", "T3b"))
    assert old.indicator == new.indicator == "PL01/CT10"
    assert not set(old.years) & set(new.years)
    assert set(new.years) == {2026, 2027, 2028, 2029, 2030}


def test_the_result_frame_has_all_30_indicators() -> None:
    numbers = {re.match(r"CT(\d\d)", code).group(1) for code in rows("PL01") if code.startswith("CT")}  # type: ignore[union-attr]
    assert numbers == {f"{n:02d}" for n in range(1, 31)}


@pytest.mark.parametrize(
    ("form", "items"),
    [
        ("B01", [f"B01.{n:02d}" for n in range(1, 12)]),
        ("B02", [f"B02.{n:02d}" for n in range(1, 8)]),
        ("B03", ["B03.01", "B03.02", "B03.03"]),
        ("B04", [*"12345", *(f"B04.{n}" for n in range(11, 26))]),
        ("B05", [*"123456", *(f"B05.{n:02d}" for n in range(1, 6))]),
        ("B06", [f"B06.{n:02d}" for n in range(1, 9)]),
        ("B08", [f"B08.{n:02d}" for n in range(1, 9)]),
        ("B09", [f"B09.{n:02d}" for n in range(1, 9)]),
        ("PL04", ["I", "II", "III", "IV", "V", "VI"]),
    ],
)
def test_a_form_has_its_printed_items_in_order(form: str, items: list[str]) -> None:
    printed = [r.item for t in PACK.form(form).tables for r in t.rows if r.item and not r.heading]
    assert list(dict.fromkeys(printed)) == items


def test_the_movement_table_closes_by_itself() -> None:
    table = PACK.form("B04").tables[0]
    assert [r.code for r in table.rows] == ["NGHIEN", "SUDUNG", "DANGCAI", "THAYTHE", "SAUCAI"]
    closing = table.column("CK").derive
    assert closing and closing.linear
    assert closing.linear.plus == ("DK", "T1", "T2", "T3") and closing.linear.minus == ("G1", "G2", "G3", "G4")


def test_resources_are_entered_per_project_and_added_up() -> None:
    table = PACK.form("PL03").tables[0]
    entered = [r for r in table.rows if r.levels]
    assert len(entered) == 12 * 5 and all(not r.required and r.type is ValueType.MONEY for r in entered)
    derived = {r.code: r.derive.names for r in table.rows if r.derive}
    assert derived["DA7"] == ("DA7.1", "DA7.2", "DA7.3", "DA7.4")
    assert derived["TONG"] == tuple(f"DA{n}" for n in range(1, 10))
    assert all(len(derived[f"DA{p.code}"]) == 5 for p in PACK.regime.projects)


def test_every_form_says_that_its_layout_is_assumed() -> None:
    assert all(f.assumed and "giả định" in f.assumption and f.instructions for f in PACK.forms)


def test_each_level_enters_only_rows_of_its_own() -> None:
    for unit in PACK.units[-7:]:
        for form in entered_by(PACK, unit):
            for row in (r for t in form.tables for r in t.rows if r.levels):
                level = EntryLevel.PROVINCE if unit.is_lead_body else EntryLevel.COMMUNE
                assert level in row.levels
                assert not unit.is_lead_body or not row.project or row.project in unit.projects


def test_who_gets_which_forms() -> None:
    def sheets(code: str, period: str = "2026-H1") -> list[str]:
        view = for_period(PACK, thanh_hoa_periods()[period])
        unit = view.unit(code)
        assert unit
        return [f.code for f in entered_by(view, unit)]

    common = ["PL01", "B01", "B02", "B04", "B05", "B06", "B07", "B08", "B09", "PL03", "PL04"]
    assert sheets(COMMUNE.code) == common, "no Biểu 03: the plan assigns project 3 to nobody"
    assert sheets("38-SYT") == ["PL01", "B04", "B06", "PL03", "PL04"]
    assert sheets("38-STP") == ["PL01", "B08", "PL03", "PL04"]
    assert "B03" in sheets("38-CAT")
    assert sheets(COMMUNE.code, "2026-Y") == common
    assert sheets(COMMUNE.code, "2028-MID") == [*common[:-1], "PL05-GK"]
    assert sheets(COMMUNE.code, "2030-END") == [*common[:-1], "PL05-KT"]


def test_every_province_value_is_entered_or_derived() -> None:
    entered = {
        key
        for unit in PACK.units
        for form in entered_by(PACK, unit)
        for key, (table, row, column) in form.cells.items()
        if table.is_entered(row, column)
    }
    for key, (_, row, column) in pack_cells(PACK).items():
        assert key in entered or row.derive is not None or column.derive is not None, key


def test_every_derived_value_comes_down_to_entered_ones() -> None:
    for form in PACK.forms:
        for table in form.tables:
            for row in table.rows:
                if row.derive is not None:
                    assert entered_behind(form.code, row.code), f"{form.code}/{row.code}"


def entered_behind(form: str, code: str) -> bool:
    _, row = PACK.row(form, code)
    if row.derive is None:
        return bool(row.levels)
    named = [CellKey.parse(n)[:2] if "/" in n else (form, n) for n in row.derive.names]
    return all(entered_behind(f, r) for f, r in named)


def test_cases_known_to_several_levels_are_not_added() -> None:
    assert PACK.row("PL01", "CT13")[1].roll_up is RollUp.PROVINCE_OVER_SUM
    assert PACK.row("PL01", "CT08")[1].roll_up is RollUp.YES_COUNT
    assert PACK.row("PL01", "CT09")[1].roll_up is RollUp.CLASS_COUNT


def test_money_is_in_whole_dong_everywhere() -> None:
    for form in PACK.forms:
        for key, (table, row, column) in form.cells.items():
            if table.type_of(row, column) is ValueType.MONEY and column.role is ColumnRole.ACTUAL:
                assert row.unit == "đồng", key


def test_the_law_page_matches_the_packs() -> None:
    written = (ROOT / "docs" / "law.md").read_text(encoding="utf-8")
    packs = [(folder, load_pack(folder)) for folder in regime_folders(ROOT)]
    tables = [law_table(pack, origin_of(folder, pack.regime)) for folder, pack in packs]
    assert written == "\n".join(tables), "run: baocao docs"


def test_the_law_table_names_provisions_with_their_uses() -> None:
    table = law_table(PACK)
    for basis in PACK.regime.legal_basis:
        assert f"| {basis.id} | {basis.document}, {basis.article} |" in table
    assert "| KH.CĐBC.1 |" in table and "`regime.yaml` periods.six_month.unit" in table


def test_source_code_names_no_place_or_regime() -> None:
    names = ("thanh hóa", "thanh hoá", "thanh-hoa", "thanh_hoa", "hải phòng", "hai-phong", "hai_phong", "thủy nguyên",
             "thuỷ nguyên", "thuy-nguyen")  # fmt: skip
    for file in (ROOT / "src").rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        documentation = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
                assert not any(name in node.value.casefold() for name in names), f"{file}:{node.lineno}"


def test_the_pack_has_no_stray_files() -> None:
    files = {p.relative_to(FOLDER).as_posix() for p in FOLDER.rglob("*") if p.is_file()}
    forms = {f"forms/{f.code}/{f.version}.yaml" for f in (*PACK.forms, *PACK.others)}
    assert files == {"regime.yaml", "units.csv", "places.csv", "targets.yaml"} | forms
