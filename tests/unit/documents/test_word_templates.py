"""The Word templates in the repository are the ones the script makes."""

import subprocess
import sys
from pathlib import Path

import pytest

WORD = Path(__file__).resolve().parents[3] / "include" / "templates" / "word"


@pytest.mark.parametrize(
    "name",
    [
        "report_periodic",
        "report_plan",
        "report_figures",
        "report_lists",
        "report_mid_term",
        "report_end_term",
        "cover_letter",
        "notice_letter",
    ],
)
def test_the_script_makes_the_template_that_is_committed(name: str) -> None:
    code = f"import build_templates, sys; sys.stdout.buffer.write(build_templates.{name}())"
    made = subprocess.run([sys.executable, "-c", code], cwd=WORD, capture_output=True, check=True).stdout
    assert made == (WORD / f"{name}.docx").read_bytes(), "chạy lại include/templates/word/build_templates.py"
