"""The sections as the system drafts them: order from the narrative form, sentences from the consolidated values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import chain, product

from baocao.documents.narrative.blocks import BlockKind, NarrativeBlock, Section
from baocao.documents.narrative.change_sentences import largest_changes
from baocao.documents.narrative.chapters import Chapter, Topic, chapters
from baocao.documents.narrative.reporting_units import about_reporting, lead_bodies
from baocao.documents.narrative.shortcomings import open_targets, slow_disbursement, unmet_targets, without_money
from baocao.documents.narrative.unit_sentences import standing_sentences
from baocao.documents.narrative.unit_texts import shortened
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import count, roman, two_digits
from baocao.documents.word_report.pictures import (
    CaptionedPicture,
    change_pictures,
    disbursement_pictures,
    target_pictures,
)
from baocao.documents.word_report.statements import (
    TOTAL_ROW,
    form_statements,
    resource_statements,
    subjects,
    unanswered,
    usually_compared,
)
from baocao.documents.word_report.tables import (
    Cells,
    comparison_notes,
    movement_rows,
    resource_summary,
    target_rows,
)
from baocao.documents.word_report.target_texts import target_summary
from baocao.documents.word_report.term_tables import money_of_the_term, plan_of_the_term, term_name
from baocao.model.form import Form

IN_BODY, TEXT_IN_BODY, NAMES_IN_BODY = 3, 140, 2
"""Of each heading's texts the body shows so many, so much of each, so many names; the annex shows the rest."""
_OVER_BOTH = (
    "Số so sánh với cùng kỳ năm trước và tỷ lệ so với kế hoạch chỉ tính trên các đơn vị có đủ cả hai số liệu; từng "
    "trường hợp được ghi tại chú thích dưới các bảng số liệu của phụ lục."
)
_USUALLY = (
    "Số so sánh với cùng kỳ năm trước {units}, trừ chỉ tiêu ghi rõ số đơn vị khác; tỷ lệ so với kế hoạch chỉ tính trên "
    "các đơn vị có cả kế hoạch và kết quả. Từng trường hợp được ghi tại chú thích dưới các bảng số liệu của phụ lục."
)
_LETTERS = "abcdđeghiklmnopqrstuvxy"
"""NĐ 30/2020: points are lettered with the Vietnamese alphabet."""


@dataclass
class _TitledPart:
    """A titled piece of a section."""

    title: str
    blocks: list[NarrativeBlock] = field(default_factory=list)

    def say(self, kind: BlockKind, *lines: str) -> None:
        self.blocks += [NarrativeBlock(kind, line) for line in lines if line]

    def table(self, name: str, rows: list[Cells]) -> None:
        if rows:
            self.blocks.append(NarrativeBlock(BlockKind.TABLE, name=name, rows=rows))

    def pictures(self, name: str, pictures: list[CaptionedPicture]) -> None:
        self.blocks += [NarrativeBlock(BlockKind.PICTURE, name=name, shown=shown) for shown in pictures]


def draft(source: ReportInput) -> list[Section]:
    """The sections in order, numbered in Roman figures, generated parts before the units' words."""
    return [_section(source, chapter) for chapter in chapters(source)]


def _section(source: ReportInput, chapter: Chapter) -> Section:
    made = _generated(source, chapter) if chapter.form is None else [_figures(source, chapter.form)]
    parts = [p for p in made if p.blocks]
    single = len(chapter.topics) == 1
    for topic in chapter.topics:
        title = topic.row.name if not single else "Nội dung do các đơn vị báo cáo" if parts else ""
        parts.append(_texts(title, topic, f"{source.layout.texts_annex}, mục {roman(chapter.number)}"))
    section = Section(chapter.code, chapter.number, chapter.name)
    numbered = 0
    # A single numbered title ("1." and no "2.") under a section's own title is no division.
    alone = source.narrative is None and sum(bool(p.title) for p in parts) == 1
    for part in parts:
        if part.title and not alone:
            numbered += 1
            section.blocks.append(NarrativeBlock(BlockKind.TITLE, f"{numbered}. {part.title}"))
        section.blocks += part.blocks
    if not numbered:
        section.blocks = _points_as_titles(section.blocks)
    return section


