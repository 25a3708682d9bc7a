"""Computed cells of every shipped pack in written files: what was typed over them, and what was never recalculated, are
two different slips; nothing that stands there vanishes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from demo.figures import Figures

from baocao.checks.cell_specs import lay_out
from baocao.checks.engine import check
from baocao.checks.history import History
from baocao.checks.rules.typed_over import kind_of_derived
from baocao.forms.blank_workbook.workbook import write_blank
from baocao.forms.derivation import DerivationKind
from baocao.forms.reading.grid import read_workbook
from baocao.forms.reading.raw import from_wire, to_wire
from baocao.forms.reading.read import type_workbook
from baocao.model.form import CellKey, Column, Row
from baocao.model.pack import Pack
from baocao.model.pack_views import for_period
from baocao.model.period import Period
from baocao.model.submission import Finding, Severity
from baocao.model.unit import Unit
from baocao.regimes.load import calendar_of, load_pack, regime_folders
from baocao.xlsx.a1 import position
from baocao.xlsx.book import Book
from baocao.xlsx.package import ZipPackage
from builders.files.hostile import part, rebuilt
from builders.packs.checks import BLANK, NIL, findings, workbook
from builders.packs.checks import PACK as RULES_PACK

PROJECT = Path(__file__).resolve().parents[3]
REFERENCE = PROJECT / "include" / "reference"
PACKS = {pack.code: pack for pack in (load_pack(f, REFERENCE) for f in regime_folders(PROJECT))}
DRUGS = "thanh-hoa-drug-programme"


@cache
def _sent(code: str) -> tuple[Pack, Unit, Period, bytes]:
    """A filled workbook of the unit of the pack that has the most computed cells."""
    whole = PACKS[code]
    period = next(p for p in calendar_of(whole.regime, REFERENCE) if not p.is_evaluation)
    pack = for_period(whole, period)
    units = {u.projects: u for u in pack.units_on(period.cutoff_on)}.values()
    unit = max(units, key=lambda u: len(lay_out(pack, u).derivations))
    filled = Figures(pack, unit, period, {}, period.year).fill()
    values = {k: v for k, v in filled.values.items() if v is not None}
    data = write_blank(pack, unit, period, {}, values=values, nil_forms=filled.nil_forms, info=filled.info)
    return pack, unit, period, data


def _findings(code: str, changes: dict[CellKey, object], *, formulas: bool) -> list[Finding]:
    """Of the workbook as read from its file, with other values in some cells; their formulas kept or gone."""
    pack, unit, period, data = _sent(code)
    raw = from_wire(to_wire(read_workbook(data)))
    for key, value in changes.items():
        cell = type_workbook(raw, pack).cells[key]
        place = position(cell.a1)
        table = next(t for t in raw.tables if t.form == key.form and key.row in {r for r, _ in t.rows})
        assert place is not None
        table.values.pop(place, None)
        if value is not None:
            table.values[place] = value  # type: ignore[assignment]
        if not formulas:
            raw.formulas[cell.sheet].discard(cell.a1)
    book = type_workbook(raw, pack)
    return list(check(book, pack, unit, period, History(), received_at=period.unit.due_at))


def _shown(code: str) -> dict[CellKey, float]:
    """The computed cells that show a figure."""
    pack, unit, _, data = _sent(code)
    book = type_workbook(read_workbook(data), pack)
    yearly = DerivationKind.YEAR_ON_YEAR
    keys = [key for key, derived in lay_out(pack, unit).derivations.items() if derived.kind is not yearly]
    return {k: float(v) for k in keys if isinstance(v := book.cells[k].value, int | float) or hasattr(v, "as_tuple")}  # type: ignore[arg-type]


@pytest.mark.parametrize("code", PACKS)
def test_typed_over_and_stale_formulas_are_told_apart(code: str) -> None:
    pack, unit, _, _ = _sent(code)
    specs = lay_out(pack, unit).specs
    kinds = {(k.form, k.column, specs[k].row.derive is None): (k, value) for k, value in _shown(code).items()}
    for key, value in kinds.values():
        for formulas, words in ((False, "đã bị gõ đè"), (True, "chưa được tính lại")):
            found = _findings(code, {key: value + 7}, formulas=formulas)
            (finding,) = [f for f in found if f.cells and f.cells[0] == str(key)]
            assert finding.rule == pack.rules.id_of(kind_of_derived(specs[key])) and finding.severity is Severity.BLOCKS
            assert f"ô {finding.a1}" in finding.message.replace("Ô ", "ô ") and words in finding.message
            assert "khôi phục công thức" in finding.message
            assert finding.actual and finding.expected and finding.actual != finding.expected
    assert kinds or code in {"hai-phong-legal-aid", "hai-phong-anti-trafficking"}


def test_the_formula_to_restore_is_written_out() -> None:
    key = CellKey.parse("B04/NGHIEN/CK")
    (finding,) = [f for f in _findings(DRUGS, {key: 99.0}, formulas=False) if f.cells[0] == str(key)]
    row = finding.a1[1:]
    assert finding.message.startswith(f"Công thức ô {finding.a1} đã bị gõ đè bằng 99;")
    assert f"xóa ô {finding.a1}, gõ =SUM(D{row}:G{row})-SUM(H{row}:K{row}) rồi Enter" in finding.message
    assert "chép ô này từ tệp mẫu" in finding.message
    (stale,) = [f for f in _findings(DRUGS, {key: 99.0}, formulas=True) if f.cells[0] == str(key)]
    assert stale.message.startswith(f"Ô {finding.a1} còn công thức nhưng số đang lưu (99)")
    assert "Ctrl+Alt+F9" in stale.message and "gõ đè" not in stale.message


def _optional_row() -> tuple[CellKey, dict[CellKey, object]]:
    """A computed cell of a row that may stay empty, and that row left empty."""
    pack, unit, _, _ = _sent(DRUGS)
    layout = lay_out(pack, unit)
    ratios = (key for key, derived in layout.derivations.items() if derived.kind is DerivationKind.RATIO)
    found = next(key for key in ratios if key.form == "PL03" and not layout.specs[key].row.required)
    row = found[:2]
    return found, {k: None for k, s in layout.specs.items() if k[:2] == row and s.entered}


@pytest.mark.parametrize(("formulas", "words"), [(False, "đã bị gõ đè bằng 40,00"), (True, "chưa được tính lại")])
def test_computed_figures_over_blank_parts_are_told(formulas: bool, words: str) -> None:
    key, blank = _optional_row()
    found = _findings(DRUGS, {**blank, key: 40.0}, formulas=formulas)
    (finding,) = [f for f in found if f.cells and f.cells[0] == str(key)]
    assert (finding.rule, finding.severity, finding.expected) == ("V26", Severity.BLOCKS, "(trống)")
    assert words in finding.message and "chưa có số ở" in finding.message
    assert not [f for f in _findings(DRUGS, {**blank, key: None}, formulas=False) if f.cells[:1] == (str(key),)]
    assert not [f for f in _findings(DRUGS, {**blank, key: 0.0}, formulas=False) if f.cells[:1] == (str(key),)]


@pytest.mark.parametrize(
    "derive", [{"year_on_year": {"of": "TH"}}, {"ratio": {"numerator": ["TH"], "denominator": ["B05/CS1/CS"]}}], ids=str
)
def test_figures_computed_at_the_level_above_are_told(derive: dict[str, object]) -> None:
    """No shipped form asks it of a unit; a pack may: last year's figure, or another's, is not in the workbook."""
    growth = {"code": "SS", "title": "Tăng, giảm (%)", "role": "ratio", "type": "ratio"}
    column = Column.model_validate({**growth, "derive": derive})
    form = RULES_PACK.form("PL01")
    table = form.tables[0]
    rows = tuple(r.model_copy(update={"columns": (*(r.columns or ()), "SS")}) for r in table.rows if r.code == "CT01")
    changed = {"columns": (*table.columns, column), "rows": (*rows, *(r for r in table.rows if r.code != "CT01"))}
    grown = form.model_copy(update={"tables": (table.model_copy(update=changed),)})
    pack = replace(RULES_PACK, forms=tuple(grown if f.code == "PL01" else f for f in RULES_PACK.forms))
    said = "đơn vị không nhập, nhưng đang có số 12,00"
    for answer, raw, told in (
        (12, "12", said),
        (BLANK, "", ""),
        (0, "0", ""),
        (BLANK, "Cấp tỉnh tính", ""),
        (BLANK, "độ 12", "gõ đè bằng chữ «độ 12»"),
    ):
        book = workbook({"PL01/CT01/SS": answer}, pack=pack)
        cell = replace(book.cells[CellKey("PL01", "CT01", "SS")], raw=raw)
        found = findings(replace(book, cells={**book.cells, cell.key: cell}), pack=pack)
        assert len(found) == bool(told)
        assert all(f.severity is Severity.BLOCKS and told in f.message for f in found)


@pytest.mark.parametrize(
    ("text", "severity"),
    [("12 người", Severity.BLOCKS), ("đang chờ", Severity.EXPLAIN), ("Cấp tỉnh tính", Severity.EXPLAIN)],
)
def test_a_text_typed_over_a_formula_is_told(text: str, severity: Severity) -> None:
    key = CellKey.parse("B04/NGHIEN/CK")
    (finding,) = [f for f in _findings(DRUGS, {key: text}, formulas=False) if f.cells[:1] == (str(key),)]
    assert finding.severity is severity and f"gõ đè bằng chữ «{text}»" in finding.message
    assert not [f for f in _findings(DRUGS, {key: "NP"}, formulas=False) if f.cells[:1] == (str(key),)]


def test_the_file_tells_which_cells_hold_formulas() -> None:
    """The stored value of a formula changed in the XML: nobody typed over it."""
    pack, unit, period, data = _sent(DRUGS)
    key = CellKey.parse("B04/NGHIEN/CK")
    a1 = type_workbook(read_workbook(data), pack).cells[key].a1
    sheet = pack.form("B04").short
    hit = next(str(s.part) for s in Book(ZipPackage(data)).sheets if s.name == sheet)
    pattern = re.compile(rf'(<c r="{a1}"[^>]*><f>[^<]*</f>)<v>[^<]*</v>')
    for new, words in ((r"\1<v>99</v>", "chưa được tính lại"), (rf'<c r="{a1}"><v>99</v>', "đã bị gõ đè")):
        changed = rebuilt(data, {hit: pattern.sub(new, part(data, hit).decode()).encode()})
        book = type_workbook(read_workbook(changed), pack)
        assert (key in book.formulas) is words.startswith("chưa")
        found = check(book, pack, unit, period, History(), received_at=period.unit.due_at)
        assert [f for f in found if f.cells[:1] == (str(key),) and words in f.message], words


# ------------------------------------------------------------------------------------- in workbooks without a file

CLOSING = "B04/NGHIEN/CK"
PARTS = ("DK", "T1", "T2", "T3", "G1", "G2", "G3", "G4")


def _moved(places: str, sheet: str = "", there: tuple[str, ...] = PARTS[4:]) -> str:
    """What is told about a closing stock typed over, whose parts stand at these places, some of them on `sheet`."""
    book = workbook({CLOSING: 99})
    cells = dict(book.cells)
    for code, a1 in zip(PARTS, places.split(), strict=True):
        key = CellKey("B04", "NGHIEN", code)
        cells[key] = replace(cells[key], a1=a1, sheet=sheet if sheet and code in there else cells[key].sheet)
    (finding,) = findings(replace(book, cells=cells))
    return finding.message


@pytest.mark.parametrize(
    ("places", "formula"),
    [
        ("E5 F5 G5 H5 I5 J5 K5 L5", "=SUM(E5:H5)-SUM(I5:L5)"),
        ("E5 E6 E7 E8 F5 F6 F7 F8", "=SUM(E5:E8)-SUM(F5:F8)"),
        ("E5 F5 F6 F7 I5 J5 K5 L5", "=SUM(E5:F5)+SUM(F6:F7)-SUM(I5:L5)"),
        ("E5 E6 F6 G6 I5 J5 K5 L5", "=SUM(E5:E6)+SUM(F6:G6)-SUM(I5:L5)"),
        ("E5 F5 G5 H5 I5 J5 J6 L9", "=SUM(E5:H5)-(SUM(I5:J5)+SUM(J6)+SUM(L9))"),
        ("E5 G5 G7 E7 I5 J5 K5 L5", "=SUM(E5)+SUM(G5)+SUM(G7)+SUM(E7)-SUM(I5:L5)"),
        ("H5 G5 F5 E5 I5 J5 K5 L5", "=SUM(H5)+SUM(G5)+SUM(F5)+SUM(E5)-SUM(I5:L5)"),
    ],
)
def test_the_formula_adds_runs_of_neighbours(places: str, formula: str) -> None:
    assert f"gõ {formula} rồi Enter" in _moved(places)


def test_the_formula_names_cells_of_another_sheet() -> None:
    assert "gõ =SUM(E5:H5)-SUM('Thôn ''A'''!I5:L5) rồi Enter" in _moved("E5 F5 G5 H5 I5 J5 K5 L5", "Thôn 'A'")
    told = _moved("E5 F5 G5 H5 I5 J5 K5 L5", "Khác", ("T2", "T3"))
    assert "gõ =SUM(E5:F5)+SUM('Khác'!G5:H5)-SUM(I5:L5) rồi Enter" in told
    # Too long to be typed without a slip: then the cell is copied.
    told = _moved("E5 F5 G5 H5 I5 K7 M9 O11", "Trang " + 40 * "x")
    assert "gõ đè bằng 99" in told and "Enter" not in told
    assert "khôi phục công thức: chép ô này từ tệp mẫu của kỳ này." in told


def test_a_ratio_over_nothing_is_told_as_that() -> None:
    changes = {"PL01/CT10/TH": NIL, "PL01/CT10/MS": 0, "PL01/CT10/TL": 40}
    (finding,) = [f for f in findings(workbook(changes)) if f.cells[0] == "PL01/CT10/TL"]
    assert "CT10 cột MS bằng 0 nên không có tỷ lệ" in finding.message


def _with_total(parts: Iterable[str]) -> Pack:
    """The regime with one more row, the total of these."""
    form = RULES_PACK.form("PL01")
    (table,) = form.tables
    row = {"code": "CTT", "item": "T", "name": "Cộng", "columns": ["TH"], "nature": "stock", "levels": ["commune"]}
    total = Row.model_validate({**row, "roll_up": "derived", "derive": {"linear": {"plus": list(parts)}}})
    changed = form.model_copy(update={"tables": (table.model_copy(update={"rows": (*table.rows, total)}),)})
    return replace(RULES_PACK, forms=tuple(changed if f.code == "PL01" else f for f in RULES_PACK.forms))


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (2, "tổng của CT01 cột TH, CT02 cột TH, là "),
        (4, "tổng của CT01 cột TH, CT02 cột TH, CT03 cột TH, CT04 cột TH, là "),
        (5, "tổng của CT01 cột TH, CT02 cột TH, CT03 cột TH, CT04 cột TH ..., là "),
    ],
)
def test_a_total_names_at_most_four_of_its_parts(parts: int, told: str) -> None:
    pack = _with_total(["CT01", "CT02", "CT03", "CT04", "CT05"][:parts])
    (finding,) = findings(workbook({"PL01/CTT/TH": 1}, pack=pack), pack=pack)
    assert told in finding.message
