"""What the office wrote in place of the draft: put together with today's figures, tables and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from baocao.documents.narrative.blocks import BlockKind, NarrativeBlock, Section
from baocao.documents.narrative.change_sentences import largest_changes
from baocao.documents.narrative.draft import draft
from baocao.documents.narrative.markdown import from_markdown
from baocao.documents.narrative.marks import figures_in, plain, renewed
from baocao.documents.narrative.reporting_units import about_reporting, lead_bodies
from baocao.documents.narrative.shortcomings import slow_disbursement, told_of
from baocao.documents.narrative.unit_sentences import standing_sentences
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.statements import form_statements
from baocao.model.narrative import OfficeText


def catalogue(source: ReportInput, drafted: Sequence[Section] | None = None) -> dict[str, str]:
    """Every figure that may stand protected in a text, key -> as printed: of all indicators, projects and targets, also
    of those the draft does not name."""
    known = draft(source) if drafted is None else drafted
    lines = [block.text for section in known for block in section.blocks]
    # Wider than what the draft prints: an office may write about any indicator, and a figure that leaves the draft
    # must not become unknown in its text.
    lines += largest_changes(source, every=True)
    lines += [line for _, group in form_statements(source, source.indicators, every=True) for line in group]
    lines += slow_disbursement(source, every=True)
    lines += [told_of(source, t) for t in source.result.targets if t.actual is not None]
    lines += standing_sentences(source) + about_reporting(source) + lead_bodies(source)
    return {span.key: span.text for line in lines for span in figures_in(line)}


def sections(source: ReportInput) -> list[Section]:
    """The sections as they are printed. Figures that stand protected in an office's text are those of `source`."""
    return as_written(source, draft(source), source.office)


def as_written(source: ReportInput, drafted: list[Section], office: OfficeText | None) -> list[Section]:
    """The sections with the office's texts in place, their protected figures as they are now; the draft without any.

    A table the office's text does not place is printed at the end of its section; a picture it does not place is not
    printed.
    """
    if office is None:
        return drafted
    figures = catalogue(source, drafted)
    return [
        replace(section, blocks=_placed(section.blocks, office.texts[section.code], figures))
        if section.code in office.texts
        else section
        for section in drafted
    ]


def _placed(drafted: Iterable[NarrativeBlock], text: str, figures: Mapping[str, str]) -> list[NarrativeBlock]:
    objects = {(b.kind, b.name): b for b in drafted if b.is_object}
    blocks = []
    for block in from_markdown(text):
        if block.is_object:
            # Each once: a table whose place was copied is printed at the first.
            found = objects.pop((block.kind, block.name), None)
            blocks += [found] if found is not None else []
        else:
            blocks.append(replace(block, text=renewed(block.text, figures)))
    return blocks + [b for (kind, _), b in objects.items() if kind is BlockKind.TABLE]


def lost_figures(source: ReportInput, office: OfficeText) -> list[str]:
    """Sentences with a protected figure that there is no more, one line each: they cannot be printed."""
    figures = catalogue(source)
    return [
        f"{title}: “{plain(text)}”: không còn số liệu {', '.join(lost)}"
        for title, text in _sentences(source, office)
        if (lost := [f.key for f in figures_in(text) if f.key not in figures])
    ]


def moved_figures(source: ReportInput, office: OfficeText) -> list[str]:
    """Sentences whose protected figures are others now than when they were written, one line each: they are printed
    with the figures of now, and should be read again. So should every sentence with figures typed by hand."""
    figures = catalogue(source)
    found = []
    for title, text in _sentences(source, office):
        moved = [
            f"{f.text} nay là {now}"
            for f in figures_in(text)
            if (now := figures.get(f.key)) is not None and " ".join(now.split()) != " ".join(f.text.split())
        ]
        if moved:
            found.append(f"{title}: “{plain(renewed(text, figures))}” ({'; '.join(moved)})")
    return found


def _sentences(source: ReportInput, office: OfficeText) -> list[tuple[str, str]]:
    titles = {section.code: section.title for section in draft(source)}
    return [
        (f"Mục {titles.get(code, code)}", block.text)
        for code, text in office.texts.items()
        for block in from_markdown(text)
    ]
