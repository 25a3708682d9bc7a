"""What all Word templates share: styles, page, letterhead, addressees, tables, signature (NĐ 30/2020, Phụ lục I)."""

from __future__ import annotations

from collections.abc import Sequence

from docx.document import Document as Doc
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import Table, _Cell
from docx.text.paragraph import Paragraph

FONT = "Times New Roman"
TEXT_WIDTH = 160  # mm: A4 less 30 left and 20 right
LEFT, RIGHT = 60, 100
_ALIGN = {"l": ALIGN.LEFT, "c": ALIGN.CENTER, "r": ALIGN.RIGHT}

WATERMARK = """<w:p {ns}><w:r>
<w:pict xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">
<v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" path="m@7,l@8,m@5,21600l@6,21600e">
<v:formulas><v:f eqn="sum #0 0 10800"/><v:f eqn="prod #0 2 1"/><v:f eqn="sum 21600 0 @1"/><v:f eqn="sum 0 0 @2"/>
<v:f eqn="sum 21600 0 @3"/><v:f eqn="if @0 @3 0"/><v:f eqn="if @0 21600 @1"/><v:f eqn="if @0 0 @2"/>
<v:f eqn="if @0 @4 21600"/><v:f eqn="mid @5 @6"/><v:f eqn="mid @8 @5"/><v:f eqn="mid @7 @8"/><v:f eqn="mid @6 @7"/>
<v:f eqn="sum @6 0 @5"/></v:formulas><v:path textpathok="t" o:connecttype="rect"/><v:textpath on="t" fitshape="t"/>
</v:shapetype>
<v:shape id="DuThao{n}" type="#_x0000_t136" fillcolor="#d9d9d9" stroked="f" style="{style}">
<v:fill opacity=".4"/>
<v:textpath style="font-family:&quot;Times New Roman&quot;;font-size:1pt" string="{{{{ watermark }}}}"/>
</v:shape></w:pict></w:r></w:p>"""
WATERMARK_STYLE = (
    "position:absolute;margin-left:0;margin-top:0;width:400pt;height:110pt;rotation:315;z-index:-251658752;"
    "mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
    "mso-position-vertical:center;mso-position-vertical-relative:margin"
)


def _fonts(style: ParagraphStyle, size: float, *, bold: bool = False, italic: bool = False) -> None:
    font = style.font
    font.name, font.size, font.bold, font.italic = FONT, Pt(size), bold, italic
    font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if "heme" in name:
            del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)


def _style(
    doc: Doc,
    name: str,
    size: float,
    *,
    align: ALIGN = ALIGN.LEFT,
    first: float = 0,
    before: float = 0,
    after: float = 0,
    line: float = 1.0,
    keep: bool = False,
    **font: bool,
) -> None:
    styles = doc.styles
    style = styles[name] if name in [s.name for s in styles] else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    _fonts(style, size, **font)
    layout = style.paragraph_format
    layout.alignment, layout.first_line_indent = align, Mm(first)
    layout.space_before, layout.space_after, layout.line_spacing = Pt(before), Pt(after), line
    layout.keep_with_next, layout.widow_control = keep, True
    style.quick_style = True


def styles(doc: Doc) -> None:
    _style(doc, "Normal", 14)
    body = {"align": ALIGN.JUSTIFY, "first": 12.7, "before": 3, "after": 6, "line": 1.1}
    _style(doc, "BC Nội dung", 14, **body)
    # Long rows of points: single spacing, 6 pt between them, the least the decree allows.
    for name in ("BC Số liệu", "BC Ý kiến đơn vị"):
        _style(doc, name, 14, **{**body, "line": 1.0, "before": 0})
    _style(doc, "BC Căn cứ", 14, italic=True, **body)
    _style(doc, "Heading 1", 14, bold=True, keep=True, **body)
    _style(doc, "Heading 2", 14, bold=True, keep=True, **body)
    _style(doc, "Heading 3", 14, keep=True, **body)
    _style(doc, "BC Giữa", 14, align=ALIGN.CENTER)
    _style(doc, "BC Giữa đậm", 14, align=ALIGN.CENTER, bold=True)
    _style(doc, "BC Đầu văn bản", 13, align=ALIGN.CENTER)
    _style(doc, "BC Chú thích bảng", 12, align=ALIGN.RIGHT, italic=True, before=6, after=3, keep=True)
    _style(doc, "BC Bảng", 12, before=2, after=2)
    _style(doc, "BC Bảng nhỏ", 10, before=1, after=1)
    _style(doc, "BC Nơi nhận", 11)
    _style(doc, "BC Dòng kẻ", 2, align=ALIGN.CENTER)
    language = OxmlElement("w:lang")
    for script in ("val", "eastAsia"):
        language.set(qn(f"w:{script}"), "vi-VN")
    doc.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr")).append(language)


