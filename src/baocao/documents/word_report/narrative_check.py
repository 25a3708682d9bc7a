"""Every figure printed in a generated sentence equals the tables. Read from the finished document.

It works on the docx itself, so it also catches a figure that somebody changed by hand in Word afterwards.
"""

from __future__ import annotations

import difflib
import io
import re
from collections import Counter
from dataclasses import dataclass

from docx import Document

from baocao.documents.narrative.blocks import BlockKind
from baocao.documents.narrative.marks import plain
from baocao.documents.narrative.office_texts import sections
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.coverage_statements import basis_sentences
from baocao.documents.word_report.statements import Subject, indicator_statements, resource_statements, spoken, subjects
from baocao.documents.word_report.told_figures import figures_of
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.model.report import ReportFinding
from baocao.text import nfc

FIGURES_STYLE = "BC Số liệu"
"""The paragraph style of generated sentences in the Word template."""
# Grouped thousands first: read from the left, `1.234` would otherwise be `1` and `234`.
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
    known = names_with_digits(source)
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
    """The finished document: every sentence with figures is there and says what it should, and every figure in
    a sentence about a row is a figure of the table.

    One blocking finding a figure that is another one, a sentence that is missing and a sentence nobody made: somebody
    changed the document by hand, or the template. The figures of the rows are looked up a second time, from the
    consolidated values and not from the sentences.
    """
    printed = Counter(s.text for s in narrative_figures(docx, source) if s.text)
    expected = Counter(_expected(source))
    # As a multiset: the same sentence twice where it was made once is somebody's copy.
    missing, strange = list((expected - printed).elements()), list((printed - expected).elements())
    findings = []
    for text in strange:
        # To name the figure that was changed and not only the sentence; a sentence taken as meant is not also reported
        # as missing.
        near = difflib.get_close_matches(text, missing, n=1, cutoff=0.6)
        missing = [m for m in missing if m not in near]
        findings += _strange(source, text, near[0] if near else "")
    findings += [
        ReportFinding(
            _rule(source),
            "blocks",
            _about(text),
            f"Báo cáo thiếu câu về “{_about(text)}”; hãy dựng lại báo cáo từ số liệu",
        )
        for text in missing
    ]
    return findings + _against_the_tables(source)


def _rule(source: ReportInput) -> str:
    return source.pack.rules.id_of(RuleKind.TEXT_AND_TABLES)


def _expected(source: ReportInput) -> list[str]:
    """Every sentence with figures, as printed."""
    blocks = [block for section in sections(source) for block in section.blocks if block.kind is BlockKind.FIGURES]
    return [nfc(text) for text in (*basis_sentences(source), *(block.printed for block in blocks))]


def _strange(source: ReportInput, text: str, meant: str) -> list[ReportFinding]:
    """What is wrong with a sentence that is not the one that was made (`meant`, empty where there is none like it)."""
    wrong = list((Counter(_FIGURE.findall(text)) - Counter(_FIGURE.findall(meant))).elements())
    allowed = "; ".join(dict.fromkeys(_FIGURE.findall(meant)))
    found = [
        ReportFinding(
            _rule(source),
            "blocks",
            _about(meant or text),
            f"Số {figure} trong câu “{text}” không có trong bảng số liệu tổng hợp; hãy lập lại báo cáo từ số liệu, "
            "không sửa số trong tệp Word",
            expected=allowed,
            actual=figure,
        )
        for figure in wrong
    ]
    if found:
        return found
    said = f"Câu “{text}” khác câu đã lập" + (f": “{meant}”" if meant else "")
    return [
        ReportFinding(
            _rule(source),
            "blocks",
            _about(meant or text),
            f"{said}; hãy lập lại báo cáo từ số liệu",
        )
    ]


def _about(text: str) -> str:
    """The printed name a sentence starts with."""
    name, colon, _ = text.removeprefix("- ").partition(":")
    return name if colon and len(name) < 160 else "Toàn báo cáo"


def _against_the_tables(source: ReportInput) -> list[ReportFinding]:
    """Of the sentences about rows: figures that are none of the row's."""
    allowed = _subjects(source)
    by_name = sorted(allowed, key=len, reverse=True)
    known = names_with_digits(source)
    findings = []
    for line in [x for _, group in indicator_statements(source) for x in group] + resource_statements(source):
        text = nfc(plain(line))
        subject = next(name for name in by_name if text.removeprefix("- ").startswith(f"{name}:"))
        figures = {f for s in allowed[subject] for f in figures_of(source, s)}
        rest = text.removeprefix("- ").removeprefix(subject)
        for name in known:
            rest = rest.replace(name, " ")
        findings += [
            ReportFinding(
                _rule(source),
                "blocks",
                subject,
                f"Số {printed} trong câu “{text}” không có trong bảng số liệu tổng hợp của chỉ tiêu",
                expected="; ".join(sorted(figures)),
                actual=printed,
            )
            for printed in _FIGURE.findall(rest)
            if printed not in figures
        ]
    return findings


def _subjects(source: ReportInput) -> dict[str, list[Subject]]:
    result: dict[str, list[Subject]] = {}
    for form in (source.indicators, source.resources):
        for subject in subjects(form):
            result.setdefault(nfc(spoken(subject.row.name.lstrip("- "))), []).append(subject)
    return result


def names_with_digits(source: ReportInput) -> list[str]:
    """Names with digits in them, longest first: a digit in a name is no figure."""
    names = {source.period.name, *(u.full_name for u in source.pack.units)}
    for form in source.pack.forms:
        names |= {text for t in form.tables for r in t.rows for text in (r.item, r.name, r.unit, *r.options)}
    if (term := source.pack.regime.term) is not None and source.term is not None:
        names |= {term.name, f"hết năm {term.ends_on.year}"}
    # A name of digits alone would take true figures out of the sentence.
    mixed = (n for n in names if any(c.isdigit() for c in n) and any(c.isalpha() for c in n))
    return sorted(map(nfc, mixed), key=len, reverse=True)
