"""The consolidated Excel report of a period. `docs/consolidated.md` says how another program reads it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime

from baocao.documents.consolidated_workbook.correction import write_correction
from baocao.documents.consolidated_workbook.cover import write_cover
from baocao.documents.consolidated_workbook.detail import write_details
from baocao.documents.consolidated_workbook.forms import write_forms
from baocao.documents.consolidated_workbook.lists import write_lists
from baocao.documents.consolidated_workbook.meta import ReportMeta, SheetSource, write_meta, write_values
from baocao.documents.consolidated_workbook.pictures import write_pictures
from baocao.documents.consolidated_workbook.provenance import write_coverage, write_notes, write_sources
from baocao.documents.consolidated_workbook.resources import write_resources
from baocao.documents.consolidated_workbook.style import ReportBook
from baocao.documents.consolidated_workbook.targets import write_targets
from baocao.documents.consolidated_workbook.term import write_term
from baocao.documents.consolidated_workbook.texts import write_texts
from baocao.model.consolidated import Consolidation
from baocao.model.pack import Pack
from baocao.model.period import Period
from baocao.model.submission import AcceptedCells
from baocao.model.term_totals import ProvinceTerm

__all__ = ["ReportMeta", "build_workbook"]


def build_workbook(
    pack: Pack,
    period: Period,
    consolidation: Consolidation,
    accepted: Sequence[AcceptedCells],
    meta: ReportMeta,
    term: ProvinceTerm | None = None,
) -> bytes:
    """The workbook as bytes; the same input gives the same bytes. `term` goes with a mid-term or end-term report.

    `meta.outgoing`: the workbook for the recipients, a document of its own (docs/adr/0031).

    Counts and đồng are whole numbers in the cells, ratios are percent; money is only shown in triệu đồng. Text that
    units wrote is always a string cell and never starts like a formula.
    """
    buffer = io.BytesIO()
    book = ReportBook(buffer)
    source = SheetSource(pack, period, consolidation, meta)
    book.set_properties(
        {
            "title": f"Biểu tổng hợp số liệu, {period.name}",
            "subject": pack.regime.programme,
            "company": pack.regime.authority.issuer,
            "created": datetime(2026, 1, 1),  # noqa: DTZ001  the file format has no zone; fixed, so the bytes are
            "comments": f"Kỳ {period.code}" + ("" if meta.outgoing else f", phiên bản {meta.version}"),
        }
    )
    ordered = sorted(accepted, key=lambda a: a.unit)
    # In the order in which somebody reads before signing; hidden sheets for programs come last.
    write_cover(book, source, ordered)
    write_correction(book, source)
    if pack.targets and not meta.outgoing:
        write_targets(book, source)
    write_pictures(book, source)
    if term is not None:
        write_term(book, source, term)
    write_forms(book, source)
    write_resources(book, source)
    if source.with_units:
        write_texts(book, source)
        write_coverage(book, source, ordered)
        write_details(book, source, ordered)
        write_lists(book, source, ordered)
    if not meta.outgoing:
        write_sources(book, source, ordered)
    write_notes(book, source)
    if not meta.outgoing:
        write_values(book, source)
    # Last: the sheets before it have noted where their rows stand (`SheetSource.places`).
    write_meta(book, source)
    book.close()
    return buffer.getvalue()