def page(section, *, landscape: bool = False) -> None:  # type: ignore[no-untyped-def]
    """A4, 20 mm above, below and right, 30 mm left; the number is centred in the head, not on the first page."""
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (Mm(297), Mm(210)) if landscape else (Mm(210), Mm(297))
    section.top_margin = section.bottom_margin = section.right_margin = Mm(20)
    section.left_margin = Mm(30)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    numbering = OxmlElement("w:pgNumType")
    numbering.set(qn("w:start"), "1")
    section._sectPr.find(qn("w:cols")).addprevious(numbering)


def flat(paragraph: Paragraph) -> None:
    """The paragraph that carries a section's break, one point tall: a table that ends with its page would push a line
    of text onto an empty one."""
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(1)
    layout.first_line_indent = Pt(0)


def heads(doc: Doc) -> None:
    """Page number and, on drafts, a mark across every page."""
    section = doc.sections[0]
    number = section.header.paragraphs[0]
    number.style = doc.styles["BC Giữa"]
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = number.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            field = OxmlElement("w:instrText")
            field.text = text
            run._r.append(field)
    for n, head in enumerate((section.header, section.first_page_header), 1):
        tag(head, "{%p if draft %}", style="BC Giữa")
        head._element.append(parse_xml(WATERMARK.format(ns=nsdecls("w"), n=n, style=WATERMARK_STYLE)))
        tag(head, "{%p endif %}", style="BC Giữa")


def tag(where, text: str, style: str = "BC Nội dung") -> Paragraph:  # type: ignore[no-untyped-def]
    """A paragraph with one text."""
    paragraph: Paragraph = where.add_paragraph()
    paragraph.style = style
    paragraph.add_run(text)
    return paragraph


def repeat(where, each: str, text: str, style: str) -> Paragraph:  # type: ignore[no-untyped-def]
    """A paragraph that is printed once for every `each` (`line in receivers`)."""
    tag(where, f"{{%p for {each} %}}", style)
    paragraph = tag(where, text, style)
    tag(where, "{%p endfor %}", style)
    return paragraph


def when(where, condition: str, text: str, style: str) -> Paragraph:  # type: ignore[no-untyped-def]
    """A paragraph that is printed only if `condition` holds."""
    tag(where, f"{{%p if {condition} %}}", style)
    paragraph = tag(where, text, style)
    tag(where, "{%p endif %}", style)
    return paragraph


def rule(where, width: float, of: float) -> None:  # type: ignore[no-untyped-def]
    """A solid rule of `width` mm, centred in `of` mm."""
    paragraph: Paragraph = where.add_paragraph()
    paragraph.style = "BC Dòng kẻ"
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Mm((of - width) / 2)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(3)
    layout.space_after = Pt(6)
    border = parse_xml(
        f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="6" w:space="1" w:color="000000"/></w:pBdr>'
    )
    # The schema wants pBdr before spacing and indents.
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc")


def grid(doc: Doc, widths: Sequence[float], rows: int, *, ruled: bool = True) -> Table:
    table = doc.add_table(rows=rows, cols=len(widths), style="Table Grid" if ruled else "Normal Table")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    margins = 60 if ruled else 0
    table._tbl.tblPr.append(
        parse_xml(
            f'<w:tblCellMar {nsdecls("w")}><w:left w:w="{margins}" w:type="dxa"/>'
            f'<w:right w:w="{margins}" w:type="dxa"/></w:tblCellMar>'
        )
    )
    return table


def fill(cell: _Cell, text: str, style: str, align: ALIGN | None = None, **font: bool) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.style = style
    if align is not None:
        paragraph.alignment = align
    run = paragraph.add_run(text)
    run.bold, run.italic = font.get("bold"), font.get("italic")


def _first(cell: _Cell) -> None:
    """Drop the empty paragraph a cell is born with, once others stand in it."""
    cell._tc.remove(cell.paragraphs[0]._p)


