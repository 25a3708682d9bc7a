"""The letter that asks the People's Committee to sign."""

import io
from dataclasses import replace
from pathlib import Path

from docx import Document

from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.cover_letter import build_cover_letter
from baocao.model.report import ReportFinding
from builders.files.documents import report_input, signature

TEMPLATES = Path(__file__).resolve().parents[3] / "include" / "templates"


def letter(source: ReportInput) -> list[str]:
    doc = Document(io.BytesIO(build_cover_letter(source, TEMPLATES)))
    cells = [c.text for t in doc.tables for r in t.rows for c in r.cells]
    return [line for text in [*(p.text for p in doc.paragraphs), *cells] for line in text.split("\n") if line]


def test_the_standing_office_addresses_the_peoples_committee() -> None:
    lines = letter(report_input())
    assert "Kính gửi: Ủy ban nhân dân tỉnh Thử Nghiệm." in lines
    assert "TỜ TRÌNH" in lines
    assert any(line.startswith("Số:") and line.endswith("/TTr-CAT") for line in lines)
    assert lines[lines.index("CÔNG AN") + 1] == "TỈNH THỬ NGHIỆM"


def test_deadline_and_safe_day_are_both_stated() -> None:
    lines = " ".join(letter(report_input()))
    assert "trước ngày 20/12/2026" in lines
    assert "ký trước ngày 24/12/2026" in lines


def test_it_names_recipients_that_nobody_has_confirmed() -> None:
    assert any("01 nơi nhận chưa được xác nhận" in line and "Bộ Y tế" in line for line in letter(report_input()))


def test_points_to_note_are_merged_with_their_subjects() -> None:
    source = report_input()
    points = tuple(ReportFinding("V55", "explain", f"CT{i}", "Hai nguồn số liệu khác nhau.") for i in (1, 2))
    lines = letter(replace(source, result=replace(source.result, findings=points)))
    assert "Có 01 điểm cần lưu ý khi ký:" in lines
    assert "- CT1; CT2: Hai nguồn số liệu khác nhau." in lines


def test_a_long_list_of_points_is_cut_openly() -> None:
    source = report_input()
    points = tuple(ReportFinding("V55", "explain", f"CT{i}", f"Điểm số {i}.") for i in range(20))
    lines = letter(replace(source, result=replace(source.result, findings=points)))
    assert sum("Điểm số" in line for line in lines) == 6
    assert "Còn 14 điểm khác trong bảng tính tổng hợp." in lines


def test_the_letter_stays_a_draft_with_reproducible_bytes() -> None:
    source = report_input()
    assert "DỰ THẢO" in letter(replace(source, signature=signature()))
    assert build_cover_letter(source, TEMPLATES) == build_cover_letter(source, TEMPLATES)
