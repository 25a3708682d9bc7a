"""Tờ trình: the draft letter by which the standing office asks the People's Committee to sign the report."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from baocao.documents.report_input import ReportInput
from baocao.documents.word_report import correction_texts, nd30
from baocao.documents.word_report.coverage_statements import coverage_statement, lateness_statements, missing_statement
from baocao.documents.word_report.numerals import two_digits
from baocao.documents.word_report.report import render
from baocao.documents.word_report.target_texts import target_summary
from baocao.model.pack_parts.rule_kinds import RuleKind
from baocao.text import day_text

COVER_TEMPLATE = Path("word/cover_letter.docx")
_TYPE = "TTr"
_POINTS = 6
# A clause that begins with "hãy": the findings are written for the office.
_ORDER = re.compile(r"(?:(?<=^)|[.;,])\s*[Hh]ãy [^.;]*")


def build_cover_letter(source: ReportInput, templates: Path) -> bytes:
    """The covering letter as docx bytes, always a draft: its own number, day and signer belong to the standing office.

    `templates` is the project's `include/templates`. Raises ConfigurationError when the template is missing or broken.
    """
    authority = source.pack.regime.authority
    superior = authority.office_addressee or authority.issuer_in_sentence
    title = f"Tờ trình ký báo cáo {source.period.name}"
    symbol = authority.office_symbol or f"{_TYPE}-{nd30.initials(authority.standing_office, authority.province)}"
    context: dict[str, Any] = {
        "parent": authority.office_parent.upper(),
        "issuer": nd30.issuer_lines(authority.standing_office.upper()),
        "number": nd30.number_line(symbol, None),
        "place_and_day": nd30.place_and_day(authority.place, None, source.as_of.year),
        "draft": "DIỄN TẬP" if source.period.is_rehearsal else "DỰ THẢO",
        "subject": f"Về việc ký, ban hành B{source.title[1:]}{source.mark}",
        "addressee": f"{superior}.",
        "addressees": [],
        "parts": _parts(source, superior),
        "closing": f"{authority.standing_office} kính trình {superior} xem xét, ký ban hành./.",
        "receivers": nd30.receivers([], f"Lưu: VT, {authority.standing_unit}"),
        "signer_block": [authority.office_signer.upper()],
        "signer": "",
    }
    return render(templates / COVER_TEMPLATE, context, source, title)


def _parts(source: ReportInput, superior: str) -> list[dict[str, Any]]:
    """The numbered parts of the letter (Tờ trình), each `title` and `lines`, for the template."""
    authority = source.pack.regime.authority
    issuer = authority.issuer_in_sentence
    due = source.period.province
    names = [f"- {line}" for line in nd30.listed([r.name for r in source.recipients])]
    parts = [
        (
            "Sự cần thiết",
            [
                f"Theo chế độ báo cáo {source.pack.regime.programme}, {issuer} gửi báo cáo {source.period.name} "
                f"{_until(source)}. {authority.standing_office} đã tổng hợp báo cáo "
                f"của các đơn vị, số liệu chốt đến hết ngày {day_text(source.period.cutoff_on)}, và hoàn thành dự thảo "
                f"lần {source.version}.",
                *_correction(source, issuer),
            ],
        ),
        ("Kết quả tổng hợp", _summary(source)),
        (
            "Nơi nhận báo cáo",
            ["Sau khi ký, báo cáo được gửi tới:", *names, *_unconfirmed(source)],
        ),
        ("Tài liệu kèm theo", _attachments()),
        (
            "Kiến nghị",
            [
                f"Kính đề nghị {superior} xem xét, ký trước ngày {day_text(due.safe_on)} để báo cáo được gửi đúng hạn; "
                f"trường hợp cần chỉnh sửa, kính đề nghị cho ý kiến để {authority.standing_office} hoàn chỉnh, trình "
                "lại."
            ],
        ),
    ]
    return [{"title": f"{i}. {title}", "lines": lines} for i, (title, lines) in enumerate(parts, 1)]


def _until(source: ReportInput) -> str:
    """The deadline as the text of the law has it: `trước ngày`, or a day that is itself in time."""
    last = source.period.province.due_at.date()
    # An ad hoc request or a rehearsal has days of its own, written down as the last instant in time: "trước ngày" the
    # day after.
    of_the_calendar = source.period.request is None and not source.period.is_rehearsal
    if of_the_calendar and source.rule.province.before is None:
        return f"chậm nhất ngày {day_text(last)}"
    return f"trước ngày {day_text(last + timedelta(days=1))}"


def _correction(source: ReportInput, issuer: str) -> list[str]:
    correction = source.correction
    if correction is None:
        return []
    replaced = correction_texts.document(correction.replaces)
    return [
        f"{replaced} của {issuer} đã gửi cần được đính chính. {correction_texts.reason(correction)}",
        *correction_texts.extent(correction),
    ]


def _summary(source: ReportInput) -> list[str]:
    lines = [coverage_statement(source)]
    units = source.pack.rules.id_of(RuleKind.SUM_OF_UNITS)
    # Else the finding about the missing units, among the points below, says the same.
    if not any(f.rule == units for f in source.result.findings):
        lines.append(missing_statement(source.result.missing))
    lines += [f"{said}." for said in lateness_statements(source)]
    lines.append(target_summary(source.result.targets))
    if unnumbered := nd30.unnumbered_bases(source.pack.regime, source.rule, source.period):
        lines.append(f"Phần căn cứ của dự thảo chưa ghi {'; '.join(unnumbered)}, do chưa có số, ngày ban hành để dẫn.")
    points = _points(source)
    if points:
        lines.append(f"Có {two_digits(len(points))} điểm cần lưu ý khi ký:")
        lines += [f"- {text}." for text in points[:_POINTS]]
    if len(points) > _POINTS:
        lines.append(f"Còn {two_digits(len(points) - _POINTS)} điểm khác trong bảng tính tổng hợp.")
    return [line for line in lines if line]


def _points(source: ReportInput) -> list[str]:
    """What the rules at province level say, each message once with everything it is about. What they ask the office to
    do is left out: the letter goes to a superior, who is not given tasks."""
    rows = [row for form in source.pack.forms for table in form.tables for row in table.rows]
    # A finding names a row with its number for the desk; a letter calls it by its name.
    named = {f"{number} {row.name}": row.name for row in rows for number in (row.item, row.code)}
    about: dict[str, list[str]] = {}
    for finding in source.result.findings:
        about.setdefault(_ORDER.sub("", finding.message).rstrip(" .;"), []).append(
            named.get(finding.subject, finding.subject).lstrip("- ")
        )
    return [f"{'; '.join(filter(None, dict.fromkeys(names)))}: {text}".lstrip(": ") for text, names in about.items()]


def _unconfirmed(source: ReportInput) -> list[str]:
    names = [r.name for r in source.recipients if not r.verified]
    if not names:
        return []
    return [
        f"Trong đó {two_digits(len(names))} nơi nhận chưa được xác nhận bằng văn bản, kính đề nghị cho ý kiến: "
        f"{'; '.join(names)}."
    ]


def _attachments() -> list[str]:
    return [
        f"- {line}"
        for line in nd30.listed(
            [
                "Dự thảo Báo cáo và các phụ lục",
                "Bảng tính tổng hợp số liệu, có số liệu của từng đơn vị",
                "Bản kê mã kiểm tra (SHA-256) của các tệp trình ký",
            ]
        )
    ]
