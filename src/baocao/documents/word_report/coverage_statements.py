"""Sentences about who reported, who did not and when, and what the figures rest on."""

from __future__ import annotations

from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import count, two_digits
from baocao.model.unit import Unit


def coverage_statement(source: ReportInput) -> str:
    """`163/166 đơn vị hành chính cấp xã và 6/6 cơ quan …` as the base of all figures."""
    words = source.words
    sides = ((source.result.commune_coverage, words.units), (source.result.provincial_coverage, words.bodies))
    who = [f"{count(c.counted)}/{count(c.expected)} {name}" for c, name in sides if c.expected]
    return f"Số liệu được tổng hợp từ báo cáo đã được tiếp nhận của {' và '.join(who)}."


def missing_statement(missing: tuple[Unit, ...]) -> str:
    """Names every unit whose report is not in; nothing is estimated in their place."""
    if not missing:
        return ""
    names = "; ".join(u.full_name for u in missing)
    return (
        f"Chưa có báo cáo của {two_digits(len(missing))} đơn vị: {names}. Số liệu của các đơn vị này không có trong "
        "báo cáo và không được ước tính thay."
    )


def lateness_statements(source: ReportInput) -> list[str]:
    """How many units sent their first report after the deadline; apart from them, how many only a correction."""
    lines = []
    if source.late:
        lines.append(f"Có {two_digits(len(source.late))} đơn vị gửi báo cáo sau thời hạn")
    if source.corrected_late:
        number = two_digits(len(source.corrected_late))
        lines.append(f"Có {number} đơn vị đã gửi báo cáo đúng hạn và gửi bản đính chính sau thời hạn")
    return lines


def basis_sentences(source: ReportInput) -> list[str]:
    """What the figures stand on: who is in, who is missing, who was late."""
    lines = [coverage_statement(source)]
    if missing := missing_statement(source.result.missing):
        lines.append(missing)
    return lines + [f"{said} (danh sách tại {source.layout.compliance_annex})." for said in lateness_statements(source)]
