"""PDF through LibreOffice, where it is installed; said clearly where it is not."""

import io
import logging
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from baocao.documents.ooxml import settle_package
from baocao.documents.pdf_files import convert as pdf
from baocao.documents.pdf_files.convert import pdf_available, settled, to_pdf
from builders.files.documents import unit_workbook

needs_libreoffice = pytest.mark.skipif(not pdf_available(), reason="LibreOffice is not installed")


def a_letter() -> bytes:
    doc = Document()
    doc.add_paragraph("Kính gửi: Ủy ban nhân dân tỉnh.")
    data = io.BytesIO()
    doc.save(data)
    return settle_package(data.getvalue(), date(2026, 6, 20))


def test_missing_libreoffice_gives_no_pdf_but_a_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not pdf_available()
    with caplog.at_level(logging.WARNING):
        assert to_pdf(a_letter()) is None
    assert "chưa cài LibreOffice" in caplog.text


def test_a_hanging_converter_is_stopped_and_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\nsleep 3600\n")
    program.chmod(0o755)
    monkeypatch.setattr(pdf, "_program", lambda: str(program))
    with caplog.at_level(logging.WARNING):
        assert to_pdf(a_letter(), timeout=0.2) is None
    assert "chạy quá" in caplog.text


def test_a_failing_converter_is_logged_with_its_output(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    program = tmp_path / "soffice"
    program.write_text("#!/bin/sh\necho khong mo duoc\nexit 77\n")
    program.chmod(0o755)
    monkeypatch.setattr(pdf, "_program", lambda: str(program))
    with caplog.at_level(logging.WARNING):
        assert to_pdf(a_letter()) is None
    assert "mã 77" in caplog.text
    assert "khong mo duoc" in caplog.text


def test_dates_and_identifiers_depend_on_content_only() -> None:
    first, second = (
        b"%PDF-1.6 /CreationDate(D:2026010203040" + n + b"+07'00') /ID [ <" + n * 32 + b">\n<" + n * 32 + b"> ]\n"
        b"/DocChecksum /" + n * 32
        for n in (b"1", b"2")
    )
    assert settled(first, date(2026, 6, 20)) == settled(second, date(2026, 6, 20))
    assert b"D:20260620000000" in settled(first, date(2026, 6, 20))
    assert len(settled(first, date(2026, 6, 20))) == len(first)
    assert settled(first.replace(b"1.6", b"1.7"), date(2026, 6, 20)) != settled(first, date(2026, 6, 20))


@pytest.mark.libreoffice
@needs_libreoffice
def test_the_pdf_is_reproducible_and_dated_as_document() -> None:
    first, second = to_pdf(a_letter()), to_pdf(a_letter())
    assert first is not None
    assert first.startswith(b"%PDF")
    assert b"/CreationDate(D:20260620000000" in first
    assert first == second


@pytest.mark.libreoffice
@needs_libreoffice
def test_a_workbook_can_be_printed_too() -> None:
    result = to_pdf(unit_workbook(), ".xlsx")
    assert result is not None
    assert result.startswith(b"%PDF")
