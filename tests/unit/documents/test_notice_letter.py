"""The written notice of an inspection, as an official would read it."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from baocao.documents.word_report.notice_letter import NoticeInput, build_notice, notice_symbol
from baocao.model.report import Signature
from baocao.model.unit import Unit, UnitKind
from baocao.settings import ConfigurationError
from builders.packs.inspections import LEAD, an_inspection, inspecting_pack
from builders.packs.pack import ROOT

TEMPLATES = ROOT / "include" / "templates"
PACK = inspecting_pack()
SIGNED = Signature("5", "TB-STN", date(2026, 3, 2), "Người ký (thử nghiệm)", "Giám đốc")


def source(**changes: object) -> NoticeInput:
    unit = PACK.unit("90001")
    assert unit is not None and PACK.regime.inspections is not None
    made = NoticeInput(
        pack=PACK,
        rules=PACK.regime.inspections,
        inspection=an_inspection(),
        unit=unit,
        lead=LEAD,
        addressee="Ủy ban nhân dân xã Thử Nghiệm 90001",
        announced=(date(2026, 3, 9), date(2026, 3, 13)),
        working_days=5,
        on=date(2026, 3, 2),
        signature=SIGNED,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def lines(made: NoticeInput) -> list[str]:
    doc = Document(io.BytesIO(build_notice(made, TEMPLATES)))
    cells = [c.text for t in doc.tables for r in t.rows for c in r.cells]
    return [line for text in [*(p.text for p in doc.paragraphs), *cells] for line in text.split("\n") if line]


def test_the_notice_tells_subject_days_and_documents() -> None:
    said = lines(source())
    assert "SỞ THỬ NGHIỆM" in said and "Số: 05/TB-STN" in said
    assert "Kính gửi: Ủy ban nhân dân xã Thử Nghiệm 90001." in said
    assert "Việc thực hiện dự án." in said
    assert "Từ ngày 09/03/2026 đến hết ngày 13/03/2026 (05 ngày làm việc)." in said
    assert any("không quá 05 ngày làm việc" in line for line in said)
    assert any("Hồ sơ, tài liệu, sổ sách" in line for line in said)
    assert any("Kế hoạch kiểm tra năm 2026 (số 12/KH-STN ngày 15/01/2026)" in line for line in said)


def test_documents_named_in_the_plan_replace_defaults() -> None:
    said = lines(source(inspection=an_inspection(documents="Sổ theo dõi;")))
    assert "Sổ theo dõi." in said
    assert not any("Hồ sơ, tài liệu, sổ sách" in line for line in said)


@pytest.mark.parametrize(
    ("title", "block"), [("Giám đốc", ["GIÁM ĐỐC"]), ("Phó Giám đốc", ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"])]
)
def test_a_deputy_signs_for_the_head(title: str, block: list[str]) -> None:
    said = lines(source(signature=replace(SIGNED, signer_title=title)))
    at = said.index(SIGNED.signer)
    assert said[at - len(block) : at] == block


def test_an_unsigned_notice_is_a_blank_draft() -> None:
    said = lines(source(signature=None))
    assert "DỰ THẢO" in said
    assert SIGNED.signer not in said
    assert any(line.startswith("Số:") and line.endswith("/TB-STN") and "05" not in line for line in said)


def test_text_of_the_plan_is_never_markup() -> None:
    said = lines(source(inspection=an_inspection(content="A < B & {{ parent }} {% x %}")))
    assert "A < B & {{ parent }} {% x %}." in said


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("Sở Văn hóa, Thể thao và Du lịch", "TB-SVHTTDL"),
        ("Sở Giáo dục và Đào tạo", "TB-SGDĐT"),
        ("Công an tỉnh", "TB-CAT"),
    ],
)
def test_the_symbol_is_the_initials_of_the_body(name: str, symbol: str) -> None:
    assert notice_symbol(PACK, Unit("X", name, UnitKind.AGENCY, "")) == symbol


def test_the_same_notice_has_the_same_bytes(tmp_path: Path) -> None:
    assert build_notice(source(), TEMPLATES) == build_notice(source(), TEMPLATES)
    with pytest.raises(ConfigurationError, match=r"notice_letter\.docx"):
        build_notice(source(), tmp_path)
