"""The first regime's report at its full size: its words, its length with 172 different texts, and its register."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pypdfium2
import pytest
from docx import Document

from baocao.documents.narrative.office_texts import sections
from baocao.documents.pdf_files.convert import pdf_available, to_pdf
from baocao.documents.word_report.cover_letter import build_cover_letter
from baocao.documents.word_report.narrative_check import check_narrative
from baocao.documents.word_report.report import build_report
from builders.files.register_of_offices import faults_of
from builders.sites.full_size import REGIME, full_size

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE.parents[1] / "include" / "templates"


def paragraphs(docx: bytes) -> list[str]:
    return [p.text for p in Document(io.BytesIO(docx)).paragraphs if p.text.strip()]


def test_the_first_regimes_report_reads_as_expected() -> None:
    source = full_size(own_texts=False)
    docx = build_report(source, TEMPLATES)
    text = "\n".join(paragraphs(docx)) + "\n"
    file = HERE / f"{REGIME}.report.txt"
    if os.environ.get("BAOCAO_GOLDEN") == "write":
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8")
    assert check_narrative(docx, source) == []


def test_report_and_submission_note_use_office_language() -> None:
    source = full_size(own_texts=False)
    for docx in (build_report(source, TEMPLATES), build_cover_letter(source, TEMPLATES)):
        assert faults_of(docx) == []


def test_heading_shows_commonest_texts_and_refers_to_appendix() -> None:
    source = full_size(own_texts=True, missing=0)
    (causes,) = [s for s in sections(source) if s.code == "PL04/IV"]
    opinions = [b for b in causes.blocks if b.kind == "opinion"]
    assert len(opinions) == 3
    assert "lượt đơn vị khác được tổng hợp tại Phụ lục V, mục IV" in causes.blocks[-1].text


@pytest.mark.libreoffice
@pytest.mark.skipif(not pdf_available(), reason="LibreOffice is not installed")
def test_body_and_annex_of_172_texts_stay_bounded() -> None:
    pdf = to_pdf(build_report(full_size(own_texts=True, missing=0), TEMPLATES), ".docx")
    assert pdf is not None
    # Letters with marks come out of a PDF in an order of their own: only the plain ones are looked at.
    texts = (page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))
    pages = [re.sub("[^A-Za-z]", "", text) for text in texts]
    starts = [n for n, page in enumerate(pages) if re.match("PhlcI|PhlcV", page)]
    assert len(starts) == 5
    assert starts[0] <= 12, f"the body has {starts[0]} pages"
    assert len(pages) - starts[-1] <= 40, f"the annex of texts has {len(pages) - starts[-1]} pages"