def _points_as_titles(blocks: list[NarrativeBlock]) -> list[NarrativeBlock]:
    """`a) …` as `1. …`, where no numbered title stands between a section and its points (NĐ 30/2020, Phụ lục I)."""
    found, number = [], 0
    for block in blocks:
        if block.kind is BlockKind.SUBTITLE:
            number += 1
            _, _, title = block.text.partition(") ")
            block = replace(block, kind=BlockKind.TITLE, text=f"{number}. {title}")
        found.append(block)
    return found


def _generated(source: ReportInput, chapter: Chapter) -> list[_TitledPart]:
    layout, number, form = source.layout, _layout_number(chapter), _narrative(source)
    parts = []
    if number == layout.section("management", form):
        parts.append(_reporting(source))
    if number == layout.resources_section and source.resources is not None:
        parts.append(_money(source))
    if number == layout.results_section:
        parts += _results(source)
    if number == layout.section("shortcomings", form):
        parts.append(_shortcomings(source))
    return parts


def _reporting(source: ReportInput) -> _TitledPart:
    part = _TitledPart("Chấp hành chế độ báo cáo và phối hợp rà soát số liệu")
    part.say(BlockKind.FIGURES, *about_reporting(source), *lead_bodies(source))
    return part


def _money(source: ReportInput) -> _TitledPart:
    part = _TitledPart("Kết quả tổng hợp")
    part.say(BlockKind.FIGURES, *resource_statements(source))
    # At mid-term the year's plan is no measure; the plan of the term stands in its own table (ADR 0016).
    if source.term is None:
        part.say(BlockKind.FIGURES, *slow_disbursement(source))
    part.table("resources", _with_total_marked(source))
    part.table("money", money_of_the_term(source))
    part.say(BlockKind.FIGURES, *without_money(source))
    part.pictures("giai-ngan", disbursement_pictures(source.result, source.resources))
    part.say(BlockKind.BODY, source.layout.resources_note)
    return part


def _with_total_marked(source: ReportInput) -> list[Cells]:
    totals = {s.row.name for s in subjects(source.resources) if s.row.code == TOTAL_ROW}
    return [row | {"total": row["name"] in totals} for row in resource_summary(source)]


def _results(source: ReportInput) -> list[_TitledPart]:
    parts = []
    if source.result.targets:
        part = _TitledPart("Mức độ đạt mục tiêu")
        part.say(BlockKind.FIGURES, target_summary(source.result.targets))
        part.table("targets", target_rows(source))
        part.pictures("muc-tieu", target_pictures(source.result))
        # Unmet targets are listed once: in their own section where the form has one, else here.
        if not _has_shortcomings(source):
            part.say(BlockKind.FIGURES, *unmet_targets(source))
        part.say(BlockKind.FIGURES, *open_targets(source))
        parts.append(part)
    if term := plan_of_the_term(source):
        part = _TitledPart(f"Mức độ hoàn thành so với kế hoạch {term_name(source)}")
        part.table("term", term)
        part.say(BlockKind.BODY, source.layout.term_note)
        parts.append(part)
    outstanding = _TitledPart("Chỉ tiêu nổi bật")
    outstanding.say(BlockKind.FIGURES, *largest_changes(source))
    if lines := standing_sentences(source):
        outstanding.say(BlockKind.BODY, "Đơn vị có kết quả đứng đầu và đứng cuối theo từng chỉ tiêu chính:")
        outstanding.say(BlockKind.FIGURES, *lines)
    outstanding.pictures("tang-giam", change_pictures(source.result, source.indicators))
    return [*parts, outstanding, _indicators(source), _movement(source)]


def _narrative(source: ReportInput) -> str:
    return source.narrative.code if source.narrative is not None else ""


def _layout_number(chapter: Chapter) -> int:
    """The number the pack's layout knows the section by: its own, also where no narrative form numbers it."""
    place = chapter.code.removeprefix("muc-")
    return int(place) if place.isdigit() else chapter.number


