"""The Word report (báo cáo của tỉnh) in the form of NĐ 30/2020/NĐ-CP, from a template an official can edit in Word."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import jinja2
from docx.document import Document as Doc
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from baocao.documents.charts.picture import Picture
from baocao.documents.narrative.annexes import annex, compliance
from baocao.documents.narrative.office_texts import sections
from baocao.documents.ooxml import settle_package
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report import correction_texts, nd30
from baocao.documents.word_report.coverage_statements import basis_sentences
from baocao.documents.word_report.numerals import count
from baocao.documents.word_report.pictures import CaptionedPicture, unit_pictures
from baocao.documents.word_report.tables import (
    comparison_notes,
    indicator_rows,
    project_rows,
    resource_rows,
    source_notes,
    task_rows,
)
from baocao.documents.word_report.term_tables import (
    indicators_by_year,
    projects_by_year,
    resources_by_year,
    term_name,
    years_of_the_term,
)
from baocao.documents.word_report.unused_columns import take_out_marked, unused_columns
from baocao.model.period import PeriodScope
from baocao.rounding import ROUNDED
from baocao.settings import ConfigurationError
from baocao.text import day_text

_CHANGES = 100
"""Rows of a correction's table; the workbook has all of them."""
TEMPLATES = Path("word")
_TERM_TEMPLATES = {PeriodScope.MID_TERM: "report_mid_term", PeriodScope.END_TERM: "report_end_term"}
"""Instead of the one the pack's report layout names."""
_YEARS = 5
_PICTURE = 0.85
"""Of a picture's full width: so that it finds room below the sentences it belongs to."""
_LEGEND = f"Dấu “-”: không phát sinh; ô trống: không áp dụng hoặc chưa có số liệu. {ROUNDED}"


def build_report(source: ReportInput, templates: Path) -> bytes:
    """The periodic report as docx bytes; the same input and template give the same bytes.

    `templates` is the project's `include/templates`. Without a signature it is a draft: number, day and signer are
    blank and every page is marked. Raises ConfigurationError naming the template when it is missing or a tag in it
    cannot be filled.
    """
    authority = source.pack.regime.authority
    issuer = authority.issuer_in_sentence
    parts = sections(source)
    unit_map = unit_pictures(source.result, {u.code for u in source.late})
    # The template prints the numbers while it is filled.
    _number_pictures([*(b.shown for section in parts for b in section.blocks if b.shown is not None), *unit_map])
    context = _frame(source) | {
        "correction": _correction(source, issuer),
        "bases": nd30.legal_bases(source.pack.regime, source.rule, source.period),
        "opening": (
            f"Thực hiện chế độ báo cáo {source.pack.regime.programme}, {issuer} báo cáo kết quả "
            f"{_period(source)} như sau:"
        ),
        "basis": basis_sentences(source),
        "sections": parts,
        "closing": (
            f"Trên đây là {source.title}, trên địa bàn {authority.territory or _territory(issuer)}, {issuer} kính báo "
            "cáo./."
        ),
        "reference": nd30.reference_line(authority.symbol, issuer, source.as_of.year),
        "cutoff_note": (
            f"Số liệu từ ngày {day_text(source.period.covers_from)} đến hết ngày {day_text(source.period.cutoff_on)}"
        ),
        "legend": _LEGEND,
        "table_notes": [*source_notes(source), *comparison_notes(source)],
        "indicators": indicator_rows(source),
        "projects": project_rows(source),
        "resources": resource_rows(source),
        "compliance": compliance(source),
        "unit_pictures": unit_map,
        "annex": annex(source),
        "tasks": task_rows(source),
        "layout": source.layout,
        "unused": unused_columns(source.pack.forms),
    }
    name = source.layout.template
    if source.term is not None and source.pack.regime.term is not None:
        context |= _of_the_term(source)
        name = _TERM_TEMPLATES[source.period.scope]
    return render(templates / TEMPLATES / f"{name}.docx", context, source, f"B{source.title[1:]}{source.mark}")


def _number_pictures(pictures: Sequence[CaptionedPicture]) -> None:
    """`Hình 1.`, `Hình 2.` in the order in which they stand in the report."""
    for number, shown in enumerate(pictures, 1):
        shown.number = number


def _of_the_term(source: ReportInput) -> dict[str, Any]:
    """The tables of a mid-term or end-term report; the templates have room for `_YEARS` years."""
    tables = {
        "term_indicators": indicators_by_year(source),
        "term_projects": projects_by_year(source),
        "term_resources": resources_by_year(source),
    }
    for rows in tables.values():
        for row in rows:
            if "years" in row:
                row["years"] = _filled(cast(list[str], row["years"]))
    ends = source.pack.regime.term
    found = source.term.years.values() if source.term is not None else ()
    half = [f"Cột {y.wanted.year}: {y.wanted.name}." for y in found if y.wanted.scope is not PeriodScope.YEAR]
    return tables | {
        "legend": " ".join([_LEGEND, *half]),
        "term_name": term_name(source),
        "term_years": _filled([str(year) for year in years_of_the_term(source)]),
        "term_ends": day_text(ends.ends_on) if ends is not None else "",
    }


def _filled(years: list[str]) -> list[str]:
    return (years + [""] * _YEARS)[:_YEARS]


def _mark(source: ReportInput) -> str:
    """What stands on every page that is not the signed original."""
    if source.period.is_rehearsal:
        return "DIỄN TẬP"
    return "" if source.signature else f"DỰ THẢO LẦN {source.version}"


