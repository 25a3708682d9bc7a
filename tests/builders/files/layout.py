"""The layout of a Word document by its XML: what would leave a heading alone at a page's foot, or a page empty."""

from __future__ import annotations

import io
from itertools import pairwise

from docx import Document
from docx.document import Document as Doc
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph


def layout_faults(data: bytes) -> list[str]:
    """One sentence a fault; empty for a document that breaks well."""
    doc = Document(io.BytesIO(data))
    body = list(doc.element.body)
    found = []
    for element, following in pairwise(body):
        if element.tag != qn("w:p"):
            continue
        paragraph = Paragraph(element, doc)
        told = f"«{paragraph.text[:50]}» ({paragraph.style.name})"
        before_table = following.tag == qn("w:tbl")
        # What belongs to what follows it, and a picture to its caption.
        holds = paragraph.style.name.startswith("Heading") or before_table or element.findall(".//" + qn("w:drawing"))
        if holds and not _keeps(paragraph):
            found.append(f"{told} may stand alone at the foot of a page")
        if _section(element) is not None:
            height = paragraph.paragraph_format.line_spacing
            if paragraph.text.strip() or not isinstance(height, int) or height > Pt(2):
                found.append(f"{told} carries a section's break and may fall onto an empty page")
        if _breaks(paragraph) and (_section(following) is not None or _breaks_too(following, doc)):
            found.append(f"{told} begins a page that the next element ends at once")
    found += [f"table {n}: its head is not repeated" for n, t in enumerate(doc.tables) if _is_ruled(t) and not _head(t)]
    return found


def _keeps(paragraph: Paragraph) -> bool:
    value, style = paragraph.paragraph_format.keep_with_next, paragraph.style
    while value is None and style is not None:
        value, style = style.paragraph_format.keep_with_next, style.base_style
    return bool(value)


def _section(element: object) -> object | None:
    properties = element.find(qn("w:pPr"))  # type: ignore[attr-defined]
    return None if properties is None else properties.find(qn("w:sectPr"))


def _breaks(paragraph: Paragraph) -> bool:
    return bool(paragraph.paragraph_format.page_break_before)


def _breaks_too(element: object, doc: Doc) -> bool:
    return element.tag == qn("w:p") and _breaks(Paragraph(element, doc))  # type: ignore[attr-defined, arg-type]


def _is_ruled(table: object) -> bool:
    """A table of figures, not one that lays letterhead or signature out."""
    return len(table.rows) > 3 and len(table.columns) > 3  # type: ignore[attr-defined]


def _head(table: object) -> bool:
    properties = table.rows[0]._tr.trPr  # type: ignore[attr-defined]
    return properties is not None and properties.find(qn("w:tblHeader")) is not None
