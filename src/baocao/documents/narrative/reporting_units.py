"""Sentences about the reporting itself: who was late or is missing, what that does to the totals, what the lead bodies
said about the figures and how it was settled."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from baocao.documents.narrative.marks import mark_of
from baocao.documents.narrative.unit_texts import shortened
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import figure, percent, two_digits, unit_of
from baocao.documents.word_report.statements import TOTAL_ROW, subjects
from baocao.model.form import CellKey, ColumnRole
from baocao.model.lead import CommentKind, CommentStatus, LeadComment
from baocao.model.pack_views import pack_rows
from baocao.model.unit import Unit

_NAMED, _QUOTED, _EXAMPLES = 12, 200, 2


def about_reporting(source: ReportInput) -> list[str]:
    """Who was late or corrected late, by name; who is missing and what share of last year's figures that was."""
    lines = []
    late, corrected = source.late, source.corrected_late
    if late:
        mark = mark_of("bao-cao/sau-han")
        lines.append(f"Gửi báo cáo sau thời hạn có {mark('', f'{two_digits(len(late))} đơn vị: {_names(late)}')}.")
    if corrected:
        mark = mark_of("bao-cao/dinh-chinh-sau-han")
        said = f"{two_digits(len(corrected))} đơn vị: {_names(corrected)}"
        lines.append(f"Gửi đúng hạn nhưng đính chính sau thời hạn có {mark('', said)}.")
    lines += _effect_of_the_missing(source)
    return lines


def _names(units: Sequence[Unit]) -> str:
    shown = "; ".join(u.full_name for u in units[:_NAMED])
    more = len(units) - _NAMED
    return f"{shown} và {two_digits(more)} đơn vị khác" if more > 0 else shown


def _effect_of_the_missing(source: ReportInput) -> list[str]:
    """What the units without a report had in the same period last year, of the headline indicators and of the money."""
    missing = {u.code for u in source.result.missing}
    if not missing:
        return []
    parts = []
    for key, name, unit in _looked_at(source):
        before = {
            r.unit: Fraction(cell.value)
            for r in source.year_ago
            if (cell := r.cells.get(key)) is not None
            and isinstance(cell.value, int)
            and not isinstance(cell.value, bool)
        }
        gone = sum((v for code, v in before.items() if code in missing), Fraction(0))
        whole = sum(before.values(), Fraction(0))
        if not whole or not gone:
            continue
        mark = mark_of(key)
        kind = source.pack.form(key.form).cells[key]
        type = kind[0].type_of(kind[1], kind[2])
        share = mark("ty-trong-don-vi-thieu", percent(100 * gone / whole))
        of = mark("don-vi-thieu", f"{figure(gone, type)}/{figure(whole, type)}")
        parts.append(f"{share} của “{name}” ({of} {unit_of(unit, type)})")
    mark = mark_of("bao-cao/chua-co")
    who = mark("", f"{two_digits(len(missing))} đơn vị chưa có báo cáo")
    if not parts:
        return []
    return [
        f"Theo số cùng kỳ năm trước, {who} chiếm {'; '.join(parts)}; phần này không có trong số liệu kỳ này và không "
        "được ước tính thay."
    ]


def _looked_at(source: ReportInput) -> list[tuple[CellKey, str, str]]:
    """(cell, name, unit) of the headline indicators' figures and of what was disbursed in all."""
    wanted = {h.row for h in source.layout.headline}
    found = []
    for form, table, row in pack_rows(source.pack).values():
        main = table.by_role(row).get(ColumnRole.ACTUAL)
        if f"{form.code}/{row.code}" in wanted and main is not None:
            found.append((CellKey(form.code, row.code, main.code), row.name, row.unit))
    total = next((s for s in subjects(source.resources) if s.row.code == TOTAL_ROW), None)
    key = total.key(ColumnRole.ACTUAL) if total is not None else None
    if total is not None and key is not None:
        found.append((key, "Giải ngân trong kỳ", total.row.unit))
    return found


def lead_bodies(source: ReportInput) -> list[str]:
    """What each lead body said about the units' figures and what became of it, with an example or two in its words."""
    by_lead: dict[str, list[LeadComment]] = {}
    for comment in source.comments:
        by_lead.setdefault(comment.lead, []).append(comment)
    lines = []
    for lead, comments in by_lead.items():
        mark = mark_of(f"y-kien/{lead}")
        kinds = [(CommentKind.COMMENT, "nhận xét"), (CommentKind.OBJECTION, "phản đối")]
        said = [f"{two_digits(n)} {name}" for kind, name in kinds if (n := sum(c.kind is kind for c in comments))]
        ends = [
            (CommentStatus.ANSWERED, "đã được trả lời"),
            (CommentStatus.WITHDRAWN, "đã rút"),
            (CommentStatus.OVERRULED, "không được chấp nhận"),
            (CommentStatus.OPEN, "đang chờ trả lời"),
        ]
        ended = [f"{two_digits(n)} {name}" for end, name in ends if (n := sum(c.status is end for c in comments))]
        first = f"{source.name_of(lead)} có {mark('', ', '.join(said))} về số liệu của các đơn vị"
        lines.append(f"- {first}; kết quả: {mark('ket-qua', ', '.join(ended))}.{_examples(source, comments)}")
    return ["Ý kiến của các cơ quan, đơn vị chủ trì về số liệu:", *lines] if lines else []


def _examples(source: ReportInput, comments: Sequence[LeadComment]) -> str:
    # An objection is the better example: it held the report.
    order = sorted(comments, key=lambda c: (c.kind is not CommentKind.OBJECTION, c.id))
    said = []
    for c in order[:_EXAMPLES]:
        settled = f"; {c.status.label}: «{_short(c.answer)}»" if c.answer else ""
        said.append(f"về {_subject(source, c)} của {source.name_of(c.unit)}: «{_short(c.text)}»{settled}")
    return f" Trong đó, {'; '.join(said)}." if said else ""


def _subject(source: ReportInput, comment: LeadComment) -> str:
    if comment.cell is not None:
        for form in source.pack.forms:
            if comment.cell in form.cells:
                return f"“{form.cells[comment.cell][1].name.lstrip('- ')}”"
    named = next((p.name for p in source.pack.regime.projects if p.code == comment.project), "")
    return f"“{named}”" if named else "số liệu"


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), _QUOTED)[0].rstrip(" .;")
