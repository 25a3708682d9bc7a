"""Rule V51: every figure printed in a generated sentence equals the tables. Read from the finished document.

It works on the docx itself, so it also catches a figure that somebody changed by hand in Word afterwards.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from docx import Document

from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import count, two_digits
from baocao.documents.word_report.statements import (
    Subject,
    figures_of,
    indicator_statements,
    resource_statements,
    spoken,
    subjects,
)
from baocao.documents.word_report.target_texts import verdict_counts
from baocao.model.report import ReportFinding
from baocao.text import nfc

FIGURES_STYLE = "BC Số liệu"
"""The paragraph style of generated sentences in the Word template."""
_FIGURE = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d+(?:,\d+)?")


@dataclass(frozen=True, slots=True)
class NarrativeSentence:
    """One generated sentence of the document and the figures printed in it, names of things left out."""

    subject: str
    """the printed name it starts with; empty for a sentence about the report as a whole"""
    text: str
    figures: tuple[str, ...]


def narrative_figures(docx: bytes, source: ReportInput) -> list[NarrativeSentence]:
    """The generated sentences of a report, with the figures in each."""
    known = _names(source)
    by_name = sorted(_subjects(source), key=len, reverse=True)
    sentences = []
    for paragraph in Document(io.BytesIO(docx)).paragraphs:
        if paragraph.style is None or paragraph.style.name != FIGURES_STYLE:
            continue
        text = nfc(paragraph.text)
        subject = next((name for name in by_name if text.removeprefix("- ").startswith(f"{name}:")), "")
        rest = text.removeprefix("- ").removeprefix(subject)
        for name in known:
            rest = rest.replace(name, " ")
        sentences.append(NarrativeSentence(subject, text, tuple(_FIGURE.findall(rest))))
    return sentences


def check_narrative(docx: bytes, source: ReportInput) -> list[ReportFinding]:
    """One blocking finding per figure in a generated sentence that the consolidated values do not contain.

    A sentence about a row may only hold that row's figures: value, plan, last year, change, shares. A sentence about
    the whole report may only hold the coverage and the count of targets. A row with a figure but without a sentence
    is a finding too: a sentence was removed by hand.
    """
    allowed = _subjects(source)
    general = _general(source)
    findings = []
    seen = set()
    for sentence in narrative_figures(docx, source):
        seen.add(sentence.subject)
        figures = {f for s in allowed[sentence.subject] for f in figures_of(source, s)} if sentence.subject else general
        for printed in sentence.figures:
            if printed not in figures:
                findings.append(
                    ReportFinding(
                        "V51",
                        "blocks",
                        sentence.subject or "Toàn báo cáo",
                        f"Số {printed} trong câu “{sentence.text}” không có trong bảng số liệu tổng hợp; "
                        "hãy dựng lại báo cáo từ số liệu, không sửa số trong tệp Word",
                        expected="; ".join(sorted(figures)),
                        actual=printed,
                    )
                )
    for name in _sentences(source):
        if name not in seen:
            findings.append(
                ReportFinding("V51", "blocks", name, f"Báo cáo thiếu câu về “{name}”; hãy dựng lại báo cáo từ số liệu")
            )
    return findings


def _subjects(source: ReportInput) -> dict[str, list[Subject]]:
    result: dict[str, list[Subject]] = {}
    for form in (source.indicators, source.resources):
        for subject in subjects(form):
            result.setdefault(nfc(spoken(subject.row.name)), []).append(subject)
    return result


def _sentences(source: ReportInput) -> list[str]:
    """The printed names of which the report must speak."""
    lines = [line for _, group in indicator_statements(source) for line in group] + resource_statements(source)
    names = sorted(_subjects(source), key=len, reverse=True)
    return [next(n for n in names if nfc(line).removeprefix("- ").startswith(f"{n}:")) for line in lines]


def _names(source: ReportInput) -> list[str]:
    """Names with digits in them, longest first: a digit in a name is no figure."""
    names = {source.period.name, *(u.full_name for u in source.pack.units)}
    for form in source.pack.forms:
        names |= {text for t in form.tables for r in t.rows for text in (r.item, r.name, r.unit, *r.options)}
    if (term := source.pack.regime.term) is not None and source.term is not None:
        names |= {term.name, f"hết năm {term.ends_on.year}"}
    mixed = (n for n in names if any(c.isdigit() for c in n) and any(c.isalpha() for c in n))
    return sorted(map(nfc, mixed), key=len, reverse=True)


def _general(source: ReportInput) -> set[str]:
    result = set()
    for coverage in (source.result.commune_coverage, source.result.provincial_coverage, source.result.coverage):
        result |= {count(coverage.counted), count(coverage.expected), two_digits(coverage.expected - coverage.counted)}
    results = source.result.targets
    result |= {two_digits(number) for number in verdict_counts(results).values()}
    named = (results, source.late, source.corrected_late, source.result.waived)
    return result | {two_digits(len(group)) for group in named}
