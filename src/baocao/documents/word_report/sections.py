"""Mục I đến VI: the body of the report, its order from the narrative form, its figures from the consolidated values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import roman, two_digits
from baocao.documents.word_report.pictures import Shown, change_pictures, disbursement_pictures, target_pictures
from baocao.documents.word_report.statements import (
    TOTAL_ROW,
    form_statements,
    resource_statements,
    subjects,
    unanswered,
)
from baocao.documents.word_report.tables import (
    Cells,
    comparison_notes,
    movement_rows,
    resource_summary,
    source_notes,
    target_notes,
    target_rows,
)
from baocao.documents.word_report.target_texts import target_summary
from baocao.documents.word_report.term_tables import money_of_the_term, plan_of_the_term, term_name
from baocao.documents.word_report.unit_texts import Gathered, Opinion, gather, shortened
from baocao.model.form import CellKey, ColumnRole, Form, Row

_IN_BODY, _TEXT_IN_BODY, _NAMES_IN_BODY = 8, 700, 3
_IN_ANNEX, _TEXT_IN_ANNEX, _NAMES_IN_ANNEX = 60, 3000, 400
_OVER_BOTH = (
    "Số so sánh với cùng kỳ năm trước và tỷ lệ so với kế hoạch chỉ tính trên các đơn vị có đủ cả hai số liệu; từng "
    "trường hợp được ghi tại chú thích dưới các bảng số liệu của phụ lục."
)
_FURTHER = 100
"""Numbers of sections that no layout names lie above."""
_LETTERS = "abcdđeghiklmnopqrstuvxy"
"""NĐ 30/2020: points are lettered with the Vietnamese alphabet."""


@dataclass
class Part:
    """A titled piece of a section; every list may be empty."""

    title: str = ""
    figures: list[str] = field(default_factory=list)
    """generated sentences"""
    groups: list[dict[str, object]] = field(default_factory=list)
    """generated sentences under a heading of their own: `title`, `lines`"""
    targets: list[Cells] = field(default_factory=list)
    movement: list[Cells] = field(default_factory=list)
    resources: list[Cells] = field(default_factory=list)
    term: list[Cells] = field(default_factory=list)
    """plan of the term against what was reached"""
    money: list[Cells] = field(default_factory=list)
    """the same, in triệu đồng"""
    pictures: list[Shown] = field(default_factory=list)
    paragraphs: list[str] = field(default_factory=list)
    opinions: list[dict[str, str]] = field(default_factory=list)
    more: str = ""


@dataclass
class Section:
    title: str
    parts: list[Part] = field(default_factory=list)


@dataclass(frozen=True)
class _Topic:
    """One text row of the narrative form under its section."""

    row: Row
    gathered: Gathered


@dataclass
class _Chapter:
    number: int
    name: str
    topics: list[_Topic] = field(default_factory=list)
    form: Form | None = None
    """of a section about one form's figures alone"""


def _chapters(source: ReportInput) -> list[_Chapter]:
    """The narrative form's headings with the text rows below them; a text row without a heading is its own section.

    A form without the sections for money and results gets them: figures are never left out for want of a place.
    """
    form = source.narrative
    if form is None:
        return _of_figures(source)
    chapters: list[_Chapter] = []
    under_heading = False
    for table in form.tables:
        columns = [c.code for c in table.columns if c.role is ColumnRole.TEXT]
        if not columns:
            continue  # figures beside the narrative: plans, estimates
        for row in table.rows:
            under_heading = under_heading or row.heading
            if (row.heading and row.indent == 0) or not under_heading:
                chapters.append(_Chapter(_number(row, chapters), row.name))
            if not row.heading:
                texts = [t for c in columns for t in source.result.texts.get(CellKey(form.code, row.code, c), ())]
                chapters[-1].topics.append(_Topic(row, gather(texts, source.name_of)))
    there = {c.number for c in chapters}
    layout = source.layout
    needed = {layout.results_section: layout.results_title}
    if source.resources is not None:
        needed[layout.resources_section] = layout.resources_title
    chapters += [_Chapter(number, name) for number, name in needed.items() if number and number not in there]
    return sorted(chapters, key=lambda c: c.number)


