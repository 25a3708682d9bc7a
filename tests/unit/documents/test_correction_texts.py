"""How a correction is told: figures side by side, never hidden by rounding; an ordinary report is untouched."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from docx import Document

from baocao.consolidation.changes import differences
from baocao.documents.row_figures import FROM_ZERO
from baocao.documents.word_report.correction_texts import document, extent, named, printed, replaces, row, sources
from baocao.documents.word_report.report import build_report
from baocao.model.consolidated import plan_ratio_column
from baocao.model.correction import Cause, CorrectedCell, Correction, Replaced, TextChange
from baocao.model.form import CellKey, ColumnRole, ValueType
from baocao.model.report import Coverage, ProvinceValue
from builders.files.documents import report_input
from builders.packs.consolidation import key

TEMPLATES = Path(__file__).resolve().parents[3] / "include" / "templates"
KEY = key("PL01/CT10/TH")
REPLACED = Replaced(7, 1, "a" * 64, "5", "BC-UBND", date(2026, 6, 3))


def value(number: int | Decimal | Fraction | None, **more: Any) -> ProvinceValue:
    return ProvinceValue(KEY, number, more.pop("nil", False), Coverage(6, 6), **more)


def change(
    old: ProvinceValue | None, new: ProvinceValue | None, kind: ValueType = ValueType.COUNT, **more: Any
) -> CorrectedCell:
    fields: dict[str, Any] = {
        "key": KEY, "item": "CT10", "name": "Điểm", "column": "Thực hiện", "measure": "điểm", "type": kind,
        "old": old, "new": new, "causes": (),
    }  # fmt: skip
    return CorrectedCell(**(fields | more))


def cause(unit: str) -> Cause:
    return Cause(KEY, unit, f"Xã {unit}", 1, 2, "PL01", "D5", "4", "9", "")


def correction(**more: Any) -> Correction:
    fields: dict[str, Any] = {
        "replaces": REPLACED, "reason": "Xã báo thiếu.", "opened_at": datetime(2026, 6, 26, tzinfo=UTC),
        "changes": (change(value(1), value(2)),), "causes": (), "texts": (), "resent": (), "excused_or_owing": (),
        "compared": 0,
    }  # fmt: skip
    return Correction(**(fields | more))


@pytest.mark.parametrize(
    ("old", "new", "kind", "texts"),
    [
        (value(1200), value(1205), ValueType.COUNT, ("1.200", "1.205", "+5")),
        (value(7), value(5), ValueType.COUNT, ("7", "5", "-2")),
        (value(Fraction(200, 3)), value(Fraction(70)), ValueType.COUNT, ("66,67", "70,00", "+3,33")),
        (value(5_000_000), value(7_500_000), ValueType.MONEY, ("5,0", "7,5", "+2,5")),
        (value(5_000_000), value(5_000_001), ValueType.MONEY, ("5.000.000 đồng", "5.000.001 đồng", "+1 đồng")),
        (value(Decimal("1.001")), value(Decimal("1.002")), ValueType.DECIMAL, ("1,001", "1,002", "+0,001")),
        (value(0, nil=True), value(4), ValueType.COUNT, ("không phát sinh", "4", "+4")),
        (None, value(4), ValueType.COUNT, ("", "4", "")),
        (value(4), value(None), ValueType.COUNT, ("4", "", "")),
        (
            value(2, classes=(("Có", 2), ("Không", 0))),
            value(2, classes=(("Có", 1), ("Không", 1))),
            ValueType.CHOICE,
            ("Có: 2; Không: 0", "Có: 1; Không: 1", ""),
        ),
    ],
)
def test_rounding_never_hides_a_changed_figure(
    old: ProvinceValue | None, new: ProvinceValue | None, kind: ValueType, texts: tuple[str, str, str]
) -> None:
    assert printed(change(old, new, kind)) == texts


def test_a_rate_from_zero_is_told_in_words() -> None:
    rate = change(value(None), value(Fraction(50)), ValueType.RATIO, old_from_zero=True)
    assert printed(rate) == ("kỳ trước bằng 0", "50,00", "")
    assert printed(change(value(Fraction(50)), value(None), ValueType.RATIO, new_from_zero=True))[1] == FROM_ZERO


def test_every_change_names_its_unit_or_source() -> None:
    many = change(value(1), value(2), causes=tuple(cause(str(n)) for n in (1, 1, 2, 3, 4, 5)))
    assert sources(many) == "Xã 1, Xã 2, Xã 3 và 2 đơn vị khác"
    assert sources(change(value(1), value(2))) == "số liệu kỳ trước hoặc danh mục đơn vị"
    assert row(many)["name"] == "Điểm (Thực hiện)"
    assert named(["a", "b"], 2) == "a, b"


def test_the_replaced_report_is_cited_in_full() -> None:
    assert document(REPLACED) == "Báo cáo số 05/BC-UBND ngày 03 tháng 6 năm 2026"
    assert replaces(correction(), "Sở Thử nghiệm") == f"Báo cáo này thay thế {document(REPLACED)} của Sở Thử nghiệm."


def test_only_what_differs_is_spoken_of() -> None:
    assert extent(correction()) == ["Số liệu thay đổi ở 01 ô."]
    lines = extent(
        correction(compared=3, excused_or_owing=("Xã A",), texts=(TextChange(KEY, "1", "Xã", "", "", "", "x"),))
    )
    assert lines[0] == "Số liệu thay đổi ở 01 ô; lời văn thay đổi ở 01 nội dung."
    assert "03 ô" in lines[2] and "Xã A" in lines[1]


def test_a_correction_without_any_difference_is_empty() -> None:
    assert correction(changes=()).is_empty
    assert not correction().is_empty
    assert not correction(changes=(), compared=1).is_empty
    assert not correction(changes=(), excused_or_owing=("Xã A",)).is_empty


def test_correction_tags_leave_an_ordinary_report_byte_identical(tmp_path: Path) -> None:
    copytree(TEMPLATES / "word", tmp_path / "word")
    code = "import build_templates, sys; sys.stdout.buffer.write(build_templates.report_periodic(correctable=False))"
    made = subprocess.run([sys.executable, "-c", code], cwd=TEMPLATES / "word", capture_output=True, check=True).stdout
    assert made != (TEMPLATES / "word" / "report_periodic.docx").read_bytes()
    (tmp_path / "word" / "report_periodic.docx").write_bytes(made)
    ordinary = report_input()
    assert build_report(ordinary, TEMPLATES) == build_report(ordinary, tmp_path)
    corrected = report_input(correction=correction())
    assert build_report(corrected, TEMPLATES) != build_report(corrected, tmp_path)


def test_a_long_table_of_changes_is_cut_openly() -> None:
    changes = tuple(change(value(n), value(n + 1)) for n in range(130))
    finished = Document(io.BytesIO(build_report(report_input(correction=correction(changes=changes)), TEMPLATES)))
    assert len(finished.tables[-1].rows) == 1 + 100
    assert any("Còn 30 ô khác" in p.text for p in finished.paragraphs)


def test_what_somebody_typed_as_a_reason_stays_text() -> None:
    hostile = correction(reason="<b>{{ 1 }}</b> & {%p if x %}")
    texts = [p.text for p in Document(io.BytesIO(build_report(report_input(correction=hostile), TEMPLATES))).paragraphs]
    assert any("<b>{{ 1 }}</b> & {%p if x %}" in text for text in texts)


def test_a_withheld_plan_share_is_said_in_words() -> None:
    pack = report_input().pack
    form, table, row, share = next(
        (form, table, row, column)
        for form in pack.forms
        for table in form.tables
        if (column := plan_ratio_column(table)) is not None
        for row in table.rows
        if table.applies(row, column)
    )
    plan = next(c for c in table.columns if c.role is ColumnRole.PLAN_YEAR)
    of_plan, of_share = (CellKey(form.code, row.code, c.code) for c in (plan, share))
    planned, told, withheld = value(40), value(Fraction(70)), value(None)
    found = differences(pack, {of_plan: planned, of_share: told}, {of_plan: planned, of_share: withheld}, (), ())
    (one,) = found.changes
    assert printed(one) == ("70,00", "chưa tính (chưa đủ đơn vị có kế hoạch)", "")
    (without,) = differences(pack, {of_share: told}, {of_share: withheld}, (), ()).changes
    assert printed(without)[1] == "", "nobody planned anything"
