"""The sheet of the term, and that a report without a term is not touched by it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import openpyxl
import pytest

from baocao.consolidation.province import consolidate
from baocao.documents.consolidated_workbook.term import SHEET
from baocao.documents.consolidated_workbook.workbook import ReportMeta, build_workbook
from baocao.documents.word_report.term_rows import TermRow, term_rows
from baocao.model.form import CellKey, Column, ColumnRole, Form, Nature, Table, ValueType
from baocao.model.period import PeriodKind
from baocao.model.regime import Term
from baocao.model.report import Coverage, ReportStatus
from baocao.model.submission import Answer, Cell
from baocao.model.term_totals import ProvinceTerm, YearOfTerm
from builders.packs.consolidation import X, communes, form, full_report, lead_body, pack, period, row
from builders.packs.consolidation import indicators as frame

CASES = CellKey("PL01", "CT26", "TH")
DOUBLE = CellKey("PL01", "CT13", "TH")
UNITS = (*communes(4), lead_body())
EXPLAINED = Column(code="GT", title="Giải trình", role=ColumnRole.EXPLANATION, type=ValueType.TEXT)


def plans() -> Form:
    columns = (Column(code="KHGD", title="Kế hoạch giai đoạn", role=ColumnRole.PLAN_TERM), EXPLAINED)
    line = row("CT26", "Lớp tập huấn", X, columns=("KHGD", "GT"), unit="lớp", nature=Nature.FLOW, measures="PL01/CT26")
    return form("PL05", "Giữa kỳ", Table(code="B", columns=columns, rows=(line,)))


def built(term: ProvinceTerm | None, *, planned: int = 40, planning: int = 3) -> bytes:
    made = pack(UNITS, forms=(frame(), plans()))
    regime = made.regime.model_copy(
        update={"term": Term(years=(2026, 2027), name="giai đoạn 2026 - 2027", ends_on=date(2027, 12, 31))}
    )
    made = replace(made, regime=regime)
    reports = [full_report(u, n) for n, u in enumerate(UNITS, 1)]
    key = CellKey("PL05", "CT26", "KHGD")
    for report in reports[:planning]:
        report.cells[key] = Cell(key, Answer.VALUE, planned, "PL05", "E9")
    when = period(PeriodKind.MID_TERM, 2027)
    result = consolidate(made, when, reports, UNITS)
    return build_workbook(
        made, when, result, reports, ReportMeta(1, ReportStatus.FROZEN, datetime(2027, 8, 30, tzinfo=UTC)), term
    )


def a_term() -> ProvinceTerm:
    def year(number: int, value: int, missing: tuple[str, ...] = (), instead: tuple[str, ...] = ()) -> YearOfTerm:
        coverage = Coverage(len(UNITS) - len(missing), len(UNITS), missing)
        return YearOfTerm(period(PeriodKind.ANNUAL, number), {CASES: value}, coverage, instead, ())

    years = {2026: year(2026, 12, missing=(UNITS[1].code,)), 2027: year(2027, 7, instead=(UNITS[2].code,))}
    return ProvinceTerm("giai đoạn 2026 - 2027", (2026, 2027), years, {CASES: 19})


def test_the_term_sheet_shows_plan_years_and_share() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(built(a_term())))[SHEET]
    rows = list(sheet.iter_rows(values_only=True))
    codes = next(r for r in rows if r[0] == "§LUYKE.PL01")
    line = dict(zip(codes, next(r for r in rows if r[0] == "CT26"), strict=True))
    assert [line[f"§{c}"] for c in (".KHGD", ".NAM.2026", ".NAM.2027", ".LUY_KE")] == [120, 12, 7, 19]
    theirs = [full_report(u, n).cells[CASES].value or 0 for n, u in enumerate(UNITS[:3], 1)]
    assert line["§.PT_KHGD"] == pytest.approx(100 * sum(theirs) / 120), "of the three communes with a plan"
    assert (line["§.DV_KHGD"], line["§.THUC_HIEN"] > sum(theirs)) == ("3/5", True)
    text = "\n".join(str(c) for r in rows for c in r if c)
    assert f"Thiếu: {UNITS[1].full_name}" in text
    assert f"Dùng số 6 tháng vì chưa có báo cáo năm: {UNITS[2].full_name}" in text


def test_one_communes_plan_is_not_the_provinces() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(built(a_term(), planning=1)))[SHEET]
    rows = list(sheet.iter_rows(values_only=True))
    codes = next(r for r in rows if r[0] == "§LUYKE.PL01")
    line = dict(zip(codes, next(r for r in rows if r[0] == "CT26"), strict=True))
    assert (line["§.PT_KHGD"], line["§.DV_KHGD"]) == ("chưa tính", "1/4"), "who declared nil has nothing to plan"


def test_the_same_term_gives_the_same_bytes() -> None:
    assert built(a_term()) == built(a_term())


def test_without_a_term_its_sheet_is_absent() -> None:
    without, with_term = (openpyxl.load_workbook(io.BytesIO(built(t))) for t in (None, a_term()))
    assert set(with_term.sheetnames) - set(without.sheetnames) == {SHEET}
    for name in without.sheetnames:
        same = [[[c.value for c in r] for r in book[name].iter_rows()] for book in (without, with_term)]
        assert same[0] == same[1], name


def test_a_conflict_is_marked_in_word_and_excel() -> None:
    """Both print one row; the sheet says below it whose figure stands and why."""
    made = pack(UNITS, forms=(frame(),))
    reports = [full_report(u, n) for n, u in enumerate(UNITS, 1)]
    reports[-1].cells[DOUBLE] = replace(reports[-1].cells[DOUBLE], value=900)
    result = consolidate(made, period(PeriodKind.MID_TERM, 2027), reports, UNITS)
    assert [c.row for c in result.conflicts] == [DOUBLE.row]
    rows = [r for r in term_rows(made, result, a_term(), made.forms) if isinstance(r, TermRow)]
    assert [r.name.endswith(" (*)") for r in rows if r.row.code == DOUBLE.row and not r.suffix] == [True]
    assert not [r for r in rows if r.row.code != DOUBLE.row and "(*)" in r.name]
    meta = ReportMeta(1, ReportStatus.FROZEN, datetime(2027, 8, 30, tzinfo=UTC))
    data = build_workbook(made, period(PeriodKind.MID_TERM, 2027), result, reports, meta, a_term())
    cells = [
        str(c) for r in openpyxl.load_workbook(io.BytesIO(data))[SHEET].iter_rows(values_only=True) for c in r if c
    ]
    assert [c for c in cells if c.endswith(" (*)")] and [c for c in cells if c.startswith("(*) ") and "900" in c]
