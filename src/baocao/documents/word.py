"""Báo cáo Word (Phụ lục số 04) in the form of NĐ 30/2020/NĐ-CP, from a template an official can edit in Word."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jinja2
from docxtpl import DocxTemplate

from baocao.documents import nd30
from baocao.documents.numerals import day, two_digits
from baocao.documents.ooxml import settle_package
from baocao.documents.report_input import ReportInput
from baocao.documents.report_tables import indicator_rows, project_rows, resource_rows
from baocao.documents.sections import annex, compliance, sections
from baocao.documents.statements import coverage_statement, missing_statement
from baocao.settings import ConfigurationError

REPORT_TEMPLATE = Path("word/report_periodic.docx")
_LEGEND = "Dấu “-”: không phát sinh; ô trống: không áp dụng hoặc chưa có số liệu."


def build_report(source: ReportInput, templates: Path) -> bytes:
    """The periodic report as docx bytes; the same input and template give the same bytes.

    `templates` is the project's `include/templates`. Without a signature it is a draft: number, day and signer are
    blank and every page is marked. Raises ConfigurationError naming the template when it is missing or a tag in it
    cannot be filled.
    """
    authority = source.pack.regime.authority
    issuer = nd30.sentence_case(authority.issuer, authority.province)
    context = _frame(source) | {
        "bases": nd30.legal_bases(source.pack.regime, source.rule, source.period),
        "opening": (
            f"Thực hiện chế độ báo cáo {source.pack.regime.programme}, {issuer} báo cáo kết quả thực hiện "
            f"{_period(source)} như sau:"
        ),
        "basis": _basis(source),
        "sections": sections(source),
        "closing": (
            f"Trên đây là báo cáo kết quả thực hiện {source.pack.regime.programme}, {source.period.name}, trên địa bàn "
            f"{_territory(issuer)}, {issuer} kính báo cáo./."
        ),
        "reference": nd30.reference_line(authority.symbol, issuer, source.as_of.year),
        "cutoff_note": f"Số liệu từ ngày {day(source.period.covers_from)} đến hết ngày {day(source.period.cutoff_on)}",
        "legend": _LEGEND,
        "indicators": indicator_rows(source),
        "projects": project_rows(source),
        "resources": resource_rows(source),
        "compliance": compliance(source),
        "annex": annex(source),
    }
    title = f"Báo cáo kết quả thực hiện {source.pack.regime.programme}, {source.period.name}"
    return render(templates / REPORT_TEMPLATE, context, source, title)


def _mark(source: ReportInput) -> str:
    """What stands on every page that is not the signed original."""
    if source.period.is_rehearsal:
        return "DIỄN TẬP"
    return "" if source.signature else f"DỰ THẢO LẦN {source.version}"


def _territory(issuer: str) -> str:
    """`tỉnh Thanh Hóa` out of `Ủy ban nhân dân tỉnh Thanh Hóa`."""
    return issuer.removeprefix("Ủy ban nhân dân").strip()


def _period(source: ReportInput) -> str:
    return (
        f"{source.period.name} (số liệu từ ngày {day(source.period.covers_from)} đến hết ngày "
        f"{day(source.period.cutoff_on)})"
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
        "subject": f"Kết quả thực hiện {source.pack.regime.programme}, {source.period.name}",
        "addressee": addressee,
        "addressees": addressees,
        "receivers": nd30.receivers(authority.copy_to, authority.archive_line),
        "signer_block": nd30.signer_lines(authority.signer_block, signature),
        "signer": signature.signer if signature else "",
    }


def _basis(source: ReportInput) -> list[str]:
    """What the figures stand on: who is in, who is missing, who was late."""
    lines = [coverage_statement(source)]
    if missing := missing_statement(source.result.missing):
        lines.append(missing)
    if source.late:
        lines.append(f"Có {two_digits(len(source.late))} đơn vị gửi báo cáo sau thời hạn (danh sách tại Phụ lục IV).")
    return lines


def render(template: Path, context: Mapping[str, Any], source: ReportInput, title: str) -> bytes:
    """Fill a template. Texts are escaped; a tag that the context does not know stops with its name.

    The document's own dates are the business day, its author the issuer: nothing in it tells when or where it ran.
    """
    if not template.is_file():
        raise ConfigurationError(f"{template}: không có mẫu Word này; hãy khôi phục bằng build_templates.py")
    document = DocxTemplate(template)
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=True)
    try:
        watermark = "DIỄN TẬP" if source.period.is_rehearsal else "DỰ THẢO"
        document.render({**context, "watermark": watermark}, jinja_env=environment, autoescape=True)
    except jinja2.TemplateError as error:
        raise ConfigurationError(f"{template}: {error}; hãy sửa thẻ này trong mẫu Word") from error
    properties = document.docx.core_properties
    issuer = source.pack.regime.authority.issuer
    properties.title, properties.author, properties.last_modified_by = title[:255], issuer, issuer
    properties.subject, properties.language, properties.revision = source.period.name, "vi-VN", source.version
    properties.comments = properties.keywords = properties.category = ""
    data = io.BytesIO()
    document.save(data)
    return settle_package(data.getvalue(), source.as_of)
