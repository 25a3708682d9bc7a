"""The register of an office over everything people read: every letter as rendered, every template as written."""

from __future__ import annotations

import re
import zipfile
from html import unescape
from pathlib import Path

import pytest

from baocao.delivery.letters import render
from builders.files.register_of_offices import faults_in
from builders.mail.delivery import TEMPLATES, contexts

TO_SUPERIORS = {
    *("dispatch", "dispatch_correction", "approval_requested", "report_returned", "signed", "signature_revoked"),
    *("digest_overdue", "newer_submission"),
}
"""Letters to ministries, to the leaders, to whoever approves and signs: they request."""
_LETTERS = contexts()


@pytest.mark.parametrize("name", sorted(_LETTERS))
def test_no_letter_leaves_the_register_of_an_office(name: str) -> None:
    outcome = name.split(":")[0]
    letter = render(TEMPLATES, outcome, _LETTERS[name])
    html = unescape(re.sub(r"<[^>]+>", " ", letter.html))
    texts = [letter.subject, *letter.text.splitlines(), " ".join(html.split())]
    assert faults_in(texts, commands=outcome in TO_SUPERIORS) == []


def _written() -> dict[str, str]:
    """What the templates say themselves. Tags stay, without their braces: most sentences of letters stand in them."""
    found = {}
    for file in sorted(TEMPLATES.rglob("*")):
        if file.suffix in {".txt", ".html"}:
            text = re.sub(r"\{#.*?#\}", " ", file.read_text(encoding="utf-8"), flags=re.DOTALL)
            found[file.relative_to(TEMPLATES).as_posix()] = re.sub(r"<[^>]+>", " ", text)
        elif file.suffix == ".docx":
            with zipfile.ZipFile(file) as package:
                xml = package.read("word/document.xml").decode()
            found[file.relative_to(TEMPLATES).as_posix()] = re.sub(r"<[^>]+>", "", xml.replace("</w:p>", "\n"))
    return found


def test_no_template_leaves_the_register_of_an_office() -> None:
    written = _written()
    assert {Path(name).parts[0] for name in written} >= {"email", "portal", "web", "word"}
    wrong = {}
    for name, text in written.items():
        lines = [" ".join(re.sub(r"\{[{%]p?|[}%]\}", " ", line).split()) for line in text.splitlines()]
        if faults := faults_in(lines, commands=name.startswith("word/")):
            wrong[name] = faults
    assert wrong == {}


@pytest.mark.parametrize(
    "text", ["Mục tiêu số 3 chưa đạt", "Có 00 đơn vị", "- - điểm", "tử số bằng 0", "chờ dựng lại", "Hãy ký"]
)
def test_the_linter_sees_what_no_office_writes(text: str) -> None:
    assert len(faults_in([text])) == 1
