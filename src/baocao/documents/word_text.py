"""The words of a Word file, block by block: what a plain page shows of it. Pictures are named by their description."""

from __future__ import annotations

import io
from dataclasses import dataclass

from docx import Document
from docx.table import Table
from docx.text.paragraph import Paragraph


@dataclass(frozen=True, slots=True)
class WordBlock:
    """A paragraph, or a table with its rows."""

    text: str = ""
    is_heading: bool = False
    rows: tuple[tuple[str, ...], ...] = ()


def word_blocks(docx: bytes) -> list[WordBlock]:
    """The paragraphs and tables of the body in their order; empty paragraphs are left out."""
    blocks = []
    for part in Document(io.BytesIO(docx)).iter_inner_content():
        if isinstance(part, Table):
            rows = tuple(_row(row.cells) for row in part.rows)
            blocks.append(WordBlock(rows=tuple(row for row in rows if any(row))))
        elif text := _text(part):
            style = part.style.name if part.style is not None else ""
            bold = bool(part.runs) and all(run.bold for run in part.runs if run.text.strip())
            blocks.append(WordBlock(text, is_heading=style.startswith("Heading") or (bold and len(text) < 120)))
    return [block for block in blocks if block.text or block.rows]


def _row(cells: object) -> tuple[str, ...]:
    """The texts of a row; cells that were merged stand there once."""
    texts: list[str] = []
    seen: set[int] = set()
    for cell in cells:  # type: ignore[attr-defined]
        # python-docx gives a merged cell once for each place it covers.
        if id(cell._tc) not in seen:
            seen.add(id(cell._tc))
            texts.append(" ".join(t for p in cell.paragraphs if (t := _text(p))))
    return tuple(texts)


def _text(paragraph: Paragraph) -> str:
    said = " ".join(paragraph.text.split())
    shown = [d.get("descr") or "" for d in paragraph._p.iter() if d.tag.endswith("}docPr")]
    return " ".join(filter(None, (said, *(f"[Hình: {text}]" for text in shown if text))))