def _correction(source: ReportInput, issuer: str) -> dict[str, Any] | None:
    """What only a correction says: the opening sentence and the appendix with everything that differs."""
    correction = source.correction
    if correction is None:
        return None
    shown = correction.changes[:_CHANGES]
    rest = len(correction.changes) - len(shown)
    more = f"Còn {count(rest)} ô khác: xem trang «Đính chính» của bảng tính tổng hợp kèm theo." if rest else ""
    texts = [f"- {t.unit_name}: {f'mục {t.item}, ' if t.item else ''}{t.name}." for t in correction.texts[:_CHANGES]]
    return {
        "opening": correction_texts.replaces(correction, issuer),
        "reason": correction_texts.reason(correction),
        "extent": correction_texts.extent(correction),
        "changes": [correction_texts.row(change) for change in shown],
        "texts": ["Lời văn của các đơn vị được thay bằng nội dung mới:", *texts] if texts else [],
        "more": more,
    }


def _territory(issuer: str) -> str:
    """`tỉnh X` out of `Ủy ban nhân dân tỉnh X`."""
    return issuer.removeprefix("Ủy ban nhân dân").strip()


def _period(source: ReportInput) -> str:
    if source.period.is_evaluation:
        return (
            f"{source.period.name}, số liệu từ ngày {day_text(source.period.covers_from)} đến hết ngày "
            f"{day_text(source.period.cutoff_on)},"
        )
    return (
        f"thực hiện {source.period.name} (số liệu từ ngày {day_text(source.period.covers_from)} đến hết ngày "
        f"{day_text(source.period.cutoff_on)})"
    )


def _frame(source: ReportInput) -> dict[str, Any]:
    """Letterhead, addressees and signature block."""
    authority, signature = source.pack.regime.authority, source.signature
    addressee, addressees = nd30.addressees([r.name for r in source.recipients])
    return {
        "parent": authority.parent.upper(),
        "issuer": nd30.issuer_lines(authority.issuer),
        "number": nd30.number_line(authority.symbol, signature),
        "place_and_day": nd30.place_and_day(
            authority.place, signature.signed_on if signature else None, source.as_of.year
        ),
        "draft": _mark(source),
        "subject": f"{source.subject}{source.mark}",
        "addressee": addressee,
        "addressees": addressees,
        "receivers": nd30.receivers(authority.copy_to, authority.archive_line),
        "signer_block": nd30.signer_lines(authority.signer_block, signature),
        "signer": signature.signer if signature else "",
    }


def render(template: Path, context: Mapping[str, Any], source: ReportInput, title: str) -> bytes:
    """Fill a template. Texts are escaped; a tag that the context does not know stops with its name.

    The document's own dates are the business day, its author the issuer: nothing in it tells when or where it ran.
    """
    authority = source.pack.regime.authority
    stamp = Stamp(title, authority.issuer, source.period.name, source.version, source.as_of)
    rehearsed = {"watermark": "DIỄN TẬP"} if source.period.is_rehearsal else {}
    return fill(template, {**context, **rehearsed}, stamp)


def _drawn(document: Any, picture: Picture) -> Markup:
    """The picture as the XML of a drawing, with its alt text, which docxtpl has no place for."""
    drawing = str(InlineImage(document, io.BytesIO(picture.png), width=Mm(picture.width_mm * _PICTURE)))
    said = f'<wp:docPr descr="{escape(picture.alt)}" '
    return Markup(drawing.replace("<wp:docPr ", said, 1))  # noqa: S704  (docxtpl's own XML, the one text in it escaped)


def _keep_the_end_together(document: Doc, closing: str) -> None:
    """The last paragraph of text stays with the closing sentence and the signature, so that nobody signs a page on
    which nothing is reported."""
    for before, after in pairwise(document.paragraphs):
        if closing and after.text == closing:
            before.paragraph_format.keep_with_next = after.paragraph_format.keep_with_next = True


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a document says about itself."""

    title: str
    author: str
    subject: str
    version: int
    day: date


def fill(template: Path, context: Mapping[str, Any], stamp: Stamp) -> bytes:
    """As `render`, for a document that belongs to no report."""
    if not template.is_file():
        raise ConfigurationError(f"{template}: không có mẫu Word này; hãy khôi phục bằng build_templates.py")
    document = DocxTemplate(template)
    # A template is a file that an office may edit: it reads what it is given and reaches nothing else.
    environment = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=True)
    environment.filters["image"] = partial(_drawn, document)
    try:
        document.render({"watermark": "DỰ THẢO", **context}, jinja_env=environment, autoescape=True)
    except jinja2.TemplateError as error:
        raise ConfigurationError(f"{template}: {error}; hãy sửa thẻ này trong mẫu Word") from error
    # After filling: which columns have no figures the template says by a mark it is given (`unused_columns`).
    take_out_marked(document.docx)
    _keep_the_end_together(document.docx, str(context.get("closing", "")))
    properties = document.docx.core_properties
    properties.title, properties.author, properties.last_modified_by = stamp.title[:255], stamp.author, stamp.author
    properties.subject, properties.language, properties.revision = stamp.subject, "vi-VN", stamp.version
    # What whoever edited the template left in it does not belong to the report.
    properties.comments = properties.keywords = properties.category = ""
    data = io.BytesIO()
    document.save(data)
    return settle_package(data.getvalue(), stamp.day)