def looped(
    doc: Doc,
    columns: Sequence[tuple[str, float, str, str]],
    each: str,
    style: str,
    *,
    strong: str = "",
    heading: str = "",
    numbered: bool = False,
) -> None:
    """A table with one row per `row in {each}`. Columns: title, width in mm, expression, alignment (l, c, r).

    `heading` and `strong` are conditions on a row: one cell over the whole width, or the row in bold.
    """
    variants = [("heading", heading)] * bool(heading) + [("strong", strong)] * bool(strong) + [("plain", "")]
    plan = [("tag", f"for row in {each}")]
    for i, (variant, condition) in enumerate(variants):
        if len(variants) > 1:
            plan.append(("tag", f"{'elif' if i else 'if'} {condition}" if condition else "else"))
        plan.append((variant, ""))
    plan += [("tag", "endif")] * (len(variants) > 1) + [("tag", "endfor")]
    head = 1 + numbered
    table = grid(doc, [c[1] for c in columns], head + len(plan))
    _head_rows(table, columns, style, numbered)
    for at, (kind, tag) in enumerate(plan, head):
        if kind == "tag":
            fill(table.cell(at, 0), f"{{%tr {tag} %}}", style)
            continue
        _whole(table, at)
        if kind == "heading":
            merged = table.cell(at, 0).merge(table.cell(at, len(columns) - 1))
            fill(merged, "{{ row.name }}", style, bold=True)
            for paragraph in merged.paragraphs:  # a heading is not the last row of a page
                paragraph.paragraph_format.keep_with_next = True
            continue
        for cell, (_, _, expression, align) in zip(table.rows[at].cells, columns, strict=True):
            fill(cell, f"{{{{ {expression} }}}}", style, _ALIGN[align], bold=kind == "strong")


def _head_rows(table: Table, columns: Sequence[tuple[str, float, str, str]], style: str, numbered: bool) -> None:
    for i, column in enumerate(columns):
        fill(table.cell(0, i), column[0], style, ALIGN.CENTER, bold=True)
        if numbered:
            fill(table.cell(1, i), f"({i + 1})", style, ALIGN.CENTER, italic=True)
    for row in range(1 + numbered):
        table.rows[row]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
        _whole(table, row)
        # Where only the head fits on a page, LibreOffice loses a single row below a head that is repeated, and the PDF
        # would lack what the Word file says: the head stays with its first row.
        for cell in table.rows[row].cells:
            for paragraph in cell.paragraphs:
                paragraph.paragraph_format.keep_with_next = True


def _whole(table: Table, row: int) -> None:
    """A row is never broken over two pages."""
    table.rows[row]._tr.get_or_add_trPr().insert(0, parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))


def letterhead(doc: Doc) -> None:
    """Issuer and number on the left; Quốc hiệu, Tiêu ngữ, place and day on the right."""
    table = grid(doc, (LEFT, RIGHT), 2, ruled=False)
    left, right = table.cell(0, 0), table.cell(0, 1)
    when(left, "parent", "{{ parent }}", "BC Đầu văn bản")
    repeat(left, "line in issuer", "{{ line }}", "BC Đầu văn bản").runs[0].bold = True
    rule(left, 20, LEFT)
    tag(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "BC Đầu văn bản").runs[0].bold = True
    tag(right, "Độc lập - Tự do - Hạnh phúc", "BC Giữa đậm")
    rule(right, 58, RIGHT)
    for cell in (left, right):
        _first(cell)
    left, right = table.cell(1, 0), table.cell(1, 1)
    tag(left, "{{ number }}", "BC Đầu văn bản")
    when(left, "draft", "{{ draft }}", "BC Đầu văn bản").runs[0].bold = True
    tag(right, "{{ place_and_day }}", "BC Giữa").runs[0].italic = True
    for cell in (left, right):
        _first(cell)


def title(doc: Doc, kind: str) -> None:
    title = tag(doc, kind, "BC Giữa đậm")
    title.paragraph_format.space_before = Pt(18)
    tag(doc, "{{ subject }}", "BC Giữa đậm")
    rule(doc, 50, TEXT_WIDTH)


def addressees(doc: Doc) -> None:
    one = tag(doc, "Kính gửi: {{ addressee }}", "BC Giữa")
    one.paragraph_format.space_before, one.paragraph_format.space_after = Pt(6), Pt(6)
    several = repeat(doc, "line in addressees", "{{ line }}", "BC Nội dung").paragraph_format
    several.first_line_indent, several.left_indent, several.alignment = Mm(-4), Mm(55), ALIGN.LEFT
    several.space_before = several.space_after = Pt(0)
    gap = tag(doc, "", "BC Dòng kẻ").paragraph_format
    gap.space_after = Pt(6)


def signature(doc: Doc) -> None:
    gap = doc.add_paragraph()
    gap.style = "BC Dòng kẻ"
    gap.paragraph_format.space_after = Pt(6)
    # A signature never stands on a page of its own.
    gap.paragraph_format.keep_with_next = True
    table = grid(doc, (75, 85), 1, ruled=False)
    _whole(table, 0)
    left, right = table.cell(0, 0), table.cell(0, 1)
    head = tag(left, "Nơi nhận:", "BC Nơi nhận").runs[0]
    head.bold, head.italic, head.font.size = True, True, Pt(12)
    repeat(left, "line in receivers", "{{ line }}", "BC Nơi nhận")
    repeat(right, "line in signer_block", "{{ line }}", "BC Giữa đậm")
    for _ in range(4):
        tag(right, "", "BC Giữa đậm")
    tag(right, "{{ signer }}", "BC Giữa đậm")
    for cell in (left, right):
        _first(cell)
