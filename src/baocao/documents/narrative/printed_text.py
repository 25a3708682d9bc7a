"""The sections as they are printed: the system's draft, in place of a section the office has written what it wrote."""

from __future__ import annotations

from baocao.documents.narrative.blocks import Section
from baocao.documents.narrative.draft import draft
from baocao.documents.narrative.office_texts import as_written
from baocao.documents.report_input import ReportInput


def sections(source: ReportInput) -> list[Section]:
    """The sections in order. Figures that stand protected in an office's text are those of `source`."""
    return as_written(source, draft(source), source.office)
