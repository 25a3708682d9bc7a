"""A Word template is a file that an office may edit: it cannot reach the machine."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from docx import Document

from baocao.documents.word_report.report import Stamp, fill
from baocao.settings import ConfigurationError


@pytest.mark.parametrize("text", ["{{ ''.__class__.__mro__ }}", "{{ given.append(1) }}"])
def test_a_template_that_escapes_the_sandbox_is_refused(tmp_path: Path, text: str) -> None:
    document = Document()
    document.add_paragraph(text)
    file = tmp_path / "mau.docx"
    document.save(str(file))
    with pytest.raises(ConfigurationError, match=r"mau\.docx"):
        fill(file, {"given": [0]}, Stamp("thử", "thử", "thử", 1, date(2026, 6, 23)))