def _figures(source: ReportInput, form: Form | None) -> _TitledPart:
    """One sentence a figure of the form, under the headings of its rows."""
    part = _TitledPart("")
    # Beyond `y` with two letters: a form of more headings than the alphabet has must not lose the last ones.
    letters = chain(_LETTERS, map("".join, product(_LETTERS, repeat=2)))
    for letter, (title, lines) in zip(letters, form_statements(source, form), strict=False):
        part.say(BlockKind.SUBTITLE, f"{letter}) {title}" if title else "")
        part.say(BlockKind.FIGURES, *lines)
    part.say(BlockKind.FIGURES, *_cases(source, form))
    return part


def _cases(source: ReportInput, form: Form | None) -> list[str]:
    """One sentence a list of the form: how many cases of how many units; the cases stand in the workbook."""
    said = []
    for one in form.lists if form is not None else ():
        name = form.code if form is not None else "", one.code
        rows = [len(found) for a in source.accepted if (found := a.lists.rows.get(name))]
        empty = sum(name in a.lists.nil for a in source.accepted)
        text = f"{count(sum(rows))} trường hợp của {count(len(rows))} đơn vị" if rows else "không có trường hợp nào"
        if rows and empty:
            text += f"; {count(empty)} đơn vị không phát sinh"
        said.append(f"- {one.title}: {text}.")
    return said


def _indicators(source: ReportInput) -> _TitledPart:
    usual = usually_compared(source, source.indicators)
    part = _TitledPart(source.layout.figures_title)
    part.say(BlockKind.FIGURES, _USUALLY.format(units=usual) if usual else "")
    part.blocks += _figures(source, source.indicators).blocks
    if missing := unanswered(source):
        part.say(BlockKind.BODY, f"Chưa có đơn vị nào báo cáo số liệu của các chỉ tiêu: {'; '.join(missing)}.")
    if not usual and comparison_notes(source):
        part.say(BlockKind.BODY, _OVER_BOTH)
    if source.result.conflicts:
        number = two_digits(len(source.result.conflicts))
        said = f"Có {number} dòng số liệu mà hai cấp báo cáo khác nhau (dấu *)"
        part.say(BlockKind.BODY, f"{said}; từng trường hợp được ghi tại chú thích dưới các bảng số liệu của phụ lục.")
    part.say(BlockKind.BODY, source.layout.figures_note)
    return part


def _movement(source: ReportInput) -> _TitledPart:
    part = _TitledPart("Biến động số người thuộc diện quản lý trong kỳ")
    part.table("movement", movement_rows(source))
    return part


def _has_shortcomings(source: ReportInput) -> bool:
    return bool(source.layout.section("shortcomings", _narrative(source)))


def _shortcomings(source: ReportInput) -> _TitledPart:
    part = _TitledPart("Mục tiêu chưa đạt, khoảng cách và nguyên nhân")
    part.say(BlockKind.FIGURES, *unmet_targets(source))
    return part


def _texts(title: str, topic: Topic, place: str) -> _TitledPart:
    """What most units say first, cut to a readable length; where the rest stands; who had nothing to say."""
    part, gathered = _TitledPart(title), topic.gathered
    shown = gathered.by_weight[:IN_BODY]
    for opinion in shown:
        text, _ = shortened(opinion.text, TEXT_IN_BODY)
        part.blocks.append(NarrativeBlock(BlockKind.OPINION, text, who=opinion.sent_by(NAMES_IN_BODY)))
    rest = gathered.by_weight[IN_BODY:]
    more = ""
    if rest:
        units = two_digits(sum(len(o.units) for o in rest))
        more = f"Nội dung báo cáo của {units} lượt đơn vị khác được tổng hợp tại {place}."
    elif points_to_annex(topic):
        more = f"Toàn văn và tên các đơn vị tại {place}."
    if gathered.nothing:
        nothing = f"Có {two_digits(len(gathered.nothing))} đơn vị báo cáo không có nội dung này."
        more = f"{more} {nothing}".strip()
    if not shown and not more:
        more = "Các đơn vị không báo cáo nội dung này."
    part.say(BlockKind.BODY, more)
    return part


def points_to_annex(topic: Topic) -> bool:
    """Whether the body could not show everything that was said, and everybody who said it."""
    gathered = topic.gathered
    return len(gathered.opinions) > IN_BODY or any(
        len(o.units) > NAMES_IN_BODY or len(o.text) > TEXT_IN_BODY for o in gathered.opinions
    )
