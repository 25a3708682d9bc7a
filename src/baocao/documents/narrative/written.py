"""The text that goes out to an office to be edited, as Word and as Markdown."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from xml.sax.saxutils import escape, quoteattr

from docx import Document
from docx.document import Document as Doc
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from baocao.documents.narrative.blocks import BlockKind, NarrativeBlock, Section
from baocao.documents.narrative.edited import SECTION, SOURCE, bookmarks_of, source_line, tag_of
from baocao.documents.narrative.markdown import NAMES, object_of, to_markdown
from baocao.documents.narrative.marks import spans
from baocao.documents.ooxml import settle_package
from baocao.text import nfc

_HOW = (
    "Đây là lời văn của báo cáo để văn phòng sửa. Sửa, thêm, bớt câu chữ tùy ý; giữ nguyên tiêu đề các mục lớn.",
    "Số trong ô nền xám là số liệu được bảo vệ: có thể xóa cùng với câu, chuyển sang câu khác, không sửa được giá trị. "
    "Số sai thì sửa ở báo cáo của đơn vị, không sửa ở đây.",
    "Dòng [Bảng …], [Hình …] là chỗ hệ thống in bảng, hình; có thể chuyển chỗ trong mục. Chữ đậm, nghiêng không "
    "được giữ.",
)
_HOW_MARKDOWN = (
    "Đây là lời văn của báo cáo để văn phòng sửa. Sửa, thêm, bớt câu chữ tùy ý; giữ nguyên dòng tiêu đề các mục lớn và "
    "phần giữa hai dòng gạch ở đầu tệp.",
    "Chỗ có dạng hai ngoặc nhọn, mã, gạch đứng, số là số liệu được bảo vệ: có thể xóa cùng với câu, chuyển sang câu "
    "khác, không sửa giá trị. Số sai thì sửa ở báo cáo của đơn vị.",
    "Dòng bang:, hinh: trong hai ngoặc nhọn là chỗ hệ thống in bảng, hình; có thể chuyển chỗ trong mục.",
)


def as_markdown(source: dict[str, str], sections: Sequence[Section]) -> bytes:
    """The sections as one Markdown file, UTF-8."""
    return texts_as_markdown(source, [(s.code, s.title, to_markdown(s.blocks)) for s in sections])


def texts_as_markdown(source: dict[str, str], sections: Sequence[tuple[str, str, str]]) -> bytes:
    """The same of (code, title, Markdown) of each section."""
    head = [
        "---",
        *(f"{key}: {value}" for key, value in source.items()),
        "---",
        "",
        *(f"> {line}" for line in _HOW_MARKDOWN),
    ]
    parts = ["\n".join(head)]
    for code, title, text in sections:
        parts.append(f"# {title} {{#{code}}}\n\n{text}".rstrip())
    return ("\n\n".join(parts) + "\n").encode()


def as_word(source: dict[str, str], sections: Sequence[Section], title: str, day: date) -> bytes:
    """The sections as a Word file: every protected figure in a locked content control."""
    doc = Document()
    _set_up(doc)
    doc.add_paragraph(title.upper(), style="Title")
    for line in _HOW:
        doc.add_paragraph(line).runs[0].italic = True
    _control(doc.add_paragraph(), f"{SOURCE}1", "Báo cáo gốc, không sửa", source_line(source), grey=True, whole=True)
    numbers = count(1)
    bookmarks = bookmarks_of(sections)
    for section in sections:
        head = doc.add_paragraph(style="Heading 1")
        _control(head, f"{SECTION}{section.code}", "Tiêu đề mục, không sửa", section.title, whole=True)
        for block in section.blocks:
            _block(doc, block, bookmarks, numbers)
    # python-docx's template names itself as the author.
    doc.core_properties.author, doc.core_properties.title = "", title[:255]
    data = io.BytesIO()
    doc.save(data)
    return settle_package(data.getvalue(), day)


def _set_up(doc: Doc) -> None:
    page = doc.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.top_margin = page.bottom_margin = page.right_margin = Mm(20)
    page.left_margin = Mm(30)
    for name, size in (("Normal", 13), ("Heading 1", 14), ("Heading 2", 13), ("Heading 3", 13), ("Title", 14)):
        style = doc.styles[name]
        style.font.name, style.font.size = "Times New Roman", Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        # asciiTheme and its siblings win over the name of a font: python-docx's own template would print headings in
        # the theme's Calibri.
        for attribute in [a for a in fonts.attrib if "heme" in a]:
            del fonts.attrib[attribute]


def _block(doc: Doc, block: NarrativeBlock, bookmarks: Mapping[str, str], numbers: Iterator[int]) -> None:
    if block.is_object:
        tag = object_of(block).strip("{}")
        what = (
            f"Bảng: {NAMES[block.name]}" if block.kind is BlockKind.TABLE else f"Hình: {block.name}, {_caption(block)}"
        )
        _control(doc.add_paragraph(), tag, "Chỗ in bảng, hình", f"[{what}]", grey=True)
        return
    style = {BlockKind.TITLE: "Heading 2", BlockKind.SUBTITLE: "Heading 3"}.get(block.kind, "Normal")
    paragraph = doc.add_paragraph(style=style)
    if block.kind is BlockKind.OPINION:
        paragraph.add_run(f"- {block.who}: ")
    for span in spans(block.text):
        if span.key:
            # Ids of bookmarks are unique in a document, and so are names: the same figure may stand in several
            # sentences.
            number = next(numbers)
            start = f'<w:bookmarkStart {nsdecls("w")} w:id="{number}" w:name="{bookmarks[span.key]}__{number}"/>'
            paragraph._p.append(parse_xml(start))
            _control(paragraph, tag_of(span.key), "Số liệu được bảo vệ", nfc(span.text), grey=True)
            paragraph._p.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="{number}"/>'))
        else:
            paragraph.add_run(span.text)


def _caption(block: NarrativeBlock) -> str:
    return block.shown.caption if block.shown is not None else block.name


def _control(paragraph: Paragraph, tag: str, alias: str, text: str, *, grey: bool = False, whole: bool = False) -> None:
    """A content control in the line, its content locked; `whole`: it cannot be deleted either."""
    # A figure may go with its sentence; the heading and the source line are what the file is recognised by.
    lock = "sdtContentLocked" if whole else "contentLocked"
    shade = '<w:rPr><w:shd w:val="clear" w:color="auto" w:fill="E7E6E6"/></w:rPr>' if grey else ""
    paragraph._p.append(
        parse_xml(
            f"<w:sdt {nsdecls('w')}><w:sdtPr><w:alias w:val={quoteattr(alias)}/><w:tag w:val={quoteattr(tag)}/>"
            f'<w:lock w:val="{lock}"/></w:sdtPr><w:sdtContent><w:r>{shade}<w:t xml:space="preserve">'
            f"{escape(text)}</w:t></w:r></w:sdtContent></w:sdt>"
        )
    )