def _of_figures(source: ReportInput) -> list[_Chapter]:
    """Without a narrative form: a section for the results, one for the money, one for every further form."""
    layout = source.layout
    named = [(layout.resources_section, layout.resources_title)] if source.resources is not None else []
    named.append((layout.results_section, layout.results_title))
    chapters = [_Chapter(number, name) for number, name in sorted(named) if number]
    shown = {f.code for f in (source.indicators, source.resources) if f is not None}
    others = [f for f in source.pack.forms if f.code not in shown]
    return chapters + [_Chapter(_FURTHER + n, f.title, form=f) for n, f in enumerate(others)]


def _number(row: Row, before: Sequence[_Chapter]) -> int:
    """The section's number as the form prints it, else the next one."""
    following = before[-1].number + 1 if before else 1
    return next((n for n in range(following, 40) if roman(n) == row.item.strip(" .")), following)


def sections(source: ReportInput) -> list[Section]:
    """The sections in order, numbered in Roman figures, generated parts before the units' words."""
    result = []
    for place, chapter in enumerate(_chapters(source), 1):
        parts = _generated(source, chapter.number) if chapter.form is None else [_figures(source, chapter.form)]
        single = len(chapter.topics) == 1
        for topic in chapter.topics:
            title = topic.row.name if not single else "Nội dung do các đơn vị báo cáo" if parts else ""
            parts.append(_texts_part(title, topic, f"{source.layout.texts_annex}, mục {roman(chapter.number)}"))
        titled = [p for p in parts if p.title]
        for number, part in enumerate(titled, 1):
            part.title = f"{number}. {part.title}" if len(titled) > 1 or source.narrative is not None else ""
        printed = place if source.narrative is None else chapter.number
        result.append(Section(f"{roman(printed)}. {chapter.name.upper()}", parts))
    return result


def _generated(source: ReportInput, number: int) -> list[Part]:
    if number == source.layout.resources_section and source.resources is not None:
        part = Part("Kết quả tổng hợp", resource_statements(source), resources=_with_total_marked(source))
        part.money = money_of_the_term(source)
        part.pictures = disbursement_pictures(source.result, source.resources)
        part.paragraphs.append(source.layout.resources_note)
        return [part]
    if number == source.layout.results_section:
        return _results(source)
    return []


def _with_total_marked(source: ReportInput) -> list[Cells]:
    totals = {s.row.name for s in subjects(source.resources) if s.row.code == TOTAL_ROW}
    return [row | {"total": row["name"] in totals} for row in resource_summary(source)]


def _results(source: ReportInput) -> list[Part]:
    parts = []
    if source.result.targets:
        part = Part("Mức độ đạt mục tiêu", [target_summary(source.result.targets)], targets=target_rows(source))
        part.pictures = target_pictures(source.result)
        part.paragraphs += target_notes(source)
        parts.append(part)
    if term := plan_of_the_term(source):
        part = Part(f"Mức độ hoàn thành so với kế hoạch {term_name(source)}", term=term)
        part.paragraphs.append("Số liệu từng năm tại Phụ lục I, Phụ lục II.")
        parts.append(part)
    indicators = _figures(source, source.indicators)
    indicators.title = source.layout.figures_title
    indicators.pictures = change_pictures(source.result, source.indicators)
    if missing := unanswered(source):
        indicators.paragraphs.append(f"Chưa có số liệu của các chỉ tiêu: {', '.join(missing)}.")
    if comparison_notes(source):
        indicators.paragraphs.append(_OVER_BOTH)
    indicators.paragraphs += source_notes(source)
    indicators.paragraphs.append(source.layout.figures_note)
    parts.append(indicators)
    if movement := movement_rows(source):
        parts.append(Part("Biến động số người thuộc diện quản lý trong kỳ", movement=movement))
    return parts


