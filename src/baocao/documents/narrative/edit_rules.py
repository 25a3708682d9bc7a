"""Whether an edited text may be taken: protected figures as they were, sections complete, typed numbers asked about."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from baocao.documents.narrative.blocks import BlockKind, NarrativeBlock, Section
from baocao.documents.narrative.edited import BY_TITLE, Edited, EditedSection, bookmarks_of, tag_of
from baocao.documents.narrative.markdown import NAMES, from_markdown, to_markdown
from baocao.documents.narrative.marks import Span, figures_in, joined, plain, spans
from baocao.text import fold, nfc

_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NO_FIGURE = re.compile(
    r"(?:ngày\s+)?\d{1,2}\s*[/.-]\s*\d{1,2}(?:\s*[/.-]\s*\d{4})?(?![\d,.]|\s*%)"  # 20/6, 20/6/2026
    r"|\d+(?:/\d{4})?/[A-ZĐƯ][\w-]*"  # 12/KH-UBND, 45/2024/NQ-HĐND
    r"|(?:ngày|tháng|năm|quý|điều|khoản|điểm|mục|chương|phụ lục|biểu|mẫu|số hiệu|giai đoạn|dự án|tiểu dự án|đợt|lần|kỳ|"
    r"phường|xã|khóa)\s+(?:số\s+)?\d+(?:\s*[-–]\s*\d+)?"
    r"|[IVX]+/\d{4}"  # quý II/2026
    r"|(?:19|20)\d{2}\s*[-–]\s*(?:19|20)\d{2}"  # 2026 - 2030
    r"|\d{1,2} tháng (?:đầu|cuối)? ?năm"
    r"|^(?:-\s*)?\d{1,2}[.)]\s",  # 1. Title
    re.IGNORECASE,
)


@dataclass
class NarrativeVerdict:
    """What is said about an edited text. It may be taken when there are no faults, and the questions are answered."""

    texts: dict[str, str] = field(default_factory=dict)
    """sections that differ from the draft, canonical Markdown"""
    faults: list[str] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    """sentences with numbers that no protected figure and no draft holds"""
    renewed: list[str] = field(default_factory=list)
    """sentences whose figures have changed since the export"""
    left_out: list[str] = field(default_factory=list)
    """pictures that will not be printed, tables that will stand at the end of their section"""


def judge(
    edited: Edited,
    exported: Sequence[Section],
    drafted: Sequence[Section],
    then: Mapping[str, str],
    now: Mapping[str, str],
    names: Collection[str] = (),
) -> NarrativeVerdict:
    """Hold an edited text to the report.

    `exported` are the sections as they went out, `drafted` the system's own of the same report; `then` and `now` the
    figures of that report and of today. A figure must read as it did then, or as it does now. `names` hold digits that
    are no figures.
    """
    judged = NarrativeVerdict()
    known, plainly = {s.code: s for s in exported}, {s.code: to_markdown(s.blocks) for s in drafted}
    # Word cuts tags, LibreOffice leaves bookmarks: both lead back to the whole key.
    tags = {tag_of(key): key for key in (*then, *now)} | {name: key for key, name in bookmarks_of(exported).items()}
    titles = {_plain_title(s.title): s.code for s in exported}
    found = [
        replace(s, code=titles.get(_plain_title(s.title), s.code)) if s.code == BY_TITLE else s for s in edited.sections
    ]
    edited = replace(edited, sections=tuple(found))
    given = [s.code for s in edited.sections]
    judged.faults += [
        f"Mục “{s.title}”: báo cáo không có mục mang mã {s.code}" for s in edited.sections if s.code not in known
    ]
    judged.faults += [f"Mục “{known[c].title}” có hai lần trong tệp" for c in known if given.count(c) > 1]
    judged.faults += [
        f"Thiếu mục “{section.title}”: hãy giữ tiêu đề mục; muốn bỏ lời văn thì để trống bên dưới"
        for code, section in known.items()
        if code not in given
    ]
    for section in edited.sections:
        if section.code in known and given.count(section.code) == 1:
            _section(judged, section, known[section.code], plainly.get(section.code, ""), (tags, then, now), names)
    return judged


def _section(
    judged: NarrativeVerdict,
    edited: EditedSection,
    exported: Section,
    draft: str,
    figures: tuple[Mapping[str, str], Mapping[str, str], Mapping[str, str]],
    names: Collection[str],
) -> None:
    tags, then, now = figures
    blocks = [_with_keys(block, tags) for block in from_markdown(edited.text)]
    ours = set(_numbers(to_markdown(exported.blocks), names))
    for block in blocks:
        where = f"Mục “{exported.title}”, câu “{_short(plain(block.text))}”"
        for span in figures_in(block.text):
            if span.key not in then and span.key not in now:
                judged.faults.append(f"{where}: không có số liệu mang mã {span.key}")
            elif _same(span.text, now.get(span.key)):
                continue
            # Untouched since the export, though the figure has moved since: renewed and reported, not a fault of the
            # office.
            elif _same(span.text, then.get(span.key)):
                if span.key in now:
                    judged.renewed.append(f"{where}: {span.text} nay là {now[span.key]}")
                else:
                    judged.faults.append(
                        f"{where}: nay không còn số liệu {span.key} ({span.text}); hãy viết lại câu này"
                    )
            else:
                right = now.get(span.key, then.get(span.key, ""))
                judged.faults.append(
                    f"{where}: số liệu được bảo vệ ghi “{span.text}”, số của báo cáo là “{right}” ({span.key}); hãy "
                    "trả lại số cũ, hoặc đề nghị đơn vị đính chính"
                )
        # Numbers that the draft itself prints (years, articles) need no question.
        typed = [n for n in _numbers(_without_figures(block), names) if n not in ours]
        if typed and not block.is_object:
            judged.questions.append(f"{where}: số {', '.join(typed)} do người sửa tự ghi, không gắn với số liệu nào")
    text = to_markdown(blocks)
    # A section given back as it was stays the draft: it goes on following the figures by itself.
    if text != draft:
        judged.texts[edited.code] = text
        judged.left_out += _objects(blocks, exported)


def _plain_title(title: str) -> str:
    return fold(title).rstrip(" .")


def _with_keys(block: NarrativeBlock, tags: Mapping[str, str]) -> NarrativeBlock:
    """The block with the keys of its figures, which Word may have cut short."""
    pieces = [Span(s.text, tags.get(s.key, s.key)) for s in spans(block.text)]
    return NarrativeBlock(block.kind, joined(pieces), name=block.name)


def _objects(blocks: Sequence[NarrativeBlock], exported: Section) -> list[str]:
    there = {(b.kind, b.name) for b in blocks if b.is_object}
    found = []
    for block in exported.blocks:
        if not block.is_object or (block.kind, block.name) in there:
            continue
        if block.kind is BlockKind.TABLE:
            found.append(
                f"Mục “{exported.title}”: bảng {NAMES[block.name]} không có chỗ trong lời văn, sẽ in ở cuối mục"
            )
        else:
            found.append(f"Mục “{exported.title}”: hình {block.name} đã bỏ khỏi lời văn, sẽ không in")
    return found


def _without_figures(block: NarrativeBlock) -> str:
    return nfc("".join(" " if span.key else span.text for span in spans(block.text)))


def _numbers(text: str, names: Collection[str]) -> list[str]:
    """The numbers in a text that look like figures: no dates, no documents, no numbers of articles and appendices."""
    text = re.sub(r"\{\{[^{}]*\}\}", " ", text)
    # Before the numbers are looked for: "Xã 12" is a name.
    for name in names:
        text = text.replace(name, " ")
    return [n for line in text.splitlines() for n in _NUMBER.findall(_NO_FIGURE.sub(" ", line))]


def _same(one: str, other: str | None) -> bool:
    return other is not None and " ".join(one.split()) == " ".join(other.split())


def _short(text: str) -> str:
    return text if len(text) <= 120 else f"{text[:117].rstrip()}…"
