"""The annexes about the units: what everybody wrote, as far as there is room for it, and who kept the deadline."""

from __future__ import annotations

from collections.abc import Sequence

from baocao.documents.narrative.chapters import chapters
from baocao.documents.narrative.draft import points_to_annex
from baocao.documents.narrative.unit_texts import Opinion, shortened
from baocao.documents.report_input import ReportInput
from baocao.documents.word_report.numerals import roman, two_digits

_ROOM = 80_000
"""Letters the annex of texts may hold, about forty pages; the workbook has every text whole."""
_LONGEST, _SHORTEST = 3000, 240
"""Letters of one text: at most, and what it is not cut below for the sake of others."""
_NAMES = 10_000
"""Every unit that said so: the body points here for their names."""


def annex(source: ReportInput) -> list[dict[str, object]]:
    """The annex of texts: what the body could not show. The room is shared evenly among the headings, what one does
    not need goes to the others; under a heading what most units say comes first."""
    asked = [(chapter, topic) for chapter in chapters(source) for topic in chapter.topics if points_to_annex(topic)]
    rooms = _shares([sum(_size(o, _LONGEST) for o in topic.gathered.opinions) for _, topic in asked])
    result: list[dict[str, object]] = []
    for (chapter, topic), room in zip(asked, rooms, strict=True):
        name = topic.row.name if topic.row.name == chapter.name else f"{chapter.name}: {topic.row.name}"
        opinions = topic.gathered.by_weight
        longest = _longest(opinions, room)
        shown: list[dict[str, str]] = []
        left = room
        for opinion in opinions:
            left -= _size(opinion, longest)
            # The first opinion of a heading always stands, however long: a heading without a word would say that
            # nobody wrote one.
            if left < 0 and shown:
                break
            shown.append({"units": opinion.sent_by(_NAMES), "text": shortened(opinion.text, longest)[0]})
        more = _left_over(opinions[len(shown) :], opinions[: len(shown)], longest)
        result.append({"title": f"Mục {roman(chapter.number)}. {name}", "opinions": shown, "more": more})
    return result


def _size(opinion: Opinion, longest: int) -> int:
    # 40 for what stands around a text: the paragraph's end, brackets, "nội dung tương tự".
    return min(len(opinion.text), longest) + len(opinion.sent_by(_NAMES)) + 40


def _shares(needed: Sequence[int]) -> list[int]:
    """How much of the room each gets: what it needs where that is less than an even share."""
    given, room, left = [0] * len(needed), _ROOM, len(needed)
    # The smallest first: what it leaves of its even share is there for the larger ones.
    for place in sorted(range(len(needed)), key=lambda i: needed[i]):
        given[place] = min(needed[place], room // left)
        room, left = room - given[place], left - 1
    return given


def _longest(opinions: Sequence[Opinion], room: int) -> int:
    """How much of each text may stand so that all of them fit, within bounds."""
    longest = _LONGEST
    while longest > _SHORTEST and sum(_size(o, longest) for o in opinions) > room:
        # In steps: that every text is cut alike matters more than that the last letter is used.
        longest = max(_SHORTEST, longest * 3 // 4)
    return longest


def _left_over(rest: Sequence[Opinion], shown: Sequence[Opinion], longest: int) -> str:
    sheet = "trang phần lời của bảng tính tổng hợp kèm theo"
    lines = []
    if any(len(o.text) > longest for o in shown):
        lines.append(f"Nội dung dài đã được rút bớt (dấu …), xem toàn văn ở {sheet}.")
    if rest:
        units = two_digits(sum(len(o.units) for o in rest))
        lines.append(f"Còn {two_digits(len(rest))} nội dung khác của {units} lượt đơn vị, xem {sheet}.")
    return " ".join(lines)


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
            "title": f"{i}. {title}" + (f" ({two_digits(len(units))} đơn vị)" if units else ""),
            "names": "; ".join(u.full_name for u in units) + "." if units else "Không có.",
        }
        for i, (title, units) in enumerate(groups, 1)
    ]