def _figures(source: ReportInput, form: Form | None) -> Part:
    """One sentence a figure of the form, under the headings of its rows."""
    part = Part()
    for letter, (title, lines) in zip(_LETTERS, form_statements(source, form), strict=False):
        part.groups.append({"title": f"{letter}) {title}" if title else "", "lines": lines})
    return part


def _texts_part(title: str, topic: _Topic, place: str) -> Part:
    """The first opinions, cut to a readable length; where the rest stands; who had nothing to say."""
    shown = topic.gathered.opinions[:_IN_BODY]
    part = Part(title)
    for opinion in shown:
        text, _ = shortened(opinion.text, _TEXT_IN_BODY)
        part.opinions.append(_printed(opinion, text, _NAMES_IN_BODY))
    rest = topic.gathered.opinions[_IN_BODY:]
    if rest:
        units = two_digits(sum(len(o.units) for o in rest))
        part.more = f"Nội dung báo cáo của {units} lượt đơn vị khác được tổng hợp tại {place}."
    elif _points_to_annex(topic.gathered):
        part.more = f"Toàn văn và tên các đơn vị tại {place}."
    if topic.gathered.nothing:
        nothing = f"Có {two_digits(len(topic.gathered.nothing))} đơn vị báo cáo không có nội dung này."
        part.more = f"{part.more} {nothing}".strip()
    if not part.opinions and not part.more:
        part.paragraphs.append("Các đơn vị không báo cáo nội dung này.")
    return part


def annex(source: ReportInput) -> list[Part]:
    """The annex of texts: everything units wrote, wherever the body could not show all of it."""
    result = []
    for chapter in _chapters(source):
        for topic in chapter.topics:
            gathered = topic.gathered
            if not _points_to_annex(gathered):
                continue
            name = topic.row.name if topic.row.name == chapter.name else f"{chapter.name}: {topic.row.name}"
            part = Part(f"Mục {roman(chapter.number)}. {name}")
            for opinion in gathered.opinions[:_IN_ANNEX]:
                text, _ = shortened(opinion.text, _TEXT_IN_ANNEX)
                part.opinions.append(_printed(opinion, text, _NAMES_IN_ANNEX))
            part.more = _left_over(gathered.opinions[_IN_ANNEX:], gathered.opinions[:_IN_ANNEX])
            result.append(part)
    return result


def _points_to_annex(gathered: Gathered) -> bool:
    shown = gathered.opinions[:_IN_BODY]
    return len(gathered.opinions) > _IN_BODY or any(
        len(o.units) > _NAMES_IN_BODY or len(o.text) > _TEXT_IN_BODY for o in shown
    )


def _left_over(rest: Sequence[Opinion], shown: Sequence[Opinion]) -> str:
    sheet = "trang chi tiết của biểu này trong bảng tính tổng hợp kèm theo"
    if rest:
        return f"Còn {two_digits(len(rest))} nội dung khác: xem {sheet}."
    if any(len(o.text) > _TEXT_IN_ANNEX for o in shown):
        return f"Nội dung quá dài đã được rút bớt (dấu …): xem toàn văn ở {sheet}."
    return ""


def _printed(opinion: Opinion, text: str, names: int) -> dict[str, str]:
    return {"units": opinion.sent_by(names), "text": text}


def compliance(source: ReportInput) -> list[dict[str, str]]:
    """The annex of compliance: who has not sent, who was late, who only corrected late, who was excused."""
    groups = (
        ("Đơn vị chưa có báo cáo được tiếp nhận", source.result.missing),
        ("Đơn vị gửi báo cáo sau thời hạn", source.late),
        ("Đơn vị gửi báo cáo đúng hạn, gửi bản đính chính sau thời hạn", source.corrected_late),
        ("Đơn vị được miễn báo cáo kỳ này", source.result.waived),
    )
    return [
        {
            "title": f"{i}. {title} ({two_digits(len(units))} đơn vị)",
            "names": "; ".join(u.full_name for u in units) + "." if units else "Không có.",
        }
        for i, (title, units) in enumerate(groups, 1)
    ]
