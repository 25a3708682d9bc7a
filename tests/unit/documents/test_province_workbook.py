"""The consolidated workbook read as a stranger reads it: with openpyxl, by the printed codes alone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest

from baocao.consolidation.province import consolidate
from baocao.documents.consolidated_workbook.meta import ReportMeta
from baocao.documents.consolidated_workbook.workbook import build_workbook
from baocao.model.form import CellKey
from baocao.model.report import ReportStatus
from baocao.model.submission import Status, Submission, Timeliness
from builders.packs.consolidation import (
    NIL,
    accepted,
    communes,
    everybody_reported,
    full_report,
    key,
    lead_body,
    pack,
    period,
    target,
)

UNITS = communes(8)
LEAD = lead_body()
EVERYBODY = (*UNITS, LEAD)
TARGETS = [
    target(by_year=2030),
    target(id="T3", indicator="PL01/CT10", name="Điểm được triệt phá", operator="=", value=Decimal(100)),
    target(id="T1", indicator="PL01/CT06", name="Giảm hằng năm", operator="<", value=Decimal(0)),
]
PACK = pack(EVERYBODY, TARGETS)
PERIOD = period()
SENT = [full_report(unit, seed) for seed, unit in enumerate(EVERYBODY, start=2) if unit is not UNITS[6]]
META = ReportMeta(version=1, status=ReportStatus.FROZEN, as_of=datetime(2026, 12, 20, 3, tzinfo=UTC), report_id=5)


def built(
    sent: Any = SENT, *, meta: ReportMeta = META, waived: Any = (), previous: Any = None, law: Any = PACK
) -> bytes:
    before = None if previous is None else everybody_reported(EVERYBODY, previous)
    result = consolidate(law, PERIOD, sent, EVERYBODY, waived, before)
    return build_workbook(law, PERIOD, result, sent, meta)


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def table(data: bytes, marker: str) -> dict[tuple[str, str], Any]:
    """(row code, column code) -> value of the table with this marker, wherever it stands."""
    found: dict[tuple[str, str], Any] = {}
    for sheet in opened(data).worksheets:
        for row in sheet.iter_rows(values_only=True):
            if row[0] == marker:
                codes = {i: code[1:] for i, code in enumerate(row) if i and isinstance(code, str) and code[:1] == "§"}
                found = {(marker, ""): sheet.title}
            elif found and found[marker, ""] == sheet.title and row[0] is not None:
                found |= {(str(row[0]), code): row[i] for i, code in codes.items()}
    assert found, f"no table {marker}"
    return found


def texts(data: bytes) -> Iterator[tuple[str, Any]]:
    for sheet in opened(data).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield sheet.title, cell


def test_order_of_units_does_not_change_the_bytes() -> None:
    assert built() == built(SENT[::-1])


def test_form_figures_are_the_exact_province_values() -> None:
    values = consolidate(PACK, PERIOD, SENT, EVERYBODY).values
    data = built()
    for form in PACK.forms[:3]:
        cells = table(data, f"§{form.code}.A")
        for name in form.cells:
            if name in values and values[name].value is not None and not values[name].nil:
                shown = cells[name.row, name.column]
                assert shown == pytest.approx(float(values[name].value), abs=1e-9), name


def test_detail_totals_equal_rows_and_consolidated_figures() -> None:
    data = built()
    compared = 0
    for form in PACK.forms[:3]:
        detail = table(data, f"§CT.{form.code}")
        whole = table(data, f"§{form.code}.A")
        for row_code, code in detail:
            if row_code != "TOAN_TINH":
                continue
            row, column = code.split("/")
            numbers = [detail.get((u.code, code)) for u in UNITS]
            if not any(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
                continue
            of_communes = sum(n for n in numbers if isinstance(n, int | float))
            of_lead = detail.get((LEAD.code, code))
            lead = of_lead if isinstance(of_lead, int | float) else None
            over = row == "CT13" and lead is not None
            expected = lead if over else of_communes + (lead or 0)
            assert detail["TOAN_TINH", code] == pytest.approx(expected)
            assert whole[row, column] == pytest.approx(expected)
            compared += 1
    assert compared >= 15


def test_live_sums_carry_their_cached_value() -> None:
    data = built()
    formulas = table(data, "§CT.PL01")
    cached = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets:
        if sheet.title == "CT PL01":
            rows = list(sheet.iter_rows(values_only=True))
            header = next(r for r in rows if r[0] == "§CT.PL01")
            cached = {(str(r[0]), c[1:]): v for r in rows for c, v in zip(header, r, strict=True) if c and r[0]}
    first, last = str(formulas["CONG_XA", "CT01/TH"]).removeprefix("=SUM(").removesuffix(")").split(":")
    sheet = opened(data)["CT PL01"]
    assert [sheet[f"A{row}"].value for row in range(int(first[1:]), int(last[1:]) + 1)] == [u.code for u in UNITS]
    sent = [s.cells[key("PL01/CT01/TH")].value for s in SENT if key("PL01/CT01/TH") in s.cells]
    assert cached["CONG_XA", "CT01/TH"] == sum(sent) == sum(c[0].value or 0 for c in sheet[f"{first}:{last}"])


def test_sorting_a_detail_sheet_moves_units_only() -> None:
    sheet = opened(built())["CT PL01"]
    first, last = sheet.auto_filter.ref.split(":")
    rows = [sheet[f"A{row}"].value for row in range(int(first[1:]) + 1, int("".join(filter(str.isdigit, last))) + 1)]
    assert rows == [u.code for u in EVERYBODY]


def test_money_is_stored_whole_and_shown_in_millions() -> None:
    data = built()
    whole = sum(s.cells[key("PL03/DA4.NSDP_SN/KH")].value for s in SENT if key("PL03/DA4.NSDP_SN/KH") in s.cells)
    assert table(data, "§PL03.A")["DA4.NSDP_SN", "KH"] == whole
    formats = {c.number_format for title, c in texts(data) if title == "PL03" and c.value == whole}
    assert formats == {"[$-42A]#,##0.0,,_)"}


def test_resources_by_source_add_up_to_form_totals() -> None:
    data = built()
    matrix, form = table(data, "§PL03.NGUON"), table(data, "§PL03.A")
    for row in ("TONG", "DA1", "DA4"):
        for column in ("KH", "LKN"):
            parts = [matrix[row, f"{group}.{column}"] or 0 for group in (1, 2)]
            assert matrix[row, f"0.{column}"] == sum(parts) == form[row, column]
        assert matrix[row, "0..PT"] == pytest.approx(100 * form[row, "LKN"] / form[row, "KH"])


def test_a_yes_count_is_over_all_valid_units() -> None:
    cells = table(built(SENT[:2]), "§PL01.A")
    assert cells["CT08", "MS"] == len(UNITS)
    assert cells["CT08", "TL"] == pytest.approx(100 * cells["CT08", "TH"] / len(UNITS))


def test_units_per_class_stand_below_the_classification() -> None:
    cells = table(built(), "§PL01.A")
    answers = [s.cells[key("PL01/CT09/TH")].value for s in SENT if key("PL01/CT09/TH") in s.cells]
    options = ("Không", "Loại III", "Loại II", "Loại I")
    assert [cells[f"CT09#{i}", "TH"] for i in range(1, 5)] == [answers.count(o) for o in options]


def test_nil_is_a_dash_and_nothing_is_blank() -> None:
    sent = [accepted(u, {"PL01/CT01/TH": NIL, "PL01/CT10/TH": 0, "PL01/CT10/MS": 0}) for u in UNITS]
    data = built(sent)
    cells = table(data, "§PL01.A")
    assert (cells["CT01", "TH"], cells["CT10", "TL"], cells["CT26", "TH"]) == ("–", "–", None)
    assert table(data, "§CT.PL01")[UNITS[0].code, "CT01/TH"] == "NP"


def test_last_year_and_difference_stand_beside_the_figure() -> None:
    now = table(built(), "§PL01.A")["CT01", "TH"]
    cells = table(built(previous={key("PL01/CT01/TH"): 50}), "§PL01.A")
    assert (cells["CT01", ".CUNG_KY"], cells["CT01", ".TANG_GIAM"]) == (50, now - 50)
    assert cells["CT01", ".DV_SO_SANH"] == "7/8"
    assert cells["CT01", ".PT_TANG_GIAM"] == pytest.approx(2 * (now - 50))


def test_the_years_plan_is_compared_with_cumulative_results() -> None:
    cells = table(built(), "§PL01.A")
    assert cells["CT26", ".PT_KH"] == pytest.approx(100 * cells["CT26", "LKN"] / cells["CT26", "KHN"])


def test_a_target_still_has_time_until_its_year() -> None:
    cells = table(built(), "§PL01.A")
    assert (cells["CT08", ".MUC_TIEU"], cells["CT08", ".DANH_GIA"]) == ("≥ 50 % (2030)", "Còn hạn")
    assert (cells["CT10", ".MUC_TIEU"], cells["CT10", ".DANH_GIA"]) == ("100 %", "Chưa đạt")
    assert cells["CT06", ".DANH_GIA"] == "Chưa đủ cơ sở"


def cover(data: bytes) -> str:
    return "\n".join(str(c.value) for title, c in texts(data) if title == "Tổng quan")


def test_the_cover_names_missing_late_and_waived_units() -> None:
    row = Submission(
        1, PACK.code, PERIOD.code, UNITS[0].code, Status.ACCEPTED, PERIOD.opens_at, "0" * 64, "a.xlsx", False, None, "7"
    )
    kept = {UNITS[0].code: Timeliness.LATE, UNITS[1].code: Timeliness.CORRECTED_LATE}
    meta = replace(META, submissions={UNITS[0].code: row}, timeliness=kept)
    sent = [s for s in SENT if s.unit != UNITS[2].code]
    text = cover(built(sent, meta=meta, waived=[UNITS[2].code]))
    assert f"Chưa có báo cáo (1): {UNITS[6].full_name}." in text
    assert f"Báo cáo trễ hạn (1): {UNITS[0].full_name}." in text
    assert f"Báo cáo đúng hạn, đính chính sau hạn (1): {UNITS[1].full_name}." in text
    assert f"Được miễn báo cáo (1): {UNITS[2].full_name}." in text
    assert "7/8, gồm cấp xã 6/7; cơ quan cấp tỉnh 1/1" in text


def test_a_draft_is_marked_on_every_page() -> None:
    data = built(meta=replace(META, status=ReportStatus.DRAFT))
    assert "DỰ THẢO - CHƯA CHỐT SỐ LIỆU" in cover(data)
    visible = [s for s in opened(data).worksheets if s.sheet_state == "visible"]
    assert all("DỰ THẢO" in (s.oddHeader.right.text or "") for s in visible)
    assert "DỰ THẢO" not in cover(built())


@pytest.mark.parametrize("text", ["=1+1941", "+84941", "@SUM(A941)", '=HYPERLINK("http://x941.example")', "\t=1941"])
def test_text_of_a_unit_never_becomes_a_formula(text: Any) -> None:
    data = built([accepted(UNITS[0], {"PL04/IV/ND": text, "PL01/CT13/TH": 1, "PL01/CT13/GT": text})])
    cells = [c for _, c in texts(data) if isinstance(c.value, str) and "941" in c.value]
    assert len(cells) >= 2
    assert all(c.data_type == "s" and c.value[0] not in "=+-@\t" for c in cells)


def test_a_bullet_in_text_becomes_a_dash() -> None:
    data = built([accepted(UNITS[0], {"PL04/IV/ND": "- Thiếu kinh phí"})])
    assert "– Thiếu kinh phí" in {c.value for _, c in texts(data)}


def test_text_too_long_for_a_cell_says_so() -> None:
    data = built([accepted(UNITS[0], {"PL04/IV/ND": "dài " * 10_000})])
    [cell] = [c for title, c in texts(data) if title == "PL04" and str(c.value).startswith("dài")]
    assert len(cell.value) <= 32_767
    assert cell.value.endswith("(đã cắt bớt; xem báo cáo gốc của đơn vị)")


def test_the_only_formulas_are_sums_and_counts() -> None:
    formulas = {c.value.split("(")[0] for _, c in texts(built()) if c.data_type == "f"}
    assert formulas == {"=SUM", "=COUNTIF", "=COUNTA"}


def test_every_input_is_named_with_its_hash() -> None:
    cells = table(built(), "§NGUON.A")
    for sent in SENT:
        assert cells[sent.unit, "SHA256"] == sent.sha256
        assert cells[sent.unit, "SO"] == str(sent.submission_id)


def test_hidden_values_keep_their_full_precision() -> None:
    [sheet] = [s for s in opened(built()).worksheets if s.title == "_values"]
    rows = list(sheet.iter_rows(values_only=True))
    names = rows[0]
    by_key = {CellKey(*r[:3]): dict(zip(names, r, strict=True)) for r in rows[1:]}
    values = consolidate(PACK, PERIOD, SENT, EVERYBODY).values
    assert by_key.keys() == values.keys()
    for name, value in values.items():
        text = by_key[name]["value"]
        assert (Fraction(text) if text else None) == (None if value.value is None else Fraction(value.value))
    assert sheet.sheet_state == "hidden"
    assert by_key[key("PL01/CT01/TH")]["missing"] == UNITS[6].code


def test_a_hidden_negative_value_keeps_its_minus() -> None:
    before = {key("PL01/CT01/TH"): 5000}
    [sheet] = [s for s in opened(built(previous=before)).worksheets if s.title == "_values"]
    by_key = {CellKey(*r[:3]): r[3] for r in list(sheet.iter_rows(values_only=True))[1:]}
    told = everybody_reported(EVERYBODY, before)
    fall = consolidate(PACK, PERIOD, SENT, EVERYBODY, (), told).values[key("PL01/CT06/TH")].value
    assert fall is not None and fall < 0
    assert Fraction(by_key[key("PL01/CT06/TH")]) == fall


def test_pages_are_a4_landscape_with_repeated_header_rows() -> None:
    book = opened(built())
    for name in ("PL01", "B04", "PL03", "Độ phủ"):
        sheet = book[name]
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.print_title_rows
    assert book["PL01"].freeze_panes == "C10"


def test_the_file_holds_no_macro_link_or_timestamp() -> None:
    with zipfile.ZipFile(io.BytesIO(built())) as package:
        names = package.namelist()
        assert not [n for n in names if "externalLink" in n or "vbaProject" in n]
        assert {i.date_time[:3] for i in package.infolist()} == {(1980, 1, 1)}
        assert b"2026-01-01T00:00:00Z" in package.read("docProps/core.xml")
