"""The headings of the narrative form with the units' texts below them, and which generated parts stand under which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from baocao.documents.narrative.unit_texts import Gathered, gather
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import roman
from baocao.model.form import CellKey, ColumnRole, Form, Row


@dataclass(frozen=True)
class Topic:
    """One text row of the narrative form under its section."""

    row: Row
    gathered: Gathered


@dataclass
class Chapter:
    """One section of the report, and the form it follows from."""

    number: int
    name: str
    code: str
    """form and row of its heading"""
    form: Form | None = None
    """of a section about one form's figures alone"""
    topics: list[Topic] = field(default_factory=list)


def chapters(source: ReportInput) -> list[Chapter]:
    """The narrative form's headings with the text rows below them; a text row without a heading is its own section.

    A form without the sections for money and results gets them: figures are never left out for want of a place.
    """
    form = source.narrative
    if form is None:
        return _of_figures(source)
    found: list[Chapter] = []
    under_heading = False
    for table in form.tables:
        columns = [c.code for c in table.columns if c.role is ColumnRole.TEXT]
        if not columns:
            continue  # figures beside the narrative: plans, estimates
        for row in table.rows:
            under_heading = under_heading or row.heading
            # Headings further in are points of their section and are printed by the draft, not here.
            if (row.heading and row.indent == 0) or not under_heading:
                found.append(Chapter(_number(row, found), row.name, f"{form.code}/{row.code}"))
            if not row.heading:
                texts = [t for c in columns for t in source.result.texts.get(CellKey(form.code, row.code, c), ())]
                found[-1].topics.append(Topic(row, gather(texts, source.name_of)))
    there = {c.number for c in found}
    layout = source.layout
    needed = {layout.results_section: layout.results_title}
    if source.resources is not None:
        needed[layout.resources_section] = layout.resources_title
    found += [
        Chapter(number, name, f"{form.code}/muc-{number}")
        for number, name in needed.items()
        if number and number not in there
    ]
    return sorted(found, key=lambda c: c.number)


def _of_figures(source: ReportInput) -> list[Chapter]:
    """Without a narrative form: a section for the results, one for the money, one for every further form."""
    layout = source.layout
    named = [(layout.resources_section, layout.resources_title)] if source.resources is not None else []
    named.append((layout.results_section, layout.results_title))
    found = [(f"muc-{number}", name, None) for number, name in sorted(named) if number]
    shown = {f.code for f in (source.indicators, source.resources) if f is not None}
    found += [(f.code, f.title, f) for f in source.pack.forms if f.code not in shown]  # type: ignore[misc]
    return [Chapter(n, name, code, form=form) for n, (code, name, form) in enumerate(found, 1)]


def _number(row: Row, before: Sequence[Chapter]) -> int:
    """The section's number as the form prints it, else the next one."""
    following = before[-1].number + 1 if before else 1
    # Only forwards: a misprinted numeral of the form must not put two sections under one number.
    return next((n for n in range(following, 40) if roman(n) == row.item.strip(" .")), following)
